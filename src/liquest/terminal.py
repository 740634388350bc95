"""What a person sees in the terminal: tables of at most 100 columns, progress, errors."""

from __future__ import annotations

import locale
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape as unmarked
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from .caveats import caveat
from .clock import Window, format_time, parse_time
from .errors import LiquestError, Text
from .findings import Finding, plain
from .measures.outliers import Row
from .problems import Problem
from .tape.load import Loaded

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


INCOMPLETE = 3
"""Exit code when all is done but a source could not be read to its end."""


def escaped(text: str) -> str:
    """Foreign text as it reads: without markup, and nothing in it that a terminal would obey."""
    return unmarked("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text))


def language(asked: str = "") -> str:
    """ "zh" or "en": as asked, else LIQUEST_LANG, else the locale."""
    for source in (asked, os.environ.get("LIQUEST_LANG", ""), locale.getlocale()[0] or ""):
        if source:
            return "zh" if source.lower().startswith(("zh", "chinese")) else "en"
    return "en"


def error(problem: LiquestError) -> None:
    """Both languages, so that whoever reads it understands it."""
    err.print(f"[bold red]error[/] {escaped(problem.render('en'))}", soft_wrap=True)
    err.print(f"[bold red]错误[/] {escaped(problem.render('zh'))}", soft_wrap=True)


class Shown:
    """Progress bars on stderr; nothing when it is no terminal."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._bar: Bar | None = None
        self._task: Any = None

    def start(self, what: Text, total: int) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(28), MofNCompleteColumn(),
            TimeElapsedColumn(), TextColumn("{task.fields[detail]}"),
            console=err, transient=True, disable=not err.is_terminal,
        )  # fmt: skip
        self._bar.start()
        self._task = self._bar.add_task(what.in_(self._lang), total=total or None, detail="")

    def step(self, detail: str = "") -> None:
        if self._bar is not None:
            self._bar.update(self._task, advance=1, detail=detail)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def table(title: str, columns: Sequence[tuple[str, str]], *, gap: int = 2) -> Table:
    """A table whose columns are (heading, "left", "right" or "fold"), `gap` blanks apart."""
    made = Table(
        title=title, title_justify="left", box=None, pad_edge=False, padding=(0, gap, 0, 0)
    )
    for heading, side in columns:
        made.add_column(
            heading, justify="right" if side == "right" else "left",
            overflow="fold" if side == "fold" else "ellipsis", no_wrap=side != "fold",
            min_width=14 if side == "fold" else None,
        )  # fmt: skip
    return made


def inventory(loaded: Iterable[Loaded], lang: str) -> Table:
    """What each file was taken for."""
    zh = lang == "zh"
    made = table(
        "文件识别结果" if zh else "What each file was taken for",
        [
            ("文件" if zh else "file", "fold"), ("格式" if zh else "taken for", "left"),
            ("行数" if zh else "rows", "right"), ("合约" if zh else "instruments", "fold"),
            ("时间 (UTC)" if zh else "span (UTC)", "left"),
        ],
    )  # fmt: skip
    for one in loaded:
        names = list(dict.fromkeys(p.instrument.key for p in one.parts))
        shown = ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
        span = ""
        if one.parts:
            first = min(p.ts_min for p in one.parts)
            last = max(p.ts_max for p in one.parts)
            span = f"{format_time(first, digits=0)[5:16]}–{format_time(last, digits=0)[5:16]}"
        taken = one.format if one.read else "–"
        made.add_row(
            escaped(one.source.name), taken, f"{one.rows:,}" if one.read else "–",
            escaped(shown), span.replace("T", " "),
        )  # fmt: skip
    return made


def problems(found: Sequence[Problem], lang: str, *, most: int = 30) -> Table:
    """Problems grouped by file and code, the first rows of each."""
    zh = lang == "zh"
    made = table(
        "问题" if zh else "Problems",
        [
            ("文件" if zh else "file", "fold"), ("行" if zh else "rows", "left"),
            ("数量" if zh else "count", "right"), ("说明" if zh else "what", "fold"),
        ],
    )  # fmt: skip
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in found:
        groups.setdefault((problem.path, problem.code), []).append(problem)
    for (path, _), group in list(groups.items())[:most]:
        first = group[0]
        rows = "" if first.first is None else f"{first.first}"
        if first.last not in (None, first.first):
            rows += f"–{first.last}"
        more = f" … ({len(group)})" if len(group) > 1 else ""
        shown = first.text.in_(lang)
        if first.first is not None and first.sample:
            shown += f": {first.sample[:60]}"
        count = f"{sum(p.count for p in group):,}"
        made.add_row(escaped(path), rows + more, count, escaped(shown))
    if len(groups) > most:
        rest = len(groups) - most
        more_text = (
            f"另有 {rest} 项；全部见 problems.jsonl"
            if zh
            else f"{rest} more kinds; all in problems.jsonl"
        )
        made.add_row("…", "", "", more_text)
    return made


def compared(rows: Sequence[Row], lang: str) -> Table:
    """Outliers of several cases, a column for each case and window."""
    zh = lang == "zh"
    sides = list(dict.fromkeys(side for row in rows for side in row.cells))
    made = table(
        "最低价低于次低场所的币种（离群数/比较数）"
        if zh
        else "Coins whose low undercuts the second-lowest venue (outliers/compared)",
        [
            ("场所" if zh else "venue", "left"), ("类型" if zh else "kind", "left"),
            ("阈值" if zh else "below", "right"), ("场所≥" if zh else "of ≥", "right"),
            *((escaped("\n".join(side)), "right") for side in sides),
        ],
        gap=1,
    )  # fmt: skip
    for row in rows:
        cells = (row.cells.get(side) for side in sides)
        shown = ["–" if c is None else f"{c.count}/{c.compared}" for c in cells]
        kind, below = KINDS.get(row.kind, row.kind), f"{row.threshold * 100:f} %"
        made.add_row(escaped(row.venue), kind, below, str(row.min_venues), *shown)
    return made


def _of_log(one: Finding) -> list[str]:
    """Of a log: its file, the client where that is not the file, and what sets findings apart."""
    log, *others = (one.subject.get(k, "") for k in ("log", "client", "other"))
    named = [log] + [c for c in others if c and c != log]
    more = [one.subject.get(k, "") for k in ("action", "class", "code", "status", "side")]
    return [*(n.rsplit("/", 1)[-1] for n in named), *more] if log or any(others) else []


def subject(one: Finding) -> str:
    """The subject in one line."""
    parts = [one.subject.get(k, "") for k in ("venue", "instrument")] + _of_log(one)
    text = " ".join(p for p in parts if p) or one.subject.get("coin", "")
    if (price := one.subject.get("price", "trade")) != "trade":
        text += f" ({price})"
    if against := one.subject.get("against"):
        text += f" ⇄ {against}"
    return text


def params(one: Finding) -> str:
    """What belongs to the name of a finding."""
    if scenario := one.params.get("scenario"):
        return f" · {scenario}"
    for key in ("threshold", "level"):
        if key in one.params:
            return f" {one.params[key]}"
    return ""


def value(one: Finding) -> str:
    """The value as it is meant to be read."""
    if one.value is None:
        return "–"
    if isinstance(one.value, str):
        return escaped(one.value)
    text = plain(one.value) if not isinstance(one.value, int) else str(one.value)
    whole, _, rest = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    digits = f"{int(whole.lstrip('-') or 0):,}"
    return f"{sign}{digits}" + (f".{rest}" if rest else "")


KINDS = {
    "linear-perpetual": "linear",
    "inverse-perpetual": "inverse",
    "inverse-delivery": "inverse",
}
"""Kinds as they fit into a table 80 columns wide."""


def caveats(found: Iterable[Finding], lang: str) -> list[str]:
    """The words of every caveat that occurs, once."""
    codes = dict.fromkeys(c for one in found for c in one.caveats)
    return [f"{code}: {caveat(code).in_(lang)}" for code in codes]


def windows(chosen: Iterable[Window], lang: str) -> Table:
    """Windows in both calendars."""
    zh = lang == "zh"
    made = table(
        "时间窗" if zh else "Windows",
        [("名称" if zh else "name", "left"), ("UTC", "left"), ("UTC+8", "left")],
    )
    for w in chosen:
        made.add_row(
            escaped(w.name),
            *(_span(w, tz) for tz in ("UTC", "UTC+8")),
        )
    return made


def _span(window: Window, tz: str) -> str:
    first, last = (format_time(t, tz, digits=0)[:19] for t in (window.start, window.end))
    return f"{first} – {last}".replace("T", " ")


def moment(text: str, tz: str) -> int:
    """A time given on the command line."""
    return parse_time(text, tz)


def shown_path(path: Path) -> str:
    """Relative to where the person stands, when that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
