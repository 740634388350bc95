"""Many files of one account to one series of each kind: no entry twice, in order of time.

Two equal rows of one file are two rows where they have no ids; a row that another file holds
too is one. Trades and orders go by their ids: of an order the later state stands. Equal times keep
the order of ids of a contract, then of the files; a file that is written from the last row to
the first is turned round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import compress, islice
from operator import eq, gt, itemgetter, lt
from typing import Any

from ...errors import InputError, Text
from ...problems import KEPT
from ..entries import BOTH, Order, PositionRow, Trade
from .parse import Parsed, tail

_PLACES: Mapping[type, tuple[int, int, int]] = {
    one: (
        one._fields.index("opened" if one is PositionRow else "ts"),
        one._fields.index("symbol"),
        one._fields.index(identity) if identity else -1,
    )
    for one, identity in ((Trade, "trade_id"), (Order, "order_id"), (PositionRow, ""))
}
"""Where time, symbol and id stand in an entry."""


def one_account(files: Sequence[Parsed]) -> str:
    """The account's number, "" where no file says it; raises InputError that names two files
    of two accounts."""
    named = [one for one in files if one.uid]
    for one in named[1:]:
        if one.uid != named[0].uid:
            raise InputError(
                Text(
                    f"files of two accounts: {named[0].sheet.source.name} is of "
                    f"{tail(named[0].uid)}, {one.sheet.source.name} of {tail(one.uid)}",
                    f"文件分属两个账户：{named[0].sheet.source.name} 属于 {tail(named[0].uid)}，"
                    f"{one.sheet.source.name} 属于 {tail(one.uid)}",
                ),
                where=one.sheet.source.name,
                remedy=Text(
                    "Give the files of one account at a time.", "请一次只提供一个账户的文件。"
                ),
            )  # fmt: skip
    return named[0].uid if named else ""


def merged(files: Sequence[Parsed]) -> tuple[list[Any], dict[int, int]]:
    """The entries of files of one kind in order of time, and the doubles left out by file.

    What stands below a header that is repeated inside a file counts as a file of its own: so
    do exports look that were joined by hand.
    """
    doubles: dict[int, int] = {}
    parts = [(one, _oldest_first(part)) for one in files for part in _parts(one)]
    if len(parts) == 1 and not _repeats(parts[0][1]):
        return _in_order(list(parts[0][1])), doubles
    return _in_order(_without_doubles(parts, doubles)), doubles


def _repeats(entries: Sequence[Any]) -> bool:
    """Whether an id comes twice in one file."""
    if not entries or not isinstance(entries[0], Trade | Order):
        return False
    identity = itemgetter(_PLACES[type(entries[0])][2])
    if len(set(map(identity, entries))) == len(entries):
        return False
    return len(set(map(_key, entries))) < len(entries)


def _parts(one: Parsed) -> list[list[Any]]:
    if not one.faults.headers:
        return [one.entries]
    starts = [*one.faults.headers, None]
    parts: list[list[Any]] = [[]]
    at = 0
    for entry in one.entries:
        while (start := starts[at]) is not None and entry.ref.row > start:
            at += 1
            parts.append([])
        parts[-1].append(entry)
    return parts


def _without_doubles(
    parts: Sequence[tuple[Parsed, Sequence[Any]]], doubles: dict[int, int]
) -> list[Any]:
    kept: list[Any] = []
    held: Counter[Any] = Counter()
    at: dict[Any, int] = {}
    for one, entries in parts:
        mine: Counter[Any] = Counter()
        differing = 0
        for entry in entries:
            key = _key(entry)
            mine[key] += 1
            if mine[key] <= held[key] or (key in at and _again(kept[at[key]], entry)):
                doubles[one.place] = doubles.get(one.place, 0) + 1
                known = kept[at[key]]
                differing += _differ(known, entry)
                kept[at[key]] = _united(known, entry)
            else:
                at.setdefault(key, len(kept))
                kept.append(entry)
        for key, count in mine.items():
            held[key] = max(held[key], count)
        if differing:
            one.faults.file(
                "double-differs", KEPT,
                Text(f"{differing:,} rows have the id of a row of another file but differ from "
                     "it in price or quantity; the one that was read first stands",
                     f"{differing:,} 行与其他文件中同一编号的行在价格或数量上不一致，"
                     "以先读取者为准"),
                count=differing,
            )  # fmt: skip
    return kept


def _key(entry: Any) -> Any:
    """What makes two entries of two files the same one."""
    if isinstance(entry, Trade) and entry.trade_id:
        # One who trades with himself has both sides of one id.
        return entry.market, entry.symbol, entry.trade_id, entry.side
    if isinstance(entry, Order) and entry.order_id:
        return entry.market, entry.symbol, entry.order_id
    return entry[:-1]


def _again(known: Any, entry: Any) -> bool:
    """Whether a row of the same file is one that was there before: an order of that id, or a
    trade of that id which is the same in everything. Without ids two equal rows are two."""
    if isinstance(known, Order):
        return bool(known.order_id)
    return isinstance(known, Trade) and bool(known.trade_id) and known[:-1] == entry[:-1]


def _differ(known: Any, entry: Any) -> bool:
    """Whether two rows of one id say different things of the same trade or order."""
    if isinstance(known, Trade):
        return (known.price, known.quantity, known.realised) != (
            entry.price, entry.quantity, entry.realised,
        )  # fmt: skip
    return isinstance(known, Order) and (known.price, known.quantity) != (
        entry.price, entry.quantity,
    )  # fmt: skip


def _united(known: Any, entry: Any) -> Any:
    """Of two rows of one trade the first, of one order the later state; what it does not say is
    taken from the other: older and newer exports have different columns."""
    if isinstance(known, Order):
        first, other = (entry, known) if entry.updated > known.updated else (known, entry)
        return first._replace(
            client_id=first.client_id or other.client_id,
            tif=first.tif or other.tif,
            place=first.place if first.place != BOTH else other.place,
            executed_quote=other.executed_quote
            if first.executed_quote is None and first.executed == other.executed
            else first.executed_quote,
        )
    if isinstance(known, Trade) and known.place == BOTH:
        return known._replace(place=entry.place)
    return known


def _in_order(entries: list[Any]) -> list[Any]:
    """The entries by time; trades and orders of one time by contract and id."""
    if not entries:
        return entries
    moment, symbol, identity = _PLACES.get(type(entries[0]), (0, -1, -1))
    entries.sort(key=itemgetter(moment))
    if symbol < 0:
        return entries
    stamps = list(map(itemgetter(moment), entries))
    same = compress(range(len(stamps)), map(eq, stamps, islice(stamps, 1, None)))

    def key(entry: Any) -> tuple[str, int]:
        number = entry[identity] if identity >= 0 else ""
        return entry[symbol], int(number) if number.isdecimal() else 0

    end = 0
    for start in same:
        if start < end:
            continue
        stamp, end = stamps[start], start + 2
        while end < len(stamps) and stamps[end] == stamp:
            end += 1
        entries[start:end] = sorted(entries[start:end], key=key)
    return entries


def _oldest_first(entries: Sequence[Any]) -> Sequence[Any]:
    """The entries turned round when the file goes back in time."""
    if not entries:
        return entries
    stamps = list(map(itemgetter(_PLACES.get(type(entries[0]), (0,))[0]), entries))
    up = sum(map(lt, stamps, islice(stamps, 1, None)))
    down = sum(map(gt, stamps, islice(stamps, 1, None)))
    return list(reversed(entries)) if down > up else entries
