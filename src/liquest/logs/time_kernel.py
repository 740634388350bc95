"""Times in log lines as machine code: what `times.read_time` does, on bytes.

Every kernel here takes the bytes of a block and two places in it, and looks at no byte at
or beyond `end`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Read = tuple[bool, int, bool, int]
"""Whether there is a time; µs since 1970; whether its offset is known; where text goes on."""

_MONTH_KEYS = np.array(
    [int.from_bytes(m.encode()) for m in
     ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")],
    dtype=np.int64,
)  # fmt: skip
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_TENS = np.array([100000, 10000, 1000, 100, 10, 1], dtype=np.int64)


@compiled
def digits(data: Bytes, at: int, end: int, most: int) -> tuple[int, int]:
    """(value, count) of up to `most` digits at `at`."""
    value = 0
    count = 0
    while count < most and at + count < end:
        digit = int(data[at + count]) - 48
        if digit < 0 or digit > 9:
            break
        value = value * 10 + digit
        count += 1
    return value, count


@compiled
def is_digit(data: Bytes, at: int, end: int) -> bool:
    """Whether there is a digit at `at`."""
    return at < end and bool(48 <= data[at] <= 57)


@compiled
def is_word(data: Bytes, at: int, end: int) -> bool:
    """Whether there is a letter or a digit (ASCII) at `at`."""
    if at >= end:
        return False
    byte = data[at]
    return bool(48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122)


@compiled
def month_at(data: Bytes, at: int, end: int) -> int:
    """The number of the month whose three letters stand at `at`; 0 for none."""
    if at + 3 > end:
        return 0
    key = 0
    for place in range(at, at + 3):
        key = key * 256 + (int(data[place]) | 32)
    for number in range(12):
        if _MONTH_KEYS[number] == key:
            return number + 1
    return 0


@compiled
def days_before(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar; -1 when there is no such day."""
    if year < 1970 or year > 9999 or month < 1 or month > 12 or day < 1:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    most = _MONTH_DAYS[month - 1] + (1 if leap and month == 2 else 0)
    if day > most:
        return -1
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    for number in range(month - 1):
        days += _MONTH_DAYS[number]
    if leap and month > 2:
        days += 1
    return days + day - 1 - 719162


@compiled
def clock_at(data: Bytes, at: int, end: int) -> tuple[bool, int, int]:
    """(found, µs since midnight, where it ends) of H:MM:SS with fraction and AM or PM."""
    hour, count = digits(data, at, end, 2)
    at += count
    if count == 0 or at >= end or data[at] != 58:
        return False, 0, at
    minute, count = digits(data, at + 1, end, 2)
    at += 1 + count
    if count != 2 or at >= end or data[at] != 58:
        return False, 0, at
    second, count = digits(data, at + 1, end, 2)
    at += 1 + count
    if count != 2 or is_digit(data, at, end):
        return False, 0, at
    fraction = 0
    if at < end and (data[at] == 46 or data[at] == 44) and is_digit(data, at + 1, end):
        at += 1
        place = 0
        while is_digit(data, at, end):
            if place < 6:
                fraction += (int(data[at]) - 48) * _TENS[place]
            place += 1
            at += 1
    elif at < end and data[at] == 58:
        value, count = digits(data, at + 1, end, 4)
        if count == 3:
            fraction = value * 1000
            at += 4
    ahead = at + 1 if at < end and data[at] == 32 else at
    if ahead + 1 < end and data[ahead + 1] == 77 and not is_word(data, ahead + 2, end):
        half = data[ahead]
        if half == 65 or half == 80:
            if hour < 1 or hour > 12:
                return False, 0, at
            hour = hour % 12 + (12 if half == 80 else 0)
            at = ahead + 2
    if hour > 23 or minute > 59 or second > 59:
        return False, 0, at
    return True, ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction, at


@compiled
def zone_at(data: Bytes, at: int, end: int) -> tuple[bool, int, int]:
    """(found, µs east of UTC, where it ends) of Z, UTC, GMT, +08:00 or +0800 after a time."""
    start = at
    if at < end and data[at] == 32:
        at += 1
    if at >= end:
        return False, 0, start
    byte = data[at]
    if byte == 90:
        return (True, 0, at + 1) if not is_word(data, at + 1, end) else (False, 0, start)
    if byte == 85 or byte == 71:
        if at + 3 > end or is_word(data, at + 3, end):
            return False, 0, start
        utc = byte == 85 and data[at + 1] == 84 and data[at + 2] == 67
        gmt = byte == 71 and data[at + 1] == 77 and data[at + 2] == 84
        return (True, 0, at + 3) if utc or gmt else (False, 0, start)
    if byte != 43 and byte != 45:
        return False, 0, start
    hours, count = digits(data, at + 1, end, 2)
    if count != 2:
        return False, 0, start
    at += 3
    if at < end and data[at] == 58:
        at += 1
    minutes, count = digits(data, at, end, 2)
    if count != 2 or is_word(data, at + 2, end) or hours > 14 or minutes > 45 or minutes % 15:
        return False, 0, start
    offset = (hours * 60 + minutes) * 60_000_000
    return True, offset if byte == 43 else -offset, at + 2


@compiled
def epoch_at(data: Bytes, at: int, end: int) -> Read:
    """A number of seconds, ms, µs or ns since 1970, told by its 10, 13, 16 or 19 digits."""
    value, count = digits(data, at, end, 19)
    if is_digit(data, at + count, end) or data[at] == 48:
        return False, 0, False, at
    if count == 10:
        tick = 1_000_000
    elif count == 13:
        tick = 1000
    elif count == 16:
        tick = 1
    elif count == 19:
        # The first 16 digits are the µs; all 19 would not fit into 64 bits after 2262.
        value, _ = digits(data, at, end, 16)
        tick = 0
    else:
        return False, 0, False, at
    at += count
    fraction = 0
    if at < end and data[at] == 46 and is_digit(data, at + 1, end):
        at += 1
        place = 0
        while is_digit(data, at, end):
            if place < 6:
                fraction += (int(data[at]) - 48) * _TENS[place]
            place += 1
            at += 1
    if tick == 0:
        return True, value, True, at
    return True, value * tick + fraction * tick // 1_000_000, True, at


@compiled
def time_at(data: Bytes, at: int, end: int, year: int) -> Read:
    """The time that begins at `at`."""
    if at >= end:
        return False, 0, False, at
    if not is_digit(data, at, end):
        month = month_at(data, at, end)
        if month == 0 or at + 3 >= end or data[at + 3] != 32:
            return False, 0, False, at
        place = at + 5 if at + 4 < end and data[at + 4] == 32 else at + 4
        day, count = digits(data, place, end, 2)
        place += count
        if count == 0 or place >= end or data[place] != 32:
            return False, 0, False, at
        return _joined(data, place + 1, end, days_before(year, month, day))
    first, count = digits(data, at, end, 5)
    place = at + count
    if count == 5 or place >= end:
        return epoch_at(data, at, end)
    mark = data[place]
    if count == 4 and (mark == 45 or mark == 47 or mark == 46):
        month, count = digits(data, place + 1, end, 2)
        place += 1 + count
        if count == 0 or place >= end or data[place] != mark:
            return False, 0, False, at
        day, count = digits(data, place + 1, end, 2)
        place += 1 + count
        if count == 0 or place >= end:
            return False, 0, False, at
        if data[place] != 84 and data[place] != 32 and data[place] != 95:
            return False, 0, False, at
        return _joined(data, place + 1, end, days_before(first, month, day))
    if count <= 2 and mark == 47:
        month = month_at(data, place + 1, end)
        if month == 0 or place + 4 >= end or data[place + 4] != 47:
            return False, 0, False, at
        year, many = digits(data, place + 5, end, 4)
        place += 9
        if many != 4 or place >= end or data[place] != 58:
            return False, 0, False, at
        return _joined(data, place + 1, end, days_before(year, month, first))
    return False, 0, False, at


@compiled
def _joined(data: Bytes, at: int, end: int, days: int) -> Read:
    """Date and clock time put together, with the offset that follows."""
    found, us, at = clock_at(data, at, end)
    if not found or days < 0:
        return False, 0, False, at
    us += days * 86_400_000_000
    zoned, offset, at = zone_at(data, at, end)
    return True, us - offset if zoned else us, zoned, at
