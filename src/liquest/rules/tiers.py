"""Tables of maintenance tiers: the one that is shipped, and any of the same shape.

    symbol,bracket,notional_floor,notional_cap,mmr,max_leverage,cum

One row a tier, the tiers of a contract in order, plain CSV or gzip. The shipped table holds
the 604 USDⓈ-M contracts that Binance listed on 2025-10-09: 600 symbols of perpetuals, and two
quarterly contracts each of BTC and ETH. Amounts are in the contract's quote currency (USDT,
37 times USDC, once BTC). A row that is at fault is refused by its number: the file is used
whole or not at all, because a missing tier would move liquidation prices unseen.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from ..errors import InputError, Text, UnknownFormat, UnreadableFile
from .exact import exact
from .ladder import Bracket, Tiers, check_cum, flat

__all__ = ["COLUMNS", "SHIPPED", "Bracket", "Tiers", "flat", "read_tiers", "tiers"]

COLUMNS = ("symbol", "bracket", "notional_floor", "notional_cap", "mmr", "max_leverage", "cum")
SHIPPED = Path(__file__).parent / "rulebook" / "tiers_binance_usdm_2025-10-09.csv"
"""Derived from the venue's own list of brackets of that day."""

LIMIT = 64 << 20
"""Bytes of a table, unpacked; the shipped one has a quarter of a million."""
_UNLIMITED = Decimal(2**63 - 1)
"""A venue that has no cap writes the largest 64-bit number, or that number as a double."""
_NUMBER = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
_LARGEST = Decimal("1e21")
_SYMBOL = re.compile(r"\w[\w.:/-]{0,63}")
"""Letters of any script and digits; no sign that a spreadsheet would run as a formula."""


@cache
def tiers() -> Mapping[str, Tiers]:
    """The shipped table: symbol → tiers. Quarterly contracts carry their date of delivery."""
    return read_tiers(SHIPPED)


def read_tiers(path: Path) -> Mapping[str, Tiers]:
    """The tiers of a table, by symbol in the order of the file.

    Raises UnreadableFile for what is no text, UnknownFormat for missing columns, InputError
    for a row at fault and IntegrityError where cum does not follow from the tiers, each with
    file and row.
    """
    found: dict[str, _Growing] = {}
    for where, cells in _rows(path):
        symbol = cells["symbol"].strip()
        if not _SYMBOL.fullmatch(symbol):
            raise _at_fault(
                where,
                Text(f"{_quoted(symbol)} is no symbol", f"{_quoted(symbol)} 不是合约代码"),
                Text("Write it as the venue does: BTCUSDT.", "请按交易场所的写法：BTCUSDT。"),
            )
        found.setdefault(symbol, _Growing(symbol)).add(_row(where, cells), where)
    if not found:
        raise InputError(
            Text("the table has no rows", "档位表没有任何数据行"),
            where=str(path),
            remedy=Text("Export it again, with its rows.", "请重新导出完整的表。"),
        )
    return {symbol: growing.tiers() for symbol, growing in found.items()}


@dataclass
class _Growing:
    """The rows of one symbol as they come, each checked against those before it."""

    symbol: str
    rows: list[Bracket] = field(default_factory=list)

    @exact
    def add(self, row: Bracket, where: str) -> None:
        last = self.rows[-1] if self.rows else None
        expected = len(self.rows) + 1
        if row.number == 1 and last is not None:
            raise _at_fault(
                where,
                Text(f"the tiers of {self.symbol} begin again", f"{self.symbol} 的档位重新开始"),
                Text(
                    "Two contracts share one symbol: give each its own, for example with the "
                    "date of delivery.",
                    "两个合约用了同一代码：请分别命名，例如加上交割日期。",
                ),
            )
        if row.number != expected:
            raise _at_fault(
                where,
                Text(
                    f"bracket {row.number} of {self.symbol} stands where {expected} is expected",
                    f"{self.symbol} 此处应为第 {expected} 档，实为第 {row.number} 档",
                ),
                Text("Restore the missing rows, in order.", "请补全缺失的行并按顺序排列。"),
            )
        start = last.cap if last is not None else Decimal(0)
        if row.floor != start:
            end = "no limit" if start is None else f"{start:f}"
            raise _at_fault(
                where,
                Text(
                    f"a gap or overlap in {self.symbol}: bracket {row.number} starts at "
                    f"{row.floor:f}, the one before ends at {end}",
                    f"{self.symbol} 档位不相接：第 {row.number} 档起于 {row.floor:f}，前一档止于 "
                    f"{end}",
                ),
                Text("Make the floor equal to the cap before.", "请使下限等于前一档的上限。"),
            )
        if last is not None and (row.rate < last.rate or row.max_leverage > last.max_leverage):
            raise _at_fault(
                where,
                Text(
                    f"bracket {row.number} of {self.symbol} asks a lower rate or allows a higher "
                    "leverage than the one before",
                    f"{self.symbol} 第 {row.number} 档的费率低于前一档，或杠杆高于前一档",
                ),
                Text(
                    "Rates rise and leverages fall with the notional: check both.",
                    "费率应随名义价值升高，杠杆应随之降低：请核对两者。",
                ),
            )
        cum = Decimal(0) if last is None else last.cum + row.floor * (row.rate - last.rate)
        check_cum(self.symbol, row.number, row.cum, cum, where)
        self.rows.append(row)

    def tiers(self) -> Tiers:
        _, floors, caps, rates, cums, leverages = zip(*self.rows, strict=True)
        return Tiers(self.symbol, floors, rates, cums, leverages, caps[-1])


def _row(where: str, cells: Mapping[str, str]) -> Bracket:
    """One row in numbers, each within its own bounds."""
    number = _number(where, "bracket", cells["bracket"])
    floor = _number(where, "notional_floor", cells["notional_floor"])
    cap: Decimal | None = None
    if cells["notional_cap"].strip():
        cap = _number(where, "notional_cap", cells["notional_cap"])
        if cap <= floor:
            raise _at_fault(
                where,
                Text(f"the cap {cap:f} is not above the floor {floor:f}",
                     f"上限 {cap:f} 不高于下限 {floor:f}"),
                Text("Correct the two bounds.", "请更正上下限。"),
            )  # fmt: skip
        cap = None if cap >= _UNLIMITED else cap
    rate = _number(where, "mmr", cells["mmr"])
    leverage = _number(where, "max_leverage", cells["max_leverage"])
    cum = _number(where, "cum", cells["cum"])
    if not 0 < rate <= 1:
        raise _at_fault(
            where,
            Text(
                f"the rate {rate:f} is not above 0 and at most 1",
                f"费率 {rate:f} 不大于 0 或超过 1",
            ),
            Text("Write 0.4 % as 0.004.", "0.4% 请写作 0.004。"),
        )
    if leverage <= 0:
        raise _at_fault(
            where,
            Text("the maximum leverage is not above zero", "最大杠杆不大于零"),
            Text("Write 75 for 75x.", "75 倍请写作 75。"),
        )
    whole = int(number) if number == int(number) else 0  # 0 is never the bracket expected
    return Bracket(whole, floor, cap, rate, cum, leverage)


def _number(where: str, column: str, text: str) -> Decimal:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise _at_fault(
            where,
            Text(f"{column} is no number: {_quoted(text)}", f"{column} 不是数字：{_quoted(text)}"),
            Text(
                "Write plain digits with a point, no sign, unit, formula or thousands mark.",
                "请只写数字和小数点，不带符号、单位、公式或千分位。",
            ),
        )
    value = Decimal(text)
    if value > _LARGEST:
        raise _at_fault(
            where,
            Text(f"{column} is larger than any market: {text}", f"{column} 大得不合理：{text}"),
            Text("Check the digits and the exponent.", "请核对位数与指数。"),
        )
    return value


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """`file:line` and the cells of every row that is not blank."""
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    header: list[str] = []
    try:
        for cells in lines:
            where = f"{path}:{lines.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(path, cells)
                continue
            if len(cells) != len(header):
                raise _at_fault(
                    where,
                    Text(f"{len(cells)} cells in a table of {len(header)} columns",
                         f"该行有 {len(cells)} 格，表头为 {len(header)} 列"),
                    Text("Restore the row.", "请恢复该行。"),
                )  # fmt: skip
            yield where, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise _at_fault(
            f"{path}:{lines.line_num}",
            Text(f"the row is no CSV ({error})", f"该行不是有效的 CSV（{error}）"),
            Text("Check its quotes; save the table as CSV again.", "请检查引号，或重新存为 CSV。"),
        ) from None
    if not header:
        _header(path, [])


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    missing = [c for c in COLUMNS if names.count(c) != 1]
    if missing:
        raise UnknownFormat(
            Text(
                f"no table of tiers: these columns must stand once each: {', '.join(missing)}",
                f"不是档位表：以下各列须恰好出现一次：{', '.join(missing)}",
            ),
            where=f"{path}:1",
            remedy=Text(
                f"The first line must name {', '.join(COLUMNS)}.",
                f"首行须为列名：{', '.join(COLUMNS)}。",
            ),
        )
    return names


def _text(path: Path) -> str:
    """The whole table as text; gzip is known by its first bytes, not by its name."""
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            data = (
                gzip.GzipFile(fileobj=stream).read(LIMIT + 1) if packed else stream.read(LIMIT + 1)
            )
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(
            path,
            Text(f"cannot be read ({error})", f"无法读取（{error}）"),
            Text("Check path and rights, or copy it again.", "请检查路径与权限，或重新复制。"),
        ) from None
    if len(data) > LIMIT:
        raise _unreadable(
            path,
            Text(f"more than {LIMIT >> 20} MiB", f"超过 {LIMIT >> 20} MiB"),
            Text("Keep the rows of the contracts in question.", "请只保留相关合约的行。"),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(
            path,
            Text("not UTF-8 text", "不是 UTF-8 文本"),
            Text("Save it as CSV in UTF-8.", "请另存为 UTF-8 编码的 CSV。"),
        ) from None


def _unreadable(path: Path, what: Text, remedy: Text) -> UnreadableFile:
    return UnreadableFile(
        Text(f"the table of tiers is unusable: {what.en}", f"档位表不可用：{what.zh}"),
        where=str(path),
        remedy=remedy,
    )


def _at_fault(where: str, what: Text, remedy: Text) -> InputError:
    return InputError(what, where=where, remedy=remedy)


def _quoted(text: str) -> str:
    """What stands in a cell, cut to 40 characters, control characters made visible."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
