"""Numbers and moments as the page writes them. A value is shown exactly, but for shares
(two decimals of a percent) and long fractions; the entry of the finding has every digit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from markupsafe import Markup

from ..clock import SECOND, Window, format_time, span
from ..errors import Text
from ..findings import Finding, plain
from .text import Words, named, texts, wrap

SHARES = ("ratio", "share", "fraction")
MULTIPLES = {"silence.ratio"}
"""Ratios that say how many times, not which part."""
DURATIONS = {"us": 1, "µs": 1, "ms": 1_000, "s": SECOND, "seconds": SECOND, "min": 60 * SECOND}
LONGEST, PRECISE = 12, 7
"""Characters of a number, and digits of one with more than four decimals, beyond which its
fraction is cut for show."""


def grouped(value: Decimal | int) -> str:
    """Plain notation with commas between thousands: 102,497.49."""
    text = plain(value) if isinstance(value, Decimal) else str(value)
    sign = "\N{MINUS SIGN}" if text.startswith("-") else ""
    whole, dot, rest = text.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{dot}{rest}"


def short(value: Decimal | int) -> str:
    """`grouped`, with long fractions rounded half-even to what still tells the number."""
    text = grouped(value)
    _, _, fraction = text.partition(".")
    digits = len(text.replace(",", "").replace(".", "").lstrip("\N{MINUS SIGN}0"))
    if not fraction or (len(text) <= LONGEST and (digits <= PRECISE or len(fraction) <= 4)):
        return text
    size = value.adjusted() if isinstance(value, Decimal) else 0
    places = 2 if size >= 3 else 5 - size
    return grouped(Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN))


def percent(value: Decimal | int) -> str:
    """A share as a percentage of at most two decimals: 70.34 %."""
    hundred = (Decimal(value) * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return f"{grouped(hundred)}\u202f%"


def unit_words(unit: str) -> Text:
    """A unit in both languages; currencies and unknown units stand for themselves."""
    return texts().get(f"unit.{unit}", Text(unit, unit))


def amount(finding: Finding) -> Text:
    """Value and unit in words that fit a cell or a sentence."""
    value, unit = finding.value, finding.unit
    if value is None:
        return Text("–", "–")
    if isinstance(value, str):
        return Text(value, value)
    if finding.name in MULTIPLES:
        return Text(f"{short(value)}\u202f×", f"{short(value)}\u202f×")
    if unit in SHARES:
        return Text(percent(value), percent(value))
    if unit in DURATIONS:
        micros = Decimal(value) * DURATIONS[unit]
        if not micros:
            return Text("0 s", "0 s")
        if micros == micros.to_integral_value() and micros >= 0:
            return Text(span(int(micros)), span(int(micros)))
    if unit in {"%", "percent"}:
        return Text(f"{short(value)}\u202f%", f"{short(value)}\u202f%")
    if unit in {"", "1"}:
        return Text(short(value), short(value))
    return Text(*(f"{short(value)} {word}" for word in unit_words(unit)))


def link(id_: str, shown: Text | Words | str) -> Words:
    """A link to the entry of a finding."""
    return wrap("a", shown, href=f"#f-{id_[:12]}")


def moment(us: int, digits: int = 3) -> Markup:
    """A time in UTC, which the page's script turns into UTC+8 where that is chosen. Digits
    that are 0 are left out, others are cut, not rounded."""
    digits = 0 if us % SECOND == 0 else min(digits, 3) if us % 1000 == 0 else digits
    iso = format_time(us, digits=digits)
    return Markup(f"<time>{iso[5:10]} {iso[11:-1]}</time>")


def both_clocks(us: int) -> tuple[str, str]:
    """Day and time of day in UTC and in UTC+8, to the millisecond where it is not whole."""
    digits = 0 if us % SECOND == 0 else 3
    texts_ = [format_time(us, zone, digits=digits) for zone in ("UTC", "UTC+8")]
    utc, east = (t[5:10] + " " + t[11 : 19 + (digits and digits + 1)] for t in texts_)
    return utc, east


def in_zone(us: int, zone: str) -> str:
    """Date and time in one clock, for tables that show both."""
    iso = format_time(us, zone, digits=0)
    return f"{iso[:10]} {iso[11:19]}"


def length(window: Window) -> str:
    """How long a window is."""
    return span(window.end - window.start)


def resolution_seconds(text: str) -> int | None:
    """0 for "trade", 60 for "60s"; None for what is neither."""
    if text == "trade":
        return 0
    digits = text.removesuffix("s")
    return int(digits) if digits.isdigit() else None


def resolution_words(text: str) -> Words:
    """The resolution of data for people: trade, 1 s, 15 min."""
    seconds = resolution_seconds(text)
    if not seconds:
        return named("resolution", text)
    return Words.of(span(seconds * SECOND).replace(" 00 s", "").replace(" 00 min", ""))


def parameter(name: str, value: Any) -> str:
    """A parameter that sets two findings apart, as a column head: > 5 %, 50 %."""
    text = str(value)
    try:
        exact = Decimal(text)
    except ArithmeticError:
        return text
    if name in {"threshold", "level", "share", "beyond"} and abs(exact) <= 5:
        return percent(exact)
    return text


def since_epoch(iso: str) -> int:
    """Microseconds of the ISO times in the inventory."""
    moment_ = datetime.fromisoformat(iso)
    return (moment_ - datetime.fromisoformat("1970-01-01T00:00:00+00:00")) // timedelta(
        microseconds=1
    )


def venue_name(venue: str) -> str:
    """A venue as people write it."""
    return VENUES.get(venue, venue)


VENUES = {
    "binance": "Binance", "bybit": "Bybit", "okx": "OKX", "coinbase": "Coinbase",
    "gemini": "Gemini", "kraken": "Kraken", "bitstamp": "Bitstamp", "bitfinex": "Bitfinex",
    "gate": "Gate", "kucoin": "KuCoin", "mexc": "MEXC", "bitget": "Bitget", "upbit": "Upbit",
    "huobi": "Huobi", "hyperliquid": "Hyperliquid", "bitmex": "BitMEX", "uniswap": "Uniswap",
}  # fmt: skip
