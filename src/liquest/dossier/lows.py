"""The table of lows: every instrument with what its low rests on, so that a thin low shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..clock import Window
from .facts import FINE, Fact, Facts
from .figures import grouped, link, resolution_words, venue_name
from .tables import Cell, Row, Table, caveat_cell, figure_cell, moment_cell
from .text import Part, flat, named, say, wrap

PAGE = 50
MAIN, REST = 700, 400
"""Rows of the two tables at most; the rest is in `liquest findings`."""
COUNTS = ("low.n_at", "low.n_near")
Counts = Mapping[tuple[str, Window | None, tuple[tuple[str, str], ...]], Fact]
"""The findings of COUNTS by name, window and subject."""


@dataclass(frozen=True)
class Lows:
    """`main` holds the instruments known by the minute or finer, `rest` the others."""

    main: Table
    rest: Table
    instruments: int


def lows(facts: Facts) -> Lows:
    """Both tables; the second one is of the main window."""
    found = facts.named("low")
    fine = main_coins(facts)
    main = [f for f in found if _is_fine(f) or f.coin in fine]
    others = [f for f in found if not (_is_fine(f) or f.coin in fine)]
    first = [f for f in others if f.window in (0, None)]
    beside = counts(facts)
    top = table(by_coin(main)[:MAIN], beside)
    top.page, top.filtered = PAGE, True
    top.left = max(0, len(main) - MAIN)
    rest = table(by_coin(first)[:REST], beside)
    rest.page, rest.filtered = PAGE, True
    rest.rows = [Row(row.cells) for row in rest.rows]
    rest.left = len(others) - len(rest.rows)
    top.command = rest.command = "liquest findings CASE --name low"
    return Lows(top, rest, len({f.key for f in others}))


def counts(facts: Facts) -> Counts:
    """The counts that stand beside a low."""
    return {(f.finding.name, f.finding.window, f.key): f for n in COUNTS for f in facts.named(n)}


def main_coins(facts: Facts) -> set[str]:
    """Coins with an instrument known by the minute or finer: their bars stand beside it."""
    return {f.coin for f in facts.named("low") if f.coin and _is_fine(f)}


def _is_fine(fact: Fact) -> bool:
    return fact.seconds is not None and fact.seconds <= FINE


def by_coin(found: Sequence[Fact]) -> list[Fact]:
    """By coin, then the lowest first; prices for many coins are put in order per coin."""
    return sorted(found, key=lambda f: (f.coin, f.window or 0, f.per_coin or 0, f.key))


def table(
    found: Sequence[Fact],
    counted: Counts,
    *,
    coin: bool = True,
) -> Table:
    """A row for each low; without the coin where the heading says it."""
    lead = ["coin", "venue", "instrument", "kind"] if coin else ["instrument"]
    names = [*lead, "low", "at", "n_at", "n_near", *(["resolution"] if coin else []), "caveats"]
    styles = {"low": "n", "n_at": "n", "n_near": "n", "at": "t"}
    made = Table(tuple(Cell(say(f"lows.{n}"), style=styles.get(n, "")) for n in names), [])
    for fact in found:
        subject = fact.finding.subject
        beside = [counted.get((n, fact.finding.window, fact.key)) for n in COUNTS]
        resolution = str(fact.finding.params.get("resolution", ""))
        begin = [
            Cell(wrap("b", fact.coin or "–")),
            Cell(venue_name(subject.get("venue", ""))),
            Cell(subject.get("instrument", ""), style="s"),
            Cell(_kind(fact)),
        ]
        cells = [
            *(begin if coin else [Cell(_label(fact, resolution), style="l")]),
            figure_cell(fact, _price(fact)),
            moment_cell(fact.finding.at),
            *(figure_cell(f, _count(f)) for f in beside),
            *([Cell(resolution_words(resolution), str(fact.seconds or 0), "r")] if coin else []),
            caveat_cell(fact.finding.caveats),
        ]
        made.rows.append(Row(tuple(cells), fact.window))
        made.cited += [fact, *(f for f in beside if f is not None)]
    return made


def _label(fact: Fact, resolution: str) -> Markup:
    """The instrument with the resolution of its data."""
    return flat([fact.label_cell(), wrap("small", flat(["· ", resolution_words(resolution)]))], " ")


def _kind(fact: Fact) -> Part:
    subject = fact.finding.subject
    kind = named("kind", subject.get("kind", ""))
    price = subject.get("price", "trade")
    if price in ("", "trade"):
        return kind
    return flat([kind, wrap("small", named("price", price), class_="mark")], " ")


def _price(fact: Fact) -> Markup:
    """The price, with how many coins it is for where that is not one."""
    if fact.multiplier == 1:
        return fact.cell()
    note = wrap("small", say("lows.multiple", n=grouped(fact.multiplier)))
    return flat([fact.cell(), note], " ")


def _count(fact: Fact | None) -> Part | None:
    """A count without its unit: the column's head says it."""
    if fact is None or fact.finding.value is None or isinstance(fact.finding.value, str):
        return None
    return link(fact.id, grouped(fact.finding.value))
