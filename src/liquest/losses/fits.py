"""Do trades fit the tape? What tells a zone where an export does not say it.

A trade fits when its price lies between the lowest and the highest price that the tape holds of
its contract in the same second (or bar). Trades outside of the tape's time test nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..clock import Window
from ..replay.accounts import contract
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.tracks import Track, tracks
from .entries import Trade
from .exports.zones import Fit

FITS_SQL = """
SELECT count(*) AS tested, count(*) FILTER (price BETWEEN low AND high) AS within
FROM (SELECT unnest($times) AS at, unnest($prices)::DECIMAL(38, 18) AS price) AS trade
JOIN (SELECT ts, low::DECIMAL(38, 18) AS low, high::DECIMAL(38, 18) AS high FROM {rows}) AS bar
  ON bar.ts <= trade.at AND trade.at < bar.ts + {duration}
"""


def fits(lake: Lake, window: Window, venue: str) -> Callable[[Sequence[Trade]], Fit]:
    """The test for the exports of a venue over the stretch of a tape."""
    own = {
        t.instrument.symbol: t
        for t in tracks(lake, window, per_second=True)
        if t.instrument.venue == venue and t.price == "trade"
    }

    def test(trades: Sequence[Trade]) -> Fit:
        tested = within = 0
        by_symbol: dict[str, list[Trade]] = {}
        for one in trades:
            if window.start <= one.ts < window.end:
                by_symbol.setdefault(one.symbol, []).append(one)
        for symbol, some in by_symbol.items():
            track = own.get(symbol)
            if track is None or track.instrument.key != contract(symbol, venue).key:
                continue
            counts = _counted(track, window, some)
            tested, within = tested + counts[0], within + counts[1]
        return Fit(tested, within)

    return test


def _counted(track: Track, window: Window, trades: Sequence[Trade]) -> tuple[int, int]:
    if not track.holds(window):
        return 0, 0
    query = FITS_SQL.format(rows=track.table(window), duration=track.duration)
    given = {"times": [t.ts for t in trades], "prices": [str(t.price) for t in trades]}
    row = connection().execute(query, given).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))
