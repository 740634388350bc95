"""Time: UTC microseconds inside, UTC and UTC+8 outside.

A moment is an `int`, microseconds since 1970-01-01T00:00:00Z. A window is half
open, `start <= t < end`. A naive time is never guessed: it needs a zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from .errors import Text, UsageError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

UNITS = {"s": SECOND, "ms": 1_000, "us": 1}
"""Microseconds in one tick of a unit; nanoseconds divide instead."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
_NAMED = {
    "UTC": 0, "Z": 0, "GMT": 0,
    "ASIA/SHANGHAI": 8, "ASIA/HONG_KONG": 8, "ASIA/SINGAPORE": 8, "CST": 8, "BEIJING": 8,
}  # fmt: skip


def zone(name: str) -> timezone:
    """The fixed offset that `name` means: "UTC", "UTC+8", "+08:00", "Asia/Shanghai".

    Zones with summer time are refused: their offset depends on the day.
    """
    key = name.strip().upper()
    if key in _NAMED:
        return timezone(timedelta(hours=_NAMED[key]))
    found = _OFFSET.match(name.strip())
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        raise UsageError(
            Text(f"'{name}' is no time zone that Liquest knows", f"无法识别时区“{name}”"),
            remedy=Text("Write UTC, UTC+8 or +08:00.", "请写 UTC、UTC+8 或 +08:00。"),
        )
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(offset if found[1] == "+" else -offset)


def parse_time(text: str, tz: str = "UTC") -> int:
    """Microseconds UTC of an ISO 8601 time; `tz` holds for times without an offset."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            Text(f"'{text}' is not a time", f"“{text}”不是有效时间"),
            remedy=Text(
                "Write it as 2025-10-10T21:20:00Z, or without Z together with --tz UTC+8.",
                "请写成 2025-10-10T21:20:00Z；不带 Z 时请用 --tz UTC+8 指明时区。",
            ),
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(tz))
    return (moment - _EPOCH) // timedelta(microseconds=1)


def format_time(us: int, tz: str = "UTC", *, digits: int = 6) -> str:
    """ISO 8601 with `digits` decimals of the second (cut, not rounded), with its offset."""
    moment = (_EPOCH + timedelta(microseconds=us)).astimezone(zone(tz))
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if digits:
        text += "." + f"{moment.microsecond:06d}"[:digits]
    offset = moment.utcoffset() or timedelta(0)
    if not offset:
        return text + "Z"
    minutes = int(offset.total_seconds()) // 60
    return text + f"{'+' if minutes >= 0 else '-'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def clock_time(us: int, tz: str = "UTC", *, digits: int = 3) -> str:
    """Time of day only, for tables: 21:21:36.139."""
    return format_time(us, tz, digits=digits)[11 : 20 + digits if digits else 19]


def date_of(us: int) -> str:
    """The UTC date, YYYY-MM-DD: the name of a lake partition."""
    return format_time(us, digits=0)[:10]


def epoch_unit(value: int) -> str | None:
    """Unit of an epoch number by its size (years 2001-2286): s, ms, us, ns, or None."""
    for unit, low in (("s", 10**9), ("ms", 10**12), ("us", 10**15), ("ns", 10**18)):
        if low <= value < low * 10:
            return unit
    return None


def span(us: int) -> str:
    """A duration for people: 92 µs, 30.45 ms, 2.5 s, 3 min 07 s, 1 h 02 min."""
    if us < 1_000:
        return f"{us} µs"
    if us < SECOND:
        return f"{us / 1_000:g} ms"
    if us < MINUTE:
        return f"{us / SECOND:g} s"
    if us < HOUR:
        return f"{us // MINUTE} min {us % MINUTE // SECOND:02d} s"
    return f"{us // HOUR} h {us % HOUR // MINUTE:02d} min"


@dataclass(frozen=True, order=True)
class Window:
    """A named stretch of time, `start <= t < end`, in UTC microseconds."""

    name: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise UsageError(
                Text(
                    f"the window '{self.name}' ends before it starts",
                    f"时间窗“{self.name}”的结束早于开始",
                ),
                remedy=Text("Swap 'from' and 'to', or check the zone.", "请对调起止，或检查时区。"),
            )

    def json(self) -> dict[str, str]:
        """As it stands in a finding."""
        return {
            "name": self.name,
            "from": format_time(self.start),
            "to": format_time(self.end),
        }
