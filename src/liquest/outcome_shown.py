"""What a run leaves, in the terminal: the lows or what there is instead, what is in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table

from . import terminal
from .clock import Window, clock_time
from .findings import Finding
from .findings_shown import findings
from .investigate import Outcome
from .kept import Measured
from .problems import KEPT, UNREAD, Problem
from .terminal import KINDS, escaped, table, value

_INSTEAD = ("availability.accepted", "onset.at", "errors.count",
            "uptime.share", "spread.median", "depth.median", "open_interest.least")  # fmt: skip
"""What is shown of a case without trades, the first that there are."""
_MOST = 24


def headline(measured: Measured, main: Window, lang: str) -> Table | None:
    """The lows of the main window; where there are none, what was measured there instead.
    None where nothing was."""
    lows = measured.of("low")
    if any(f.name == "low" and f.window == main for f in lows):
        return _lows(lows, main, lang)
    known = [
        f
        for name in _INSTEAD
        for f in measured.of(name.partition(".")[0])
        if f.name == name and f.window == main
    ]
    return findings(known[:_MOST], lang) if known else None


def _lows(found: Sequence[Finding], main: Window, lang: str, *, coins: int = 12) -> Table:
    """The lows of the main window, coin by coin, the venues side by side."""
    zh = lang == "zh"
    title = (
        f"{main.name} 窗口内最低价 ({clock_time(main.start, digits=0)}–"
        f"{clock_time(main.end, digits=0)} UTC)"
        if zh
        else f"Lows in the window {main.name} ({clock_time(main.start, digits=0)}–"
        f"{clock_time(main.end, digits=0)} UTC)"
    )
    made = table(
        title,
        [
            ("币种" if zh else "coin", "left"), ("场所" if zh else "venue", "left"),
            ("合约" if zh else "instrument", "left"), ("类型" if zh else "kind", "left"),
            ("最低价" if zh else "low", "right"), ("", "left"),
            ("时刻 UTC" if zh else "at UTC", "left"), ("笔数" if zh else "n", "right"),
            ("较最高者" if zh else "vs top", "right"),
        ],
        gap=1,
    )  # fmt: skip
    counts = {
        (_key(f), f.name): f.value for f in found if f.name == "low.n_at" and f.window == main
    }
    groups: dict[str, list[Finding]] = {}
    for one in found:
        exact = one.params.get("resolution") in ("trade", "1s")
        if one.name == "low" and one.window == main and exact:
            groups.setdefault(one.subject.get("coin", ""), []).append(one)
    several = {c: g for c, g in groups.items() if len({f.subject["venue"] for f in g}) > 1}
    for coin, group in sorted((several or groups).items())[:coins]:
        prices = [f.value for f in group if not isinstance(f.value, str | None)]
        top = max(prices)
        for one in sorted(group, key=lambda f: (not isinstance(f.value, str) and f.value) or 0):
            price = one.value if not isinstance(one.value, str | None) else top
            below = f"{(price / top - 1) * 100:.2f} %" if price < top else ""
            n_at = counts.get((_key(one), "low.n_at"))
            made.add_row(
                escaped(coin), escaped(one.subject["venue"]), escaped(one.subject["instrument"]),
                KINDS.get(one.subject["kind"], one.subject["kind"]), value(one),
                escaped(one.unit), "" if one.at is None else clock_time(one.at),
                str(n_at or ""), below,
            )  # fmt: skip
            coin = ""
    return made


def _key(one: Finding) -> tuple[str, ...]:
    return tuple(one.subject.get(k, "") for k in ("venue", "instrument", "kind", "price"))


def hindering(done: Outcome) -> list[Problem]:
    """What could not be read to its end, sources that were recognised and gave no row, and
    credentials that were withheld."""
    empty = {one.source.sha256 for one in done.tape.loaded if one.format and not one.rows}
    return [
        p
        for p in done.problems
        if p.effect == UNREAD
        or (p.source in empty and p.effect != KEPT)
        or p.code == "credentials-withheld"
    ]


def tell(problems: Iterable[Problem], lang: str, *, aloud: bool = True) -> bool:
    """Print what is missing or was set aside, with its remedy; on stderr where the output is
    for a program. Returns whether a source could not be read to its end."""
    found = [p for p in problems if p.effect != KEPT or p.code == "credentials-withheld"]
    if found:
        screen = terminal.out if aloud else terminal.err
        if aloud:
            screen.print()
        screen.print(terminal.problems(found, lang))
    return any(p.effect == UNREAD for p in found)


def summary(numbers: Mapping[str, object], lang: str) -> str:
    """The run in one line."""
    if lang == "zh":
        return (
            f"来源 {numbers['sources']:,} · 合约 {numbers['instruments']:,} · "
            f"行 {numbers['rows']:,} · 结论 {numbers['findings']:,} · "
            f"问题行 {numbers['problems']:,}"
        )
    return (
        f"{numbers['sources']:,} sources · {numbers['instruments']:,} instruments · "
        f"{numbers['rows']:,} rows · {numbers['findings']:,} findings · "
        f"{numbers['problems']:,} problem rows"
    )
