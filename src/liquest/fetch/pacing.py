"""When to ask again, and how often at most: back-off with jitter, one gate a host.

Everything that waits goes through `Time`, so that tests wait for nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol


class Time(Protocol):
    """The clock, the waiting and the dice of a run."""

    def monotonic(self) -> float: ...

    def wall(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def random(self) -> float: ...


class RealTime:
    """The machine's own; a sleep ends early when `stop` is set."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._dice = random.Random()

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def random(self) -> float:
        return self._dice.random()


@dataclass(frozen=True)
class Limits:
    """Bounds of one run, seconds and bytes. `stall` is the longest silence on a connection."""

    concurrency: int = 4
    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 60.0
    longest_retry_after: float = 600.0
    connect: float = 15.0
    stall: float = 30.0
    text_bytes: int = 32 << 20
    file_bytes: int = 16 << 30
    reserve_bytes: int = 64 << 20


def backoff(attempt: int, limits: Limits, dice: float) -> float:
    """Seconds before attempt number `attempt` + 1: doubled each time, half of it by chance."""
    full: float = min(limits.longest_wait, limits.first_wait * 2.0 ** min(attempt - 1, 30))
    return full / 2 + full / 2 * dice


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or an HTTP date; None without."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


@dataclass
class Gates:
    """At most `rates[host]` requests start a second on a host; a host can be held shut."""

    time: Time
    rates: Mapping[str, float] = field(default_factory=dict)
    usual: float = 10.0
    _next: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, host: str) -> None:
        """Wait until this request may start."""
        with self._lock:
            now = self.time.monotonic()
            start = max(now, self._next.get(host, now))
            self._next[host] = start + 1.0 / self.rates.get(host, self.usual)
        if start > now:
            self.time.sleep(start - now)

    def hold(self, host: str, seconds: float) -> None:
        """Nobody asks this host again before `seconds` have passed."""
        with self._lock:
            until = self.time.monotonic() + seconds
            self._next[host] = max(until, self._next.get(host, until))
