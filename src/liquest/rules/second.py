"""What is known at the end of a second, and the mark made of it.

Invariant: a price is above zero or absent; nothing is ever zero for want of knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..errors import InputError, Text

WHOLE, PART, PROTECTED, HELD, CARRIED, ABSENT = (
    "whole", "part", "last-protected", "held", "stale", "missing",
)  # fmt: skip
STATES = (WHOLE, PART, PROTECTED, HELD, CARRIED, ABSENT)
"""Every input was there; some were not, and the mark is made of what was; own last price within
the band; the last mark; made of the last known inputs; none. The place in the list is the
number in a kernel."""


@dataclass(frozen=True)
class Second:
    """Prices at the end of a second. `index` is the oracle where a venue calls it so, `mid`
    the middle of best bid and ask, `external` mid prices of the contract at other venues.

    `funding_rate` is the last one, `to_funding_s` the seconds to the next funding.
    `to_delivery_s` counts down to delivery; the last second that counts is 0.
    """

    index: Decimal | None = None
    last: Decimal | None = None
    mid: Decimal | None = None
    funding_rate: Decimal | None = None
    to_funding_s: int | None = None
    to_delivery_s: int | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    external: tuple[Decimal | None, ...] = ()

    def __post_init__(self) -> None:
        named = {n: getattr(self, n) for n in ("index", "last", "mid", "bid", "ask")}
        named |= {f"external {k}": p for k, p in enumerate(self.external)}
        for name, price in named.items():
            if price is not None and not (price.is_finite() and price > 0):
                raise InputError(
                    Text(
                        f"a price must be above zero, not {price}",
                        f"价格必须大于零，而不是 {price}",
                    ),
                    where=name,
                    remedy=Text("Leave it out where there is none.", "没有价格时请留空。"),
                )

    @property
    def basis(self) -> Decimal | None:
        """mid − index, the sample of a moving average."""
        return None if self.mid is None or self.index is None else self.mid - self.index


class MarkValue(NamedTuple):
    """The mark, or None, and its state, one of STATES."""

    value: Decimal | None
    state: str


NOTHING = MarkValue(None, ABSENT)
