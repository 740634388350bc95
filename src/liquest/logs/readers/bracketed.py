"""Lines with brackets or a level beside the time: log4j, Logback, zap, winston, nginx, Go bots.

2025-10-10 20:56:22.438 [main] ERROR c.b.Orders - …
[2025-10-10 20:56:22] [ERROR] …
2025/09/22 06:02:28.621 ERROR biz/odmgr_live.go:1486 submit order fail …
"""

from __future__ import annotations

from ..layout import Layout

_PATTERNS = (
    "{time} [{thread}] {level} {logger} - {message}",
    "{time} [{thread}] {level} {message}",
    "{time} {level} [{thread}] {message}",
    "{time} {level} {skip} --- [{thread}] {message}",
    "{time} {level} {message}",
    "{time} [{level}] {message}",
    "{time} [{level}]: {message}",
    "{time} ({level}) {message}",
    "{time} <{level}> {message}",
    "{time} {level}| {message}",
    "[{time}] [{level}] {message}",
    "[{time}][{level}] {message}",
    "[{time}][{level}]{message}",
    "[{time}] {level} {message}",
    "[{time}] {level}: {message}",
    "[{time}] {logger}.{level}: {message}",
    "[{level}] [{time}] {message}",
    "[{level}][{time}] {message}",
    "[{level}]{time} {message}",
    "{level} [{time}] {message}",
    "{level} | {time} | {message}",
    "{level} {time} {message}",
    "【{time}】【{level}】{message}",
)
LAYOUTS = tuple(Layout("bracketed", p) for p in _PATTERNS)
