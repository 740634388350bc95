"""onset: the rise of a failure rate, by planted truth, and its search against plain arithmetic."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from _log_cases import held, log_findings, read_lines
from _planted_logs import OVERLOADED, T0, Plan, planted, stamp
from _ticks import one, pick
from liquest.clock import SECOND, Window, parse_time
from liquest.errors import CaseError
from liquest.findings import Finding
from liquest.measures._log_onset import burst, rise
from liquest.measures._log_onset_kernel import clearness, profile, search, table
from liquest.run.executor import Processes, Threads

ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
SPAN = Window("w", T0, T0 + 600 * SECOND)


def onsets(folder: Path, text: str, **params: Any) -> tuple[dict[str, Finding], list[str]]:
    found, problems = log_findings(
        "onset", held(folder, {"a.log": text}, ZONE).logs, SPAN, **params
    )
    return {f.name: f for f in found}, [p.code for p in problems]


def flags(n: int, place: int, end: int, rates: tuple[float, float], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    law = np.full(n, rates[0])
    law[place:end] = rates[1]
    return np.asarray(rng.random(n) < law)


# n, onset, end, rate before, rate behind
LAWS = [
    (300, 150, 300, 0.0, 0.9), (200, 60, 140, 0.1, 0.4), (400, 80, 200, 0.0, 0.95),
    (60, 30, 60, 0.05, 0.6), (300, 150, 300, 0.2, 0.35),
]  # fmt: skip


def test_the_interval_holds_the_onset_in_at_least_95_percent_of_seeds() -> None:
    held_, total = 0, 0
    for n, place, end, *rates in LAWS:
        for seed in range(80):
            found = rise(flags(n, place, end, (rates[0], rates[1]), seed))
            if found is not None:
                held_ += found.low <= place <= found.high
                total += 1
    assert total >= 380 and held_ / total >= 0.95, (held_, total)


def moments(before: float, behind: float, onset: float, end: float, seed: int) -> np.ndarray:
    """Errors of a Poisson stream over 600 s, µs."""
    rng = np.random.default_rng(seed)
    pieces = [
        rng.uniform(a, b, rng.poisson(rate * (b - a)))
        for a, b, rate in ((0, onset, before), (onset, end, behind), (end, 600, before))
    ]
    return np.asarray(np.sort((np.concatenate(pieces) * 1e6).astype(np.int64)))


def test_the_same_for_errors_known_only_by_their_times() -> None:
    held_, total = 0, 0
    for law in ((0.0, 1.0, 300.0, 600.0), (0.05, 0.5, 180.0, 420.0), (0.02, 5.0, 300.0, 360.0)):
        for seed in range(60):
            found = burst(moments(*law, seed), 0, 600_000_000)
            if found is not None:
                held_ += found.low <= law[2] * 1e6 <= found.high
                total += 1
    assert total >= 170 and held_ / total >= 0.95, (held_, total)


def test_one_rate_shows_a_rise_no_oftener_than_alpha_says() -> None:
    seen = [rise(flags(200, 0, 200, (0.1, 0.1), seed)) for seed in range(200)]
    assert sum(r is not None and r.p <= 0.05 for r in seen) <= 20
    streams = [burst(moments(0.3, 0.3, 300.0, 600.0, s), 0, 600_000_000) for s in range(100)]
    assert sum(b is not None and b.p <= 0.05 for b in streams) <= 12


def plain(failed: np.ndarray) -> tuple[float, float]:
    """(2·gain of the best open rise, 2·gain of the best closed one), by trying everything."""

    def worth(piece: np.ndarray) -> float:
        n, s = len(piece), int(piece.sum())
        return sum(v * math.log(v / n) for v in (s, n - s) if v)

    n = len(failed)
    flat = worth(failed)
    opened = max(
        (worth(failed[:k]) + worth(failed[k:]) for k in range(1, n)
         if failed[:k].mean() < failed[k:].mean()), default=flat,
    )  # fmt: skip
    return 2 * (opened - flat), flat


@pytest.mark.parametrize("seed", range(12))
def test_the_search_finds_the_best_place_that_there_is(seed: int) -> None:
    failed = flags(40, 20, 40, (0.1, 0.6), seed)
    n = len(failed)
    sums = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(failed, out=sums[1:])
    x, out = table(n), np.empty(n + 1)
    best = profile(sums, n, x, out)
    gain, flat = plain(failed)
    assert out[best] - flat == pytest.approx(gain / 2)
    place, end = search(sums, n, x, np.empty(n + 1))
    if end == n:
        assert place == best and clearness(sums, n, x, place, n) == pytest.approx(gain)
    else:
        assert clearness(sums, n, x, place, end) > gain + 4 * math.log(n)


def test_the_first_error_is_not_the_onset(tmp_path: Path) -> None:
    found, problems = onsets(tmp_path, planted(Plan(before=0.05, behind=0.8), 11).text)
    truth = T0 + 300 * SECOND
    at = found["onset.at"]
    assert parse_time(at.params["from"]) <= truth <= parse_time(at.params["to"])
    assert at.at is not None and abs(at.at - truth) < 15 * SECOND
    assert at.params["model"] == "attempts" and problems == []
    first = found["onset.first"]
    assert first.at is not None and first.at < truth - 100 * SECOND
    for name, rate in (("onset.rate_before", 0.05), ("onset.rate_behind", 0.8)):
        assert found[name].params["low"] <= rate <= found[name].params["high"]
    assert "onset.end" not in found


def test_a_rise_that_ends_says_when(tmp_path: Path) -> None:
    found, _ = onsets(tmp_path, planted(Plan(onset=200, end=400, before=0.02), 5).text)
    end = found["onset.end"]
    assert end.at is not None and abs(end.at - (T0 + 400 * SECOND)) < 15 * SECOND


def test_a_log_that_shows_only_failures_is_a_stream_of_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    times = np.sort(np.concatenate([rng.uniform(0, 300, 6), rng.uniform(300, 600, 200)]))
    text = "".join(
        f"{stamp(T0 + int(t * SECOND))} - bot - ERROR - order failed. "
        f"Message: binance {OVERLOADED}\n"
        for t in times
    )
    head = f"{stamp(T0)} - bot - INFO - started\n"
    found, _ = onsets(tmp_path, head + text)
    at = found["onset.at"]
    assert at.params["model"] == "stream" and at.at is not None
    assert parse_time(at.params["from"]) <= T0 + 300 * SECOND <= parse_time(at.params["to"])
    assert found["onset.rate_behind"].unit == "1/s"
    assert float(str(found["onset.rate_behind"].value)) == pytest.approx(200 / 300, rel=0.2)


def test_no_rise_is_said_and_not_made_up(tmp_path: Path) -> None:
    text = planted(Plan(before=0.3, behind=0.3), 2).text
    found, problems = onsets(tmp_path, text)
    assert set(found) == {"onset.first"} and problems == ["no-onset"]


def test_other_classes_can_be_asked_for(tmp_path: Path) -> None:
    plan = Plan(behind=0.0, rejected=0.5)
    text = planted(plan, 3).text
    assert onsets(tmp_path / "a", text) == ({}, [])
    found, problems = onsets(tmp_path / "b", text, classes=["validation"])
    assert found["onset.first"].subject["class"] == "validation" and problems == ["no-onset"]
    with pytest.raises(CaseError, match="'classes' has no 'slow'"):
        onsets(tmp_path / "c", text, classes=["slow"])


def test_each_client_has_its_own_onset() -> None:
    lines = []
    for client, onset in (("one", 40), ("two", 70)):
        for second in range(100):
            bad = second >= onset
            words = f"order failed {OVERLOADED}" if bad else "order accepted"
            level = "ERROR" if bad else "INFO"
            who = f"client={client} clientOrderId={client}{second}"
            at = stamp(T0 + second * SECOND)
            lines.append((second, f"{at} - bot - {level} - {who} {words}"))
    logs = read_lines(*(line for _, line in sorted(lines))).logs
    found, _ = log_findings("onset", logs, SPAN)
    assert {f.subject["client"]: f.at for f in pick(found, "onset.at")} == {
        "one": T0 + 40 * SECOND, "two": T0 + 70 * SECOND,
    }  # fmt: skip
    assert one(found, "onset.at", client="one").params["from"] == "2025-10-10T20:50:39.000000Z"


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    files = {f"{n}.log": planted(Plan(seconds=300, onset=150), n).text for n in (1, 2)}
    logs = held(tmp_path, files, ZONE).logs
    found, problems = log_findings("onset", logs, SPAN)
    for executor in (Threads(2), Processes(2)):
        again, faults = log_findings("onset", logs, SPAN, executor=executor)
        assert [f.json() for f in again] == [f.json() for f in found] and faults == problems
    assert len({f.id for f in found}) == len(found)
