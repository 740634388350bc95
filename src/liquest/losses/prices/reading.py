"""From the tape to the curves of one contract.

The mark is the venue's own where the lake holds it, else computed by the rules of the day from
what was recorded, as every answer of the replay is. The replay counts prices per coin; here
they are scaled to the unit of the contract, and rounded, so that a path and a decimal agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ...clock import SECOND, Window
from ...findings import Input
from ...replay.marks import marked
from ...replay.recorded import EVER, Recorded, record
from ...replay.scenario import BASELINE, Scenario
from ...tape.tracks import Floats, Track, at_seconds, closes, seconds_of, walk
from .curves import Curves, nothing
from .listing import Listing
from .others import others_caveats, others_of, others_path, window_before
from .prices import PLACES

RECORDED, COMPUTED, BORROWED = "recorded-mark", "recomputed-mark", "borrowed-contract"
"""Caveats: where the mark comes from."""


def record_of(listing: Listing, source: str) -> Recorded:
    """The recorded arrays behind a computed mark; the contract must be among the markets."""
    return record(listing.context.lake, listing.markets[source], listing.window)


def computed(
    listing: Listing, recorded: Recorded, symbol: str, scenario: Scenario
) -> tuple[Floats, Floats]:
    """Mark and index [S] by the rules of a scenario, per unit of `symbol`."""
    done = marked(recorded, listing.context.rules_of(scenario))
    scale = float(listing.instrument(symbol).multiplier)
    return np.round(done.mark * scale, PLACES), np.round(done.index * scale, PLACES)


def read(listing: Listing, symbol: str, source: str) -> Curves:
    """The curves of `symbol` from the contract `source`, itself unless one is borrowed."""
    window, own = listing.window, listing.instrument(symbol)
    scale = float(own.multiplier)
    empty = nothing(len(seconds_of(window)))
    made = replace(empty, caveats=() if source == symbol else (BORROWED,))
    if source in listing.markets:
        recorded = record_of(listing, source)
        mark, index = computed(listing, recorded, symbol, BASELINE)
        made = _more(
            replace(made, mark=mark, index=index), (COMPUTED, *recorded.caveats), recorded.inputs
        )
    if (track := listing.recorded(source, "mark")) is not None:
        close, low, high = (np.round(path * scale, PLACES) for path in bars(track, window))
        made = replace(made, mark=close, low=low, high=high)
        coarse = ("bar-resolution",) if track.duration > SECOND else ()
        # The computed mark, and what was to be known of it, gives way to the venue's own.
        kept = tuple(c for c in made.caveats if c == BORROWED)
        made = _more(replace(made, caveats=kept), (RECORDED, *coarse), _inputs([track]))
    if (track := listing.recorded(source, "index")) is not None:
        made = replace(made, index=np.round(bars(track, window)[0] * scale, PLACES))
        made = _more(made, (), _inputs([track]))
    if (track := listing.own.get((source, "trade"))) is not None:
        path, _ = at_seconds(closes(track, window_before(window)), track, window, EVER)
        made = _more(replace(made, last=np.round(path * scale, PLACES)), (), _inputs([track]))
    venue = listing.context.venue
    found = others_of(listing.tracks, own.base, venue)
    dollars = others_of(listing.tracks, own.base, venue, usd=True)
    made = replace(
        made, others=np.round(others_path(found, window) * scale, PLACES),
        others_usd=np.round(others_path(dollars, window) * scale, PLACES),
    )  # fmt: skip
    return _more(made, others_caveats(found, own.kind), _inputs(found))


def bars(track: Track, window: Window) -> tuple[Floats, Floats, Floats]:
    """Of the bars of a track, per coin [S]: the last close known, which counts until the next
    bar would end, and the low and high of the bar that the second lies in. The latter two are
    NaN for bars of a second or less."""
    wide = Window(window.name, window.start - 2 * track.duration, window.end)
    path = walk(track, wide)
    close, _ = at_seconds(path, track, window, track.duration // SECOND)
    seconds = seconds_of(window)
    low, high = np.full(len(seconds), np.nan), np.full(len(seconds), np.nan)
    if track.duration > SECOND and len(path.ts):
        at = np.searchsorted(path.ts, seconds, side="right") - 1
        inside = (at >= 0) & (seconds < path.ts[at] + track.duration)
        low[inside], high[inside] = path.low[at[inside]], path.high[at[inside]]
    return close, low, high


def _more(curves: Curves, caveats: Iterable[str], inputs: Iterable[Input]) -> Curves:
    return replace(
        curves, caveats=tuple(dict.fromkeys((*curves.caveats, *caveats))),
        inputs=tuple(dict.fromkeys((*curves.inputs, *inputs))),
    )  # fmt: skip


def _inputs(found: Iterable[Track]) -> list[Input]:
    return [Input(p.source, p.row_min, p.row_max) for t in found for p in t.parts]
