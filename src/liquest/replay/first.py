"""The first second in which each margin unit is below its trigger, for whole populations.

Floats decide, but for ties: where f lies within 1e-9 of its scale the unit's second is decided
again in decimals (exact.py). So the answer is that of exact arithmetic on the numbers given,
in the time of floats. It says when a unit falls below; what follows (grace, execution, the
fund) is close.py's. Executors must share memory: threads, or inline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..errors import InputError, Text
from ..run.executor import Executor, Inline, Threads
from ..tape.tracks import Floats, Ints
from .exact import is_below
from .first_kernel import (
    BATCH,
    NEAR,
    Legs,
    Marks,
    Plan,
    Table,
    fill_bounds,
    levels,
    plan_units,
    room,
    scan_units,
    search_units,
    walk_units,
    widen,
)
from .units import Paths, Units

Kernel = Callable[[Table, Legs, Plan, float, Ints, int, int, Ints, Marks], None]

PIECES = 16
"""Pieces into which work is cut per thread, so that none waits long for another."""
NEIGHBOURS = 8
"""Paths that share an envelope of their own in a sweep, and are in memory together."""
NEVER = -1


class Search(NamedTuple):
    """`second` [U], −1 for never; `near`: the units that floats could not decide."""

    second: Ints
    near: Ints


def first_liquidation(
    paths: Paths, units: Units, begin: int | Ints = 0, executor: Executor | None = None
) -> Ints:
    """The first second [U] from `begin` on (one for all, or one for each) in which equity is
    below trigger · maintenance; −1 for never. Raises InputError where the arrays do not fit.
    """
    return search(paths, units, begin, executor).second


def first_liquidation_plain(
    paths: Paths, units: Units, begin: int | Ints = 0, executor: Executor | None = None
) -> Ints:
    """The same by looking at every second: what the search is measured and tested against."""
    return _searched(scan_units, paths, units, begin, executor or Threads()).second


def search(
    paths: Paths, units: Units, begin: int | Ints = 0, executor: Executor | None = None
) -> Search:
    """As `first_liquidation`, with the numbers of the units that were decided in decimals."""
    return _searched(search_units, paths, units, begin, executor or Threads())


def first_liquidations(
    paths: Sequence[Paths], units: Units, begin: int | Ints = 0, executor: Executor | None = None
) -> Iterator[Ints]:
    """One array as of `first_liquidation` for each of several paths, in their order.

    The lowest and the highest mark of all paths bound every one of them: what is safe on that
    envelope is safe on all, and whatever falls below does so no earlier than on it. So the
    envelope of all is searched once, that of each eight neighbours once for the rest, and each
    path only for what then remains, from the second on in which the envelope falls below. Each
    path is asked for twice and eight are held at a time, so `paths` may make them when asked.
    A path that differs from the first in more than prices is searched by itself.
    """
    if not len(paths):
        return
    executor = executor or Threads()
    base = paths[0]
    units.check(base)
    start = _begins(base, units, begin)
    group = _Group(base, executor)
    envelope = _Envelope(base)
    for first in range(0, len(paths), NEIGHBOURS):
        group.hold(paths, first)
        envelope.add(group, executor)
    reached = envelope.search(search_units, legs_of(units), start, executor)
    rest = np.flatnonzero(reached >= 0)
    # Units of one moment look at marks that lie together in memory.
    rest = rest[np.argsort(reached[rest], kind="stable")]
    since = reached[rest]
    kernel = _planned(envelope.table(executor), units, rest, since, executor)

    def settle(task: tuple[Paths, Table, tuple[Ints, Marks]]) -> Ints:
        one, table, (second, near) = task
        if not one.same_rules(base):
            return search(one, units, begin, Inline()).second
        found = np.full(len(units), NEVER, dtype=np.int64)
        found[rest] = second
        return _settled(search_units, one, table, units, found, rest[near != 0]).second

    for first in range(0, len(paths), NEIGHBOURS):
        group.hold(paths, first)
        nearer = _Envelope(base)
        nearer.add(group, executor)
        nearest = nearer.search(kernel, legs_of(units), since, executor)
        runs = _run(kernel, group.tables, legs_of(units), nearest, executor)
        work = zip(group.paths, group.tables, runs, strict=True)
        yield from executor.map(settle, list(work))


def _planned(envelope: Table, units: Units, which: Ints, since: Ints, executor: Executor) -> Kernel:
    """A kernel for some units, each from a second on, and any path within the envelope: what a
    plan holds is the same for all of them. It takes the pieces that `_run` makes."""
    legs, trigger = legs_of(units), units.trigger[which]
    counts = units.start[which + 1] - units.start[which]
    plans: dict[int, Plan] = {}

    def plan(piece: tuple[int, int]) -> None:
        first, end = piece
        plans[first] = room(end - first, int(counts[first:end].sum()))
        plan_units(envelope, legs, NEAR, which, since >> 3, first, first, end, plans[first])

    def kernel(
        table: Table, _: Legs, __: Plan, margin: float, begin: Ints, first: int, end: int,
        found: Ints, near: Marks,
    ) -> None:  # fmt: skip
        walk_units(table, trigger, plans[first], margin, first, begin, first, end, found, near)

    _each(plan, len(which), PIECES * executor.workers, executor)
    return kernel


class _Group:
    """Paths that are in memory together, and their tables, whose room is used again."""

    def __init__(self, base: Paths, executor: Executor) -> None:
        self._base, self._executor = base, executor
        self._rooms = [_empty(base.markets, levels(base.seconds)) for _ in range(NEIGHBOURS)]
        self.paths: list[Paths] = []
        self.tables: list[Table] = []

    def hold(self, paths: Sequence[Paths], first: int) -> None:
        """Takes the next paths in place of those before."""
        self.paths = []
        self.paths = [paths[k] for k in range(first, min(first + NEIGHBOURS, len(paths)))]
        alike = [one if one.same_rules(self._base) else self._base for one in self.paths]
        self.tables = _filled(alike, self._rooms, self._executor)


class _Envelope:
    """The lowest and highest marks of several paths, by blocks of 8 seconds."""

    def __init__(self, base: Paths) -> None:
        self._base = base
        self._blocks = np.full((2 * base.markets, -(-base.seconds // 8)), np.nan)

    def add(self, group: _Group, executor: Executor) -> None:
        """Takes more paths in."""

        def work(piece: tuple[int, int]) -> None:
            for table in group.tables:
                widen(self._blocks, table.bounds, *piece)

        _each(work, self._base.markets, 2 * executor.workers, executor)

    def table(self, executor: Executor) -> Table:
        """A table whose seconds are the blocks."""
        shape = levels(self._blocks.shape[1])
        table = _table(self._base, self._blocks, 0, _empty(self._base.markets, shape), shape)
        _each(lambda piece: _fill(table, *piece), self._base.markets, 2 * executor.workers,
              executor)  # fmt: skip
        return table

    def search(self, kernel: Kernel, legs: Legs, begin: Ints, executor: Executor) -> Ints:
        """The first second of the block in which a unit may fall below, −1 for none."""
        ((blocks, _),) = _run(kernel, [self.table(executor)], legs, begin >> 3, executor)
        return np.where(blocks >= 0, np.maximum(blocks << 3, begin), NEVER)


def table_of(paths: Paths, executor: Executor | None = None) -> Table:
    """The marks with their tree of bounds; some milliseconds for 60 markets of a day."""
    rooms = [_empty(paths.markets, levels(paths.seconds))]
    return _filled([paths], rooms, executor or Threads())[0]


def legs_of(units: Units) -> Legs:
    """The units as the kernels read them."""
    return Legs(units.wallet, units.start, units.market, units.size, units.entry, units.trigger)


def _searched(
    kernel: Kernel, paths: Paths, units: Units, begin: int | Ints, executor: Executor
) -> Search:
    units.check(paths)
    table = table_of(paths, executor)
    start = _begins(paths, units, begin)
    ((found, near),) = _run(kernel, [table], legs_of(units), start, executor)
    return _settled(kernel, paths, table, units, found, np.flatnonzero(near))


def _settled(
    kernel: Kernel, paths: Paths, table: Table, units: Units, found: Ints, ties: Ints
) -> Search:
    """What was found, with the ties decided.

    From tie to tie until decimals say yes or floats say it clearly. While the marks of its
    markets stand still so does the answer: those seconds are passed.
    """
    begin = np.empty(1, dtype=np.int64)
    tie = np.ones(1, dtype=np.uint8)
    for number in ties.tolist():
        second = found[number : number + 1]
        tie[0] = 1
        while tie[0] and not is_below(paths, units, number, int(second[0])):
            one = units.chunk(number, number + 1)
            later = paths.x[one.market, second[0] + 1 :]
            moved = np.flatnonzero((later != paths.x[one.market, second[0]][:, None]).any(axis=0))
            begin[0] = second[0] + 1 + moved[0] if len(moved) else NEVER
            plan = room(1, len(one.market))
            kernel(table, legs_of(one), plan, NEAR, begin, 0, 1, second, tie)
    return Search(found, ties)


def _run(
    kernel: Kernel, tables: Sequence[Table], legs: Legs, begin: Ints, executor: Executor
) -> list[tuple[Ints, Marks]]:
    """A kernel over all units on each of several tables, in pieces of units: what a piece reads
    of its units is then still in the processor's cache for the next table."""
    found = [np.empty(len(begin), dtype=np.int64) for _ in tables]
    near = [np.empty(len(begin), dtype=np.uint8) for _ in tables]
    most = BATCH * int(np.diff(legs.start).max(initial=1))

    def work(piece: tuple[int, int]) -> None:
        plan = room(BATCH, most)
        for table, second, tie in zip(tables, found, near, strict=True):
            kernel(table, legs, plan, NEAR, begin, *piece, second, tie)

    _each(work, len(begin), PIECES * executor.workers, executor)
    return list(zip(found, near, strict=True))


def _empty(markets: int, shape: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
    """Room for the `bounds` and `onward` of a tree."""
    offset, count = shape
    onward = int(count[min(3, len(count) - 1)])
    return np.empty((2 * markets, int(offset[-1]) + 8)), np.empty((2 * markets, onward))


def _filled(
    paths: Sequence[Paths], rooms: Sequence[tuple[Floats, Floats]], executor: Executor
) -> list[Table]:
    """The tables of several paths at once."""
    shape = levels(paths[0].seconds)
    tables = [_table(p, p.x, 1, room_, shape) for p, room_ in zip(paths, rooms, strict=False)]

    def work(piece: tuple[int, int]) -> None:
        for table in tables:
            _fill(table, *piece)

    _each(work, paths[0].markets, 4 * executor.workers, executor)
    return tables


def _table(
    paths: Paths, marks: Floats, fold: int, room_: tuple[Floats, Floats],
    shape: tuple[Ints, Ints],
) -> Table:  # fmt: skip
    """A table whose bounds are yet to be filled; rows of marks of a multiple of 8."""
    short = -marks.shape[1] % 8
    wide = np.pad(marks, ((0, 0), (0, short)), constant_values=np.nan) if short else marks.view()
    wide.flags.writeable = False
    return Table(
        wide, fold, *room_, *shape,
        paths.tier_start, paths.tier_floor, paths.tier_rate, paths.tier_cum,
    )  # fmt: skip


def _fill(table: Table, first: int, end: int) -> None:
    fill_bounds(
        table.marks, table.fold, table.bounds, table.onward, table.offset, table.counts, first, end
    )


def _each(
    work: Callable[[tuple[int, int]], None], count: int, pieces: int, executor: Executor
) -> None:
    """Runs `work` over consecutive ranges of 0 to `count`, none of them empty."""
    cuts = np.unique(np.linspace(0, count, pieces + 1).astype(np.int64)).tolist()
    for _ in executor.map(work, list(pairwise(cuts))):
        pass


def _begins(paths: Paths, units: Units, begin: int | Ints) -> Ints:
    """The second to begin with, one a unit."""
    start = np.broadcast_to(np.asarray(begin, dtype=np.int64), (len(units),)).copy()
    if len(start) and not (start.min() >= NEVER and start.max() <= paths.seconds):
        raise InputError(
            Text(
                f"the search would begin outside the {paths.seconds} seconds of the paths",
                f"搜索起点超出路径的 {paths.seconds} 秒",
            ),
            where="begin",
            remedy=Text("Begin with a second of the paths.", "请从路径范围内的秒开始。"),
        )
    return start
