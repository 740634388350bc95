"""The verbs of what surrounds the claims: statements, questions, hypotheses."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import terminal
from ..case import Case, read_case
from ..errors import Text, UsageError
from ..findings import Finding
from ..run.disk import writing
from . import reading_statements, statements_shown
from .hypotheses import NAME as RIVALS
from .hypotheses import hypotheses as weigh
from .hypotheses import read_hypotheses
from .inquiry import Inquiry
from .questions import asked
from .reading_questions import NAME as QUESTIONS
from .reading_questions import read_questions
from .statement_diff import SAID
from .statements_stage import compare
from .stored import files_of, stored

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder · 案件文件夹")]
OutOpt = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where results are, or CASE/out · 结果目录"),
]
LangOpt = Annotated[
    str, typer.Option("--lang", metavar="zh|en", help="Language of tables · 表格语言")
]
JsonOpt = Annotated[
    bool, typer.Option("--json", help="JSON Lines instead of tables · 输出 JSON Lines")
]


def register(app: typer.Typer) -> None:
    """Put the verbs into the program."""
    app.command(
        epilog="Example · 示例:  liquest statements cases/2025-10-11 --party binance --lang zh"
    )(statements)
    app.command(epilog="Example · 示例:  liquest questions cases/2025-10-11 --request disclosure")(
        questions
    )
    app.command(epilog="Example · 示例:  liquest hypotheses cases/2025-10-11")(hypotheses)


def statements(
    case: CaseArg,
    party: Annotated[
        str, typer.Option("--party", metavar="P", help="Only this party · 仅此当事方")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also what each version says · 亦列出各版本全部所述")
    ] = False,
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:
    """What statements add, change and no longer say. · 声明各版本的新增、改变与不再提及。"""
    lang = terminal.language(lang)
    read = read_case(case)
    _there(read, reading_statements.NAME)
    record = reading_statements.read_statements(read.root / reading_statements.NAME)
    if party:
        record.of(party)
    place = out or case / "out"
    with writing(place):
        found = compare(read, place).findings
    found = [
        f for f in found if (not party or f.subject["party"] == party) and (every or f.name != SAID)
    ]
    if json_:
        _print(f.json() for f in found)
        return
    terminal.out.print(statements_shown.changes(record, found, lang))
    for line in terminal.caveats(found, lang):
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)


def questions(
    case: CaseArg,
    request: Annotated[
        Path | None,
        typer.Option(
            "--request", metavar="DIR",
            help="Write disclosure requests there, zh and en, PDF and Markdown · 生成披露请求",
        ),
    ] = None,
    out: OutOpt = None,
    lang: LangOpt = "",
    json_: JsonOpt = False,
) -> None:  # fmt: skip
    """Open questions: what is known, what would answer them. · 未决问题：已知与所需材料。"""
    lang = terminal.language(lang)
    read = read_case(case)
    _there(read, QUESTIONS)
    inquiry = read_questions(read.root / QUESTIONS, read.windows)
    made = asked(inquiry, _found(read, out or case / "out", _known_names(inquiry)))
    written: list[Path] = []
    if request is not None:
        # The typesetter is loaded only where something is to be set.
        from .request import letters, write_request

        with writing(request):
            written = write_request(request, letters(read, inquiry, made))
    if json_:
        _print(statements_shown.question_json(one) for one in made)
        return
    for one in made:
        for line in statements_shown.question(one, inquiry, lang):
            terminal.out.print(terminal.escaped(line), soft_wrap=True)
        terminal.out.print()
    for path in written:
        word = "已写入" if lang == "zh" else "Wrote"
        shown = terminal.escaped(terminal.shown_path(path))
        terminal.out.print(f"{word} {shown}", soft_wrap=True)


def hypotheses(
    case: CaseArg, out: OutOpt = None, lang: LangOpt = "", json_: JsonOpt = False
) -> None:
    """Rival explanations: what speaks for and against each. · 各种解释及其支持与反对的证据。"""
    lang = terminal.language(lang)
    read = read_case(case)
    _there(read, RIVALS)
    made = weigh(read, _found(read, out or case / "out", _rival_names(read)))
    if json_:
        _print(statements_shown.hypothesis_json(one) for one in made)
        return
    for one in made:
        for line in statements_shown.hypothesis(one, lang):
            terminal.out.print(terminal.escaped(line), soft_wrap=True)
        terminal.out.print()
    for line in terminal.caveats((f for one in made for f in one.findings), lang):
        terminal.out.print(f"  {terminal.escaped(line)}", soft_wrap=True)


def _found(case: Case, out: Path, names: set[str]) -> list[Finding]:
    """The findings of these names, those of the statements brought up to date."""
    files_of(out)
    with writing(out):
        compare(case, out)
    return stored(files_of(out), names)


def _known_names(inquiry: Inquiry) -> set[str]:
    sides = (k.side for q in inquiry.questions for k in q.known)
    return {side.selection.name for side in sides if side is not None}


def _rival_names(case: Case) -> set[str]:
    records = read_questions(case.root / QUESTIONS, case.windows).records
    rivals = read_hypotheses(case.root / RIVALS, records, case.windows)
    sides = (s for h in rivals for t in h.tests for s in (t.quantity.find, t.quantity.against))
    return {side.selection.name for side in sides if side is not None}


def _there(case: Case, name: str) -> None:
    """The case has that file."""
    if not (case.root / name).is_file():
        raise UsageError(
            Text(f"this case has no {name}", f"该案件没有 {name}"), where=str(case.root),
            remedy=Text(
                "Write it as docs/statements.md shows.", "请按 docs/statements.md 编写。"
            ),
        )  # fmt: skip


def _print(lines: Iterable[dict[str, Any]]) -> None:
    for line in lines:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
