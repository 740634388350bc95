"""What a client order id says of an order that the account did not send.

    autoclose-<epoch ms>…      forced order of a liquidation; the ms are the time of sending
    adl_autoclose…             auto-deleveraging of a position
    settlement_autoclose-…, delivery_autoclose-…   delisting or delivery

Source: Binance futures documentation, order update event ("special client order id"), and order
exports of accounts, where the number after `autoclose-` is the epoch time in ms, with further
digits or none. Client order ids can be chosen by whoever sends an order, so a prefix alone
proves nothing: the number has to fit the order's own time, else the order is not taken for a
forced one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...clock import HOUR, MINUTE, SECOND, format_time, zone
from ...errors import InputError, Text, UsageError
from ...problems import ASIDE, Problem
from ..entries import Exports, Order
from .sources import problem_at, where

LIQUIDATION, ADL, SETTLEMENT = "liquidation", "adl", "settlement"

_PREFIXES = (
    ("autoclose-", LIQUIDATION), ("adl_autoclose", ADL), ("settlement_autoclose", SETTLEMENT),
    ("delivery_autoclose", SETTLEMENT),
)  # fmt: skip
_MS = re.compile(r"[-_]?([0-9]{13})")
_MOST_HOURS = 14
_LATE = 60 * SECOND
"""How long after its sending an order may be stamped; a queue at the venue, no more."""


class Origin(NamedTuple):
    """Who sent an order: its kind, and when by its id (µs; None where the id has no time)."""

    kind: str
    sent: int | None


def origin(client_id: str) -> Origin | None:
    """What an id says; None for an order of the account itself."""
    if "autoclose" not in client_id:
        return None
    for prefix, kind in _PREFIXES:
        if client_id.startswith(prefix):
            found = _MS.match(client_id, len(prefix) - prefix.endswith("-"))
            return Origin(kind, int(found[1]) * 1000 if found else None)
    return None


def by_the_venue(exports: Exports) -> tuple[list[tuple[int, Origin]], list[Problem]]:
    """The places of orders that the venue sent, with their origin, in order of the exports.

    A liquidation order whose id gives no possible time is set aside with its row. Raises
    InputError where all the ids of a file stand the same whole number of half hours from its
    times: then the zone of the file is wrong, and with it everything else.
    """
    marked = [
        (place, found)
        for place, order in enumerate(exports.orders)
        if (found := origin(order.client_id)) is not None
    ]
    _same_zone(exports, marked)
    kept, problems = [], []
    for place, found in marked:
        order = exports.orders[place]
        if found.kind == LIQUIDATION and not _possible(order, found.sent):
            problems.append(_impossible(exports, order, found.sent))
        else:
            fits = _possible(order, found.sent)
            kept.append((place, found if fits else Origin(found.kind, None)))
    return kept, problems


def _possible(order: Order, sent: int | None) -> bool:
    """Times in exports are cut to the second, so an order may be stamped up to 1 s early."""
    return sent is not None and -SECOND < order.ts - sent <= _LATE


def _same_zone(exports: Exports, marked: Iterable[tuple[int, Origin]]) -> None:
    shifts: dict[int, set[int | None]] = {}
    first: dict[int, Order] = {}
    for place, found in marked:
        order = exports.orders[place]
        if found.kind == LIQUIDATION and found.sent is not None:
            first.setdefault(order.ref.file, order)
            shifts.setdefault(order.ref.file, set()).add(_shift(order.ts - found.sent))
    for file, seen in shifts.items():
        shift = next(iter(seen)) if len(seen) == 1 else None
        if shift:
            raise _wrong_zone(exports, first[file], shift)


def _shift(apart: int) -> int | None:
    """Half hours between a time and an id, None where it is no such number."""
    half = round(apart / (HOUR // 2))
    rest = apart - half * (HOUR // 2)
    fits = -SECOND < rest <= _LATE and abs(half) <= 2 * _MOST_HOURS
    return half if fits else None


def _wrong_zone(exports: Exports, order: Order, shift: int) -> InputError:
    file = exports.files[order.ref.file]
    try:
        base = zone(file.zone).utcoffset(None)
    except UsageError:
        base = None
    minutes = shift * 30 + (int(base.total_seconds()) // 60 if base is not None else 0)
    sign = "+" if minutes >= 0 else "-"
    right = f"UTC{sign}{abs(minutes) // 60}" + (f":{abs(minutes) % 60:02d}" if minutes % 60 else "")
    hours = f"{shift / 2:+g}"
    return InputError(
        Text(
            f"the times of this file, read as {file.zone}, stand {hours} h from the times within "
            f"the ids of its forced orders, which are UTC",
            f"该文件的时间按 {file.zone} 读取，与强平单编号内的 UTC 时间相差 {hours} 小时",
        ),
        where=where(exports, order.ref),
        remedy=Text(f"Give --tz {right}.", f"请加 --tz {right}。"),
    )


def _impossible(exports: Exports, order: Order, sent: int | None) -> Problem:
    if sent is None:
        text = Text(
            "the client order id begins like that of a forced order but holds no time in ms: it "
            "is not taken for one",
            "客户订单号的开头像强平单，但其中没有毫秒时间，未按强平单处理",
        )
    else:
        apart = (order.ts - sent) / MINUTE
        text = Text(
            f"the client order id says it was sent at {format_time(sent, digits=3)}, the order "
            f"itself {format_time(order.ts, digits=0)} ({apart:+.1f} min): it is not taken for a "
            "forced order",
            f"客户订单号内的时间为 {format_time(sent, digits=3)}，订单时间为 "
            f"{format_time(order.ts, digits=0)}（相差 {apart:+.1f} 分钟），未按强平单处理",
        )
    return problem_at(exports, order.ref, "forced-id-impossible", ASIDE, text, order.client_id)
