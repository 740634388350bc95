"""`uptime`: the share of time in which a book met a quoting obligation, and every breach.

Terms stand in `_obligation`. A snapshot is judged as it stands and holds to the next one, for
at most `max_age` seconds; time in which nothing is known counts for neither side.

    uptime.share       kept / known time
    uptime.obligation  "kept", "broken", or "open" where the unknown time could turn it
    uptime.known       seconds with a known book ("s")
    uptime.broken      seconds in breach ("s"); with `term` by what failed
    uptime.breaches    number of spells
    uptime.longest     the longest spell ("s"), `at` its begin
    uptime.breach      the longest `listed` spells, in time order
    uptime.minute      the share within each minute that has a breach
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..clock import MINUTE, SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Method, Value, rounded
from ..instruments import LINEAR, Instrument
from ..problems import ABSENT, Problem
from ..tape.tracks import Ints, Track
from . import Context
from ._book import (
    Piece,
    books,
    coverage,
    levels_of,
    money,
    no_books,
    pieces,
    row_input,
    rows_of,
    scanned,
)
from ._book_sql import best, snapshots
from ._obligation import Obligation, obligation_of
from ._params import integer

NAME = "uptime"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "two_sided_levels": 20,
    "max_spread_bps": "",
    "min_notional": "",
    "uptime": "0.99",
    "obligations": [],
    "max_age": 10,
    "listed": 50,
}
ANY, FEW_LEVELS, WIDE, SMALL = range(4)
_TERMS = {FEW_LEVELS: "two_sided_levels", WIDE: "max_spread_bps", SMALL: "min_notional"}


def fails(terms: Obligation) -> dict[str, str]:
    """What a snapshot fails, as bits: 1 anything, 2 levels, 4 spread, 8 notional."""
    last = terms.levels - 1
    tests = {FEW_LEVELS: f"bp{last} IS NULL OR ap{last} IS NULL"}
    if terms.spread is not None:
        tests[WIDE] = f"coalesce((ap0 - bp0) / mid * 10000 > {terms.spread:f}, true)"
    if terms.notional is not None:
        bid, ask = best(terms.levels).values()
        tests[SMALL] = f"{bid} < {terms.notional:f} OR {ask} < {terms.notional:f}"
    bits = " + ".join(f"CASE WHEN {t} THEN {1 << kind} ELSE 0 END" for kind, t in tests.items())
    either = " OR ".join(f"({t})" for t in tests.values())
    return {"fails": f"CASE WHEN {either} THEN 1 ELSE 0 END + {bits}"}


_SHOWN = Obligation(2, Decimal(10), Decimal(1000), Decimal(1))
METHODS = (
    Method(
        NAME,
        Text("Time in which a quoting obligation was met", "履行双边报价义务的时间"),
        Text(
            "A snapshot meets the terms when both sides have two_sided_levels levels, (best ask − "
            "best bid) / middle is at most max_spread_bps, and those levels together are worth at "
            "least min_notional on each side. It holds to the next snapshot, at most max_age "
            "seconds. share = time kept / time known. obligation: kept or broken where that stands "
            "even if all unknown time had been the other way, else open. The book shows all makers "
            "together: where it breaks the terms each of them did, where it keeps them nothing "
            "follows for one of them. claimed-terms: the terms are the measure's defaults, which a "
            "party claims; no contract is on record.",
            "某快照合格：两侧均有 two_sided_levels 档、(卖一 − 买一)/中间价不超过 max_spread_bps、"
            "且每侧这些档合计不低于 min_notional。快照有效至下一快照，最长 max_age 秒。share = "
            "合格时间 / 已知时间。obligation：即使未知时间全部相反结论亦不变时为 kept 或 broken，"
            "否则为 open。订单簿是全部做市商之和：整体不合格则每一家都不合格，整体合格则不能推知"
            "某一家。claimed-terms：条款取默认值，系当事人主张，合同不在记录中。",
        ),
        "-- written out for two levels\n" + snapshots(Instrument("", "", LINEAR), 2, fails(_SHOWN)),
    ),
)


class Spell(NamedTuple):
    """A breach: begin, end (µs) and the row it begins with."""

    start: int
    end: int
    row: int


@dataclass(frozen=True)
class Task:
    """One piece of a book and its terms; `given` says that they are the case's."""

    piece: Piece
    terms: Obligation
    given: bool
    max_age: int


@dataclass(frozen=True)
class Time:
    """µs by minute of one piece, the first minute's beginning, and its breaches."""

    task: Task
    first: int
    count: int = 0
    known: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    failed: Ints = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    spells: tuple[Spell, ...] = ()


def plan(context: Context) -> list[Task]:
    """One task per piece of every book deep enough for its terms."""
    max_age = integer(context.params, "max_age", 0)
    return [
        Task(piece, terms, given, max_age)
        for window in context.chosen
        for track in books(context, window, quotes=True)
        for terms, given in [obligation_of(context.params, track.instrument.key, DEFAULTS)]
        if levels_of(track) >= terms.levels
        for piece in pieces(track, window)
    ]


def work(task: Task) -> Time:
    """The time of one piece."""
    from ._uptime_kernel import kept, none

    piece, quotes = task.piece, task.piece.track.record == "quotes"
    first = piece.start // MINUTE * MINUTE
    query = snapshots(piece.track.instrument, task.terms.levels, fails(task.terms), quotes=quotes)
    found = rows_of(piece, query, task.max_age)
    if not len(found.ts):
        return Time(task, first)
    known, failed, spells = none(-(-(piece.end - first) // MINUTE), 4, len(found.ts))
    bits = found.values["fails"].astype(np.int64)
    most = task.max_age * SECOND
    number = kept(found.ts, bits, piece.start, piece.end, most, first, known, failed, spells)
    named = tuple(Spell(int(b), int(e), int(found.row[at])) for b, e, at in spells[:number])
    inside = int(((found.ts >= piece.start) & (found.ts < piece.end)).sum())
    return Time(task, first, inside, known, failed, named)


def merge(context: Context, partials: Sequence[Time]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window and instrument; a problem for what cannot be judged."""
    grouped: dict[tuple[Window, str], list[Time]] = {}
    for one in partials:
        piece = one.task.piece
        grouped.setdefault((piece.window, piece.track.instrument.key), []).append(one)
    listed = integer(context.params, "listed", 0)
    findings = [f for group in grouped.values() for f in _findings(group, listed)]
    problems = []
    empty = []
    for window in context.chosen:
        tracks = books(context, window, quotes=True)
        if not tracks:
            empty.append(window)
        for track in tracks:
            terms, _ = obligation_of(context.params, track.instrument.key, DEFAULTS)
            if (held := levels_of(track)) < terms.levels:
                problems.append(_too_shallow(track, window, held, terms))
    return findings, [*problems, *no_books(NAME, empty)]


def _too_shallow(track: Track, window: Window, held: int, terms: Obligation) -> Problem:
    return Problem(
        "levels-not-on-record", ABSENT,
        Text(
            f"uptime: an obligation of {terms.levels} levels cannot be judged on a record of "
            f"{held} in the window '{window.name}'",
            f"uptime：时间窗“{window.name}”内记录仅 {held} 档，无法判断 {terms.levels} 档的义务",
        ),
        track.instrument.key, count=0,
    )  # fmt: skip


def _joined(group: Sequence[Time]) -> list[Spell]:
    """Breaches of all pieces, one that goes on across an edge as one."""
    made: list[Spell] = []
    for one in group:
        for spell in one.spells:
            if made and made[-1].end == spell.start:
                made[-1] = made[-1]._replace(end=spell.end)
            else:
                made.append(spell)
    return made


def _findings(group: Sequence[Time], listed: int) -> Iterator[Finding]:
    task = group[0].task
    track, window, terms = task.piece.track, task.piece.window, task.terms
    spells = _joined(group)
    known = sum(int(one.known.sum()) for one in group)
    failed = sum((one.failed.sum(axis=0) for one in group), np.zeros(4, np.int64))
    notes = ["book-of-all-makers", *coverage(track, window)]
    if not task.given:
        notes.append("claimed-terms")
    if terms.notional is not None:
        notes += money(track)[1]
    spans, count = scanned(track, window), sum(one.count for one in group)

    def made(name: str, value: Value, unit: str, **more: Any) -> Finding:
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, window=window,
            params={**terms.json(), "max_age": task.max_age, **more.pop("params", {})},
            inputs=(*more.pop("rows", ()), *spans), count=count, caveats=tuple(notes), **more,
        )  # fmt: skip

    def spelled(name: str, spell: Spell) -> Finding:
        # The snapshot may stand before the edge of the window, which cuts the spell.
        rows = (row_input(track, spell.row),)
        until = {"until": format_time(spell.end)}
        return made(name, _seconds(spell.end - spell.start), "s", at=spell.start, params=until,
                    rows=rows)  # fmt: skip

    yield made("known", _seconds(known), "s")
    if not known:
        return
    broken = int(failed[ANY])
    yield made("share", rounded(Decimal(known - broken) / known, 6), "ratio")
    unknown = window.end - window.start - known
    yield made("obligation", verdict(known - broken, broken, unknown, terms.uptime), "text")
    yield made("broken", _seconds(broken), "s")
    for kind, term in _TERMS.items():
        if failed[kind]:
            yield made("broken", _seconds(int(failed[kind])), "s", params={"term": term})
    yield made("breaches", len(spells), "spells")
    if spells:
        yield spelled("longest", max(spells, key=lambda s: (s.end - s.start, -s.start)))
    longest = sorted(spells, key=lambda s: (s.start - s.end, s.start))[:listed]
    for spell in sorted(longest):
        yield spelled("breach", spell)
    for minute, share in _minutes(group):
        yield made("minute", share, "ratio", at=minute)


def verdict(kept: int, broken: int, unknown: int, share: Decimal) -> str:
    """kept or broken where that stands whatever the unknown time was; else open."""
    whole = kept + broken + unknown
    if kept >= share * whole:
        return "kept"
    return "broken" if kept + unknown < share * whole else "open"


def _minutes(group: Sequence[Time]) -> Iterator[tuple[int, Decimal]]:
    """The share of every minute with a breach; pieces meet within minutes."""
    total: dict[int, list[int]] = {}
    for one in group:
        for place in np.flatnonzero(one.known):
            held = total.setdefault(one.first + int(place) * MINUTE, [0, 0])
            held[0] += int(one.known[place])
            held[1] += int(one.failed[place, ANY])
    for minute, (known, broken) in sorted(total.items()):
        if broken:
            yield minute, rounded(Decimal(known - broken) / known, 6)


def _seconds(us: int) -> Decimal:
    return Decimal(us) / SECOND
