"""The prices of one contract by the second: arrays that a lookup reads and a file keeps.

Every price is per unit of the contract; NaN where nothing is known. A decimal is made from its
float once, so that whoever asks for a second gets the same number.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np

from ...findings import Input, rounded
from ...run.disk import writing
from ...tape.tracks import Floats
from .prices import PLACES

PATHS = ("mark", "low", "high", "last", "index", "others", "others_usd")


@dataclass(frozen=True)
class Curves:
    """Arrays [S] over the seconds of a window, as known at the end of each.

    `low` and `high` are those of the mark's bar that holds the second; NaN where marks are by
    the second.
    """

    mark: Floats
    low: Floats
    high: Floats
    last: Floats
    index: Floats
    others: Floats
    others_usd: Floats
    caveats: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    _decimals: dict[tuple[str, int], Decimal | None] = field(
        default_factory=dict, init=False, compare=False
    )

    def at(self, path: str, place: int) -> Decimal | None:
        """The price of a path in second number `place`; None where there is none."""
        key = path, place
        if key not in self._decimals:
            self._decimals[key] = decimal(float(getattr(self, path)[place]))
        return self._decimals[key]


def decimal(value: float) -> Decimal | None:
    """The decimal of a price; None for what is no price above zero."""
    if not np.isfinite(value) or value <= 0:
        return None
    return rounded(value, PLACES) or None


def nothing(seconds: int) -> Curves:
    """A contract of which nothing is known."""
    nan = np.full(seconds, np.nan)
    return Curves(nan, nan, nan, nan, nan, nan, nan)


def keep(path: Path, curves: Curves) -> None:
    """Write the curves, whole or not at all; other processes may do the same at once.
    Raises OutputError where the folder cannot be written."""
    fresh = path.with_name(f"{path.stem}.{os.getpid()}.new.npz")
    more = {"caveats": list(curves.caveats), "inputs": [list(i) for i in curves.inputs]}
    arrays = {name: getattr(curves, name) for name in PATHS}
    with writing(path.parent):
        try:
            np.savez(fresh, more=np.array(json.dumps(more)), **arrays)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def recall(path: Path, seconds: int) -> Curves | None:
    """The curves that `keep` wrote; None where there are none, or not of that many seconds."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            mark, low, high, last, index, others, usd = (
                np.asarray(held[name], dtype=np.float64) for name in PATHS
            )
            more = json.loads(str(held["more"]))
            found = Curves(
                mark, low, high, last, index, others, usd, tuple(more["caveats"]),
                tuple(Input(*one) for one in more["inputs"]),
            )  # fmt: skip
    except (OSError, EOFError, ValueError, TypeError, LookupError, zipfile.BadZipFile):
        return None  # Not there, or cut off: it is made again.
    return found if all(getattr(found, name).shape == (seconds,) for name in PATHS) else None
