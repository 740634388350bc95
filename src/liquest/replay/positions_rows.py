"""One row of a positions file: what it says, or the first fault in it with its remedy.

A row is read whole or not at all. A symbol must be listed, a leverage allowed by its tier.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial

from ..errors import InputError
from ..instruments import identify
from ..rules.tiers import Tiers
from . import positions_columns as words
from .accounts import CATEGORIES, FORMULA, Collateral, Position, Wallet, contract
from .positions_columns import category, near_class, plain, word
from .positions_numbers import BadCell, Fault, bad, formula, number

_DELIVERY = re.compile(r"_[0-9]{6}$")
_MOST_SUGGESTED = 200
"""Unknown symbols for which the nearest is looked up; a file with more is another venue's."""
_MOST_HEARD = 1 << 16
"""Ways of writing words that are remembered."""


@dataclass(slots=True)
class Row:
    """What one row says; None where a cell is blank."""

    number: int
    position: Position | None = None
    wallet: Wallet | None = None
    collateral: list[Collateral] = field(default_factory=list)
    category: str | None = None
    hedge: bool | None = None
    portfolio: bool | None = None
    note: str = ""


class Symbols:
    """The symbols that may stand in the file, and the nearest to one that may not."""

    def __init__(self, known: Collection[str], venue: str) -> None:
        self.venue = venue
        self._known = {plain(s).upper(): s for s in known}
        bases = {identify("binance-futures", s).base for s in known} - {""}
        self._coins = bases if venue == "binance" else set()
        self._suggested: dict[str, str | None] = {}

    def find(self, cell: str) -> str:
        """The listed symbol that a cell means; raises BadCell that suggests the nearest."""
        text = plain(cell).upper()
        found = self._known.get(text)
        if found is None:
            joined = re.sub(r"[/\- ]", "", text.split(":")[0].removesuffix(".P"))
            found = self._known.get(joined) or self._inverse(text)
        if found is not None:
            return found
        if cell.startswith(FORMULA):
            raise formula("symbol", cell)
        raise self._unknown(text, cell)

    def _inverse(self, text: str) -> str | None:
        """A COIN-M contract, known by its coin: BTCUSD_PERP, ETHUSD_251226."""
        coin, mark, _ = text.partition("USD_")
        if mark and coin in self._coins and (text.endswith("USD_PERP") or _DELIVERY.search(text)):
            return text
        return None

    def _unknown(self, text: str, cell: str) -> BadCell:
        if text not in self._suggested and len(self._suggested) < _MOST_SUGGESTED:
            names = [*self._known, *(f"{coin}USD_PERP" for coin in sorted(self._coins))]
            close = get_close_matches(text[:80], names, n=1, cutoff=0.6)
            self._suggested[text] = close[0] if close else None
        near = self._suggested.get(text)
        return bad(
            "unknown-symbol", "symbol", f"'{text[:40]}' is no contract that is listed here",
            f"“{text[:40]}”不在合约列表中",
            f"Write the venue's symbol{f'; {near} is the nearest' if near else ''}.",
            f"请按交易所写法填写合约代码{f'；最接近的是 {near}' if near else ''}。", cell,
        )  # fmt: skip


class RowReader:
    """Reads the cells of a row by column. `places` is where each column stands."""

    def __init__(
        self, places: Mapping[str, int], symbols: Symbols, tiers: Mapping[str, Tiers]
    ) -> None:
        self._places = [(name, place) for name, place in places.items() if name != "account"]
        self._symbols, self._tiers = symbols, tiers
        self._heard: dict[str, dict[str, object]] = {name: {} for name in words.COLUMNS}

    def read(self, at: int, cells: list[str]) -> Row:
        """The row's record; raises BadCell for the first fault in it."""
        given = {name: text for name, place in self._places if (text := cells[place])}
        row = Row(at)
        if given:
            try:
                self._fill(row, given)
            except InputError as error:  # a record that cannot be: its column is `where`
                raise _of_record(error) from None
        return row

    def _fill(self, row: Row, given: dict[str, str]) -> None:
        if "class" in given:
            row.category = str(self._once("class", given["class"], _category))
        if "hedge" in given:
            row.hedge = bool(self._word("hedge", given["hedge"], words.HEDGES, "one-way, hedge"))
        if "portfolio" in given:
            row.portfolio = bool(
                self._word("portfolio", given["portfolio"], words.YES_NO, "yes, no")
            )
        row.note = given.get("note", "")
        if row.note.startswith(FORMULA):
            raise formula("note", row.note)
        if "collateral" in given:
            row.collateral = _collateral(given["collateral"])
        kind = words.POSITION
        if "kind" in given:
            kind = str(
                self._word("kind", given["kind"], words.KINDS, "position, wallet, collateral")
            )
        if kind == words.POSITION:
            self._position(row, given)
        elif kind == words.WALLET:
            balance = given.get("wallet") or _needed("wallet", given, "quantity")
            row.wallet = Wallet(_asset(given), number("wallet", balance))
        elif kind == words.COLLATERAL:
            pledged = number("quantity", _needed("quantity", given))
            row.collateral = [*row.collateral, Collateral(_asset(given), pledged)]

    def _position(self, row: Row, given: dict[str, str]) -> None:
        if "symbol" not in given and not given.keys() & {"side", "quantity", "entry", "margin"}:
            if "wallet" in given:
                _needed("symbol", given)  # the wallet of which currency?
            return  # a row that only says something of the account
        symbol = str(self._once("symbol", _needed("symbol", given), self._symbols.find))
        side = self._word("side", _needed("side", given), words.SIDES, "long, short")
        leverage = given.get("leverage")
        position = Position(
            contract(symbol, self._symbols.venue),
            int(str(side)),
            number("quantity", _needed("quantity", given)),
            number("entry", _needed("entry", given)),
            number("margin", given["margin"]) if "margin" in given else None,
            None if leverage is None else number("leverage", _times(leverage)),
        )
        self._check_mode(position, given.get("mode"))
        self._check_leverage(position)
        row.position = position
        if "wallet" in given:
            row.wallet = Wallet(position.settle, number("wallet", given["wallet"]))

    def _check_mode(self, position: Position, cell: str | None) -> None:
        mode = None if cell is None else self._word("mode", cell, words.MODES, "isolated, cross")
        if mode == words.ISOLATED and not position.isolated:
            raise bad(
                "no-margin", "margin", "an isolated position without margin", "逐仓持仓缺少保证金",
                f"Write its margin in {position.settle}: notional / leverage when it was opened.",
                f"请填写该仓位的保证金（{position.settle}）：开仓时为 名义价值 ÷ 杠杆。",
            )  # fmt: skip
        if mode == words.CROSS and position.isolated:
            raise bad(
                "margin-in-cross", "margin", "a cross position has no margin of its own",
                "全仓持仓没有单独的保证金",
                "Leave margin blank and write the balance in wallet, or write isolated.",
                "请清空 margin 并在 wallet 填写余额，或将模式改为逐仓。",
            )  # fmt: skip

    def _check_leverage(self, position: Position) -> None:
        ladder = self._tiers.get(position.symbol)
        if position.leverage is None or ladder is None:
            return
        notional = position.notional
        if position.inverse:  # tiers of inverse contracts are in the coin
            notional /= position.entry
        # The quick way through check_leverage, which is left to find the words.
        place = max(bisect_left(ladder.floors, notional) - 1, 0)
        if position.leverage <= ladder.max_leverage[place] and (
            ladder.cap is None or notional <= ladder.cap
        ):
            return
        try:
            ladder.check_leverage(notional, position.leverage)
        except InputError as error:
            raise BadCell(
                Fault("leverage", "leverage", error.what, error.remedy or error.what)
            ) from None

    def _word(self, column: str, cell: str, table: Mapping[str, object], known: str) -> object:
        found = self._heard[column].get(cell)
        if found is None:
            found = self._once(column, cell, partial(_meaning, column, table, known))
        return found

    def _once(self, column: str, cell: str, meaning: Callable[[str], object]) -> object:
        """The meaning of a cell, looked up once for each way of writing it."""
        heard = self._heard[column]
        found = heard.get(cell)
        if found is None:
            found = meaning(cell)
            if len(heard) < _MOST_HEARD:
                heard[cell] = found
        return found


def _meaning(column: str, table: Mapping[str, object], known: str, text: str) -> object:
    """What a word of a column means; raises BadCell with the words that are known."""
    found = word(table, text)
    if found is not None:
        return found
    if text.startswith(FORMULA):
        raise formula(column, text)
    raise bad(
        "unknown-word", column, f"'{text[:40]}' is not known here", f"无法识别“{text[:40]}”",
        f"Write one of: {known}.", f"请写其中之一：{known}。", text,
    )  # fmt: skip


def _category(text: str) -> str:
    if text.startswith(FORMULA):
        raise formula("class", text)
    found = category(text)
    if found not in CATEGORIES and (near := near_class(found)):
        raise bad(
            "unknown-class", "class", f"'{text[:40]}' is no class that is known here",
            f"无法识别账户类别“{text[:40]}”", f"Did you mean {near}? Write it so.",
            f"是否应为 {near}？请照此填写。", text,
        )  # fmt: skip
    return found


def _collateral(cell: str) -> list[Collateral]:
    """ "USDE:1000;BNSOL:12.5" → the assets; a sign before the number makes it a debt."""
    found = []
    for part in re.split(r"[;；|]", cell):
        asset, mark, balance = re.sub("：", ":", part).partition(":")
        if not part.strip():
            continue
        if not mark:
            if cell.startswith(FORMULA):
                raise formula("collateral", cell)
            raise bad(
                "collateral", "collateral", f"'{part.strip()[:40]}' is no asset with its balance",
                f"“{part.strip()[:40]}”不是“资产:余额”", "Write USDE:1000;BNSOL:12.5.",
                "请写成 USDE:1000;BNSOL:12.5。", cell,
            )  # fmt: skip
        found.append(Collateral(plain(asset).upper(), number("collateral", balance.strip())))
    return found


def _asset(given: Mapping[str, str]) -> str:
    return plain(_needed("symbol", given)).upper()


def _times(cell: str) -> str:
    """20x, 20X and 20倍 are 20."""
    return cell.rstrip("xX×倍").strip() or cell


def _needed(column: str, given: Mapping[str, str], instead: str = "") -> str:
    """The cell of a column that may not be blank."""
    found = given.get(column) or given.get(instead)
    if found is None:
        raise bad(
            "blank", column, "the cell is blank", "单元格为空",
            f"Fill in {column}.", f"请填写 {column}。",
        )  # fmt: skip
    return found


def _of_record(error: InputError) -> BadCell:
    """The fault of a record that cannot be; it names its column in `where`."""
    return BadCell(Fault("impossible", error.where, error.what, error.remedy or error.what))
