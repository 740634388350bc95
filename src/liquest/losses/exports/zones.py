"""In which zone the times of a file stand: said by evidence, asked for, never guessed in silence.

In this order: the header or the lines above it; the name of the file; what was given; the moments
that the ids of forced orders hold, which are UTC; times that coincide with those of other files of
the account in one zone only; trades that lie within the tape's prices in one zone only; for
positions, whose header never names a zone, the custom of the venue, which is UTC where the files
beside them say UTC. Anything else is asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...clock import MINUTE, SECOND, zone
from ...errors import InputError, Text
from ..entries import Order, PositionRow, Trade, Transaction
from .layouts import zone_in
from .sheet import KINDS_ZH, Sheet

OFFSETS = tuple(sorted({*(60 * h for h in range(-12, 15)), 210, 270, 330, 345, 390, 570}))
"""Zones that are tried, in minutes east of UTC."""
_LEAST = 3
"""Times that must coincide."""
_TESTED = 5
"""Trades that the tape must test, and half as many at least as it tests in any other zone: a
wrong zone may carry a few of them to a quiet hour."""
_WITHIN, _CLEAR = 0.98, 0.9
"""Share of trades that lies within the tape's prices in the right zone at least, in a wrong
one at most."""

_SENT = re.compile(r"autoclose-([0-9]{13})")
"""The client order id of a forced order, with the epoch ms of its sending (Binance futures
documentation, order update event)."""
_LATE = MINUTE
"""How long after its sending an order may be stamped."""


class Fit(NamedTuple):
    """Of `tested` trades, `within` lie inside the lowest and highest price of their second."""

    tested: int
    within: int


@dataclass(frozen=True)
class Zone:
    """A zone and what says so: header, name, given, ids, trades, tape or custom."""

    name: str
    by: str

    @property
    def offset(self) -> int:
        """Microseconds east of UTC."""
        return offset_of(self.name)


def offset_of(name: str) -> int:
    """Microseconds east of UTC of "UTC+8"."""
    east = zone(name).utcoffset(None)
    return int(east.total_seconds()) * SECOND


def named(minutes: int) -> str:
    """480 → UTC+8."""
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02d}" if rest else "")


def stated(sheet: Sheet, tz: str | None) -> Zone | None:
    """What the file itself or the user says."""
    if sheet.zone is not None:
        return Zone(sheet.zone, "given" if sheet.column_map and sheet.column_map.tz else "header")
    found = zone_in(sheet.source.file_name)
    if found is not None:
        return Zone(found, "name")
    return None if tz is None else Zone(named(offset_of(tz) // MINUTE), "given")


def seconds(entries: Iterable[Any]) -> Iterable[tuple[str, int]]:
    """Symbol and second of what happens when a trade does."""
    for entry in entries:
        if isinstance(entry, PositionRow):
            yield entry.symbol, entry.opened // SECOND
            if entry.closed_at is not None:
                yield entry.symbol, entry.closed_at // SECOND
        elif isinstance(entry, Order):
            if entry.executed:
                yield entry.symbol, entry.updated // SECOND
        elif isinstance(entry, Trade) or (
            isinstance(entry, Transaction) and entry.type in ("REALIZED_PNL", "COMMISSION")
        ):
            yield entry.symbol, entry.ts // SECOND


def by_ids(orders: Sequence[Order]) -> Zone | None:
    """The only zone in which the forced orders (read as UTC) were stamped when their ids say
    that they were sent. Client order ids can be chosen by whoever sends an order: those that
    fit no zone are passed over, unless they are more than those that do."""
    fits: Counter[int] = Counter()
    strange = 0
    for order in orders:
        if sent := _SENT.match(order.client_id):
            late = order.ts - int(sent[1]) * 1_000
            # Times are cut to the second, so an order may be stamped up to 1 s early.
            zones = [m for m in OFFSETS if -SECOND < late - m * MINUTE <= _LATE]
            fits.update(zones)
            strange += not zones
    if len(fits) != 1 or strange > fits.total():
        return None
    return Zone(named(next(iter(fits))), "ids")


def coinciding(entries: Sequence[Any], anchors: set[tuple[str, int]]) -> Zone | None:
    """The zone in which most times of `entries` (read as UTC) are times of `anchors`, when it
    is the only one: half of those at least, three at least, and twice as many as in another."""
    times = set(seconds(entries))
    if not times or not anchors:
        return None
    hits = Counter(
        {m: sum((s, t - m * 60) in anchors for s, t in times) for m in OFFSETS}
    ).most_common(2)  # fmt: skip
    (best, most), (_, second) = hits
    if most < _LEAST or 2 * most < len(times) or most < 2 * second:
        return None
    return Zone(named(best), "trades")


def by_tape(trades: Sequence[Trade], fits: Callable[[Sequence[Trade]], Fit]) -> Zone | None:
    """The only zone in which the trades (read as UTC) lie within the tape's prices."""
    found = {
        minutes: fits([t._replace(ts=t.ts - minutes * MINUTE) for t in trades])
        for minutes in OFFSETS
    }
    most = max(fit.tested for fit in found.values())
    shares = sorted(
        (
            (fit.within / fit.tested, minutes)
            for minutes, fit in found.items()
            if fit.tested >= _TESTED and 2 * fit.tested >= most
        ),
        reverse=True,
    )
    if not shares or shares[0][0] < _WITHIN or (len(shares) > 1 and shares[1][0] > _CLEAR):
        return None
    return Zone(named(shares[0][1]), "tape")


def said(found: Zone) -> Text:
    """What the claimant is told of a zone that no header, name or person states."""
    why = {
        "ids": ("only so do the forced orders fit the moments in their ids, which are UTC",
                "仅此时区与强平单编号内的 UTC 时间吻合"),
        "trades": ("only so do they coincide with the account's other files",
                   "仅此时区与该账户的其他文件时间吻合"),
        "tape": ("only so do the trades lie within the market's prices of their seconds",
                 "仅此时区下各笔成交落在当秒市场价格之内"),
        "custom": ("the exchange writes position times so, and the files beside it say UTC",
                   "交易所的仓位时间惯用此时区，且同批文件均标明 UTC"),
    }[found.by]  # fmt: skip
    return Text(
        f"the times name no zone and are read as {found.name}: {why[0]}",
        f"时间未注明时区，按 {found.name} 读取：{why[1]}",
    )


def ask(sheet: Sheet) -> InputError:
    """The question for the zone."""
    kind = sheet.form.kind
    return InputError(
        Text(f"the times of this history of {kind} name no zone, and nothing else tells it",
             f"该{KINDS_ZH[kind]}的时间未注明时区，也没有其他依据可判断"),
        where=sheet.source.name,
        remedy=Text(
            "Say it with --tz UTC or --tz UTC+8: the exchange's export page shows it, and newer "
            "file names hold it, as (UTC+8).",
            "请用 --tz UTC 或 --tz UTC+8 指明：交易所导出页面会显示时区，"
            "较新的文件名也含有时区，如 (UTC+8)。",
        ),
    )  # fmt: skip
