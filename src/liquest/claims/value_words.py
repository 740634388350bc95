"""Values as a reader sees them: numbers with their unit, times in both clocks.

Invariant: nothing is rounded; a share is shown in per cent by moving the point.
"""

from __future__ import annotations

from decimal import Decimal

from ..clock import format_time, span
from ..errors import Text
from ..findings import plain

Raw = Decimal | int | str | tuple[str, ...]
"""What a finding can say: a number, a moment in µs, a text, a list of texts."""

MOMENT = "moment"
"""The unit of a moment in UTC microseconds."""
TIMES = "×"
"""The unit of how many times one value is the other."""
_SHARES = ("ratio", "share")
_BARE = ("", "probability")
_COUNTS = {
    "coins": "个币种", "trades": "笔", "candles": "根 K 线", "s": "秒", "x": "倍", TIMES: "倍",
    "exposure": "× 敞口",
}  # fmt: skip


def shown(value: Raw, unit: str) -> Text:
    """The value with its unit."""
    if isinstance(value, tuple):
        text = ", ".join(value) or "–"
        return Text(text, text.replace(", ", "、"))
    if isinstance(value, str):
        return Text(f"“{value}”", f"“{value}”")
    if unit == MOMENT:
        return moment(int(value))
    number = Decimal(value)
    if unit in _SHARES:
        text = f"{plain(number * 100)} %"
        return Text(text, text)
    if unit == "us":
        text = span(int(number))
        return Text(text, text)
    text = plain(number)
    if unit in _BARE:
        return Text(text, text)
    return Text(f"{text} {unit}", f"{text} {_COUNTS.get(unit, unit)}")


def moment(us: int) -> Text:
    """2025-10-10 21:20:37.689043 UTC (2025-10-11 05:20:37.689043 UTC+8)."""
    utc, east = (_clock(us, tz) for tz in ("UTC", "UTC+8"))
    return Text(f"{utc} UTC ({east} UTC+8)", f"{utc} UTC（{east} UTC+8）")


def _clock(us: int, tz: str) -> str:
    """Date and time of day without offset; no decimals where the second is whole."""
    text = format_time(us, tz)[:26].replace("T", " ")
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}" if rest else whole
