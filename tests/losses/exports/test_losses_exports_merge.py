"""Many files to one series: no entry twice, none lost, in order of time."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from _export_files import (
    TRADE,
    TRADES,
    changed,
    codes,
    layout_of,
    moment,
    one,
    read,
    sheet,
    trades,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND, parse_time
from liquest.losses.entries import Transaction

T0 = parse_time("2025-10-10T21:00:00Z")


def test_a_trade_in_two_files_is_one(tmp_path: Path) -> None:
    exports, problems = read(
        trades(tmp_path / "a.csv", TRADE, changed(Trade_Id="7002")),
        trades(tmp_path / "b.csv", changed(Trade_Id="7002"), changed(Trade_Id="7003")),
    )
    assert [t.trade_id for t in exports.trades] == ["7001", "7002", "7003"]
    assert [(f.rows, f.doubles) for f in exports.files] == [(2, 0), (1, 1)]
    assert problems == []


def test_both_sides_of_a_trade_with_oneself_are_two(tmp_path: Path) -> None:
    exports, _ = read(trades(tmp_path / "a.csv", TRADE, changed(Side="BUY")))
    assert [t.side for t in exports.trades] in ([1, -1], [-1, 1])


def test_a_trade_that_two_files_tell_differently_is_one_and_said(tmp_path: Path) -> None:
    exports, problems = read(
        trades(tmp_path / "a.csv", TRADE), trades(tmp_path / "b.csv", changed(Price="2.866"))
    )
    assert [t.price for t in exports.trades] == [Decimal("2.865")]
    assert one(problems, "double-differs").path == "b.csv"


def test_older_and_newer_exports_of_one_trade_complete_each_other(tmp_path: Path) -> None:
    row = {
        "uid": "1", "time": "2025-10-10 21:18:53", "symbol": "ATOMUSDT", "side": "SELL",
        "place": "LONG", "price": "2.865", "quantity": "100", "amount": "286.5",
        "fee": "0.1 USDT", "realised": "-52.6", "maker": "false", "trade_id": "7001",
        "order_id": "9001",
    }  # fmt: skip
    new = sheet(tmp_path / "new(UTC+0).csv", layout_of("trades"), [row], generation="_new")
    old = sheet(tmp_path / "old.csv", layout_of("trades"), [row])
    for paths in ((new, old), (old, new)):
        exports, problems = read(*paths)
        (trade,) = exports.trades
        assert trade.place == "L" and codes(problems) == ["no-position-side"]


def test_of_an_order_the_later_state_stands(tmp_path: Path) -> None:
    row = {
        "uid": "1", "time": "2025-10-10 21:00:00", "order_id": "9001", "symbol": "ATOMUSDT",
        "type": "LIMIT", "side": "SELL", "place": "BOTH", "price": "2.8", "average": "0",
        "quantity": "100", "executed": "0", "status": "NEW", "client_id": "web_1", "tif": "GTC",
        "updated": "2025-10-10 21:00:00",
    }  # fmt: skip
    filled = row | {
        "status": "FILLED", "executed": "100", "average": "2.8", "executed_quote": "280",
        "updated": "2025-10-10 21:30:00", "client_id": "",
    }  # fmt: skip
    layout = layout_of("orders")
    for first, second in ((row, filled), (filled, row)):
        exports, problems = read(
            sheet(tmp_path / "a.csv", layout, [first]), sheet(tmp_path / "b.csv", layout, [second])
        )
        (order,) = exports.orders
        assert (order.status, order.executed, order.client_id) == ("FILLED", Decimal(100), "web_1")
        assert sum(f.doubles for f in exports.files) == 1 and problems == []
    exports, _ = read(sheet(tmp_path / "a.csv", layout, [row, filled]))
    assert [o.status for o in exports.orders] == ["FILLED"]


def cash(path: Path, rows: list[tuple[int, str, str]]) -> Path:
    """Transactions of (second, amount, id)."""
    return sheet(path, layout_of("transactions"), [
        {"time": moment(T0 + second * SECOND), "type": "FUNDING_FEE", "amount": amount,
         "asset": "USDT", "symbol": "ATOMUSDT", "id": identity}
        for second, amount, identity in rows
    ])  # fmt: skip


def test_two_equal_rows_of_one_file_are_two(tmp_path: Path) -> None:
    a = cash(tmp_path / "a.csv", [(0, "-1", ""), (0, "-1", "")])
    b = cash(tmp_path / "b.csv", [(0, "-1", ""), (0, "-1", ""), (0, "-1", "")])
    exports, _ = read(a, b)
    assert len(exports.transactions) == 3
    assert [(f.rows, f.doubles) for f in exports.files] == [(2, 0), (1, 2)]


def test_files_joined_by_hand_are_taken_apart_at_their_headers(tmp_path: Path) -> None:
    layout = layout_of("transactions")
    a = cash(tmp_path / "a.csv", [(0, "-1", ""), (5, "-2", "")]).read_text(encoding="utf-8-sig")
    b = cash(tmp_path / "b.csv", [(5, "-2", ""), (9, "-3", "")]).read_text(encoding="utf-8-sig")
    joined = tmp_path / "joined.csv"
    joined.write_text(a + b, encoding="utf-8")
    exports, problems = read(joined)
    assert [t.amount for t in exports.transactions] == [-1, -2, -3]
    assert (exports.files[0].rows, exports.files[0].doubles) == (3, 1)
    assert codes(problems) == ["header-again"] and layout["kind"] == "transactions"


def test_a_file_from_last_to_first_is_turned_round(tmp_path: Path) -> None:
    exports, _ = read(cash(tmp_path / "a.csv", [(9, "-4", ""), (5, "-3", ""), (5, "-2", ""),
                                                (0, "-1", "")]))  # fmt: skip
    assert [t.amount for t in exports.transactions] == [-1, -2, -3, -4]


def test_trades_of_one_second_go_by_contract_and_id(tmp_path: Path) -> None:
    ids = ["10", "9", "100"]
    exports, _ = read(trades(tmp_path / "a.csv", *(changed(Trade_Id=i) for i in ids),
                             changed(Trade_Id="1", Symbol="ETHUSDT")))  # fmt: skip
    assert [t.trade_id for t in exports.trades] == ["9", "10", "100", "1"]


def test_both_markets_in_one_file_are_told_apart_by_row(tmp_path: Path) -> None:
    rows = [
        {"time": moment(T0), "type": "COMMISSION", "amount": "-1", "asset": asset,
         "symbol": symbol, "id": ""}
        for asset, symbol in (
            ("USDT", "ATOMUSDT"), ("BTC", "BTCUSD_PERP"), ("BTC", ""), ("USDT", ""), ("BNB", ""),
        )
    ]  # fmt: skip
    exports, _ = read(sheet(tmp_path / "a.csv", layout_of("transactions"), rows))
    assert exports.files[0].market == "mixed"
    assert Counter((t.market, t.asset) for t in exports.transactions) == {
        ("usdm", "USDT"): 2, ("coinm", "BTC"): 2, ("usdm", "BNB"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "asset", "market", "said"),
    [
        ("a.csv", "USDT", "usdm", []), ("a.csv", "BTC", "coinm", ["market-assumed"]),
        ("币本位.csv", "BTC", "coinm", []), ("USD-M.csv", "BNB", "usdm", []),
    ],
)  # fmt: skip
def test_without_a_contract_assets_and_names_tell_the_market(
    tmp_path: Path, name: str, asset: str, market: str, said: list[str]
) -> None:
    row = {"time": moment(T0), "type": "TRANSFER", "amount": "5", "asset": asset}
    exports, problems = read(sheet(tmp_path / name, layout_of("transactions"), [row]))
    assert exports.transactions[0].market == exports.files[0].market == market
    assert codes(problems) == said


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-3, 3), st.sampled_from(["", "1", "2"])),
             min_size=1, max_size=20),
    st.data(),
)  # fmt: skip
def test_overlapping_files_give_what_the_whole_gives(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    """Exports of overlapping times, cut where no second is split, hold what one export holds."""
    folder = tmp_path_factory.mktemp("m")
    ordered = sorted((second, str(amount), identity) for second, amount, identity in rows)
    whole, _ = read(cash(folder / "whole.csv", ordered))
    low, high = sorted(data.draw(st.tuples(st.integers(0, 31), st.integers(0, 31))))
    parts = [
        cash(folder / "p1.csv", [r for r in ordered if r[0] < high]),
        cash(folder / "p2.csv", [r for r in reversed(ordered) if r[0] >= low]),
    ]
    cut, problems = read(*data.draw(st.permutations(parts)))

    def counted(found: object) -> Counter[tuple[object, ...]]:
        assert isinstance(found, list)
        return Counter(Transaction(*t)[:-1] for t in found)

    assert counted(cut.transactions) == counted(whole.transactions)
    stamps = [t.ts for t in cut.transactions]
    assert stamps == sorted(stamps)
    assert set(codes(problems)) <= {"no-rows"}


def test_the_header_is_shared_with_the_tests() -> None:
    assert TRADES.count(",") == TRADE.count(",")
