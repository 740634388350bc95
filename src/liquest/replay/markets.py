"""What is replayed: the contracts of a venue, each with the prices its index can draw on.

An index is made of spot prices. The weights of the day are not published for most coins,
so a market lists every spot track of its coin that the tape holds, and says which of them
is the venue's own. Where the venue's own spot is not in the tape, the contract's own trades
stand in for it, named as a proxy: in the minutes of a crash they are the nearest thing on
the same venue, and the answer is a range over its weight.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..clock import Window
from ..errors import Text
from ..instruments import INVERSE, LINEAR, SPOT, STABLE, Instrument
from ..problems import ABSENT, KEPT, Problem
from ..tape.lake import Lake
from ..tape.tracks import Track, tracks

CONTRACTS = (LINEAR, INVERSE)
REACH = 0.5
"""Share of the core window over which a track must have data to be walked on."""


@dataclass(frozen=True)
class Source:
    """One price that the index can draw on. `own`: of the venue whose contract it is;
    `proxy`: the contract's own trades in place of a spot that the tape does not hold."""

    track: Track
    own: bool
    proxy: bool = False

    @property
    def key(self) -> str:
        """venue:kind:symbol"""
        return self.track.instrument.key

    @property
    def quote(self) -> str:
        return self.track.instrument.quote

    @property
    def fiat(self) -> bool:
        """Quoted in state money: a USD venue. A proxy is none, whatever its symbol says."""
        return self.track.instrument.fiat and not self.proxy


@dataclass(frozen=True)
class Market:
    """A contract, its own trades, and the sources of its index (its own first)."""

    instrument: Instrument
    own: Track
    sources: tuple[Source, ...]

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def proxied(self) -> bool:
        """Whether the venue's own spot is replaced by the contract's own trades."""
        return any(s.proxy for s in self.sources)

    @property
    def others(self) -> int:
        """Sources of other venues."""
        return sum(not s.own for s in self.sources)


def markets(
    lake: Lake, window: Window, venue: str, core: Window | None = None,
    symbols: tuple[str, ...] = (),
) -> tuple[list[Market], list[Problem]]:  # fmt: skip
    """The venue's perpetuals that have a path by the second in the window, by symbol.

    What counts is the `core` of the window (all of it when none is given): a track that
    covers half of that is taken. `symbols` restricts the contracts. A contract without any
    spot of its coin, and a track that covers too little, are named as problems.
    """
    found = [t for t in tracks(lake, window, per_second=True) if t.price == "trade"]
    core = core or window
    long_enough = [t for t in found if reach(t, core) >= REACH]
    made: list[Market] = []
    problems = [
        _short(t, core) for t in found if t not in long_enough and t.instrument.venue == venue
    ]
    for own in long_enough:
        one = own.instrument
        if one.venue != venue or one.kind not in CONTRACTS or not own.coin:
            continue
        if symbols and one.symbol not in symbols:
            continue
        spots = [
            t for t in long_enough
            if t.instrument.kind == SPOT and t.coin == own.coin and _dollar(t.instrument.quote)
        ]  # fmt: skip
        sources = [Source(t, own=t.instrument.venue == venue) for t in spots]
        if not sources:
            problems.append(_sourceless(own))
            continue
        if not any(s.own for s in sources):
            sources.append(Source(own, own=True, proxy=True))
        sources.sort(key=lambda s: (not s.own, s.key))
        made.append(Market(one, own, tuple(sources)))
    return sorted(made, key=lambda m: m.symbol), problems


def reach(track: Track, window: Window) -> float:
    """The share of the window between the track's first and last row in it."""
    first = max(window.start, min(p.ts_min for p in track.parts))
    last = min(window.end, max(p.ts_max for p in track.parts) + track.duration)
    return max(last - first, 0) / (window.end - window.start)


def _dollar(quote: str) -> bool:
    return quote == "USD" or quote in STABLE


def _short(track: Track, window: Window) -> Problem:
    key = track.instrument.key
    return Problem(
        "fragment", KEPT,
        Text(
            f"replay: {key} has data in less than half of the window {window.name} and is not "
            "taken for a price path",
            f"重放：{key} 的数据不足时间窗 {window.name} 的一半，不作为价格路径",
        ),
        source=track.sources[0], count=sum(p.rows for p in track.parts),
    )  # fmt: skip


def _sourceless(track: Track) -> Problem:
    key = track.instrument.key
    return Problem(
        "no-index-source", ABSENT,
        Text(
            f"replay: no spot price of {track.coin} is in the tape, so {key} has no index",
            f"重放：行情带中没有 {track.coin} 的现货价格，{key} 无从计算指数",
        ),
        source=track.sources[0],
    )  # fmt: skip
