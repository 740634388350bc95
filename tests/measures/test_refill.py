"""refill: own orders looked for in the public book and on the tape."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from _books import Shot, book_csv, shot
from _cases import case_of, tape_of
from _ticks import T0, Tick, one, pick, ticks
from liquest.clock import SECOND, Window, format_time
from liquest.findings import Finding
from liquest.logs import stage
from liquest.measures import Context, measure, params_of, run
from liquest.measures._refill_kernel import NEVER, UNTESTABLE, passed, seen
from liquest.problems import Problem
from liquest.run.executor import Inline
from liquest.run.progress import Silent
from liquest.tape.lake import Lake

D = Decimal
MAP = """
[[map]]
files = "*orders*"
record = "orders"
venue = "binance"
symbol = "ATOMUSDT"
unit = "us"
[map.columns]
ts = "accepted"
ended_ts = "ended"
id = "id"
side = "side"
price = "price"
size = "qty"
filled_size = "filled"
"""
HEADER = "id,accepted,ended,side,price,qty,filled\n"
SPAN = Window("w", T0, T0 + 20 * SECOND)


def order(id: str, at: str, end: str, side: str, price: str, size: str, filled: str = "0") -> str:
    accepted, ended = (T0 + int(D(m) * SECOND) for m in (at, end))
    return f"{id},{accepted},{ended},{side},{price},{size},{filled}\n"


def book(seconds: int = 20) -> list[Shot]:
    """Three levels a side around 100, the same all the time, with what is planted."""
    made = []
    for at in range(seconds):
        bids = "100x5 99.5x5 99x5"
        if 6 <= at < 9:
            bids = "100x5 99.7x2 99.5x5"
        made.append(shot(at, bids, "101x5 101.5x5 102x5"))
    return made


def lake_of(folder: Path, orders: str, trades: list[Tick], shots: list[Shot] | None = None) -> Lake:
    files = {
        "own_orders.csv": HEADER + orders,
        "binance_book_snapshot_25.csv": book_csv("binance", "ATOMUSDT", shots or book(), 3),
    }
    if trades:
        files["binance_trades.csv"] = ticks("binance", "ATOMUSDT", trades)
    return tape_of(case_of(folder, files, MAP)).lake


def found_in(lake: Lake, **params: Any) -> tuple[list[Finding], list[Problem]]:
    chosen = measure("refill")
    context = Context(lake, {"w": SPAN}, params_of(chosen, params))
    return run(chosen, context, Inline())


def test_each_outcome_by_hand(tmp_path: Path) -> None:
    orders = (
        order("shown", "2.5", "9", "buy", "99.5", "3")
        + order("late", "2.2", "12", "buy", "99.7", "2")
        + order("never", "2.2", "6", "buy", "99.6", "1")
        + order("too large", "2.2", "19", "sell", "101", "5.5")
        + order("filled in part", "2.2", "19", "sell", "101", "5.5", "0.5")
        + order("out of reach", "2.2", "19", "buy", "90", "1")
        + order("too short", "2.2", "4", "buy", "99.6", "1")
    )
    found, problems = found_in(lake_of(tmp_path, orders, [Tick(3, "99.4"), Tick("3.5", "100.2")]))
    assert problems == []
    names = ("orders", "shown", "shown_late", "never_shown", "untestable", "traded_through")
    counts = {name: one(found, f"refill.{name}").value for name in names}
    # The one too short lived for less than the tolerance.
    assert counts == {
        "orders": 7, "shown": 2, "shown_late": 1, "never_shown": 2, "untestable": 2,
        "traded_through": 0,
    }  # fmt: skip
    told = {f.params["id"]: f.value for f in pick(found, "refill.order")}
    assert told == {"late": "shown_late", "never": "never_shown", "too large": "never_shown"}
    latest = one(found, "refill.latest")
    assert (latest.value, latest.unit) == (D("3.8"), "s")
    assert latest.at == T0 + int(D("2.2") * SECOND)
    late = one(found, "refill.order", id="late")
    assert late.params["shown"] == "2025-10-10T21:20:06.000000Z"
    assert [i.first for i in late.inputs if i.role == "extreme"] == [3]
    assert "own-record" in late.caveats


def test_trades_beyond_an_open_order_are_told(tmp_path: Path) -> None:
    trades = [Tick("5", "99.4"), Tick("14", "101.6"), Tick("18.9", "99")]
    orders = (
        order("passed", "2", "10", "buy", "99.5", "3")
        + order("equal", "2", "10", "buy", "99.4", "3")
        + order("sell", "2", "19", "sell", "101.5", "3")
        + order("just closed", "2", "5.5", "buy", "99.5", "3")
    )
    found, _ = found_in(lake_of(tmp_path, orders, trades))
    assert one(found, "refill.traded_through").value == 2
    passed_ones = {f.params["id"]: f.params["passed"] for f in pick(found, "refill.order")
                   if "passed" in f.params}  # fmt: skip
    assert passed_ones == {
        "passed": "2025-10-10T21:20:05.000000Z", "sell": "2025-10-10T21:20:14.000000Z",
    }  # fmt: skip


def test_without_trades_nothing_is_said_of_them(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, order("a", "2", "9", "buy", "99.5", "3"), [])
    found, _ = found_in(lake)
    assert pick(found, "refill.traded_through") == []
    assert "no-trades" in one(found, "refill.shown").caveats


def test_orders_without_a_book_are_a_problem(tmp_path: Path) -> None:
    files = {"own_orders.csv": HEADER + order("a", "2", "9", "buy", "99.5", "3")}
    found, problems = found_in(tape_of(case_of(tmp_path, files, MAP)).lake)
    assert found == [] and [p.code for p in problems] == ["no-books"]


def accepted(at: str, id: str, side: str, price: str) -> str:
    """What a bot notes when the venue takes an order."""
    return json.dumps({
        "time": format_time(T0 + int(D(at) * SECOND)), "exchange": "binance",
        "event": "order accepted", "symbol": "ATOM/USDT", "side": side, "price": price,
        "quantity": "1", "clientOrderId": id, "orderId": f"7{id}", "status": "NEW",
    }) + "\n"  # fmt: skip


def test_orders_that_only_a_log_tells(tmp_path: Path) -> None:
    log = accepted("2.2", "1", "buy", "99.6") + accepted("3.1", "2", "sell", "101")
    files = {
        "binance_book_snapshot_25.csv": book_csv("binance", "ATOMUSDT", book(), 3),
        "bot.jsonl": log + accepted("3.2", "3", "sell", "101").replace("ATOM/", "SOL/"),
    }
    case = case_of(tmp_path, files)
    logs, problems = stage.build(case, case.root / "out", Inline(), Silent())
    assert problems == []
    chosen = measure("refill")
    context = Context(tape_of(case).lake, {"w": SPAN}, params_of(chosen, {}), logs)
    found, _ = run(chosen, context, Inline())
    counts = {n: one(found, f"refill.{n}").value for n in ("orders", "shown", "never_shown")}
    assert counts == {"orders": 2, "shown": 1, "never_shown": 1}
    told = one(found, "refill.order")
    assert told.params["price"] == D("99.6") and told.subject["price"] == "log"
    assert "end-not-on-record" in told.caveats
    assert [i.first for i in told.inputs if i.role == "extreme"] == [1]


ORDERS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans(), st.integers(94, 107),
              st.integers(1, 5)),
    min_size=1, max_size=6,
)  # fmt: skip
SIDE = st.lists(st.integers(1, 5), max_size=3)
SHOTS = st.lists(st.tuples(st.integers(0, 3), SIDE, SIDE), max_size=8)
TRADES = st.lists(st.tuples(st.integers(0, 3), st.integers(94, 107)), max_size=8)


@settings(max_examples=1000, deadline=None)
@given(ORDERS, SHOTS, TRADES, st.integers(0, 3))
def test_the_kernels_say_what_decimals_say(
    orders: list[tuple[int, int, bool, int, int]], shots: list[tuple[int, list[int], list[int]]],
    trades: list[tuple[int, int]], tolerance: int,
) -> None:  # fmt: skip
    """Bids from 100 down and asks from 101 up, three levels of a side on record."""
    ts = np.cumsum([s for s, _, _ in shots], dtype=np.int64)
    prices, sizes = np.full((len(shots), 2, 3), np.nan), np.full((len(shots), 2, 3), np.nan)
    for at, (_, bids, asks) in enumerate(shots):
        for side, (first, step, held) in enumerate(((100, -1, bids), (101, 1, asks))):
            for level, size in enumerate(held):
                prices[at, side, level], sizes[at, side, level] = first + step * level, size
    start = np.array([o[0] for o in orders], dtype=np.int64)
    end = start + np.array([o[1] for o in orders], dtype=np.int64)
    buy = np.array([int(o[2]) for o in orders], dtype=np.int64)
    price, sized = (np.array([float(o[n]) for o in orders]) for n in (3, 4))
    found = np.empty(len(orders), dtype=np.int64)
    seen(ts, prices, sizes, start, end, buy, price, sized, tolerance, found)
    through = np.empty(len(orders), dtype=np.int64)
    traded_ts = np.cumsum([t for t, _ in trades], dtype=np.int64)
    traded = np.array([float(p) for _, p in trades])
    passed(traded_ts, traded, start, end, buy, price, tolerance, through)
    for n, (begin, life, is_buy, at_price, at_size) in enumerate(orders):
        outcome = UNTESTABLE
        for at, (_, bids, asks) in enumerate(shots):
            if not begin <= ts[at] < begin + life:
                continue
            held = bids if is_buy else asks
            level = 100 - at_price if is_buy else at_price - 101
            if len(held) == 3 and level > 2:
                continue
            if 0 <= level < len(held) and held[level] >= at_size:
                outcome = at
                break
            if ts[at] > begin + tolerance:
                outcome = NEVER
        assert found[n] == outcome
        beyond = [
            at for at, (_, p) in enumerate(trades)
            if begin + tolerance < traded_ts[at] < begin + life - tolerance
            and (p < at_price if is_buy else p > at_price)
        ]  # fmt: skip
        assert through[n] == (beyond[0] if beyond else NEVER)
