"""The verbs of the replay: survive, ask, replay, population."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import terminal
from ..case import Case, read_case
from ..findings import Finding, write_findings
from ..problems import Problem, write_problems
from ..run.disk import whole, writing
from ..run.executor import Threads

if TYPE_CHECKING:
    from .context import Context
    from .scenario import Scenario

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
AtOpt = Annotated[
    str,
    typer.Option(
        "--at", metavar="T", help="Whose rules are the baseline; the case's moment if not given "
        "· 取何时的规则作基准",
    ),
]  # fmt: skip
WindowOpt = Annotated[
    str,
    typer.Option("--window", metavar="W", help="Window to replay, the longest if not given "
                 "· 重放的时间窗"),
]  # fmt: skip
SetOpt = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="One rule set otherwise · 改动一条规则"),
]
SweepOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep", metavar="PATH=A,B,…", help="A scenario for each value; several combine "
        "· 每个取值一个情景，可组合",
    ),
]  # fmt: skip

STANDARD = (
    {"mark.window": "150s"},
    {"mark.window": "60s"},
    {"index.own_weight": "0"},
    {"index.own_weight": "1"},
    {"index.sources": "usd"},
    {"index.sources": "usd", "mark.formula": "index"},
    {"mark.formula": "last"},
    {"grace.regular": "24h"},
)
"""What `survive` asks beside the baseline when no scenario is named."""
NAMED = 12
"""Accounts set aside that are named in the terminal."""


def register(app: typer.Typer) -> None:
    """Put the verbs into the program."""
    app.command(
        epilog="Example · 示例:  liquest survive cases/2025-10-11 --position "
        "'symbol=XRPUSDT side=long quantity=10000 entry=2.75 margin=5500'"
    )(survive)
    app.command(epilog="Example · 示例:  liquest ask cases/2025-10-11 window published")(ask)
    app.command(
        epilog="Example · 示例:  liquest replay cases/2025-10-11 --positions mine.csv "
        "--sweep mark.window=30s,60s,150s"
    )(replay)
    app.command(
        epilog="Example · 示例:  liquest population cases/2025-10-11 --accounts 1000 --seed 7 "
        "--write positions.csv"
    )(population)


def survive(
    case: CaseArg,
    position: Annotated[
        list[str] | None,
        typer.Option(
            "--position", metavar="'KEY=VALUE …'",
            help="symbol, side, quantity, entry, margin or wallet; one option a position "
            "· 持仓，每个选项一笔",
        ),
    ] = None,
    positions: Annotated[
        Path | None, typer.Option("--positions", metavar="FILE", help="A positions file · 持仓文件")
    ] = None,
    account: Annotated[
        str, typer.Option("--account", help="One account of the file · 文件中的一个账户")
    ] = "",
    at: AtOpt = "",
    window: WindowOpt = "",
    set_: SetOpt = None,
    sweep: SweepOpt = None,
    tz: TzOpt = "UTC",
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:  # fmt: skip
    """Would this position have lived, under which rules? · 这笔持仓在何种规则下可存活？"""
    from . import survive_findings, survive_shown
    from .asked import accounts_asked, followable, nobody, noted, priced_only
    from .scenario import BASELINE, Scenario, scenarios
    from .survive import survive as followed

    lang = terminal.language(lang)
    read = read_case(case)
    asked = scenarios(set_ or [], sweep or [], tz) or [Scenario(s) for s in STANDARD]
    priced_only(asked)
    _stand(read, asked)
    place = out or case / "out"
    with writing(place):
        context = _context(read, place, at, window, tz, lang)
        accounts, problems = accounts_asked(context, position or [], positions, account)
        found = []
        for scenario in (BASELINE, *asked):
            left, aside = followable(context, accounts, scenario)
            problems += [p for p in aside if p not in problems]
            found += followed(context, left, [scenario]) if left else []
        if not found:
            raise nobody(context, accounts, problems)
        found = noted(found, accounts)
        _tell(problems, place, lang)
        made = list(survive_findings.findings(context, found))
        chart = place / "replay" / "survive.svg"
        _keep(place, "survive", made, survive_findings.drawn(found, context.span))
        own = survive_shown.own_page(read, place, made) if len(accounts) == 1 else None
    if json_:
        _print(made)
        return
    terminal.out.print(survive_shown.shown(found, lang))
    terminal.out.print()
    for line in survive_shown.told(found, lang):
        terminal.out.print(terminal.escaped(line), soft_wrap=True)
    _caveats(made, lang)
    _say_path("图" if lang == "zh" else "Chart", chart)
    if own is not None:
        _say_path("一页说明" if lang == "zh" else "On one page", own)


def ask(
    case: CaseArg,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUESTION…]", help="Questions, all when none is named · 问题名"),
    ] = None,
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """Ask the replay its questions: window, own_weight, grace … · 反事实问题：窗口、权重、宽限……"""
    from .. import record
    from .answers_shown import listed, shown
    from .questions import question
    from .stage import answer

    lang = terminal.language(lang)
    read = read_case(case)
    for name in names or []:
        question(name)
    place = out or case / "out"
    progress = terminal.Shown(lang)
    with writing(place):
        tape = record.build(read, place, Threads(), progress).tape
        found = answer(read, tape.lake, place, Threads(), progress, names or [])
        _tell(found.problems, place, lang)
    if json_:
        _print(found.findings)
        return
    if not names:
        terminal.out.print(listed(found, lang))
        word = "查看其一" if lang == "zh" else "One of them"
        terminal.out.print(f"{word}: liquest ask {terminal.shown_path(case)} window")
        return
    for one in shown(found, lang):
        terminal.out.print(one)
        terminal.out.print()
    for name, kept in found.kept.items():
        if not kept.count:
            word = "本行情带上没有答案" if lang == "zh" else "no answer on this tape"
            terminal.out.print(f"{name}: {word}")
    _caveats(found.findings, lang)


def replay(
    case: CaseArg,
    positions: Annotated[
        Path | None,
        typer.Option(
            "--positions", metavar="FILE",
            help="Accounts to walk; a synthetic population if not given · 持仓文件",
        ),
    ] = None,
    accounts: Annotated[
        int, typer.Option("--accounts", min=1, help="Size of the synthetic one · 合成账户数")
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Its seed · 随机种子")] = 1,
    assumptions: Annotated[
        Path | None,
        typer.Option("--assumptions", metavar="TOML", help="Its law · 合成账户的假设"),
    ] = None,
    at: AtOpt = "",
    window: WindowOpt = "",
    set_: SetOpt = None,
    sweep: SweepOpt = None,
    tz: TzOpt = "UTC",
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:  # fmt: skip
    """The same tape under other rules: who is liquidated, who pays. · 同一行情带，另一套规则。"""
    from . import run_findings, run_shown
    from .accounts import SYNTHETIC
    from .asked import crowd_of
    from .run import replay as run
    from .scenario import scenarios
    from .stage import prune, replay_key
    from .world import world

    lang = terminal.language(lang)
    read = read_case(case)
    asked = scenarios(set_ or [], sweep or [], tz)
    _stand(read, asked)
    place = out or case / "out"
    with writing(place):
        context = _context(read, place, at, window, tz, lang)
        crowd, population_, inputs = crowd_of(context, positions, accounts, seed, assumptions)
        here = world(context)
        crowd.held(here)
        _tell(crowd.problems, place, lang)
        folder = place / "replay" / replay_key(context, population_)
        results = list(run(context, crowd, asked, folder, terminal.Shown(lang)))
        prune(folder.parent, folder.name)
        caveats = (*here.caveats(), *crowd.caveats)
        made = list(
            run_findings.findings(context, results, population_, inputs, caveats, crowd.ids)
        )
        _keep(place, "replay", made, run_findings.drawn(results, context.span))
        run_findings.write_accounts(place / "replay" / "accounts.csv", results, crowd.ids)
        run_findings.write_deleveraged(place / "replay" / "adl.csv", results, crowd.ids)
    if json_:
        _print(made)
        return
    if SYNTHETIC in crowd.caveats:
        word = "合成账户（非真实账户）" if lang == "zh" else "Synthetic accounts: nobody held them"
        terminal.out.print(f"[bold]{word}[/]")
    for one in run_shown.shown(results, context.span, lang):
        terminal.out.print(one)
        terminal.out.print()
    for line in run_shown.told(results, context.recorded(), crowd.ids, lang):
        terminal.out.print(terminal.escaped(line), soft_wrap=True)
    _caveats(made, lang)
    _say_path("图" if lang == "zh" else "Chart", place / "replay" / "replay.svg")
    _say_path("逐账户" if lang == "zh" else "By account", place / "replay" / "accounts.csv")
    if any(len(one.outcome.reduced) for one in results):
        word = "逐账户自动减仓" if lang == "zh" else "Deleveraged, by account"
        _say_path(word, place / "replay" / "adl.csv")


def population(
    case: CaseArg,
    accounts: Annotated[
        int, typer.Option("--accounts", min=1, help="How many · 账户数")
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed · 随机种子")] = 1,
    assumptions: Annotated[
        Path | None,
        typer.Option("--assumptions", metavar="TOML", help="Its law · 合成账户的假设"),
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="A positions file · 写出持仓文件")
    ] = None,
    law: Annotated[
        Path | None,
        typer.Option("--law", metavar="FILE", help="Write the assumptions as TOML · 写出假设"),
    ] = None,
    window: WindowOpt = "",
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:  # fmt: skip
    """A synthetic population with stated assumptions. · 按给定假设生成合成账户。"""
    from .asked import contracts
    from .crowd import law_of, listings_of, synthetic
    from .population_shown import shown
    from .population_toml import read_assumptions, write_assumptions

    lang = terminal.language(lang)
    read = read_case(case)
    place = out or case / "out"
    with writing(place):
        context = _context(read, place, "", window, "UTC", lang)
        contracts(context)
        given = read_assumptions(assumptions) if assumptions else None
        made, problems = synthetic(context, accounts, seed, given)
        if write is not None:
            made.write(write)
        if law is not None:
            write_assumptions(law, given or law_of(listings_of(context)[0], accounts))
    if json_:
        row = {
            "synthetic": True, "accounts": len(made), "seed": seed,
            "open_interest": {
                k: {"lots": v.lots, "notional": str(v.notional)}
                for k, v in made.open_interest().items()
            },
        }  # fmt: skip
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    if problems:
        terminal.err.print(terminal.problems(problems, lang))
    terminal.out.print(shown(made, lang))
    if write is not None:
        _say_path("持仓文件" if lang == "zh" else "Positions", write)
    if law is not None:
        _say_path("假设" if lang == "zh" else "Assumptions", law)


def _stand(case: Case, asked: Sequence[Scenario]) -> None:
    """Raises UsageError for a rule or a value that does not exist, before anything is read."""
    from ..rules.book import book
    from .context import VENUE

    for one in asked:
        book().at(case.main.start if one.at is None else one.at, VENUE, one.overrides)


def _context(
    case: Case, place: Path, at: str, window: str, tz: str, lang: str, venue: str = "binance"
) -> Context:
    """The tape brought up to date, and the rules of the moment."""
    from .. import record
    from ..rules.book import book
    from .context import Context

    tape = record.build(case, place, Threads(), terminal.Shown(lang)).tape
    return Context.of(
        case, tape.lake, book(), Threads(), venue=venue,
        at=terminal.moment(at, tz) if at else None,
        window=case.window(window) if window else None,
    )  # fmt: skip


def _tell(problems: Sequence[Problem], place: Path, lang: str) -> None:
    """What was set aside or must be known, on stderr; all of it in out/replay."""
    from .asked import OF_ACCOUNTS

    folder = place / "replay"
    folder.mkdir(exist_ok=True)
    write_problems(folder / "problems.jsonl", problems)
    if not problems:
        return
    terminal.err.print(terminal.problems(problems, lang))
    if names := list(dict.fromkeys(p.sample for p in problems if p.code in OF_ACCOUNTS)):
        shown = ", ".join(names[:NAMED]) + (f" … ({len(names):,})" if names[NAMED:] else "")
        word = "不予采用" if lang == "zh" else "Set aside"
        terminal.err.print(f"{word}: {terminal.escaped(shown)}", soft_wrap=True)


def _keep(place: Path, name: str, made: Iterable[Finding], svg: str) -> None:
    """Findings and chart below out/replay; not among the findings of the case: an account's
    position is nobody else's."""
    folder = place / "replay"
    folder.mkdir(exist_ok=True)
    write_findings(folder / f"{name}.jsonl", made)
    with whole(folder / f"{name}.svg") as out:
        out.write(svg)


def _print(found: Iterable[Finding]) -> None:
    for one in found:
        sys.stdout.write(json.dumps(one.json(), ensure_ascii=False) + "\n")


def _caveats(found: Sequence[Finding], lang: str) -> None:
    for line in terminal.caveats(found, lang):
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)


def _say_path(word: str, path: Path) -> None:
    terminal.out.print(f"{word}: {terminal.escaped(terminal.shown_path(path))}", soft_wrap=True)
