"""Everything in Binance's public archive that is neither trades nor bars.

    bookDepth    timestamp,percentage,depth,notional            every ~30 s, ±0.2 … ±5 %
    bookTicker   update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,
                 transaction_time,event_time
    metrics      create_time,symbol,sum_open_interest,sum_open_interest_value,
                 count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,
                 count_long_short_ratio,sum_taker_long_short_vol_ratio   every 5 min
    fundingRate  calc_time,funding_interval_hours,last_funding_rate
    liquidationSnapshot  time,[symbol,]side,order_type,time_in_force,original_quantity,price,
                 average_price,order_status,last_fill_quantity,accumulated_fill_quantity

All of it is from the futures markets. bookDepth and metrics write times as text, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import Text
from ...instruments import Instrument, identify
from ..naming import binance_market, futures_market, need_symbol
from ..reading import Field, Head, Reading, quoted, time_field

FORMATS = (
    "binance-book-depth", "binance-book-ticker", "binance-metrics", "binance-funding-rate",
    "binance-liquidation-snapshot",
)  # fmt: skip

_TAKER = {
    "BUY": "buy", "Buy": "buy", "buy": "buy", "SELL": "sell", "Sell": "sell", "sell": "sell",
}  # fmt: skip
_DEPTH = {"percentage": "percentage", "depth": "depth", "notional": "notional"}
# The matching engine's own time; event_time, when the update left the venue, has no column.
_QUOTES = {
    "bid_price": "bestbidprice", "bid_size": "bestbidqty",
    "ask_price": "bestaskprice", "ask_size": "bestaskqty",
}  # fmt: skip
_METRICS = {
    "open_interest": "sumopeninterest",
    "open_interest_value": "sumopeninterestvalue",
    "toptrader_count_ratio": "counttoptraderlongshortratio",
    "toptrader_sum_ratio": "sumtoptraderlongshortratio",
    "account_ratio": "countlongshortratio",
    "taker_volume_ratio": "sumtakerlongshortvolratio",
}
_FUNDING = {
    "funding_rate": "lastfundingrate", "funding_interval_hours": "fundingintervalhours",
}  # fmt: skip
# What was done, not what the order asked for: its limit is far from the market by design.
_LIQUIDATION = {"price": "averageprice", "raw_size": "accumulatedfillquantity"}
_REPEATED = Text(
    "this archive is known to print the same order in two identical rows, and gives no id to "
    "tell them apart",
    "该存档已知会将同一订单重复列出两行，且没有编号可供区分",
)


def recognise(head: Head) -> Reading | None:
    """A Reading for one of the five layouts; raises UnknownFormat without a symbol."""
    if head.container == "parquet" or head.header is None:
        return None
    if head.find("percentage") and head.find("depth"):
        return _reading(head, "binance-book-depth", "depth", ("timestamp",), _DEPTH)
    if head.find("bestbidprice") and head.find("bestaskprice"):
        times = ("transactiontime", "eventtime")
        return _reading(head, "binance-book-ticker", "quotes", times, _QUOTES)
    if head.find("sumopeninterest"):
        return _reading(head, "binance-metrics", "ticker", ("createtime",), _METRICS)
    if head.find("lastfundingrate") and head.find("calctime"):
        return _reading(head, "binance-funding-rate", "ticker", ("calctime",), _FUNDING)
    if head.find("accumulatedfillquantity") and head.find("averageprice") and head.find("side"):
        return _reading(
            head, "binance-liquidation-snapshot", "liquidations", ("time",), _LIQUIDATION,
            notes=(_REPEATED,),
        )  # fmt: skip
    return None


def _reading(
    head: Head,
    format: str,
    record: str,
    times: tuple[str, ...],
    columns: Mapping[str, str],
    notes: tuple[Text, ...] = (),
) -> Reading | None:
    """The reading with every column that the file has; None where it has no time."""
    time = head.find(*times)
    if time is None:
        return None
    ts = time_field(head, time)
    if ts is None:
        if head.rows:
            return None
        ts = Field(quoted(time), "ms")
    fields = {"ts": ts}
    for ours, theirs in columns.items():
        if column := head.find(theirs):
            fields[ours] = Field(quoted(column))
    if record == "liquidations":
        fields["side"] = Field(quoted(head.find("side") or ""), words=_TAKER)
    by_row = head.find("symbol")
    instrument = None
    if by_row is None:
        symbol = need_symbol(head, f"Binance {format.removeprefix('binance-').replace('-', ' ')}")
        market, _ = binance_market(head, symbol, "futures", ts.unit)
        instrument = identify(market, symbol)
    return Reading(
        format=format,
        record=record,
        columns=head.columns,
        delimiter=head.delimiter,
        fields=fields,
        instrument=instrument,
        # The symbol says the market: _PERP and USD_251226 are COIN-M.
        market=quoted(by_row) if by_row else "",
        symbol=quoted(by_row) if by_row else "",
        identify=_futures,
        notes=notes,
    )


def _futures(_market: str, symbol: str) -> Instrument:
    return identify(futures_market(symbol), symbol)
