"""sweep: same-side trades at one timestamp that walk the book, and the way back."""

from __future__ import annotations

import json
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _ticks import (
    HEADER,
    T0,
    Tick,
    lake_of,
    one,
    outcome,
    pick,
    same_everywhere,
    small_lake,
    ticks,
    window,
)
from liquest.clock import DAY, SECOND, Window, parse_time
from liquest.errors import CaseError
from liquest.findings import Finding
from liquest.measures import sweep
from liquest.tape.lake import Lake

SPAN = window(0, 60)
ATOM = ("binance", "ATOMUSDT")
DOWN = [
    Tick("5.000001", str(p), a) for p, a in ((10, "1"), (10, "2"), (9, "1"), (7, "3"), (7, "4"))
]
DOWN += [Tick("5.000001", str(p)) for p in (6, 5)]
UP = [Tick(20, str(p), side="buy") for p in (8, 9, 10, 11, 12)]
AROUND = [Tick(1, "10"), *DOWN, Tick(6, "8"), Tick(9, "10"), *UP, Tick(30, "8")]
CRASH = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")


def values(found: list[Finding], **subject: str) -> dict[str, object]:
    return {
        f.name.removeprefix("sweep."): f.value
        for f in found
        if all(str({**f.subject, **f.params}.get(k)) == v for k, v in subject.items())
    }


def test_two_sweeps_by_hand(tmp_path: Path) -> None:
    found = same_everywhere("sweep", small_lake(tmp_path, {ATOM: AROUND}), SPAN)
    down, up = values(found, side="sell"), values(found, side="buy")
    assert down == {
        "from": 10,
        "to": 5,
        "range": Decimal("0.5"),
        "trades": 7,
        "levels": 5,
        "quantity": 13,
        "notional": 3 * 10 + 9 + 7 * 7 + 6 + 5,
        "at_extreme.quantity": 1,
        "at_extreme.notional": 5,
        "return_time": 3_999_999,
    }
    assert (up["from"], up["to"], up["range"], up["return_time"]) == (
        8, 12, Decimal("0.5"), 10_000_000,
    )  # fmt: skip
    units = {f.name.removeprefix("sweep."): f.unit for f in found}
    assert units == {
        "from": "USDT",
        "to": "USDT",
        "range": "ratio",
        "trades": "trades",
        "levels": "levels",
        "quantity": "ATOM",
        "notional": "USDT",
        "at_extreme.quantity": "ATOM",
        "at_extreme.notional": "USDT",
        "return_time": "us",
    }
    back = one(found, "sweep.return_time", side="sell")
    assert back.at == T0 + 5_000_001
    assert (back.params["makes_low"], back.params["price"]) == (True, 10)
    rows = [(i.first, i.last) for i in back.inputs if i.role == "extreme"]
    assert rows == [(3, 9), (11, 11)]
    assert back.caveats == ()


def test_a_price_that_turns_or_a_trade_of_the_other_side_ends_a_run(tmp_path: Path) -> None:
    at = Tick(5, "").ts
    steps = [("sell", p) for p in (20, 19, 18, 17, 16, 17, 15, 14, 13, 12)]
    rows = [Tick(5, str(p), side=s) for s, p in steps]
    lake = small_lake(tmp_path / "a", {ATOM: [*rows, Tick(6, "20")]})
    found = outcome("sweep", lake, SPAN)[0]
    # the second run starts at 17, where the price turned, and ends at the low
    assert [(f.value, f.at) for f in pick(found, "sweep.from")] == [(17, at), (20, at)]
    assert [f.value for f in pick(found, "sweep.to")] == [12, 16]
    rows[7] = Tick(5, "14", side="buy")
    lake = small_lake(tmp_path / "b", {ATOM: rows})
    assert [f.value for f in pick(outcome("sweep", lake, SPAN)[0], "sweep.from")] == [20]


def test_limits_of_levels_and_range(tmp_path: Path) -> None:
    def count(folder: str, prices: list[str], **params: Any) -> int:
        lake = small_lake(tmp_path / folder, {ATOM: [Tick(1, p) for p in prices]})
        return len(pick(outcome("sweep", lake, SPAN, **params)[0], "sweep.levels"))

    assert count("four levels", ["100", "99", "98", "98", "97"]) == 0
    assert count("five", ["100", "99", "98", "97", "96"]) == 1
    exact = ["100", "99.7", "99.5", "99.2", "99"]
    assert count("exactly one percent", exact) == 1
    assert count("less", [*exact[:4], "99.000001"]) == 0
    assert count("other limits", ["100", "99"], min_levels=2, min_range="0.01") == 1


def test_the_widest_and_the_one_that_made_the_low(tmp_path: Path) -> None:
    trades = []
    for at, (first, step) in enumerate([(100, 5), (100, 7), (100, 6), (50, 1), (100, 8)], start=1):
        trades += [Tick(at, str(first - step * level)) for level in range(5)]
    found = outcome("sweep", small_lake(tmp_path, {ATOM: trades}), SPAN, top=2)[0]
    begun = pick(found, "sweep.from")
    assert [(f.params["rank"], f.value, f.params["makes_low"]) for f in begun] == [
        (1, 100, False), (2, 100, False), (3, 50, True),
    ]  # fmt: skip
    assert [f.value for f in pick(found, "sweep.to")] == [68, 72, 46]


def test_a_low_that_no_sweep_made(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: [*AROUND, Tick(40, "1")]})
    found = outcome("sweep", lake, SPAN, top=1)[0]
    assert [f.params["makes_low"] for f in pick(found, "sweep.to")] == [False]


def test_not_back_and_no_later_trade_are_two_things(tmp_path: Path) -> None:
    lake = small_lake(tmp_path / "later", {ATOM: [*DOWN, Tick(6, "9.99")]})
    back = one(outcome("sweep", lake, SPAN)[0], "sweep.return_time")
    assert (back.value, back.caveats) == (None, ("not-recovered",))
    lake = small_lake(tmp_path / "last", {ATOM: DOWN})
    back = one(outcome("sweep", lake, SPAN)[0], "sweep.return_time")
    assert (back.value, back.caveats) == (None, ("no-later-trades",))


def test_the_way_back_goes_on_after_the_window_and_the_day(tmp_path: Path) -> None:
    later = Tick(2 * DAY // SECOND, "10")
    lake = small_lake(tmp_path, {ATOM: [*DOWN, Tick(70, "8"), later]})
    back = one(outcome("sweep", lake, SPAN)[0], "sweep.return_time")
    assert back.value == later.ts - DOWN[0].ts


def test_prices_to_come_back_to(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: AROUND})
    wanted = ["8", "4", "10.5"]
    found = outcome("sweep", lake, SPAN, return_to={"binance:spot:ATOMUSDT": wanted})[0]
    down = pick(found, "sweep.return_time", side="sell")
    # it did not pass 4 and 10.5
    assert {f.params["price"]: f.value for f in down} == {10: 3_999_999, 8: 999_999}
    assert outcome("sweep", lake, SPAN, return_to=wanted)[0] == found
    assert outcome("sweep", lake, SPAN, return_to={"gemini:spot:X": ["8"]})[0] != found


def test_inverse_contracts_and_a_clock_of_milliseconds(tmp_path: Path) -> None:
    trades = [Tick("5.001", p, "3") for p in ("4", "3.5", "3", "2.5", "2")]
    lake = small_lake(tmp_path, {("binance-delivery", "ATOMUSD_PERP"): trades})
    found = outcome("sweep", lake, SPAN)[0]
    assert {f.caveats for f in pick(found, "sweep.quantity")} == {("millisecond-clock",)}
    each = [Decimal(30) / Decimal(t.price) for t in trades]
    assert one(found, "sweep.quantity").value == sum(round(q, 8) for q in each)
    assert one(found, "sweep.notional").value == 150
    assert one(found, "sweep.at_extreme.notional").value == 30
    assert one(found, "sweep.notional").unit == "USD"


def test_no_side_no_run_and_no_trade_no_finding(tmp_path: Path) -> None:
    text = ticks(*ATOM, DOWN).replace(",sell,", ",unknown,")
    lake = small_lake(tmp_path / "a", {}, {"binance_trades_ATOMUSDT.csv": text})
    assert outcome("sweep", lake, SPAN) == ([], [])
    lake = small_lake(tmp_path / "b", {ATOM: DOWN})
    found, problems = outcome("sweep", lake, window(30, 40, "later"))
    assert (found, [p.code for p in problems]) == ([], ["no-trades"])
    assert outcome("sweep", small_lake(tmp_path / "c", {ATOM: [Tick(1, "4")]}), SPAN) == ([], [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_levels": 1},
        {"min_levels": "5"},
        {"min_range": "wide"},
        {"top": 0},
        {"return_to": ["x"]},
    ],
)
def test_parameters_that_are_none_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(CaseError, match=next(iter(wrong))):
        outcome("sweep", small_lake(tmp_path, {ATOM: DOWN}), SPAN, **wrong)


trades = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(90, 110), st.integers(1, 9), st.sampled_from(["sell", "buy"])
    ),
    min_size=1,
    max_size=60,
)


def obvious(rows: list[Tick], levels: int, least: Fraction) -> set[tuple[object, ...]]:
    """Sweeps by one walk over the rows."""
    runs: list[list[Tick]] = []
    for row in rows:
        last = runs[-1][-1] if runs else None
        price = Decimal(row.price)
        if last is not None and (last.ts, last.side) == (row.ts, row.side):
            before = Decimal(last.price)
            if price <= before if row.side == "sell" else price >= before:
                runs[-1].append(row)
                continue
        runs.append([row])
    found: set[tuple[object, ...]] = set()
    for run in runs:
        first, last_price = Decimal(run[0].price), Decimal(run[-1].price)
        if len({r.price for r in run}) >= levels and abs(first - last_price) / first >= least:
            quantity = sum(Decimal(r.amount) for r in run)
            worth = sum(Decimal(r.amount) * Decimal(r.price) for r in run)
            found.add((run[0].ts, run[0].side, first, last_price, len(run), quantity, worth))
    return found


@settings(max_examples=30, deadline=None)
@given(trades, st.integers(1, 7))
def test_against_a_slow_and_obvious_walk(some: list[tuple[int, int, int, str]], busy: int) -> None:
    rows = [Tick(at, str(p), str(a), side) for at, p, a, side in sorted(some, key=lambda s: s[0])]
    limits: dict[str, Any] = {"min_levels": 3, "min_range": "0.02", "top": 100}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        lake = small_lake(Path(folder), {ATOM: rows})
        found, _ = outcome("sweep", lake, SPAN, **limits)
        patch.setattr(sweep, "BUSY", busy)
        assert outcome("sweep", lake, SPAN, **limits)[0] == found
    names = ("from", "to", "trades", "quantity", "notional")
    columns = [pick(found, f"sweep.{name}") for name in names]
    got = {
        (row[0].at, row[0].params["side"], *(f.value for f in row))
        for row in zip(*columns, strict=True)
    }
    assert got == obvious(rows, 3, Fraction(1, 50))


def sweep_file(shared_data: Path) -> Path:
    (path,) = shared_data.glob("**/*ATOMUSDT_aggTrades_0.001-sweep.csv")
    return path


def test_the_print_of_0_001(shared_data: Path, tmp_path: Path) -> None:
    found, problems = outcome("sweep", lake_of(tmp_path, [sweep_file(shared_data)]), CRASH)
    assert problems == []
    assert values(found) == {
        "from": Decimal("1.688"),
        "to": Decimal("0.001"),
        "range": Decimal("0.999408"),
        "trades": 92,
        "levels": 70,
        "quantity": Decimal("9695.33"),
        "notional": Decimal("9170.080188"),
        "at_extreme.quantity": Decimal("2531.178"),
        "at_extreme.notional": Decimal("2.531178"),
        "return_time": None,
    }
    trades = one(found, "sweep.trades")
    assert trades.at == parse_time("2025-10-10T21:20:37.689043Z")
    assert trades.subject["kind"] == "spot"
    assert (trades.params["side"], trades.params["makes_low"]) == ("sell", True)
    assert (trades.count, trades.caveats) == (71, ("aggregated",))
    assert one(found, "sweep.return_time").caveats == ("aggregated", "no-later-trades")


def test_the_print_of_0_001_was_back_above_1_after_30_ms(shared_data: Path, tmp_path: Path) -> None:
    """The later trades are those that the reference file beside it names."""
    (path,) = shared_data.glob("**/ATOM_21-20_cross-venue_reference.json")
    known = json.loads(path.read_text(encoding="utf-8"))["minimum_price_event"]
    after = [
        (known["next_trade_utc"], known["next_price"]),
        (known["first_sub_one_excursion"]["last_trade_time_utc"], "0.99"),
        *((known["recovery_utc"][price], price) for price in ("1.5", "2", "2.5", "3")),
    ]
    text = HEADER + "".join(
        f"binance,ATOMUSDT,{parse_time(at)},{parse_time(at)},{number},buy,{price},1\n"
        for number, (at, price) in enumerate(after)
    )
    later = tmp_path / "binance_trades_ATOMUSDT.csv"
    later.write_text(text, encoding="utf-8")
    lake = lake_of(tmp_path / "lake", [sweep_file(shared_data), later])
    found, _ = outcome("sweep", lake, CRASH, return_to={"binance:spot:ATOMUSDT": ["1.00", "1.5"]})
    back = {f.params["price"]: f.value for f in pick(found, "sweep.return_time")}
    ms = known["first_sub_one_excursion"]["ms_to_recover_one"]
    assert back[Decimal("1.00")] == back[Decimal("1.5")] == round(ms * 1000) == 30_450
    assert back[Decimal("1.688")] == parse_time(known["recovery_utc"]["2"]) - parse_time(
        "2025-10-10T21:20:37.689043Z"
    )
    assert all("no-later-trades" not in f.caveats for f in found)


def test_the_sweeps_of_the_day(real_lake: Lake) -> None:
    found, problems = outcome("sweep", real_lake, CRASH)
    assert problems == []
    trx = values(found, instrument="TRXUSDT", makes_low="True")
    assert (trx["from"], trx["to"]) == (Decimal("0.3198"), Decimal("0.3"))
    assert (trx["trades"], trx["levels"]) == (1044, 196)
    coin_m = [f for f in found if f.subject["kind"] == "inverse-perpetual"]
    assert coin_m and all("millisecond-clock" in f.caveats for f in coin_m)
    coinbase = [f for f in found if f.subject["venue"] == "coinbase"]
    assert coinbase and all("millisecond-clock" not in f.caveats for f in coinbase)


def test_windows_are_half_open(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: AROUND})
    at = DOWN[0].ts
    assert not pick(outcome("sweep", lake, Window("w", T0, at))[0], "sweep.to", side="sell")
    assert pick(outcome("sweep", lake, Window("w", at, at + 1))[0], "sweep.to", side="sell")
