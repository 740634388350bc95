"""lake: names as folders, parts of different decimals as one table, sizes and notional."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _cases import T0, TICKS, case_of, rows_of, tape_of, tick, ticks
from liquest.clock import DAY, MINUTE, SECOND, Window
from liquest.instruments import SPOT, Instrument, identify
from liquest.tape.lake import Lake, Part, part_path, safe


@given(st.text())
def test_a_name_is_one_folder_and_can_be_read_back(name: str) -> None:
    folder = safe(name)
    assert folder and not set(folder) & set('/\\.:*?"<>|\0 ')
    assert unquote(folder).replace("\0" if not name else "", "") == name


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_names_are_two_folders(one: str, two: str) -> None:
    assert (safe(one) == safe(two)) == (one == two)


def test_a_path_says_all_that_a_part_is_of() -> None:
    spot = identify("binance", "ATOMUSDT")
    assert part_path("trades", spot, "2025-10-10", "ab" * 32) == (
        "trades/venue=binance/kind=spot/instrument=ATOMUSDT/date=2025-10-10/abababababababab.parquet"
    )


def test_spot_and_perpetual_of_one_symbol_are_two_instruments(tmp_path: Path) -> None:
    files = {
        "a.csv": ticks(2, market="binance", symbol="ATOMUSDT"),
        "b.csv": ticks(3, market="binance-futures", symbol="ATOMUSDT"),
    }
    lake = tape_of(case_of(tmp_path, files)).lake
    assert [i.kind for i in lake.instruments("trades")] == ["linear-perpetual", "spot"]
    assert [sum(p.rows for p in lake.of("trades", i)) for i in lake.instruments("trades")] == [3, 2]


WIDE = ["123456789012345.5", "0.000000000000000001", "2.5"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_parts_of_different_decimals_unite_exactly(tmp_path: Path, order: tuple[int, ...]) -> None:
    files = {f"{n}.csv": TICKS + tick(n + 1, "2.5", WIDE[k]) for n, k in enumerate(order)}
    lake = tape_of(case_of(tmp_path, files)).lake
    assert {r["raw_size"] for r in rows_of(lake)} == {Decimal(v) for v in WIDE}
    assert {r["volume"] for r in rows_of(lake, "seconds")} == {Decimal(v) for v in WIDE}


def test_prices_of_different_decimals_unite_exactly(tmp_path: Path) -> None:
    prices = ["0.00000000000123", "98765432109.5", "1e-16", "7"]
    files = {f"{n}.csv": TICKS + tick(n, p) for n, p in enumerate(prices, start=1)}
    lake = tape_of(case_of(tmp_path, files)).lake
    assert sorted(r["price"] for r in rows_of(lake)) == sorted(map(Decimal, prices))
    assert sorted(r["low"] for r in rows_of(lake, "seconds")) == sorted(map(Decimal, prices))


def test_notional_of_a_linear_contract_is_in_its_quote(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": TICKS + tick(1, "0.00001234", "1446889422.5")})
    (row,) = rows_of(tape_of(case).lake)
    assert row["notional"] == (Decimal("0.00001234") * Decimal("1446889422.5")).quantize(
        Decimal("1e-12")
    )
    assert row["size"] == row["raw_size"] == Decimal("1446889422.5")


@pytest.mark.parametrize(
    ("symbol", "contract"), [("BTCUSD_PERP", 100), ("ATOMUSD_PERP", 10), ("ATOMUSD_251226", 10)]
)
def test_notional_of_an_inverse_contract_is_in_dollars(
    tmp_path: Path, symbol: str, contract: int
) -> None:
    text = TICKS + tick(1, "2.5", "7", market="binance-delivery", symbol=symbol)
    (row,) = rows_of(tape_of(case_of(tmp_path, {"a.csv": text})).lake)
    assert row["notional"] == 7 * contract
    assert row["size"] == Decimal(7 * contract) / Decimal("2.5")


@pytest.mark.parametrize("size", ["0.1", "1e2", "0.00001", "1000000"])
def test_the_contract_size_of_the_case_counts(tmp_path: Path, size: str) -> None:
    more = f'[[instrument]]\nvenue = "okx"\nsymbol = "FIL-USDT-SWAP"\ncontract_size = "{size}"\n'
    swap: dict[str, Any] = {"market": "okex-swap", "symbol": "FIL-USDT-SWAP"}
    text = TICKS + tick(1, "1.5", "7", **swap) + tick(2, "1.5", "123456.5", **swap)
    rows = rows_of(tape_of(case_of(tmp_path, {"a.csv": text}, more)).lake)
    assert [r["size"] for r in rows] == [Decimal(size) * Decimal(n) for n in ("7", "123456.5")]
    assert rows[0]["notional"] == Decimal(size) * 7 * Decimal("1.5")


def test_a_contract_size_is_none_of_spot(tmp_path: Path) -> None:
    more = '[[instrument]]\nvenue = "binance"\nsymbol = "ATOMUSDT"\ncontract_size = "0.1"\n'
    text = ticks(1, market="binance", symbol="ATOMUSDT")
    (row,) = rows_of(tape_of(case_of(tmp_path, {"a.csv": text}, more)).lake)
    assert row["size"] == 1


def test_the_parts_that_reach_into_a_window() -> None:
    spot = Instrument("v", "S", SPOT)

    def part(record: str, first: int, last: int, *series: tuple[str, int]) -> Part:
        return Part(record, spot, "d", f"{record}{first}", "s", 1, first, last, 1, 1, series)

    trades = [part("trades", 0, 9), part("trades", 10, 19)]
    bars = [part("bars", 0, 9, ("trade", MINUTE))]
    lake = Lake(Path(), (*trades, *bars))
    assert lake.of("trades", window=Window("w", 9, 10)) == (trades[0],)
    assert lake.of("trades", window=Window("w", 9, 11)) == tuple(trades)
    assert lake.of("trades", window=Window("w", 20, 30)) == ()
    assert lake.of("bars", window=Window("w", MINUTE + 8, MINUTE + 10)) == tuple(bars)
    assert lake.of("bars", window=Window("w", MINUTE + 9, MINUTE + 10)) == ()
    assert lake.records() == ["bars", "trades"] and lake.instruments() == [spot]
    assert lake.instruments("quotes") == [] and lake.of("quotes") == ()


def test_a_part_reads_back_from_the_catalogue(tmp_path: Path) -> None:
    tape = tape_of(case_of(tmp_path, {"a.csv": TICKS + tick(1, at=0) + tick(2, at=DAY + SECOND)}))
    text = (tmp_path / "out" / "tape" / "catalog.json").read_text(encoding="utf-8")
    assert tuple(Part.of(p) for p in json.loads(text)) == tape.lake.parts
    assert {p.date for p in tape.lake.parts} == {"2025-10-10", "2025-10-11"}
    assert min(p.ts_min for p in tape.lake.parts) == T0
