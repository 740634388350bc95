"""The ways of holding that are compared, and those that no venue would open.

A way is a margin mode, a leverage, the share of all the money that is on the exchange, and a
stop or none. Isolated, 1/leverage of the exposure stands behind it, whatever else is on the
exchange. Cross, all that is on the exchange stands behind it, and the leverage setting only
says how much is asked for at the opening: so there is one cross way for each share, at the
highest leverage that may be set.

Invariant: in a way the share on the exchange pays the initial margin, and the leverage is one
that the tiers allow at that exposure. What is off the exchange stays outside the wallet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ...findings import plain
from ...rules.exact import exact
from ...rules.structure import CROSS, ISOLATED, Structure
from ...rules.tiers import Tiers
from .asked import NONE, Asked

TIERS, MARGIN = "tiers", "margin"


@dataclass(frozen=True)
class Way:
    """One way of holding; hashable, so that it can be looked up."""

    mode: str
    leverage: Decimal
    share: Decimal
    stop: Decimal | None

    @property
    def words(self) -> dict[str, str]:
        """What names it in a finding."""
        return {
            "mode": self.mode, "leverage": plain(self.leverage), "on_exchange": plain(self.share),
            "stop": NONE if self.stop is None else plain(self.stop),
        }  # fmt: skip

    @exact
    def structure(self, asked: Asked, *, again: bool) -> Structure:
        """It in units of the exposure, opened once or `again` after every close."""
        unit = asked.capital / asked.exposure
        wallet = max(self.share * unit, 1 / self.leverage)  # equal ones differ in the 80th digit
        return Structure(
            self.leverage, wallet, self.mode, self.stop, asked.again_s if again else None,
            asked.sign, reserve=max(unit - wallet, Decimal(0)),
            rescue_s=asked.remargin_s,
        )  # fmt: skip


class Unopened(NamedTuple):
    """A leverage that is not to be had, at all (`share` None) or with that share."""

    leverage: Decimal
    share: Decimal | None
    why: str


def most_leverage(ladder: Tiers, exposure: Decimal) -> Decimal:
    """The highest leverage that the tiers allow at that exposure; 0 where it is above them all."""
    if ladder.cap is not None and exposure > ladder.cap:
        return Decimal(0)
    return ladder.bracket(exposure).max_leverage


def grid(asked: Asked, most: Decimal) -> tuple[list[Way], list[Unopened]]:
    """Every way that can be opened, the largest margin first, and what cannot be opened."""
    allowed = [x for x in asked.leverages if x <= most]
    aside = [Unopened(x, None, TIERS) for x in asked.leverages if x > most]
    aside += [
        Unopened(x, share, MARGIN)
        for x in allowed for share in asked.shares if not asked.opens(x, share)
    ]  # fmt: skip
    return list(_ways(asked, allowed)), aside


def _ways(asked: Asked, allowed: list[Decimal]) -> Iterator[Way]:
    stops = [None] if asked.stop is None else [None, asked.stop]
    shares = asked.shares[::-1]
    for stop in stops:
        for share in shares:
            if allowed and asked.opens(allowed[-1], share):
                yield Way(CROSS, allowed[-1], share, stop)
        for leverage in allowed:
            for share in shares:
                if asked.opens(leverage, share):
                    yield Way(ISOLATED, leverage, share, stop)
