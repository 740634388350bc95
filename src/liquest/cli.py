"""The command line: one verb per stage."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer

from . import __version__, findings_shown, outcome_shown, terminal
from .case import Case, read_case
from .claims import commands as claims_commands
from .claims import statements_commands
from .clock import Window
from .errors import LiquestError, Text, UsageError
from .fetch import commands as fetch_commands
from .findings import Finding, read_findings
from .investigate import investigate as run_investigation
from .investigate import measure as run_measures
from .losses import losses_commands
from .losses.register import register_commands
from .losses.schemes import schemes_commands
from .measures import measure as known_measure
from .measures.outliers import compare as side_by_side
from .newcase import make_case
from .replay import commands as replay_commands
from .replay.advice import structure_commands
from .rules import commands as rules_commands
from .run.executor import EXECUTORS, Executor
from .screens import commands as screen_commands
from .vault import commands as vault_commands
from .vault.proofs import commands as proof_commands

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Accident investigation for exchange liquidation events. · 交易所清算事件的事故调查。",
    epilog="Example · 示例:  liquest investigate cases/2025-10-11",
)

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")]
OutOpt = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where results go, CASE/out if not given · 结果目录"),
]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]
TzOpt = Annotated[
    str, typer.Option("--tz", help="Zone of times given without one · 未注明时区的时间按此解释")
]
FromOpt = Annotated[str, typer.Option("--from", metavar="T", help="Start of the window · 起始时刻")]
ToOpt = Annotated[str, typer.Option("--to", metavar="T", help="End of the window · 结束时刻")]
ExecutorOpt = Annotated[
    str, typer.Option("--executor", help="threads, processes or inline · 执行方式")
]
WorkersOpt = Annotated[
    int, typer.Option("--workers", min=0, help="How many at once; 0 is one per core · 并行数")
]


def _version(asked: bool) -> None:
    if asked:
        terminal.out.print(f"liquest {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version · 版本"
        ),
    ] = False,
) -> None:
    del version


@app.command(
    epilog="Example · 示例:  liquest new mycase ~/ticks --from 2025-10-11T05:10 "
    "--to 2025-10-11T05:40 --tz UTC+8"
)
def new(
    case: CaseArg,
    data: Annotated[
        list[Path], typer.Argument(metavar="DATA…", help="Files or folders · 文件或文件夹")
    ],
    start: FromOpt = "",
    end: ToOpt = "",
    tz: TzOpt = "UTC",
    lang: LangOpt = "",
    json_: JsonOpt = False,
    executor: ExecutorOpt = "threads",
    workers: WorkersOpt = 0,
) -> None:
    """Make a case from your own files. · 用你自己的文件建立案件。"""
    lang = terminal.language(lang)
    made = make_case(
        case, data,
        terminal.moment(start, tz) if start else None,
        terminal.moment(end, tz) if end else None,
        _executor(executor, workers), terminal.Shown(lang),
    )  # fmt: skip
    if json_:
        for one in made.tape.loaded:
            _print_json(
                {
                    "file": one.source.name, "sha256": one.source.sha256, "format": one.format,
                    "record": one.record, "rows": one.rows, "read": one.read,
                    "instruments": sorted({p.instrument.key for p in one.parts}),
                    "problems": [p.json() for p in one.problems],
                }
            )  # fmt: skip
    else:
        terminal.out.print(terminal.inventory(made.tape.loaded, lang))
        if made.tape.problems:
            terminal.out.print()
            terminal.out.print(terminal.problems(made.tape.problems, lang))
        terminal.out.print()
        terminal.out.print(terminal.windows(made.case.windows.values(), lang))
        path = terminal.escaped(terminal.shown_path(case / "case.toml"))
        word = "已写入" if lang == "zh" else "Wrote"
        go = "下一步" if lang == "zh" else "Next"
        terminal.out.print(
            f"\n{word} {path}\n{go}: liquest investigate "
            f"{terminal.escaped(terminal.shown_path(case))}"
        )
    if made.tape.unread:
        raise typer.Exit(terminal.INCOMPLETE)


@app.command(epilog="Example · 示例:  liquest investigate cases/2025-10-11 --out /tmp/out")
def investigate(
    case: CaseArg,
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
    executor: ExecutorOpt = "threads",
    workers: WorkersOpt = 0,
) -> None:
    """All stages, only what changed since the last run. · 运行全部阶段，只重做有变化的部分。"""
    lang = terminal.language(lang)
    read = read_case(case)
    done = run_investigation(
        read, out or case / "out", _executor(executor, workers), terminal.Shown(lang)
    )
    rows = sum(one.rows for one in done.tape.loaded)
    numbers = {
        "sources": len(done.tape.loaded),
        "instruments": len(done.tape.lake.instruments()),
        "rows": rows,
        "findings": done.count,
        "problems": sum(p.count for p in done.problems),
        "complete": done.complete,
        "changed": done.fresh or done.measured.fresh,
        "dossier": str(done.dossier),
    }
    if json_:
        _print_json(numbers)
    else:
        if (table := outcome_shown.headline(done.measured, read.main, lang)) is not None:
            terminal.out.print(table)
        outcome_shown.tell(outcome_shown.hindering(done), lang)
        terminal.out.print()
        terminal.out.print(outcome_shown.summary(numbers, lang), soft_wrap=True)
        word = "卷宗" if lang == "zh" else "Dossier"
        path = terminal.escaped(terminal.shown_path(done.dossier))
        terminal.out.print(f"{word}: {path}", soft_wrap=True)
    if not done.complete:
        raise typer.Exit(terminal.INCOMPLETE)


@app.command(
    epilog="Example · 示例:  liquest measure cases/2025-10-11 low gap "
    "--from 2025-10-10T21:19Z --to 2025-10-10T21:26Z"
)
def measure(
    case: CaseArg,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Measures, all when none is named · 度量名"),
    ] = None,
    start: FromOpt = "",
    end: ToOpt = "",
    tz: TzOpt = "UTC",
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
    executor: ExecutorOpt = "threads",
    workers: WorkersOpt = 0,
) -> None:
    """Measure facts, in the case's windows or in one of your own. · 度量事实，可自定时间窗。"""
    lang = terminal.language(lang)
    read = read_case(case)
    for name in names or []:
        known_measure(name)
    windows = None
    if start or end:
        windows = {
            "asked": Window(
                "asked",
                terminal.moment(start, tz) if start else read.main.start,
                terminal.moment(end, tz) if end else read.main.end,
            )
        }
    found = run_measures(
        read, out or case / "out", _executor(executor, workers), terminal.Shown(lang),
        names or [], windows,
    )  # fmt: skip
    _show(found.findings, lang, json_)
    if outcome_shown.tell(found.problems, lang, aloud=not json_):
        raise typer.Exit(terminal.INCOMPLETE)


@app.command(
    epilog="Example · 示例:  liquest findings cases/2025-10-11 --name low --subject ATOM --json"
)
def findings(
    case: CaseArg,
    name: Annotated[
        str, typer.Option("--name", metavar="N", help="low, low.*, gap … · 结论名")
    ] = "",
    subject: Annotated[
        str,
        typer.Option(
            "--subject", metavar="S", help="Part of venue, instrument, kind or coin · 对象"
        ),
    ] = "",
    id_: Annotated[
        str, typer.Option("--id", metavar="ID", help="Beginning of an id · 编号开头")
    ] = "",
    window: Annotated[
        str, typer.Option("--window", metavar="W", help="Name of a window · 时间窗名")
    ] = "",
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """The findings of the last run. · 查看上次运行的结论。"""
    lang = terminal.language(lang)
    read = read_case(case)
    if window:
        read.window(window)
    found = [
        f
        for f in _stored(read, out or case / "out")
        if (not name or fnmatchcase(f.name, name))
        and (not subject or subject.lower() in " ".join(f.subject.values()).lower())
        and f.id.startswith(id_.lower())
        and (not window or (f.window is not None and f.window.name == window))
    ]
    _show(found, lang, json_)


@app.command(epilog="Example · 示例:  liquest compare cases/2025-10-11 mycase --threshold 0.5")
def compare(
    cases: Annotated[
        list[Path],
        typer.Argument(metavar="CASE CASE…", help="Case folders, measured · 已度量的案件"),
    ],
    threshold: Annotated[
        str, typer.Option("--threshold", help="Only this shortfall, as 0.1 or 0.5 · 仅此阈值")
    ] = "",
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Events side by side: coins far below the second-lowest venue. · 多个事件并列：离群币种。"""
    lang = terminal.language(lang)
    sides = {case.name: _stored(case, case.root / "out") for case in map(read_case, cases)}
    if len(sides) < len(cases):
        raise UsageError(
            Text("two of the cases bear one name", "其中两个案件同名"),
            remedy=Text("Change [case] name in one of them.", "请修改其中之一的 [case] name。"),
        )
    rows = side_by_side(sides)
    if threshold:
        try:
            wanted = Decimal(threshold)
        except InvalidOperation:
            raise UsageError(
                Text(f"'{threshold}' is no number", f"“{threshold}”不是数字"),
                remedy=Text("Write 0.1 or 0.5.", "请写 0.1 或 0.5。"),
            ) from None
        rows = [r for r in rows if r.threshold == wanted]
    if json_:
        for row in rows:
            _print_json(row.json())
        return
    terminal.out.print(terminal.compared(rows, lang))
    if not rows:
        terminal.out.print("没有可比较的结论" if lang == "zh" else "There is nothing to compare.")


def _stored(case: Case, out: Path) -> list[Finding]:
    files = sorted((out / "findings").glob("*.jsonl"))
    files = [f for f in files if not f.name.endswith(".problems.jsonl")]
    if not files:
        raise UsageError(
            Text("there are no findings yet", "尚无结论"), where=str(case.root),
            remedy=Text(
                f"Run: liquest investigate {case.root}",
                f"请先运行：liquest investigate {case.root}",
            ),
        )  # fmt: skip
    return [f for path in files for f in read_findings(path)]


def _show(found: list[Finding], lang: str, json_: bool) -> None:
    if json_:
        for one in found:
            _print_json(one.json())
        return
    terminal.out.print(findings_shown.findings(found, lang))
    if not found:
        terminal.out.print("没有符合条件的结论" if lang == "zh" else "No finding fits.")
    told = (*findings_shown.meanings(found, lang), *terminal.caveats(found, lang))
    for line in told:
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)


def _print_json(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def _executor(name: str, workers: int) -> Executor:
    if name not in EXECUTORS:
        raise UsageError(
            Text(f"there is no executor '{name}'", f"没有名为“{name}”的执行方式"),
            remedy=Text(f"Choose {', '.join(EXECUTORS)}.", f"可选：{'、'.join(EXECUTORS)}。"),
        )
    return EXECUTORS[name](workers or None)


rules_commands.register(app)
replay_commands.register(app)
structure_commands.register(app)
screen_commands.register(app)
claims_commands.register(app)
statements_commands.register(app)
losses_commands.register(app)
schemes_commands.register(app)
register_commands.register(app)
vault_commands.register(app)
fetch_commands.register(app)
proof_commands.register(app)


def main() -> None:
    """The program: errors in both languages, with the exit code of their kind."""
    try:
        app()
    except LiquestError as error:
        terminal.error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        terminal.err.print("stopped; run it again to go on · 已中断，再次运行可继续")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
