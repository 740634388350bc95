"""Lines of Python programs: the logging module as it is mostly set up, loguru, Flask, Celery.

2025-10-11 04:56:22,438 - bot.execution - ERROR - Bot 1 | … {"code":-1008, …}
2025-10-11 04:56:22.438 | ERROR    | bot.orders:place:41 - …
[2025-10-11 04:56:22,438] ERROR in orders: …
"""

from __future__ import annotations

from ..layout import Layout

_PATTERNS = (
    "{time} - {logger} - {level} - {message}",
    "{time} - {level} - {message}",
    "{time} - {level} - {logger} - {message}",
    "{time} {level} {logger}: {message}",
    "{time} {level}: {message}",
    "{time} - {logger} - {level}: {message}",
    "{time}:{level}:{logger}:{message}",
    "{time} | {level} | {logger}:{function}:{skip} - {message}",
    "{time} | {level} | {message}",
    "{time} | {logger} | {level} | {message}",
    "[{time}] {level} in {module}: {message}",
    "[{time}: {level}/{skip}] {message}",
    "[{level} {time} {skip}] {message}",
    "{level} {time} {logger} {message}",
    "[{level}] {time} {message}",
    "{level}: {time}: {message}",
)
LAYOUTS = tuple(Layout("python-logging", p) for p in _PATTERNS)
