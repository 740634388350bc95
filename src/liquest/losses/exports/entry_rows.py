"""From the cells of a row to an entry: transactions, trades, orders and positions of futures.

Each maker takes a sheet once and gives a function from (line, cells) to an entry, which raises
BadCell for a row that cannot be read. What is traded tells the market: BTCUSD_PERP and
BTCUSD_251226 are COIN-M, everything else is USDⓈ-M.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import TypeVar

from ...instruments import FIAT, STABLE
from ...replay.positions_numbers import BadCell, Fault, bad
from ..entries import COINM, USDM, Order, PositionRow, Ref, Trade, Transaction
from .cells import Fees, Numbers, Symbols, Words, clean_id
from .sheet import Sheet
from .times import Times

Entry = TypeVar("Entry", covariant=True)
Maker = Callable[[int, list[str]], Entry]

_COIN_MARGINED = re.compile(r"[A-Z0-9]+USD_(?:PERP|\d{6})")
_NUMBER = r"[0-9]{1,20}+(?:\.[0-9]{1,20}+)?+(?:E-[0-9]{1,2}+)?+"
_AS_WRITTEN = re.compile(
    rf"{_NUMBER}\|{_NUMBER}\|(?:{_NUMBER})?+\|"
    rf"(-?{_NUMBER}) ?([A-Z][A-Z0-9]{{1,11}}+)\|-?{_NUMBER}"
)
"""Price, quantity, amount, fee and profit as the venue writes them: one look at five cells.
Nothing is ever given back (+), which takes two thirds of the time and matches the same."""
_DOLLARS = frozenset({*STABLE, *FIAT, "USD1", "BFUSD", "LDUSDT", "RWUSD", "BNFCR"})
_FUTURE_FIELDS = ("uid", "time", "symbol", "side", "place")
_new = tuple.__new__


class Markets(dict[str, str]):
    """Symbol → market, by how the symbol is written. A blank symbol has none."""

    def __init__(self, fixed: str = "") -> None:
        super().__init__({"": fixed})
        self.fixed = fixed

    def __missing__(self, symbol: str) -> str:
        market = self.fixed or (COINM if _COIN_MARGINED.fullmatch(symbol) else USDM)
        self[symbol] = market
        return market


def dollar(asset: str) -> bool:
    """Whether an asset is a dollar: COIN-M wallets hold none."""
    return asset in _DOLLARS


@dataclass
class Cells:
    """The dictionaries of one file, for a zone `offset` microseconds east of UTC. `charged`
    turns true once a row of deposits or withdrawals has paid a fee."""

    sheet: Sheet
    offset: int
    order: str = ""
    notes: list[Fault] = field(default_factory=list)
    charged: bool = False

    def __post_init__(self) -> None:
        one = self.sheet.column_map
        self.times = Times(self.offset, self.notes, self.order)
        self.numbers = Numbers(self.notes, comma=self.sheet.comma)
        self.fees = Fees(self.numbers)
        self.symbols = Symbols()
        self.markets = Markets(one.market if one is not None else "")
        self.fee_sign = one.fee_sign if one is not None else 1

    def words(self, name: str, field_: str, *, open_: bool = False, blank: str | None = None
              ) -> Words:  # fmt: skip
        """The words of a field, with those of the column map."""
        one = self.sheet.column_map
        own = dict(one.words.get(field_, {})) if one is not None else {}
        if blank is not None:
            own[""] = blank
        return Words(name, open_=open_, own=own)

    def get(self, *fields: str) -> Callable[[list[str]], tuple[str, ...]]:
        """The cells of some fields in their order."""
        return itemgetter(*(self.sheet.column(name) for name in fields))


def transactions(cells: Cells, file: int) -> Maker[Transaction]:
    """`Transaction` of a row; a market that the row does not tell is blank."""
    get = cells.get("time", "type", "amount", "asset", "symbol", "id")
    times, numbers, symbols, markets = cells.times, cells.numbers, cells.symbols, cells.markets
    types, notes = cells.words("transaction", "type", open_=True), cells.notes

    def make(row: int, line: list[str]) -> Transaction:
        time, kind, amount, asset, symbol, identity = get(line)
        ts, what, held = times[time], types[kind], symbols[asset]
        symbol = symbols[symbol]
        if not held or not what:
            raise _missing("asset" if not held else "type")
        if not identity.isdigit():
            identity = clean_id(identity, notes)
        return _new(Transaction, (
            ts, markets[symbol], what, numbers[amount], held, symbol, identity,
            _new(Ref, (file, row)),
        ))  # fmt: skip

    return make


def trades(cells: Cells, file: int) -> Maker[Trade]:
    """`Trade` of a row: price and quantity above zero."""
    get = cells.get(
        "time", "symbol", "side", "place", "price", "quantity", "amount", "fee", "fee_asset",
        "realised", "maker", "trade_id", "order_id",
    )  # fmt: skip
    times, numbers, maybe, fees = cells.times, cells.numbers, cells.numbers.maybe, cells.fees.of
    symbols, markets, notes = cells.symbols, cells.markets, cells.notes
    sides, places = cells.words("side", "side"), cells.words("place", "place")
    makers = cells.words("yes", "maker", blank="no")
    realises, sign = cells.sheet.has("realised"), cells.fee_sign
    nothing, as_written = Decimal(0), _AS_WRITTEN.fullmatch

    def make(row: int, line: list[str]) -> Trade:
        (
            time, symbol, side, place, price_, quantity_, amount_, fee_, fee_asset, realised_,
            maker, trade_id, order_id,
        ) = get(line)  # fmt: skip
        symbol = symbols[symbol]
        if not symbol:
            raise _missing("symbol")
        written = as_written(f"{price_}|{quantity_}|{amount_}|{fee_}|{realised_}")
        if written:
            price, quantity, realised = Decimal(price_), Decimal(quantity_), Decimal(realised_)
            amount = Decimal(amount_) if amount_ else None
            number, asset = written.groups()
            fee = Decimal(number)
        else:
            price, quantity, amount = numbers[price_], numbers[quantity_], maybe(amount_)
            fee, asset = fees(fee_)
            realised = numbers[realised_] if realises else nothing
        if price <= 0 or quantity <= 0:
            raise _not_positive(price_ if price <= 0 else quantity_)
        if fee_asset:
            asset = symbols[fee_asset]
        if not trade_id.isdigit():
            trade_id = clean_id(trade_id, notes)
        if not order_id.isdigit():
            order_id = clean_id(order_id, notes)
        return _new(Trade, (
            times[time], markets[symbol], symbol, 1 if sides[side] == "buy" else -1, places[place],
            price, quantity, amount, fee if sign > 0 else -fee, asset, realised,
            makers[maker] == "yes", trade_id, order_id, _new(Ref, (file, row)),
        ))  # fmt: skip

    return make


def orders(cells: Cells, file: int) -> Maker[Order]:
    """`Order` of a row; `updated` is the time of the order where the file has none."""
    get = cells.get(
        *_FUTURE_FIELDS[1:], "updated", "order_id", "client_id", "type", "price", "average",
        "quantity", "executed", "executed_quote", "stop", "status", "tif", "reduce_only",
    )  # fmt: skip
    times, numbers, notes = cells.times, cells.numbers, cells.notes
    maybe = numbers.maybe
    symbols, markets = cells.symbols, cells.markets
    sides, places = cells.words("side", "side"), cells.words("place", "place")
    types = cells.words("type", "type", open_=True, blank="")
    states = cells.words("status", "status", open_=True)
    tifs = cells.words("tif", "tif", open_=True, blank="")
    reduces = cells.words("yes", "reduce_only", blank="")

    def make(row: int, line: list[str]) -> Order:
        (
            time, symbol, side, place, updated, order_id, client_id, kind, price, average,
            quantity_, executed_, executed_quote, stop, status, tif, reduce_only,
        ) = get(line)  # fmt: skip
        symbol = symbols[symbol]
        if not symbol:
            raise _missing("symbol")
        quantity, executed = numbers[quantity_], numbers[executed_]
        if quantity < 0 or executed < 0:
            raise _not_positive(quantity_ if quantity < 0 else executed_)
        if not order_id.isdigit():
            order_id = clean_id(order_id, notes)
        ts, limit = times[time], maybe(stop)
        reduce = reduces[reduce_only]
        return _new(Order, (
            ts, times[updated] if updated.strip(" -") else ts, markets[symbol], symbol, order_id,
            clean_id(client_id, notes), types[kind], 1 if sides[side] == "buy" else -1,
            places[place], maybe(price), maybe(average) if executed else None, quantity, executed,
            maybe(executed_quote), limit or None, states[status], tifs[tif],
            None if not reduce else reduce == "yes", _new(Ref, (file, row)),
        ))  # fmt: skip

    return make


def positions(cells: Cells, file: int) -> Maker[PositionRow]:
    """`PositionRow` of a row. The history says long or short but not whether the account was in
    hedge mode, so `place` is that of one-way mode."""
    get = cells.get(
        "symbol", "mode", "side", "entry", "close", "most", "closed", "pnl", "opened",
        "closed_at", "status",
    )  # fmt: skip
    times, numbers, maybe = cells.times, cells.numbers, cells.numbers.maybe
    symbols, markets = cells.symbols, cells.markets
    modes = cells.words("mode", "mode", blank="")
    sides = cells.words("direction", "side")
    states = cells.words("position_status", "status", open_=False, blank="")

    def make(row: int, line: list[str]) -> PositionRow:
        (
            symbol, mode, side, entry_, close, most, closed, pnl, opened, closed_at, status,
        ) = get(line)  # fmt: skip
        symbol = symbols[symbol]
        entry = numbers[entry_]
        if not symbol or entry <= 0:
            raise _not_positive(entry_) if symbol else _missing("symbol")
        largest = maybe(most)
        gone = abs(numbers[closed] if largest is None or closed else largest)
        return _new(PositionRow, (
            markets[symbol], symbol, modes[mode], "B", 1 if sides[side] == "long" else -1, entry,
            maybe(close) or None, gone if largest is None else abs(largest), gone, numbers[pnl],
            times[opened], times[closed_at] if closed_at.strip(" -") else None, states[status],
            _new(Ref, (file, row)),
        ))  # fmt: skip

    return make


def _missing(field_: str) -> BadCell:
    return bad(
        "empty", field_, "the cell is empty", "单元格为空", "Download the export again.",
        "请重新下载导出文件。",
    )  # fmt: skip


def _not_positive(cell: str) -> BadCell:
    return bad(
        "not-positive", "", f"{cell.strip()[:40]} is not above zero",
        f"{cell.strip()[:40]} 不大于零",
        "Quantities and prices are above zero, the side stands in a column of its own: check the "
        "row against the exchange's page.",
        "数量与价格应大于零，买卖方向另列说明：请与交易所页面核对该行。", cell,
    )  # fmt: skip
