"""What an asset counts for as collateral, and which price it is counted at.

    equity of an asset = min(net · index · rate, net · index)

so a positive net is cut by the collateral rate and a debt is not. Its slope in the index is
net · rate (net for a debt): a collateral that loses its peg takes equity away with no move in
what the account trades. Net is balance − loan + unrealised profit settled in that asset.

Source: Binance, "Portfolio Margin Pro maintenance margin ratio calculation".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..errors import InputError, Text, UsageError
from .exact import ONE, exact, finite, positive, share

VENUE, ONCHAIN, REDEMPTION, FLOOR = "venue", "onchain", "redemption", "floor"
KINDS = (VENUE, ONCHAIN, REDEMPTION, FLOOR)


@dataclass(frozen=True)
class CollateralRule:
    """`rates`: asset → share of its value that counts, 0 < rate ≤ 1. An asset that is not
    named counts at `default`; without a default it is refused, not guessed."""

    rates: Mapping[str, Decimal]
    default: Decimal | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", dict(self.rates))
        for asset, rate in self.rates.items():
            share(Text("the collateral rate", "抵押率"), rate, asset)
        if self.default is not None:
            share(Text("the collateral rate", "抵押率"), self.default)

    def rate(self, asset: str) -> Decimal:
        """The collateral rate of an asset; raises InputError where none is known."""
        rate = self.rates.get(asset, self.default)
        if rate is None:
            raise InputError(
                Text(f"no collateral rate for {asset}", f"缺少 {asset} 的抵押率"),
                where=asset,
                remedy=Text(
                    f"Set collateral.rate.{asset}, for example to 0.95.",
                    f"请设置 collateral.rate.{asset}，例如 0.95。",
                ),
            )
        return rate

    @exact
    def slope(self, asset: str, net: Decimal) -> Decimal:
        """∂equity/∂index, in units of the asset."""
        finite(Text(f"the net amount of {asset}", f"{asset} 净额"), net, asset)
        return net * self.rate(asset) if net > 0 else net

    @exact
    def equity(self, asset: str, net: Decimal, index: Decimal) -> Decimal:
        """What `net` units count for at an index price, in the currency of the index."""
        positive(Text(f"the index price of {asset}", f"{asset} 的指数价格"), index, asset)
        return self.slope(asset, net) * index


NO_HAIRCUT = CollateralRule({}, ONE)
"""Everything counts in full."""


@dataclass(frozen=True)
class CollateralPrice:
    """Which price of an asset its collateral is counted at.

    venue: the venue's own index; onchain: its price on chain; redemption: what the issuer or
    the staking contract pays; floor: the venue's, but not below `least`.
    """

    kind: str = VENUE
    least: Decimal | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.kind == FLOOR) != (self.least is not None):
            raise _unknown(self.kind)
        if self.least is not None:
            positive(Text("the floor of the price", "价格下限"), self.least)

    @classmethod
    def of(cls, text: str) -> CollateralPrice:
        """From "venue", "onchain", "redemption" or "floor:0.98"; raises UsageError."""
        kind, _, least = text.strip().partition(":")
        if kind != FLOOR:
            if kind not in KINDS or ":" in text:
                raise _unknown(text)
            return cls(kind)
        try:
            bound = Decimal(least)
        except InvalidOperation:
            raise _unknown(text) from None
        if not bound.is_finite() or bound <= 0:
            raise _unknown(text)
        return cls(FLOOR, bound)

    def price(self, asset: str, quotes: Mapping[str, Decimal]) -> Decimal:
        """The price among `quotes` (kind → price); raises InputError where it is missing."""
        wanted = VENUE if self.kind == FLOOR else self.kind
        if wanted not in quotes:
            raise InputError(
                Text(f"no {wanted} price of {asset}", f"缺少 {asset} 的 {wanted} 价格"),
                where=asset,
                remedy=Text(
                    f"Add that price, or choose another for collateral.price.{asset}.",
                    f"请补充该价格，或为 collateral.price.{asset} 选择其他来源。",
                ),
            )
        price = quotes[wanted]
        positive(Text(f"the {wanted} price of {asset}", f"{asset} 的 {wanted} 价格"), price, asset)
        return price if self.least is None else max(price, self.least)


def _unknown(text: str) -> UsageError:
    return UsageError(
        Text(f"'{text}' is no price of collateral", f"“{text}”不是抵押品价格来源"),
        where="collateral.price",
        remedy=Text(
            "Write venue, onchain, redemption, or floor:0.98 for a lower bound of 0.98.",
            "请写 venue、onchain、redemption，或以 floor:0.98 表示下限 0.98。",
        ),
    )
