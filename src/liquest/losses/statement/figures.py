"""Sums, prices and moments as a statement shows them."""

from __future__ import annotations

from decimal import Decimal

from ...clock import clock_time, format_time
from ...findings import plain, rounded
from ..claim import DOLLARS


def amount(value: Decimal, asset: str) -> str:
    """A sum without its currency: cents for dollars, eight decimals for coins."""
    shown = rounded(value, 2 if asset in DOLLARS else 8)
    return f"{shown:,f}" if shown else "0"


def money(value: Decimal, asset: str) -> str:
    """A sum with its currency."""
    return f"{amount(value, asset)} {asset}"


def price(value: Decimal | None) -> str:
    """A price to six decimals; a dash where none is known."""
    return "–" if value is None else plain(rounded(value, 6))


def moment(ts: int) -> str:
    """A second in both calendars."""
    utc, east = format_time(ts, digits=0), format_time(ts, "UTC+8", digits=0)
    return f"{utc[:10]} {utc[11:19]} UTC ({east[5:10]} {east[11:19]} UTC+8)"


def clock(ts: int) -> str:
    """The time of day, UTC."""
    return clock_time(ts, digits=0)
