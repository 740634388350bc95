"""Prices that schemes measure against: from the user's file, from the tape, or one before the
other.

    kind,name,at,price
    asset,USDE,2025-10-11T00:00:00Z,0.9987
    mark,ATOMUSDT,2025-10-10T21:51:00Z,3.19
    others,ATOMUSDT,2025-10-10T21:19:53Z,3.61
    usd,ATOMUSDT,2025-10-10T21:19:53Z,3.58

A price holds from its moment on for FRESH seconds, and never before it; what no source knows is
None, and the scheme that asks for it says what is missing.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ...clock import SECOND, format_time, parse_time
from ...errors import InputError, LiquestError, Text, UnknownFormat, UsageError
from ...findings import Input
from ...replay.positions_numbers import BadCell, number
from ...replay.positions_text import split
from ...rules.compensation import (
    ASSET_PRICE,
    MARK_PRICE,
    OTHERS_PRICE,
    USD_PRICE,
    Reference,
)
from ..prices.prices import FRESH, Prices
from .texts import text_of

KINDS = (ASSET_PRICE, MARK_PRICE, OTHERS_PRICE, USD_PRICE)
COLUMNS = ("kind", "name", "at", "price")


@dataclass(frozen=True)
class Given:
    """Prices by (kind, name), each a list of moments in order and one of prices."""

    series: Mapping[tuple[str, str], tuple[tuple[int, ...], tuple[Decimal, ...]]]
    inputs: tuple[Input, ...] = ()

    @classmethod
    def of(
        cls, rows: Mapping[tuple[str, str, int], Decimal], inputs: tuple[Input, ...] = ()
    ) -> Given:
        """From (kind, name, moment) → price."""
        made: dict[tuple[str, str], tuple[list[int], list[Decimal]]] = {}
        for (kind, name, at), price in sorted(rows.items()):
            moments, prices = made.setdefault((kind, name), ([], []))
            moments.append(at)
            prices.append(price)
        return cls({k: (tuple(m), tuple(p)) for k, (m, p) in made.items()}, inputs)

    def at(self, kind: str, name: str, at: int) -> Decimal | None:
        """The price in force: the last one not after the moment, if it is fresh."""
        moments, prices = self.series.get((kind, name), ((), ()))
        place = bisect_right(moments, at) - 1
        if place < 0 or at - moments[place] > FRESH * SECOND:
            return None
        return prices[place]

    def asset(self, asset: str, at: int) -> Decimal | None:
        return self.at(ASSET_PRICE, asset, at)

    def price(self, symbol: str, at: int) -> Decimal | None:
        return self.at(MARK_PRICE, symbol, at)

    def others(self, symbol: str, at: int) -> Decimal | None:
        return self.at(OTHERS_PRICE, symbol, at)

    def others_usd(self, symbol: str, at: int) -> Decimal | None:
        return self.at(USD_PRICE, symbol, at)


@dataclass(frozen=True)
class OfPrices:
    """The prices of contracts that the losses know; of assets as such they know nothing."""

    prices: Prices
    _kept: dict[tuple[str, str, int], Decimal | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def asset(self, asset: str, at: int) -> Decimal | None:
        return None

    def price(self, symbol: str, at: int) -> Decimal | None:
        return self._once(MARK_PRICE, symbol, at, self.prices.mark)

    def others(self, symbol: str, at: int) -> Decimal | None:
        return self._once(OTHERS_PRICE, symbol, at, self.prices.others)

    def others_usd(self, symbol: str, at: int) -> Decimal | None:
        return self._once(USD_PRICE, symbol, at, self.prices.others_usd)

    def _once(
        self, kind: str, symbol: str, at: int, ask: Callable[[str, int], Decimal | None]
    ) -> Decimal | None:
        key = kind, symbol, at // SECOND
        if key not in self._kept:
            self._kept[key] = ask(symbol, at)
        return self._kept[key]


@dataclass(frozen=True)
class Before:
    """What `first` does not know, `second` gives."""

    first: Reference
    second: Reference

    def asset(self, asset: str, at: int) -> Decimal | None:
        own = self.first.asset(asset, at)
        return self.second.asset(asset, at) if own is None else own

    def price(self, symbol: str, at: int) -> Decimal | None:
        own = self.first.price(symbol, at)
        return self.second.price(symbol, at) if own is None else own

    def others(self, symbol: str, at: int) -> Decimal | None:
        own = self.first.others(symbol, at)
        return self.second.others(symbol, at) if own is None else own

    def others_usd(self, symbol: str, at: int) -> Decimal | None:
        own = self.first.others_usd(symbol, at)
        return self.second.others_usd(symbol, at) if own is None else own


def read_given(path: Path, *, tz: str = "") -> Given:
    """The prices of a file; raises UnknownFormat, UnreadableFile, or InputError with the row:
    a price that cannot be read is never passed over, because others rest on it."""
    rows: dict[tuple[str, str, int], Decimal] = {}
    columns: tuple[str, ...] = ()
    last, delimiter = 0, ","
    for line in text_of(path, Text("table of reference prices", "参考价格表")).lines():
        if not line.text.strip(' ,;\t"'):
            continue
        where = f"{path}:{line.number}"
        if not columns:
            columns, delimiter = _header(line.text, where)
            continue
        last = line.number
        cells = split(line.text, delimiter)
        if cells is None or len(cells) != len(columns):
            raise _refuse(where, "the row has not the cells of the header", "该行列数与表头不符")
        row = dict(zip(columns, cells, strict=True))
        key, price = _row(row, tz, where)
        if rows.setdefault(key, price) != price:
            raise _refuse(
                where, f"two prices of {key[1]} at {format_time(key[2])}",
                f"{key[1]} 在 {format_time(key[2])} 有两个价格",
            )  # fmt: skip
    if not rows:
        raise _refuse(str(path), "the file holds no price", "文件没有任何价格")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Given.of(rows, (Input(digest, 2, last),))


def _header(text: str, where: str) -> tuple[tuple[str, ...], str]:
    for delimiter in ",;\t":
        cells = [c.strip().lower() for c in split(text.lstrip("\ufeff"), delimiter) or []]
        if set(COLUMNS) <= set(cells):
            return tuple(cells), delimiter
    raise UnknownFormat(
        Text("no table of reference prices", "不是参考价格表"), where=where,
        remedy=Text(
            f"Name the columns in the first line: {','.join(COLUMNS)}",
            f"请在首行写明列名：{','.join(COLUMNS)}",
        ),
    )  # fmt: skip


def _row(row: Mapping[str, str], tz: str, where: str) -> tuple[tuple[str, str, int], Decimal]:
    kind = row["kind"].lower()
    if kind not in KINDS:
        raise _refuse(
            where, f"'{kind[:40]}' is no kind; write one of {', '.join(KINDS)}",
            f"没有种类“{kind[:40]}”；可选：{'、'.join(KINDS)}",
        )  # fmt: skip
    try:
        price = number("price", row["price"])
    except BadCell as error:
        raise InputError(error.fault.what, where=where, remedy=error.fault.remedy) from None
    if price <= 0 or not row["name"]:
        raise _refuse(where, "a price is above zero and has a name", "价格须大于零且有名称")
    try:
        at = parse_time(row["at"], tz or "zone")
    except UsageError as error:
        raise _of_time(error, row["at"], where) from None
    return (kind, row["name"].upper(), at), price


def _of_time(error: LiquestError, text: str, where: str) -> InputError:
    return InputError(
        Text(f"'{text[:40]}' is no time with its zone", f"“{text[:40]}”不是带时区的时间"),
        where=where,
        remedy=Text("Write 2025-10-11T00:00:00Z.", "请写成 2025-10-11T00:00:00Z。"),
    )


def _refuse(where: str, en: str, zh: str) -> InputError:
    return InputError(
        Text(en, zh), where=where,
        remedy=Text("Mend the row named above.", "请修正上述行。"),
    )  # fmt: skip
