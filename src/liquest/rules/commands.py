"""`liquest rules`: what was in force when, what changed, and the page of a rule."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.padding import Padding

from .. import terminal
from ..clock import format_time, zone
from ..errors import Text, UsageError
from . import rule_pages
from .book import Change, Rulebook, book
from .book_rows import Row
from .overrides import nearest, parse, unknown_path
from .show import DATING_NOTE, Sheet, changes, sheet

EVENT = "2025-10-10T21:20Z"
"""The moment of the examples: the lows of the first case."""

PathsArg = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH…]", help="Rules or what they begin with: mark.window, mark · 规则路径"
    ),
]
VenueOpt = Annotated[
    str,
    typer.Option("--venue", metavar="V", help="binance if not given; bybit, okx … · 场所"),
]
TzOpt = Annotated[
    str, typer.Option("--tz", help="Zone of times, given and shown · 输入与显示所用时区")
]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]


def register(app: typer.Typer) -> None:
    """Put the verbs into the program."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Rules of exchanges, dated and sourced. · 交易所规则：日期与来源。",
        epilog=f"Example · 示例:  liquest rules show mark --at {EVENT}",
    )
    group.command(
        epilog=f"Example · 示例:  liquest rules show liquidation --at {EVENT} --symbol ATOMUSDT"
    )(show)
    group.command(epilog="Example · 示例:  liquest rules diff 2025-09-01T00:00Z 2025-10-12T00:00Z")(
        diff
    )
    group.command(epilog="Example · 示例:  liquest rules page mark --lang zh")(page)
    app.add_typer(group, name="rules")


def show(
    paths: PathsArg = None,
    venue: VenueOpt = "",
    at: Annotated[
        str, typer.Option("--at", metavar="T", help="The moment whose rules are asked · 时刻")
    ] = "",
    symbol: Annotated[
        str,
        typer.Option("--symbol", metavar="S", help="BTCUSDT, ATOMUSD_PERP, ATOM … · 合约或币种"),
    ] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="As if it were so; repeatable · 设定取值"),
    ] = None,
    all_history: Annotated[
        bool, typer.Option("--all-history", help="Every row of every moment · 全部历史")
    ] = False,
    tz: TzOpt = "UTC",
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """The rules in force at a moment, or their history. · 某一时刻的规则，或其历史。"""
    lang = terminal.language(lang)
    _check_venue(book(), venue)
    zone(tz)
    chosen = _chosen(book(), paths or [])
    if all_history:
        if at or set_ or symbol:
            raise UsageError(
                Text(
                    "--all-history goes with no moment, symbol or setting",
                    "--all-history 不可与时刻、合约或设定同用",
                ),
                remedy=Text(
                    "Leave out --at, --symbol and --set.", "请去掉 --at、--symbol、--set。"
                ),
            )
        rows = [row for path in chosen for row in book().history(path, venue)]
        title = "规则历史" if lang == "zh" else "Rules, all history"
        _show(sheet(rows, lang, title=title, tz=tz, venue=True), rows, lang, json_)
        return
    if not at:
        raise UsageError(
            Text("which moment? rules change", "请给出时刻：规则会变化"),
            remedy=Text(
                f"Give --at {EVENT}, or --all-history.", f"请给出 --at {EVENT}，或 --all-history。"
            ),
        )
    moment, venue = terminal.moment(at, tz), venue or "binance"
    rules = book().at(moment, venue, parse(set_ or []))
    wanted = set(chosen) | (set(rules.asked) if not paths else set())
    rows = [row for row in rules.known(symbol) if row.path in wanted]
    # What is asked for by its name and not known is an error, not an empty table.
    missing = {*(paths or [])} & wanted - {row.path for row in rows}
    rows = sorted([*rows, *(rules.get(p, symbol) for p in missing)], key=lambda row: row.path)
    later = {p: t for p, t in rules.awaited().items() if p in wanted}
    shown_at = format_time(moment, tz, digits=0)
    title = f"{venue} 的规则，{shown_at}" if lang == "zh" else f"Rules of {venue} at {shown_at}"
    title += f" · {symbol}" if symbol else ""
    _show(sheet(rows, lang, title=title, tz=tz), rows, lang, json_)
    if later and json_:
        for path, first in later.items():
            _say({"path": path, "known_from": format_time(first, digits=0)})
    elif later:
        said = "此时尚无已知规则" if lang == "zh" else "No rule known yet at this moment"
        names = ", ".join(f"{p} ({format_time(t, tz, digits=0)})" for p, t in later.items())
        terminal.out.print(f"\n{said}: {terminal.escaped(names)}")


def diff(
    first: Annotated[str, typer.Argument(metavar="T1", help="The earlier moment · 较早时刻")],
    second: Annotated[str, typer.Argument(metavar="T2", help="The later moment · 较晚时刻")],
    venue: Annotated[
        str, typer.Option("--venue", metavar="V", help="Only this venue · 仅此场所")
    ] = "",
    tz: TzOpt = "UTC",
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """What changed between two moments. · 两个时刻之间的变化。"""
    lang = terminal.language(lang)
    _check_venue(book(), venue)
    ends = [terminal.moment(text, tz) for text in (first, second)]
    if ends[1] < ends[0]:
        raise UsageError(
            Text("the second moment is before the first", "第二个时刻早于第一个"),
            remedy=Text("Swap them.", "请对调。"),
        )
    found = book().diff(ends[0], ends[1], venue)
    if json_:
        for change in found:
            _say(_change(change))
        return
    names = [format_time(t, tz, digits=0) for t in ends]
    title = (
        f"规则变化：{names[0]} 至 {names[1]}"
        if lang == "zh"
        else f"Rules changed from {names[0]} to {names[1]}"
    )
    if not found:
        terminal.out.print("没有变化" if lang == "zh" else "Nothing changed.")
        return
    _print(changes(found, lang, title=title, tz=tz), lang)


def page(
    rule: Annotated[
        str, typer.Argument(metavar="[RULE]", help="index, mark, adl …; none lists them · 规则名")
    ] = "",
    tz: TzOpt = "UTC",
    lang: LangOpt = "",
) -> None:
    """The page of a rule: words, formulas, code, history. · 规则页面：说明、公式、代码、历史。"""
    lang = terminal.language(lang)
    zone(tz)
    pages = rule_pages.pages()
    if not rule:
        for name, one in pages.items():
            terminal.out.print(f"  {name:<12} {terminal.escaped(one.title.in_(lang))}")
        return
    if rule not in pages:
        close = ", ".join(nearest(rule, list(pages)))
        raise UsageError(
            Text(f"there is no page '{rule}'", f"没有页面“{rule}”"),
            remedy=Text(
                f"Nearest: {close}. All: {', '.join(pages)}.",
                f"最接近的是：{close}。全部：{'、'.join(pages)}。",
            ),
        )
    one = pages[rule]
    terminal.out.print(f"[bold]{terminal.escaped(one.title.in_(lang))}[/]\n")
    terminal.out.print(terminal.escaped(one.text.in_(lang)))
    if one.example is not None:
        head = "示例" if lang == "zh" else "Example"
        terminal.out.print(f"\n[bold]{head}[/]\n{terminal.escaped(one.example.in_(lang))}")
    head = "代码" if lang == "zh" else "Code"
    terminal.out.print(f"\n[bold]{head}[/]  {'  '.join(one.code)}\n")
    _print(sheet(one.rows(book()), lang, tz=tz, venue=True), lang)


def _chosen(held: Rulebook, words: Sequence[str]) -> list[str]:
    """The paths that the words name or begin, in the order of the book; all without words."""
    known = held.paths()
    found: list[str] = []
    for word in words:
        begun = [p for p in known if p == word or p.startswith(f"{word.rstrip('.*')}.")]
        if not begun:
            try:
                held.parameter(word)
            except UsageError:
                raise unknown_path(word, known) from None
            begun = [word]
        found += begun
    return sorted(set(found)) if words else list(known)


def _check_venue(held: Rulebook, venue: str) -> None:
    if venue and venue not in held.venues():
        close = ", ".join(nearest(venue, held.venues()))
        raise UsageError(
            Text(f"no rule names the venue '{venue}'", f"没有规则涉及场所“{venue}”"),
            remedy=Text(
                f"Nearest: {close}. All: {', '.join(held.venues())}.",
                f"最接近的是：{close}。全部：{'、'.join(held.venues())}。",
            ),
        )


def _show(made: Sheet, rows: Sequence[Row], lang: str, json_: bool) -> None:
    if json_:
        for row in rows:
            _say(row.json())
    else:
        _print(made, lang)


def _print(made: Sheet, lang: str) -> None:
    """The table, the long values under their heads, the sources."""
    if made.cells:
        table = terminal.table(made.title, made.headings(lang), gap=1)
        for cells in made.cells:
            table.add_row(*map(terminal.escaped, cells))
        terminal.out.print(table)
    elif made.title:
        terminal.out.print(terminal.escaped(made.title))
    for head, text in made.long:
        terminal.out.print(f"\n{terminal.escaped(head)}")
        terminal.out.print(Padding(terminal.escaped(text), (0, 0, 0, 4), expand=False))
    terminal.out.print()
    for line in made.sources.lines(lang):
        terminal.out.print(terminal.escaped(line))
    terminal.out.print(f"\n{terminal.escaped(DATING_NOTE.in_(lang))}")


def _change(change: Change) -> dict[str, object]:
    return {
        "path": change.path,
        "applies_to": change.scope.json(),
        "before": None if change.before is None else change.before.json(),
        "after": None if change.after is None else change.after.json(),
    }


def _say(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
