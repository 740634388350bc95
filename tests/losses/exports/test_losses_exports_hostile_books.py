"""Workbooks made to do harm: refused by name, quickly, in bounded memory, or read for what is
in them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from _export_books import HEADER, ROW, SHEET, book, cells, packed, rewritten, shared, trades_book
from _export_files import codes, one, read

from liquest.errors import InputError, UnreadableFile
from liquest.losses.exports import sources, workbook, workbook_guard

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
)


def sheet_xml(rows: str, after: str = "") -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData>{after}</worksheet>'


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml",
             "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/theme/theme1.xml"]
)  # fmt: skip
def test_a_doctype_in_any_part_is_refused_before_parsing(
    tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rewritten(
        shared(trades_book(tmp_path / "t.xlsx", ROW)), part,
        lambda xml: LAUGHS + xml[xml.index("?>") + 2 :] if "?>" in xml else LAUGHS + xml,
    )  # fmt: skip
    monkeypatch.setattr("openpyxl.load_workbook", None)
    with pytest.raises(UnreadableFile, match="entities"):
        read(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp037", "iso-8859-1"])
def test_an_encoding_that_could_hide_one_is_refused(tmp_path: Path, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = LAUGHS[LAUGHS.index("?>") + 2 :] + "<x/>"
    made = (head + body).encode("utf-16" if "16" in encoding else "utf-8")
    if encoding == "cp037":
        made = head.encode() + body.encode("cp037")
    path = trades_book(tmp_path / "t.xlsx", ROW)
    packed(path, {"[Content_Types].xml": "<x/>", "xl/workbook.xml": made})
    with pytest.raises(UnreadableFile):
        read(path)


def test_a_prolog_without_end_is_refused(tmp_path: Path) -> None:
    path = rewritten(trades_book(tmp_path / "t.xlsx", ROW), "xl/styles.xml",
                     lambda _: f"<!--{' ' * (1 << 17)}-->" + LAUGHS + "<x/>")  # fmt: skip
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path)


def test_a_bomb_by_size_and_one_by_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SMALL", 1 << 16)
    path = trades_book(tmp_path / "t.xlsx", ROW)
    rewritten(path, SHEET, lambda xml: xml + " " * (1 << 23))
    with pytest.raises(UnreadableFile, match="far more"):
        read(path)
    monkeypatch.setattr(sources, "SMALL", 1 << 26)
    monkeypatch.setattr(sources, "LARGEST", 1 << 20)
    with pytest.raises(UnreadableFile, match="far more"):
        read(path)


def test_a_row_or_a_text_of_millions_of_cells_is_refused(tmp_path: Path) -> None:
    path = trades_book(tmp_path / "t.xlsx", ROW)
    tracemalloc.start()
    try:
        rewritten(path, SHEET, lambda _: sheet_xml("<row>" + "<c/>" * 3_000_000 + "</row>"))
        tracemalloc.reset_peak()
        with pytest.raises(UnreadableFile, match="far more"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_more_rows_than_a_sheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_guard, "MOST_ROWS_OF_SHEET", 1000)
    path = trades_book(tmp_path / "t.xlsx", ROW)
    rewritten(path, SHEET, lambda _: sheet_xml("<row/>" * 1001))
    with pytest.raises(UnreadableFile, match="more rows"):
        read(path)
    monkeypatch.setattr(workbook_guard, "MOST_TEXTS", 5)
    with pytest.raises(UnreadableFile, match="more rows"):
        read(shared(trades_book(tmp_path / "u.xlsx", ROW)))


def test_many_empty_rows_cost_nothing_but_time(tmp_path: Path) -> None:
    """Rows that are there and blank, and the last row that a sheet can have."""
    path = trades_book(tmp_path / "t.xlsx", ROW)
    blank = "".join(f'<row r="{n}" ht="15"><c r="A{n}" s="0"/></row>' for n in range(3, 20_000))
    far = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    rewritten(path, SHEET, lambda xml: xml.replace("</sheetData>", blank + far + "</sheetData>"))
    exports, problems = read(path)
    assert len(exports.trades) == 1
    assert [p.first for p in problems] == [1_048_576]


def test_a_row_beyond_the_last_is_not_waited_for(tmp_path: Path) -> None:
    path = trades_book(tmp_path / "t.xlsx", ROW)
    far = '<row r="999999999"><c r="A9" t="inlineStr"><is><t>x</t></is></c></row>'
    rewritten(path, SHEET, lambda xml: xml.replace("</sheetData>", far + "</sheetData>"))
    with pytest.raises(UnreadableFile, match="more rows"):
        read(path)


def test_rows_that_go_back_are_refused(tmp_path: Path) -> None:
    path = trades_book(tmp_path / "t.xlsx", ROW)
    again = '<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c></row>'
    rewritten(path, SHEET, lambda xml: xml.replace("</sheetData>", again + "</sheetData>"))
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path)


def test_columns_to_the_last_are_refused_where_they_hold_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trades_book(tmp_path / "t.xlsx", ROW)
    plain = path.read_bytes()
    rewritten(path, SHEET, lambda xml: xml.replace("</row>", '<c r="XFD2" s="0"/></row>'))
    assert len(read(path)[0].trades) == 1
    monkeypatch.setattr(workbook, "MOST_CELLS", 20_000)
    with pytest.raises(UnreadableFile, match="more columns"):
        read(path)
    path.write_bytes(plain)
    rewritten(path, SHEET, lambda xml: xml.replace("</row>", '<c r="XFD2"><v>1</v></c></row>'))
    with pytest.raises(UnreadableFile, match="more columns"):
        read(path)


def test_one_text_in_every_cell_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shared(trades_book(tmp_path / "t.xlsx", *([cells(Symbol="A" * 1900)] * 1000)))
    monkeypatch.setattr(sources, "SMALL", 1 << 20)
    monkeypatch.setattr(sources, "RATIO", 20)
    with pytest.raises(UnreadableFile, match="more columns or cells"):
        read(path)


def test_too_many_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_SHEETS", 2)
    with pytest.raises(UnreadableFile, match="more than 2 sheets"):
        read(book(tmp_path / "t.xlsx", A=[HEADER, ROW], B=[], C=[]))


def test_names_lead_nowhere(tmp_path: Path) -> None:
    inner = tmp_path / "in" / "side"
    inner.mkdir(parents=True)
    path = trades_book(inner / "t.xlsx", ROW)
    rewritten(path, "xl/workbook.xml", lambda xml: xml.replace("Sheet1", "../../../evil"))
    packed(inner / "z.zip", {"../../t.xlsx": path.read_bytes()})
    exports, problems = read(inner)
    assert [f.name for f in exports.files] == [
        "t.xlsx!.._.._.._evil",
        "z.zip: t.xlsx!.._.._.._evil",
    ]
    assert not list(tmp_path.rglob("*evil*")) and problems == []


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml",
             "[Content_Types].xml"]
)  # fmt: skip
def test_parts_that_are_cut_or_nonsense_are_damage(tmp_path: Path, part: str) -> None:
    for place, change in enumerate((
        lambda xml: xml[: len(xml) // 2], lambda _: "", lambda _: "\x89PNG",
        lambda xml: xml.replace('s="', 's="9').replace('t="s"', 't="n"'),
        lambda xml: xml.replace("<v>", "<v>99999"),
    )):  # fmt: skip
        path = shared(trades_book(tmp_path / f"{place}.xlsx", ROW, cells(Price=2.5)))
        rewritten(path, part, change)
        try:
            exports, _ = read(path)
        except InputError as error:
            assert error.remedy is not None
        else:
            assert len(exports.trades) <= 2


def test_numbers_that_are_none(tmp_path: Path) -> None:
    path = rewritten(
        trades_book(tmp_path / "t.xlsx", ROW, cells(Price=2.5), cells(Price=3.5)), SHEET,
        lambda xml: xml.replace("<v>2.5</v>", "<v>1e999</v>").replace("<v>3.5</v>", "<v>1e300</v>"),
    )  # fmt: skip
    exports, problems = read(path)
    assert len(exports.trades) == 1
    assert sorted(codes(problems)) == ["not-a-number", "not-finite"]
    assert one(problems, "not-finite").first == 3
