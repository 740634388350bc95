"""bands: depth files against themselves and the trades; the day's real file comes out as it is."""

from __future__ import annotations

import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from _books import screened, strengths
from _ticks import T0, Tick, lake_of, one, pick, small_lake, window
from liquest.clock import SECOND, format_time
from liquest.tape.lake import Lake

D = Decimal
NAME = "ATOMUSDT-bookDepth-2025-10-10.csv"
PERP = ("binance-futures", "ATOMUSDT")
CASE = Path(__file__).parents[2] / "cases" / "2025-10-11" / "facts"
Row = tuple[int, Decimal, Decimal, Decimal]


def sound(seed: int, count: int = 40) -> tuple[list[Row], list[Tick]]:
    """(second, percentage, depth, notional) of a market that falls, and its trades."""
    draw = random.Random(seed)
    rows, trades, middle = [], [], D(1000)
    for n in range(count):
        for side in (-1, 1):
            depth = worth = D(0)
            for p in range(1, 4):
                size = D(5 + draw.randrange(50))
                depth += size
                worth += size * middle * (1 + side * (p - D(draw.randrange(1, 10)) / 10) / 100)
                rows.append((30 * n, D(side * p), depth, worth))
        trades += [
            Tick(30 * n + s, str(middle + D(draw.randrange(-5, 6)) / 10)) for s in (-3, 0, 3)
        ]
        middle -= draw.randrange(0, 3)
    return rows, trades


def csv(rows: Iterable[Row]) -> str:
    return "timestamp,percentage,depth,notional\n" + "".join(
        f"{format_time(T0 + at * SECOND, digits=0)[:-1].replace('T', ' ')},{p},{d},{n}\n"
        for at, p, d, n in rows
    )


def with_phantom(rows: list[Row], size: str, price: str, since: int) -> list[Row]:
    """From `since` on the −1 % row holds the phantom alone, wider ones all they held and it."""
    made = []
    for at, p, d, n in rows:
        if at >= since and p < 0:
            held = (D(0), D(0)) if p == -1 else (d, n)
            d, n = held[0] + D(size), held[1] + D(size) * D(price)
        made.append((at, p, d, n))
    return made


def lake_with(folder: Path, rows: list[Row], trades: list[Tick]) -> Lake:
    return small_lake(folder, {PERP: trades} if trades else {}, {NAME: csv(rows)})


def test_a_planted_phantom_comes_out_with_its_times_and_the_depth_without_it(
    tmp_path: Path,
) -> None:
    rows, trades = sound(1)
    span = window(600, 1200, "later")
    found = screened(
        "bands", lake_with(tmp_path, with_phantom(rows, "3", "1003", 300), trades), span
    )
    result = one(found, "screen.bands")
    assert (result.value, result.params["strength"]) == (30, "impossible")
    assert result.params["side"] == "bid" and result.params["inverted"] >= 25
    held = one(found, "screen.bands.phantom")
    assert (held.value, held.unit, held.params["average"]) == (3, "ATOM", 1003)
    assert held.params["said"] == [
        "phantom levels in the file: 3.00 ATOM near 1,003, from 21:25, constant from 21:25 (UTC)",
        "文件中的幽灵挂单：1,003 附近 3.00 ATOM，自 21:25 起，21:25 起恒定不变（UTC）",
    ]
    assert "a fault of the matching engine: had" in held.params["does_not_follow"][0]
    nothing = one(found, "screen.bands.corrected", band="0.01")
    assert (nothing.value, nothing.params["nothing_left"]) == (0, 20)
    assert "not-to-the-market" in nothing.caveats
    wide = one(found, "screen.bands.corrected", band="0.02")
    depths = sorted((d, n) for at, p, d, n in rows if p == -2 and 600 <= at < 1200)
    assert (wide.params["depth"], wide.value) == depths[(len(depths) - 1) // 2]
    assert wide.params["from_market"] < 0 and wide.window == span


def test_without_trades_the_file_contradicts_itself(tmp_path: Path) -> None:
    rows, _ = sound(2)
    found = screened("bands", lake_with(tmp_path, with_phantom(rows, "3", "1090", 300), []))
    assert one(found, "screen.bands").params["beyond_trades"] == 0
    assert one(found, "screen.bands.phantom").value == 3


def test_breaks_are_told(tmp_path: Path) -> None:
    rows, trades = sound(3)
    made = with_phantom(rows, "3", "1100", 300)
    # For three snapshots the row holds quotes again.
    made = [r if not 450 <= r[0] < 540 else s for r, s in zip(made, rows, strict=True)]
    held = one(screened("bands", lake_with(tmp_path, made, trades)), "screen.bands.phantom")
    assert held.params["breaks"] == 3 and held.params["constant_from"] == format_time(
        T0 + 540 * SECOND
    )
    assert "from 21:25 with breaks, constant from 21:29" in held.params["said"][0]


def test_averages_that_cannot_be_but_hold_nothing_in_common(tmp_path: Path) -> None:
    rows, trades = sound(4)
    odd = [(at, p, d, n * D("1.2") if p == -1 and at % 120 == 0 else n) for at, p, d, n in rows]
    found = screened("bands", lake_with(tmp_path, odd, trades))
    assert one(found, "screen.bands").value == 10
    assert pick(found, "screen.bands.phantom") == []


def test_a_wider_band_that_holds_less_is_told(tmp_path: Path) -> None:
    rows, trades = sound(5)
    odd = [(at, p, D(1) if p == 2 and at == 60 else d, n) for at, p, d, n in rows]
    result = one(screened("bands", lake_with(tmp_path, odd, trades)), "screen.bands")
    assert (result.value, result.params["strength"]) == (1, "strong")


def test_sound_files_raise_no_alarm(tmp_path: Path) -> None:
    for seed in range(30):
        rows, trades = sound(seed, 12)
        lake = lake_with(tmp_path / str(seed), rows, trades if seed % 2 else [])
        assert strengths("bands", screened("bands", lake)) == {"ATOMUSDT": "sound"}


def test_no_planted_phantom_is_missed(tmp_path: Path) -> None:
    for seed in range(20):
        rows, trades = sound(seed, 20)
        planted = with_phantom(rows, str(1 + seed), str(1020 + seed), 150)
        found = screened("bands", lake_with(tmp_path / str(seed), planted, trades))
        assert one(found, "screen.bands.phantom").value == 1 + seed


def test_the_day_s_file(shared_data: Path, tmp_path: Path) -> None:
    """BTCUSDT on 2025-10-10 against one-minute bars, as far as these reach."""
    files = [
        *shared_data.rglob("BTCUSDT-bookDepth-2025-10-10*"),
        *shared_data.rglob("BTCUSDT-um-1m-2025-10-10*"),
    ]
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = screened("bands", lake_of(tmp_path, files), span)
    result = one(found, "screen.bands")
    assert (result.value, result.params["inverted"], result.params["side"]) == (969, 969, "bid")
    held = one(found, "screen.bands.phantom")
    assert held.params["said"] == [
        "phantom levels in the file: 17.65 BTC near 121,363, from 15:30 with breaks, constant "
        "from 16:41 (UTC)",
        "文件中的幽灵挂单：121,363 附近 17.65 BTC，自 15:30 起断续出现，16:41 起恒定不变（UTC）",
    ]
    assert held.params["values"] == [D("17.652"), D("17.654")]
    assert "a fault of the matching engine: had" in held.params["does_not_follow"][0]
    assert held.params["traded_low"] == D("101516.5")
    left = {
        f.params["band"]: f.params["nothing_left"] for f in pick(found, "screen.bands.corrected")
    }
    assert left == {D("0.01"): 60, D("0.02"): 59, D("0.03"): 44, D("0.04"): 33, D("0.05"): 15}
    five = one(found, "screen.bands.corrected", band="0.05")
    assert five.params["depth"] == D("252.233") and str(five.value).startswith("28000759.69")


def test_the_embedded_minutes_show_it_too(tmp_path: Path) -> None:
    names = ("depth_bands", "bars_minutes", "bars_perpetuals")
    lake = lake_of(tmp_path, [CASE / f"{name}.parquet" for name in names])
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = screened("bands", lake, span)
    held = one(found, "screen.bands.phantom")
    assert held.params["said"][0] == (
        "phantom levels in the file: 17.65 BTC near 121,363, from 15:30 with breaks, constant "
        "from 16:41 (UTC)"
    )
    assert "in 490 it is above that of the +1 % row" in one(found, "screen.bands").params["said"][0]
    assert one(found, "screen.bands.corrected").params["nothing_left"] == 30
