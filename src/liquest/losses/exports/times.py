"""One time cell: the moment it means in UTC microseconds, or the fault with its remedy.

The venue writes 2025-10-10 21:18:53 or 25-10-10 21:18:53; spreadsheets turn that into
2025/10/10 21:18, 10/10/2025 21:18 or 45940.887. A form that can be read in two ways is settled
by the other rows of the file or refused; what lost its seconds is kept and said.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from ...clock import DAY, SECOND, UNITS, epoch_unit
from ...errors import Text
from ...replay.positions_numbers import BadCell, Fault, bad

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NATIVE = re.compile(r"(\d{4}|\d{2})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?")
_LOOSE = re.compile(
    r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?"
    r"(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,6}))?)?秒?"
    r"\s*([AaPp][Mm]|上午|下午)?)?"
)
_CHINESE_HALF = re.compile(r"(上午|下午)\s*(\d{1,2}:\d{2}(?::\d{2})?)")
_OFFSET = re.compile(r"\s*(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT)\s*$", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{5})(?:[.](\d+))?")
_NUMBER = re.compile(r"\d{10,19}")
_SHORTENED = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
_SERIAL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_FIRST_DAY = 17_166
"""Days from 1970 to 2017."""
_YEARS = range(2017, 2100)
"""Years of exports; the venue was founded in 2017."""
_CACHED = 200_000
_SECONDS = {f"{second:02d}": second * SECOND for second in range(60)}

_AGAIN = Text(
    "Download the export again and do not open it in a spreadsheet before giving it.",
    "请重新下载导出文件，提交前不要用表格软件打开。",
)
NO_SECONDS = Fault(
    "no-seconds", "",
    Text("the time has lost its seconds; it is read as the full minute",
         "时间缺少秒数，按整分钟读取"),
    _AGAIN,
)  # fmt: skip
SERIAL = Fault(
    "serial-date", "",
    Text("the time is the day number of a spreadsheet; it is turned back into a time",
         "时间是电子表格的日期序号，已换算为时间"),
    _AGAIN,
)  # fmt: skip


class Times(dict[str, int]):
    """Cell → microseconds UTC. `offset` is the zone of cells that name none, in microseconds
    east of UTC. `order` is "dm" or "md" where a row of the file gives it away. What is to be
    said of a cell that was read goes into `notes`; such cells are not remembered, so that it
    is said of every row."""

    def __init__(self, offset: int, notes: list[Fault], order: str = "") -> None:
        super().__init__()
        self.offset, self.notes, self.order = offset, notes, order
        self.shown: set[str] = set()
        self.naive = self.own = self.ambiguous = 0
        self._minutes: dict[str, int] = {}

    def __missing__(self, cell: str) -> int:
        minute, second = self._minutes.get(cell[:17]), _SECONDS.get(cell[17:])
        if minute is not None and second is not None:
            self.naive += 1
            if len(self) > _CACHED:
                self.clear()
            self[cell] = known = minute + second
            return known
        if len(cell) == 19 and cell[10] == " " and cell[13] == cell[16] == ":":
            ts = _plain_moment(cell)
            if ts is not None and second is not None:
                if len(self._minutes) > _CACHED:
                    self._minutes.clear()
                self._minutes[cell[:17]] = ts - self.offset - second
        else:
            exact = _NATIVE.fullmatch(cell)
            ts = None if exact is None else _moment(cell, *exact.groups())
        if ts is not None:
            self.naive += 1
            ts -= self.offset
            if len(self) > _CACHED:
                self.clear()
            self[cell] = ts
            return ts
        return self._careful(cell)

    def _careful(self, cell: str) -> int:
        text = unicodedata.normalize("NFKC", cell).strip().strip("'\"")
        if not text:
            raise bad("no-time", "", "the time is missing", "缺少时间", *_AGAIN, cell)
        if exact := _NATIVE.fullmatch(text):
            self.naive += 1
            return _moment(cell, *exact.groups()) - self.offset
        if _NUMBER.fullmatch(text) and (unit := epoch_unit(int(text))) is not None:
            self.own += 1
            return _since_epoch(int(text), unit)
        if serial := _SERIAL.fullmatch(text):
            return self._serial(cell, serial)
        if _SHORTENED.fullmatch(text) or text.startswith("##"):
            raise bad(
                "time-shortened", "", f"'{text[:40]}' is a time that a spreadsheet shortened",
                f"“{text[:40]}”是被电子表格缩写的时间", *_AGAIN, cell,
            )  # fmt: skip
        offset, body = self._zone(text)
        halved = _CHINESE_HALF.sub(r"\2 \1", body)
        loose = _LOOSE.fullmatch(halved)
        if loose is None:
            raise _no_time(cell, text)
        year, month, day = self._date(cell, loose)
        hour, minute, second = (int(loose[n] or 0) for n in (4, 5, 6))
        if loose[4] is None:
            raise bad(
                "no-time-of-day", "", f"'{text[:40]}' is a date without a time of day",
                f"“{text[:40]}”只有日期，没有时刻", *_AGAIN, cell,
            )  # fmt: skip
        if (half := (loose[8] or "").lower()) and not 1 <= hour <= 12:
            raise _no_time(cell, text)
        if half:
            hour = hour % 12 + (12 if half in ("pm", "下午") else 0)
        ts = _moment(cell, year, month, day, hour, minute, second, loose[7])
        if loose[6] is None:
            self.notes.append(NO_SECONDS)
        return ts - offset

    def _zone(self, text: str) -> tuple[int, str]:
        """The offset of a cell that names its zone, and the cell without it."""
        found = _OFFSET.search(text)
        if found is None or ":" not in text[: found.start()]:
            self.naive += 1
            return self.offset, text
        self.own += 1
        named = re.sub(r"[^0-9:+-]", "", found[1])
        if not named:
            return 0, text[: found.start()]
        digits = named[1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        east = (int(hours) * 60 + int(minutes)) * 60 * SECOND
        return east if named[0] == "+" else -east, text[: found.start()]

    def _date(self, cell: str, loose: re.Match[str]) -> tuple[int, int, int]:
        first, second, third = loose[1], loose[2], loose[3]
        if len(first) == 4:
            return int(first), int(second), int(third)
        if len(first) > 2 or len(third) not in (2, 4):
            raise _no_time(cell, cell)
        if len(third) == 2 and cell[len(first)] == "-" and 2000 + int(first) in _YEARS:
            return 2000 + int(first), int(second), int(third)
        year = int(third) if len(third) == 4 else 2000 + int(third)
        a, b = int(first), int(second)
        if a > 12 >= b:
            self.shown.add("dm")
        elif b > 12 >= a:
            self.shown.add("md")
        elif a != b and not self.order:
            self.ambiguous += 1
            raise bad(
                "ambiguous-date", "",
                f"'{cell[:40]}' can be day {a} of month {b} or day {b} of month {a}",
                f"“{cell[:40]}”可以是 {b} 月 {a} 日，也可以是 {a} 月 {b} 日", *_AGAIN, cell,
            )  # fmt: skip
        if a > 12 or (b <= 12 and self.order == "dm"):
            return year, b, a
        return year, a, b

    def _serial(self, cell: str, serial: re.Match[str]) -> int:
        """Day number of a spreadsheet, days since 1899-12-30 (1900 date system); five decimals
        of a day are a second."""
        day = _SERIAL_EPOCH + timedelta(days=int(serial[1]))
        if len(serial[2] or "") < 5 or day.year not in _YEARS:
            raise bad(
                "serial-date-cut", "",
                f"'{cell[:40]}' is the day number of a spreadsheet, too short to hold a time",
                f"“{cell[:40]}”是电子表格的日期序号，位数不足以还原时刻", *_AGAIN, cell,
            )  # fmt: skip
        self.naive += 1
        part: int = int(serial[2]) * DAY // 10 ** len(serial[2])
        seconds = (part + SECOND // 2) // SECOND
        self.notes.append(SERIAL)
        days = (day - _EPOCH).days
        return days * DAY + seconds * SECOND - self.offset


def _plain_moment(cell: str) -> int | None:
    """Microseconds of 2025-10-10 21:18:53 read as UTC; None for anything else."""
    try:
        since = datetime.fromisoformat(cell) - _NAIVE_EPOCH
    except (ValueError, TypeError):
        return None
    return (since.days * 86_400 + since.seconds) * SECOND if since.days > _FIRST_DAY else None


def _moment(
    cell: str, year: str | int, month: str | int, day: str | int, hour: str | int,
    minute: str | int, second: str | int, part: str | None,
) -> int:  # fmt: skip
    """Microseconds of a naive moment read as UTC; raises BadCell for no such moment."""
    whole = int(year) + (2000 if int(year) < 100 else 0)
    try:
        if whole not in _YEARS:
            raise ValueError(whole)
        moment = datetime(
            whole, int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        raise _no_time(cell, cell) from None
    ts = (moment - _EPOCH) // timedelta(microseconds=1)
    return ts + int(part.ljust(6, "0")) if part else ts


def _since_epoch(value: int, unit: str) -> int:
    return value // 1_000 if unit == "ns" else value * UNITS[unit]


def _no_time(cell: str, text: str) -> BadCell:
    return bad(
        "not-a-time", "", f"'{text[:40]}' is no time", f"“{text[:40]}”不是时间", *_AGAIN, cell
    )
