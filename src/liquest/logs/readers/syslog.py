"""Lines of syslog and journald, RFC 3164 and RFC 5424.

Oct 10 20:56:22 host bot[123]: …          (the year is that of the case)
<165>1 2025-10-10T20:56:22.438Z host bot 123 ID47 - …
"""

from __future__ import annotations

from ..layout import Layout

_PATTERNS = (
    "<{skip}>1 {time} {skip} {skip} {skip} {message}",
    "<{skip}>{time} {skip} {skip}: {message}",
    "{time} {skip} {skip}[{skip}]: {message}",
)
LAYOUTS = tuple(Layout("syslog", p) for p in _PATTERNS)
