"""Why an account lost what it lost: the change of its equity in parts that add up exactly.

From the reference time T on, a piece of a position that was closed by force at time t and
price p is taken apart in the coordinate x of its contract, with M the own mark price, V the
median of the other venues and M' the mark price under the rules asked for:

    x(p) − x(M_T) = [x(V_t) − x(V_T)]                                     market
                  + [x(M'_t) − x(V_t)] − [x(M'_T) − x(V_T)]               venue dislocation
                  + [x(M_t) − x(M'_t)] − [x(M_T) − x(M'_T)]               rule effect
                  + [x(p) − x(M_t)]                                       execution

which telescopes, so the parts of every piece add up to it. Without a question about rules
M' = M. Where a price is missing the parts that need it are not separated, never guessed.
Before T everything is one part: equity(T) − equity at the start − transfers, with positions
that were open before the export taken at their entry price.

Invariant: in every wallet Σ parts = equity(end) − equity(start) − net transfers, to the eighth
decimal, in the currency of the wallet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ...findings import rounded
from ...replay.scenario import Scenario
from ...rules.exact import ZERO, exact
from ..entries import Ref
from ..ledger.ledger import Held, Ledger, PositionPath, WalletPath
from ..prices.prices import Prices
from .flows import PROFIT, TRANSFER, flow
from .lots import OPEN, OWN, REFERENCE_FIRST, Closes, Cut, coordinate, cuts, entry_of, size_of
from .parts import (
    BEFORE,
    COMMON,
    DISLOCATION,
    EXECUTION,
    FEES,
    FUNDING,
    HELD,
    INSURANCE,
    MARKET,
    OPENED_AFTER,
    OTHER,
    PARTS,
    ROUNDING,
    RULE,
    UNEXPLAINED,
    UNPRICED,
    VOLUNTARY,
)  # fmt: skip

PLACES = 8
_HALF = Decimal("0.5e-8")


@dataclass(frozen=True)
class Piece:
    """One cut with what it won or lost, in the settle currency, and the prices behind it.

    `parts` are those of a forced close; of other pieces they tell how its `profit` would split,
    where prices allow. `at` is None while it is open; `price` then is the mark at the end."""

    symbol: str
    place: str
    end: str
    new: bool
    at: int | None
    quantity: Decimal
    price: Decimal | None
    profit: Decimal
    parts: Mapping[str, Decimal]
    prices: Mapping[str, Decimal | None]
    ref: Ref | None


@dataclass(frozen=True)
class Share:
    """The attribution of one wallet. `parts` has every name of `PARTS`, zeros included."""

    market: str
    asset: str
    start: Decimal
    at_reference: Decimal
    at_end: Decimal
    transfers: Decimal
    transfers_after: Decimal
    parts: Mapping[str, Decimal]
    pieces: tuple[Piece, ...]
    unpriced: tuple[str, ...]

    @property
    def whole(self) -> Decimal:
        """equity(end) − equity(start) − net transfers."""
        return self.at_end - self.start - self.transfers

    @property
    def after(self) -> Decimal:
        """The change from the reference time on, transfers taken out; a loss is below zero."""
        return self.whole - self.parts[BEFORE]


@dataclass(frozen=True)
class Question:
    """What is asked: two moments (µs), how lots are closed, and other rules, if any."""

    reference: int
    end: int
    order: str = REFERENCE_FIRST
    scenario: Scenario | None = None


@exact
def attribute(
    ledger: Ledger, prices: Prices, question: Question, closes: Closes
) -> tuple[Share, ...]:
    """Every wallet that changed, or held a position, up to the end."""
    found = []
    for wallet in ledger.wallets:
        whose = (wallet.market, wallet.asset)
        paths = [p for p in ledger.positions if (p.market, p.settle) == whose]
        found.append(_share(ledger, wallet, paths, prices, question, closes))
    return tuple(found)


def _share(
    ledger: Ledger, wallet: WalletPath, paths: list[PositionPath], prices: Prices,
    question: Question, closes: Closes,
) -> Share:  # fmt: skip
    flows: dict[str, Decimal] = {}
    profits = 0
    before = after = ZERO
    for step in wallet.steps:
        if step.ts > question.end:
            break
        kind = flow(ledger.exports.transactions[step.transaction])
        if step.ts <= question.reference:
            before += step.change if kind == TRANSFER else ZERO
        elif kind == TRANSFER:
            after += step.change
        else:
            flows[kind] = flows.get(kind, ZERO) + step.change
            profits += kind == PROFIT
    unpriced: list[str] = []
    then = now = ZERO
    pieces: list[Piece] = []
    for path in paths:
        base = _base(path, prices, question.reference, unpriced)
        last = _base(path, prices, question.end, unpriced)
        then += _unrealised(path, path.at(question.reference), base)
        now += _unrealised(path, path.at(question.end), last)
        for cut in cuts(path, ledger.exports.trades, question.reference, question.end, closes,
                        question.order):  # fmt: skip
            pieces.append(_piece(ledger, path, cut, base, last, prices, question))
    at_reference = wallet.at(question.reference) + then
    at_end = wallet.at(question.end) + now
    parts = dict.fromkeys(PARTS, ZERO)
    parts[BEFORE] = at_reference - wallet.opening - before
    for piece in pieces:
        for name, value in _shown(piece).items():
            parts[name] += value
    for name in (FEES, FUNDING, INSURANCE, OTHER):
        parts[name] += flows.get(name, ZERO)
    return _closed(
        wallet, parts, pieces, at_reference, at_end, before, after, profits,
        tuple(dict.fromkeys(unpriced)),
    )  # fmt: skip


def _closed(
    wallet: WalletPath, parts: dict[str, Decimal], pieces: list[Piece], at_reference: Decimal,
    at_end: Decimal, before: Decimal, after: Decimal, profits: int, unpriced: tuple[str, ...],
) -> Share:  # fmt: skip
    """All of it at eight decimals; what is left over is rounding or has no explanation."""
    start, reference, end = (rounded(v, PLACES) for v in (wallet.opening, at_reference, at_end))
    transfers = rounded(before + after, PLACES)
    parts = {name: rounded(value, PLACES) for name, value in parts.items()}
    left = end - start - transfers - sum(parts.values(), ZERO)
    # Each row of profit is rounded once by the venue, each part and each equity once here.
    bound = _HALF * (profits + len(parts) + 4)
    parts[ROUNDING if abs(left) <= bound else UNEXPLAINED] += left
    return Share(
        wallet.market, wallet.asset, start, reference, end, transfers, rounded(after, PLACES),
        parts, tuple(pieces), unpriced,
    )  # fmt: skip


def _base(path: PositionPath, prices: Prices, ts: int, unpriced: list[str]) -> Decimal | None:
    """The price that what is held at a moment stands at: its mark, else its entry price."""
    held = path.at(ts)
    if held is None or not held.quantity:
        return None
    mark = prices.mark(path.symbol, ts)
    if mark is None:
        unpriced.append(path.symbol)
        return entry_of(held)
    return mark


def _unrealised(path: PositionPath, held: Held | None, price: Decimal | None) -> Decimal:
    if held is None or not held.quantity or held.entry is None or price is None:
        return ZERO
    return size_of(path, held.quantity) * (coordinate(path, price) - coordinate(path, held.entry))


def _piece(
    ledger: Ledger, path: PositionPath, cut: Cut, base: Decimal | None, last: Decimal | None,
    prices: Prices, question: Question,
) -> Piece:  # fmt: skip
    trade = ledger.exports.trades[cut.trade] if cut.trade >= 0 else None
    price, at = (trade.price, trade.ts) if trade else (last, None)
    since = cut.since if cut.since is not None else None if base is None else coordinate(path, base)
    profit = ZERO
    if price is not None and since is not None:
        profit = cut.size * (coordinate(path, price) - since)
    split, taken = ({}, {}) if cut.since is not None else _split(
        path, cut, profit, price, at or question.end, prices, question
    )  # fmt: skip
    return Piece(
        path.symbol, path.place, cut.end, cut.since is not None, at,
        cut.size / path.contract_size if path.inverse else cut.size, price, profit, split, taken,
        trade.ref if trade else None,
    )  # fmt: skip


def _split(
    path: PositionPath, cut: Cut, profit: Decimal, price: Decimal | None, at: int,
    prices: Prices, question: Question,
) -> tuple[dict[str, Decimal], dict[str, Decimal | None]]:  # fmt: skip
    """Parts of a piece that was held at the reference time, and the prices that made them."""
    symbol, then = path.symbol, question.reference
    scenario = question.scenario
    taken = {
        "mark_reference": prices.mark(symbol, then), "mark": prices.mark(symbol, at),
        "others_reference": prices.others(symbol, then), "others": prices.others(symbol, at),
    }  # fmt: skip
    m0, m1, v0, v1 = taken.values()
    if price is None or m0 is None or m1 is None:
        return {UNPRICED: profit}, taken
    ruled0, ruled1 = m0, m1
    if scenario is not None:
        other0 = prices.under(symbol, then, scenario)
        other1 = prices.under(symbol, at, scenario)
        taken |= {"ruled_reference": other0, "ruled": other1}
        if other0 is not None and other1 is not None:
            ruled0, ruled1 = other0, other1

    def move(first: Decimal, second: Decimal) -> Decimal:
        return cut.size * (coordinate(path, second) - coordinate(path, first))

    found = {RULE: move(m0, m1) - move(ruled0, ruled1), EXECUTION: move(m1, price)}
    if v0 is None or v1 is None:
        found[COMMON] = move(ruled0, ruled1)
    else:
        found[MARKET] = move(v0, v1)
        found[DISLOCATION] = move(ruled0, ruled1) - found[MARKET]
    return found, taken


def _shown(piece: Piece) -> Mapping[str, Decimal]:
    """Where a piece goes among the parts of the wallet."""
    if piece.new:
        return {OPENED_AFTER: piece.profit}
    if piece.end == OPEN:
        return {HELD: piece.profit}
    if piece.end == OWN:
        return {VOLUNTARY: piece.profit}
    return piece.parts
