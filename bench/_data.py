"""Where the raw ticks are."""

from __future__ import annotations

import os
from pathlib import Path


def ticks() -> list[Path]:
    """The tick files, largest first; empty when they are not on this machine."""
    given = os.environ.get("LIQUEST_DATA")
    root = Path(given) if given else Path(__file__).parent.parent.parent / "shared" / "data"
    return sorted(root.rglob("*_trades_*.csv.gz"), key=lambda p: -p.stat().st_size)


ABSENT = {"skipped": "no tick files: set LIQUEST_DATA to a folder of *_trades_*.csv.gz"}
