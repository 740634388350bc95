"""`liquest losses --each`: many accounts, a folder each, to their claims and all schemes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ... import terminal
from ...run.disk import writing
from ...run.executor import Processes, Threads

if TYPE_CHECKING:
    from ...case import Case


def run_each(
    case: Case, folders: Sequence[Path], place: Path, lang: str, *, marks: tuple[str, ...],
    tz: str | None, reference: int | None, borrow: bool, prices: Path | None,
    schemes: Sequence[str], json_: bool,
) -> None:  # fmt: skip
    """Everything of `--each`; files go to out/losses/accounts."""
    from ... import record
    from ...rules.book import book
    from ...rules.compensation import Reference
    from ...sheet_shown import shown
    from ..register import record as records
    from ..schemes import schemes_findings, schemes_shown
    from ..schemes.pay import first_known, pay
    from ..schemes.references import Before, OfPrices, read_given
    from ..schemes.summary import summaries
    from .accounts import FAILED, Asked, accounts, prices_of
    from .accounts_sheet import sheet, write_table

    folder = place / "losses" / "accounts"
    progress = terminal.Shown(lang)
    with writing(place):
        tape = record.build(case, place, Threads(), progress).tape
        asked = Asked(case, tape.lake, folder, marks, tz, reference, borrow)
        found = accounts(asked, folders, Processes(), progress)
        folder.mkdir(parents=True, exist_ok=True)
        claims = [one.claim for one in found if one.claim is not None]
        for claim in claims:
            (folder / f"{claim.id}.claim.json").write_bytes(records.write(claim) + b"\n")
        write_table(folder / "accounts.csv", found, lang)
        against: Reference = OfPrices(prices_of(asked))
        if prices is not None:
            against = Before(read_given(prices, tz=tz or ""), against)
        paid = None
        if claims:
            paid = pay(claims, book().at(first_known(book())), against, schemes)
            schemes_shown.write_awards(folder / "awards.csv", paid)
    made = [] if paid is None else summaries(paid)
    code = terminal.INCOMPLETE if any(one.state == FAILED for one in found) else 0
    if json_:
        for one in found:
            loss = one.claim.loss if one.claim else None
            row = {
                "account": one.name, "state": one.state, "rows": one.rows, "lines": one.lines,
                "open": one.open_, "problems": one.problems,
                "loss": None if loss is None else str(loss),
                "why": None if one.why is None else list(one.why),
            }  # fmt: skip
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        for finding in [] if paid is None else schemes_findings.findings(paid, made, {}, {}):
            sys.stdout.write(json.dumps(finding.json(), ensure_ascii=False) + "\n")
        raise typer.Exit(code)
    for block in shown(sheet(found), lang):
        terminal.out.print(block)
    if paid is not None:
        terminal.out.print(schemes_shown.overview(made, lang))
    word = "逐账户结果、申索与赔付" if lang == "zh" else "Accounts, claims and awards"
    terminal.out.print(f"{word}: {terminal.escaped(terminal.shown_path(folder))}", soft_wrap=True)
    raise typer.Exit(code)
