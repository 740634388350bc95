"""Fifty formats of log, each alone and all in one file; HAR files and tables of orders."""

from __future__ import annotations

import base64
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _log_cases import Held, held, read_lines
from _log_formats import FORMATS, WHOLE, T
from liquest.clock import HOUR, parse_time


@pytest.mark.parametrize("name", FORMATS)
def test_a_format(name: str) -> None:
    format_, line, moment = FORMATS[name]
    got = read_lines(line)
    assert got.codes == []
    (one,) = got.events
    facts = (one["ts"], one["kind"], one["action"], one["class"], one["symbol"], one["side"])
    assert facts == (moment, "refused", "order", "overload", "ATOMUSDT", "sell")
    assert one["format"] == format_


def test_fifty_formats_in_one_file(tmp_path: Path) -> None:
    lines = [line for _, line, _ in FORMATS.values()]
    assert len(lines) > 50
    got = held(tmp_path, {"all.log": "\n".join(lines)}, '[[log]]\nfiles = "*"\ntz = "UTC"\n')
    assert got.column("row_no") == list(range(1, len(lines) + 1))
    assert got.column("format") == [format_ for format_, _, _ in FORMATS.values()]
    assert got.column("ts") == [moment for _, _, moment in FORMATS.values()]
    assert set(got.column("class")) == {"overload"} and got.codes == []


def entry(second: int, status: int, body: str, **more: Any) -> dict[str, Any]:
    return {
        "startedDateTime": f"2025-10-10T20:56:{second:02d}.000Z", "time": 123.4,
        "request": {
            "method": "POST", "url": "https://fapi.binance.com/fapi/v1/order",
            "headers": [{"name": "X-MBX-APIKEY", "value": "abcdefgh12345678"}],
            "postData": {"text": "symbol=ATOMUSDT&side=SELL&quantity=5&newClientOrderId=h1"},
        },
        "response": {"status": status, "content": {"text": body}}, **more,
    }  # fmt: skip


def test_a_har_file(tmp_path: Path) -> None:
    busy = '{"code":-1008,"msg":"overloaded"}'
    packed = base64.b64encode(busy.encode()).decode()
    entries = [
        entry(1, 503, busy), entry(2, 200, '{"orderId":7,"status":"NEW"}'), entry(3, 0, ""),
        entry(4, 503, "", response={"status": 503, "content": {"text": packed,
                                                               "encoding": "base64"}}),
        {"startedDateTime": "never"}, "noise",
    ]  # fmt: skip
    har = json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}, indent=1)
    got = held(tmp_path, {"session.har": har})
    assert [(e["row_no"], e["kind"], e.get("code"), e.get("status")) for e in got.events] == [
        (1, "refused", -1008, 503), (2, "accepted", None, 200), (3, "unanswered", None, None),
        (4, "refused", -1008, 503),
    ]  # fmt: skip
    first = got.events[0]
    facts = {
        "format": "har", "ts": parse_time("2025-10-10T20:56:01.123400Z"), "latency": 123_400,
        "interface": "fapi.binance.com", "market": "linear-perpetual", "symbol": "ATOMUSDT",
        "side": "sell", "quantity": Decimal(5),
    }  # fmt: skip
    assert {k: first.get(k) for k in facts} == facts
    assert got.codes == ["no-time"] and got.problems[0].first == 5
    assert "abcdefgh" not in str(got)


@pytest.mark.parametrize("text", ['{"log":{"entries":[', '{"log":{"entries":5,"creator":1}}'])
def test_a_damaged_har_file(tmp_path: Path, text: str) -> None:
    got = held(tmp_path, {"x.har": text})
    assert got.codes == ["unreadable"] and "HAR" in got.problems[0].text.zh


TABLE = (
    "\ufeff下单时间(UTC+8),交易对,方向,委托价,成交均价,委托量,状态,订单号,更新时间,失败原因\n"
    "2025-10-11 04:56:22.438,ATOMUSDT,卖出,1.688,1.690,78.85,完全成交,1,2025-10-11 04:56:22.500,\n"
    "2025年10月11日 04:56:23,ATOMUSDT,买入,1.5,,10,已拒绝,2,,系统繁忙\n"
    "2025/10/11 4:56:24,ATOMUSDT,买入,1.5,,10,已撤销,3,,\n"
)


def check_table(got: Held) -> None:
    assert [(e["row_no"], e["kind"], e["side"]) for e in got.events] == [
        (2, "accepted", "sell"), (2, "filled", "sell"), (3, "refused", "buy"),
        (4, "accepted", "buy"),
    ]  # fmt: skip
    assert got.column("ts") == [T, T + 62_000, WHOLE + 1_000_000, WHOLE + 2_000_000]
    assert got.column("price") == [
        Decimal("1.688"),
        Decimal("1.690"),
        Decimal("1.5"),
        Decimal("1.5"),
    ]
    assert got.events[2]["class"] == "overload"


def test_a_table_of_orders_with_local_times(tmp_path: Path) -> None:
    got = held(tmp_path, {"orders.csv": TABLE})
    check_table(got)
    assert got.codes == ["assumption"] and "下单时间" in got.problems[0].text.en
    packed = held(tmp_path / "gz", {"orders.csv.gz": gzip.compress(TABLE.encode())})
    assert packed.column("ts") == got.column("ts")


def test_a_table_in_gb18030(tmp_path: Path) -> None:
    check_table(held(tmp_path, {"orders.csv": TABLE.removeprefix("\ufeff").encode("gb18030")}))


def test_a_table_whose_columns_the_case_names(tmp_path: Path) -> None:
    table = "a;b;c;d\n2025-10-11 04:56:22.438;ATOMUSDT;buy;reject\n"
    more = """
[[log]]
files = "*"
tz = "UTC+8"
columns = { time = "a", symbol = "b", side = "c", status = "d" }
"""
    got = held(tmp_path, {"x.csv": table}, more)
    assert (got.column("ts"), got.column("kind")) == ([T], ["refused"])


def test_a_binance_export_of_orders(tmp_path: Path) -> None:
    head = (
        '"Uid","Time(UTC)","Order No","Symbol","Type","Side","Position Side","Price",'
        '"Average Price","Amount","Executed Amount","Executed Quote Amount","Stop Price","Status",'
        '"Client Order Id","Time In Force","Update Time"\n'
    )
    row = (
        '"1","2025-10-10 20:56:22","9","BTCUSDT","LIMIT","SELL","LONG","113600.1","113600.1",'
        '"0.002","0.002","227.2","0E-8","FILLED","autoclose-1760129782438x","IOC",'
        '"2025-10-10 20:56:22"\n'
    )
    got = held(tmp_path, {"orders.csv": head + row})
    answer, fill = got.events
    assert (answer["action"], answer["kind"], fill["kind"]) == ("close", "accepted", "filled")
    assert answer["ts"] == WHOLE and fill["price"] == Decimal("113600.1")
    assert "autoclose" not in str(got.events) and HOUR


def test_market_data_and_notes_are_no_logs(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "coinbase_trades.csv": "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
        "coinbase,ATOM-USD,1760129782438000,1760129782438100,1,buy,4.06,47.88\n",
        "README.md": "# Notes\n\n2025-10-10 is the day.\n",
        "numbers.txt": "2025-10-10 20:56:22 1 2 3\n2025-10-10 20:56:23 1 2 3\n",
        "empty.log": "",
        "one.json": '{"name":"bot","limits":[1,2,3]}',
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    }
    got = held(tmp_path, files)
    assert not got.logs and got.problems == []
