"""The clock of the vault, alone in its file so that a test can put another in its place."""

from __future__ import annotations

import time

from ..clock import format_time


def now() -> str:
    """This moment, ISO 8601 UTC with microseconds. As good as this computer's clock."""
    return format_time(time.time_ns() // 1_000)
