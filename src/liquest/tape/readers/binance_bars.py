"""Klines of Binance's public archive: 12 columns, one symbol a file, header or none.

    open_time,open,high,low,close,volume,close_time,quote_volume,count,
    taker_buy_volume,taker_buy_quote_volume,ignore

The same columns carry four series: trades, mark price, index price and premium index.
The last three have no volume; `count` is then the number of updates. `close_time` is one
tick before the end. In COIN-M files `volume` is in contracts and `quote_volume` in coins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ...clock import SECOND, UNITS, parse_time
from ...errors import Text, UsageError
from ...instruments import identify
from ..naming import COIN_M, binance_market, need_symbol, series_in
from ..reading import Field, Head, Reading, is_number, quoted, time_field

FORMATS = (
    "binance-klines", "binance-mark-price-klines", "binance-index-price-klines",
    "binance-premium-index-klines",
)  # fmt: skip
_FORMAT = dict(zip(("trade", "mark", "index", "premium"), FORMATS, strict=True))

_PLACES = {
    "open_time": 0, "open": 1, "high": 2, "low": 3, "close": 4, "volume": 5, "close_time": 6,
    "quote_volume": 7, "count": 8,
}  # fmt: skip
_NAMES = {
    "open_time": ("opentime",), "open": ("open",), "high": ("high",), "low": ("low",),
    "close": ("close",), "volume": ("volume",), "close_time": ("closetime",),
    "quote_volume": ("quotevolume", "quoteassetvolume", "baseassetvolume"),
    "count": ("count", "numberoftrades", "trades"),
}  # fmt: skip
_OPTIONAL = {"quote_volume", "count"}
_EPOCH = re.compile(r"\d{13}|\d{16}")


def recognise(head: Head) -> Reading | None:
    """A Reading for klines; raises UnknownFormat where no name says symbol or market."""
    if head.container == "parquet":
        return None
    at = _named(head) if head.header is not None else _headless(head)
    if at is None:
        return None
    ts = time_field(head, at["open_time"])
    if ts is None:
        if head.rows:
            return None
        ts = Field(quoted(at["open_time"]), "ms")
    symbol = need_symbol(head, "Binance klines")
    series, notes = _series(head, at)
    market, more = _market(head, symbol, series, ts.unit)
    fields = {"ts": ts} | {n: Field(quoted(at[n])) for n in ("open", "high", "low", "close")}
    if series == "trade":
        fields["raw_volume"] = Field(quoted(at["volume"]))
        if "quote_volume" in at:
            # What the archive calls quote volume is in coins where the contract is in dollars.
            name = "volume" if market == COIN_M else "notional"
            fields[name] = Field(quoted(at["quote_volume"]))
    if "count" in at:
        fields["n"] = Field(quoted(at["count"]))
    constants: dict[str, str | int] = {"series": series}
    durations = _durations(head, at, ts.unit)
    if len(durations) == 1:
        constants["duration"] = durations.pop()
    else:
        fields["duration"] = _duration_field(at, ts.unit)
        more = (*more, _UNEVEN) if durations else more
    return Reading(
        format=_FORMAT[series],
        record="bars",
        columns=head.columns,
        delimiter=head.delimiter,
        header=head.header is not None,
        fields=fields,
        instrument=identify(market, symbol),
        constants=constants,
        notes=(*notes, *more),
    )


_TRADED = Text(
    "the name says mark, index or premium, but the bars have volume; read as bars of trades",
    "文件名表明是标记、指数或溢价，但 K 线带有成交量，按成交 K 线读取",
)
_UNEVEN = Text(
    "the bars are not all of one length; each keeps the length that its own times give",
    "各 K 线时长不一致；每根按其自身的起止时间计",
)


def _named(head: Head) -> dict[str, str] | None:
    found = {part: head.find(*names) for part, names in _NAMES.items()}
    if any(column is None for part, column in found.items() if part not in _OPTIONAL):
        return None
    return {part: column for part, column in found.items() if column is not None}


def _headless(head: Head) -> dict[str, str] | None:
    """Twelve numbers a row, the first and the seventh a time, in half of the first rows."""
    if len(head.columns) != 12:
        return None
    fit = sum(
        len(r) == 12
        and all(map(is_number, r))
        and _EPOCH.fullmatch(r[0]) is not None
        and _EPOCH.fullmatch(r[6]) is not None
        and int(r[0]) < int(r[6])
        and r[8].isdecimal()
        for r in head.rows
    )
    if 2 * fit < len(head.rows):
        return None
    return {part: head.columns[i] for part, i in _PLACES.items()}


@dataclass(frozen=True)
class _Activity:
    """What the first rows say about trading: any volume, updates without volume, a price ≤ 0."""

    volume: bool
    updates: bool
    not_positive: bool


def _activity(head: Head, at: Mapping[str, str]) -> _Activity:
    volumes = [v for v in head.values(at["volume"]) if is_number(v)]
    counts = head.values(at["count"]) if "count" in at else []
    lows = [v for v in head.values(at["low"]) if is_number(v)]
    return _Activity(
        volume=any(Decimal(v.replace(",", ".")) for v in volumes),
        updates=bool(counts) and all(c.isdecimal() and int(c) > 0 for c in counts),
        not_positive=any(v.startswith("-") for v in lows),
    )


def _series(head: Head, at: Mapping[str, str]) -> tuple[str, tuple[Text, ...]]:
    """The price series: volume proves trades; without volume the name decides, then the rows."""
    seen, named = _activity(head, at), series_in(head.name)
    if seen.volume:
        return "trade", () if named is None else (_TRADED,)
    if named is not None:
        return named, ()
    if not seen.updates:
        return "trade", ()
    if seen.not_positive:
        return "premium", ()
    return "mark", (
        Text(
            "bars with updates but no volume; taken for mark price, as the name does not say "
            "mark, index or premium",
            "K 线有更新次数而无成交量；文件名未说明是标记、指数还是溢价，按标记价格处理",
        ),
    )


def _market(head: Head, symbol: str, series: str, unit: str) -> tuple[str, tuple[Text, ...]]:
    # The index of a COIN-M contract goes by its pair, BTCUSD, which USDⓈ-M does not have.
    if series == "index" and symbol.endswith("USD"):
        return COIN_M, ()
    return binance_market(head, symbol, "" if series == "trade" else "futures", unit)


def _durations(head: Head, at: Mapping[str, str], unit: str) -> set[int]:
    """Lengths in µs that the first rows give, broken rows left out."""
    opens, closes = head.columns.index(at["open_time"]), head.columns.index(at["close_time"])
    found = set()
    for row in head.rows:
        if len(row) == len(head.columns):
            start, end = _moment(row[opens], unit), _moment(row[closes], unit)
            if start is not None and end is not None and end > start:
                found.add(-(-(end - start) // SECOND) * SECOND)
    return found


def _moment(text: str, unit: str) -> int | None:
    """Microseconds UTC, None where the text is no time of that unit."""
    if unit in UNITS:
        return int(text) * UNITS[unit] if text.isdecimal() else None
    try:
        return parse_time(text)
    except UsageError:
        return None


def _duration_field(at: Mapping[str, str], unit: str) -> Field:
    """The length of each row by its own times, rounded up to the second."""
    if unit in UNITS:
        start, end = (f"try_cast({quoted(at[n])} AS BIGINT)" for n in ("open_time", "close_time"))
        length = f"({end} - {start}) * {UNITS[unit]}"
    else:
        start, end = (
            f"epoch_us(try_cast({quoted(at[n])} AS TIMESTAMP))" for n in ("open_time", "close_time")
        )
        length = f"{end} - {start}"
    return Field(f"(({length}) + {SECOND - 1}) // {SECOND} * {SECOND}")
