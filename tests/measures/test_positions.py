"""open_interest, liquidations, funding, insurance: what each can say, and its floor."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _cases import case_of, tape_of
from _ticks import T0, Tick, measured, one, outcome, pick, small_lake, window
from liquest.clock import SECOND, format_time
from liquest.tape.lake import Lake

D = Decimal
TICKER = (
    "exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,"
    "predicted_funding_rate,open_interest,last_price,index_price,mark_price\n"
)
PERP = ("binance-futures", "ATOMUSDT")


def ticker(rows: list[tuple[int, str, str]]) -> str:
    """(second, open interest, funding rate); either may be empty."""
    return TICKER + "".join(
        f"binance-futures,ATOMUSDT,{T0 + at * SECOND},{T0 + at * SECOND},,{rate},,{oi},4,4,4\n"
        for at, oi, rate in rows
    )


def lake_of(
    folder: Path, rows: list[tuple[int, str, str]], trades: list[Tick] | None = None
) -> Lake:
    files = {"binance-futures_derivative_ticker.csv": ticker(rows)}
    return small_lake(folder, {PERP: trades} if trades else {}, files)


PATH = [(0, "1000", ""), (10, "900", ""), (20, "400", ""), (30, "650", "")]


def test_the_fall_and_its_bounds(tmp_path: Path) -> None:
    trades = [Tick(n, "4", "50") for n in range(0, 40, 2)]
    found = measured("open_interest", lake_of(tmp_path, PATH, trades), window(5, 40))
    values = {f.name: f.value for f in found}
    assert values == {
        "open_interest.start": 1000, "open_interest.least": 400, "open_interest.end": 650,
        "open_interest.drop": D("0.6"), "open_interest.cleared_least": D("0.6"),
        # Ten trades of 50 from the start to the low.
        "open_interest.cleared_most": D("0.5"),
    }  # fmt: skip
    # Less was traded than it fell: that cannot be.
    most = one(found, "open_interest.cleared_most")
    assert "volume-below-drop" in most.caveats and most.params["volume"] == 500
    assert one(found, "open_interest.least").at == T0 + 20 * SECOND


def test_more_volume_than_positions_bounds_nothing(tmp_path: Path) -> None:
    trades = [Tick(n, "4", "500") for n in range(0, 40, 2)]
    found = measured("open_interest", lake_of(tmp_path, PATH, trades), window(5, 40))
    most = one(found, "open_interest.cleared_most")
    assert most.value == 1 and "volume-below-drop" not in most.caveats


def test_without_trades_there_is_no_upper_bound(tmp_path: Path) -> None:
    found = measured("open_interest", lake_of(tmp_path, PATH), window(5, 40))
    assert pick(found, "open_interest.cleared_most") == []
    late = measured("open_interest", lake_of(tmp_path / "late", PATH[1:]), window(5, 40))
    assert "no-baseline" in one(late, "open_interest.start").caveats
    rising = [(0, "10", ""), (10, "20", "")]
    up = measured("open_interest", lake_of(tmp_path / "up", rising), window(5, 40))
    assert one(up, "open_interest.drop").value == 0


LIQUIDATED = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"


def prints(rows: list[tuple[str, str, str, str]], market: str = "binance-futures") -> str:
    return LIQUIDATED + "".join(
        f"{market},ATOMUSDT,{T0 + int(D(at) * SECOND)},{T0},,{side},{price},{amount}\n"
        for at, side, price, amount in rows
    )


def test_prints_are_a_floor_where_the_stream_is_sampled(tmp_path: Path) -> None:
    rows = [
        ("1", "sell", "4", "10"), ("1", "sell", "4", "10"), ("2", "sell", "3", "100"),
        ("2.5", "buy", "5", "1"), ("4", "sell", "4", "2"),
    ]  # fmt: skip
    lake = small_lake(tmp_path, {}, {"binance-futures_liquidations.csv": prints(rows)})
    found = measured("liquidations", lake, window(0, 10))
    values = {f.name.split(".")[1]: f.value for f in found}
    assert values == {
        "prints": 4, "repeated": 1, "longs": 348, "shorts": 5, "seconds": 3, "share": D("0.3"),
        "per_second": 2, "largest": 300,
    }  # fmt: skip
    largest = one(found, "liquidations.largest")
    assert (largest.at, largest.unit) == (T0 + 2 * SECOND, "USD")
    assert all("sampled" in f.caveats for f in found)


def test_another_venue_is_not_called_sampled(tmp_path: Path) -> None:
    text = prints([("1", "sell", "4", "10")], "bybit")
    lake = small_lake(tmp_path, {}, {"bybit_liquidations.csv": text})
    assert all("sampled" not in f.caveats for f in measured("liquidations", lake, window(0, 9)))


def test_funding_before_and_within(tmp_path: Path) -> None:
    rows = [(0, "", "0.0001"), (10, "", "-0.0004"), (20, "", "0.0002"), (25, "5", "")]
    found = measured("funding", lake_of(tmp_path, rows), window(5, 30))
    assert {f.name: f.value for f in found} == {
        "funding.start": D("0.0001"), "funding.least": D("-0.0004"), "funding.most": D("0.0002"),
        "funding.end": D("0.0002"),
    }  # fmt: skip
    assert one(found, "funding.least").at == T0 + 10 * SECOND


FUND = """
[[map]]
files = "*fund*"
record = "insurance"
venue = "binance"
symbol_column = "asset"
columns = { ts = "time", balance = "balance" }
"""


def test_an_insurance_fund_from_a_mapped_table(tmp_path: Path) -> None:
    text = "time,asset,balance\n" + "".join(
        f"{format_time(T0 + at * SECOND)},{asset},{balance}\n"
        for at, asset, balance in (
            (-50, "USDT", "1200.5"), (10, "USDT", "1000.25"), (20, "USDT", "1100"),
            (15, "BTC", "7"),
        )
    )  # fmt: skip
    lake = tape_of(case_of(tmp_path, {"fund.csv": text}, FUND)).lake
    found = measured("insurance", lake, window(0, 60))
    usdt = {f.name: f.value for f in found if f.subject["fund"] == "USDT"}
    assert usdt == {
        "insurance.start": D("1200.5"), "insurance.end": 1100, "insurance.least": D("1000.25"),
        "insurance.change": D("-100.5"), "insurance.used": D("200.25"),
    }  # fmt: skip
    assert one(found, "insurance.used", fund="USDT").unit == "USDT"
    assert "no-baseline" in one(found, "insurance.start", fund="BTC").caveats


@pytest.mark.parametrize("name", ["open_interest", "liquidations", "funding", "insurance"])
def test_without_data_each_says_so(tmp_path: Path, name: str) -> None:
    lake = small_lake(tmp_path, {PERP: [Tick(0, "4")]})
    found, problems = outcome(name, lake, window(0, 60))
    assert found == [] and len(problems) == 1 and problems[0].effect == "absent"
    assert problems[0].text.zh.startswith(f"{name}：")
