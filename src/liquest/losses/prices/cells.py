"""Cells of a file of prices: a moment, or a price. Nothing is guessed; what can be read in two
ways, and what a spreadsheet has rounded, is refused with its remedy."""

from __future__ import annotations

import re
from decimal import Decimal

from ...clock import SECOND, epoch_unit, parse_time, zone
from ...errors import InputError, Text, UsageError
from ...replay.positions_numbers import BadCell, number
from .sheet import at_fault

_EPOCH = re.compile(r"\d{10}(?:\.\d{1,6})?|\d{13}(?:\.0+)?|\d{16}(?:\.0+)?")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_CLOCK = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?")
_OFFSET = re.compile(r"(?:Z| ?UTC)?(?: ?[+-]\d{1,2}(?::?\d{2})?)?", re.IGNORECASE)
_ZONE = re.compile(r"(?:UTC|GMT)\s*(?:[+-]\s*\d{1,2}(?::?\d{2})?)?", re.IGNORECASE)
_COLUMNS = {
    "price": "价格", "open": "开盘价", "high": "最高价", "low": "最低价", "close": "收盘价",
}  # fmt: skip
_MOST, _LEAST = 12, -24
"""Powers of ten beyond which a number is no price."""


def zone_of(header: str) -> str | None:
    """The zone that the head of the time column names: Time(UTC+8); None where it names none."""
    found = _ZONE.search(header)
    return None if found is None else found[0].replace(" ", "")


def moment(cell: str, tz: str | None, name: str, row: int) -> int:
    """Microseconds UTC of a time cell. `tz` holds for a time without an offset; where there is
    none such a time is refused (InputError)."""
    text = cell.strip()
    if _EPOCH.fullmatch(text):
        value = Decimal(text)
        unit = epoch_unit(int(value))
        return int(value * {"s": SECOND, "ms": 1_000}.get(unit or "", 1))
    clock = _CLOCK.match(text)
    rest = text[clock.end() :] if clock else ""
    if clock is None or not _OFFSET.fullmatch(rest):
        raise _no_time(text, name, row)
    if not rest and tz is None:
        raise at_fault(
            name, row,
            Text(
                f"the time {text} does not say its zone",
                f"时间 {text} 未注明时区",
            ),
            Text(
                "Give the zone with --tz UTC or --tz UTC+8, or name it in the column: Time(UTC).",
                "请用 --tz UTC 或 --tz UTC+8 指明时区，或在列名中写明：Time(UTC)。",
            ),
        )  # fmt: skip
    offset = re.sub(r"[Zz]|[Uu][Tt][Cc]|\s", "", rest)
    try:
        return parse_time(_iso(clock[0]), offset or ("UTC" if rest else tz or "UTC"))
    except UsageError:
        raise _no_time(text, name, row) from None


def price(column: str, cell: str, name: str, row: int) -> Decimal:
    """The exact price of a cell of the column price, open, high, low or close; raises
    InputError for what is no price above zero."""
    try:
        value = number(column, cell)
    except BadCell as bad:
        fault = bad.fault
        what = Text(f"{column}: {fault.what.en}", f"{_COLUMNS[column]}：{fault.what.zh}")
        raise at_fault(name, row, what, fault.remedy) from None
    if value <= 0 or not _LEAST <= value.adjusted() <= _MOST:
        raise at_fault(
            name, row,
            Text(
                f"{column}: {cell[:40]} is no price",
                f"{_COLUMNS[column]}：{cell[:40]} 不是有效价格",
            ),
            Text(
                "A price is above zero and below 10,000,000,000,000: check digits and exponent.",
                "价格须大于零且小于 10,000,000,000,000：请核对位数与指数。",
            ),
        )  # fmt: skip
    return value


def checked_zone(tz: str | None) -> str | None:
    """The zone of `--tz`; raises UsageError for one that is not known."""
    if tz is not None:
        zone(tz)
    return tz


def _iso(clock: str) -> str:
    """2025/10/1 1:02 → 2025-10-01T01:02."""
    date, time = re.split(r"[ T]", clock, maxsplit=1)
    year, month, day = re.split(r"[-/]", date)
    hour, rest = time.split(":", 1)
    whole, dot, part = rest.partition(".")
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{whole}{dot}{part[:6]}"


def _no_time(text: str, name: str, row: int) -> InputError:
    shown = text[:40]
    if text.startswith(("=", "@", "+")):
        return at_fault(
            name, row, Text(f"the time '{shown}' is a formula", f"时间“{shown}”是公式"),
            Text("Save the table as values.", "请以数值另存表格。"),
        )  # fmt: skip
    if _ROUNDED.fullmatch(text):
        return at_fault(
            name, row,
            Text(
                f"the time {shown} was rounded by a spreadsheet",
                f"时间 {shown} 已被电子表格四舍五入",
            ),
            Text(
                "Give the file as it was downloaded, not saved again by a spreadsheet.",
                "请提供下载的原文件，不要用电子表格另存。",
            ),
        )  # fmt: skip
    return at_fault(
        name, row,
        Text(f"'{shown}' is no time", f"“{shown}”不是有效时间"),
        Text(
            "Write it as 2025-10-10T21:20:00Z, or in milliseconds since 1970.",
            "请写成 2025-10-10T21:20:00Z，或 1970 年以来的毫秒数。",
        ),
    )  # fmt: skip
