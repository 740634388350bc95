"""Whom a replay is asked about: typed positions, a file, or a synthetic population.

Whoever cannot be followed is named: an account of which a contract or an asset has no price
path on the tape, and a scenario in which a market has no mark in any second. Nobody is left
out in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Text, UsageError
from ..findings import Input
from ..problems import ABSENT, Problem
from ..rules.tiers import tiers
from ..vault.intake import digest
from .accounts import SYNTHETIC, Account
from .context import Context
from .crowd import Crowd, from_file, synthetic
from .population_toml import as_toml, read_assumptions
from .positions import read_positions
from .positions_given import given_account
from .scenario import Scenario
from .survive import Survival, cushions
from .to_units import Held, to_units
from .world import World, world

MOST = 200
"""Accounts that are followed one by one; more are a population."""
SAID = 4
"""Reasons that an error names."""
FEEDBACK = "feedback."
OF_ACCOUNTS = (
    "account-aside", "no-price-path", "no-collateral-rate", "portfolio-coin", "no-mark",
)  # fmt: skip
"""Problems that keep a whole account out; their sample is its name."""


def contracts(context: Context) -> list[str]:
    """The contracts that can be replayed; raises UsageError where the tape has none."""
    found = [one.market.symbol for one in context.recorded()]
    if not found:
        raise UsageError(
            Text("the tape has no contract that can be replayed", "行情带中没有可重放的合约"),
            where=str(context.case.root),
            remedy=Text(
                f"A perpetual of {context.venue} with trades by the second or the minute and a "
                "spot of its coin, both over half of the main window, are needed.",
                f"需要 {context.venue} 的永续合约（逐秒或逐分钟成交）及其币种的现货，"
                "且均覆盖主时间窗的一半以上。",
            ),
        )
    return found


def accounts_asked(
    context: Context, typed: Sequence[str], path: Path | None, account: str = ""
) -> tuple[list[Account], list[Problem]]:
    """The accounts that options or a file name, none where all are at fault or `account` is
    not there; and the problems of the file."""
    if bool(typed) == (path is not None):
        raise UsageError(
            Text("give --position or --positions, one of them",
                 "请在 --position 与 --positions 中择一"),
            remedy=Text("For one account of a file: --positions FILE --account NAME.",
                        "针对文件中的一个账户：--positions 文件 --account 名称。"),
        )  # fmt: skip
    symbols = contracts(context)
    if path is None:
        return given_account(typed, tiers(), symbols), []
    found, problems = read_positions(path, tiers=tiers(), symbols=symbols)
    if account:
        found = [one for one in found if one.id == account]
    if len(found) > MOST:
        raise UsageError(
            Text(f"{len(found):,} accounts to follow one by one",
                 f"需逐一跟踪 {len(found):,} 个账户"),
            where=str(path),
            remedy=Text(
                f"Name one with --account, or walk them all with liquest replay: at most {MOST}.",
                f"请用 --account 指定其一，或用 liquest replay 整体重放：最多 {MOST} 个。",
            ),
        )  # fmt: skip
    return found, problems


def priced_only(scenarios: Sequence[Scenario]) -> None:
    """Raises UsageError for a scenario of feedback: one account does not move a market."""
    for scenario in scenarios:
        for path in scenario.overrides:
            if path.startswith(FEEDBACK):
                raise UsageError(
                    Text(f"{path} says nothing of single accounts: prices are as recorded",
                         f"{path} 不适用于单个账户：价格按记录取值"),
                    remedy=Text("Feedback needs a population: liquest replay.",
                                "反馈需要账户群：请用 liquest replay。"),
                )  # fmt: skip


def followable(
    context: Context, accounts: Sequence[Account], scenario: Scenario
) -> tuple[list[Account], list[Problem]]:
    """The accounts that can be followed in a scenario, and why the others cannot."""
    here = world(context, scenario)
    held, problems = to_units(accounts, here.names, here.conversion)
    kept = set(held.ids)
    for unit in range(len(held.units)):
        if not np.isfinite(cushions(here.paths, held.units, unit)).any():
            kept.discard(held.id(unit))
            problems.append(_unmarked(here, held, unit))
    return [one for one in accounts if one.id in kept], problems


def nobody(
    context: Context, accounts: Sequence[Account], problems: Sequence[Problem]
) -> UsageError:  # fmt: skip
    """That no account is left, why, and which contracts the tape has."""
    wanted = {f":{p.symbol} " for one in accounts for p in one.positions}
    of_tape = [
        p for p in context.kept.get("problems", []) if any(w in f"{p.text.en} " for w in wanted)
    ]
    reasons = [p.text for p in (*problems, *of_tape)][:SAID]
    names = contracts(context)
    return UsageError(
        Text("no account is left to follow" + "".join(f"; {t.en}" for t in reasons),
             "没有可供跟踪的账户" + "".join(f"；{t.zh}" for t in reasons)),
        remedy=Text("Check --account and the rows named. Contracts of this tape: "
                    + ", ".join(names) + ".",
                    "请检查 --account 与所指各行。本行情带的合约：" + "、".join(names) + "。"),
    )  # fmt: skip


def noted(found: Sequence[Survival], accounts: Sequence[Account]) -> list[Survival]:
    """The same; what became of an account that nobody held says so."""
    unheld = {one.id for one in accounts if one.synthetic}
    return [
        replace(one, caveats=(*one.caveats, SYNTHETIC)) if one.account in unheld else one
        for one in found
    ]


def crowd_of(
    context: Context, path: Path | None, accounts: int, seed: int, law: Path | None
) -> tuple[Crowd, dict[str, Any], tuple[Input, ...]]:
    """Whom the replay walks, how that is described, and the rows that it stands on."""
    contracts(context)
    if path is not None:
        crowd = from_file(context, path)
        source = digest(path)
        return crowd, {"name": path.name, "source": source}, (Input(source, 1, crowd.rows),)
    given = read_assumptions(law) if law else None
    made, problems = synthetic(context, accounts, seed, given)
    crowd = Crowd("synthetic", drawn=made)
    crowd.problems = problems
    said: dict[str, Any] = {"name": "synthetic", "accounts": len(made), "seed": seed}
    if given is not None:
        said["assumptions"] = as_toml(given)
    return crowd, said, ()


def _unmarked(here: World, held: Held, unit: int) -> Problem:
    """A unit that no second evaluates: its markets have no mark, or never at one time."""
    legs = slice(int(held.units.start[unit]), int(held.units.start[unit + 1]))
    names = list(dict.fromkeys(here.names[int(m)] for m in held.units.market[legs]))
    marked = ", ".join(names)
    return Problem(
        "no-mark", ABSENT,
        Text(
            f"'{held.id(unit)}': no second of the window has a mark price of {marked} under "
            f"{here.scenario.label}: no source of the index is live, or too few",
            f"“{held.id(unit)}”：在 {here.scenario.label} 下，时间窗内没有任何一秒有 {marked} "
            "的标记价格：指数没有有效来源，或来源不足",
        ),
        sample=held.id(unit),
    )  # fmt: skip
