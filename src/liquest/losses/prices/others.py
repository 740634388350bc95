"""What the other venues paid for a coin, second by second: the market common to all of them.

A venue has one voice: the median of its own contracts and pairs of the coin that traded within
the last FRESH seconds. The price of the others is the median of the voices. Dated futures are
left out (their price holds interest to their day), and so is every quote that is no dollar.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from ...clock import Window
from ...instruments import INVERSE, LINEAR, SPOT, STABLE
from ...tape.tracks import Floats, Track, at_seconds, closes, seconds_of
from .prices import FRESH

KINDS = (SPOT, LINEAR, INVERSE)


def others_of(found: Sequence[Track], coin: str, venue: str, *, usd: bool = False) -> list[Track]:
    """Trades of the coin on venues other than `venue`; with `usd` those in state dollars."""
    return [
        t for t in found
        if t.price == "trade" and t.coin == coin and t.instrument.venue != venue
        and t.instrument.kind in KINDS and _dollar(t, usd=usd)
    ]  # fmt: skip


def others_path(found: Sequence[Track], window: Window) -> Floats:
    """Median over venues [S] per coin, NaN where none of them traded within FRESH seconds."""
    by_venue: dict[str, list[Floats]] = {}
    for track in found:
        path, _ = at_seconds(closes(track, window_before(window)), track, window, FRESH)
        by_venue.setdefault(track.instrument.venue, []).append(path)
    if not by_venue:
        return np.full(len(seconds_of(window)), np.nan)
    return _median([_median(paths) for paths in by_venue.values()])


def others_caveats(found: Sequence[Track], own_kind: str) -> list[str]:
    """What a reader must know of a price made of these."""
    caveats = []
    venues = {t.instrument.venue for t in found}
    if len(venues) == 1:
        caveats.append("one-other-venue")
    elif len(venues) == 2:
        caveats.append("two-venues")
    if len({t.instrument.quote for t in found}) > 1:
        caveats.append("mixed-quotes")
    if found and {t.instrument.kind for t in found} != {own_kind}:
        caveats.append("mixed-kinds")
    return caveats


def window_before(window: Window) -> Window:
    """The window and the FRESH seconds before it, whose last trades still count."""
    return Window(window.name, window.start - FRESH * 1_000_000, window.end)


def _dollar(track: Track, *, usd: bool) -> bool:
    quote = track.instrument.quote
    if usd:
        return quote == "USD" and track.instrument.fiat
    return quote == "USD" or quote in STABLE


def _median(paths: Sequence[Floats]) -> Floats:
    if len(paths) == 1:
        return paths[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # A second without any price is NaN.
        middle: Floats = np.nanmedian(np.stack(paths), axis=0)
    return middle
