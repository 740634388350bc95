"""The stage from a case's register to what each scheme pays on it: made once, and again only when
the register, the prices, the rules, the tape or the code have changed.

    claimants.csv           the register (docs/schemes.md), below the case folder
    reference_prices.csv    prices that the tape does not know

Invariant: what leaves the stage is of the register as a whole (`published`); neither findings nor
problems name a claimant, or hold what one of his cells says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ...case import Case
from ...errors import InputError, LiquestError, Text
from ...findings import Finding, Input
from ...kept import Measured, kept_or_made
from ...problems import ASIDE, KEPT, UNREAD, Problem
from ...replay.context import Context
from ...replay.stage import replay_key
from ...rules.book import book
from ...rules.compensation import ASSET_PRICE, Nothing, Reference
from ...rules.schemes import schemes
from ...run import fingerprint
from ...run.executor import Executor
from ...run.progress import Progress, shown
from ...tape.lake import Lake
from ...vault.intake import digest
from ..prices.tape import TapePrices
from .pay import first_known, pay
from .published import published, published_methods
from .references import KINDS, Before, OfPrices, read_given
from .register import Register, read_register
from .summary import summaries

NAME = "schemes"
CLAIMANTS, PRICES = "claimants.csv", "reference_prices.csv"
CODE = ("losses", "rules", "findings.py", "clock.py", "kept.py")
_TELLS = Text(
    f"liquest schemes CASE CASE/{CLAIMANTS} shows what stands there",
    f"运行 liquest schemes 案件 案件/{CLAIMANTS} 可查看具体内容",
)

More = Mapping[str, tuple[tuple[Input, ...], tuple[str, ...]]]

REMEDIES: Mapping[str, Text] = {
    "blank": Text("fill in the cell", "请填写该单元格"),
    "no-id": Text("write the id in every row", "请在每一行填写编号"),
    "no-claimant": Text("add a row of kind claimant for its id", "请为该编号补上一行 claimant"),
    "twice": Text("keep one row of kind claimant", "请只保留一行 claimant"),
    "no-zone": Text("write Z or +08:00 after the time", "请在时间后写 Z 或 +08:00"),
    "time": Text("write the time as 2025-10-10T21:40:12Z", "时间请写成 2025-10-10T21:40:12Z"),
    "date": Text(
        "format the column as text and enter the number", "请将该列设为文本格式后重新填写数字"
    ),
    "not-a-number": Text("write plain digits: 1234.5", "请只写数字：1234.5"),
    "ambiguous-number": Text("write plain digits: 1234.5", "请只写数字：1234.5"),
    "not-finite": Text("write a number", "请填写数字"),
    "formula": Text("save the table as values", "请以数值另存表格"),
    "spreadsheet-error": Text("save the table as values", "请以数值另存表格"),
    "unknown-word": Text("write one of the words of the template", "请使用模板所列用词"),
    "impossible": Text("check the number and its sign", "请检查数值与符号"),
    "cells": Text("quote cells that hold the delimiter", "含分隔符的单元格请加引号"),
    "garbage": Text("mend the row or export the file again", "请修正该行或重新导出"),
}
"""What to do about a row, in words that repeat nothing of it."""


def build(case: Case, lake: Lake, out: Path, executor: Executor, progress: Progress) -> Measured:
    """What each scheme pays on the case's register below `out`/findings, in schemes.jsonl; nothing
    where the case has no register."""
    folder = out / "findings"
    register, prices = case.root / CLAIMANTS, case.root / PRICES
    if not register.is_file():
        for left in ("jsonl", "key", "problems.jsonl"):
            (folder / f"{NAME}.{left}").unlink(missing_ok=True)
        return Measured()
    folder.mkdir(parents=True, exist_ok=True)
    context = Context.of(case, lake, book(), executor)
    key = fingerprint.of(
        fingerprint.code(*CODE), replay_key(context, {}),
        [_digest(path) for path in (register, prices)],
    )  # fmt: skip
    with shown(progress, Text("Paying the schemes", "计算各方案"), 0):
        kept, problems, fresh = kept_or_made(
            folder, NAME, key, partial(_made, context, register, prices, out)
        )
    methods = {m.id: m.json() for m in published_methods(schemes().values())}
    return Measured({NAME: kept}, problems, methods, fresh)


def _digest(path: Path) -> str:
    """The digest of a file; of one that is not there or cannot be read, that it is so."""
    try:
        return digest(path) if path.is_file() else ""
    except OSError as error:
        return f"unreadable {error.errno}"


def _made(
    context: Context, path: Path, prices: Path, out: Path
) -> tuple[list[Finding], list[Problem]]:
    """The findings, and what of both files could not be used. A price that cannot be read is never
    passed over: then nothing is paid until it is mended."""
    try:
        register = read_register(path)
    except InputError as error:
        return [], [_of_register(error)]
    problems = [_published(problem) for problem in register.problems]
    try:
        reference, more = _reference(context, register, prices, out)
    except InputError as error:
        return [], [*problems, _of_prices(error)]
    rules = book().at(first_known(book()))
    paid = pay(register.claimants, rules, reference)
    last = max(one.last for one in register.inputs.values())
    rows = (Input(register.source, 1, last),)
    return list(published(paid, summaries(paid), rows, more)), problems


def _reference(
    context: Context, register: Register, prices: Path, out: Path
) -> tuple[Reference, More]:
    """The case's own prices before those of the tape, and what each kind stands on."""
    reference: Reference = Nothing()
    more: dict[str, tuple[tuple[Input, ...], tuple[str, ...]]] = {}
    given = read_given(prices) if prices.is_file() else None
    symbols = sorted({close.symbol for one in register.claimants for close in one.closes})
    if symbols and context.lake.parts:
        held = TapePrices(context, out / "losses" / "prices")
        reference = OfPrices(held)
        stands = tuple(dict.fromkeys(i for s in symbols for i in held.inputs(s)))
        said = tuple(dict.fromkeys(c for s in symbols for c in held.caveats(s)))
        more = {kind: (stands, said) for kind in KINDS if kind != ASSET_PRICE}
    if given is not None:
        reference = Before(given, reference)
        for kind in KINDS:
            stands, said = more.get(kind, ((), ()))
            more[kind] = (*given.inputs, *stands), said
    return reference, more


def _published(problem: Problem) -> Problem:
    """A problem of the register without the id and the cell that it quotes."""
    if problem.effect == KEPT:
        return Problem(
            problem.code, KEPT, problem.text, CLAIMANTS, problem.source, count=problem.count
        )
    remedy = REMEDIES.get(problem.code, _TELLS)
    said = Text(
        f"row {problem.first} cannot be used, and its claimant is left out whole; {remedy.en}",
        f"第 {problem.first} 行无法采用，该申索人整体未予计入；{remedy.zh}",
    )
    return Problem(
        problem.code, ASIDE, said, CLAIMANTS, problem.source, problem.first, problem.last,
        problem.count,
    )  # fmt: skip


def _of_register(error: InputError) -> Problem:
    """Why there is no register. What names no row is said as it is; a row's fault quotes a cell."""
    row = _row(error)
    if row is None:
        return Problem("register", UNREAD, _whole(error), CLAIMANTS)
    said = Text(
        f"no claimant can be taken; the first fault is in row {row}; {_TELLS.en}",
        f"没有可采用的申索人；首个问题在第 {row} 行；{_TELLS.zh}",
    )
    return Problem("register", UNREAD, said, CLAIMANTS, first=row, last=row)


def _of_prices(error: InputError) -> Problem:
    """Why the prices cannot be used, and that nothing is paid meanwhile."""
    row, told = _row(error), _whole(error)
    said = Text(f"{told.en} No scheme is paid until then.", f"{told.zh}在此之前不计算任何方案。")
    return Problem("reference-price", UNREAD, said, PRICES, first=row, last=row)


def _whole(error: LiquestError) -> Text:
    """What is wrong and what to do, as sentences."""
    remedy = error.remedy or Text("", "")
    en, zh = error.what.en.rstrip("."), error.what.zh.rstrip("。")
    return Text(f"{en}. {remedy.en}".strip(), f"{zh}。{remedy.zh}")


def _row(error: LiquestError) -> int | None:
    """The row that an error names after the file: "…/claimants.csv:7, column"."""
    tail = error.where.rpartition(":")[2].partition(",")[0].strip()
    return int(tail) if tail.isdecimal() else None
