"""Any encoding, delimiter and line end that a table comes in, and what is no table at all."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from _made_accounts import HEADER, TIERS, read
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import LiquestError, UnknownFormat
from liquest.replay.positions import PositionsFile
from liquest.replay.positions_text import LONGEST_LINE, split, text_file

CHINESE = (
    "账户,类别,合约,方向,数量,开仓价,保证金,备注\n"
    "张三,机构,BTCUSDT,多,0.5,120000,3000,合成\n"
    "李四,,ETHUSDT,空,1,4000,300,\n"
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    found, problems = read(tmp_path, CHINESE.replace("\n", end).encode(encoding))
    assert problems == []
    assert [(a.id, a.category, a.note) for a in found] == [
        ("张三", "institution", "合成"), ("李四", "regular", ""),
    ]  # fmt: skip


def test_marked_utf_16_of_either_order(tmp_path: Path) -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert len(read(tmp_path, mark + CHINESE.encode(encoding))[0]) == 2


def test_gbk_far_below_the_beginning(tmp_path: Path) -> None:
    rows = [f"a{i},,BTCUSDT,long,1,100,5," for i in range(4000)]
    text = "account,class,symbol,side,quantity,entry,margin,note\n" + "\n".join(rows) + "\n"
    last = "末,,BTCUSDT,long,1,100,5,备注\n"
    found, problems = read(tmp_path, text.encode() + last.encode("gbk"))
    assert (len(found), found[-1].id, problems) == (4001, "末", [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = CHINESE.replace(",", delimiter)
    assert [a.id for a in read(tmp_path, text)[0]] == ["张三", "李四"]
    quoted = "\n".join(
        delimiter.join(f'"{cell}"' for cell in line.split(",")) for line in CHINESE.splitlines()
    )
    assert [a.id for a in read(tmp_path, quoted)[0]] == ["张三", "李四"]


def test_quotes_hold_delimiters_and_quotes(tmp_path: Path) -> None:
    text = 'account,symbol,side,quantity,entry,margin\n "a,""b""", BTCUSDT ,long,1,100, 5 \n'
    (one,), problems = read(tmp_path, text)
    assert (one.id, problems) == ('a,"b"', [])


def test_a_quote_that_is_not_closed_costs_its_row_only(tmp_path: Path) -> None:
    rows = [
        "account,symbol,side,quantity,entry,margin",
        'a,BTCUSDT,long,1,100,"5',
        "b,BTCUSDT,long,1,100,5",
    ]
    found, problems = read(tmp_path, "\n".join(rows))
    assert [a.id for a in found] == ["b"]
    assert [(p.code, p.first) for p in problems] == [("quote", 2), ("account-aside", 2)]


def test_a_damaged_byte_costs_its_row_only(tmp_path: Path) -> None:
    rows = CHINESE.encode("utf-8-sig").splitlines(keepends=True)
    rows.insert(2, "王五,,BTCUSDT,多,1,100,5,".encode() + b"\xff\xfe\n")
    found, problems = read(tmp_path, b"".join(rows))
    assert [a.id for a in found] == ["张三", "李四"]
    assert ("garbage", 3) in [(p.code, p.first) for p in problems]
    assert "encoding" in [p.code for p in problems]


THINGS = {
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "JPEG": b"\xff\xd8\xff\xe0" + bytes(500),
    "workbook": b"PK\x03\x04" + bytes(100), "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99),
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "gzip": b"\x1f\x8b\x08" + zlib.compress(b"x" * 99),
    "Parquet": b"PAR1" + bytes(50), "SQLite": b"SQLite format 3\x00", "web": b"\n<html></html>",
    "JSON": b'\xef\xbb\xbf[{"account": 1}]', "empty": b"", "NUL": bytes(5000), "blank": b"\n \t",
    "noise": bytes(zlib.crc32(bytes([i % 256, i // 256])) % 256 for i in range(5000)),
    "xz": b"\xfd7zXZ\x00" + bytes(60), "RTF": b"{\\rtf1\\ansi hello}",
}  # fmt: skip


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_table_is_named(tmp_path: Path, thing: str) -> None:
    with pytest.raises(UnknownFormat) as caught:
        read(tmp_path, THINGS[thing])
    assert caught.value.where.endswith("positions.csv") and caught.value.remedy is not None
    assert "no table of positions" in caught.value.what.en
    assert re.search("不是持仓表", caught.value.what.zh)
    if thing in ("PNG", "JPEG", "PDF", "gzip", "Parquet", "SQLite", "JSON", "xz", "RTF"):
        assert thing in caught.value.what.en and thing in caught.value.what.zh


def test_an_endless_line_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    row = "a,,isolated,,BTCUSDT,long,1,100,5,,,"
    path.write_text(f"{HEADER}\n{row}\n{'x' * (5 * LONGEST_LINE)}\nb{row[1:]}\n", encoding="utf-8")
    lines = list(text_file(path).lines())
    assert [(line.number, line.cut) for line in lines] == [
        (1, False), (2, False), (3, True), (4, False),
    ]  # fmt: skip
    assert max(len(line.text) for line in lines) == LONGEST_LINE + 1
    file = PositionsFile(path, TIERS)
    assert [a.id for a in file.accounts()] == ["b"]  # the long row may have been one of `a`
    assert [p.code for p in file.problems] == ["garbage", "account-aside"]


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])),
                min_size=1))  # fmt: skip
@settings(max_examples=200)
def test_split_reads_what_csv_writes(cells: list[str]) -> None:
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    assert split(line, ",") == [cell.strip() for cell in cells]


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=400)
def test_any_bytes_are_refused_in_words_or_read(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, headed: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        found, problems = read(folder, HEADER.encode() + b"\n" + data if headed else data)
    except LiquestError as error:
        assert error.remedy is not None and re.search("[\u4e00-\u9fff]", error.render("zh"))
    else:
        assert headed
        assert sum(len(a.positions) for a in found) <= data.count(b"\n") + data.count(b"\r") + 1
        assert all(p.text.en and re.search("[\u4e00-\u9fff]", p.text.zh) for p in problems)
