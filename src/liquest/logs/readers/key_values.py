"""Lines of key=value pairs: logfmt, Go's slog and logrus, and whatever puts its time behind a key.

time=2025-10-10T20:56:22.438Z level=ERROR msg="order rejected" code=-1008 symbol=ATOMUSDT
"""

from __future__ import annotations

from ..layout import Layout

_PATTERNS = (
    "time={time} level={level} {message}",
    'time="{time}" level={level} {message}',
    "ts={time} level={level} {message}",
    "t={time} lvl={level} {message}",
    "time={time} {message}",
    'time="{time}" {message}',
    "ts={time} {message}",
    "t={time} {message}",
    "timestamp={time} {message}",
    "level={level} ts={time} {message}",
    "level={level} time={time} {message}",
)
FORMAT = "key-values"
"""Also that of a line whose time stands behind a key somewhere else in it."""
LAYOUTS = tuple(Layout(FORMAT, p) for p in _PATTERNS)
