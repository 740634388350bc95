"""A party's own orders, from a table of them (record "orders") or from its logs.

Columns of both: ts (when the venue accepted it), ended_ts, id, side, price, raw_size,
filled_size, source_id, row_no. From a log come accepted requests that name symbol, side, price
and quantity; one ends with the first later fill or cancellation of the same id, and where the
log tells neither, `life` seconds after it was accepted, for as long is sure to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..clock import Window
from ..findings import Input
from ..instruments import Instrument
from ..logs.schema import ACCEPTED, CANCEL, CLOSE, FILLED, OPEN, ORDER, REDUCE
from ..logs.store import LogFile, Logs
from ..tape.reading import literal
from ..tape.tracks import Track
from . import Context
from ._book import scanned

LOG_SQL = """
SELECT coalesce(a.answered_ts, a.ts) AS ts, a.ref::VARCHAR AS id, a.side, a.price,
       a.quantity AS raw_size, NULL::DECIMAL(38, 18) AS filled_size, a.source_id, a.row_no,
       coalesce(e.ended, coalesce(a.answered_ts, a.ts) + {life}) AS ended_ts
FROM {attempts} a LEFT JOIN (
    SELECT client, coalesce(client_ref, order_ref) AS ref, min(ts) AS ended FROM {events}
    WHERE kind = '{filled}' OR action = '{cancel}' GROUP BY 1, 2) e
  ON e.client = a.client AND e.ref = a.ref AND e.ended >= a.ts
WHERE a.outcome = '{accepted}' AND a.action IN ({actions})
  AND a.side IS NOT NULL AND a.price > 0 AND a.quantity > 0
  AND regexp_replace(upper(a.symbol), '[^A-Z0-9]', '', 'g') = {symbol}
  AND coalesce(a.venue, {venue}) = {venue} AND coalesce(a.market, {kind}) = {kind}
"""
_ACTIONS = ", ".join(f"'{a}'" for a in (ORDER, OPEN, CLOSE, REDUCE))


@dataclass(frozen=True)
class OwnOrders:
    """Where one instrument's orders stand: a track of the record "orders", or logs. Picklable."""

    instrument: Instrument
    track: Track | None = None
    logs: Logs = Logs()  # noqa: RUF009 - frozen and empty
    life: int = 0

    @property
    def subject(self) -> dict[str, str]:
        """As it stands in a finding: `price` tells a table from a log."""
        told = "order" if self.track is not None else "log"
        return Track(self.logs.root, self.instrument, told, "orders", 0, ()).subject

    def table(self, window: Window) -> str:
        """A table expression of the orders; those accepted in the window are among them."""
        if self.track is not None:
            return self.track.table(window)
        plain = re.sub(r"[^A-Z0-9]", "", self.instrument.symbol.upper())
        query = LOG_SQL.format(
            attempts=self.logs.attempts(), events=self.logs.events(), life=self.life,
            filled=FILLED, cancel=CANCEL, accepted=ACCEPTED, actions=_ACTIONS,
            symbol=literal(plain), venue=literal(self.instrument.venue),
            kind=literal(self.instrument.kind),
        )  # fmt: skip
        return f"({query})"

    def inputs(self, window: Window) -> tuple[Input, ...]:
        """The rows that were looked through."""
        if self.track is not None:
            return scanned(self.track, window)
        return tuple(Input(f.source, f.row_min, f.row_max) for f in self.logs.of(window))


def own_orders(
    context: Context, window: Window, instruments: set[Instrument], life: int
) -> Iterator[OwnOrders]:
    """The orders of the window: of every instrument with a table of them, and of those of
    `instruments` that the logs may name."""
    lake = context.lake
    for instrument in lake.instruments("orders"):
        if parts := lake.of("orders", instrument, window):
            yield OwnOrders(instrument, Track(lake.root, instrument, "order", "orders", 0, parts))
    files: tuple[LogFile, ...] = tuple(f for f in context.logs.of(window) if f.attempt_rows)
    if files:
        for instrument in sorted(instruments, key=lambda i: i.key):
            yield OwnOrders(instrument, logs=Logs(context.logs.root, files), life=life)
