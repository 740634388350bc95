"""Every layout of the venue, in both languages and generations, is known and read to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from _export_files import LAYOUTS, codes, fields_of, read, sheet

from liquest.clock import parse_time
from liquest.losses.entries import (
    ForcedSale,
    Movement,
    Order,
    PositionRow,
    Ref,
    Trade,
    Transaction,
)
from liquest.losses.exports.layouts import forms, operations, plain, recognise, words, zone_in

WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "en": {
        "transactions": {"type": "FUNDING_FEE"},
        "trades": {"side": "SELL", "place": "LONG", "buyer": "false", "maker": "true"},
        "orders": {"type": "LIMIT", "side": "SELL", "place": "SHORT", "status": "EXPIRED",
                   "tif": "IOC"},
        "positions": {"mode": "Cross", "side": "Short", "status": "Closed"},
        "transfers": {"source": "Spot Wallet", "target": "COIN-M Futures", "status": "Completed"},
        "chain": {"status": "Completed"},
        "statement": {"account": "Spot",
                      "operation": "Transfer Between Spot Account and UM Futures Account"},
        "earn": {"type": "Redemption", "status": "Success", "product": "Simple Earn"},
        "margin": {"side": "SELL", "isolated": "Cross"},
        "loan": {"status": "Liquidated"},
    },
    "zh": {
        "transactions": {"type": "资金费用"},
        "trades": {"side": "卖出", "place": "多", "buyer": "否", "maker": "是"},
        "orders": {"type": "限价", "side": "卖出", "place": "空", "status": "已过期", "tif": "IOC"},
        "positions": {"mode": "全仓", "side": "空", "status": "已平仓"},
        "transfers": {"source": "现货钱包", "target": "币本位合约", "status": "已完成"},
        "chain": {"status": "已完成"},
        "statement": {"account": "现货", "operation": "现货账户与U本位合约账户划转"},
        "earn": {"type": "赎回", "status": "成功", "product": "活期"},
        "margin": {"side": "卖出", "isolated": "全仓"},
        "loan": {"status": "已强平"},
    },
}  # fmt: skip
TS = parse_time("2025-10-10T21:18:53Z")
LATER = parse_time("2025-10-10T21:19:53Z")
COMMON = {
    "uid": "123456789", "time": "2025-10-10 21:18:53", "updated": "2025-10-10 21:19:53",
    "opened": "2025-10-10 21:18:53.250", "closed_at": "2025-10-10 21:19:53", "price": "2.865",
    "quantity": "100", "amount": "286.5", "fee": "0.14325000 USDT", "realised": "-52.60000000",
    "id": "1001", "trade_id": "7001", "order_id": "9001", "client_id": "autoclose-1760131133000",
    "average": "0", "executed": "0", "executed_quote": "0", "stop": "0", "activate": "0",
    "rate": "0", "entry": "3.391", "close": "2.865", "most": "250", "closed": "250",
    "pnl": "-131.5", "asset": "USDT", "txid": "0xabc", "network": "TRX", "address": "T1",
    "change": "-286.5", "remark": "", "debt": "120.5", "quote": "USDT", "returned": "1",
}  # fmt: skip


def expected(form: str, market: str, fields: list[str]) -> Any:
    """The entry that COMMON must become."""
    symbol = {"usdm": "ATOMUSDT", "coinm": "ATOMUSD_PERP", "": "ATOMUSDT"}[market]
    fee = "ATOM" if market == "coinm" else "USDT"
    d, ref = Decimal, Ref(0, 2)
    placed = "place" in fields
    return {
        "transactions": Transaction(
            TS, market, "FUNDING_FEE", d("286.5"), fee, symbol, "1001", ref),
        "trades": Trade(
            TS, market, symbol, -1, "L" if placed else "B", d("2.865"), d(100),
            d("286.5") if "amount" in fields else None, d("0.14325"), fee, d("-52.6"), True,
            "7001", "9001", ref),
        "orders": Order(
            TS, LATER, market, symbol, "9001",
            "autoclose-1760131133000" if "client_id" in fields else "", "LIMIT", -1,
            "S" if placed else "B", d("2.865"), None, d(100), d(0),
            d(0) if "executed_quote" in fields else None, None, "EXPIRED",
            "IOC" if "tif" in fields else "", None, ref),
        "positions": PositionRow(
            market, symbol, "cross", "B", -1, d("3.391"), d("2.865"), d(250), d(250), d("-131.5"),
            TS + 250_000, LATER, "Closed", ref),
        "transfers": Movement(
            TS, TS if "arrived" in fields else None, "USDT", d("286.5"), "spot", "coinm",
            "done", "1001", ref),
        "chain": Movement(
            TS, None, "USDT", d("286.5"), "outside", "spot", "done", "0xabc", ref),
        "statement": Movement(TS, TS, "USDT", d("286.5"), "spot", "usdm", "done", "", ref),
        "earn": Movement(TS, TS, "USDT", d("286.5"), "earn", "spot", "done", "", ref),
        "margin": ForcedSale(
            TS, "cross-margin", "ATOM", d(100), d("2.865"), "USDT", d("120.5"), d("0.14325"),
            "1001", ref),
        "loan": ForcedSale(
            TS, "loan", "USDT", d(100), d("2.865"), "USDT", d("120.5"), d("0.14325"), "1001",
            ref),
    }[form]  # fmt: skip


@pytest.mark.parametrize(("layout", "lang", "generation"), LAYOUTS)
def test_every_layout_is_read(
    tmp_path: Path, layout: Mapping[str, Any], lang: str, generation: str
) -> None:
    form, market = layout.get("form", layout["kind"]), layout.get("market", "")
    row = dict(COMMON) | dict(WORDS[lang][form])
    row["symbol"] = "ATOMUSD_PERP" if market == "coinm" else "ATOMUSDT"
    if market == "coinm":
        row |= {"fee": "0.14325000 ATOM", "asset": "ATOM"}
    if form == "chain":
        row["fee"] = "0"
    name = "充值记录.csv" if form == "chain" else "f0.csv"
    path = sheet(tmp_path / name, layout, [row], lang=lang, generation=generation)
    # Positions never name their zone; of the newer generation nothing but the file's name does.
    exports, problems = read(path, tz="UTC")
    found = [
        *exports.transactions, *exports.trades, *exports.orders, *exports.positions,
        *exports.movements, *exports.sales,
    ]  # fmt: skip
    assert found == [expected(form, market, list(fields_of(layout, generation)))]
    (file,) = exports.files
    assert (file.kind, file.rows, file.doubles) == (layout["kind"], 1, 0)
    assert file.market == {"margin": "margin", "loan": "loan"}.get(form, market)
    stated = any("UTC" in header for header in layout[lang + generation])
    assert (file.zone, file.zone_by) == ("UTC", "header" if stated else "given")
    assert exports.uid == ("123456789" if "uid" in fields_of(layout, generation) else "")
    hidden = {"trades", "orders"} & {form} and "place" not in fields_of(layout, generation)
    assert codes(problems) == (["no-position-side"] if hidden else [])


def test_no_header_means_two_fields_and_no_word_two_things() -> None:
    for form in forms().values():
        assert set(form.needs) <= set(form.spelled.values()), form.name
    for layout, lang, generation in LAYOUTS:
        header = layout[lang + generation]
        found = recognise(header)
        assert found is not None
        form, places = found
        assert form.name == layout.get("form", layout["kind"])
        assert sorted(places.values()) == list(range(len(header)))
        assert [*places] == [*fields_of(layout, generation)]


def test_spellings_are_told_apart_from_each_other() -> None:
    """No spelling of a form's field is also one of another field of that form."""
    from _export_files import TABLE

    for name, spellings in TABLE["spellings"].items():
        seen: dict[str, str] = {}
        for field, known in spellings.items():
            for spelling in known:
                assert seen.setdefault(plain(spelling), field) == field, (name, spelling)
    for name, meanings in TABLE["words"].items():
        held: dict[str, str] = {}
        for meaning, known in meanings.items():
            for word in known:
                assert held.setdefault(plain(word), meaning) == meaning, (name, word)
        assert set(words(name).values()) == set(meanings)


def test_operations_name_wallets() -> None:
    wallets = {"spot", "usdm", "coinm", "funding", "earn", "margin", "loan", "outside", ""}
    assert {end for ends in operations().values() for end in ends} <= wallets


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Time(UTC)", "UTC"), ("Date(UTC+8)", "UTC+8"), ("时间（UTC+8）", "UTC+8"),
        ("UTC_Time", "UTC"), ("时间(北京时间)", "UTC+8"), ("Time(GMT+05:30)", "UTC+5:30"),
        ("Binance-Futures-Trade-History-202603230520(UTC--6)_2b8d.csv", "UTC-6"),
        ("Binance-合约交易历史-202603230520(UTC+8).csv", "UTC+8"), ("x(UTC+0)y.csv", "UTC"),
        ("orders UTC 2025.csv", "UTC"), ("Time", None), ("outcry.csv", None),
        ("Time(UTC+15)", None), ("UTC-2025-10-10.csv", None),
    ],
)  # fmt: skip
def test_zones_that_headers_and_names_state(text: str, zone: str | None) -> None:
    assert zone_in(text) == zone
