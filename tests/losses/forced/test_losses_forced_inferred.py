"""Without an orders file: what clearances and the position history betray, and what they do not."""

from __future__ import annotations

from _forced_exports import D, Told, at, ds, twelve

from liquest.losses.entries import CROSS, PositionRow, Ref
from liquest.losses.forced.forced_order import FILLED, Sum


def test_a_bankrupt_wallet_betrays_the_orders_that_closed_it() -> None:
    told = twelve()
    told.orders = []
    record, problems = told.record()
    (one,) = record.orders
    assert (one.order_id, one.inferred, one.outcome, one.limit) == ("f11", True, FILLED, None)
    assert (one.held, one.left, one.realised) == ds(100, 0, -105)
    assert record.liquidations[0].cleared == (Sum("USDT", D("5.294")),)
    assert [(p.code, p.path, p.first) for p in problems] == [("forced-inferred", "trades.csv", 3)]
    assert record.closes() == {("usdm", "f11"): "forced"}


def test_a_clearance_with_a_symbol_betrays_the_last_close_of_it() -> None:
    told = Told()
    told.row(-600, "TRANSFER", "100")
    told.trade(-500, "ATOMUSDT", 1, "4", "10", "1")
    told.trade(-20, "ATOMUSDT", -1, "3.9", "2", "own", realised="-0.2")
    told.trade(0, "ATOMUSDT", -1, "3.5", "3", "forced", realised="-1.5")
    told.trade(1, "XRPUSDT", 1, "2", "1", "else")
    told.row(1, "INSURANCE_CLEAR", "-0.18", "ATOMUSDT")
    record, _ = told.record()
    (one,) = record.orders
    assert (one.order_id, one.partial, one.left) == ("forced", True, D(5))
    assert one.clearance == (Sum("USDT", D("0.18")),)


def test_an_order_that_is_known_to_be_the_accounts_own_is_never_inferred() -> None:
    told = twelve()
    told.orders = []
    told.order(60, "ATOMUSDT", -1, "100", order_id="f11", limit="3.15", executed="100",
               average="3.15", status="FILLED", client_id="web_123")  # fmt: skip
    record, problems = told.record()
    assert record.orders == ()
    assert [p.code for p in problems] == ["clear-alone"]


def test_a_row_of_the_position_history_betrays_it_too() -> None:
    """Trades from before are missing, so the ledger does not see the position reach zero."""
    told = Told()
    told.trade(0, "ATOMUSDT", -1, "3.5", "3", "forced", realised="-1.5")
    told.positions.append(
        PositionRow("usdm", "ATOMUSDT", CROSS, "B", 1, D(4), D("3.5"), D(10), D(10), D("-5"),
                    at(-9000), at(0), "Closed", Ref(3, 2))
    )  # fmt: skip
    told.row(2, "INSURANCE_CLEAR", "7")
    record, _ = told.record()
    assert [one.order_id for one in record.orders] == ["forced"]


def test_the_accounts_own_closes_long_before_are_its_own() -> None:
    told = twelve()
    told.orders = []
    told.trade(-500, "XRPUSDT", 1, "2", "1", "x1")
    told.trade(-61, "XRPUSDT", -1, "2", "1", "x2")
    record, _ = told.record()
    assert [one.order_id for one in record.orders] == ["f11"]
