"""Times as log lines write them: the plain reference of `time_kernel`.

    2025-10-11 04:56:22.438    2025/10/11T04:56:22,438+08:00    2025-10-11 4:56:22 AM
    10/Oct/2025:20:56:22 +0000    Oct 10 20:56:22 (year given)    1760129782438 (s, ms, µs, ns)

A time without an offset is naive: it is a local clock time, written here as if it were UTC,
and somebody else must say of which zone. Days before months or the other way round, and
times without a date, are not taken: they would have to be guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ..clock import UNITS, epoch_unit

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MOST_HOURS = 14
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = (
    r"(?P<h>[0-9]{1,2}):(?P<mi>[0-9]{2}):(?P<s>[0-9]{2})(?![0-9])"
    r"(?:[.,](?P<f>[0-9]+)|:(?P<f3>[0-9]{3})(?![0-9]))?(?:\ ?(?P<half>[AP])M(?![0-9A-Za-z]))?"
)
_ISO = re.compile(
    r"(?P<y>[0-9]{4})(?P<d>[-/.])(?P<mo>[0-9]{1,2})(?P=d)(?P<da>[0-9]{1,2})[T _]" + _CLOCK
)
_WEB = re.compile(r"(?P<da>[0-9]{1,2})/(?P<mon>[A-Za-z]{3})/(?P<y>[0-9]{4}):" + _CLOCK)
_SYSLOG = re.compile(r"(?P<mon>[A-Za-z]{3})\ {1,2}(?P<da>[0-9]{1,2})\ " + _CLOCK)
_NUMBER = re.compile(r"([0-9]{19}|[0-9]{16}|[0-9]{13}|[0-9]{10})(?![0-9])(?:\.([0-9]+))?")
_ZONE = re.compile(r"\ ?(?:(Z|UTC|GMT)|([+-])([0-9]{2}):?([0-9]{2}))(?![0-9A-Za-z])")


class Written(NamedTuple):
    """`us` since 1970 of the clock time as written, its offset taken off where there is one;
    `zoned` says whether there was; `end` is where the text goes on."""

    us: int
    zoned: bool
    end: int


def read_time(text: str, at: int = 0, year: int = 0) -> Written | None:
    """The time that begins at `at`; None when none does. `year` is for syslog times."""
    for form in (_ISO, _WEB, _SYSLOG):
        if found := form.match(text, at):
            us = _moment(found.groupdict(), year)
            return None if us is None else _placed(text, us, found.end())
    if found := _NUMBER.match(text, at):
        return _epoch(found[1], found[2] or "", found.end())
    return None


def _moment(parts: dict[str, str | None], year: int) -> int | None:
    """Microseconds since 1970 of a calendar time; None when there is no such time."""
    month = int(parts.get("mo") or 0)
    if name := parts.get("mon"):
        if name.lower() not in MONTHS:
            return None
        month = MONTHS.index(name.lower()) + 1
    hour = int(parts["h"] or 0)
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "P" else 0)
    fraction = (parts["f"] or parts["f3"] or "").ljust(6, "0")[:6]
    try:
        moment = datetime(
            int(parts.get("y") or year), month, int(parts["da"] or 0), hour,
            int(parts["mi"] or 0), int(parts["s"] or 0), int(fraction), UTC,
        )  # fmt: skip
    except ValueError:
        return None
    us = (moment - _EPOCH) // timedelta(microseconds=1)
    return us if us >= 0 else None


def _placed(text: str, us: int, end: int) -> Written:
    """The time with the offset that follows it, if one does."""
    found = _ZONE.match(text, end)
    if found is None:
        return Written(us, False, end)
    if found[1]:
        return Written(us, True, found.end())
    hours, minutes = int(found[3]), int(found[4])
    # "-1008" after a time is an error code: offsets are whole quarters of an hour.
    if hours > MOST_HOURS or minutes not in (0, 15, 30, 45):
        return Written(us, False, end)
    offset = (hours * 60 + minutes) * 60_000_000
    return Written(us - offset if found[2] == "+" else us + offset, True, found.end())


def _epoch(digits: str, fraction: str, end: int) -> Written | None:
    unit = epoch_unit(int(digits))
    if unit is None:
        return None
    if unit == "ns":
        return Written(int(digits) // 1000, True, end)
    part = int(fraction[:6].ljust(6, "0")) * UNITS[unit] // 1_000_000
    return Written(int(digits) * UNITS[unit] + part, True, end)
