"""Auto-deleveraging of one liquidated order: who is closed, by how much, at what price.

When the insurance fund cannot take a bankrupt order over, positions on the other side are
closed against it. A rule is a score, an allocation, a closing price and a lot; what it closes
are whole lots, never more than a position holds, and Σ closed + residual = quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from ..errors import Text
from .contract_space import Closing, Holder, line_up, split, whole_lots
from .exact import ONE, positive, share
from .lookup import Rules, one_of
from .scores import SCORES, Candidate, queue


class PricePolicy(Protocol):
    """The price at which positions are closed against a liquidated order."""

    def price(self, bankruptcy: Decimal, mark: Decimal, previous: Decimal) -> Decimal: ...


@dataclass(frozen=True)
class AtBankruptcy:
    """The bankruptcy price of the liquidated order: Binance, Bybit, BitMEX. The whole deficit
    falls on those who are closed."""

    def price(self, bankruptcy: Decimal, mark: Decimal, previous: Decimal) -> Decimal:
        return bankruptcy


@dataclass(frozen=True)
class AtMark:
    """The mark: OKX. Nobody who is closed gains or loses by it; the deficit remains."""

    def price(self, bankruptcy: Decimal, mark: Decimal, previous: Decimal) -> Decimal:
        return mark


@dataclass(frozen=True)
class AtPreviousMark:
    """The mark before the one at which the account went under water: Hyperliquid."""

    def price(self, bankruptcy: Decimal, mark: Decimal, previous: Decimal) -> Decimal:
        return previous


PRICES: Mapping[str, PricePolicy] = {
    "bankruptcy": AtBankruptcy(),
    "mark": AtMark(),
    "previous-mark": AtPreviousMark(),
}
"""Names in the rulebook (adl.price) → policies."""

ALLOCATIONS = ("queue", "pro-rata", "capped", "leverage", "min-max", "contract-lots")
"""Names in the rulebook (adl.allocation). In whole lots pro-rata and contract-lots are one:
contract-lots says that the venue rounds, pro-rata alone leaves fractions to a kernel."""


@dataclass(frozen=True)
class AdlRule:
    """`score`, `allocation` and `price` by their names in the rulebook; `lot` the smallest
    quantity; `cap` the share of a position that "capped" may close. With `spare_cash` nobody
    is closed at a price that realises a loss: then each pays from profit alone. No venue is
    known to promise that.

    Raises UsageError for a name that there is not, InputError for a lot or cap out of range.
    """

    score: str = "binance-2025"
    allocation: str = "queue"
    price: str = "bankruptcy"
    lot: Decimal = ONE
    cap: Decimal = ONE
    spare_cash: bool = False

    def __post_init__(self) -> None:
        one_of("adl.score", self.score, SCORES)
        one_of("adl.allocation", self.allocation, ALLOCATIONS)
        one_of("adl.price", self.price, PRICES)
        positive(Text("the lot", "最小变动数量"), self.lot, "adl.lot")
        share(Text("the cap", "削减上限"), self.cap, "adl.cap")

    @classmethod
    def of(cls, rules: Rules, symbol: str = "") -> AdlRule:
        """The rule that a rulebook has in force for a symbol."""
        return cls(
            score=rules.get("adl.score", symbol).text,
            allocation=rules.get("adl.allocation", symbol).text,
            price=rules.get("adl.price", symbol).text,
            lot=rules.get("adl.lot", symbol).number,
        )

    def close(self, quantity: Decimal, candidates: Iterable[Candidate], price: Decimal) -> Closed:
        """What closing `quantity` at `price` takes from each candidate.

        All candidates hold the same contract on the side opposite to the liquidated order. A
        queue takes them by score; shares take those in profit at the mark, by profit
        (pro-rata, capped), by leverage times profit (leverage) or by equity (min-max).
        Quantities must be whole lots.
        """
        taken = sorted(
            (c for c in candidates if not self.spare_cash or c.gain(price) >= 0),
            key=lambda c: c.account,
        )
        wanted = whole_lots(quantity, self.lot, "adl")
        if self.allocation == "queue":
            lined = queue(taken, SCORES[self.score])
            closing = line_up(wanted, [self._holder(c, Fraction(0)) for c in lined])
        else:
            closing = split(wanted, [self._holder(c, self._weight(c)) for c in taken])
        return Closed.of(closing, self.lot)

    def _holder(self, candidate: Candidate, weight: Fraction) -> Holder:
        lots = whole_lots(candidate.quantity, self.lot, f"account {candidate.account}")
        if self.allocation == "capped":
            lots = int(lots * Fraction(self.cap))
        return Holder(candidate.account, lots, weight)

    def _weight(self, candidate: Candidate) -> Fraction:
        profit, equity = Fraction(candidate.profit), Fraction(candidate.equity)
        if profit <= 0 or equity <= 0:
            return Fraction(0)
        if self.allocation == "leverage":
            return profit * Fraction(candidate.notional) / equity
        return equity if self.allocation == "min-max" else profit


@dataclass(frozen=True)
class Closed:
    """Quantities closed by account, all above zero, and what is left to close."""

    quantities: Mapping[int, Decimal]
    residual: Decimal

    @classmethod
    def of(cls, closing: Closing, lot: Decimal) -> Closed:
        """Lots as quantities."""
        return cls(
            {account: lots * lot for account, lots in closing.closed.items() if lots},
            closing.residual * lot,
        )
