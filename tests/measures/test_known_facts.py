"""The known facts of the event come out of the real ticks (issue 2)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from _ticks import measured, one, window
from liquest.clock import DAY, Window, clock_time, parse_time
from liquest.findings import Finding
from liquest.tape.lake import Lake

CRASH = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
START = parse_time("2025-10-10T00:00:00Z")
WHOLE = Window("day", START, START + DAY)


@pytest.fixture(scope="module")
def crash(real_lake: Lake) -> list[Finding]:
    return measured("low", real_lake, CRASH)


@pytest.mark.parametrize(
    ("venue", "instrument", "price", "at"),
    [
        ("binance", "ATOMUSD_PERP", "1.055", "21:21:36.139"),
        ("binance", "AAVEUSD_PERP", "63.42", "21:21:19.115"),
        ("binance", "AVAXUSD_PERP", "6.02", "21:21:29.189"),
        ("binance", "POLUSDT", "0.1152", "21:24:52.304"),
        ("coinbase", "DOT-USD", "2.86", "21:18:10.958"),
    ],
)
def test_a_known_low(
    crash: list[Finding], venue: str, instrument: str, price: str, at: str
) -> None:
    low = one(crash, "low", venue=venue, instrument=instrument)
    assert (low.value, clock_time(low.at or 0)) == (Decimal(price), at)


def test_gemini_avax(crash: list[Finding]) -> None:
    assert one(crash, "low", venue="gemini", instrument="AVAXUSD").value == Decimal("20.883")


def test_coinbase_atom_never_fell_below_3_56_in_the_crash(real_lake: Lake) -> None:
    span = window("2025-10-10T21:19:00Z", "2025-10-10T21:26:00Z")
    low = one(measured("low", real_lake, span), "low", venue="coinbase", instrument="ATOM-USD")
    assert low.value == Decimal("3.56")


def test_the_low_of_the_whole_day_is_another(real_lake: Lake) -> None:
    low = one(measured("low", real_lake, WHOLE), "low", venue="coinbase", instrument="ATOM-USD")
    assert (low.value, clock_time(low.at or 0, digits=0)) == (Decimal("3.000"), "23:47:41")


def test_a_low_leads_back_to_its_line_in_the_file(real_lake: Lake, crash: list[Finding]) -> None:
    low = one(crash, "low", venue="binance", instrument="ATOMUSD_PERP")
    (part,) = real_lake.of("trades", next(
        i for i in real_lake.instruments("trades") if i.symbol == "ATOMUSD_PERP"
    ))  # fmt: skip
    assert low.inputs[0].source == part.source
    assert part.row_min <= low.inputs[0].first <= part.row_max
