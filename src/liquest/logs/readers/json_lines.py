"""One JSON object a line: pino, winston, bunyan, structlog, zap, Docker, the venue's own messages.

    {"time":"2025-10-10T20:56:22.438Z","level":"error","code":-1008,"symbol":"ATOMUSDT"}

The kernel reads their keys; here stands only what they are called.
"""

from __future__ import annotations

FORMAT = "json-lines"
