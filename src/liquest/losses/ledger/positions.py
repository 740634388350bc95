"""Positions from trades: one path for each place of each contract, its opening solved first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...clock import SECOND
from ...errors import Text
from ...instruments import identify
from ...problems import ABSENT, Problem
from ...rules.exact import ONE, ZERO, exact
from ..entries import BOTH, COINM, USDM, Exports, PositionRow, Ref, Trade
from .anchors import Key, anchors, is_open, rows_by_place, takeovers
from .average import Anchor, Break, Contract, Opening, Over, Walk, walk
from .candidates import Begun, Candidate, begun, candidates, refuted
from .ledger import ASSUMED_FLAT, FLAT, ROW, SOLVED, UNKNOWN, Held, PositionPath
from .naming import at_rows, moment, number, row_name
from .opened import assumed, impossible, never_traded, no_size, solved, unknown, unusable
from .openings import SOLVES, against, by_entry, by_profits, fits, opening_of, signed, tells
from .sides import PNL

TRIES = 8
"""Anchors tried at most where the first does not fit."""


FUNDING = "FUNDING_FEE"
FREE = 2
"""Quantity and entry of an opening position."""


class Built(NamedTuple):
    """A path with what later steps compare: the trades of the place, its rows, and how far
    single profits may be off."""

    path: PositionPath
    places: Sequence[int]
    rows: Sequence[PositionRow]
    loose: Mapping[int, Decimal]


def contract_of(
    exports: Exports, key: Key, settles: Mapping[tuple[str, str], str]
) -> tuple[Contract, bool]:
    """The contract that a key names; its settle currency as the transactions say it, else by
    the symbol. An inverse contract of a size that is not known counts as 1 USD, and the second is
    False."""
    market, symbol, place = key
    names = {USDM: "binance-futures", COINM: "binance-delivery"}
    venue = exports.venue.lower()
    found = identify(names.get(market, venue) if venue in ("", "binance") else venue, symbol)
    inverse = market == COINM
    settle = settles.get((market, symbol)) or (found.base if inverse else found.quote)
    size = (found.contract_size or ONE) if inverse else ONE
    known = not inverse or found.contract_size is not None
    return Contract(market, symbol, place, inverse, size, settle), known


def build(
    exports: Exports, at_end: Mapping[Key, Decimal]
) -> tuple[list[Built], list[PositionRow], list[Problem]]:
    """Every path, in order of market, symbol and place; rows of places that were neither traded
    nor held; problems."""
    problems: list[Problem] = []
    trades = exports.trades
    grouped: dict[Key, list[int]] = {}
    covered: dict[str, tuple[int, int]] = {}
    for index, trade in enumerate(trades):
        if trade.price <= 0 or trade.quantity <= 0:
            problems.append(unusable(exports, trade))
            continue
        key = (trade.market, trade.symbol, trade.place)
        known = grouped.get(key)
        if known is None:
            grouped[key] = [index]
        else:
            known.append(index)
    for market in {k[0] for k in grouped}:
        times = [trades[p[i]].ts for k, p in grouped.items() if k[0] == market for i in (0, -1)]
        covered[market] = min(times) // SECOND, max(times) // SECOND
    rows = rows_by_place(exports, set(grouped))
    ended = takeovers(exports)
    settles = {(t.market, t.symbol): t.asset for t in exports.transactions if t.type == PNL}
    built: list[Built] = []
    strays: list[PositionRow] = []
    paid = sorted(_paid(exports, grouped))
    work: dict[Key, tuple[Contract, Sequence[int], Sequence[PositionRow], Sequence[Anchor]]] = {}
    done: dict[Key, tuple[Built, list[Problem]]] = {}
    for key in sorted({*grouped, *rows, *at_end}):
        places = grouped.get(key, [])
        contract, known_size = contract_of(exports, key, settles)
        own = rows.get(key, [])
        if not places:
            untraded = _untraded(exports, contract, own, at_end.get(key))
            if untraded is None:
                strays += own
            else:
                built.append(Built(untraded, (), own, {}))
            continue
        if not known_size:
            problems.append(no_size(exports, contract, trades[places[0]].ref))
        marks = anchors(trades, places, own, covered[key[0]], ended, at_end.get(key))
        work[key] = contract, places, own, marks
        done[key] = _traded(exports, *work[key])
    # A funding fee before the first trade: some place of the symbol was held.
    for market, symbol in paid:
        own_keys = [k for k in done if k[:2] == (market, symbol)]
        if all(done[k][0].path.opening_by in (FLAT, ASSUMED_FLAT) for k in own_keys):
            for key in own_keys:
                done[key] = _traded(exports, *work[key], paid=True)
    for one, found in done.values():
        built.append(one)
        problems += found
    for one, said in _never_traded(exports, {*grouped, *rows, *at_end}, covered, settles):
        built.append(one)
        problems.append(said)
    built.sort(key=lambda b: b.path.key)
    return built, strays, problems


def _never_traded(
    exports: Exports, keys: Collection[Key], covered: Collection[str],
    settles: Mapping[tuple[str, str], str],
) -> Iterator[tuple[Built, Problem]]:  # fmt: skip
    """Symbols of which funding was paid and nothing else is there: held all through the export,
    nobody knows how much or in which place."""
    traded = {k[:2] for k in keys}
    first: dict[tuple[str, str], Ref] = {}
    for row in exports.transactions:
        if row.type == FUNDING and row.symbol and row.market in covered:
            first.setdefault((row.market, row.symbol), row.ref)
    for (market, symbol), ref in first.items():
        if (market, symbol) not in traded:
            contract, _ = contract_of(exports, (market, symbol, BOTH), settles)
            yield (
                Built(_path(contract, (), None, UNKNOWN, ()), (), (), {}),
                never_traded(exports, contract, ref),
            )


def _paid(exports: Exports, grouped: Mapping[Key, Sequence[int]]) -> set[tuple[str, str]]:
    """(market, symbol) of which a funding fee stands before the first trade."""
    first: dict[tuple[str, str], int] = {}
    for (market, symbol, _), places in grouped.items():
        ts = exports.trades[places[0]].ts
        first[market, symbol] = min(ts, first.get((market, symbol), ts))
    return {
        (row.market, row.symbol)
        for row in exports.transactions
        if row.type == FUNDING and row.ts < first.get((row.market, row.symbol), 0)
    }


class _Start(NamedTuple):
    """An opening position with the walk from it, and how much of the record speaks against it."""

    opening: Opening
    walk: Walk
    against: int
    follows: bool = True


@exact
def _traded(
    exports: Exports,
    contract: Contract,
    places: Sequence[int],
    rows: Sequence[PositionRow],
    marks: Sequence[Anchor],
    *,
    paid: bool = False,
) -> tuple[Built, list[Problem]]:
    first = exports.trades[places[0]].ts
    ref = exports.trades[places[0]].ref
    start, by, problems = _start(exports, contract, places, rows, marks, paid)
    if by == UNKNOWN:
        path = _path(contract, rows, None, UNKNOWN, ())
        return Built(path, places, rows, {}), problems
    if by == SOLVED:
        problems.append(solved(exports, contract, start.opening, ref))
    # A row that the trades refute is named by its own figures.
    breaks = start.walk.breaks if start.follows else ()
    problems += _faults(exports, contract, breaks, start.walk.over)
    held = _held(contract, start.opening, min(first, _opened(rows, first)))
    path = _path(contract, rows, held, by, start.walk.steps)
    return Built(path, places, rows, start.walk.loose), problems


def _start(
    exports: Exports,
    contract: Contract,
    places: Sequence[int],
    rows: Sequence[PositionRow],
    marks: Sequence[Anchor],
    paid: bool,
) -> tuple[_Start, str, list[Problem]]:
    """What was held before the first trade, how that is known, and what is to be said of it.

    The first anchor says it; where something speaks against that, the other anchors and nothing
    at all are tried too, following the anchors or the trades, and what has least against it
    stands. A position that no first anchor asks for leaves two figures free, which count."""
    trades = exports.trades
    ref = trades[places[0]].ref
    first = begun(trades, places, rows)

    def start(quantity: Decimal, *, follow: bool = True) -> _Start:
        opening = opening_of(contract, trades, places, quantity)
        if opening.x is None and quantity:
            opening = _from_row(contract, trades, places, rows, opening)
        walked = walk(contract, trades, places, opening, marks, follow=follow)
        wrong = against(trades, walked) + _refuted(contract, trades, first, opening, walked)
        return _Start(opening, walked, wrong)

    possible = candidates(contract, trades, places, first, marks)
    if possible:
        best = _best(start, possible)
        at_end = bool(marks) and marks[-1].low == len(places)
        if first is None or at_end or not _doubtful(contract, trades, first, best):
            return best, SOLVED if best.opening.quantity else FLAT, []
        whole = sum((signed(trades[i]) for i in places), ZERO)
        return best, UNKNOWN, [unknown(exports, contract, -whole, ref)]
    if marks:
        before = sum((signed(trades[i]) for i in places[: marks[0].after]), ZERO)
        wrong = [impossible(exports, contract, marks[0].quantity - before, ref)]
        return start(ZERO), ASSUMED_FLAT, wrong
    side = _side_held(rows, trades[places[0]].ts)
    found = by_profits(contract, trades, places, side)
    if found is not None:
        known = _Start(found, walk(contract, trades, places, found), 0)
        return known, SOLVED if found.quantity else FLAT, []
    flat = start(ZERO)
    said = tells(trades, flat.walk)
    if not side and said.empty:
        return flat, FLAT, []
    good, bad = fits(trades, flat.walk)
    if not side and not paid and (said.averages or good > bad or not bad):
        return flat, ASSUMED_FLAT, [assumed(exports, contract, ref)]
    whole = sum((signed(trades[i]) for i in places), ZERO)
    return flat, UNKNOWN, [unknown(exports, contract, -whole, ref, paid=paid)]


def _best(start: Callable[..., _Start], possible: Sequence[Candidate]) -> _Start:
    """That which has least against it. A position that the first word of the record does not ask
    for leaves two figures free, which count."""
    best: _Start | None = None
    for follow in (True, False):
        for quantity, asked in (*possible[:TRIES], Candidate(ZERO, False)):
            free = 0 if asked or not quantity else FREE
            one = start(quantity, follow=follow)
            one = one._replace(against=one.against + free, follows=follow)
            if best is None or one.against < best.against:
                best = one
            if not best.against:
                return best
    assert best is not None
    return best


def _refuted(
    contract: Contract, trades: Sequence[Trade], first: Begun | None, opening: Opening, walked: Walk
) -> int:
    held = _held(contract, opening, 0)
    entry, slack = (held.entry, held.slack) if held is not None else (None, ZERO)
    return refuted(trades, first, opening.quantity, entry, slack, walked)


def _doubtful(contract: Contract, trades: Sequence[Trade], first: Begun, best: _Start) -> bool:
    """Whether the row of what was held speaks against the best that was found, and no second
    average of it confirms that: a trade may have gone through 0 by nobody knows how much."""
    if contract.place != BOTH or not _refuted(contract, trades, first, best.opening, best.walk):
        return False
    held = _held(contract, best.opening, 0)
    return tells(trades, best.walk, held.entry if held else None).averages <= SOLVES


def _side_held(rows: Sequence[PositionRow], first: int) -> int:
    """The side of a row that was open when the trades began; 0 where none was."""
    for row in rows:
        if row.opened // SECOND < first // SECOND and (
            is_open(row) or (row.closed_at or 0) > first
        ):
            return row.side
    return 0


def _from_row(
    contract: Contract,
    trades: Sequence[Trade],
    places: Sequence[int],
    rows: Sequence[PositionRow],
    opening: Opening,
) -> Opening:
    """The entry of a position that was held before the first trade, as its row shows it."""
    first = trades[places[0]].ts
    for row in rows:
        if row.opened < first and (is_open(row) or (row.closed_at or 0) >= first) and row.entry > 0:
            return by_entry(contract, trades, places, opening.quantity, row.entry)
    return opening


def _untraded(
    exports: Exports, contract: Contract, rows: Sequence[PositionRow], stated: Decimal | None
) -> PositionPath | None:
    """A position that was held through the whole export: its row is all there is of it."""
    for row in rows:
        if row.closed_at is None and not row.closed and row.entry > 0 and row.most > 0:
            quantity = row.side * row.most if stated is None else stated
            opening = by_entry(contract, (), (), quantity, row.entry)
            held = _held(contract, opening, row.opened)
            return _path(contract, rows, held, ROW, ())
    if stated:
        start = min((t.ts for t in exports.transactions), default=0)
        return _path(contract, rows, _held(contract, Opening(stated), start), SOLVED, ())
    return None


def _held(contract: Contract, opening: Opening, ts: int) -> Held | None:
    if not opening.quantity:
        return None
    entry = None if not opening.x else contract.x(opening.x)
    slack = opening.slack * entry * entry if contract.inverse and entry else opening.slack
    return Held(
        ts, contract.market, contract.symbol, contract.place, opening.quantity, entry, -1,
        slack=slack,
    )  # fmt: skip


def _opened(rows: Sequence[PositionRow], first: int) -> int:
    """When the position that was held at `first` was opened, as far as a row says it."""
    held = [r.opened for r in rows if r.opened < first and (r.closed_at or first) >= first]
    return max(held, default=first)


def _path(
    contract: Contract, rows: Sequence[PositionRow], opening: Held | None, by: str,
    steps: Iterable[Held],
) -> PositionPath:  # fmt: skip
    modes = {r.mode for r in rows if r.mode}
    return PositionPath(
        contract.market, contract.symbol, contract.place, contract.inverse, contract.size,
        opening, by, tuple(steps), modes.pop() if len(modes) == 1 else "", contract.settle,
    )  # fmt: skip


def _faults(
    exports: Exports, contract: Contract, breaks: Sequence[Break], over: Sequence[Over]
) -> list[Problem]:
    """Trades that close more than was held, and stretches in which trades are missing."""
    found: list[Problem] = []
    for trade, quantity in over:
        ref = exports.trades[trade].ref
        row = row_name(exports, ref)
        found.append(
            at_rows(
                exports, "closes-more-than-held",
                Text(
                    f"{row.en}: closes {number(quantity)} more of {contract.symbol} "
                    f"({contract.place}) than was held; trades before it are missing, or its "
                    "quantity or side was changed",
                    f"{row.zh}：{contract.symbol}（{contract.place}）的平仓量比持仓多 "
                    f"{number(quantity)}；此前缺少成交，或该行的数量、方向被改动",
                ),
                [ref],
            )
        )  # fmt: skip
    for broken in breaks:
        less = number(broken.stated - broken.rebuilt)
        found.append(
            Problem(
                "trades-do-not-lead-there", ABSENT,
                Text(
                    f"{contract.symbol} ({contract.place}): the trades lead to "
                    f"{number(broken.rebuilt)} at {moment(broken.ts)}, the position history says "
                    f"{number(broken.stated)}; between {moment(broken.since)} and then trades of "
                    f"{less} in all are missing or were changed",
                    f"{contract.symbol}（{contract.place}）：按成交推算，{moment(broken.ts)} "
                    f"持仓为 {number(broken.rebuilt)}，仓位历史为 {number(broken.stated)}；自 "
                    f"{moment(broken.since)} 至此缺少或被改动的成交合计 {less}",
                ),
                sample=f"{contract.market} {contract.symbol} {contract.place}",
            )
        )  # fmt: skip
    return found
