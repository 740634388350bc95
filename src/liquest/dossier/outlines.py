"""Price paths for the charts, packed so that the page stays small.

A track becomes one base64 text of variable-length integers, four for each bucket: seconds
since the bucket before, close against the close before (zigzag), high above close, close
above low, all in units of the track's last decimal. Where the charts together would not
fit, pairs of buckets become one that keeps the lowest, the highest and the last close: a
spike is never hidden.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

BUDGET = 1_600_000
"""Characters of all packed tracks together."""
FEWEST = 300
"""Buckets that a track keeps however many charts there are."""
DIGITS = 15
"""Significant digits of the largest price: what a JavaScript number holds exactly."""


@dataclass(frozen=True)
class Charts:
    """`coins` for the page's script, the coins that got none, and how coarse they had to be."""

    coins: dict[str, dict[str, Any]]
    left: list[str]
    merged: int


def charts(coins: Mapping[str, Mapping[str, Any]], order: Iterable[str]) -> Charts:
    """The coins' tracks packed, in the order given, as far as the budget reaches."""
    names = [c for c in order if c in coins]
    tracks = {c: [t for t in coins[c]["tracks"] if t["x"]] for c in names}
    merged = 1
    while True:
        packed = {c: [_packed(t) for t in tracks[c]] for c in names}
        size = sum(len(t["d"]) + 150 for group in packed.values() for t in group)
        if size <= BUDGET or all(len(t["x"]) <= FEWEST for g in tracks.values() for t in g):
            break
        tracks = {c: [_halved(t) for t in group] for c, group in tracks.items()}
        merged *= 2
    made: dict[str, dict[str, Any]] = {}
    left: list[str] = []
    used = 0
    for coin in names:
        used += sum(len(t["d"]) + 150 for t in packed[coin])
        if used > BUDGET or not packed[coin]:
            left.append(coin)
        else:
            made[coin] = {"tracks": packed[coin]}
    return Charts(made, left, merged)


def _halved(track: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pairs of buckets as one; a short track stays as it is."""
    x, lo, hi, close = (track[k] for k in ("x", "lo", "hi", "close"))
    if len(x) <= FEWEST:
        return track
    pairs = [(i, min(i + 1, len(x) - 1)) for i in range(0, len(x), 2)]
    return {
        **track,
        "x": [x[a] for a, _ in pairs],
        "lo": [min(lo[a], lo[b]) for a, b in pairs],
        "hi": [max(hi[a], hi[b]) for a, b in pairs],
        "close": [close[b] for _, b in pairs],
    }


def _packed(track: Mapping[str, Any]) -> dict[str, Any]:
    """One track for the script: what it is, decimals, number of buckets, data."""
    lo, hi, close = ([_exact(v) for v in track[k]] for k in ("lo", "hi", "close"))
    places = _places([*lo, *hi, *close])
    one = Decimal(1).scaleb(places)
    data = bytearray()
    before_x = before = 0
    for x, low, high, last in zip(track["x"], lo, hi, close, strict=True):
        at = round(last * one)
        _put(data, int(x) - before_x)
        _put(data, _zigzag(at - before))
        _put(data, _zigzag(round(high * one) - at))
        _put(data, _zigzag(at - round(low * one)))
        before_x, before = int(x), at
    return {
        "v": track["venue"], "i": track["instrument"], "k": track["kind"],
        "p": track["price"], "q": track["quote"], "r": track["resolution"],
        "t": int(track["t0"]), "s": places, "n": len(track["x"]),
        "d": base64.b64encode(bytes(data)).decode("ascii"),
    }  # fmt: skip


def _exact(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value))


def _places(values: list[Decimal]) -> int:
    """Decimals that hold every value, as far as the largest leaves room for them."""
    most = max((-int(v.as_tuple().exponent) for v in values if v.is_finite()), default=0)
    largest = max((v.adjusted() for v in values if v), default=0)
    return max(0, min(most, DIGITS - 1 - max(largest, 0)))


def _zigzag(value: int) -> int:
    """Signed to unsigned: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return value * 2 if value >= 0 else -value * 2 - 1


def _put(data: bytearray, value: int) -> None:
    """Seven bits a byte, the lowest first; the high bit says that more follow."""
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    data.append(value)
