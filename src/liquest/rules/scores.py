"""Scores of auto-deleveraging: who stands first in the queue.

Positions of one contract on the side opposite to the liquidated order are ranked by profit
and leverage, highest score first, ties by the lower account number. Each venue's text is a
policy of its own. In all of them u = profit of the position, N = its notional, both at the
mark, and equity = wallet + unrealised profit of the margin unit behind it. A position whose
equity is not above zero is in no queue: its own liquidation closes it. (The text of 2019
gives such an account a margin ratio of 0, which is the last place.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from ..errors import InputError, Text
from . import inverse, linear
from .exact import ONE, ZERO, exact, finite, positive


@dataclass(frozen=True)
class Candidate:
    """One position and what stands behind it, at the moment of the ranking.

    `side` +1 long, −1 short; `quantity` in base units, or in USD for inverse contracts;
    `wallet`, `equity` and `maintenance` those of the margin unit, in settle currency.
    Raises InputError for another side, or a quantity or price that is not above zero.
    """

    account: int
    side: int
    quantity: Decimal
    entry: Decimal
    mark: Decimal
    wallet: Decimal
    equity: Decimal
    maintenance: Decimal
    inverse: bool = False

    def __post_init__(self) -> None:
        where = f"account {self.account}"
        if self.side not in (1, -1):
            raise InputError(
                Text(f"no position has side {self.side!r}", f"不存在方向为 {self.side!r} 的持仓"),
                where=where,
                remedy=Text("Side +1 is long, −1 short.", "方向 +1 为多，−1 为空。"),
            )
        positive(Text("the quantity", "数量"), self.quantity, where)
        positive(Text("the entry price", "开仓价"), self.entry, where)
        positive(Text("the mark price", "标记价格"), self.mark, where)
        finite(Text("the wallet balance", "钱包余额"), self.wallet, where)
        finite(Text("the equity", "权益"), self.equity, where)
        finite(Text("the maintenance margin", "维持保证金"), self.maintenance, where)

    @exact
    def value(self, price: Decimal) -> Decimal:
        """Signed value of the position at a price: size · x."""
        if self.inverse:
            return inverse.size(self.side, self.quantity) * inverse.coordinate(price)
        return linear.size(self.side, self.quantity) * linear.coordinate(price)

    @exact
    def gain(self, price: Decimal) -> Decimal:
        """What closing the position at a price realises."""
        return self.value(price) - self.value(self.entry)

    @property
    def profit(self) -> Decimal:
        """Unrealised profit at the mark."""
        return self.gain(self.mark)

    @property
    def notional(self) -> Decimal:
        """Notional at the mark, above zero."""
        return abs(self.value(self.mark))

    @property
    @exact
    def leverage(self) -> Decimal:
        """Notional over equity, which must be above zero."""
        return self.notional / self.equity


class ScorePolicy(Protocol):
    """Ranks a position; None is not in the queue."""

    def score(self, candidate: Candidate) -> Decimal | None: ...


@dataclass(frozen=True)
class Binance2025:
    """pnl% · leverage with pnl% = u/N and leverage = N/equity; a loss is divided by it.

    Source: Binance text of 2025-12. For a profit N cancels: the score is u/equity.
    """

    @exact
    def score(self, candidate: Candidate) -> Decimal | None:
        if candidate.equity <= 0:
            return None
        profit = candidate.profit
        if profit >= 0:
            return profit / candidate.equity
        return profit * candidate.equity / candidate.notional**2


@dataclass(frozen=True)
class Binance2019:
    """max(0, u)/max(1, wallet) · maintenance margin/equity.

    Source: Binance FAQ of 2019-09-09, in force to 2023; dev.binance.vision quotes it the same.
    """

    @exact
    def score(self, candidate: Candidate) -> Decimal | None:
        if candidate.equity <= 0:
            return None
        share = max(ZERO, candidate.profit) * candidate.maintenance
        return share / (max(ONE, candidate.wallet) * candidate.equity)


@dataclass(frozen=True)
class BitMex:
    """pnl% · effective leverage; a loss is divided by it.

    pnl% = (mark value − entry value)/|entry value|, effective leverage = |mark value|/(mark
    value − bankrupt value). Source: BitMEX, "Auto-Deleveraging"; MEXC, CoinEx and others took
    the words over. The bankrupt value is that at which the equity behind the position is
    gone, so the denominator is that equity.
    """

    @exact
    def score(self, candidate: Candidate) -> Decimal | None:
        if candidate.equity <= 0:
            return None
        gained = candidate.profit / abs(candidate.value(candidate.entry))
        if gained >= 0:
            return gained * candidate.notional / candidate.equity
        return gained * candidate.equity / candidate.notional


@dataclass(frozen=True)
class Bybit:
    """Leveraged return: the price's move in favour, as a share of the entry price, times
    N/equity. Only positions in profit are taken.

    Source: Bybit, "Auto-Deleveraging (ADL) Mechanism", which ranks profitable positions by
    leveraged return. Its denominator in cross margin is not published; the account's equity
    stands for it.
    """

    @exact
    def score(self, candidate: Candidate) -> Decimal | None:
        if candidate.equity <= 0 or candidate.profit <= 0:
            return None
        moved = candidate.side * (candidate.mark - candidate.entry) / candidate.entry
        return moved * candidate.notional / candidate.equity


@dataclass(frozen=True)
class Hyperliquid:
    """(mark/entry) · (N/equity), of positions in profit only.

    Source: Hyperliquid docs, "Auto-deleveraging". As written mark/entry falls as a short gains, so
    among shorts of equal leverage the one with the least profit comes first; `sided` takes
    entry/mark for shorts.
    """

    sided: bool = False

    @exact
    def score(self, candidate: Candidate) -> Decimal | None:
        if candidate.equity <= 0 or candidate.profit <= 0:
            return None
        above, below = candidate.mark, candidate.entry
        if self.sided and candidate.side < 0:
            above, below = below, above
        return above * candidate.notional / (below * candidate.equity)


SCORES: Mapping[str, ScorePolicy] = {
    "binance-2025": Binance2025(),
    "binance-2019": Binance2019(),
    "bitmex": BitMex(),
    "bybit": Bybit(),
    "hyperliquid": Hyperliquid(),
    "hyperliquid-sided": Hyperliquid(sided=True),
}
"""Names in the rulebook (adl.score) → policies."""


def queue(candidates: Iterable[Candidate], policy: ScorePolicy) -> tuple[Candidate, ...]:
    """The candidates by falling score, ties by account; those not in the queue left out."""
    ranked = [(score, c) for c in candidates if (score := policy.score(c)) is not None]
    return tuple(c for _, c in sorted(ranked, key=lambda pair: (-pair[0], pair[1].account)))
