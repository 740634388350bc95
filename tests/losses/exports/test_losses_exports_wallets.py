"""Movements between wallets and forced sales: statements, deposits, Earn, margin and loans."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from _export_files import codes, layout_of, one, read, sheet

from liquest.clock import MINUTE, parse_time
from liquest.problems import KEPT

TS = parse_time("2025-10-10T21:18:53Z")
TIME = "2025-10-10 21:18:53"
STATEMENT = "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n"


def statement(path: Path, *rows: str) -> Path:
    path.write_text(STATEMENT + "".join(f"1,{TIME},{row},\n" for row in rows), encoding="utf-8")
    return path


def moves(found: object) -> list[tuple[str, str, str, Decimal]]:
    assert isinstance(found, list)
    return [(m.source, m.target, m.asset, m.amount) for m in found]


def test_both_sides_of_a_transfer_make_one_movement(tmp_path: Path) -> None:
    op = "Transfer Between Spot Account and UM Futures Account"
    exports, problems = read(statement(
        tmp_path / "s.csv", f"Spot,{op},USDT,-500", f"USD-M Futures,{op},USDT,500",
        f"USD-M Futures,{op},USDT,-20", f"Spot,{op},USDT,20",
        f"Spot,{op},USDT,7",
        "Funding,Transfer Between Main and Funding Wallet,USDT,-3",
        "Spot,Simple Earn Flexible Subscription,USDT,-11",
        "Earn,Simple Earn Flexible Redemption,USDT,-12",
        "Spot,Deposit,USDT,900", "Spot,Withdraw,USDT,-100",
    ))  # fmt: skip
    assert sorted(moves(exports.movements)) == sorted([
        ("spot", "usdm", "USDT", Decimal(500)), ("usdm", "spot", "USDT", Decimal(20)),
        ("usdm", "spot", "USDT", Decimal(7)), ("funding", "spot", "USDT", Decimal(3)),
        ("spot", "earn", "USDT", Decimal(11)), ("earn", "spot", "USDT", Decimal(12)),
        ("outside", "spot", "USDT", Decimal(900)), ("spot", "outside", "USDT", Decimal(100)),
    ])  # fmt: skip
    assert problems == [] and exports.uid == "1" and exports.files[0].rows == 8


def test_operations_that_move_nothing_are_named(tmp_path: Path) -> None:
    exports, problems = read(statement(
        tmp_path / "s.csv", "USD-M Futures,Funding Fee,USDT,-0.1", "USD-M Futures,Fee,USDT,-0.2",
        "USD-M Futures,Funding Fee,USDT,-0.3",
    ))  # fmt: skip
    assert exports.movements == []
    problem = one(problems, "operations-left")
    assert (problem.effect, problem.count) == (KEPT, 3)
    assert "Funding Fee (2)" in problem.text.en and "Fee (1)" in problem.text.zh


CHAIN = {
    "time": TIME, "asset": "USDT", "network": "TRX", "amount": "250", "address": "T1",
    "txid": "0xabc", "status": "Completed",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "fee", "ends", "said"),
    [
        ("Binance-Withdraw-History(UTC+0).csv", "0", ("spot", "outside"), []),
        ("提现记录.csv", "1", ("spot", "outside"), []),
        ("充值记录.csv", "1", ("outside", "spot"), []),
        ("a.csv", "1", ("spot", "outside"), ["direction"]),
        ("a.csv", "0", ("outside", "spot"), ["direction"]),
    ],
)
def test_deposits_and_withdrawals_are_told_by_name_else_by_fee(
    tmp_path: Path, name: str, fee: str, ends: tuple[str, str], said: list[str]
) -> None:
    path = sheet(tmp_path / name, layout_of("transfers", form="chain"), [CHAIN | {"fee": fee}])
    exports, problems = read(path)
    (move,) = exports.movements
    assert (move.source, move.target) == ends and codes(problems) == said
    assert (move.amount, move.arrived, move.id) == (Decimal(250), None, "0xabc")


def test_a_fee_that_cannot_be_read_costs_its_row(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.csv", layout_of("transfers", form="chain"),
        [CHAIN | {"fee": "1,000"}, CHAIN | {"fee": "0"}],
    )  # fmt: skip
    exports, problems = read(path)
    assert len(exports.movements) == 1 and codes(problems) == ["direction", "ambiguous-number"]


def test_a_column_tells_the_direction_and_the_arrival(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "Time(UTC),Type,Coin,Amount,TXID,Status,Completed Time\n"
        f"{TIME},Withdraw,USDT,5,a,Completed,2025-10-10 21:25:53\n"
        f"{TIME},Deposit,USDT,6,b,Processing,\n{TIME},提现,USDT,7,c,失败,\n",
        encoding="utf-8",
    )
    exports, problems = read(path)
    assert [(m.source, m.status, m.arrived) for m in exports.movements] == [
        ("spot", "done", TS + 7 * MINUTE), ("outside", "pending", None), ("spot", "failed", None),
    ]  # fmt: skip
    assert problems == []


def test_what_is_no_movement_is_set_aside(tmp_path: Path) -> None:
    row = {
        "time": TIME,
        "asset": "USDT",
        "amount": "5",
        "source": "现货钱包",
        "target": "U本位合约",
    }
    path = sheet(
        tmp_path / "t.csv", layout_of("transfers", form="transfers"),
        [row, row | {"amount": "-5"}, row | {"target": "Moon"}], lang="zh",
    )  # fmt: skip
    exports, problems = read(path)
    assert moves(exports.movements) == [("spot", "usdm", "USDT", Decimal(5))]
    assert [(p.code, p.first) for p in problems] == [("not-positive", 3), ("unknown-word", 4)]
    assert "转入账户" in problems[1].text.zh


def test_forced_sales_of_margin_and_loans(tmp_path: Path) -> None:
    margin = {
        "time": TIME, "symbol": "WBETHUSDT", "side": "SELL", "price": "430.65",
        "quantity": "1.5", "fee": "12.9 USDT", "debt": "600", "isolated": "Isolated", "id": "5",
    }  # fmt: skip
    loan = {
        "time": TIME, "quote": "USDC", "debt": "500", "asset": "BNSOL", "quantity": "10",
        "fee": "10", "price": "60", "status": "Liquidated",
    }  # fmt: skip
    exports, problems = read(
        sheet(tmp_path / "m.csv", layout_of("margin-liquidations", form="margin"),
              [margin, margin | {"side": "BUY"}]),
        sheet(tmp_path / "l.csv", layout_of("loan-liquidations", form="loan"), [loan], lang="zh"),
    )  # fmt: skip
    assert [(s.product, s.asset, s.quantity, s.price, s.quote, s.debt, s.fee)
            for s in exports.sales] == [
        ("isolated-margin", "WBETH", Decimal("1.5"), Decimal("430.65"), "USDT", Decimal(600),
         Decimal("12.9")),
        ("loan", "BNSOL", Decimal(10), Decimal(60), "USDC", Decimal(500), Decimal(10)),
    ]  # fmt: skip
    assert codes(problems) == ["forced-purchase"]
    assert [f.market for f in exports.files] == ["margin", "loan"]
