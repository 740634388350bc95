"""Lines that begin with a time and go on in words: the last resort, tried after all others."""

from __future__ import annotations

from ..layout import Layout

_PATTERNS = (
    "{time} - {message}",
    "{time} | {message}",
    "{time}: {message}",
    "{time}| {message}",
    "{time} {message}",
    "[{time}] {message}",
    "[{time}]{message}",
    "({time}) {message}",
    "【{time}】{message}",
    "{time}：{message}",
)
LAYOUTS = tuple(Layout("plain-times", p) for p in _PATTERNS)
