"""What the tape holds of a venue's contracts: tracks of each kind of price, and what a mark can
be computed from. Nothing is read here but the catalogue of the lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ...clock import Window
from ...instruments import SPOT, Instrument, identify
from ...replay.context import VENUE, Context
from ...replay.markets import REACH, Market, markets, reach
from ...tape.tracks import Track, tracks


@dataclass(frozen=True)
class Listing:
    """The contracts of the context's venue, as far as its lake goes."""

    context: Context

    @property
    def window(self) -> Window:
        return self.context.span

    @cached_property
    def tracks(self) -> list[Track]:
        """Everything that a path can be walked on, of every venue."""
        return tracks(self.context.lake, self.window, per_second=True)

    @cached_property
    def markets(self) -> Mapping[str, Market]:
        """Contracts that a mark can be computed for, by symbol: those of the replay."""
        one = self.context
        found, _ = markets(one.lake, self.window, one.venue, one.core)
        return {market.symbol: market for market in found}

    @cached_property
    def own(self) -> Mapping[tuple[str, str], Track]:
        """The venue's contracts by symbol and kind of price (trade, mark, index)."""
        return {
            (t.instrument.symbol, t.price): t for t in self.tracks
            if t.instrument.venue == self.context.venue and t.instrument.kind != SPOT
        }  # fmt: skip

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Contracts with a mark, recorded or to be computed."""
        return tuple(sorted({*self.markets, *(s for s, price in self.own if price == "mark")}))

    def recorded(self, symbol: str, price: str) -> Track | None:
        """The venue's own bars of that price, where they cover most of the window's core or
        nothing else is at hand."""
        track = self.own.get((symbol, price))
        if track is None:
            return None
        covers = reach(track, self.context.core) >= REACH
        return track if covers or symbol not in self.markets else None

    def instrument(self, symbol: str) -> Instrument:
        """What a symbol of the venue means, in the lake or not."""
        for price in ("trade", "mark", "index"):
            if (track := self.own.get((symbol, price))) is not None:
                return track.instrument
        market = "binance-futures" if self.context.venue == VENUE else self.context.venue
        return identify(market, symbol)

    def stand_in(self, symbol: str) -> str | None:
        """Another contract of the same coin that has a mark; None where there is none."""
        coin = self.instrument(symbol).base
        found = [s for s in self.symbols if s != symbol and self.instrument(s).base == coin]
        return found[0] if coin and found else None
