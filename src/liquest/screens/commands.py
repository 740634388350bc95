"""The verb of the screens: is the evidence sound?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import terminal
from ..case import read_case
from ..run.executor import Threads

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")]


def register(app: typer.Typer) -> None:
    """Put the verb into the program."""
    app.command(epilog="Example · 示例:  liquest screen cases/2025-10-11 bands phantom")(screen)


def screen(
    case: CaseArg,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Screens, all when none is named · 筛查名"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where results go, CASE/out if not given · 结果目录"
        ),
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
    ] = "",
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
    ] = False,
) -> None:
    """Is the evidence sound? Every input of every party. · 证据是否可靠？各方输入一律筛查。"""
    from ..investigate import screen as screened
    from ..outcome_shown import tell
    from . import screen as known
    from .results_shown import shown

    lang = terminal.language(lang)
    read = read_case(case)
    for name in names or []:
        known(name)
    done = screened(read, out or case / "out", Threads(), terminal.Shown(lang), names or [])
    found = done.findings
    if json_:
        for one in found:
            sys.stdout.write(json.dumps(one.json(), ensure_ascii=False) + "\n")
    else:
        for part in shown(found, lang):
            terminal.out.print(part)
        for line in terminal.caveats(found, lang):
            terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)
    if tell(done.problems, lang, aloud=not json_):
        raise typer.Exit(terminal.INCOMPLETE)
