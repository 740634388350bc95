"""Exports of other venues through a column map; the map's faults are named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from _export_files import TRADE, codes, read, trades

from liquest.clock import parse_time
from liquest.errors import InputError, UnknownFormat
from liquest.losses.exports import read_maps

MAP = """
[[map]]
files = "okx*.csv"
kind = "trades"
venue = "okx"
columns.time = "Fill time"
columns.side = "Action"
columns.price = "Fill price"
columns.quantity = "Size"
columns.fee = "Fee"
columns.realised = "PnL"
columns.trade_id = "Id"
columns.symbol = "Instrument"
constants = { fee_asset = "USDT" }
tz = "UTC+8"
decimal = ","
fee_sign = -1
[map.words]
side = { "Open long" = "buy", "Close long" = "sell" }
"""
ROWS = (
    "Fill time;Instrument;Action;Fill price;Size;Fee;PnL;Id\n"
    "2025-10-11 05:18:53;BTC-USDT-SWAP;Open long;105000,5;12;-0,5;0;77\n"
    "2025-10-11 05:19:53;BTC-USDT-SWAP;Close long;104000;12;0,1;-120,25;78\n"
)  # fmt: skip


def given(folder: Path, text: str) -> Path:
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_another_venue(tmp_path: Path) -> None:
    path = tmp_path / "okx-fills.csv"
    path.write_text(ROWS, encoding="utf-8")
    exports, problems = read(path, columns=given(tmp_path, MAP))
    assert [
        (t.ts, t.symbol, t.side, t.price, t.quantity, t.fee, t.fee_asset, t.realised, t.trade_id)
        for t in exports.trades
    ] == [
        (parse_time("2025-10-10T21:18:53Z"), "BTC-USDT-SWAP", 1, Decimal("105000.5"), Decimal(12),
         Decimal("0.5"), "USDT", Decimal(0), "77"),
        (parse_time("2025-10-10T21:19:53Z"), "BTC-USDT-SWAP", -1, Decimal(104000), Decimal(12),
         Decimal("-0.1"), "USDT", Decimal("-120.25"), "78"),
    ]  # fmt: skip
    assert (exports.venue, exports.files[0].venue) == ("okx", "okx")
    assert (exports.files[0].zone, exports.files[0].zone_by) == ("UTC+8", "given")
    assert codes(problems) == ["no-position-side", "decimal-comma"]


def test_a_map_may_name_inverse_contracts(tmp_path: Path) -> None:
    path = tmp_path / "okx-fills.csv"
    path.write_text(ROWS, encoding="utf-8")
    text = MAP.replace('venue = "okx"', 'venue = "okx"\nmarket = "coinm"')
    exports, _ = read(path, columns=given(tmp_path, text))
    assert {t.market for t in exports.trades} == {"coinm"}


def test_a_map_that_names_absent_columns(tmp_path: Path) -> None:
    path = tmp_path / "okx-fills.csv"
    path.write_text(ROWS.replace("Size", "Volume"), encoding="utf-8")
    with pytest.raises(UnknownFormat, match="Size") as caught:
        read(path, columns=given(tmp_path, MAP))
    assert "Volume" in caught.value.render("zh")


def test_two_venues_are_two_accounts(tmp_path: Path) -> None:
    path = tmp_path / "okx-fills.csv"
    path.write_text(ROWS, encoding="utf-8")
    with pytest.raises(InputError, match="two venues"):
        read(path, trades(tmp_path / "b.csv", TRADE), columns=given(tmp_path, MAP))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[map]]"), ("[[map]", "no TOML"), ("map = 3", "no [[map]]"),
        (MAP.replace('venue = "okx"', ""), "needs 'venue'"),
        (MAP.replace('"trades"', '"dreams"'), "none of"),
        (MAP.replace("columns.symbol", "columns.ticker"), "ticker"),
        (MAP.replace('columns.symbol = "Instrument"', ""), "lacks symbol"),
        (MAP.replace('tz = "UTC+8"', 'tz = "Mars"'), "Mars"),
        (MAP.replace('decimal = ","', 'decimal = "x"'), "decimal"),
        (MAP.replace("fee_sign = -1", "fee_sign = 2"), "fee_sign"),
        (MAP.replace('kind = "trades"', 'kind = "trades"\nhue = 1'), "hue"),
        (MAP.replace('kind = "trades"', 'kind = "trades"\nmarket = "spot"'), "market"),
        (MAP.replace('"Open long" = "buy"', '"Open long" = 1'), "words"),
        (MAP.replace('{ fee_asset = "USDT" }', '{ fee_asset = 3 }'), "constants"),
    ],
)  # fmt: skip
def test_faults_of_a_map(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_maps(given(tmp_path, text))
    assert said in caught.value.render("en")
    assert caught.value.remedy is not None


def test_a_map_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_maps(tmp_path / "none.toml")
