"""Positions files: every fault by row, column and remedy; an account is whole or not there."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from _made_accounts import HEADER, TIERS, read

from liquest.errors import InputError, UnknownFormat, UnreadableFile
from liquest.problems import ASIDE, KEPT
from liquest.replay import positions, positions_table
from liquest.replay.accounts import LONG, SHORT, Collateral, Wallet
from liquest.replay.positions import PositionsFile, read_positions

GOOD = "good,,isolated,,BTCUSDT,long,0.5,120000,3000,,20,"


def one_row(**cells: str) -> str:
    """The row of account `a`, with these cells in place of sound ones."""
    given = {
        "account": "a", "class": "vip", "mode": "isolated", "hedge": "one-way",
        "symbol": "BTCUSDT", "side": "long", "quantity": "0.5", "entry": "120000",
        "margin": "3000", "wallet": "", "leverage": "20", "portfolio": "no", **cells,
    }  # fmt: skip
    return ",".join(f'"{v}"' if "," in v else v for v in (given[c] for c in HEADER.split(",")))


def test_columns_and_words_of_both_languages(tmp_path: Path) -> None:
    text = (
        "账户,类别,保证金模式,持仓模式,合约,方向,数量,开仓均价,保证金,钱包余额,杠杆,组合保证金,抵押品\n"
        "甲,VIP 3,逐仓,单向,btcusdt,多,0.5,120000,3000,,20倍,否,\n"
        "乙,做市商,全仓,双向,ETH/USDT,空,10,4300,,8000,5x,,\n"
        "乙,,,,ETHUSDT,买入,4,4200,,,,,\n"
        "丙,,全仓,,SOL-USDC,SELL,100,220,,-5,,是,USDE：20000；BNSOL:12.5\n"
    )
    found, problems = read(tmp_path, text)
    assert problems == []
    first, second, third = found
    assert (first.id, first.category, first.hedge) == ("甲", "vip", False)
    assert (first.positions[0].margin, first.positions[0].leverage) == (Decimal(3000), Decimal(20))
    assert [(p.side, int(p.quantity)) for p in second.positions] == [(SHORT, 10), (LONG, 4)]
    assert (second.category, second.hedge) == ("market-maker", True)
    assert second.wallets == (Wallet("USDT", Decimal(8000)),)
    assert third.portfolio and third.wallets == (Wallet("USDC", Decimal(-5)),)
    assert third.collateral == (
        Collateral("BNSOL", Decimal("12.5")), Collateral("USDE", Decimal(20000)),
    )  # fmt: skip
    assert [p.symbol for a in found for p in a.positions] == [
        "BTCUSDT", "ETHUSDT", "ETHUSDT", "SOLUSDC",
    ]  # fmt: skip


def test_a_minimal_file_and_names_in_any_dress(tmp_path: Path) -> None:
    text = " Account ID ;SYMBOL;Position Side;Qty (coins);Entry Price(USDT);Wallet_Balance\n" \
           "7;ETHUSDT;Long;2;4000.5;100\n"  # fmt: skip
    (one,), problems = read(tmp_path, text)
    assert problems == []
    assert (one.category, one.hedge, one.portfolio) == ("regular", False, False)
    assert one.positions[0].entry == Decimal("4000.5")
    assert not one.positions[0].isolated


def test_rows_of_wallets_and_collateral(tmp_path: Path) -> None:
    text = (
        "account,kind,symbol,side,quantity,entry,wallet\n"
        "a,,BTCUSD_PERP,long,50,121000,\n"
        "a,wallet,BTC,,,,0.05\n"
        "b,collateral,usde,,1000,,\n"
        "b,抵押,BNSOL,,-2,,\n"
        "b,钱包,USDT,,-300,,\n"
    )
    (a, b), problems = read(tmp_path, text)
    assert problems == []
    assert a.wallets == (Wallet("BTC", Decimal("0.05")),)
    assert a.positions[0].amount == 5000
    assert b.collateral == (Collateral("BNSOL", Decimal(-2)), Collateral("USDE", Decimal(1000)))
    assert b.wallets == (Wallet("USDT", Decimal(-300)),)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.2E+05", "120000"), ("1e-3", "0.001"), ("+5", "5"), (".5", "0.5"), ("5.", "5"),
        ("1,234,567", "1234567"), ("1,234.5", "1234.5"), ("１２．５", "12.5"), ("007", "7"),
        ("0.30000000000000004", "0.30000000000000004"), ("1234567890123.123456789", None),
    ],
)  # fmt: skip
def test_numbers_are_exact(tmp_path: Path, cell: str, value: str | None) -> None:
    row = one_row(quantity=cell, leverage="", entry="0.001")
    (one,), problems = read(tmp_path, f"{HEADER}\n{row}\n")
    assert problems == []
    assert one.positions[0].quantity == Decimal(value or cell)


FAULTS: list[tuple[dict[str, str], str, str, str]] = [
    ({"symbol": "BTCUSTD"}, "unknown-symbol", "symbol", "BTCUSDT is the nearest"),
    ({"symbol": "ETHUSD_PREP"}, "unknown-symbol", "symbol", "ETHUSD_PERP is the nearest"),
    ({"symbol": "XYZUSD_PERP"}, "unknown-symbol", "symbol", "Write the venue's symbol"),
    ({"symbol": ""}, "blank", "symbol", "Fill in symbol"),
    ({"symbol": "=A1"}, "formula", "symbol", "values"),
    ({"side": "BOTH"}, "unknown-word", "side", "long, short"),
    ({"side": ""}, "blank", "side", "Fill in side"),
    ({"side": "=A1"}, "formula", "side", "values"),
    ({"quantity": "0"}, "impossible", "quantity", "above zero"),
    ({"quantity": "-5"}, "impossible", "quantity", "without a sign"),
    ({"quantity": ""}, "blank", "quantity", "Fill in quantity"),
    ({"quantity": "1,234"}, "ambiguous-number", "quantity", "Write 1234 or 1.234"),
    ({"quantity": "1,5"}, "not-a-number", "quantity", "point for decimals"),
    ({"quantity": "1.234,5"}, "not-a-number", "quantity", "point for decimals"),
    ({"quantity": "12,34,567"}, "not-a-number", "quantity", "point for decimals"),
    ({"quantity": "1_000"}, "not-a-number", "quantity", "point for decimals"),
    ({"quantity": "0x10"}, "not-a-number", "quantity", "point for decimals"),
    ({"quantity": "5 BTC"}, "not-a-number", "quantity", "without unit"),
    ({"quantity": "NaN"}, "not-finite", "quantity", "Write the number"),
    ({"quantity": "-inf"}, "formula", "quantity", "values"),
    ({"quantity": "Infinity"}, "not-finite", "quantity", "Write the number"),
    ({"quantity": "1e18"}, "impossible", "quantity", "Check the number"),
    ({"quantity": "1e9999"}, "not-a-number", "quantity", "plain digits"),
    ({"quantity": "9" * 60}, "impossible", "quantity", "Check the number"),
    ({"quantity": "1e-400"}, "impossible", "quantity", "as the venue shows it"),
    ({"quantity": "2025/1/5"}, "date", "quantity", "as text"),
    ({"quantity": "5-May"}, "date", "quantity", "as text"),
    ({"quantity": "1月5日"}, "date", "quantity", "as text"),
    ({"quantity": "12:30"}, "date", "quantity", "as text"),
    ({"quantity": "=1+1"}, "formula", "quantity", "values"),
    ({"quantity": "-1+2"}, "formula", "quantity", "values"),
    ({"quantity": "#REF!"}, "spreadsheet-error", "quantity", "Mend the formula"),
    ({"symbol": "BTCUSD_PERP", "quantity": "0.5"}, "impossible", "quantity", "contracts"),
    ({"entry": "0"}, "impossible", "entry", "above zero"),
    ({"margin": ""}, "no-margin", "margin", "notional / leverage"),
    ({"margin": "0"}, "impossible", "margin", "above zero"),
    ({"mode": "cross"}, "margin-in-cross", "margin", "Leave margin blank"),
    ({"mode": "both"}, "unknown-word", "mode", "isolated, cross"),
    ({"mode": "cross", "margin": ""}, "impossible", "wallet", "USDT balance"),
    ({"mode": "cross", "margin": "", "wallet": "-1"}, "impossible", "wallet", "collateral"),
    ({"leverage": "126"}, "leverage", "leverage", "at most 125"),
    ({"leverage": "100", "quantity": "3"}, "leverage", "leverage", "at most 50"),
    ({"leverage": "5", "quantity": "1000"}, "leverage", "leverage", "unit"),
    ({"leverage": "0"}, "impossible", "leverage", "above zero"),
    ({"class": "regualr"}, "unknown-class", "class", "Did you mean regular"),
    ({"class": "做市"}, "unknown-class", "class", "Did you mean market-maker"),
    ({"class": "=vip"}, "formula", "class", "values"),
    ({"class": "a/b"}, "impossible", "class", "one word"),
    ({"hedge": "maybe"}, "unknown-word", "hedge", "one-way, hedge"),
    ({"portfolio": "perhaps"}, "unknown-word", "portfolio", "yes, no"),
    ({"account": "=cmd|x"}, "impossible", "account", "letter"),
    ({"account": "1.23457E+11"}, "impossible", "account", "as text"),
    ({"account": "a\u202eb"}, "impossible", "account", "visible"),
]


@pytest.mark.parametrize(("cells", "code", "column", "remedy"), FAULTS)
def test_a_fault_is_named_and_the_others_go_on(
    tmp_path: Path, cells: dict[str, str], code: str, column: str, remedy: str
) -> None:
    text = f"{HEADER}\n{GOOD}\n{one_row(**cells)}\n{GOOD.replace('good', 'also')}\n"
    found, problems = read(tmp_path, text)
    assert [a.id for a in found] == ["good", "also"]
    fault, aside = problems
    assert (fault.code, fault.effect, fault.first, fault.last) == (code, ASIDE, 3, 3)
    assert fault.path.endswith("positions.csv")
    assert f"row 3, column {column}: " in fault.text.en and remedy in fault.text.en
    assert re.search("第 3 行、.+ 列：.+[\u4e00-\u9fff]", fault.text.zh)
    assert (aside.code, aside.count, aside.sample) == (
        "account-aside", 1, cells.get("account", "a"),
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, strict=True)
    assert caught.value.where.endswith(f"positions.csv:3, {column}")
    assert caught.value.remedy is not None and remedy in caught.value.remedy.en + fault.text.en


ROW = "a,,cross,,{},{},1,100,,{},,"
ACCOUNT_FAULTS: list[tuple[list[str], str, int]] = [
    ([ROW.format("BTCUSDT", "long", 9), ROW.format("BTCUSDT", "short", 9)], "both-sides", 3),
    ([ROW.format("BTCUSDT", "long", 9), ROW.format("BTCUSDT", "long", 9)], "duplicate-row", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a,,,,BTCUSDT,long,2,100,,,,"], "position-twice", 3),
    ([ROW.format("BTCUSDT", "long", 9), ROW.format("ETHUSDT", "long", 8)], "contradiction", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a,vip,,,ETHUSDT,long,2,100,,,,",
      "a,mm,,,ATOMUSDT,long,2,100,,,,"], "contradiction", 4),
    ([ROW.format("BTCUSDT", "long", 9), "a,,,hedge,ETHUSDT,long,2,100,,,,",
      "a,,,one-way,ATOMUSDT,long,2,100,,,,"], "contradiction", 4),
    ([ROW.format("BTCUSDT", "long", 9), ROW.format("BTCUSD_PERP", "long", "")], "impossible", 2),
    ([ROW.format("BTCUSDT", "long", 9), "a,,,,ETHUSDT,long,x,100,,,,"], "not-a-number", 3),
    ([ROW.format("BTCUSDT", "long", 9), ",,,,ETHUSDT,long,1,100,,,,"], "no-account", 3),
    ([ROW.format("BTCUSDT", "long", 9), 'a,,,,"ETHUSDT,long,1,100,,,,'], "quote", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a,,,,ETHUSDT,long,1"], "cells", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a,,,,ETHUSDT,long,1,2,3,4,5,6,7"], "cells", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a,,,,ETH\x00USDT,long,1,100,,,,"], "garbage", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a\x00,,,,ETHUSDT,long,1,100,,,,"], "garbage", 3),
    ([ROW.format("BTCUSDT", "long", 9), "a," + "x" * 70_000], "garbage", 3),
]  # fmt: skip


NAMED = [one for one in ACCOUNT_FAULTS if not one[0][1].startswith((",", "a\x00", "a,xx"))]
"""Faults in rows that say whose they are, wherever they stand."""


def set_aside(folder: Path, lines: list[str], code: str) -> tuple[int | None, int]:
    """The row of the fault that keeps account `a` out, and how many rows the account has."""
    found, problems = read(folder, "\n".join(lines) + "\n")
    assert [a.id for a in found if a.id == "a"] == []
    assert {a.id for a in found} == {line.split(",")[0] for line in lines if "d,," in line}
    aside = next(p for p in problems if p.code == "account-aside")
    assert aside.sample == "a"
    return next(p.first for p in problems if p.code == code), aside.count


@pytest.mark.parametrize(("rows", "code", "at"), ACCOUNT_FAULTS)
def test_an_account_is_set_aside_whole(tmp_path: Path, rows: list[str], code: str, at: int) -> None:
    assert set_aside(tmp_path, [HEADER, *rows, GOOD], code) == (at, len(rows))


@pytest.mark.parametrize(("rows", "code", "at"), NAMED)
def test_also_where_its_rows_stand_apart(
    tmp_path: Path, rows: list[str], code: str, at: int
) -> None:
    between = GOOD.replace("good", "second")
    lines = [HEADER, rows[0], between, *rows[1:], GOOD]
    assert set_aside(tmp_path, lines, code) == (at + (at > 2), len(rows))


def test_all_faults_of_an_account_are_named(tmp_path: Path) -> None:
    rows = [one_row(quantity="x"), one_row(symbol="BTCUSDTT"), one_row(side="up")]
    _, problems = read(tmp_path, "\n".join([HEADER, *rows]) + "\n")
    assert [p.code for p in problems] == [
        "not-a-number", "unknown-symbol", "unknown-word", "account-aside",
    ]  # fmt: skip


def test_repeats_that_agree_are_no_fault(tmp_path: Path) -> None:
    rows = [
        "a,vip,cross,one-way,BTCUSDT,long,1,100,,9.0,,no,USDE:5,x",
        "a,VIP1,cross,,ETHUSDT,long,1,100,,9,,,USDE:5.0,x",
    ]
    (one,), problems = read(tmp_path, f"{HEADER},collateral,note\n" + "\n".join(rows))
    assert problems == []
    assert one.wallets == (Wallet("USDT", Decimal(9)),)
    assert (one.collateral, one.note) == ((Collateral("USDE", Decimal(5)),), "x")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("USDE", "collateral"), ("USDE:x", "not-a-number"), ("=USDE", "formula"),
        ("USDE:0", "impossible"), ("US DE:1", "impossible"), ("USDE:1;USDE:2", "contradiction"),
    ],
)  # fmt: skip
def test_collateral_that_cannot_be_read(tmp_path: Path, cell: str, code: str) -> None:
    rows = [f"a,,,,BTCUSDT,long,1,100,,9,,,{cell}", "a,,,,ETHUSDT,long,1,100,,,,,"]
    found, problems = read(tmp_path, f"{HEADER},collateral\n" + "\n".join(rows))
    assert found == [] and problems[0].code == code


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    text = "account,symbol,side,quantity,entry,wallet,ADL,PnL\na,BTCUSDT,long,1,100,9,,\n"
    found, (ignored,) = read(tmp_path, text)
    assert (len(found), ignored.code, ignored.effect) == (1, "column-ignored", KEPT)
    assert "ADL, PnL" in ignored.text.en and "ADL" in ignored.text.zh


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("account,symbol,side,quantity", "entry"),
        ("symbol,side,entry", "account, quantity"),
        ("account,symbol,side,quantity,qty,entry", "two columns mean 'quantity'"),
        ("account,symbol,side,quantity,entry,colateral", "'colateral' is not known"),
        ("account,symbol,side,quantity,entry,levrage", "'levrage' is not known"),
        ("a,b,c\n1,2,3", "no column account"),
        ("只有一列", "no column account"),
    ],
)
def test_a_header_that_does_not_fit(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(UnknownFormat) as caught:
        read(tmp_path, header + "\na,BTCUSDT,long,1,100,9\n")
    assert words in caught.value.what.en and caught.value.remedy is not None
    assert re.search("[\u4e00-\u9fff]", caught.value.render("zh"))


def test_a_title_above_the_header_and_blank_lines(tmp_path: Path) -> None:
    text = f"sep=,\n持仓导出 2025-10-10,,\n\n{HEADER}\n\n{GOOD}\n,,,,,,,,,,,\n\n"
    found, problems = read(tmp_path, text)
    assert ([a.id for a in found], problems) == (["good"], [])


def test_row_numbers_are_lines_of_the_file(tmp_path: Path) -> None:
    text = f"title\n{HEADER}\n\n{GOOD}\n\n{one_row(side='up')}\n"
    _, problems = read(tmp_path, text)
    assert problems[0].first == 6
    assert text.splitlines()[5].startswith("a,")


def test_a_class_of_its_own_goes_on_and_is_named(tmp_path: Path) -> None:
    text = f"{HEADER}\n" + "".join(
        one_row(account=f"a{i}").replace("vip", "Desk A") + "\n" for i in range(3)
    )
    found, (kept,) = read(tmp_path, text)
    assert {a.category for a in found} == {"desk-a"}
    assert (kept.code, kept.effect, kept.count) == ("class-of-its-own", KEPT, 3)
    assert read(tmp_path, text, classes=("desk-a",))[1] == []


def test_symbols_beside_the_tiers(tmp_path: Path) -> None:
    text = "account,symbol,side,quantity,entry,wallet\na,FOOUSDT,long,1,100,9\n"
    assert read(tmp_path, text)[0] == []
    (one,), problems = read(tmp_path, text, symbols=("FOOUSDT",))
    assert (one.positions[0].symbol, problems) == ("FOOUSDT", [])


def test_problems_beyond_the_limit_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "MOST_SHOWN", 4)
    rows = [one_row(account=f"a{i}", side="up") for i in range(7)]
    _, problems = read(tmp_path, "\n".join([HEADER, *rows]) + "\n")
    assert [p.code for p in problems[:4]] == ["unknown-word", "account-aside"] * 2
    counted = {p.code: (p.count, p.first, p.last) for p in problems[4:]}
    assert counted == {"unknown-word": (5, 4, 8), "account-aside": (5, 4, 8)}
    assert all("more" in p.text.en and "另有" in p.text.zh for p in problems[4:])


def test_a_long_file_must_hold_accounts_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions_table, "MOST_HELD", 3)
    rows = [GOOD.replace("good", f"a{i % 3}").replace("BTC", "BTC" if i < 3 else "ETH")
            for i in range(6)]  # fmt: skip
    with pytest.raises(InputError) as caught:
        read(tmp_path, "\n".join([HEADER, *rows]))
    assert "sort" in str(caught.value).lower()
    together = sorted(rows)
    path = tmp_path / "sorted.csv"
    path.write_text("\n".join([HEADER, *together]), encoding="utf-8")
    assert len(list(PositionsFile(path, TIERS).accounts())) == 3


def test_a_list_of_accounts_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "MOST_HELD", 2)
    with pytest.raises(InputError):
        read(tmp_path, "\n".join([HEADER, *(GOOD.replace("good", f"a{i}") for i in range(3))]))


def test_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(UnreadableFile):
            read_positions(path, tiers=TIERS)
