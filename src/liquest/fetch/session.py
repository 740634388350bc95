"""One command of fetch from its options to its last line: where to, how fast, how it is told."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from getpass import getuser
from pathlib import Path

import typer

from .. import terminal
from ..case import read_case
from ..errors import Text, UsageError
from ..vault.store import Vault
from . import candles, report
from .engine import Engine, left
from .pacing import Limits
from .sealing import Both, Folder, Sealed, Sealer
from .transfer import Source, Transfer
from .venues import Archive, rates
from .wanted import Plan
from .web import Web

INCOMPLETE = 3
"""Exit code when something could not be fetched and another run may bring it."""


class Session:
    """What all downloads share: where to, how fast, how it is told."""

    def __init__(
        self,
        case: Path | None,
        out: Path | None,
        concurrency: int,
        max_file: int,
        allow: list[str] | None,
        collector: str,
        lang: str,
        json_: bool,
    ) -> None:
        if case is None and out is None:
            raise UsageError(
                Text("say where the files go", "请指明文件存放位置"),
                remedy=Text(
                    "Add --case CASE to seal them, or --out DIR for plain files.",
                    "请加 --case 案件（封存），或 --out 目录（普通文件）。",
                ),
            )
        if case is not None:
            # A mistyped folder is told, never made.
            read_case(case)
        self.case, self.out = case, out
        self.limits = Limits(concurrency=concurrency, file_bytes=max_file << 20)
        self.allowed = frozenset(allow or ())
        self.collector = collector or os.environ.get("LIQUEST_COLLECTOR", "") or user()
        self.lang = terminal.language(lang)
        self.json = json_

    def web(self, used: list[Archive]) -> Web:
        return Web(self.limits, rates=rates(used), allowed=self.allowed)

    def sealer(self) -> Sealer:
        folder = Folder(self.out) if self.out is not None else None
        if self.case is None:
            assert folder is not None
            return folder
        vault = Vault.open(self.case)
        return vault if folder is None else Both(vault, folder)

    def carry_out(
        self, web: Web, plan: Plan, *, dry_run: bool = False, sizes: bool = False, yes: bool = True
    ) -> None:
        """Show the plan where that is asked; unless that is all, fetch it."""
        if dry_run or sizes:
            open_ = self._left(plan)
            self._show(plan, open_)
            if open_.wanted and not dry_run and not yes:
                terminal.err.print(report.asks(open_, self.lang), soft_wrap=True)
                raise typer.Exit(1)
            if dry_run:
                return
        sealer = self.sealer()
        root = self.case or self.out or Path()
        engine = Engine(web, sources(web), sealer, root, self.collector)
        done = engine.run(plan, terminal.Shown(self.lang), self._landed)
        place = root / "out" if self.case is not None else root
        report.remember(place / "fetch.problems.jsonl", plan, done)
        if self.json:
            for problem in done.problems:
                print_json({"problem": problem.json()})
        else:
            if done.problems:
                terminal.out.print(terminal.problems(done.problems, self.lang))
            terminal.out.print(report.summary(done, self.lang), soft_wrap=True)
        if not done.complete:
            raise typer.Exit(INCOMPLETE)

    def _left(self, plan: Plan) -> Plan:
        """What is not here yet; looking makes no vault."""
        if self.case is not None and not (self.case / "vault" / "log" / "state").exists():
            return plan
        return left(plan, self.sealer())

    def _show(self, plan: Plan, open_: Plan) -> None:
        if self.json:
            for one in open_.wanted:
                print_json({"url": one.url, "source": one.source, "size": one.size})
            for problem in plan.problems:
                print_json({"problem": problem.json()})
            return
        terminal.out.print(report.sizes(plan, open_, self.lang))
        if plan.problems:
            terminal.out.print()
            terminal.out.print(terminal.problems(plan.problems, self.lang))

    def _landed(self, item: Sealed) -> None:
        if self.json:
            print_json({"sealed": item.source, "sha256": item.sha256, "size": item.size,
                    "url": item.url})  # fmt: skip
            sys.stdout.flush()


def sources(web: Web, *, verify: bool = True) -> dict[str, Source]:
    files = Transfer(web, verify=verify)
    return {"http": files, "https": files, "ccxt": candles.Candles(web)}


def user() -> str:
    with suppress(OSError, KeyError):
        return getuser()
    return ""


def print_json(data: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
