"""A claimant that cannot be cannot be built; the error names its column."""

from __future__ import annotations

import pytest
from _claimants import D, close, lost, lot, one

from liquest.errors import InputError
from liquest.rules.claimant import ForcedClose, ForcedLoss, Lot, Mitigation


def test_the_loss_is_the_sum_of_the_forced_losses() -> None:
    assert one(losses=(lost("0.1"), lost("0.2"))).loss == D("0.3")
    assert one().loss is None and one(losses=(lost("0"),)).loss == 0
    big = one(losses=(*[lost("0.00000001")] * 3, lost("123456789012345")))
    assert big.loss == D("123456789012345.00000003")


@pytest.mark.parametrize(
    ("make", "column"),
    [
        (lambda: one(""), "id"), (lambda: one("=1+1"), "id"), (lambda: one("-x"), "id"),
        (lambda: one("@x"), "id"), (lambda: one(" a"), "id"), (lambda: one("a\u200b"), "id"),
        (lambda: one("x" * 129), "id"), (lambda: one("a", "Two words"), "class"),
        (lambda: one("a", ""), "class"), (lambda: one(net_assets=D("NaN")), "net_assets"),
        (lambda: one(net_assets=D("1E18")), "net_assets"),
        (lambda: one(compensated=D(-1)), "compensated"),
        (lambda: one(compensated=D("1E-31")), "compensated"),
        (lambda: one(net_assets=1.5), "net_assets"),
        (lambda: ForcedLoss(0, "futures", D(-1)), "amount"),
        (lambda: ForcedLoss(0, "options", D(1)), "product"),
        (lambda: lot(quantity="0"), "quantity"), (lambda: lot(price="-1"), "price"),
        (lambda: lot(fee="-1"), "fee"), (lambda: lot(asset="usde x"), "symbol"),
        (lambda: Lot(0, "spot", "USDE", D(1), D(1)), "product"),
        (lambda: close(price="0"), "price"), (lambda: close(side=0), "side"),
        (lambda: close(symbol="=A"), "symbol"), (lambda: close(basis="-1"), "basis"),
        (lambda: close(face="0"), "face"), (lambda: close(fee="-0.1"), "fee"),
        (lambda: ForcedClose(0, "A" * 41, 1, D(1), D(1)), "symbol"),
        (lambda: close(quantity="1" * 17 + "." + "1" * 24), "quantity"),
        (lambda: Mitigation(0, D(-1)), "loss_then"),
    ],
)  # fmt: skip
def test_what_cannot_be(make: object, column: str) -> None:
    with pytest.raises(InputError) as caught:
        make()  # type: ignore[operator]
    assert caught.value.where == column
    assert caught.value.remedy is not None and caught.value.render("zh")


def test_what_may_be() -> None:
    assert one("申索-001", "自定类别").category == "自定类别"
    assert one(net_assets=D(-5)).net_assets == -5
    assert lot(price="0").price == 0
    assert close(symbol="BTCUSD_251226").symbol == "BTCUSD_251226"
