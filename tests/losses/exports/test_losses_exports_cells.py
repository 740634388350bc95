"""Cells: exact numbers, times in every form a spreadsheet makes of them, fees, ids."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquest.clock import HOUR, SECOND, parse_time
from liquest.losses.exports.cells import Fees, Numbers, Symbols, Words, clean_id, zeroed
from liquest.losses.exports.times import Times
from liquest.replay.positions_numbers import BadCell, Fault


def numbers(*, comma: bool = False) -> Numbers:
    return Numbers([], comma=comma)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0E-8", "0"), ("-0.00572446", "-0.00572446"), ("1E-8", "0.00000001"), (" 12.50 ", "12.50"),
        ("１２.５", "12.5"), ("1,234.5", "1234.5"), ("1,234,567", "1234567"), ('="0.5"', "0.5"),
        ("'7", "7"), ("+3", "3"),
    ],
)  # fmt: skip
def test_numbers(cell: str, value: str) -> None:
    assert numbers()[cell] == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "empty"), ("=A1+1", "formula"), ("#REF!", "spreadsheet-error"),
        ("1,234", "ambiguous-number"),
        ("NaN", "not-finite"), ("Infinity", "not-finite"), ("1_000", "not-a-number"),
        ("10-Oct", "date"), ("12 USDT", "not-a-number"), ("9" * 30, "too-large"),
        ("1E+30", "too-large"),
    ],
)  # fmt: skip
def test_what_is_no_number(cell: str, code: str) -> None:
    with pytest.raises(BadCell) as caught:
        numbers()[cell]
    assert caught.value.fault.code == code


def test_a_number_that_a_spreadsheet_shortened_is_read_and_said_every_time() -> None:
    notes: list[Fault] = []
    read = Numbers(notes)
    assert [read["1.2E+05"], read["1.2E+05"]] == [Decimal(120_000)] * 2
    assert [note.code for note in notes] == ["number-shortened"] * 2


def test_a_decimal_comma_is_a_comma_only_where_the_file_says_so() -> None:
    assert numbers(comma=True)["-0,0737"] == Decimal("-0.0737")
    assert numbers(comma=True)["1,234"] == Decimal("1.234")


@pytest.mark.parametrize(
    ("cell", "amount", "asset"),
    [
        ("0.0737 USDT", "0.0737", "USDT"), ("0.07USDT", "0.07", "USDT"), ("0E-8 BTC", "0", "BTC"),
        ("0E-8BTC", "0", "BTC"), ("-0.0001 BNB", "-0.0001", "BNB"), ("0.5", "0.5", ""),
        ("", "0", ""), ("1.2E-7USDC", "0.00000012", "USDC"), ("3 1000SATS", "3", "1000SATS"),
    ],
)  # fmt: skip
def test_fees(cell: str, amount: str, asset: str) -> None:
    assert Fees(numbers()).of(cell) == (Decimal(amount), asset)


def test_a_fee_that_is_no_number_is_a_fault() -> None:
    with pytest.raises(BadCell):
        Fees(numbers()).of("free")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15,
                   places=8))  # fmt: skip
def test_numbers_are_exact(value: Decimal) -> None:
    assert numbers()[str(value)] == value
    assert numbers().once(format(value, "f")) == value


def times(offset_h: int = 0, order: str = "") -> Times:
    return Times(offset_h * HOUR, [], order)


@pytest.mark.parametrize(
    ("cell", "moment", "note"),
    [
        ("2025-10-10 21:18:53", "2025-10-10T21:18:53Z", ""),
        ("25-10-10 21:18:53", "2025-10-10T21:18:53Z", ""),
        ("2025-10-10T21:18:53", "2025-10-10T21:18:53Z", ""),
        ("2025-10-10 21:18:53.250", "2025-10-10T21:18:53.250Z", ""),
        ("2025/10/10 21:18", "2025-10-10T21:18:00Z", "no-seconds"),
        ("2025/10/9 5:07:09", "2025-10-09T05:07:09Z", ""),
        ("10/10/2025 21:18", "2025-10-10T21:18:00Z", "no-seconds"),
        ("31/10/2025 21:18:53", "2025-10-31T21:18:53Z", ""),
        ("10/31/2025 9:18:53 PM", "2025-10-31T21:18:53Z", ""),
        ("2025/10/10 下午9:18:53", "2025-10-10T21:18:53Z", ""),
        ("2025年10月10日 21时18分53秒", "2025-10-10T21:18:53Z", ""),
        ("10.10.2025 21:18:53", "2025-10-10T21:18:53Z", ""),
        ("1760131133000", "2025-10-10T21:18:53Z", ""),
        ("1760131133", "2025-10-10T21:18:53Z", ""),
        ("2025-10-11T05:18:53+08:00", "2025-10-10T21:18:53Z", ""),
        ("2025-10-11 05:18:53 UTC+8", "2025-10-10T21:18:53Z", ""),
        ("2025-10-10 21:18:53Z", "2025-10-10T21:18:53Z", ""),
        ("45940.887847", "2025-10-10T21:18:30Z", "serial-date"),
        ("'2025-10-10 21:18:53", "2025-10-10T21:18:53Z", ""),
    ],
)  # fmt: skip
def test_times(cell: str, moment: str, note: str) -> None:
    read = times()
    assert read[cell] == parse_time(moment)
    assert [said.code for said in read.notes] == ([note] if note else [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "no-time"), ("1.76E+12", "time-shortened"), ("########", "time-shortened"),
        ("45940.887", "serial-date-cut"), ("45940", "serial-date-cut"),
        ("2025-10-10", "no-time-of-day"), ("10/11/2025 21:18:53", "ambiguous-date"),
        ("2025-02-30 00:00:00", "not-a-time"), ("1999-10-10 00:00:00", "not-a-time"),
        ("yesterday", "not-a-time"), ("2025-10-10 25:00:00", "not-a-time"),
        ("2025-10-10 21+08:00", "not-a-time"),
    ],
)  # fmt: skip
def test_what_is_no_time(cell: str, code: str) -> None:
    with pytest.raises(BadCell) as caught:
        times()[cell]
    assert caught.value.fault.code == code


def test_the_order_of_day_and_month_is_taken_from_the_file() -> None:
    assert times(order="dm")["10/11/2025 21:18:53"] == parse_time("2025-11-10T21:18:53Z")
    assert times(order="md")["10/11/2025 21:18:53"] == parse_time("2025-10-11T21:18:53Z")


def test_a_zone_moves_naive_times_only() -> None:
    assert times(8)["2025-10-11 05:18:53"] == parse_time("2025-10-10T21:18:53Z")
    assert times(8)["2025-10-10T21:18:53Z"] == parse_time("2025-10-10T21:18:53Z")
    assert times(8)["1760131133000"] == parse_time("2025-10-10T21:18:53Z")


@given(st.integers(1_500_000_000, 4_000_000_000), st.integers(-12, 14))
def test_a_written_second_is_read_back_in_any_zone(second: int, hours: int) -> None:
    from _export_files import moment

    ts = second * SECOND
    assert times(hours)[moment(ts + hours * HOUR)] == ts
    assert times(hours)[moment(ts + hours * HOUR, short=True)] == ts


def test_ids() -> None:
    notes: list[Fault] = []
    assert clean_id('="8389765568816714211"', notes) == "8389765568816714211"
    assert clean_id("'7001", notes) == clean_id("\t7001 ", notes) == "7001"
    assert clean_id("-", notes) == clean_id("", notes) == ""
    assert clean_id("autoclose-1760131133000-7", notes) == "autoclose-1760131133000-7"
    assert notes == []
    assert clean_id("1.23E+17", notes) == "" and [n.code for n in notes] == ["id-shortened"]
    with pytest.raises(BadCell):
        clean_id("=B2", notes)


def test_ids_cut_to_fifteen_digits_are_seen_by_all_of_them() -> None:
    cut = ["8389765568816710000", "8389765568816720000", "8389765568816730000"]
    assert zeroed(cut) and zeroed([*cut, "7001"])
    assert not zeroed([*cut, "8389765568816714211"]) and not zeroed(cut[:2])


def test_symbols_as_pages_write_them() -> None:
    read = Symbols()
    assert read["btcusd 永续"] == read["BTCUSD Perpetual"] == read["BTCUSD_PERP"] == "BTCUSD_PERP"
    assert read["ATOM/USDT 永续"] == "ATOMUSDT" and read["ETHUSD_251226"] == "ETHUSD_251226"
    with pytest.raises(BadCell):
        read["=VLOOKUP(A1)"]


def test_words_are_taken_in_both_languages_or_refused() -> None:
    sides = Words("side")
    assert [sides[w] for w in ("BUY", "Buy", "买入", "sell", "卖出")] == ["buy"] * 3 + ["sell"] * 2
    with pytest.raises(BadCell):
        sides["hold"]
    types = Words("transaction", open_=True)
    assert types["资金费用"] == types["Funding Fee"] == "FUNDING_FEE"
    assert types["Bfusd Reward"] == "BFUSD_REWARD"
