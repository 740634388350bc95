"""latency: percentiles of waits, time-outs censored and never dropped."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from _log_cases import held, log_findings, read_lines
from _planted_logs import T0, Plan, planted, stamp
from _ticks import one, pick
from liquest.clock import SECOND, Window
from liquest.findings import Finding
from liquest.measures._log_survival import curve, interval, percentile
from liquest.run.executor import Processes, Threads

ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
SPAN = Window("w", T0, T0 + 3600 * SECOND)


def waits(*lines: str) -> list[Finding]:
    found, problems = log_findings("latency", read_lines(*lines).logs, SPAN)
    assert problems == []
    return found


def answer(number: int, ms: str | None, words: str = "order accepted") -> str:
    figure = "" if ms is None else f" latency_ms={ms}"
    return f"{stamp(T0 + number * SECOND)} - bot - INFO - orderId={number} {words}{figure}"


def test_percentiles_by_hand() -> None:
    # 20 waits of 10, 20 … 200 ms: the 50 % percentile is the 10th, the 95 % the 19th.
    found = waits(*(answer(n, str(10 * n)) for n in range(1, 21)))
    assert [one(found, f"latency.{p}").value for p in ("p50", "p95", "p99")] == [100, 190, 200]
    p50 = one(found, "latency.p50")
    assert (p50.unit, p50.count, p50.params["censored"]) == ("ms", 20, 0)
    assert [(i.first, i.last, i.role) for i in p50.inputs] == [
        (10, 10, "extreme"), (1, 20, "scanned"),
    ]  # fmt: skip


def test_a_time_out_counts_as_longer() -> None:
    lines = [answer(n, str(10 * n)) for n in range(1, 11)]
    late = [answer(n, "100", "order request timed out") for n in range(11, 21)]
    found = waits(*lines, *late)
    p50, p95 = one(found, "latency.p50"), one(found, "latency.p95")
    assert (p50.value, p50.params["censored"], p50.count) == (100, 10, 20)
    assert p95.value is None and p95.params["at_least"] == 100 and "censored" in p95.caveats
    # Dropped, the same answers would look like a venue that answers within 50 ms.
    assert one(waits(*lines), "latency.p50").value == 50


def test_answers_without_a_figure_are_timed_by_their_lines() -> None:
    sent = f"{stamp(T0)} - bot - INFO - sending order newClientOrderId=a"
    back = f"{stamp(T0 + 42_000)} - bot - INFO - order accepted clientOrderId=a"
    found = waits(sent, back)
    assert one(found, "latency.p50").value == 42
    assert "few-attempts" in one(found, "latency.p50").caveats
    assert waits(answer(1, None)) == []


def test_planted_percentiles_lie_within_their_intervals(tmp_path: Path) -> None:
    law = NormalDist()
    inside = dict.fromkeys(("p50", "p95", "p99"), 0)
    seeds, sigma, median = 20, 0.6, 0.040
    for seed in range(seeds):
        plan = Plan(seconds=700, rate=3, behind=0, median=median, sigma=sigma, timeout=0.12)
        made = planted(plan, seed, "json")
        logs = held(tmp_path / str(seed), {"b.log": made.text}, ZONE).logs
        found, _ = log_findings("latency", logs, SPAN)
        for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            true = 1000 * median * math.exp(sigma * law.inv_cdf(q))
            got = one(found, f"latency.{name}")
            low, high = got.params.get("low"), got.params.get("high")
            if true > 120:  # beyond the time-out nothing is known
                assert got.value is None and got.params["at_least"] == 120
                inside[name] += 1
                continue
            assert got.value is not None and abs(float(str(got.value)) / true - 1) < 0.15
            inside[name] += (low is None or low <= true) and (high is None or true <= high)
    assert all(n >= 0.85 * seeds for n in inside.values()), inside


def plain_curve(times: list[int], answered: list[bool]) -> list[tuple[int, float]]:
    """S by its definition, one time after the other."""
    found, alive = [], 1.0
    for t in sorted({t for t, a in zip(times, answered, strict=True) if a}):
        gone = sum(a and u == t for u, a in zip(times, answered, strict=True))
        alive *= 1 - gone / sum(u >= t for u in times)
        found.append((t, alive))
    return found


WAITS = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40)


@given(WAITS, st.sampled_from([0.5, 0.9, 0.95]))
def test_the_curve_is_that_of_its_definition(pairs: list[tuple[int, bool]], q: float) -> None:
    times, answered = [t for t, _ in pairs], [a for _, a in pairs]
    found = curve(np.array(times), np.array(answered))
    wanted = plain_curve(times, answered)
    assert found.times.tolist() == [t for t, _ in wanted]
    assert found.surviving == pytest.approx([s for _, s in wanted])
    first = next((t for t, s in wanted if s <= 1 - q + 1e-12), None)
    assert percentile(found, q) == first
    low, high = interval(found, q)
    if first is not None:
        assert low is not None and low <= first and (high is None or high >= first)


def test_coverage_with_half_of_the_answers_cut_off() -> None:
    inside, true = 0, math.log(2)
    for seed in range(300):
        rng = np.random.default_rng(seed)
        real, cut = rng.exponential(1, 120), rng.uniform(0.2, 2.0, 120)
        seen = (np.minimum(real, cut) * 1e6).astype(np.int64)
        low, high = interval(curve(seen, real <= cut), 0.5)
        inside += (low is None or low <= true * 1e6) and (high is None or true * 1e6 <= high)
    assert inside >= 0.93 * 300


def test_actions_and_clients_apart_on_every_executor(tmp_path: Path) -> None:
    files = {f"{n}.log": planted(Plan(seconds=60, onset=30), n).text for n in (1, 2)}
    files["c.log"] = "".join(
        f"{answer(n, str(5 * n), 'cancel order accepted')}\n" for n in range(1, 5)
    )
    logs = held(tmp_path, files, ZONE).logs
    found, _ = log_findings("latency", logs, SPAN)
    assert len(pick(found, "latency.p50")) == 3
    assert one(found, "latency.p50", action="cancel").value == Decimal(10)
    for executor in (Threads(2), Processes(2)):
        again, _ = log_findings("latency", logs, SPAN, executor=executor)
        assert [f.json() for f in again] == [f.json() for f in found]
