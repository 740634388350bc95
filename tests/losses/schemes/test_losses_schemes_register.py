"""A register read from CSV: whole claimants, faults by row and remedy, nothing guessed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from _scheme_registers import D

from liquest.clock import parse_time
from liquest.errors import InputError, LiquestError, UnknownFormat
from liquest.losses.schemes.register import (
    EXAMPLE,
    guarded,
    read_register,
    write_rows,
    write_template,
)
from liquest.losses.schemes.register_words import COLUMNS, column

HEAD = (
    "id,kind,class,at,product,symbol,side,quantity,price,fee,amount,basis,net_assets,able,loss_then"
)


def written(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "register.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


GOOD = (
    "a,,contract,2025-10-10T21:20:00Z,futures,,,,,,1500.25,,4000,,",
    "b,,collateral,,,,,,,,,,,,",
    "b,lot,,2025-10-10T21:40:00Z,loan,usde,,100,0.7,1.05,,,,,",
    "a,close,,2025-10-11T05:20:00+08:00,,BTCUSD_PERP,short,5,100000,,,,,,",
    "b,loss,,2025-10-10T21:40:00Z,loan,,,,,,30,,,,",
)


def test_rows_become_claimants(tmp_path: Path) -> None:
    found = read_register(written(tmp_path, *GOOD))
    a, b = found.claimants
    assert (a.id, a.category, a.loss, a.net_assets) == ("a", "contract", D("1500.25"), D(4000))
    assert (a.closes[0].at, a.closes[0].face) == (parse_time("2025-10-10T21:20:00Z"), D(100))
    assert (b.loss, b.lots[0].asset, b.lots[0].fee) == (D(30), "USDE", D("1.05"))
    assert found.problems == ()
    assert (found.inputs["a"].first, found.inputs["a"].last) == (2, 5)


def test_chinese_names_and_words(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "甲,,合约,2025-10-11 05:20:00,合约,,,,,900",
        "甲,成交,,2025-10-11 05:20:00,,ATOMUSDT,多,10,1.9,",
        head="编号,类型,类别,时间,产品,标的,方向,数量,成交价,亏损（USD）",
    )
    (one,) = read_register(path, tz="UTC+8").claimants
    assert (one.id, one.category, one.loss) == ("甲", "contract", D(900))
    assert one.closes[0].at == parse_time("2025-10-10T21:20:00Z")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "r.csv"
    rows = [r.replace(",", delimiter) for r in ("id,class,amount,at,product",
            "甲,vip,5,2025-10-10T21:20:00Z,futures")]  # fmt: skip
    path.write_text("\r\n".join(rows), encoding=encoding)
    assert read_register(path).claimants[0].loss == 5


@pytest.mark.parametrize(
    ("row", "code", "place", "words"),
    [
        ("x,,vip,2025-10-10T21:20:00,futures,,,,,,5,,,,", "no-zone", "at", "--tz"),
        ("x,,vip,10/10/2025 21:20,futures,,,,,,5,,,,", "time", "at", "2025-10-10T21:40:12Z"),
        ("x,,vip,,futures,,,,,,5,,,,", "blank", "at", "Fill in at"),
        ("x,,vip,2025-10-10T21:20:00Z,,,,,,,5,,,,", "blank", "product", "Fill in product"),
        ("x,,vip,2025-10-10T21:20:00Z,spot,,,,,,5,,,,", "unknown-word", "product", "futures"),
        ("x,,vip,2025-10-10T21:20:00Z,futures,,,,,,-5,,,,", "impossible", "amount", "no loss"),
        ("x,,vip,2025-10-10T21:20:00Z,futures,,,,,,=5,,,,", "formula", "amount", "as values"),
        ("x,,vip,2025-10-10T21:20:00Z,futures,,,,,,10月5日,,,,", "date", "amount", "text"),
        ('x,,vip,2025-10-10T21:20:00Z,futures,,,,,,"1,234",,,,', "ambiguous-number", "amount",
         "1234"),
        ("x,,,2025-10-10T21:20:00Z,futures,,,,,,5,,,,", "blank", "class", "Fill in class"),
        ("x,,two words,,,,,,,,,,,,", "impossible", "class", "one word"),
        ("x,bribe,vip,,,,,,,,,,,,", "unknown-word", "kind", "claimant, loss, lot, close"),
        ("x,lot,,2025-10-10T21:20:00Z,loan,USDE,,0,1,,,,,,", "impossible", "quantity", "above"),
        ("x,close,,2025-10-10T21:20:00Z,,ATOMUSDT,both,1,1,,,,,,", "unknown-word", "side", "long"),
        ("x,,vip,,,,,,,,,,,,5", "blank", "able", "Fill in able"),
        ("=x,,vip,,,,,,,,,,,,", "formula", "id", "as values"),
        ("-x,,vip,,,,,,,,,,,,", "impossible", "id", "letter"),
        ("x,loss,,2025-10-10T21:20:00Z,futures,,,,,,5,,,,", "no-claimant", "kind", "claimant"),
        ("x,,vip", "cells", "", "Quote cells"),
        ('x,,"vip,,,,,,,,,,,,', "garbage", "", "Mend the row"),
    ],
)  # fmt: skip
def test_a_row_at_fault_sets_its_claimant_aside(
    tmp_path: Path, row: str, code: str, place: str, words: str
) -> None:
    path = written(tmp_path, *GOOD, row)
    found = read_register(path)
    assert {c.id for c in found.claimants} == {"a", "b"}
    problem = found.problems[0]
    assert problem.code == code and problem.first == 7
    assert words in problem.text.en and "第 7 行" in problem.text.zh
    assert not place or f"column {place}" in problem.text.en
    with pytest.raises(InputError) as caught:
        read_register(path, strict=True)
    assert ":7" in caught.value.where


def test_a_claimant_is_set_aside_whole(tmp_path: Path) -> None:
    found = read_register(written(tmp_path, *GOOD, "a,loss,,soon,futures,,,,,,5,,,,"))
    assert [c.id for c in found.claimants] == ["b"]
    # A row without an id belongs to the claimant above it, and so does one of broken bytes.
    row = ",loss,,2025-10-10T21:20:00Z,futures,,,,,,5,,,,"
    found = read_register(written(tmp_path, *GOOD, row))
    assert [c.id for c in found.claimants] == ["a"] and found.problems[0].code == "no-id"


def test_a_claimant_is_told_once(tmp_path: Path) -> None:
    found = read_register(written(tmp_path, *GOOD, "a,,vip,,,,,,,,,,,,"))
    assert [c.id for c in found.claimants] == ["b"] and found.problems[0].code == "twice"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b,c\n1,2,3\n", "no line names the columns id and class"),
        ("", "an empty file"),
        ("id,class,id\n", "two columns mean 'id'"),
        ("id,class,amont\nx,vip,5\n", "the column 'amont' is not known"),
        ('{"id": 1}', "no register of claimants but JSON"),
    ],
)
def test_what_is_no_register(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnknownFormat) as caught:
        read_register(path)
    assert words in caught.value.render("en") and str(path) in caught.value.where
    assert caught.value.remedy is not None and caught.value.render("zh")


def test_a_picture_is_named_for_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(64)))
    with pytest.raises(UnknownFormat, match="no register of claimants but a PNG picture"):
        read_register(path)


def test_a_register_without_a_sound_claimant(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rows"):
        read_register(written(tmp_path))
    with pytest.raises(InputError, match="no claimant of the register is sound") as caught:
        read_register(written(tmp_path, "x,,,,,,,,,,,,,,"))
    assert ":2, class" in caught.value.where


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,class,remark\nx,vip,hello\n", encoding="utf-8")
    found = read_register(path)
    assert found.problems[0].code == "column-ignored" and "remark" in found.problems[0].text.en


def test_the_template_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_template(path)
    found = read_register(path, strict=True)
    assert [c.category for c in found.claimants] == ["collateral", "contract", "vip"]
    assert all(row.count(",") == len(COLUMNS) - 1 for row in EXAMPLE)
    for name in COLUMNS:
        assert column(name) == name and all(COLUMNS[name][1])
    assert column("Net assets (USD)") == "net_assets" and column("备用") is None


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_runs_as_a_formula(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "out.csv"
    write_rows(path, ["a"], iter([[cell], ["plain"]]))
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[1][0].startswith("'") and rows[2:] == [["plain"]]
    assert guarded("1.5") == "1.5"


def test_an_error_of_the_disk_is_one(tmp_path: Path) -> None:
    with pytest.raises(LiquestError):
        read_register(tmp_path / "none.csv")
    with pytest.raises(LiquestError):
        read_register(tmp_path)
