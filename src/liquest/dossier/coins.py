"""Sections by coin (chart and key findings side by side) and, after them, what else there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .chapters import PLACED
from .facts import Fact, Facts
from .lows import by_coin, counts, table
from .tables import Table, ordered, pivot, repeated
from .text import named

MEASURES = ("gap", "dislocation", "basis", "decoupling", "recovery", "wick")
"""Measures that a coin's section shows; `low` stands beside its chart."""
ORDERED = {"gap.of_higher": -1, "dislocation.max_below": 1}
"""Measures whose rows begin with the widest; others keep the order of their findings."""
ASIDE = {
    f"{measure}.{part}"
    for measure in MEASURES
    for part in ("covered", "onset", "end", "time_above")
}
"""Findings that stand in the register only, so that tables keep a width that can be read."""
MOST = 40
"""Coins that get a section; the findings of others stand in the tables after them."""
FEW = 16
"""Coins up to which each has IN_COIN rows a table; of more, each has fewer."""
IN_COIN, IN_OTHERS, FEWEST = 24, 30, 4
"""Rows of one table for each window; the rest is in `liquest findings`."""
PAGE = 10


@dataclass
class Section:
    """One coin: its lows, and a table for each measure that says something of it."""

    coin: str
    lows: Table
    tables: list[Table] = field(default_factory=list)


def sections(facts: Facts, coins: Sequence[str]) -> list[Section]:
    """A section for each of `coins`, in that order."""
    beside = counts(facts)
    many = max(len(coins), FEW)
    limit = max(FEWEST, IN_COIN * FEW**2 // many**2)
    lows = _grouped(facts.named("low"))
    measured = {name: _grouped(facts.of(name)) for name in MEASURES}
    made = []
    for coin in coins:
        own = Section(coin, table(by_coin(lows.get(coin, [])), beside, coin=False))
        own.tables = [
            made_table
            for name in MEASURES
            if coin in measured[name]
            for made_table in _tables(name, measured[name][coin], limit)
        ]
        own.tables.sort(key=lambda made_table: made_table.wide)
        made.append(own)
    return made


def others(facts: Facts, coins: Iterable[str]) -> list[Table]:
    """The findings about prices that neither the lows nor the coins' sections show, and those
    of measures that have no place of their own."""
    shown = set(coins)
    found = []
    for name in facts.measures:
        if name in PLACED:
            continue
        of = facts.of(name)
        if name in MEASURES:
            of = [f for f in of if f.coin not in shown]
        elif name == "high":
            of = [f for f in of if f.coin in shown]
        found += _tables(name, of, IN_OTHERS)
    return found


def of_measures(facts: Facts, names: Iterable[str]) -> list[Table]:
    """Tables of the named measures, in the order of the names, those that have findings."""
    return [one for name in names for one in _tables(name, facts.of(name), IN_OTHERS)]


def _grouped(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    coins: dict[str, list[Fact]] = {}
    for fact in facts:
        coins.setdefault(fact.coin, []).append(fact)
    return coins


def _tables(name: str, facts: Iterable[Fact], limit: int) -> list[Table]:
    """A table for each shape of subject: a venue's share is no row among coins. Where rows
    stand for times, what has none stands apart."""
    shapes: dict[tuple[str, ...], list[Fact]] = {}
    for fact in _widest_first([f for f in facts if f.finding.name not in ASIDE]):
        shapes.setdefault(tuple(sorted(fact.finding.subject)), []).append(fact)
    groups: list[list[Fact]] = []
    for shape in shapes.values():
        if repeated(shape):
            groups.append([f for f in shape if f.finding.at is None])
            groups.append([f for f in shape if f.finding.at is not None])
        else:
            groups.append(shape)
    made = []
    for group in groups:
        if group:
            one = pivot(group, limit=limit, title=named("measure", name))
            one.page, one.command = PAGE, f"liquest findings CASE --name '{name}*'"
            one.filtered = len(one.rows) > 6 * PAGE
            made.append(one)
    return made


def _widest_first(facts: Sequence[Fact]) -> list[Fact]:
    """Subjects in the order of the finding that ORDERED names for them, if any does."""
    depth = {
        (f.finding.window, f.key): (f.per_coin or 0) * ORDERED[f.finding.name]
        for f in facts
        if f.finding.name in ORDERED
    }
    if not depth:
        return list(facts)
    return ordered(facts, lambda f: depth.get((f.finding.window, f.key)))
