"""The recorded prices of one market as arrays by the second: what every scenario starts from.

Prices are floats here: they say where something happens. Whatever becomes a finding is
rounded, and the decisive second of a single position is computed again in decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..clock import SECOND, Window
from ..findings import Input
from ..instruments import LINEAR
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.tracks import Floats, Ints, Track, at_seconds, closes, seconds_of, tracks
from .markets import Market

LEAD = 600
"""Seconds before the window that are read as well, so that averages are full when it begins."""
EVER = 10**9
EXTERNAL = ("binance", "okx", "bybit", "gate", "mexc")
"""Venues whose perpetuals Hyperliquid's mark draws on, in the order of its weights."""


@dataclass(frozen=True)
class Recorded:
    """Arrays over S seconds, `lead` of them before the window.

    `last` is the contract's last trade at the end of each second (NaN before the first),
    `mid` the middle of its best bid and ask, or `last` where the tape has no quotes;
    `prices`, `ages` and `volumes` (quote units traded in the LEAD seconds up to each one) have
    one row per source of the market; `traded` is the contract's own volume in each second, in
    quote units; `funding` is the last funding
    rate, NaN where the tape has none; `external` [5, S] are the last prices of the same coin's
    perpetuals on the venues of EXTERNAL.
    """

    market: Market
    window: Window
    lead: int
    last: Floats
    mid: Floats
    quoted: bool
    prices: Floats
    ages: Ints
    volumes: Floats
    traded: Floats
    funding: Floats
    external: Floats
    inputs: tuple[Input, ...]

    @property
    def seconds(self) -> Ints:
        """The beginnings (µs) of the seconds of the window."""
        return seconds_of(self.window)

    @property
    def start(self) -> int:
        """The beginning (µs) of the first second, the lead included."""
        return int(self.seconds[0]) - self.lead * SECOND

    @cached_property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know of these prices."""
        found = []
        if self.market.proxied:
            found.append("own-spot-proxy")
        if not self.quoted:
            found.append("mid-from-trades")
        if np.isnan(self.funding).all():
            found.append("no-funding-rate")
        if max(t.duration for t in _tracks(self.market)) > SECOND:
            found.append("bar-resolution")
        quotes = {s.quote for s in self.market.sources}
        if len(quotes) > 1:
            found.append("mixed-quotes")
        return tuple(found)


def record(lake: Lake, market: Market, window: Window, *, lead: int = LEAD) -> Recorded:
    """Read one market's arrays from the lake."""
    wide = Window(window.name, window.start - lead * SECOND, window.end)
    count = len(seconds_of(wide))
    rows = [_path(s.track, wide) for s in market.sources]
    perpetuals = [t for t in tracks(lake, wide, per_second=True) if t.instrument.kind == LINEAR]
    last, _ = _path(market.own, wide)
    mid = _mids(lake, market, wide)
    funding = _held(lake, market, wide, "ticker", "funding_rate", "funding_rate IS NOT NULL", EVER)
    return Recorded(
        market, window, count - len(seconds_of(window)), last,
        np.where(np.isnan(mid), last, mid), not bool(np.isnan(mid).all()),
        np.stack([prices for prices, _ in rows]), np.stack([ages for _, ages in rows]),
        np.stack([_trailing(_traded(s.track, wide)) for s in market.sources]),
        _traded(market.own, wide),
        funding, np.stack([_perpetual(perpetuals, market.own.coin, v, wide) for v in EXTERNAL]),
        tuple(_inputs(_tracks(market))),
    )  # fmt: skip


def _tracks(market: Market) -> list[Track]:
    return [market.own, *(s.track for s in market.sources if not s.proxy)]


def _perpetual(found: Sequence[Track], coin: str, venue: str, window: Window) -> Floats:
    """The last price of a venue's linear perpetual of the coin, NaN where there is none."""
    for track in found:
        if track.price == "trade" and (track.instrument.venue, track.coin) == (venue, coin):
            return _path(track, window)[0]
    return np.full(len(seconds_of(window)), np.nan)


def _path(track: Track, window: Window) -> tuple[Floats, Ints]:
    return at_seconds(closes(track, window), track, window, EVER)


def _traded(track: Track, window: Window) -> Floats:
    """Quote units traded in each second; a bar's volume lies in its last second."""
    grid = seconds_of(window)
    total = np.zeros(len(grid))
    if not track.holds(window):
        return total
    rows = connection().execute(
        f"SELECT (ts + {max(track.duration, 1)} - 1) // {SECOND} * {SECOND} AS second, "
        f"sum(coalesce(notional, 0))::DOUBLE AS value FROM {track.table(window)} "
        "GROUP BY second ORDER BY second"
    ).fetchnumpy()  # fmt: skip
    places = (np.asarray(rows["second"], dtype=np.int64) - grid[0]) // SECOND
    inside = (places >= 0) & (places < len(grid))
    total[places[inside]] = np.ma.filled(rows["value"].astype(np.float64), 0.0)[inside]
    return total


def _trailing(traded: Floats) -> Floats:
    """The sum of the last LEAD seconds, the second itself included."""
    sums = np.concatenate([[0.0], np.cumsum(traded)])
    first = np.maximum(np.arange(1, len(sums)) - LEAD, 0)
    total: Floats = np.maximum(sums[1:] - sums[first], 0.0)
    return total


def _inputs(found: Sequence[Track]) -> list[Input]:
    return list(
        dict.fromkeys(Input(p.source, p.row_min, p.row_max) for t in found for p in t.parts)
    )


def _mids(lake: Lake, market: Market, window: Window) -> Floats:
    """Best bid and ask in the middle at the end of each second, held for a minute."""
    columns = "(bid_price + ask_price) / 2"
    return _held(lake, market, window, "quotes", columns, "bid_price > 0 AND ask_price > 0", 60)


def _held(
    lake: Lake, market: Market, window: Window, record_: str, value: str, where: str, age: int
) -> Floats:
    """The last value of each second, held for `age` seconds; NaN where the tape has none."""
    grid = seconds_of(window)
    held = np.full(len(grid), np.nan)
    if not lake.of(record_, market.instrument, window=window):
        return held
    scan = lake.table(record_, market.instrument, window)
    rows = connection().execute(
        f"SELECT ts // {SECOND} * {SECOND} AS second, arg_max(({value})::DOUBLE, ts) AS value "
        f"FROM {scan} WHERE ts < {window.end} AND ({where}) GROUP BY second ORDER BY second"
    ).fetchnumpy()  # fmt: skip
    seconds = np.asarray(rows["second"], dtype=np.int64)
    values = np.ma.filled(rows["value"].astype(np.float64), np.nan)
    at = np.searchsorted(seconds, grid, side="right") - 1
    has = at >= 0
    has[has] = (grid[has] - seconds[at[has]]) // SECOND <= age
    held[has] = values[at[has]]
    return held
