"""load: a source becomes parts of the lake, exactly, under its true line numbers."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _cases import T0, TICKS, tick, ticks
from _tape import Read, packed, read, source_of
from liquest.clock import DAY
from liquest.problems import ABSENT, ASIDE, KEPT, UNREAD
from liquest.tape import check
from liquest.tape.load import LoadTask, load

NAME = "coinbase_trades_2025-10-10_ATOM-USD.csv"


def rows_and_prices(got: Read) -> list[tuple[int, Decimal]]:
    return [(row["row_no"], row["price"]) for row in got.rows]


def places(got: Read) -> list[tuple[str, str, int | None, int | None, int]]:
    """(code, effect, first, last, count) of every problem."""
    return [(p.code, p.effect, p.first, p.last, p.count) for p in got.loaded.problems]


WRITTEN = st.one_of(
    st.decimals("0.000000000001", "999999", places=12).map(str),
    st.decimals("0.00000001", "2000000000", places=8).map(str),
    st.integers(1, 10**9).map(str),
    st.tuples(st.integers(1, 9999), st.integers(-12, 6)).map(lambda p: f"{p[0]}e{p[1]}"),
    st.tuples(st.integers(1, 9999), st.integers(1, 12)).map(lambda p: f"{p[0]}E-{p[1]:02d}"),
    st.sampled_from(["1e-08", "1446889422.5", ".5", "5.", "+7.25", "007.50", " 1.5", "1_000.25"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WRITTEN, WRITTEN), min_size=1, max_size=6), st.booleans())
def test_numbers_are_read_exactly(written: list[tuple[str, str]], late: bool) -> None:
    """Also where they come after hundreds of rows that needed fewer decimals and digits."""
    before = 205 if late else 0
    text = ticks(before) + "".join(
        tick(before + i, price, amount) for i, (price, amount) in enumerate(written, start=1)
    )
    got = read(NAME, text)
    exact = [(Decimal(p), Decimal(a)) for p, a in written]
    sound = [(p, a) for p, a in exact if p > 0 and max(p, a, p * a / 1000) <= 10**15]
    assert [(r["price"], r["raw_size"]) for r in got.rows[before:]] == sound
    assert len(got.rows) + sum(p.count for p in got.loaded.problems if p.effect == ASIDE) == (
        before + len(written)
    )


def test_more_than_eighteen_decimals_are_noise_and_rounded() -> None:
    got = read(NAME, TICKS + tick(1, "0.12345678901234567890123"))
    assert rows_and_prices(got) == [(2, Decimal("0.123456789012345679"))]


def test_ids_that_turn_to_text_late() -> None:
    got = read(NAME, ticks(300) + tick(301).replace(",301,", ",a-301,"))
    assert [r["id"] for r in got.rows][-2:] == ["300", "a-301"] and got.codes == []


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**63, 10**30])
def test_ids_of_any_size(number: int) -> None:
    got = read(NAME, ticks(2) + tick(3).replace(",3,sell", f",{number},sell") + tick(4))
    assert [str(r["id"]) for r in got.rows] == ["1", "2", str(number), "4"]


@pytest.mark.parametrize("before", [1, 300])
def test_two_instruments_in_one_file_though_one_comes_late(before: int) -> None:
    got = read(NAME, ticks(before) + tick(before + 1, symbol="DOT-USD") + tick(before + 2))
    assert got.keys == ["coinbase:spot:ATOM-USD", "coinbase:spot:DOT-USD"]
    assert {p.instrument.symbol: p.rows for p in got.loaded.parts} == {
        "ATOM-USD": before + 1,
        "DOT-USD": 1,
    }


def test_two_kinds_of_contract_in_one_file() -> None:
    got = read(
        NAME,
        TICKS
        + tick(1, "2.5", "40", market="binance-delivery", symbol="ATOMUSD_PERP")
        + tick(2, "2.5", "40"),
    )
    sizes = {r["row_no"]: r["size"] for r in got.rows}
    assert sizes == {2: Decimal(160), 3: Decimal(40)}


def test_two_spellings_of_a_market_are_one_instrument_and_none_is_lost() -> None:
    text = TICKS + "".join(
        tick(i, market=m, symbol="BTC-USDT-SWAP")
        for i, m in enumerate(("okex-swap", "okx-swap", "OKX-SWAP"))
    )
    got = read(NAME, text)
    assert got.keys == ["okx:linear-perpetual:BTC-USDT-SWAP"]
    assert [r["row_no"] for r in got.rows] == [2, 3, 4]
    assert len(got.loaded.parts) == 1


def test_two_days_in_one_file() -> None:
    got = read(NAME, TICKS + tick(1, at=0) + tick(2, at=DAY) + tick(3, at=DAY + 1))
    assert [(p.date, p.rows, p.row_min, p.row_max) for p in got.loaded.parts] == [
        ("2025-10-10", 1, 2, 2),
        ("2025-10-11", 2, 3, 4),
    ]


def test_a_part_knows_its_span() -> None:
    (part,) = read(NAME, ticks(5)).loaded.parts
    assert (part.rows, part.row_min, part.row_max) == (5, 2, 6)
    assert (part.ts_min, part.ts_max) == (T0 + 1000, T0 + 5000)


@pytest.mark.parametrize("columns", [(7, 6, 5, 4, 3, 2, 1, 0), (2, 0, 1, 6, 7, 3, 4, 5)])
def test_a_header_in_another_order(columns: tuple[int, ...]) -> None:
    text = "".join(
        ",".join(line.split(",")[c] for c in columns) + "\n" for line in ticks(3).splitlines()
    )
    assert read(NAME, text).rows == read(NAME, ticks(3)).rows


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("exchange", "Exchange").replace("price", " PRICE "),
        lambda text: "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
        ),
        lambda text: text.encode("utf-16"),
    ],
)
def test_the_same_table_however_it_was_saved(change: Any) -> None:
    assert read(NAME, change(ticks(5))).rows == read(NAME, ticks(5)).rows


def test_one_row_without_an_end_of_line_says_its_unit() -> None:
    text = (TICKS + tick(1)).strip().replace(str(T0 + 1000), str(T0 // 1000))
    assert read(NAME, text).column("ts") == [T0]


UNITS = {"s": 10**6, "ms": 10**3, "us": 1}


@pytest.mark.parametrize("unit", [*UNITS, "ns", "s with decimals", "text"])
def test_times_in_any_unit(unit: str) -> None:
    text = tick(1, at=0)
    moment = {
        "ns": f"{T0}000", "s with decimals": f"{T0 // 10**6}.000000",
        "text": "2025-10-10T21:20:00.000000Z",
    }.get(unit) or str(T0 // UNITS[unit])  # fmt: skip
    got = read(NAME, TICKS + text.replace(str(T0), moment, 1))
    assert got.column("ts") == [T0] and got.codes == []


@pytest.mark.parametrize("other", [T0 // 10**6, T0 // 10**3, T0 * 1000, 2**63 - 1, 0, -T0])
def test_a_time_of_another_unit_in_the_same_file_is_set_aside(other: int) -> None:
    got = read(NAME, ticks(3) + tick(4, at=0).replace(str(T0), str(other), 1))
    assert [r["row_no"] for r in got.rows] == [2, 3, 4]
    assert places(got) == [("bad-time", ASIDE, 5, 5, 1)]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("other", [2**63 - 1, 10**25, -(10**18)])
def test_a_time_too_large_for_the_clock_is_one_bad_row(unit: str, other: int) -> None:
    text = "".join(
        tick(i, at=0).replace(f",{T0},{T0 + 5000},", f",{T0 // UNITS[unit]},,", 1)
        for i in range(1, 4)
    )
    got = read(NAME, TICKS + text + tick(4, at=0).replace(f",{T0},", f",{other},"))
    assert places(got) == [("bad-time", ASIDE, 5, 5, 1)]


def test_one_bad_time_at_the_beginning_does_not_set_the_unit() -> None:
    first = tick(1, at=0).replace(str(T0), str(T0)[:10], 1)
    got = read(NAME, TICKS + first + tick(2) + tick(3))
    assert [r["row_no"] for r in got.rows] == [3, 4]


FAULTS = {
    "negative price": (tick(3, "-2.5"), "not-positive-price"),
    "zero price": (tick(3, "0"), "not-positive-price"),
    "zero size": (tick(3, "2.5", "0E-8"), "not-positive-raw_size"),
    "no price": (tick(3, ""), "missing-price"),
    "words for a price": (tick(3, "n/a"), "missing-price"),
    "no size": (tick(3, "2.5", ""), "missing-raw_size"),
    "no time": (tick(3, at=0).replace(f"{T0},{T0 + 5000}", ","), "bad-time"),
    "words for a time": (tick(3, at=0).replace(f"{T0},", "noon,", 1), "bad-time"),
    "no symbol": (tick(3, symbol=""), "no-symbol"),
    "no market": (tick(3, market=""), "no-symbol"),
    "an endless symbol": (tick(3, symbol="X" * 300), "no-name"),
    "a symbol with a bell": (tick(3, symbol="AT\x07OM-USD"), "no-name"),
    "a number of another world": (tick(3, "1e300"), "missing-price"),
    "sixty digits": (tick(3, "9" * 60), "missing-price"),
    "eighteen digits": (tick(3, "9" * 18), "too-large"),
    "nineteen digits of size": (tick(3, "2.5", "9" * 19), "too-large"),
    "not a number": (tick(3, "nan"), "missing-price"),
    "infinity": (tick(3, "inf"), "missing-price"),
    "a formula": (tick(3, "=cmd|' /C calc'!A0"), "missing-price"),
    "cut": (tick(3)[:40] + "\n", "cells"),
    "one cell more": (tick(3).replace("\n", ",1\n"), "cells"),
    "blank": ("\n", "blank-line"),
    "spaces": ("   \n", "blank-line"),
    "garbage": ("%PDF-1.7\n", "cells"),
    "zeros": ("\x00" * 50 + "\n", "garbage"),
    "an open quote": (tick(3).replace("sell", '"sell'), "cells"),
    "very long": ("x" * 2_000_000 + "\n", "garbage"),
    "very long and Chinese": ("价" * 700_000 + "\n", "garbage"),
    "a carriage return": (tick(3).replace("sell", "se\rll"), "cells"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_row_is_set_aside_by_its_line_and_no_other(fault: str) -> None:
    line, code = FAULTS[fault]
    got = read(NAME, ticks(2) + line + tick(4) + tick(5))
    assert rows_and_prices(got) == [(n, Decimal("2.5")) for n in (2, 3, 5, 6)]
    assert ("4", code) in {(str(p.first), p.code) for p in got.loaded.problems}, got.words
    # A hole where the id of the bad row is missing is true as well.
    aside = [p for p in got.loaded.problems if p.effect == ASIDE]
    assert {(p.first, p.last) for p in aside} == {(4, 4)}
    assert got.loaded.read and {p.path for p in got.loaded.problems} == {NAME}
    assert {p.source for p in got.loaded.problems} == {got.loaded.source.sha256}


@pytest.mark.parametrize("price", ["0", "", "1e300", "0.0000001"])
def test_a_bad_price_of_an_inverse_contract_stops_nothing(price: str) -> None:
    perp: dict[str, Any] = {"market": "binance-delivery", "symbol": "ATOMUSD_PERP"}
    got = read(NAME, ticks(2, **perp) + tick(3, price, "99999999", **perp) + tick(4, **perp))
    assert [r["row_no"] for r in got.rows if r["row_no"] != 4] == [2, 3, 5]


def test_empty_cells_at_the_end_of_a_line_are_no_fault() -> None:
    """On either way through the file: a broken line elsewhere changes nothing."""
    text = ticks(2) + tick(3).replace("\n", ",,\n")
    assert len(read(NAME, text).rows) == len(read(NAME, text + "broken\n").rows) == 3


@pytest.mark.parametrize("broken", ["", "broken\n"])
def test_spaces_after_the_delimiter_are_no_part_of_a_cell(broken: str) -> None:
    got = read(NAME, ticks(3).replace(",", ", ") + broken)
    assert got.keys == ["coinbase:spot:ATOM-USD"]
    assert [(r["id"], r["side"], r["price"]) for r in got.rows] == [
        (i, "sell", Decimal("2.5")) for i in "123"
    ]


def test_blank_lines_before_the_header_and_between_rows_keep_the_count_of_lines() -> None:
    lines = ticks(3).splitlines(keepends=True)
    got = read(NAME, "\n\n" + lines[0] + "\n" + lines[1] + "\n\n" + "".join(lines[2:]) + "\n\n")
    assert [r["row_no"] for r in got.rows] == [5, 8, 9]
    assert [(p.code, p.first, p.last, p.count) for p in got.loaded.problems] == [
        ("blank-line", 1, 2, 2), ("blank-line", 4, 4, 1), ("blank-line", 6, 7, 2),
        ("blank-line", 10, 11, 2),
    ]  # fmt: skip


def test_a_quoted_cell_may_hold_the_delimiter_but_not_the_next_line() -> None:
    text = TICKS + tick(1, symbol='"ATOM,USD"') + tick(2, symbol='"A\nB"') + tick(3)
    got = read(NAME, text)
    assert [(r["row_no"], r["id"]) for r in got.rows] == [(2, "1"), (5, "3")]
    assert got.keys == ["coinbase:spot:ATOM,USD", "coinbase:spot:ATOM-USD"]


def test_a_blank_line_and_a_quoted_end_of_line_do_not_cancel_out() -> None:
    """One line too few and one too many leave the number of rows as it should be."""
    text = TICKS + tick(1) + "\n" + tick(2).replace("sell", "se\rll") + tick(3) + tick(4)
    got = read(NAME, text)
    assert [(r["row_no"], r["id"]) for r in got.rows] == [(2, "1"), (5, "3"), (6, "4")]


def test_repeated_rows_are_set_aside_by_their_lines() -> None:
    got = read(NAME, TICKS + tick(1) + tick(2) + tick(1) + tick(2) + tick(3) + tick(2))
    assert [r["row_no"] for r in got.rows] == [2, 3, 6]
    assert [p for p in places(got) if p[0] == "repeat"] == [
        ("repeat", ASIDE, 4, 5, 2),
        ("repeat", ASIDE, 7, 7, 1),
    ]


def test_a_repeated_id_with_another_price_is_a_conflict() -> None:
    got = read(NAME, TICKS + tick(1) + tick(1, "2.6") + tick(1) + tick(2))
    assert [(r["row_no"], r["price"]) for r in got.rows] == [
        (2, Decimal("2.5")),
        (5, Decimal("2.5")),
    ]
    assert [p for p in places(got) if p[1] == ASIDE] == [
        ("repeat", ASIDE, 4, 4, 1),
        ("conflict", ASIDE, 3, 3, 1),
    ]


def test_the_first_sound_row_of_an_id_counts() -> None:
    got = read(NAME, TICKS + tick(1, "-2.5") + tick(1) + tick(2))
    assert [r["row_no"] for r in got.rows] == [3, 4]


def test_the_same_id_of_another_instrument_is_no_repeat() -> None:
    got = read(NAME, ticks(3) + ticks(3, symbol="DOT-USD").removeprefix(TICKS))
    assert len(got.rows) == 6 and got.codes == []


def test_rows_out_of_order_stay_and_are_named() -> None:
    got = read(NAME, TICKS + tick(1, at=5) + tick(2, at=4) + tick(3, at=6) + tick(4, at=1))
    assert [r["row_no"] for r in got.rows] == [2, 3, 4, 5]
    assert places(got) == [("disorder", KEPT, 3, 3, 1), ("disorder", KEPT, 5, 5, 1)]


def test_two_instruments_one_after_the_other_are_in_order() -> None:
    got = read(NAME, ticks(3) + ticks(3, symbol="DOT-USD").removeprefix(TICKS))
    assert "disorder" not in got.codes


def holed(numbers: range, *gone: int, **more: Any) -> str:
    return "".join(tick(i, **more) for i in numbers if i not in gone)


def test_a_hole_in_the_ids_is_an_absence() -> None:
    got = read(NAME, TICKS + holed(range(1, 400), 100, 200, 201))
    assert [(p.code, p.effect, p.first, p.count) for p in got.loaded.problems] == [
        ("id-hole", ABSENT, 101, 1),
        ("id-hole", ABSENT, 200, 2),
    ]
    assert "99" in got.loaded.problems[0].text.en and "101" in got.loaded.problems[0].text.zh


def test_rows_that_only_changed_places_are_no_hole() -> None:
    lines = [tick(i) for i in range(1, 400)]
    lines[100:104] = lines[102], lines[103], lines[100], lines[101]
    assert set(read(NAME, TICKS + "".join(lines)).codes) == {"disorder"}


def test_where_the_next_instrument_begins_is_no_hole() -> None:
    more = holed(range(7_000_000, 7_000_400), 7_000_100, symbol="DOT-USD")
    got = read(NAME, ticks(400) + more)
    assert [(p.code, p.count) for p in got.loaded.problems] == [("id-hole", 1)]


def test_ids_that_jump_by_nature_have_no_holes() -> None:
    assert read(NAME, TICKS + "".join(tick(i * 7) for i in range(1, 100))).codes == []


@pytest.mark.parametrize("content", ["", "\n\n", "  \n", "\ufeff"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_empty_file_is_an_absence(name: str, content: str) -> None:
    got = read(name, content)
    assert [(p.code, p.effect) for p in got.loaded.problems] == [("empty", ABSENT)]


def test_a_header_alone_is_an_absence() -> None:
    got = read(NAME, TICKS)
    assert places(got) == [("empty", ABSENT, None, None, 1)]
    assert got.loaded.format == "tick-trades" and got.loaded.read


def test_rows_that_are_all_bad_are_an_absence_too() -> None:
    got = read(NAME, TICKS + tick(1, "0") + tick(2, "0"))
    assert places(got) == [("not-positive-price", ASIDE, 2, 3, 2), ("empty", ABSENT, None, None, 1)]


def test_a_table_of_something_else_is_named_with_its_columns() -> None:
    got = read("people.csv", "name,age\nAnna,7\n")
    assert places(got) == [("unknown-format", ASIDE, None, None, 1)]
    assert "name, age" in got.words and "case.toml" in got.words and "列映射" in got.words
    assert not got.loaded.read and got.loaded.parts == []


@pytest.mark.parametrize(
    "content",
    ["\x1b]0;owned\x07\x1b[2J" * 4, "[" * 100_000, '{"a":' * 100_000, "\x00" * 1000, "[[", "{}"],
)
def test_foreign_bytes_are_no_market_data_and_obeyed_by_nobody(content: str) -> None:
    got = read("x.bin", content)
    assert got.loaded.parts == [] and len(got.loaded.problems) == 1
    assert all(p.text.en.isprintable() and p.sample.isprintable() for p in got.loaded.problems)


def test_a_document_nested_too_deeply_is_unread() -> None:
    text = "[[1760131200000,3.85,3.9,2.5,2.9,1200.5]," + "[" * 100_000
    got = read("kraken_ATOM-USD_1m.json", text)
    assert [(p.code, p.effect) for p in got.loaded.problems] == [("unreadable", UNREAD)]


@pytest.mark.parametrize(
    "symbol",
    ["../../../evil", "..", ".", "%2E%2E", "A%DOT-USD", "it's", '"', "'; DROP TABLE x; --",
     "a/b\\c", "*[x]?", "{}", "$HOME", "~", "价格-USD", "=1+1", "a\u202eb", "COM1", "x" * 80],
)  # fmt: skip
def test_a_strange_symbol_stays_inside_the_lake_and_reads_back(tmp_path: Path, symbol: str) -> None:
    cell = '"' + symbol.replace('"', '""') + '"'
    source = source_of(tmp_path, NAME, TICKS + tick(1, symbol=cell) + tick(2))
    lake = tmp_path / "deep" / "lake"
    done = load(LoadTask(source, lake))
    assert {p.instrument.symbol for p in done.parts} == {symbol, "ATOM-USD"}
    assert len(done.parts) == 2
    found = list(tmp_path.rglob("*.parquet"))
    assert len(found) == 2 and all(p.is_relative_to(lake / "trades") for p in found)
    assert not (lake / ".tmp" / source.sha256[:16]).exists()


@pytest.mark.parametrize("folder", ["a[1]", "a*b", "a?b", "it's", "价格", "a b%20c", "{a,b}"])
def test_a_lake_may_lie_in_a_folder_of_any_name(tmp_path: Path, folder: str) -> None:
    lake = tmp_path / folder / "lake"
    source = source_of(tmp_path, NAME, TICKS + tick(1, at=0) + tick(2, at=DAY) + tick(3, "0"))
    done = load(LoadTask(source, lake))
    assert sum(p.rows for p in done.parts) == 2 and done.read


def test_nothing_half_made_is_left_of_a_source_that_breaks(tmp_path: Path) -> None:
    broken = gzip.compress(ticks(3000).encode(), mtime=0)
    for raw in (broken[:-900], broken[:12], b"PAR1 and nothing else", b"PK\x03\x04nothing"):
        (tmp_path / "file").write_bytes(raw)
        done = load(LoadTask(source_of(tmp_path, "x", raw), tmp_path / "lake"))
        assert any(p.effect == UNREAD for p in done.problems)
        assert not [p for p in (tmp_path / "lake" / ".tmp").rglob("*") if p.is_file()]


def test_faults_in_very_many_places_are_still_all_covered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check, "_MOST_PLACES", 3)
    text = TICKS + "".join(tick(i, "0" if i % 2 else "2.5") for i in range(1, 13))
    problems = [p for p in read(NAME, text).loaded.problems if p.code == "not-positive-price"]
    assert [(p.first, p.last, p.count) for p in problems] == [
        (2, 2, 1), (4, 4, 1), (6, 6, 1), (8, 12, 3),
    ]  # fmt: skip
    assert "3 more places" in problems[-1].text.en


def test_holes_in_very_many_places_are_still_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_MOST_PLACES", 2)
    got = read(NAME, TICKS + holed(range(1, 2000), 100, 200, 300, 400, 401))
    assert [p.count for p in got.loaded.problems] == [1, 1, 3]


def test_a_truncated_archive_gives_its_lines_and_is_not_whole() -> None:
    raw = packed("x.gz", ticks(3000))
    got = read("x.bin", raw[: len(raw) // 2])
    assert got.codes == ["truncated"] and got.loaded.read
    assert [r["row_no"] for r in got.rows] == list(range(2, len(got.rows) + 2))
    assert 1000 < len(got.rows) < 3000
