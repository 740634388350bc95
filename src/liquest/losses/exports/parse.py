"""One sheet to its entries: every row read, counted as an entry or as a fault.

Rows are read one at a time and nothing but entries is held. A file whose dates can be read in
two ways is read again once another of its rows has shown the order of day and month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ...errors import InputError, Text
from ...problems import ABSENT, KEPT
from ...replay.positions_numbers import BadCell, Fault
from ..entries import COINM, USDM
from . import entry_rows, wallet_rows
from .cells import zeroed
from .entry_rows import Cells
from .faults import Faults
from .layouts import plain
from .sheet import KINDS_ZH, Sheet

MOST_ROWS = 1_000_000
"""Rows of one account; about 1 GB of memory."""
_STEP = 1 << 16

MAKERS: Mapping[str, Callable[[Cells, int], Callable[[int, list[str]], Any]]] = {
    "transactions": entry_rows.transactions,
    "trades": entry_rows.trades,
    "orders": entry_rows.orders,
    "positions": entry_rows.positions,
    "transfers": wallet_rows.transfers,
    "chain": wallet_rows.chain,
    "statement": wallet_rows.statement,
    "earn": wallet_rows.earn,
    "margin": wallet_rows.margin,
    "loan": wallet_rows.loan,
}
"""Form → what makes an entry of a row of it."""


@dataclass(frozen=True)
class Parsed:
    """A sheet with its entries (in the order of its rows) and faults. `market` is blank for
    what is no history of futures, `uid` where the file does not say it. `naive` says that the
    times name no zone of their own."""

    sheet: Sheet
    place: int
    entries: list[Any]
    faults: Faults
    market: str
    uid: str
    naive: bool


def parse(sheet: Sheet, place: int, offset: int, room: int, step: Callable[[], None]) -> Parsed:
    """The entries of a sheet, the file number `place`, whose naive times stand `offset`
    microseconds east of UTC. Raises InputError for more than `room` rows, or for rows of two
    accounts."""
    cells = Cells(sheet, offset)
    faults, entries, uid = _read(cells, place, room, step)
    if cells.times.ambiguous and len(cells.times.shown) == 1:
        cells = Cells(sheet, offset, cells.times.shown.pop())
        faults, entries, uid = _read(cells, place, room, step)
    return _finished(cells, place, faults, entries, uid)


def _read(
    cells: Cells, place: int, room: int, step: Callable[[], None]
) -> tuple[Faults, list[Any], str]:
    sheet = cells.sheet
    faults = Faults(sheet.source.name, sheet.source.sha256)
    make, notes = MAKERS[sheet.form.name](cells, place), cells.notes
    entries: list[Any] = []
    append, at = entries.append, sheet.column("uid")
    uid, told = "", sheet.has("uid")
    for row, line in sheet.rows(faults, notes):
        try:
            entry = make(row, line)
        except BadCell as bad:
            notes.clear()
            _aside(sheet, faults, row, line, bad.fault)
            continue
        if told and line[at] != uid:
            uid = _same_account(sheet, uid, line[at], row)
        if notes:
            for note in notes:
                faults.kept(row, _in_column(sheet, line, note), sheet.delimiter.join(line).strip())
            notes.clear()
        append(entry)
        if not row % _STEP:
            step()
            if len(entries) > room:
                break
    if len(entries) > room:
        raise too_many(sheet.source.name)
    return faults, entries, uid


def too_many(name: str) -> InputError:
    """The refusal of an account with more than MOST_ROWS rows."""
    return InputError(
        Text(f"more than {MOST_ROWS:,} rows in all", f"总行数超过 {MOST_ROWS:,}"), where=name,
        remedy=Text(
            "Export a shorter time, the days around the event are enough, or give fewer files.",
            "请缩短导出的时间范围（事件前后几天即可），或减少文件。",
        ),
    )  # fmt: skip


def _aside(sheet: Sheet, faults: Faults, row: int, line: list[str], fault: Fault) -> None:
    """A row that no entry was made of: one that is none by intent, or one at fault."""
    width = len(sheet.header)
    if not any(cell.strip() for cell in line[:width]):
        return
    if not sheet.remark(row, line[:width], faults):
        text = sheet.delimiter.join(line[:width])
        faults.aside(row, _in_column(sheet, line, fault), text)


def _in_column(sheet: Sheet, line: list[str], fault: Fault) -> Fault:
    """The fault with the header of its column, which is the one that holds the cell at fault."""
    if fault.column:
        place = sheet.column(fault.column)
    else:
        asked = sheet.form.needs if not fault.sample else sheet.places
        named = [sheet.column(field) for field in asked]
        place = next((p for p in named if line[p].strip() == fault.sample.strip()), -1)
        if place < 0 and fault.sample.strip():
            place = next((p for p in named if fault.sample.strip() in line[p]), -1)
    known = 0 <= place < len(sheet.header)
    return fault._replace(column=sheet.header[place] if known else "")


def _same_account(sheet: Sheet, uid: str, cell: str, row: int) -> str:
    """The account of the file, once a row names it; raises InputError when two do."""
    other = cell.strip().strip("'=\"")
    if not other or other == uid:
        return uid
    if uid:
        raise InputError(
            Text(f"rows of two accounts: {tail(uid)} and {tail(other)}",
                 f"文件混有两个账户的数据：{tail(uid)} 与 {tail(other)}"),
            where=f"{sheet.source.name}:{row}",
            remedy=Text("Give the files of one account at a time, each as the exchange made it.",
                        "请一次只提供一个账户的文件，并保持交易所导出的原样。"),
        )  # fmt: skip
    return other


def tail(uid: str) -> str:
    """An account's number for the screen: its last three digits."""
    return f"…{uid[-3:]}"


def _finished(cells: Cells, place: int, faults: Faults, entries: list[Any], uid: str) -> Parsed:
    sheet, times = cells.sheet, cells.times
    if sheet.form.name == "statement":
        entries = wallet_rows.moved(entries, faults)
    elif sheet.form.name == "chain":
        entries = wallet_rows.directed(sheet, cells, entries, faults)
    market = ""
    if sheet.form.kind in ("transactions", "trades", "orders", "positions"):
        entries, market = _markets(cells, entries, faults)
        entries = _without_cut_ids(entries, faults)
    _whole(sheet, faults, bool(entries))
    faults.uid = uid
    return Parsed(sheet, place, entries, faults, market, uid, times.naive > 0 or not times.own)


def _markets(cells: Cells, entries: list[Any], faults: Faults) -> tuple[list[Any], str]:
    """The entries with the market of every one, and the market of the file: "mixed" where two
    were joined by hand. A transaction without a symbol is of the market of the file; without
    any symbol the assets tell it: COIN-M wallets hold no dollars."""
    seen = Counter(map(attrgetter("market"), entries))
    blank = seen.pop("", 0)
    if len(seen) == 1:
        market = next(iter(seen))
    elif seen:
        market = "mixed"
    else:
        market = _by_assets(cells, entries, faults) if entries else ""
    if not blank:
        return entries, market
    coins = {e.asset for e in entries if e.market == COINM}
    made = []
    for entry in entries:
        if not entry.market:
            own = market if market != "mixed" else (COINM if entry.asset in coins else USDM)
            entry = entry._replace(market=own)
        made.append(entry)
    return made, market


def _by_assets(cells: Cells, entries: list[Any], faults: Faults) -> str:
    if any(entry_rows.dollar(entry.asset) for entry in entries):
        return USDM
    name = plain(cells.sheet.source.file_name)
    if any(word in name for word in ("coinm", "delivery", "币本位")):
        return COINM
    if any(word in name for word in ("usdm", "usdsm", "u本位")):
        return USDM
    faults.file(
        "market-assumed", KEPT,
        Text("no row names a contract; as only coins move, the wallet is taken for COIN-M",
             "没有任何一行写明合约；因只有币种变动，按币本位合约钱包处理"),
    )  # fmt: skip
    return COINM


def _without_cut_ids(entries: list[Any], faults: Faults) -> list[Any]:
    """The entries without ids that a spreadsheet cut to fifteen digits."""
    for name in ("id", "trade_id", "order_id"):
        if not entries or name not in entries[0]._fields:
            continue
        identity = attrgetter(name)
        # Short ids are seen to be so at the speed of C.
        if max(map(len, map(identity, entries))) > 16 and zeroed(map(identity, entries)):
            entries = [e._replace(**{name: ""}) for e in entries]
            faults.file(
                "ids-cut", KEPT,
                Text("a spreadsheet has cut the ids to fifteen digits; they are not used. Download "
                     "the export again and do not open it in a spreadsheet.",
                     "编号被电子表格截断为十五位，不予采用。请重新下载导出文件，不要用表格软件打开。"),
                count=len(entries),
            )  # fmt: skip
    return entries


def _whole(sheet: Sheet, faults: Faults, any_entry: bool) -> None:
    """What is to be said of the file as a whole."""
    kind = sheet.form.kind
    if not any_entry:
        faults.file(
            "no-rows", ABSENT,
            Text(f"a history of {kind} without a row that can be used",
                 f"{KINDS_ZH[kind]}中没有可用的数据行"),
        )  # fmt: skip
    if kind in ("trades", "orders") and any_entry and not sheet.has("place"):
        faults.file(
            "no-position-side", KEPT,
            Text("the file does not say the position side; it is read as one-way mode",
                 "文件未列出持仓方向，按单向持仓模式读取"),
        )  # fmt: skip
    for name, en, zh in (("fee", "fees", "手续费"), ("realised", "realised profits", "已实现盈亏")):
        if kind == "trades" and any_entry and not sheet.has(name):
            faults.file(
                f"no-{name}", KEPT,
                Text(f"the file does not state {en}; they are read as 0",
                     f"文件未列出{zh}，按 0 读取"),
            )  # fmt: skip
    if sheet.ignored:
        faults.file(
            "column-ignored", KEPT,
            Text(f"columns that are not read: {', '.join(sheet.ignored)}",
                 f"未读取的列：{'、'.join(sheet.ignored)}"), count=len(sheet.ignored),
        )  # fmt: skip
    if sheet.comma:
        faults.file(
            "decimal-comma", KEPT,
            Text("decimals are written with a comma and are read so", "小数以逗号书写，已按此读取"),
        )  # fmt: skip
    if sheet.text.damaged:
        faults.file(
            "encoding", KEPT,
            Text("some bytes are no text of any encoding; rows that need them are set aside",
                 "部分字节无法按任何编码解读，相关行不予采用"),
        )  # fmt: skip
