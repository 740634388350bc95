"""The exports of one account, from files, folders and zips to entries: what `losses` stands on.

Every file is recognised by what is in it. A file that was named and cannot be read is an error
that says what to do; in a folder or a zip it is a problem, and the rest is read.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...errors import InputError, Text
from ...problems import KEPT, Problem
from ...run.progress import Progress, Silent, shown
from ..entries import Exports, File, Trade
from . import zones
from .foreign import is_workbook, unpacked
from .mapped import ColumnMap, read_maps
from .merge import merged, one_account
from .parse import MOST_ROWS, Parsed, parse, too_many
from .sheet import Sheet, open_sheet
from .sources import Source, opened, unread
from .workbook import unfolded
from .zones import Fit, Zone

_HEAD = 1 << 16
_SURE = 1.5
"""How many times MOST_ROWS a file must seem to hold to be refused before it is read."""
_MIB = 1 << 20


def read_exports(
    paths: Sequence[Path],
    *,
    account: str = "account",
    tz: str | None = None,
    columns: Path | None = None,
    fits: Callable[[Sequence[Trade]], Fit] | None = None,
    progress: Progress | None = None,
) -> tuple[Exports, list[Problem]]:
    """The exports below `paths`, and what could not be read or is to be known.

    `tz` is the zone of times that name none, `columns` a column map for other venues, `fits`
    counts how many trades lie within the tape's prices. Raises InputError (UnknownFormat,
    UnreadableFile) for a named file that is no export, for files of two accounts or venues,
    for times without a zone, and for more than MOST_ROWS rows.
    """
    progress = progress or Silent()
    maps = read_maps(columns) if columns is not None else ()
    if tz is not None:
        zones.offset_of(tz)
    with opened(paths) as (found, problems), _unswept():
        total = 1 + sum(1 + unpacked(source.path) // (8 * _MIB) for source in found)
        with (
            shown(progress, Text("reading exports", "读取导出文件"), total),
            tempfile.TemporaryDirectory(prefix="liquest-workbooks-") as folder,
        ):
            sources = unfolded(found, Path(folder), problems, is_workbook, progress.step)
            sheets = _sheets(sources, maps, problems)
            if not sheets:
                raise _nothing(paths)
            venue = _one_venue(sheets)
            files, known = _files(sheets, tz, fits, progress)
        uid = one_account(files)
        exports = _exports(account, venue, uid, files, known)
    for one in files:
        problems += one.faults.problems()
    return exports, problems


@contextmanager
def _unswept() -> Iterator[None]:
    """Without the collector of cycles: entries are many and form none, and looking for them
    takes a quarter of the time. At the end they are handed to the oldest generation unlooked."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            # Frozen and thawed at once, all objects count as old; what others froze stays so.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _sheets(
    sources: Sequence[Source], maps: Sequence[ColumnMap], problems: list[Problem]
) -> list[Sheet]:
    """The sources that are exports. Of a workbook that was named one sheet must be."""
    sheets = []
    refused: dict[str, InputError] = {}
    for source in sources:
        try:
            sheets.append(open_sheet(source, maps))
        except InputError as error:
            if source.named and not source.of_workbook:
                raise
            if source.named:
                refused.setdefault(source.name.rpartition("!")[0], error)
            problems.append(unread(error, source.name, source.sha256))
    taken = {sheet.source.name.rpartition("!")[0] for sheet in sheets}
    for workbook, refusal in refused.items():
        if workbook not in taken:
            raise refusal
    return sheets


def _files(
    sheets: Sequence[Sheet], tz: str | None,
    fits: Callable[[Sequence[Trade]], Fit] | None, progress: Progress,
) -> tuple[list[Parsed], list[Zone]]:  # fmt: skip
    """Every sheet parsed in its zone: those that state one first, then the others by what they
    share with them."""
    known = [zones.stated(sheet, tz) for sheet in sheets]
    files: dict[int, Parsed] = {}
    room = MOST_ROWS

    def read(place: int, found: Zone | None) -> None:
        nonlocal room
        sheet = sheets[place]
        progress.step(sheet.source.name)
        if _rows(sheet) > _SURE * MOST_ROWS:
            raise too_many(sheet.source.name)
        held = files.pop(place, None)
        room += len(held.entries) if held else 0
        files[place] = parse(
            sheet, place, found.offset if found else 0, room,
            lambda: progress.step(sheet.source.name),
        )  # fmt: skip
        room -= len(files[place].entries)

    for place, found in enumerate(known):
        read(place, found)
        if found is None and not files[place].naive:
            known[place] = Zone("UTC", "header")
    open_ = [place for place, found in enumerate(known) if found is None]
    ids = {p: zones.by_ids(files[p].entries) for p in open_ if sheets[p].form.kind == "orders"}
    # Forced orders first, then trades: the others can be held against them.
    open_.sort(key=lambda place: (ids.get(place) is None, sheets[place].form.kind != "trades"))
    for place in open_:
        found = ids.get(place) or _found(place, sheets, files, known, fits)
        known[place] = found
        if found.offset:
            read(place, found)
        if files[place].entries:
            files[place].faults.file("zone", KEPT, zones.said(found))
    return [files[place] for place in range(len(sheets))], [z for z in known if z is not None]


def _rows(sheet: Sheet) -> float:
    """About how many rows a file has, by the length of its first ones."""
    with sheet.source.path.open("rb") as stream:
        head = stream.read(_HEAD)
    return sheet.source.size * head.count(b"\n") / max(1, len(head))


def _found(
    place: int, sheets: Sequence[Sheet], files: dict[int, Parsed], known: Sequence[Zone | None],
    fits: Callable[[Sequence[Trade]], Fit] | None,
) -> Zone:  # fmt: skip
    """The zone of a file that states none; raises InputError that asks for it."""
    sheet, entries = sheets[place], files[place].entries
    if not entries:
        return Zone("UTC", "custom")
    settled = [p for p, z in enumerate(known) if z is not None]
    anchors = {key for p in settled for key in zones.seconds(files[p].entries)}
    found = zones.coinciding(entries, anchors)
    if found is None and fits is not None and sheet.form.kind == "trades":
        found = zones.by_tape(entries, fits)
    if found is None and sheet.form.kind == "positions":
        beside = {z.name for z in known if z is not None and z.by == "header"}
        found = Zone("UTC", "custom") if beside == {"UTC"} else None
    if found is None:
        raise zones.ask(sheet)
    return found


def _exports(
    account: str, venue: str, uid: str, files: Sequence[Parsed], known: Sequence[Zone]
) -> Exports:
    series: dict[str, list[Any]] = {}
    doubles: dict[int, int] = {}
    groups = {
        "transactions": ("transactions",), "trades": ("trades",), "orders": ("orders",),
        "positions": ("positions",), "movements": ("transfers",),
        "sales": ("margin-liquidations", "loan-liquidations"),
    }  # fmt: skip
    for name, kinds in groups.items():
        series[name], left = merged([f for f in files if f.sheet.form.kind in kinds])
        doubles |= left
    return Exports(
        account, venue, uid,
        tuple(_file(one, found, doubles) for one, found in zip(files, known, strict=True)),
        **series,
    )  # fmt: skip


def _file(one: Parsed, found: Zone, doubles: dict[int, int]) -> File:
    sheet, left = one.sheet, doubles.get(one.place, 0)
    market = {"margin": "margin", "loan": "loan"}.get(sheet.form.name, one.market)
    return File(
        sheet.source.name, sheet.source.sha256, market, sheet.form.kind,
        sheet.column_map.venue if sheet.column_map else "binance", one.uid, found.name, found.by,
        len(one.entries) - left, left,
    )  # fmt: skip


def _one_venue(sheets: Sequence[Sheet]) -> str:
    venues = {(s.column_map.venue if s.column_map else "binance"): s for s in sheets}
    if len(venues) > 1:
        (one, first), (two, second) = sorted(venues.items())[:2]
        names = first.source.name, second.source.name
        raise InputError(
            Text(f"files of two venues: {names[0]} is of {one}, {names[1]} of {two}",
                 f"文件分属两家交易所：{names[0]} 属于 {one}，{names[1]} 属于 {two}"),
            where=names[1],
            remedy=Text(
                "Give the files of one account at a time.", "请一次只提供一个账户的文件。"
            ),
        )  # fmt: skip
    return next(iter(venues))


def _nothing(paths: Sequence[Path]) -> InputError:
    return InputError(
        Text("no export was found", "未找到任何导出文件"),
        where=", ".join(str(path) for path in paths),
        remedy=Text(
            "Give the CSV or xlsx files that the exchange exports: transactions, trades, orders, "
            "positions.",
            "请提供交易所导出的 CSV 或 xlsx 文件：资金流水、成交、订单、仓位历史。",
        ),
    )  # fmt: skip
