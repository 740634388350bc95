"""availability: shares of attempts by what was asked for, with Wilson's interval."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _log_cases import held, log_findings, read_lines
from _planted_logs import OVERLOADED, REJECTED, T0, Plan, planted, stamp
from _ticks import one, pick
from liquest.clock import MINUTE, SECOND, Window
from liquest.findings import Finding
from liquest.measures._log_shares import Z95, wilson
from liquest.run.executor import Processes, Threads

ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
SPAN = Window("w", T0, T0 + 600 * SECOND)
BUSY, JUDGED = (f"failed. Message: binance {body}" for body in (OVERLOADED, REJECTED))


def at(seconds: float, words: str) -> str:
    return f"{stamp(T0 + round(seconds * SECOND))} - bot - INFO - {words}"


def shares(*lines: str, **params: Any) -> list[Finding]:
    found, problems = log_findings("availability", read_lines(*lines).logs, SPAN, **params)
    assert problems == []
    return found


def asked(number: int, what: str, answer: str, gap: float = 0.03) -> list[str]:
    """A request and its answer, `number` seconds after T0."""
    return [at(number, f"sending {what} newClientOrderId=c{number}"),
            at(number + gap, f"clientOrderId=c{number} {answer}")]  # fmt: skip


def test_accepted_judged_and_refused_by_hand() -> None:
    lines = (
        asked(1, "order symbol=ATOMUSDT side=SELL", "order accepted")
        + asked(2, "order symbol=ATOMUSDT side=SELL", f"order {JUDGED}")
        + asked(3, "order symbol=ATOMUSDT side=SELL", f"order {BUSY}")
        + asked(4, "order symbol=ATOMUSDT side=SELL", "order request timed out")
    )
    found = shares(*lines)
    accepted, answered = one(found, "availability.accepted"), one(found, "availability.answered")
    assert (accepted.value, answered.value) == (Decimal("0.25"), Decimal("0.5"))
    counts = {k: accepted.params[k] for k in ("attempts", "accepted", "judged", "unanswered",
                                              "refused")}  # fmt: skip
    assert counts == {"attempts": 4, "accepted": 1, "judged": 1, "unanswered": 1, "refused": 1}
    # Wilson for 1 of 4, by the formula of 1927.
    assert (accepted.params["low"], accepted.params["high"]) == (
        Decimal("0.045587"), Decimal("0.699358"),
    )  # fmt: skip
    assert accepted.caveats == ("few-attempts", "not-covered") and accepted.count == 4
    assert not pick(found, "availability.worst")
    assert [(i.first, i.last, i.role) for i in accepted.inputs] == [
        (1, 1, "extreme"), (8, 8, "extreme"), (1, 8, "scanned"),
    ]  # fmt: skip


def test_every_action_has_its_own_share() -> None:
    found = shares(
        *asked(1, "order reduceOnly=true", "order accepted"),
        *asked(2, "order reduceOnly=true", f"order {BUSY}"),
        *asked(3, "cancel order", "order canceled"),
        at(4, "POST /sapi/v1/asset/transfer transfer success"),
        at(5, "login failed: invalid api key"),
        at(6, "logging in"), at(6.1, "login success"),
        *asked(7, "open order side=BUY positionSide=LONG", "order accepted"),
        *asked(8, "close order side=SELL positionSide=LONG", f"order {BUSY}"),
        at(9, f"something {BUSY}"),
    )  # fmt: skip
    got = {f.subject["action"]: (f.value, f.count) for f in pick(found, "availability.accepted")}
    assert got == {
        "reduce-only": (Decimal("0.5"), 2), "cancel": (1, 1), "transfer": (1, 1),
        "login": (Decimal("0.5"), 2), "open": (1, 1), "close": (0, 1), "unstated": (0, 1),
    }  # fmt: skip
    (unstated,) = pick(found, "availability.accepted", action="unstated")
    assert "action-unstated" in unstated.caveats


def test_the_worst_minute_has_enough_attempts() -> None:
    lines: list[str] = []
    for second in range(0, 180, 4):
        bad = 60 <= second < 120 and second % 8 == 0
        lines += asked(second, "order", f"order {BUSY}" if bad else "order accepted")
    lines += asked(240, "order", f"order {BUSY}")
    found = shares(*lines)
    worst = one(found, "availability.worst")
    assert (worst.value, worst.at, worst.count) == (Decimal("0.533333"), T0 + MINUTE, 15)
    assert one(shares(*lines, least=1), "availability.worst").value == 0
    assert not pick(shares(*lines, least=16), "availability.worst")


def test_every_planted_attempt_counts(tmp_path: Path) -> None:
    plan = Plan(seconds=300, onset=100, behind=0.6, rejected=0.1, timeout=0.09)
    for style in ("python", "json"):
        made = planted(plan, 8, style)
        logs = held(tmp_path / style, {"bot.log": made.text}, ZONE).logs
        found, _ = log_findings("availability", logs, SPAN)
        params = one(found, "availability.accepted").params
        assert [params[k] for k in ("attempts", "accepted", "judged", "refused", "unanswered")] == [
            len(made.tries), *(made.count(n) for n in ("accepted", "rejected", "overload",
                                                       "timeout")),
        ]  # fmt: skip


def test_the_interval_holds_the_true_share_in_95_percent_of_seeds(tmp_path: Path) -> None:
    true, inside = 0.7, 0
    for seed in range(40):
        plan = Plan(seconds=60, onset=0, behind=1 - true)
        logs = held(tmp_path / str(seed), {"b.log": planted(plan, seed, "json").text}, ZONE).logs
        (found, *_) = log_findings("availability", logs, SPAN)[0]
        inside += found.params["low"] <= Decimal(str(true)) <= found.params["high"]
    assert inside >= 36


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_solves_its_own_equation(case: tuple[int, int]) -> None:
    """The ends are where the score test with n·p(1-p) just rejects: |k - np| = z√(np(1-p))."""
    k, n = case
    for end in wilson(k, n):
        p = float(end)
        assert 0 <= p <= 1
        if 0 < p < 1:
            assert abs(k - n * p) == pytest.approx(
                Z95 * math.sqrt(n * p * (1 - p)), rel=0.02, abs=0.02
            )
    low, high = wilson(k, n)
    assert low <= Decimal(k) / n + Decimal("1e-6") and high >= Decimal(k) / n - Decimal("1e-6")


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    files = {f"{n}.log": planted(Plan(seconds=60, onset=30), n).text for n in (1, 2)}
    logs = held(tmp_path, files, ZONE).logs
    found, _ = log_findings("availability", logs, SPAN)
    for executor in (Threads(2), Processes(2)):
        again, _ = log_findings("availability", logs, SPAN, executor=executor)
        assert [f.json() for f in again] == [f.json() for f in found]
    assert len({f.id for f in found}) == len(found)
