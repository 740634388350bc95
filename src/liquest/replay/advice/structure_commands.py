"""The verb of the advisor: structure."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ... import terminal
from ...case import Case, read_case
from ...errors import Text, UsageError
from ...findings import Finding, write_findings
from ...problems import Problem, write_problems
from ...run.disk import whole, writing
from ...run.executor import Threads

if TYPE_CHECKING:
    from .asked import Asked

DEFAULT = Path("cases") / "2025-10-11"
"""The embedded case, from the folder of the program."""
PAGE, PICTURE = ".html", ".svg"

CaseArg = Annotated[
    Path | None,
    typer.Argument(
        metavar="[CASE]", help="The case folder, the embedded one if not given · 案件文件夹"
    ),
]


def register(app: typer.Typer) -> None:
    """Put the verb into the program."""
    app.command(
        epilog="Example · 示例:  liquest structure --coin ATOM --exposure 10000 --leverage 2 "
        "--leverage 20 --on-exchange 0.2,1 --stop 0.05"
    )(structure)


def structure(
    case: CaseArg = None,
    coin: Annotated[
        list[str] | None,
        typer.Option("--coin", metavar="ATOM", help="One coin; all if not given · 币种，默认全部"),
    ] = None,
    exposure: Annotated[
        str, typer.Option("--exposure", metavar="N", help="Value held, in USDT · 敞口")
    ] = "10000",
    capital: Annotated[
        str, typer.Option("--capital", metavar="N", help="All the money, in USDT · 全部资金")
    ] = "10000",
    leverage: Annotated[
        list[str] | None,
        typer.Option("--leverage", metavar="L", help="One leverage; 2, 5, 20 if not given · 杠杆"),
    ] = None,
    on_exchange: Annotated[
        str,
        typer.Option(
            "--on-exchange", metavar="A,B,…",
            help="Shares of the money on the exchange · 交易所内资金比例",
        ),
    ] = "0.2,0.5,1",
    stop: Annotated[
        str, typer.Option("--stop", metavar="S", help="Distance of the stop, or none · 止损距离")
    ] = "0.05",
    stop_delay: Annotated[
        int, typer.Option("--stop-delay", metavar="S", help="Seconds until it fills · 止损成交延迟")
    ] = 1,
    side: Annotated[str, typer.Option("--side", metavar="long|short", help="· 方向")] = "long",
    again: Annotated[
        int, typer.Option("--again", metavar="S", help="Seconds until re-entering · 再开仓等待")
    ] = 60,
    remargin: Annotated[
        int | None,
        typer.Option(
            "--remargin", metavar="S",
            help="Seconds that money from outside takes to arrive; never if not given "
            "· 场外资金到账秒数，默认不转入",
        ),
    ] = None,
    paths: Annotated[
        int, typer.Option("--paths", metavar="N", help="Paths drawn from a stretch · 重抽样路径数")
    ] = 500,
    hold_hours: Annotated[
        int | None,
        typer.Option(
            "--hold-hours", metavar="H",
            help="Length of paths drawn from before the event; as long as it if not given "
            "· 事前重抽样路径时长",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Their seed · 随机种子")] = 20251010,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE|DIR",
            help="A page .html or a picture .svg; or a folder for all results, CASE/out if not "
            "given · 页面、图片或结果目录",
        ),
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
    ] = "",
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
    ] = False,
) -> None:  # fmt: skip
    """Large margin or small, isolated or cross, how much on the exchange: what would be left?
    · 大小保证金、逐仓全仓、场内比例：还剩多少？"""
    from .asked import Asked, amount, amounts, stop_of

    lang = terminal.language(lang)
    asked = Asked(
        amount("--exposure", exposure), amount("--capital", capital),
        amounts("--leverage", leverage or ["2", "5", "20"]),
        amounts("--on-exchange", [on_exchange]), stop_of(stop), side, again, stop_delay, remargin,
        paths, hold_hours, seed,
    )  # fmt: skip
    coins = [one for words in coin or [] for one in words.split(",") if one.strip()]
    file = _file(out)
    read = read_case(_case(case))
    place = read.root / "out" if out is None or file is not None else out
    with writing(place):
        found, problems = _advise(read, place, asked, coins, lang)
        folder = place / "replay"
        folder.mkdir(exist_ok=True)
        write_problems(folder / "structure.problems.jsonl", problems)
        write_findings(folder / "structure.jsonl", found)
        drawn = _draw(read, found, [folder / "structure.svg", folder / "structure.html"])
    if file is not None:
        with writing(file.parent):
            drawn = _draw(read, found, [file])
    if json_:
        for one in found:
            sys.stdout.write(json.dumps(one.json(), ensure_ascii=False) + "\n")
        return
    _show(found, problems, lang)
    for path in drawn:
        drawing = path.suffix.lower() == PICTURE
        word = Text("Picture", "图") if drawing else Text("Page", "页面")
        terminal.out.print(
            f"{word.in_(lang)}: {terminal.escaped(terminal.shown_path(path))}", soft_wrap=True
        )


def _advise(
    read: Case, place: Path, asked: Asked, coins: Sequence[str], lang: str
) -> tuple[list[Finding], list[Problem]]:  # fmt: skip
    """The tape brought up to date, and the advice on it."""
    from ... import record
    from ...rules.book import book
    from ..context import Context
    from .advise import advise

    tape = record.build(read, place, Threads(), terminal.Shown(lang)).tape
    context = Context.of(read, tape.lake, book(), Threads())
    return advise(context, asked, coins, terminal.Shown(lang))


def _draw(read: Case, found: Sequence[Finding], files: Sequence[Path]) -> list[Path]:
    """Picture or page, by the ending of each file."""
    from .page import page
    from .picture import picture
    from .sheet import Sheet

    sheet = Sheet(found)
    for path in files:
        text = picture(sheet) if path.suffix.lower() == PICTURE else page(sheet, read)
        with whole(path) as out:
            out.write(text)
    return list(files)


def _show(found: Sequence[Finding], problems: Sequence[Problem], lang: str) -> None:
    from .advice_shown import shown, told
    from .sheet import Sheet

    if problems:
        terminal.err.print(terminal.problems(problems, lang))
    sheet = Sheet(found)
    for one in shown(sheet, lang):
        terminal.out.print(one)
        terminal.out.print()
    for line in told(sheet, lang):
        terminal.out.print(terminal.escaped(line), soft_wrap=False)
    for line in terminal.caveats(found, lang):
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)


def _file(out: Path | None) -> Path | None:
    """The file that --out names; None for a folder. Raises UsageError for another ending."""
    if out is None or out.is_dir() or not out.suffix:
        return None
    if out.suffix.lower() not in (PAGE, PICTURE):
        raise UsageError(
            Text(
                f"neither a page nor a picture is written as {out.suffix}",
                f"无法写成 {out.suffix}",
            ),
            where=str(out),
            remedy=Text(
                "End the name with .html or .svg, or name a folder.",
                "请以 .html 或 .svg 结尾，或给出文件夹。",
            ),
        )
    return out


def _case(given: Path | None) -> Path:
    """The case asked for, else the embedded one: from here, else beside the program."""
    if given is not None:
        return given
    beside = Path(__file__).resolve().parents[4] / DEFAULT
    return DEFAULT if DEFAULT.is_dir() or not beside.is_dir() else beside
