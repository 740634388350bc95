"""Trades of OKX's public archive: SYMBOL-trades-YYYY-MM-DD.zip.

    instrument_name,trade_id,side,price,size,created_time
    trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间      before 2024

Times are milliseconds. `size` is in coins for spot and in contracts for swaps and futures.
The older files are in GBK and name the instrument in the file name only.
"""

from __future__ import annotations

import re

from ...errors import Text, UnknownFormat
from ...instruments import Instrument, identify
from ..naming import segments, unnamed
from ..reading import Field, Head, Reading, quoted, time_field

FORMATS = ("okx-trades",)

_TAKER = {"buy": "buy", "BUY": "buy", "Buy": "buy", "sell": "sell", "SELL": "sell", "Sell": "sell"}
_PARTS = {
    "id": "trade_id", "side": "side", "price": "price", "raw_size": "size", "ts": "created_time",
}  # fmt: skip
_NAMED = re.compile(r"^([^\W_a-z]+(?:-[A-Z0-9_]+)+)-trades")


def recognise(head: Head) -> Reading | None:
    """A Reading when trade_id and created_time are there; raises UnknownFormat without an
    instrument and for options, which the tape has no kind for."""
    if head.container == "parquet" or head.header is None:
        return None
    # Bilingual headers carry the English name before a slash.
    english = {n.split("/")[0].strip(): c for n, c in zip(head.header, head.columns, strict=True)}
    if not set(_PARTS.values()) <= set(english):
        return None
    columns = {ours: english[theirs] for ours, theirs in _PARTS.items()}
    ts = time_field(head, columns["ts"])
    if ts is None:
        if head.rows:
            return None
        ts = Field(quoted(columns["ts"]), "ms")
    fields = {ours: Field(quoted(column)) for ours, column in columns.items()}
    fields |= {"ts": ts, "side": Field(quoted(columns["side"]), words=_TAKER)}
    by_row = english.get("instrument_name")
    return Reading(
        format="okx-trades",
        record="trades",
        columns=head.columns,
        delimiter=head.delimiter,
        fields=fields,
        instrument=None if by_row else _by_name(head),
        # The instrument's name says its market: spot, -SWAP or a date.
        market=quoted(by_row) if by_row else "",
        symbol=quoted(by_row) if by_row else "",
        identify=_identify,
    )


def _by_name(head: Head) -> Instrument:
    own = segments(head.name)
    named = _NAMED.match(own[0]) if own else None
    if named is None:
        raise unnamed(head, "OKX trades", Text("instrument", "交易品种"))
    return _identify("", named[1])


def _identify(_market: str, name: str) -> Instrument:
    if name.endswith("-SWAP"):
        return identify("okx-swap", name)
    if re.search(r"-\d{6}$", name):
        return identify("okex-futures", name)
    if re.search(r"-[CP]$", name):
        raise UnknownFormat(
            Text(f"{name} is an option; options are not read", f"{name} 是期权，暂不读取"),
            remedy=Text("Leave the file out of the case.", "请将该文件移出案件。"),
        )
    return identify("okx", name)
