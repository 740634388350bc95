"""Positions from trades: one path for each place of each contract, its opening solved first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...clock import SECOND
from ...errors import Text
from ...instruments import identify
from ...problems import ABSENT, Problem
from ...rules.exact import ONE, ZERO, exact
from ..entries import COINM, USDM, Exports, PositionRow, Trade
from .anchors import Key, anchors, is_open, rows_by_place, takeovers
from .average import Anchor, Break, Contract, Opening, Over, Walk, walk
from .ledger import ASSUMED_FLAT, FLAT, ROW, SOLVED, UNKNOWN, Held, PositionPath
from .naming import at_rows, moment, number, row_name
from .opened import assumed, impossible, no_size, solved, unknown, unusable
from .openings import against, begins_well, by_entry, by_profits, fits, opening_of, signed
from .sides import PNL

TRIES = 8
"""Anchors tried at most where the first does not fit."""


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
        one, found = _traded(exports, contract, places, own, marks)
        built.append(one)
        problems += found
    return built, strays, problems


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
) -> tuple[Built, list[Problem]]:
    first = exports.trades[places[0]].ts
    ref = exports.trades[places[0]].ref
    start, by, problems = _start(exports, contract, places, rows, marks)
    if by == UNKNOWN:
        path = _path(contract, rows, None, UNKNOWN, ())
        problems += _faults(exports, contract, (), start.walk.over)
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
) -> tuple[_Start, str, list[Problem]]:
    """What was held before the first trade, how that is known, and what is to be said of it.

    The first anchor says it; where something speaks against that, the other anchors and nothing
    at all are tried too, following the anchors or the trades, and what has least against it
    stands. A position that no first anchor asks for leaves two figures free, which count."""
    trades = exports.trades
    ref = trades[places[0]].ref

    def start(quantity: Decimal, *, follow: bool = True) -> _Start:
        opening = opening_of(contract, trades, places, quantity)
        if opening.x is None and quantity:
            opening = _from_row(contract, trades, places, rows, opening)
        walked = walk(contract, trades, places, opening, marks, follow=follow)
        return _Start(opening, walked, against(trades, walked))

    if marks:
        total = ZERO
        sums = [ZERO, *(total := total + signed(trades[i]) for i in places)]
        tried = dict.fromkeys(mark.quantity - sums[mark.after] for mark in marks)
        possible = [quantity for quantity in tried if contract.allows(quantity)]
        if not possible:
            wrong = [impossible(exports, contract, next(iter(tried)), ref)]
            return start(ZERO), ASSUMED_FLAT, wrong
        best = start(possible[0])
        if best.against:
            for quantity in dict.fromkeys((*possible[:TRIES], ZERO)):
                free = FREE if quantity and quantity != possible[0] else 0
                for follow in (True, False):
                    other = start(quantity, follow=follow)
                    if other.against + free < best.against:
                        best = other._replace(against=other.against + free, follows=follow)
        return best, SOLVED if best.opening.quantity else FLAT, []
    side = _side_held(rows, trades[places[0]].ts)
    found = by_profits(contract, trades, places, side)
    if found is not None:
        known = _Start(found, walk(contract, trades, places, found), 0)
        return known, SOLVED if found.quantity else FLAT, []
    flat = start(ZERO)
    if not side and begins_well(trades, flat.walk):
        return flat, FLAT, []
    good, bad = fits(trades, flat.walk)
    if not side and (good > bad or not bad):
        return flat, ASSUMED_FLAT, [assumed(exports, contract, ref)]
    whole = sum((signed(trades[i]) for i in places), ZERO)
    return flat, UNKNOWN, [unknown(exports, contract, -whole, ref)]


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
