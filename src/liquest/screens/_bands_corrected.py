"""Depth by bands less its phantom: what was left, and how far from the market it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from ..clock import Window
from ..findings import Finding, Input, Value, plain, rounded
from ..measures._book import money
from ..tape.tracks import Track
from ._phantom_bands import Corrected, Remainder, Row, corrected
from ._result import Source
from ._witness import Heard


def findings(
    name: str, method: str, source: Source, windows: Sequence[Window], rows: Mapping[Decimal,
    list[Row]], narrow: list[Row], held: Remainder, traded: Heard, tolerance: int,
) -> Iterator[Finding]:  # fmt: skip
    """Of every window the (lower) median of each row of that side, `rows` by signed band."""
    for band, own in sorted(rows.items(), key=lambda item: abs(item[0])):
        made = corrected(own, narrow, held)
        for window in windows:
            inside = [c for c in made if window.start <= c.row.ts < window.end]
            if not inside:
                continue
            ordered = sorted(inside, key=lambda c: (c.depth, c.row.ts))
            middle = ordered[(len(ordered) - 1) // 2]
            told: dict[str, Any] = {
                "side": held.side, "band": Decimal(plain(abs(band) / 100)), "depth": middle.depth,
                "file_depth": middle.row.depth,
                "nothing_left": sum(c.depth == 0 for c in inside),
                **_place(middle, market(middle.row, traded, tolerance)),
            }  # fmt: skip
            unit, notes = money(source.track)
            more = ("not-to-the-market",) if told["nothing_left"] else ()
            yield Finding(
                name, source.track.subject, _worth(middle, source.track), unit, method,
                at=middle.row.ts, window=window, params=told,
                inputs=(input_of(middle.row), *source.inputs), count=len(inside),
                caveats=(*notes, *more),
            )  # fmt: skip


def _worth(one: Corrected, track: Track) -> Value:
    """The value in the unit of `money`."""
    contract = track.instrument.contract_size
    if contract is None:
        return one.depth
    return one.depth * contract if track.instrument.inverse else one.notional


def _place(one: Corrected, price: Decimal | None) -> dict[str, Any]:
    """The average price of what is left, and its distance from the market as a share, signed."""
    if one.price is None:
        return {}
    told: dict[str, Any] = {"average": rounded(one.price, 2)}
    if price is not None:
        with localcontext(prec=40):
            told["from_market"] = rounded(one.price / price - 1, 6)
    return told


def market(row: Row, traded: Heard, tolerance: int) -> Decimal | None:
    """The middle of what was traded around a row; None without trades."""
    at = np.array([row.ts + row.duration // 2], dtype=np.int64)
    low, high = traded.around(at, tolerance + row.duration // 2)
    return None if np.isnan(low[0]) else rounded(float(low[0] + high[0]) / 2, 8)


def input_of(row: Row) -> Input:
    """The row as a finding points to it."""
    return Input(row.source, row.row, row.row, "extreme")
