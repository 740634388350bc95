"""Tables of orders: exports of an account or of a bot, one order a row, times often local.

    Time(UTC),Symbol,Side,Position Side,Price,Average Price,Amount,Status,Order No, …
    下单时间(UTC+8),交易对,方向,委托价,成交均价,委托量,状态,订单号

A row is an answer of the venue at the time of the order: accepted, or rejected with a reason.
A filled order is a second event, at the time of its last change, where the table has one.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ...errors import Text
from ...tape.reading import Head
from . import Document, Records

FORMAT = "order-table"
_NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "date", "time", "createtime", "created", "createdat", "ordertime", "datetime", "timestamp",
        "下单时间", "委托时间", "创建时间", "时间", "日期",
    ),
    "updated": ("updatetime", "updated", "updatedat", "更新时间", "成交时间", "最后更新时间"),
    "symbol": ("symbol", "pair", "instrument", "contract", "交易对", "合约", "币对", "品种"),
    "side": ("side", "方向", "买卖方向", "买卖"),
    "position_side": ("positionside", "持仓方向"),
    "price": ("price", "orderprice", "limitprice", "价格", "委托价", "委托价格"),
    "average": (
        "averageprice", "avgprice", "avgtradingprice", "avg.price", "成交均价", "均价", "成交价",
    ),
    "quantity": (
        "amount", "orderamount", "quantity", "qty", "origqty", "orderqty", "size", "数量", "委托量",
        "委托数量",
    ),
    "status": ("status", "state", "orderstatus", "状态", "订单状态", "委托状态"),
    "order_id": ("orderno", "orderno.", "orderid", "订单号", "委托单号", "订单编号", "委托编号"),
    "client_id": ("clientorderid", "clordid", "客户自定义订单号"),
    "reduce_only": ("reduceonly", "只减仓"),
    "code": ("error", "errorcode", "code", "错误码", "错误代码"),
    "reason": ("reason", "rejectreason", "message", "msg", "失败原因", "原因", "备注"),
    "client": ("bot", "client", "account", "机器人", "账户"),
}  # fmt: skip
"""The names that a column goes by: lower case, without spaces, underscores and zones."""
_ZONES = re.compile(r"[(（]\s*(utc|gmt|北京时间|utc\s*[+-]\s*\d{1,2}(?::?\d\d)?)\s*[)）]$")
_STATES = (
    ("filled", "FILLED"), ("closed", "FILLED"), ("完全成交", "FILLED"), ("全部成交", "FILLED"),
    ("已成交", "FILLED"), ("partially", "PARTIALLY_FILLED"), ("部分成交", "PARTIALLY_FILLED"),
    ("cancel", "CANCELED"), ("已撤", "CANCELED"), ("撤销", "CANCELED"), ("取消", "CANCELED"),
    ("reject", "REJECTED"), ("fail", "REJECTED"), ("拒绝", "REJECTED"), ("失败", "REJECTED"),
    ("expire", "EXPIRED"), ("过期", "EXPIRED"), ("失效", "EXPIRED"),
    ("new", "NEW"), ("open", "NEW"), ("未成交", "NEW"), ("挂单", "NEW"),
)  # fmt: skip
_SIDES = (("buy", "buy"), ("sell", "sell"), ("买", "buy"), ("卖", "sell"))
_CHINESE_TIME = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日\s*")


def document(head: Head) -> Document | None:
    """A table with a time, a symbol, a side and either a state or a number of the order."""
    if head.header is None or head.container == "parquet":
        return None
    columns, tz = columns_of(head.columns)
    if not {"time", "symbol", "side"} <= set(columns) or not columns.keys() & {
        "status", "order_id",
    }:  # fmt: skip
        return None
    return mapped(head, columns, tz)


def mapped(head: Head, columns: Mapping[str, str], tz: str) -> Document:
    """The document of a table whose columns are known by field."""
    places = {field: head.columns.index(name) for field, name in columns.items()}
    named = ", ".join(f"{field} = {name}" for field, name in columns.items())
    note = Text(f"taken for a table of orders; columns: {named}", f"识别为订单表；各列：{named}")
    return Document(FORMAT, partial(_records, places, head.delimiter), tz, (note,))


def columns_of(names: Sequence[str]) -> tuple[dict[str, str], str]:
    """(field → column, zone) that the names of a table say; the zone is "" where none does."""
    found: dict[str, str] = {}
    tz = ""
    for name in names:
        plain = re.sub(r"[\s_]", "", name.strip().lower())
        zone = _ZONES.search(plain)
        if zone:
            plain = plain[: zone.start()]
        for field, known in _NAMES.items():
            if plain in known and field not in found:
                found[field] = name
                if field == "time" and zone:
                    tz = "UTC+8" if zone[1] == "北京时间" else zone[1].upper()
    return found, tz


def _records(places: Mapping[str, int], delimiter: str, plain: Path) -> Records:
    """The rows below the header, numbered as lines of the file."""
    with plain.open(encoding="utf-8", errors="replace", newline="") as text:
        rows = csv.reader((line.replace("\0", "") for line in text), delimiter=delimiter)
        before = 0
        for row in rows:
            number, before = before + 1, rows.line_num
            if number == 1 or not any(row):
                continue
            cells = {f: row[at].strip() for f, at in places.items() if at < len(row)}
            for record in _events(cells):
                yield number, json.dumps(record, ensure_ascii=False).encode()


def _events(cells: Mapping[str, str]) -> list[dict[str, str]]:
    """The answer to the order and, where it was filled later, the fill."""
    state = _first(cells.get("status", ""), _STATES)
    side = _first(cells.get("side", ""), _SIDES)
    common = {
        "symbol": cells.get("symbol", ""), "side": side, "order_id": cells.get("order_id", ""),
        "client_order_id": cells.get("client_id", ""), "qty": cells.get("quantity", ""),
        "positionside": cells.get("position_side", ""), "client": cells.get("client", ""),
    }  # fmt: skip
    failed = state == "REJECTED" or bool(cells.get("code"))
    answer = {
        "time": _time(cells.get("time", "")), **common, "price": cells.get("price", ""),
        "reduceonly": cells.get("reduce_only", "").lower(), "code": cells.get("code", ""),
        "msg": f"order {'rejected' if failed else 'accepted'} {cells.get('reason', '')}",
    }  # fmt: skip
    events = [{k: v for k, v in answer.items() if v}]
    updated = _time(cells.get("updated", ""))
    if state in ("FILLED", "PARTIALLY_FILLED") and updated:
        fill = {
            "time": updated, **common, "avgprice": cells.get("average", ""),
            "order_status": state, "msg": "order filled",
        }  # fmt: skip
        events.append({k: v for k, v in fill.items() if v})
    return events


def _first(text: str, table: Sequence[tuple[str, str]]) -> str:
    """The value of the first word of the table that the text holds."""
    low = text.lower()
    return next((value for word, value in table if word in low), "")


def _time(text: str) -> str:
    """The time with its date in figures, whatever language it is written in."""
    found = _CHINESE_TIME.match(text)
    if found is None:
        return text
    rest = text[found.end() :].replace("时", ":").replace("分", ":").replace("秒", "")
    return f"{found[1]}-{found[2]}-{found[3]} {rest}"
