"""What is refused, word for word, in both languages: what it is instead, where, what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from _export_books import HEADER, ROW, SHEET, book, packed, rewritten
from _export_files import TRADE, TRADES, changed, read, trades

from liquest.errors import InputError
from liquest.losses.exports import parse, sources

GOLDEN = Path(__file__).with_name("golden_losses_exports_refusals.txt")


def png(folder: Path) -> list[Path]:
    path = folder / "screenshot.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return [path]


def pdf(folder: Path) -> list[Path]:
    path = folder / "statement.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(64))
    return [path]


def xlsx(folder: Path) -> list[Path]:
    """A workbook of which there is no more than its name."""
    parts = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}
    return [packed(folder / "trades.xlsx", parts)]


def other_sheets(folder: Path) -> list[Path]:
    return [book(folder / "notes.xlsx", Diary=[["I lost everything"]], Sums=[["a", "b", "c"]])]


def lacking_sheet(folder: Path) -> list[Path]:
    header = [name for name in HEADER if name not in ("Realized Profit", "Quantity")]
    return [book(folder / "cut.xlsx", 成交=[["合约"], header])]


def empty_book(folder: Path) -> list[Path]:
    return [book(folder / "empty.xlsx", Sheet1=[])]


def entities(folder: Path) -> list[Path]:
    path = book(folder / "laughs.xlsx", Sheet1=[HEADER, ROW])
    return [rewritten(path, SHEET, lambda xml: "<!DOCTYPE x [<!ENTITY a 'ha'>]>" + xml)]


def book_bomb(folder: Path) -> list[Path]:
    path = book(folder / "bomb.xlsx", Sheet1=[HEADER, ROW])
    return [rewritten(path, SHEET, lambda xml: xml + " " * (9 << 20))]


def wide_book(folder: Path) -> list[Path]:
    return [book(folder / "wide.xlsx", Sheet1=[["x"] * 200])]


def long_book(folder: Path) -> list[Path]:
    path = book(folder / "long.xlsx", Sheet1=[HEADER, ROW])
    far = '<row r="1048577"/></sheetData>'
    return [rewritten(path, SHEET, lambda xml: xml.replace("</sheetData>", far))]


def many_sheets(folder: Path) -> list[Path]:
    return [book(folder / "many.xlsx", **{f"S{n}": [["x"]] for n in range(101)})]


def locked_zip_of_a_book(folder: Path) -> list[Path]:
    path = book(folder / "locked.xlsx", Sheet1=[HEADER, ROW])
    body = bytearray(path.read_bytes())
    body[body.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(body)
    return [path]


def cut_book(folder: Path) -> list[Path]:
    path = book(folder / "cut.xlsx", Sheet1=[HEADER, ROW])
    path.write_bytes(path.read_bytes()[:-300])
    return [path]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def password_book(folder: Path) -> list[Path]:
    path = folder / "trades.xlsx"
    path.write_bytes(OLE + bytes(1 << 20) + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    return [path]


def xls(folder: Path) -> list[Path]:
    path = folder / "trades.xls"
    path.write_bytes(OLE + "Workbook".encode("utf-16-le") + bytes(512))
    return [path]


def xlsb(folder: Path) -> list[Path]:
    parts = {"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"}
    return [packed(folder / "trades.xlsb", parts)]


def word(folder: Path) -> list[Path]:
    parts = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}
    return [packed(folder / "trades.docx", parts)]


def ods(folder: Path) -> list[Path]:
    return [packed(folder / "trades.ods", {"mimetype": "x", "content.xml": "<x/>"})]


def web_page(folder: Path) -> list[Path]:
    path = folder / "page.csv"
    path.write_text("<!DOCTYPE html><html><body>403</body></html>", encoding="utf-8")
    return [path]


def empty(folder: Path) -> list[Path]:
    path = folder / "empty.csv"
    path.write_bytes(b"")
    return [path]


def prose(folder: Path) -> list[Path]:
    path = folder / "notes.txt"
    path.write_text("Dear committee, I lost everything.\n", encoding="utf-8")
    return [path]


def unknown(folder: Path) -> list[Path]:
    path = folder / "other.csv"
    path.write_text("Name,Street,Town\nA,B,C\n", encoding="utf-8")
    return [path]


def spot(folder: Path) -> list[Path]:
    path = folder / "spot.csv"
    path.write_text("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n", encoding="utf-8")
    return [path]


def spot_orders(folder: Path) -> list[Path]:
    """They look like orders of futures but for the words of four columns."""
    path = folder / "spot-orders.csv"
    path.write_text(
        "Date(UTC),OrderNo,Pair,Type,Side,Order Price,Order Amount,Time,Executed,Average Price,"
        "Trading total,Status\n2025-10-10 21:18:53,1,ATOMUSDT,LIMIT,SELL,2.8,1,,1,2.8,2.8,Filled\n",
        encoding="utf-8",
    )
    return [path]


def lacking(folder: Path) -> list[Path]:
    header = TRADES.replace("Realized Profit,", "").replace("Quantity,", "")
    return [trades(folder / "cut.csv", header=header)]


def absent(folder: Path) -> list[Path]:
    return [folder / "not-there.csv"]


def nothing(folder: Path) -> list[Path]:
    inner = folder / "empty-folder"
    inner.mkdir()
    return [inner]


def two_files(folder: Path) -> list[Path]:
    return [
        trades(folder / "mine.csv", TRADE),
        trades(folder / "hers.csv", changed(Uid="987654321")),
    ]


def two_in_one(folder: Path) -> list[Path]:
    return [trades(folder / "joined.csv", TRADE, changed(Uid="987654321", Trade_Id="7002"))]


def no_zone(folder: Path) -> list[Path]:
    return [trades(folder / "new.csv", TRADE, header=TRADES.replace("(UTC)", ""))]


def password(folder: Path) -> list[Path]:
    path = folder / "locked.zip"
    with zipfile.ZipFile(path, "w") as held:
        held.writestr("trades.csv", TRADES + TRADE)
    body = bytearray(path.read_bytes())
    # The flag of an encrypted member, in the local header and in the directory.
    body[6] |= 1
    body[body.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(body)
    return [path]


def bomb(folder: Path) -> list[Path]:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("trades.csv", bytes(sources.SMALL + 1))
    return [path]


def damaged(folder: Path) -> list[Path]:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("trades.csv", TRADES + TRADE * 50)
    raw = bytearray(body.getvalue())
    raw[60:90] = bytes(30)
    path = folder / "damaged.zip"
    path.write_bytes(raw)
    return [path]


def many_rows(folder: Path) -> list[Path]:
    return [trades(folder / "long.csv", *(changed(Trade_Id=str(n)) for n in range(9)))]


CASES: list[Callable[[Path], list[Path]]] = [
    png, pdf, xlsx, other_sheets, lacking_sheet, empty_book, entities, book_bomb, wide_book,
    long_book, many_sheets, locked_zip_of_a_book, cut_book, password_book, xls, xlsb, word, ods,
    web_page, empty, prose, unknown, spot, spot_orders, lacking, absent, nothing,
    two_files, two_in_one, no_zone, password, bomb, damaged, many_rows,
]  # fmt: skip


def refusals(folder: Path) -> str:
    """Every refusal in both languages, as the golden file has them."""
    parts = []
    for case in CASES:
        inner = folder / case.__name__
        inner.mkdir()
        with pytest.raises(InputError) as caught:
            read(*case(inner))
        for lang in ("en", "zh"):
            parts.append(f"{case.__name__} {lang}\n{caught.value.render(lang)}\n")
    return "\n".join(parts).replace(str(folder), "FOLDER")


def test_refusals_are_worded_as_agreed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MOST_ROWS", 5)
    monkeypatch.setattr("liquest.losses.exports.read.MOST_ROWS", 5)
    assert refusals(tmp_path) == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "case",
    [
        png,
        pdf,
        xlsx,
        empty_book,
        password_book,
        xls,
        xlsb,
        cut_book,
        web_page,
        empty,
        prose,
        unknown,
        spot_orders,
        lacking,
    ],
)
def test_in_a_folder_a_refusal_is_a_problem_and_the_rest_is_read(
    tmp_path: Path, case: Callable[[Path], list[Path]]
) -> None:
    case(tmp_path)
    trades(tmp_path / "zz.csv", TRADE)
    exports, problems = read(tmp_path)
    assert len(exports.trades) == 1 and exports.trades[0].ref.file == 0
    (unread,) = problems
    assert (unread.code, unread.effect) == ("unread", "unread")
    assert unread.text.en and unread.text.zh and unread.path


def test_accounts_are_shown_by_their_last_digits_only(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(*two_files(tmp_path))
    for lang in ("en", "zh"):
        said = caught.value.render(lang)
        assert "mine.csv" in said and "hers.csv" in said
        assert "123456789" not in said and "987654321" not in said


def test_a_long_file_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the length of its first rows: its last row, which would be at fault, is not reached."""
    monkeypatch.setattr("liquest.losses.exports.read.MOST_ROWS", 50)
    path = trades(tmp_path / "long.csv", *[TRADE] * 200, changed(Uid="987654321"))
    with pytest.raises(InputError, match="rows in all"):
        read(path)
