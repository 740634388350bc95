"""The user's own mark prices: layouts, zones, bars and moments, what counts twice, holes."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import MINUTE, SECOND, Window, parse_time
from liquest.errors import LiquestError
from liquest.losses.prices.given import GivenPrices
from liquest.losses.prices.prices import Prices
from liquest.problems import Problem
from liquest.replay.scenario import BASELINE
from liquest.tape.tracks import seconds_of
from liquest.vault.intake import digest

T0 = parse_time("2025-10-10T21:20:00Z")
MS = T0 // 1000
HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore\n"
)


def bar(minute: int, low: str, close: str, high: str, volume: str = "0", tick: int = 1) -> str:
    """A line of a markPriceKlines file in ms; `tick` 1000 makes it µs."""
    opened = (MS + minute * 60_000) * tick
    return (
        f"{opened},{close},{high},{low},{close},{volume},{opened + 60_000 * tick - 1},0,60,0,0,0\n"
    )


BARS = bar(0, "2.4", "2.5", "2.6") + bar(1, "1.1", "2.4", "2.5") + bar(2, "2.3", "2.35", "2.4")


def read(
    folder: Path, content: str | bytes, name: str = "XRPUSDT-1m-2025-10-10.csv", *,
    tz: str | None = None, window: Window | None = None,
) -> tuple[GivenPrices, list[Problem]]:  # fmt: skip
    path = folder / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name.replace(".zip", ".csv"), content)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return GivenPrices.read([path], tz=tz, window=window)


def marks(prices: Prices, symbol: str, *seconds: int) -> list[Decimal | None]:
    return [prices.mark(symbol, T0 + s * SECOND + 999_999) for s in seconds]


@pytest.mark.parametrize("header", ["", HEADER])
@pytest.mark.parametrize("name", ["XRPUSDT-1m-2025-10-10.csv", "XRPUSDT-1m-2025-10-10.zip"])
def test_klines_as_the_venue_publishes_them(tmp_path: Path, header: str, name: str) -> None:
    prices, problems = read(tmp_path, header + BARS, name)
    assert problems == [] and prices.symbols() == ("XRPUSDT",)
    assert prices.window == Window("marks", T0, T0 + 3 * MINUTE)
    assert marks(prices, "XRPUSDT", 58, 59, 118, 119) == [
        None, Decimal("2.5"), Decimal("2.5"), Decimal("2.4"),
    ]  # fmt: skip
    low_high = [prices.extreme("XRPUSDT", T0 + s * SECOND) for s in (0, 60, 119, 120)]
    assert low_high == [
        (Decimal("2.4"), Decimal("2.6")), (Decimal("1.1"), Decimal("2.5")),
        (Decimal("1.1"), Decimal("2.5")), (Decimal("2.3"), Decimal("2.4")),
    ]  # fmt: skip
    assert prices.caveats("XRPUSDT") == ("given-marks", "bar-resolution")
    first = 2 if header else 1
    source = digest(tmp_path / name)
    assert prices.inputs("XRPUSDT") == ((source, first, first + 2, "scanned"),)


def test_microseconds_and_seconds_bars(tmp_path: Path) -> None:
    lines = "".join(bar(n, "2", "2.5", "3", tick=1000) for n in range(3))
    prices, _ = read(tmp_path, lines)
    assert marks(prices, "XRPUSDT", 0, 59) == [None, Decimal("2.5")]
    seconds = "".join(
        f"{MS + n * 1000},2,9,1,{2 + n},0,{MS + n * 1000 + 999},0,1,0,0,0\n" for n in range(4)
    )
    prices, _ = read(tmp_path, seconds, "XRPUSDT-1s-2025-10-10.csv")
    assert marks(prices, "XRPUSDT", 0, 1, 3) == [2, 3, 5]
    assert prices.extreme("XRPUSDT", T0) is None
    assert prices.caveats("XRPUSDT") == ("given-marks",)


@pytest.mark.parametrize(
    ("head", "cells", "tz"),
    [
        ("", ["2025-10-10T21:20:00Z", "2025-10-10T21:20:01Z"], None),
        ("time,price\n", ["2025-10-11T05:20:00+08:00", "2025-10-11T05:20:01+08:00"], None),
        ("Time(UTC+8),Mark\n", ["2025-10-11 05:20:00", "2025-10-11 05:20:01"], None),
        ("时间(UTC+8),标记价格\n", ["2025/10/11 5:20", "2025/10/11 5:20:01"], None),
        ("时间(UTC+8),标记价格\n", ["2025/10/11 5:20", "2025/10/11 5:20:01"], "UTC"),
        ("time,price\n", ["2025-10-11 05:20:00", "2025-10-11 05:20:01.000"], "UTC+8"),
        ("time,price\n", ["2025-10-10 21:20:00 UTC", "2025-10-10 21:20:01UTC"], "UTC+8"),
        ("", [str(MS), str(MS + 1000)], None),
        ("", [str(MS // 1000), f"{MS // 1000 + 1}.000"], "UTC+8"),
        ("", [str(T0), str(T0 + SECOND)], None),
    ],
)
def test_two_columns_in_every_way_a_time_is_written(
    tmp_path: Path, head: str, cells: Sequence[str], tz: str | None
) -> None:
    content = head + f'{cells[0]},2.50000000000000000001\n"{cells[1]}","1,002.5"\n'
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        prices, problems = read(tmp_path, content.encode(encoding), "btcusdt 标记.csv", tz=tz)
        assert problems == [] and prices.window == Window("marks", T0, T0 + 2 * SECOND)
        assert marks(prices, "BTCUSDT", 0, 1) == [
            Decimal("2.50000000000000000001"), Decimal("1002.5"),
        ]  # fmt: skip
        assert prices.extreme("BTCUSDT", T0) is None


def test_delimiters_and_an_exponent(tmp_path: Path) -> None:
    for mark in (";", "\t"):
        prices, _ = read(tmp_path, f"{MS}{mark}1.25E-5\n\n{MS + 1000}{mark}2e+3{mark}{mark}\n")
        assert marks(prices, "XRPUSDT", 0, 1) == [Decimal("0.0000125"), 2000]


def test_a_price_counts_for_a_minute_and_no_longer(tmp_path: Path) -> None:
    prices, (problem,) = read(tmp_path, f"{MS},2\n{MS + 1000},3\n{MS + 200_000},4\n")
    assert marks(prices, "XRPUSDT", 0, 1, 61, 62, 199, 200) == [2, 3, 3, None, None, 4]
    assert problem.code == "price-hole" and "缺口" in problem.text.zh
    assert prices.mark("XRPUSDT", T0 - 1) is None
    assert prices.mark("XRPUSDT", T0 + 201 * SECOND) is None


def test_bars_of_an_hour_are_no_path(tmp_path: Path) -> None:
    hours = "".join(
        f"{MS + n * 3_600_000},2,3,1,2,0,{MS + (n + 1) * 3_600_000 - 1},0,1,0,0,0\n"
        for n in range(2)
    )
    prices, (problem,) = read(tmp_path, hours, "mark_XRPUSDT.csv")
    assert problem.code == "bar-resolution" and "1 h 00 min" in problem.text.en
    assert "bar-resolution" in prices.caveats("XRPUSDT")
    assert prices.mark("XRPUSDT", T0 + 2 * 3600 * SECOND - 1) == 2


def test_bars_of_trades_are_said_to_be_no_marks(tmp_path: Path) -> None:
    prices, (problem,) = read(tmp_path, bar(0, "2", "2.5", "3", volume="1203.5"))
    assert problem.code == "marks-from-trades" and "markPriceKlines" in problem.text.zh
    assert prices.caveats("XRPUSDT") == ("given-marks", "marks-from-trades", "bar-resolution")


def test_files_of_one_contract_are_one_path_and_doubles_count_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first, second = tmp_path / "XRPUSDT-1m.csv", tmp_path / "a" / "XRPUSDT-1m.csv"
    first.write_text(bar(0, "2", "2.5", "3") + bar(1, "2", "2.6", "3"))
    second.write_text(HEADER + bar(2, "2", "2.7", "3") + bar(1, "2", "2.6", "3"))
    other = tmp_path / "prices.csv"
    other.write_text(f"{MS},9\n")
    prices, problems = GivenPrices.read([first, str(second), f"BTCUSDT={other}"])
    assert prices.symbols() == ("BTCUSDT", "XRPUSDT")
    assert [p.code for p in problems] == ["not-ascending", "duplicate"]
    assert (problems[1].first, problems[1].count, problems[1].path) == (3, 1, str(second))
    assert marks(prices, "XRPUSDT", 59, 119, 179) == [Decimal(p) for p in ("2.5", "2.6", "2.7")]
    assert len(prices.inputs("XRPUSDT")) == 2


def test_nothing_but_marks_is_known(tmp_path: Path) -> None:
    prices: Prices = read(tmp_path, BARS)[0]
    at = T0 + 60 * SECOND
    for symbol in ("XRPUSDT", "NOPEUSDT"):
        assert prices.last(symbol, at) is None and prices.index(symbol, at) is None
        assert prices.others(symbol, at) is None and prices.others_usd(symbol, at) is None
        assert prices.under(symbol, at, BASELINE) is None
    assert prices.mark("NOPEUSDT", at) is None and prices.caveats("NOPEUSDT") == ()
    assert prices.extreme("NOPEUSDT", at) is None and prices.inputs("NOPEUSDT") == ()
    assert np.isnan(prices.mark_path("NOPEUSDT")).all()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400_000), st.decimals("0.000001", "99999", places=6)),
             min_size=1, max_size=20, unique_by=lambda row: row[0]),
    st.integers(-100, 300), st.integers(1, 300),
)  # fmt: skip
def test_the_path_is_the_mark_of_every_second(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, Decimal]],
    start: int,
    length: int,
) -> None:
    folder = tmp_path_factory.mktemp("given")
    window = Window("w", T0 + start * SECOND, T0 + (start + length) * SECOND)
    prices, _ = read(folder, "".join(f"{MS + ms},{p}\n" for ms, p in rows), window=window)
    path = prices.mark_path("XRPUSDT")
    for place, second in enumerate(seconds_of(window).tolist()):
        before = [(ms, p) for ms, p in rows if T0 + ms * 1000 < second + SECOND]
        mark = prices.mark("XRPUSDT", second)
        assert (mark is None) == bool(np.isnan(path[place]))
        if mark is not None:
            assert mark == max(before)[1] and path[place] == float(mark)
        elif before:
            assert second + SECOND - T0 - max(before)[0] * 1000 > 60 * SECOND


def longest(days: int) -> str:
    return f"{MS},2\n{MS + days * 86_400_000},3\n"


CASES: list[tuple[str, str | bytes, str | None]] = [
    ("XRPUSDT.csv", "time,price\n2025-10-10 21:20:00,2\n", None),
    ("XRPUSDT.csv", "time,price\n2025-10-10T21:20:00Z,=A1*2\n", None),
    ("XRPUSDT.csv", "=NOW(),2\n", "UTC"),
    ("XRPUSDT.csv", "time,price\n2025-10-10T21:20:00Z,2\n10/10/2025 21:21,2\n", "UTC"),
    ("XRPUSDT.csv", "2025-13-10 21:20:00,2\n", "UTC"),
    ("XRPUSDT.csv", "1.76013E+12,2\n", None),
    ("XRPUSDT.csv", f"{MS},1e300\n", None),
    ("XRPUSDT.csv", f"{MS},0\n", None),
    ("XRPUSDT.csv", f"{MS},-2.5\n", None),
    ("XRPUSDT.csv", f"{MS},\"1,234\"\n", None),
    ("XRPUSDT.csv", f"{MS},10月3日\n", None),
    ("XRPUSDT.csv", f"{MS},NaN\n", None),
    ("XRPUSDT.csv", f"{MS},2\n{MS + 1000},\n", None),
    ("XRPUSDT.csv", f"{MS},2\n{MS},3\n", None),
    ("XRPUSDT.csv", f"{MS},2\n{MS + 1000},3,4,5\n", None),
    ("XRPUSDT.csv", f'{MS},2\n"{MS},3\n', None),
    ("XRPUSDT.csv", "time,mark,index\n1,2,3\n", None),
    ("XRPUSDT.csv", HEADER.replace("close,", "last,", 1) + BARS, None),
    ("XRPUSDT.csv", "time,price\n", None),
    ("XRPUSDT.csv", "", None),
    ("XRPUSDT.csv", b"\x89PNG\r\n\x1a\n" + bytes(99), None),
    ("XRPUSDT.csv", "<html><body>404</body></html>", None),
    ("XRPUSDT.csv", bar(0, "2", "2.5", "3") + bar(1, "2.6", "2.5", "3"), None),
    ("XRPUSDT.csv", bar(0, "2", "2.5", "3") + bar(1, "2", "2.5", "3").replace("9999,", "8,"), None),
    ("XRPUSDT.csv", bar(0, "2", "2.5", "3") + "1,2,3\n", None),
    ("XRPUSDT.csv", longest(40), None),
    ("XRPUSDT.csv", f"{MS},2\n", "Mars"),
    ("marks.csv", f"{MS},2\n", None),
    ("BTCUSDT_XRPUSDT.csv", f"{MS},2\n", None),
    ("missing/XRPUSDT.csv", "", None),
]  # fmt: skip


def refused(*files: str, tz: str | None = None) -> str:
    """What a person reads, in both languages."""
    with pytest.raises(LiquestError) as caught:
        GivenPrices.read(files, tz=tz)
    return f"{caught.value.render('en')}\n{caught.value.render('zh')}\n"


def test_every_refusal_names_file_row_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = []
    for name, content, tz in CASES:
        if "/" not in name:
            Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
        told.append(refused(name, tz=tz))
    Path("XRPUSDT-a.csv").write_text(BARS)
    Path("XRPUSDT-b.csv").write_text(f"{MS},2\n")
    told.append(refused("XRPUSDT-a.csv", "XRPUSDT-b.csv"))
    Path("XRPUSDT-b.csv").write_text(bar(1, "2", "9", "9"))
    told.append(refused("XRPUSDT-a.csv", "XRPUSDT-b.csv"))
    told.append(refused())
    golden = Path(__file__).with_name("golden_losses_prices_refusals.txt")
    assert "\n".join(told) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("members", "words"),
    [({}, "0 tables"), ({"a.csv": "1", "b.csv": "2"}, "2 tables"), ({"a.png": "1"}, "0 tables")],
)
def test_a_zip_of_anything_but_one_table(
    tmp_path: Path, members: dict[str, str], words: str
) -> None:
    path = tmp_path / "XRPUSDT.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert words in refused(str(path))


def test_a_broken_zip_and_one_that_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "XRPUSDT.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../XRPUSDT.csv", f"{MS},2\n" * 1000)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\xff" * 12 + whole[52:])
    assert "无法解压" in refused(str(path))
    path.write_bytes(whole)
    monkeypatch.setattr("liquest.losses.prices.sheet.LIMIT", 2000)
    assert "MiB" in refused(str(path))
    (tmp_path / "BTCUSDT.csv").write_text(f"{MS},2\n" * 1000)
    assert "超过" in refused(str(tmp_path / "BTCUSDT.csv"))
    assert not (tmp_path.parent / "XRPUSDT.csv").exists()
