"""Findings in the terminal: told apart, with their intervals, and their codes explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from rich.cells import cell_len
from rich.table import Table

from . import terminal
from .clock import clock_time, parse_time
from .findings import Finding, plain
from .terminal import escaped, params, subject, table, value

_WITH_INTERVAL = ("availability", "onset", "latency", "lanes", "clocks")
"""Measures whose findings give in `low` and `high`, or `from` and `to`, where the truth lies."""


def findings(found: Sequence[Finding], lang: str) -> Table:
    """Findings as a table; ids cut to what still names them. A window that all of them share
    stands in the title."""
    zh = lang == "zh"
    names = {"" if one.window is None else one.window.name for one in found}
    shared = names.pop() if len(names) == 1 else ""
    headings = [
        ("度量" if zh else "finding", "fold"), ("对象" if zh else "subject", "fold"),
        ("值" if zh else "value", "right"), ("单位" if zh else "unit", "left"),
        ("时刻 (UTC)" if zh else "at (UTC)", "left"), ("n", "right"), ("id", "left"),
    ]  # fmt: skip
    if not shared:
        headings.append(("窗口" if zh else "window", "left"))
    title = f"{'时间窗' if zh else 'window'} {escaped(shared)}" if shared else ""
    rows = [[text for text, _ in headings]]
    for one, told in zip(found, _told_apart(found), strict=True):
        row = [
            escaped(one.name + params(one)), escaped(told), _value(one), escaped(one.unit),
            _at(one), f"{one.count:,}", one.id[:8],
        ]  # fmt: skip
        if not shared:
            row.append("" if one.window is None else escaped(one.window.name))
        rows.append(row)
    made = table(title, headings, gap=1)
    room = sum(max(map(_width, cells)) + 1 for cells in zip(*rows, strict=True))
    wide = room > terminal.out.width
    for name, *others in rows[1:]:
        # Folded in the middle a name is no name: where there is no room it ends at its first dot.
        made.add_row(name.replace(".", ".\n", 1) if wide else name, *others)
    return made


def _width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _value(one: Finding) -> str:
    """The value, and below it the interval in which the truth lies."""
    ends = _ends(one, "low", "high")
    return value(one) + (f"\n{ends[0]} … {ends[1]}" if ends else "")


def _at(one: Finding) -> str:
    """The moment, and below it between which moments it lies."""
    if one.at is None:
        return ""
    ends = _ends(one, "from", "to")
    between = [clock_time(parse_time(end)) for end in ends]
    return "\n–".join(["\n".join([clock_time(one.at), *between[:1]]), *between[1:]])


def _ends(one: Finding, first: str, last: str) -> list[str]:
    if one.name.partition(".")[0] not in _WITH_INTERVAL:
        return []
    given = [one.params.get(name) for name in (first, last)]
    if given[0] is None and given[1] is None:
        return []
    return ["" if g is None else plain(g) if isinstance(g, Decimal) else str(g) for g in given]


def _told_apart(found: Sequence[Finding]) -> list[str]:
    """The subject of each; of several that would read the same, with parameters that differ."""
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    where = []
    for one in found:
        window = "" if one.window is None else one.window.name
        key = (one.name + params(one), subject(one), window)
        where.append((key, len(groups.setdefault(key, []))))
        groups[key].append(_said(one))
    apart = {key: _telling(group) for key, group in groups.items()}
    return [
        " ".join(
            [key[1], *(f"{n}={groups[key][at][n]}" for n in apart[key] if n in groups[key][at])]
        ).strip()
        for key, at in where
    ]


def _telling(group: Sequence[Mapping[str, str]]) -> list[str]:
    """The first names whose values differ, as many as it takes for no two to be the same."""
    chosen: list[str] = []
    for name in dict.fromkeys(name for said in group for name in said):
        if len({tuple(said.get(n) for n in chosen) for said in group}) == len(group):
            break
        if len({said.get(name) for said in group}) > 1:
            chosen.append(name)
    return chosen


def _said(one: Finding) -> dict[str, str]:
    """Short parameters, and of the subject what `subject` leaves out."""
    held = {k: v for k, v in one.subject.items() if k not in _SHOWN} | dict(one.params)
    texts = {k: plain(v) if isinstance(v, Decimal) else v for k, v in held.items()}
    return {k: str(v) for k, v in texts.items() if isinstance(v, str | int) and len(str(v)) <= 16}


_SHOWN = ("venue", "instrument", "kind", "coin", "price", "against", "scenario", "log", "client",
          "other", "action", "class", "code", "status", "side")  # fmt: skip


def meanings(found: Iterable[Finding], lang: str) -> list[str]:
    """What the venue says of every code that occurs, once."""
    told: dict[str, None] = {}
    for one in found:
        official = one.params.get("official")
        name = one.subject.get("code") or one.subject.get("status")
        if name and isinstance(official, list | tuple) and len(official) == 2:
            told[f"{name}: {official[lang == 'zh']}"] = None
    return list(told)
