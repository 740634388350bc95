"""Draws a population: uniform numbers to lots, ticks and margins, all as arrays.

Each attribute has a random stream of its own (PCG64, seeded by the seed and the attribute's
number), read row by row, so the draws of an account hang on nothing but the seed, its number
and the number of positions that an account may have. Only operations that IEEE 754 fixes to
the last bit are used, so the same seed gives the same accounts on every machine.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import Text, UsageError
from ..tape.tracks import Floats, Ints
from .population_law import Assumptions, cumulative
from .population_terms import Listing, Terms, weights

Bools = npt.NDArray[np.bool_]
_POWERS = np.array([10.0**k for k in range(23)])
"""Powers of ten that a double holds exactly."""
_ABOVE = 1 + 1e-12
"""Guards a tier's edge against the last bit."""


class Stream(IntEnum):
    """The numbers of the attributes; a new one goes to the end."""

    CATEGORY = 1
    ISOLATED = 2
    HEDGE = 3
    LEGS = 4
    MARKET = 5
    SIDE = 6
    SIZE = 7
    ENTRY = 8
    LEVERAGE = 9
    SPARE = 10


class Legs(NamedTuple):
    """Drawn positions [P] in the order of their accounts, and the account-wide draws [A]."""

    account: Ints
    market: Ints
    side: Ints
    lots: Ints
    ticks: Ints
    leverage: Ints
    category: Ints
    isolated: Bools
    hedge: Bools
    spare: Floats


def uniform(seed: int, stream: Stream, count: int) -> Floats:
    """`count` numbers from 0 up to 1, those of one attribute."""
    bits = np.random.PCG64(np.random.SeedSequence([seed, int(stream)]))
    return np.random.Generator(bits).random(count)


def powers(exponent: Ints) -> Floats:
    """10^exponent."""
    return _POWERS[exponent]


def chosen(weights: list[Decimal], draws: Floats) -> Ints:
    """The place of the weight that each uniform draw falls on."""
    edges = cumulative(weights)
    return np.minimum(np.searchsorted(edges, draws, side="right"), len(edges) - 1)


def draw(
    count: int, listings: tuple[Listing, ...], terms: Terms, seed: int, law: Assumptions
) -> Legs:
    """The positions of `count` accounts, sized, priced and levered."""
    category = chosen([one.share for one in law.classes.values()],
                      uniform(seed, Stream.CATEGORY, count))  # fmt: skip
    isolated = uniform(seed, Stream.ISOLATED, count) < float(law.isolated)
    hedge = uniform(seed, Stream.HEDGE, count) < float(law.hedge)
    held, market, side, place = _which(count, listings, seed, law, hedge)
    account = np.repeat(np.arange(count), held.sum(axis=1))
    # Positions of one settle currency stand together: a cross wallet is one margin unit.
    settle = np.unique([one.settle for one in terms.steps], return_inverse=True)[1]
    if settle.max(initial=0):
        order = np.lexsort((settle[market], account))
        account, market, side, place = (a[order] for a in (account, market, side, place))
    column, ticks = _entries(terms, market, uniform(seed, Stream.ENTRY, held.size)[place])
    factor = np.array([float(one.size) for one in law.classes.values()])
    size = law.size.quantiles().draw(uniform(seed, Stream.SIZE, held.size)[place])
    notional = np.maximum(size * factor[category[account]], float(law.least))
    worst = _x_most(terms, market, ticks)
    lots = _lots(listings, terms, market, side, notional, worst)
    listed = np.array(sorted(law.leverage), dtype=np.int64)
    drawn = listed[chosen([law.leverage[int(v)] for v in listed],
                          uniform(seed, Stream.LEVERAGE, held.size)[place])]  # fmt: skip
    leverage = _allowed(terms, market, amounts(terms, market, lots) * worst, drawn, listed)
    lost = ~_carried(terms, market, side, lots, ticks, column, leverage)
    ticks = np.where(lost, opening(terms)[market], ticks)
    return Legs(
        account, market, side, lots, ticks, leverage, category, isolated, hedge,
        uniform(seed, Stream.SPARE, count),
    )  # fmt: skip


def _which(
    count: int, listings: tuple[Listing, ...], seed: int, law: Assumptions, hedge: Bools
) -> tuple[Bools, Ints, Ints, Ints]:
    """Whether each of the possible positions [A, K] is held; contract, side and place in [A, K]
    of those that are."""
    most = len(law.legs)
    shape = (count, most)
    number = 1 + chosen(list(law.legs), uniform(seed, Stream.LEGS, count))
    market = chosen(weights(listings),
                    uniform(seed, Stream.MARKET, count * most)).reshape(shape)  # fmt: skip
    long = (uniform(seed, Stream.SIDE, count * most) < float(law.long)).reshape(shape)
    side = np.where(long, 1, -1).astype(np.int64)
    held = np.arange(most) < number[:, None]
    if most > 1:
        pair = hedge & (number > 1)
        market[pair, 1] = market[pair, 0]
        side[pair, 1] = -side[pair, 0]
    for k in range(1, most):
        for j in range(k):
            again = held[:, k] & held[:, j] & (market[:, k] == market[:, j])
            held[:, k] &= ~(again & ~hedge) if (j, k) == (0, 1) else ~again
    return held, market[held], side[held], np.flatnonzero(held)


def _entries(terms: Terms, market: Ints, draws: Floats) -> tuple[Ints, Ints]:
    """The column of entry among the known ones, and the mark there in ticks."""
    at = np.minimum((draws * terms.counts[market]).astype(np.int64), terms.counts[market] - 1)
    column = terms.known[market, at]
    return column, _ticks(terms, market, terms.marks[market, column])


def _ticks(terms: Terms, market: Ints, price: Floats) -> Ints:
    scale = powers(terms.column("tick"))[market]
    return np.maximum(np.rint(price * scale), 1).astype(np.int64)


def opening(terms: Terms) -> Ints:
    """The mark at the beginning of the window in ticks [M]."""
    markets = np.arange(len(terms.steps))
    return _ticks(terms, markets, terms.marks[:, -1])


def prices(terms: Terms, market: Ints, ticks: Ints) -> Floats:
    """Ticks as x: the price, for inverse contracts one over it; rounded once."""
    scale = powers(terms.column("tick"))[market]
    inverse = terms.column("inverse")[market] == 1
    return np.where(inverse, scale / ticks, ticks / scale)


def amounts(terms: Terms, market: Ints, lots: Ints) -> Floats:
    """Lots as |size| in x: base units, for inverse contracts USD; rounded once."""
    size, scale = terms.column("size")[market], powers(terms.column("lot"))[market]
    found: Floats = (lots * size) / scale
    return found


def _x_most(terms: Terms, market: Ints, ticks: Ints) -> Floats:
    """The larger x of the entry and of the beginning of the window."""
    return np.maximum(prices(terms, market, ticks), prices(terms, market, opening(terms)[market]))


def lot_value(terms: Terms) -> Floats:
    """Quote units of one lot of each contract at the beginning of the window [M]."""
    inverse = terms.column("inverse") == 1
    per_coin = terms.marks[:, -1] / powers(terms.column("lot"))
    return np.where(inverse, terms.column("size"), per_coin)


def targets(listings: tuple[Listing, ...], terms: Terms) -> Ints:
    """The open interest of each contract in lots [M], 0 where none is stated."""
    wanted = [0.0 if one.open_interest is None else float(one.open_interest) for one in listings]
    return countable(np.rint(np.array(wanted) / lot_value(terms)))


def countable(amounts: Floats) -> Ints:
    """Whole amounts as integers; raises UsageError for what doubles do not count one by one."""
    if amounts.max(initial=0.0) >= 2**53:
        raise UsageError(
            Text("population: an amount has more than 15 digits", "合成账户群：数额超过 15 位数字"),
            remedy=Text("Check open interest and sizes against the prices.",
                        "请对照价格检查持仓量与规模。"),
        )  # fmt: skip
    return amounts.astype(np.int64)


def _lots(
    listings: tuple[Listing, ...], terms: Terms, market: Ints, side: Ints, notional: Floats,
    x: Floats,
) -> Ints:  # fmt: skip
    """Sizes in lots: scaled to the open interest, at least one lot, within the largest tier."""
    raw = notional / lot_value(terms)[market]
    count = len(terms.steps)
    larger = np.maximum(*(
        np.bincount(market[side == s], weights=raw[side == s], minlength=count) for s in (1, -1)
    ))  # fmt: skip
    wanted = targets(listings, terms).astype(np.float64)
    stated = np.array([one.open_interest is not None for one in listings]) & (larger > 0)
    scale = np.divide(wanted, larger, out=np.ones(count), where=stated)
    per_lot = terms.column("size") / powers(terms.column("lot"))
    most = np.floor(np.minimum(terms.cap[market] / (per_lot[market] * x * _ABOVE), 1e15))
    sized: Ints = np.maximum(np.minimum(np.rint(raw * scale[market]), most), 1).astype(np.int64)
    return sized


def _allowed(
    terms: Terms, market: Ints, notional: Floats, drawn: Ints, listed: Ints
) -> Ints:  # fmt: skip
    """The leverage drawn, or the highest one listed that the tier allows, or what it allows."""
    most = terms.allowed[market, terms.tier(market, notional * _ABOVE)]
    lower = np.searchsorted(listed, most, side="right") - 1
    nearest = np.where(lower >= 0, listed[np.maximum(lower, 0)], 1)
    return np.where(drawn <= most, drawn, nearest)


def _carried(
    terms: Terms, market: Ints, side: Ints, lots: Ints, ticks: Ints, column: Ints, leverage: Ints
) -> Bools:  # fmt: skip
    """Whether a position's own initial margin kept it from liquidation until the window."""
    inverse = terms.column("inverse")[market] == 1
    worst = np.where(side > 0, terms.low[market, column], terms.high[market, column])
    x = np.where(inverse, 1 / worst, worst)
    entry, amount = prices(terms, market, ticks), amounts(terms, market, lots)
    profit = amount * np.where(inverse, -side, side) * (x - entry)
    equity = amount * entry / leverage + profit
    held: Bools = equity > terms.maintenance(market, amount * x)
    return held
