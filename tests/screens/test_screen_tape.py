"""bars, marks, sources, units, id_holes, statement_rows: one record against another."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _books import World, screened, strengths
from _cases import case_of, tape_of
from _layouts import KLINES
from _ticks import HEADER, T0, Tick, lake_of, one, pick, small_lake, ticks, window
from liquest.clock import MINUTE, SECOND, format_time
from liquest.measures import _book_sql
from liquest.screens.statement_rows import Row, digits_p, faults, ordered
from liquest.screens.units import judged
from liquest.tape.lake import Lake

D = Decimal
ATOM = ("binance", "ATOMUSDT")
SPOT_NAME = "data/spot/daily/klines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv"


def kline(at: int, ohlc: str, volume: str, count: int, minutes: int = 1) -> str:
    start = T0 + at * MINUTE
    end = start + minutes * MINUTE - 1
    return f"{start},{ohlc},{volume},{end},{D(volume) * 4},{count},0,0,0\n"


TRADES = [
    Tick(0, "4"), Tick(30, "5", "2"), Tick(59, "3"), Tick(60, "3.5"), Tick(119, "3.6"),
    Tick(120, "3.7"), Tick(185, "3.7"),
]  # fmt: skip
AGREES = [
    kline(0, "4,5,3,3", "4", 3), kline(1, "3.5,3.6,3.5,3.6", "2", 2),
    kline(2, "3.7,3.7,3.7,3.7", "1", 1),
]  # fmt: skip


def with_bars(folder: Path, bars: list[str]) -> Lake:
    return small_lake(folder, {ATOM: TRADES}, {SPOT_NAME: "".join(bars)})


def test_bars_that_agree_with_the_trades(tmp_path: Path) -> None:
    result = one(screened("bars", with_bars(tmp_path, AGREES)), "screen.bars")
    assert (result.value, result.params["strength"], result.params["compared"]) == (0, "sound", 3)


def test_bars_that_do_not(tmp_path: Path) -> None:
    other = [kline(0, "4,5,2.9,3", "4", 3), kline(1, "3.5,3.6,3.5,3.6", "2.5", 2), AGREES[2]]
    found = screened("bars", with_bars(tmp_path, other))
    result = one(found, "screen.bars")
    assert (result.value, result.params["prices"], result.params["volumes"]) == (2, 1, 1)
    assert result.params["strength"] == "strong" and result.at == T0
    low, volume = pick(found, "screen.bars.bar")
    assert (low.params["low"], low.params["traded_low"], low.params["differ"]) == (
        D("2.9"), 3, ["prices"],
    )  # fmt: skip
    assert volume.params["differ"] == ["volumes"] and volume.at == T0 + MINUTE


def test_a_bar_that_the_trades_do_not_fill_is_left_out(tmp_path: Path) -> None:
    bars = [*AGREES, kline(3, "3.7,9,3.7,3.7", "1", 1)]
    assert one(screened("bars", with_bars(tmp_path, bars)), "screen.bars").params["compared"] == 3


def marks(rows: list[tuple[int, str, int]]) -> dict[str, str]:
    lines = "".join(kline(at, ohlc, "0", n) for at, ohlc, n in rows)
    return {"data/futures/um/daily/markPriceKlines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv":
            KLINES + lines.replace("000000,", "000,", 0)}  # fmt: skip


@pytest.mark.parametrize(
    ("last", "strength", "value"),
    [(("4,4,4,4", 60), "sound", 0), (("4,4.1,4,4", 1), "impossible", 1),
     (("4,4.1,4,4", 20), "hint", 1), (("4,4,4,4", 1), "hint", 1)],
)  # fmt: skip
def test_marks_against_their_updates(
    tmp_path: Path, last: tuple[str, int], strength: str, value: int
) -> None:
    rows = [(n, "4,4.2,3.9,4.1", 60) for n in range(9)] + [(9, *last)]
    result = one(screened("marks", small_lake(tmp_path, {}, marks(rows))), "screen.marks")
    assert (result.params["strength"], result.value) == (strength, value)
    assert result.subject["price"] == "mark"


def test_two_lengths_of_bars_of_one_instrument(tmp_path: Path) -> None:
    short = [kline(n, f"4,{5 + n},{3 - n},4", "1", 1) for n in range(3)]
    name = SPOT_NAME.replace("1m", "3m")
    good = small_lake(
        tmp_path / "good", {}, {SPOT_NAME: "".join(short), name: kline(0, "4,7,1,4", "3", 3, 3)}
    )
    assert strengths("sources", screened("sources", good)) == {"ATOMUSDT": "sound"}
    bad = small_lake(
        tmp_path / "bad", {}, {SPOT_NAME: "".join(short), name: kline(0, "4,7,1.5,4", "3", 3, 3)}
    )
    found = screened("sources", bad)
    assert strengths("sources", found) == {"ATOMUSDT": "strong"}
    bar = one(found, "screen.sources.bar")
    assert (bar.params["low"], bar.params["filled_low"]) == (D("1.5"), 1)
    # With a minute missing nothing can be said.
    gap = small_lake(
        tmp_path / "gap",
        {},
        {SPOT_NAME: "".join(short[:2]), name: kline(0, "4,7,1.5,4", "3", 3, 3)},
    )
    assert screened("sources", gap) == []


SWAPS = """
[[map]]
files = "*candles*"
record = "bars"
venue = "okx"
kind = "linear-perpetual"
symbol = "BTC-USDT-SWAP"
duration = "1m"
columns = { ts = "ts", open = "o", high = "h", low = "l", close = "c", raw_volume = "v", notional = "q" }
"""  # noqa: E501


def swaps(each: str, count: int = 20) -> str:
    rows = (
        f"{T0 + n * MINUTE},{100 + n},{100 + n},{100 + n},{100 + n},{10 + n},"
        f"{D(10 + n) * (100 + n) * D(each)}\n"
        for n in range(count)
    )
    return "ts,o,h,l,c,v,q\n" + "".join(rows)


@pytest.mark.parametrize(
    ("each", "strength"), [("0.01", "sound"), ("1", "strong"), ("0.001", "strong")]
)
def test_what_a_unit_of_volume_is_worth(tmp_path: Path, each: str, strength: str) -> None:
    lake = tape_of(case_of(tmp_path, {"candles.csv": swaps(each)}, SWAPS)).lake
    result = one(screened("units", lake), "screen.units")
    assert (result.value, result.params["strength"]) == (D(each), strength)


def test_contracts_of_unknown_size_are_told(tmp_path: Path) -> None:
    maps = SWAPS.replace("BTC-USDT-SWAP", "FIL-USDT-SWAP")
    lake = tape_of(case_of(tmp_path, {"candles.csv": swaps("1")}, maps)).lake
    result = one(screened("units", lake), "screen.units")
    assert result.value is None and result.params["strength"] == "hint"


def test_depth_by_bands_has_its_unit_from_the_trades(tmp_path: Path) -> None:
    rows = "timestamp,percentage,depth,notional\n" + "".join(
        f"2025-10-10 21:{20 + n}:00,{p},10,{4000}\n" for n in range(10) for p in (-1, 1)
    )
    lake = small_lake(
        tmp_path, {("binance-futures", "ATOMUSDT"): [Tick(60 * n, "4") for n in range(11)]},
        {"ATOMUSDT-bookDepth-2025-10-10.csv": rows},
    )  # fmt: skip
    result = one(screened("units", lake), "screen.units")
    assert (result.value, result.params["strength"]) == (100, "strong")
    assert "contracts of 100 coins; the tape takes them for 1" in result.params["said"][0]


@pytest.mark.parametrize(
    ("factor", "steady", "size", "strength"),
    [(1.02, 1.0, "1", "sound"), (0.0101, 1.0, "0.01", "sound"), (100.0, 0.9, "1", "strong"),
     (100.0, 0.3, "1", "hint")],
)  # fmt: skip
def test_how_a_factor_is_judged(factor: float, steady: float, size: str, strength: str) -> None:
    assert judged(factor, steady, D(size), D("0.05")).strength == strength


def test_a_book_out_of_proportion_is_a_hint(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for market, symbol, price in (
        ("binance-futures", "BTCUSDT", 1000), ("bybit", "BTCUSDT", 1000),
        ("coinbase", "BTC-USD", 1000), ("gate-io", "BTC_USDT", 1000),
    ):  # fmt: skip
        size = 500_000 if market.startswith("gate") else 500
        world = World(seconds=10, price=D(price), size=size)
        files[f"{market}_book_snapshot_25_{symbol}.csv"] = world.book(market, symbol)
    found = screened("units", small_lake(tmp_path, {}, files), window(0, 10))
    peers = pick(found, "screen.units.peer")
    assert [f.subject["venue"] for f in peers] == ["gate"]
    assert peers[0].params["strength"] == "hint" and peers[0].value > 500  # type: ignore[operator]


def numbered(ids: list[int], gap_ms: int = 100) -> str:
    lines = [
        f"binance-delivery,DOTUSD_PERP,{T0 + n * gap_ms * 1000},{T0},{i},sell,3,1\n"
        for n, i in enumerate(ids)
    ]
    return HEADER + "".join(lines)


def test_holes_minute_by_minute(tmp_path: Path) -> None:
    ids = [n for n in range(1, 1001) if n not in (100, 101, 700) and not 900 <= n < 905]
    lake = small_lake(tmp_path, {}, {"binance-delivery_trades.csv": numbered(ids, 200)})
    found = screened("id_holes", lake, window(0, 60), window(0, 400, "all"))
    result = one(found, "screen.id_holes")
    assert (result.value, result.unit, result.params["strength"]) == (8, "trades", "strong")
    told = [result.params[n] for n in ("holes", "single", "close", "largest")]
    assert told == [3, 1, 8, 5]
    minutes = {(f.at - T0) // MINUTE if f.at else -1: f.value
               for f in pick(found, "screen.id_holes.minute")}  # fmt: skip
    assert minutes == {0: 2, 2: 6}
    windows = {f.window.name: f.value for f in pick(found, "screen.id_holes.window") if f.window}
    assert windows == {"w": 2, "all": 8}
    assert "auto-deleveraging" in result.params["innocent"][0]
    assert "8 of 1,000 trade ids are missing in 3 places" in result.params["said"][0]
    assert result.params["pattern"] == "scattered"


def test_scattered_holes_and_runs_beside_a_pause(tmp_path: Path) -> None:
    ids = [n for n in range(1, 500) if n % 50]
    lake = small_lake(tmp_path, {}, {"a_trades.csv": numbered(ids, 100)})
    assert one(screened("id_holes", lake), "screen.id_holes").params["pattern"] == "scattered"
    slow = small_lake(tmp_path / "slow", {}, {"a_trades.csv": numbered(ids, 2000)})
    result = one(screened("id_holes", slow), "screen.id_holes")
    assert result.params["pattern"] == "runs"
    assert result.params["said"][1].endswith("旁边的记录有停顿，如采集者断线")


def test_ids_without_holes_and_ids_that_are_no_numbers(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {"a_trades.csv": numbered(list(range(5, 200)))})
    assert strengths("id_holes", screened("id_holes", lake)) == {"DOTUSD_PERP": "sound"}
    # In threes they are not consecutive; as text they cannot be.
    threes = small_lake(tmp_path / "3", {}, {"a_trades.csv": numbered(list(range(5, 200, 3)))})
    assert screened("id_holes", threes) == []
    text = ticks(*ATOM, TRADES).replace(",1,sell", ",x1,sell")
    assert screened("id_holes", small_lake(tmp_path / "t", {}, {"t_trades.csv": text})) == []


def test_the_holes_of_dot_in_the_crash(shared_data: Path, tmp_path: Path) -> None:
    (file,) = shared_data.rglob("binance-delivery_trades_2025-10-10_DOTUSD_PERP*")
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = screened("id_holes", lake_of(tmp_path, [file]), span)
    assert one(found, "screen.id_holes").value == 2937
    crash = one(found, "screen.id_holes.window")
    assert (crash.value, crash.params["close"]) == (2875, 2595)
    worst = max(pick(found, "screen.id_holes.minute"), key=lambda f: int(str(f.value)))
    assert worst.at is not None
    assert (worst.value, format_time(worst.at)[11:16]) == (1022, "21:18")


STATEMENT = """
[[map]]
files = "*statement*"
record = "statement"
venue = "binance"
symbol_column = "Asset"
columns = { ts = "Date(UTC)", id = "Transaction ID", kind = "type", amount = "Amount", balance = "Balance" }
"""  # noqa: E501


def statement(rows: list[tuple[int, int, str, str]]) -> str:
    return "Date(UTC),type,Amount,Asset,Balance,Transaction ID\n" + "".join(
        f"{format_time(T0 + at * SECOND, digits=0)},FUNDING_FEE,{amount},USDT,{balance},{id}\n"
        for at, id, amount, balance in rows
    )


GOOD = [(0, 10, "-1", "99"), (1, 11, "0.5", "99.5"), (5, 15, "-3", "96.5"), (9, 16, "1", "97.5")]


@pytest.mark.parametrize(
    ("rows", "strength", "told"),
    [
        (GOOD, "sound", (0, 0, 0, 0)),
        (GOOD[::-1], "sound", (0, 0, 0, 0)),
        ([*GOOD[:2], (5, 15, "-3", "96.6"), (9, 16, "1", "97.6")], "strong", (1, 0, 0, 0)),
        ([*GOOD[:3], (9, 15, "1", "97.5")], "strong", (0, 1, 0, 0)),
        ([*GOOD[:3], (9, 14, "1", "97.5")], "hint", (0, 0, 1, 0)),
        ([GOOD[0], GOOD[1], (0, 15, "-3", "96.5"), GOOD[3]], "hint", (0, 0, 0, 1)),
    ],
)
def test_statements_that_close_and_that_do_not(
    tmp_path: Path, rows: list[tuple[int, int, str, str]], strength: str,
    told: tuple[int, int, int, int],
) -> None:  # fmt: skip
    lake = tape_of(case_of(tmp_path, {"statement.csv": statement(rows)}, STATEMENT)).lake
    found = screened("statement_rows", lake)
    result = one(found, "screen.statement_rows")
    assert result.params["strength"] == strength
    counts = [result.params[n] for n in ("unclosed", "repeated", "backwards", "late")]
    assert tuple(counts) == told
    if told[0]:
        off = one(found, "screen.statement_rows.row")
        assert (off.value, off.unit, off.params["row"]) == (D("0.1"), "USDT", 4)


def test_digits_are_a_hint_and_no_more(tmp_path: Path) -> None:
    even = [D(n % 9 + 1) / 100 for n in range(900)]
    typed = [D("0.5") if n % 2 else D("1.25") for n in range(900)]
    assert digits_p(even, 300) == (D(1), 900)
    low = digits_p(typed, 300)
    assert low is not None and low[0] < D("0.000001") and digits_p(typed[:299], 300) is None
    rows = [(n, n, str(a), "") for n, a in enumerate(typed)]
    lake = tape_of(case_of(tmp_path, {"statement.csv": statement(rows)}, STATEMENT)).lake
    hint = one(screened("statement_rows", lake), "screen.statement_rows.digits")
    assert hint.params["strength"] == "hint" and hint.unit == "probability"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-50, 50)), min_size=1, max_size=30))
def test_a_statement_made_by_adding_up_closes(drawn: list[tuple[int, int]]) -> None:
    now, balance, rows = 0, D(1000), []
    for n, (step, amount) in enumerate(drawn):
        now += step
        balance += D(amount) / 100
        rows.append(Row(now, str(n + 1), D(amount) / 100, balance, "s", n))
    assert faults(ordered(rows)).rows == []
    # Backwards it says the same.
    assert faults(ordered(rows[::-1])).rows == []


def test_the_sides_of_a_book_are_named_once() -> None:
    assert _book_sql.SIDES == ("bid", "ask")
