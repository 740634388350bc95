"""One snapshot of a book in decimals: what `_book_sql` computes of millions, exact.

Invariant: levels stand as the source gives them, best first; none is empty in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import NamedTuple

from ..clock import Window
from ..instruments import Instrument
from ..run.database import connection
from ..tape.tracks import Track
from ._book_sql import QUOTES_AS_BOOK, SIDES, suffix


class Level(NamedTuple):
    """Price and raw size."""

    price: Decimal
    size: Decimal


@dataclass(frozen=True)
class Snapshot:
    """Bids and asks, best first."""

    bid: tuple[Level, ...]
    ask: tuple[Level, ...]

    @property
    def middle(self) -> Decimal | None:
        """Half way between the best two; None where a side is empty."""
        if not self.bid or not self.ask:
            return None
        return (self.bid[0].price + self.ask[0].price) / 2

    @property
    def spread(self) -> Decimal | None:
        """Best ask less best bid in basis points of the middle."""
        middle = self.middle
        if middle is None:
            return None
        with localcontext(prec=40):
            return (self.ask[0].price - self.bid[0].price) / middle * 10_000

    def levels(self, side: str) -> tuple[Level, ...]:
        """One side, best first."""
        return self.bid if side == "bid" else self.ask

    def best(self, instrument: Instrument, side: str, count: int) -> Decimal:
        """The sum of the best `count` levels."""
        return total(instrument, self.levels(side)[:count])

    def within(self, instrument: Instrument, side: str, band: Decimal) -> Decimal | None:
        """The sum of the levels no farther from the middle than `band` of it."""
        middle = self.middle
        if middle is None:
            return None
        low, high = middle * (1 - band), middle * (1 + band)
        kept = (
            level
            for level in self.levels(side)
            if (level.price >= low if side == "bid" else level.price <= high)
        )
        return total(instrument, tuple(kept))


def total(instrument: Instrument, levels: tuple[Level, ...]) -> Decimal:
    """What stands at some levels, in the unit of `_book.money`."""
    contract = instrument.contract_size
    with localcontext(prec=60):
        if contract is None:
            return sum((level.size for level in levels), Decimal(0))
        if instrument.inverse:
            return sum((level.size * contract for level in levels), Decimal(0))
        return sum((level.price * level.size * contract for level in levels), Decimal(0))


def snapshot_at(track: Track, ts: int, row_no: int, levels: int) -> Snapshot:
    """The snapshot of one row, read again."""
    names = [
        f"{side}_{what}{suffix(n)}"
        for side in SIDES
        for n in range(levels)
        for what in ("price", "size")
    ]
    table = track.table(Window("row", ts, ts + 1))
    if track.record == "quotes":
        table = f"({QUOTES_AS_BOOK.format(rows=table)})"
    query = f"SELECT {', '.join(names)} FROM {table} WHERE ts = {ts} AND row_no = {row_no} LIMIT 1"
    found = connection().execute(query).fetchall()[0]
    sides = []
    for half in (found[: 2 * levels], found[2 * levels :]):
        pairs = zip(half[::2], half[1::2], strict=True)
        sides.append(tuple(Level(p, s) for p, s in pairs if p is not None and s is not None))
    return Snapshot(*sides)
