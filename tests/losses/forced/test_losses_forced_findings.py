"""Findings and words of the liquidation record: every number with its rows, both languages."""

from __future__ import annotations

import json
import re

from _forced_exports import D, Fake, Told, at, twelve

from liquest.findings import Finding
from liquest.losses.entries import ForcedSale, Ref
from liquest.losses.forced.forced_findings import METHODS, findings
from liquest.losses.forced.told import COLUMNS, rows, sentences

PRICES = Fake({("mark", "ATOMUSDT"): "3.6", ("others", "ATOMUSDT"): "3.5"}, ("mixed-quotes",))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def made(told: Told, prices: Fake | None = PRICES) -> list[Finding]:
    record, _ = told.record(prices)
    return list(findings(record, told.exports, prices))


def named(found: list[Finding], name: str) -> list[Finding]:
    return [one for one in found if one.name == f"losses.forced.{name}"]


def test_each_order_is_a_finding_with_its_rows() -> None:
    found = named(made(twelve()), "order")
    assert len(found) == 12
    last = found[-1]
    assert last.value == "taken over at its limit"
    assert last.subject == {"account": "A1", "venue": "binance", "instrument": "ATOMUSDT"}
    assert [(i.source[0], i.first, i.role) for i in last.inputs] == [
        ("a", 13, "extreme"), ("b", 3, "extreme")
    ]  # fmt: skip
    assert last.params["limit"] == D("3.15") and last.params["number"] == 12
    assert "f11" not in json.dumps(last.json())  # No order number leaves.
    assert found[0].params["limit_against"] == {"mark": D("277.7778"), "others": D("0.0000")}


def test_slippage_fee_profit_chain_and_deficit() -> None:
    found = made(twelve())
    slips = {f.params["against"]: f for f in named(found, "slippage")}
    assert {k: f.value for k, f in slips.items()} == {"mark": 1250, "others": 1000}
    assert slips["mark"].params["cost"] == 45 and slips["mark"].unit == "bp"
    assert slips["mark"].caveats == ("mixed-quotes",)
    assert slips["mark"].inputs[-1].source == "f" * 64
    assert {f.params["against"]: f.value for f in named(found, "cost")} == {
        "mark": 45, "others": 35
    }  # fmt: skip
    (fee,) = named(found, "fee")
    assert (fee.value, fee.unit, fee.params["fee"]) == (D("0.126"), "USDT", "commission")
    assert fee.inputs[-1].source[0] == "c"
    order, whole = named(found, "realised")
    assert order.value == whole.value == -105
    assert whole.subject["wallet"] == "usdm USDT"
    (chain,) = named(found, "chain")
    assert (chain.value, chain.unit, chain.count) == (11, "orders", 12)
    assert chain.params["outcomes"]["takeover"] == 1 and chain.params["others"] == 0
    assert len(chain.inputs) == 13
    (deficit,) = named(found, "cleared")
    assert deficit.value == D("5.294")


def test_every_finding_survives_its_json_and_names_a_method() -> None:
    told = twelve()
    told.trade(-1700, "XRPUSDT", -1, "3", "10", "short")
    told.order(60, "XRPUSDT", 1, "10", order_id="adl", limit="1.5", executed="10",
               average="1.5", status="FILLED", client_id="adl_autoclose")  # fmt: skip
    told.trade(60, "XRPUSDT", 1, "1.5", "10", "adl", realised="15")
    told.sales = [
        ForcedSale(at(5), "loan", "ATOM", D("10"), D("2"), "USDT", D("3"), D("0"), "1", Ref(4, 2))
    ]
    found = made(told)
    ids = {method.id for method in METHODS}
    assert {f.method for f in found} == ids
    assert len({f.id for f in found}) == len(found)
    for one in found:
        assert Finding.of(json.loads(json.dumps(one.json()))).id == one.id
        assert one.inputs


def test_what_is_inferred_carries_a_caveat() -> None:
    told = twelve()
    told.orders = []
    found = made(told)
    (order,) = named(found, "order")
    (chain,) = named(found, "chain")
    assert order.caveats == chain.caveats == ("forced-inferred",)
    assert order.params["sent_by"] == "trade" and "limit" not in order.params


def test_without_prices_there_is_no_slippage_but_the_record_stands() -> None:
    found = made(twelve(), None)
    assert named(found, "slippage") == []
    assert len(named(found, "order")) == 12


def test_nothing_forced_nothing_found() -> None:
    told = Told()
    told.row(0, "TRANSFER", "5")
    record, problems = told.record(PRICES)
    assert (made(told), problems, record.first, sentences(record)) == ([], [], None, [])


def test_methods_and_columns_speak_both_languages() -> None:
    for method in METHODS:
        for text in (method.title, method.definition):
            assert text.en and CHINESE.search(text.zh), method.name
    for column in COLUMNS:
        assert column.en and CHINESE.search(column.zh)


def test_a_row_has_a_cell_for_every_column() -> None:
    record, _ = twelve().record(PRICES)
    table = rows(record)
    assert {len(row) for row in table} == {len(COLUMNS)}
    assert [cell.en for cell in table[-1]] == [
        "ATOMUSDT long", "21:19:53.250", "21:19:53", "100", "100", "3.15", "3.15",
        "taken over at its limit", "+1,250.0", "+1,000.0", "0.13 USDT", "-105.00 USDT",
    ]  # fmt: skip
    assert [cell.zh for cell in table[0]][7:9] == ["失效：限价内无对手盘", "–"]
