"""Workbooks: texts to the last digit, numbers as stored, dates as shown, nothing computed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from _export_books import HEADER, ROW, SHEET, book, cells, packed, rewritten, shared, trades_book
from _export_files import TRADE, TRADES, codes, layout_of, one, read, trades
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from liquest.clock import parse_time
from liquest.errors import InputError, Text, UnknownFormat
from liquest.losses.exports import parse, read_exports
from liquest.losses.exports.sources import Merged, Source
from liquest.losses.exports.workbook import digits
from liquest.losses.exports.workbook_rows import _Merges
from liquest.run.progress import Silent

T = parse_time("2025-10-10T21:18:53Z")
NAIVE = [name.replace("(UTC)", "") for name in HEADER]
ID = "12345678901234567890"


def test_texts_are_read_as_in_a_csv(tmp_path: Path) -> None:
    rows: list[Sequence[Any]] = [
        cells(Trade_Id=ID, Realized_Profit="0E-8"), cells(Trade_Id="7002", Fee="0.1 BNB"),
    ]  # fmt: skip
    exports, problems = read(trades_book(tmp_path / "t.xlsx", *rows))
    same, _ = read(
        trades(tmp_path / "t.csv", *(",".join(map(str, row)) + "\n" for row in rows))
    )  # fmt: skip
    table, _ = read(shared(trades_book(tmp_path / "s.xlsx", *rows)))
    assert exports.trades == same.trades == table.trades and problems == []
    assert {t.trade_id for t in exports.trades} == {ID, "7002"}
    assert exports.files[0].name == "t.xlsx!Sheet1"


def test_lines_above_the_header_and_rows_of_the_sheet(tmp_path: Path) -> None:
    above: list[list[Any]] = [["合约交易历史"], ["用户", "x"], [], ["时区：UTC+8"], [None, ""]]
    path = book(tmp_path / "合约.xlsx", 成交=[*above, NAIVE, cells(Time="2025-10-11 05:18:53"), [],
                                           cells(Trade_Id="7002")])  # fmt: skip
    exports, problems = read(path)
    assert [t.ref.row for t in exports.trades] == [9, 7]
    assert exports.trades[1].ts == T and problems == []
    assert (exports.files[0].name, exports.files[0].zone) == ("合约.xlsx!成交", "UTC+8")


def test_numbers_are_the_shortest_that_are_stored(tmp_path: Path) -> None:
    numbers = cells(Price=2.865, Quantity=100, Amount=286.5, Realized_Profit=-1e-8, Uid=123456789)
    path = rewritten(
        trades_book(tmp_path / "t.xlsx", numbers, cells(Trade_Id="7002", Price=2.5)), SHEET,
        lambda xml: xml.replace("<v>2.865</v>", "<v>2.8650000000000002</v>"),
    )  # fmt: skip
    exports, problems = read(path)
    trade = exports.trades[0]
    assert (trade.price, trade.amount) == (Decimal("2.865"), Decimal("286.5"))
    assert trade.quantity == 100
    assert trade.realised == Decimal("-0.00000001") and exports.uid == "123456789"
    assert codes(problems) == ["number-stored"]
    told = one(problems, "number-stored")
    assert (told.effect, told.first, told.count) == ("kept", 2, 2)
    assert "doubles" in told.text.en and "双精度" in told.text.zh


def test_a_number_of_more_than_fifteen_digits_is_told(tmp_path: Path) -> None:
    path = trades_book(tmp_path / "t.xlsx", cells(Price=2.865))
    rewritten(path, SHEET, lambda xml: xml.replace("<v>2.865<", "<v>2.8650000000000007<"))
    exports, problems = read(path)
    assert exports.trades[0].price == Decimal("2.8650000000000007")
    assert codes(problems) == ["number-digits", "number-stored"]


@given(st.decimals(min_value=Decimal("1e-8"), max_value=Decimal("1e9"), places=8))
def test_up_to_fifteen_digits_nothing_is_lost(value: Decimal) -> None:
    short = +value if len(value.as_tuple().digits) <= 15 else round(value, 0)
    assert Decimal(digits(float(short))) == short
    assert "E" not in digits(float(short)).upper()


@pytest.mark.parametrize(
    ("stored", "kept"),
    [(7001, "7001"), (123456789012345, "123456789012345"), (1234567890123456, ""),
     (9007199254740993, ""), (1.2345678901234e18, ""), (datetime(2025, 1, 2), ""), (7001.5, "")],
)  # fmt: skip
def test_ids_stored_as_numbers_are_taken_while_they_are_whole(
    tmp_path: Path, stored: Any, kept: str
) -> None:
    exports, problems = read(trades_book(tmp_path / "t.xlsx", cells(Order_Id=stored)))
    assert exports.trades[0].order_id == kept and exports.trades[0].trade_id == "7001"
    assert codes(problems) == ([] if kept else ["id-stored"])
    if not kept:
        assert "Order Id" in one(problems, "id-stored").text.en


def test_dates_are_read_as_shown_in_the_zone_of_the_file(tmp_path: Path) -> None:
    shown = [datetime(2025, 10, 11, 5, 18, 53), datetime(2025, 10, 11, 5, 18, 54, 120_000)]
    rows = [cells(Time=at, Trade_Id=str(n)) for n, at in enumerate(shown)]
    path = trades_book(tmp_path / "t.xlsx", *rows, header=NAIVE)
    exports, problems = read(path, tz="UTC+8")
    assert [t.ts for t in exports.trades] == [T, T + 1_120_000] and problems == []
    with pytest.raises(InputError, match="name no zone"):
        read(path)


def test_a_day_is_a_time_only_where_the_sheet_shows_hours(tmp_path: Path) -> None:
    midnight = datetime(2025, 10, 11)
    made = Workbook()
    for row in (HEADER, cells(Time=midnight), cells(Time=midnight), cells(Time=date(2025, 10, 11)),
                cells(Time=time(5, 18))):  # fmt: skip
        made.active.append(row)
    made.active["B3"].number_format = "yyyy/mm/dd"
    made.save(tmp_path / "t.xlsx")
    exports, problems = read(tmp_path / "t.xlsx")
    assert [t.ref.row for t in exports.trades] == [2]
    assert exports.trades[0].ts == parse_time("2025-10-11T00:00:00Z")
    assert (one(problems, "no-time-of-day").first, one(problems, "no-time-of-day").count) == (3, 2)
    assert one(problems, "not-a-time").first == 5


def test_the_date_system_of_1904(tmp_path: Path) -> None:
    made = Workbook()
    made.epoch = datetime(1904, 1, 1)
    for row in (HEADER, cells(Time=datetime(2025, 10, 10, 21, 18, 53))):
        made.active.append(row)
    made.save(tmp_path / "mac.xlsx")
    exports, _ = read(tmp_path / "mac.xlsx")
    assert exports.trades[0].ts == T


def test_formulas_and_errors_are_no_evidence(tmp_path: Path) -> None:
    path = trades_book(
        tmp_path / "t.xlsx", ROW, cells(Price="=1+1"), cells(Realized_Profit="#REF!"),
        [*cells(Trade_Id="7002"), "=A1"], ["Total", "=SUM(F2:F5)"],
        cells(Price=datetime(2025, 2, 8)),
        header=[*HEADER, "Own note"],
    )  # fmt: skip
    exports, problems = read(path)
    # What is not read may be computed.
    assert [t.ref.row for t in exports.trades] == [2, 5]
    assert codes(problems) == ["column-ignored", "formula", "spreadsheet-error", "totals", "date"]
    assert "column Price" in one(problems, "formula").text.en
    assert "“Realized Profit”列" in one(problems, "spreadsheet-error").text.zh
    # A formula with a value that was stored with it is one all the same.
    cached = trades_book(tmp_path / "c.xlsx", ROW, cells(Price="=1+1"))
    rewritten(cached, SHEET, lambda xml: re.sub(r"</f><v ?/?>(</v>)?", "</f><v>2</v>", xml))
    with zipfile.ZipFile(cached) as held:
        assert b"<f>1+1</f><v>2</v>" in held.read(SHEET)
    assert codes(read(cached)[1]) == ["formula"]


def test_merged_cells_belong_to_one_row(tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.active
    for row in (["合约"], HEADER, *(cells(Trade_Id=str(n)) for n in range(4))):
        sheet.append(row)
    sheet.merge_cells("A1:N1")
    sheet.merge_cells("B3:B4")
    sheet.merge_cells("F6:G6")
    made.save(tmp_path / "t.xlsx")
    exports, problems = read(tmp_path / "t.xlsx")
    assert [t.ref.row for t in exports.trades] == [3, 5]
    merged = one(problems, "merged")
    assert (merged.effect, merged.first, merged.last, merged.count) == ("aside", 4, 6, 2)


def test_merged_rows_are_found_in_order() -> None:
    ranges = (Merged(5, 1, 9, 1), Merged(1, 1, 2, 9), Merged(6, 2, 20, 2), Merged(30, 3, 30, 4),
              Merged(40, 7, 90, 9))  # fmt: skip
    source = Source("x", Path(), "", 0, True, ranges)
    merges = _Merges(source, 2, {1, 2, 3})
    found = [row for row in range(3, 100) if merges.hold(row)]
    plain = [
        row for row in range(3, 100)
        if any(m.first_row <= row <= m.last_row and any(
            m.first_column <= c <= m.last_column and (row, c) != (m.first_row, m.first_column)
            for c in (1, 2, 3)) for m in ranges)
    ]  # fmt: skip
    assert found == plain == list(range(6, 21))


def test_each_sheet_is_a_source_and_hidden_ones_are_said(tmp_path: Path) -> None:
    income = ["2025-10-10 21:18:53", "COMMISSION", "-0.1", "USDT", "ATOMUSDT", ID]
    path = book(tmp_path / "all.xlsx", Trades=[HEADER, ROW], Empty=[], Notes=[["dear committee"]],
                Income=[layout_of("transactions")["en"], income])  # fmt: skip
    made = load_workbook(path)
    made["Income"].sheet_state = "veryHidden"
    made.save(path)
    exports, problems = read(path)
    assert [f.name for f in exports.files] == ["all.xlsx!Trades", "all.xlsx!Income"]
    assert len({f.sha256 for f in exports.files}) == 1
    assert exports.transactions[0].id == ID and exports.transactions[0].ref == (1, 2)
    assert one(problems, "hidden-sheet").path == "all.xlsx!Income"
    assert one(problems, "unread").path == "all.xlsx!Notes"
    assert len(problems) == 2


def test_workbooks_in_zips_and_folders(tmp_path: Path) -> None:
    body = trades_book(tmp_path / "t.xlsx", ROW).read_bytes()
    (tmp_path / "t.xlsx").unlink()
    # Recognised by what is in it, whatever it is called; a zip of CSVs stays one.
    packed(tmp_path / "a.zip", {"x/t.dat": body, "t.csv": TRADES + TRADE.replace("7001", "7002")})
    (tmp_path / "b.csv").write_bytes(body.replace(b"7001", b"7001"))
    exports, problems = read(tmp_path)
    assert [f.name for f in exports.files] == [
        "a.zip: t.dat!Sheet1", "a.zip: t.csv", "b.csv!Sheet1",
    ]  # fmt: skip
    assert [f.doubles for f in exports.files] == [0, 0, 1] and problems == []


def test_macros_are_never_run(tmp_path: Path) -> None:
    path = trades_book(tmp_path / "t.xlsm", ROW)
    with zipfile.ZipFile(path, "a") as held:
        held.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
    exports, problems = read(path)
    assert len(exports.trades) == 1 and codes(problems) == ["macros"]


def test_a_broken_workbook_in_a_folder_is_a_problem(tmp_path: Path) -> None:
    trades(tmp_path / "t.csv", TRADE)
    path = trades_book(tmp_path / "cut.xlsx", ROW)
    path.write_bytes(path.read_bytes()[:-200])
    exports, problems = read(tmp_path)
    assert len(exports.trades) == 1
    assert one(problems, "unread").path == "cut.xlsx"
    with pytest.raises(InputError, match="damaged"):
        read(path)


def test_a_column_map_takes_a_workbook_by_its_name(tmp_path: Path) -> None:
    columns = tmp_path / "map.toml"
    columns.write_text(
        '[[map]]\nfiles = "*okx*.xlsx"\nkind = "trades"\nvenue = "okx"\ntz = "UTC"\n'
        'columns = { time = "T", symbol = "S", side = "B", price = "P", quantity = "Q" }\n',
        encoding="utf-8",
    )
    row = ["2025-10-10 21:18:53", "ATOMUSDT", "buy", "2,865", "1"]
    path = book(tmp_path / "okx.xlsx", A=[["T", "S", "B", "P", "Q"], [*row[:3], "2.865", "1"]])
    exports, _ = read(path, columns=columns)
    assert exports.trades[0].price == Decimal("2.865") and exports.venue == "okx"
    with pytest.raises(UnknownFormat):
        read(path)


def test_texts_with_a_decimal_comma(tmp_path: Path) -> None:
    row = cells(Price="2,8655", Quantity="100", Amount="286,5", Fee="0,14 USDT",
                Realized_Profit="-52,6")  # fmt: skip
    exports, problems = read(trades_book(tmp_path / "t.xlsx", row))
    assert exports.trades[0].price == Decimal("2.8655") and codes(problems) == ["decimal-comma"]


def test_cells_beside_the_table_and_long_ones(tmp_path: Path) -> None:
    path = trades_book(tmp_path / "t.xlsx", ROW, [*cells(Trade_Id="7002"), None, "note"],
                       cells(Symbol="A" * 3000), cells(Trade_Id="7003")[:13])  # fmt: skip
    exports, problems = read(path)
    assert [t.ref.row for t in exports.trades] == [2, 5]
    assert codes(problems) == ["cells", "long-row"]


def test_progress_is_told_of_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liquest.losses.exports.workbook._STEP", 10)
    path = trades_book(tmp_path / "t.xlsx", *(cells(Trade_Id=str(n)) for n in range(35)))
    steps: list[str] = []

    class Told(Silent):
        def start(self, what: Text, total: int) -> None:
            assert total >= 1

        def step(self, detail: str = "") -> None:
            steps.append(detail)

    read_exports([path], progress=Told())
    assert steps.count("t.xlsx!Sheet1") >= 4


def test_rows_of_two_accounts_in_two_sheets(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", A=[HEADER, ROW], B=[HEADER, cells(Uid="987654321")])
    with pytest.raises(InputError, match="two accounts"):
        read(path)


def test_a_long_workbook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MOST_ROWS", 5)
    monkeypatch.setattr("liquest.losses.exports.read.MOST_ROWS", 5)
    path = trades_book(tmp_path / "t.xlsx", *(cells(Trade_Id=str(n)) for n in range(9)))
    with pytest.raises(InputError, match="rows in all"):
        read(path)
