"""retry_cost: what a refused order cost at a later price, exact to the last digit."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _log_cases import held, log_findings, read_lines
from _planted_logs import OVERLOADED, REJECTED, stamp
from _ticks import T0, Tick, one, pick, small_lake, window
from liquest.clock import SECOND
from liquest.errors import CaseError
from liquest.findings import Finding
from liquest.run.executor import Processes, Threads
from liquest.tape.lake import Lake

D = Decimal
ATOM = ("binance-futures", "ATOMUSDT")
SPAN = window(0, 1800)
BUSY, JUDGED = (f"order failed. Message: binance {body}" for body in (OVERLOADED, REJECTED))
PRICES = [Tick(0, "4.00"), Tick(59, "3.50"), Tick(100, "3.00"), Tick(170, "2.00"),
          Tick(290, "1.00"), Tick(600, "3.90"), Tick(700, "3.90")]  # fmt: skip
"""Sold at 10 s, the order would have got 4.00; after 60, 180 and 300 s 3.50, 2.00 and 1.00."""


def at(seconds: float, words: str) -> str:
    return f"{stamp(T0 + round(seconds * SECOND))} - bot - ERROR - binance usdm {words}"


def order(
    seconds: float, answer: str, side: str = "SELL", number: int = 0, **more: str
) -> list[str]:
    name = f"c{number}x{seconds}"
    told = "".join(f" {k}={v}" for k, v in {"quantity": "10", **more}.items())
    return [
        at(seconds, f"sending order symbol=ATOMUSDT side={side}{told} newClientOrderId={name}"),
        at(seconds + 0.02, f"clientOrderId={name} {answer}"),
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return small_lake(tmp_path, {ATOM: PRICES})


def costs(lake: Lake, *lines: str, **params: Any) -> tuple[list[Finding], list[str]]:
    logs = read_lines(*lines).logs
    found, problems = log_findings("retry_cost", logs, SPAN, lake, **params)
    return found, [p.code for p in problems]


def test_one_order_by_hand(lake: Lake) -> None:
    found, problems = costs(
        lake, *order(10, BUSY), *order(120, BUSY), *order(175, "order accepted")
    )
    assert problems == []
    medians = {f.params["later"]: f.value for f in pick(found, "retry_cost.median")}
    assert medians == {"60": D("0.125"), "180": D("0.5"), "300": D("0.75"), "accepted": D("0.5")}
    money = {f.params["later"]: (f.value, f.unit) for f in pick(found, "retry_cost.money")}
    assert money["accepted"] == (20, "USDT") and money["300"] == (30, "USDT")
    single = one(found, "retry_cost.order")
    assert (single.value, single.at, single.count) == (D("0.5"), T0 + 10 * SECOND, 3)
    assert single.params["price_refused"] == 4 and single.params["price_later"] == 2
    assert (single.params["attempts"], single.params["seconds"]) == (3, 165)
    assert single.subject["instrument"] == "ATOMUSDT" and single.subject["side"] == "sell"
    assert "clock-unaligned" in single.caveats
    rows = [(i.first, i.last) for i in single.inputs if i.role == "extreme"]
    assert rows[:2] == [(2, 2), (6, 6)] and len(rows) == 4  # two lines, two prices


def test_a_purchase_gains_where_a_sale_loses(lake: Lake) -> None:
    found, _ = costs(lake, *order(10, BUSY, "BUY"))
    worst = {f.params["later"]: f.value for f in pick(found, "retry_cost.worst")}
    assert worst == {"60": D("-0.125"), "180": D("-0.5"), "300": D("-0.75")}
    assert one(found, "retry_cost.order").params["later"] == "300"


def test_an_order_that_was_judged_or_taken_has_no_cost(lake: Lake) -> None:
    assert costs(lake, *order(10, JUDGED), *order(20, "order accepted")) == ([], [])
    found, _ = costs(lake, *order(10, JUDGED), classes=["validation"])
    assert len(pick(found, "retry_cost.order")) == 1


def test_each_intent_ends_where_it_is_taken_or_given_up(lake: Lake) -> None:
    lines = [*order(10, BUSY), *order(20, "order accepted"), *order(30, BUSY), *order(640, BUSY)]
    found, _ = costs(lake, *lines)
    singles = pick(found, "retry_cost.order")
    assert sorted(f.at - T0 for f in singles if f.at) == [10_000_000, 30_000_000, 640_000_000]
    assert {f.params["later"] for f in singles} == {"accepted", "300", "60"}
    found, _ = costs(lake, *lines, give_up=800)
    assert len(pick(found, "retry_cost.order")) == 2
    median = one(found, "retry_cost.median", later="accepted")
    assert (median.value, median.count) == (D(0), 1)


def test_a_price_that_is_too_old_is_none(lake: Lake) -> None:
    found, _ = costs(lake, *order(10, BUSY), max_age=5)
    assert found == []
    found, _ = costs(lake, *order(60, BUSY), max_age=9, waits=[115, 300])
    assert {f.params["later"] for f in pick(found, "retry_cost.median")} == {"115"}


def test_only_the_costliest_are_shown(lake: Lake) -> None:
    lines = [line for n in range(6) for line in order(10 + n, BUSY, number=n) + order(
        10.5 + n, "order accepted", number=n)]  # fmt: skip
    found, _ = costs(lake, *lines, most=4)
    assert len(pick(found, "retry_cost.order")) == 4
    assert one(found, "retry_cost.worst", later="accepted").params["accepted"] == 6


def test_a_symbol_that_the_tape_does_not_know_is_said(lake: Lake) -> None:
    _, problems = costs(lake, *(line.replace("ATOMUSDT", "DOGEUSDT") for line in order(10, BUSY)))
    assert problems == ["no-prices"]


def test_the_log_is_put_on_the_clock_of_the_tape(tmp_path: Path) -> None:
    """The log is 40 s ahead of the tape; its four fills show it."""
    trades = [*PRICES, *(Tick(f"{second}.25", f"3.{second}", "7") for second in (31, 47, 63, 92))]
    lake = small_lake(tmp_path, {ATOM: sorted(trades, key=lambda t: t.ts)})
    fills = [
        at(second + 40, f"order filled symbol=ATOMUSDT price=3.{second} quantity=7 side=BUY")
        for second in (31, 47, 63, 92)
    ]  # fmt: skip
    found, _ = costs(lake, *order(50, BUSY), *fills)
    # By its own clock the order was refused at 50 s, by that of the tape at 10.25 s.
    single = one(found, "retry_cost.order")
    assert single.params["price_refused"] == 4 and "clock-unaligned" not in single.caveats


def test_parameters_are_judged(lake: Lake) -> None:
    for wrong in ({"classes": ["slow"]}, {"waits": [0]}, {"give_up": 0}, {"most": -1}):
        with pytest.raises(CaseError):
            costs(lake, *order(10, BUSY), **wrong)


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    lake = small_lake(tmp_path / "tape", {ATOM: PRICES})
    files = {f"{n}.log": "".join(f"{line}\n" for line in order(10 * n, BUSY, number=n))
             for n in (1, 2)}  # fmt: skip
    logs = held(tmp_path / "logs", files, '[[log]]\nfiles = "*"\ntz = "UTC"\n').logs
    found, problems = log_findings("retry_cost", logs, SPAN, lake)
    for executor in (Threads(2), Processes(2)):
        again, faults = log_findings("retry_cost", logs, SPAN, lake, executor)
        assert [f.json() for f in again] == [f.json() for f in found] and faults == problems
    assert len({f.id for f in found}) == len(found) > 10
