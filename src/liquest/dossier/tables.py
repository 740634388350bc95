"""Tables as the page writes them, and the pivot that turns findings into one: a row for
each subject, a column for each name (and for a parameter that sets two of a name apart)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from .facts import Fact
from .figures import DURATIONS, grouped, link, moment, parameter
from .text import NOTHING, Part, Words, fill, flat, glue, has, named, say, texts, wrap

Group = tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """What a cell shows; `sort` is what it is sorted by where its text does not say (the script
    reads 102,497.49 and 70.34 %); `style` is its class: "n" for numbers, "t" for times."""

    shown: Part
    sort: str = ""
    style: str = ""


@dataclass(frozen=True)
class Row:
    """`window` is the index of the window it belongs to; None shows it in every one."""

    cells: tuple[Cell, ...]
    window: int | None = None


@dataclass
class Table:
    """`cited` are the findings that its cells link to; `left` counts rows left out."""

    columns: tuple[Cell, ...]
    rows: list[Row]
    title: Words = NOTHING
    page: int = 0
    filtered: bool = False
    left: int = 0
    command: str = ""
    cited: list[Fact] = field(default_factory=list)

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of the page."""
        return len(self.columns) > 5

    def on_paper(self, most: int) -> list[Row]:
        """The rows of the main window, and those of every window, at most so many."""
        return [row for row in self.rows if row.window in (None, 0)][:most]

    def off_paper(self, most: int) -> int:
        """How many more rows there are, in the page or beyond it."""
        return len(self.rows) - len(self.on_paper(most)) + self.left

    @property
    def many(self) -> bool:
        """Whether paper is too narrow for its columns as they are."""
        return len(self.columns) > 8


def figure_cell(fact: Fact | None, shown: Part | None = None) -> Cell:
    """The value of a finding as a link, or `shown` in its place; empty without a finding."""
    if fact is None:
        return Cell("", style="n")
    sort = str(fact.finding.value) if fact.finding.unit in DURATIONS else ""
    return Cell(shown or _shown(fact), sort, "n")


def _shown(fact: Fact) -> Markup:
    """The value of a finding; a count without its unit, which the head of the column says."""
    value = fact.finding.value
    if fact.finding.unit in COUNTED and isinstance(value, int | Decimal):
        return flat([link(fact.id, grouped(value))])
    return fact.cell()


COUNTED = {"trades", "candles", "coins", "levels", "bars", "rows"}


def moment_cell(at: int | None, digits: int = 3) -> Cell:
    """A time."""
    return Cell("" if at is None else moment(at, digits), style="t")


def caveat_cell(codes: Iterable[str]) -> Cell:
    """Caveats in short words, the full ones as a title."""
    return Cell(caveat_tags(codes), style="k")


def caveat_tags(codes: Iterable[str]) -> Markup:
    """One tag a caveat: its code, to which the page's script puts words."""
    return flat((wrap("abbr", code) for code in codes), " ")


def pivot(facts: Sequence[Fact], *, limit: int, title: Words = NOTHING) -> Table:
    """The findings of one measure, rows in the order of their first appearance, at most
    `limit` for each window.

    Findings that share name, subject, window and every parameter stand in rows of their own
    by time (a run through the book, a candle); the row then begins with that time.
    """
    by_time = repeated(facts)
    split = _splitting(facts, by_time=by_time)
    columns: dict[Group, Fact] = {}
    rows: dict[Group, dict[Group, Fact]] = {}
    for fact in facts:
        column = (fact.finding.name, *_chosen(fact, split))
        columns.setdefault(column, fact)
        rows.setdefault(_place(fact, by_time), {}).setdefault(column, fact)
    order = sorted(columns, key=lambda c: (_rank(c[0]), [_numeric(v) for _, v in c[1:]]))
    room: dict[int | None, int] = {}
    kept = []
    for found in rows.values():
        window = next(iter(found.values())).window
        room[window] = room.get(window, 0) + 1
        if room[window] <= limit:
            kept.append(found)
    lead = [Cell(say("column.subject"))]
    if by_time:
        lead.insert(0, Cell(say("lows.at"), style="t"))
    heads = [Cell(_head(c), style="n") for c in order]
    table = Table(
        (*lead, *heads, Cell(say("lows.caveats"))), [], title,
        left=len(rows) - len(kept), cited=[f for row in kept for f in row.values()],
    )  # fmt: skip
    for found in kept:
        first = next(iter(found.values()))
        begin = [Cell(_row_label(first), style="l")]
        if by_time:
            begin.insert(0, moment_cell(first.finding.at, 6))
        codes = dict.fromkeys(c for f in found.values() for c in f.finding.caveats)
        cells = []
        said = first.finding.at if by_time else None
        for column in order:
            one = found.get(column)
            cells.append(_value_cell(one, said))
            said = one.finding.at if one else said
        table.rows.append(Row((*begin, *cells, caveat_cell(codes)), first.window))
    return table


def _place(fact: Fact, by_time: bool) -> Group:
    """What a row stands for."""
    return (fact.finding.window, fact.key, fact.finding.at if by_time else None)


def _splitting(facts: Sequence[Fact], *, by_time: bool) -> dict[str, tuple[str, ...]]:
    """name → the parameters that its columns state: those that set two findings of one
    row apart, and limits that are the same for all."""
    seen: dict[str, dict[str, dict[Group, set[str]]]] = {}
    for fact in facts:
        keys = seen.setdefault(fact.finding.name, {})
        for key in (*_LIMITS, *_VARIANTS):
            if key in fact.params:
                place = keys.setdefault(key, {}).setdefault(_place(fact, by_time), set())
                place.add(str(fact.params[key]))
    return {
        name: tuple(
            key
            for key, places in keys.items()
            if any(len(values) > 1 for values in places.values())
            or (key in _LIMITS and len(set().union(*places.values())) == 1)
        )
        for name, keys in seen.items()
    }


_LIMITS = ("threshold", "level", "min_venues")
_VARIANTS = ("direction", "beyond", "side")


def repeated(facts: Sequence[Fact]) -> bool:
    """Whether two findings would fall into one cell if rows did not stand for times."""
    split = _splitting(facts, by_time=False)
    seen = set()
    for fact in facts:
        cell = (_place(fact, False), fact.finding.name, _chosen(fact, split))
        if cell in seen:
            return True
        seen.add(cell)
    return False


def _chosen(fact: Fact, split: dict[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    params = fact.params
    return tuple((k, str(params[k])) for k in split.get(fact.finding.name, ()) if k in params)


def _rank(name: str) -> tuple[int, str]:
    """The place of a column: as text.toml lists them, unknown names after."""
    keys = list(texts())
    key = f"column.{name}"
    return (keys.index(key) if has(key) else len(keys), name)


def _numeric(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value


def _head(column: Group) -> Words:
    """The title of a column, with the parameters that set it apart."""
    name, *params = column
    known = has(f"column.{name}")
    tail = name.partition(".")[2].replace(".", " ").replace("_", " ") or name
    base = named("column", name) if known else Words.of(tail)
    tails = [_condition(key, value) for key, value in params]
    return glue([base, *tails], " ")


def _condition(key: str, value: str) -> Words:
    """A parameter in a column's head."""
    shown = named("word", parameter(key, value))
    return fill(texts()[f"param.{key}"], value=shown) if has(f"param.{key}") else shown


def _row_label(fact: Fact) -> Markup:
    """The subject; the name of a window that is not one of the case's beside it."""
    window = fact.finding.window
    if fact.window is not None or window is None:
        return fact.label_cell()
    return flat([fact.label_cell(), wrap("small", window.name)], " ")


def _value_cell(fact: Fact | None, said: int | None) -> Cell:
    """A value with its moment below it, unless that was `said` just before; a finding that
    states a moment shows it as its value."""
    if fact is None or fact.finding.at is None:
        return figure_cell(fact)
    if fact.finding.name.rpartition(".")[2] in _MOMENTS:
        return Cell(link(fact.id, moment(fact.finding.at)), style="n")
    if fact.finding.at == said:
        return figure_cell(fact)
    return figure_cell(fact, flat([_shown(fact), moment(fact.finding.at)], "<br>"))


_MOMENTS = ("onset", "end", "start")


def ordered(facts: Iterable[Fact], key: Callable[[Fact], Any]) -> list[Fact]:
    """Facts sorted by a key that may be None, those last; ties keep their order."""
    return sorted(facts, key=lambda f: (key(f) is None, key(f) or 0))
