"""A synthetic population for the questions that need one, and what a scenario does to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import Text
from ...findings import Value, rounded
from ...problems import ABSENT, Problem
from ...tape.tracks import Floats, Ints
from ..context import Context
from ..scenario import Scenario

if TYPE_CHECKING:
    from ..outcome import Outcome
    from ..population import Population


@dataclass(frozen=True)
class Lived:
    """One scenario over one population: the outcome, and the class of every account [A], a
    place in `classes`."""

    outcome: Outcome
    category: Ints
    classes: Sequence[str]

    def of_class(self, name: str, values: Floats) -> float:
        """The sum of a value by account over a class; what is not known counts as nothing."""
        if name not in self.classes:
            return 0.0
        return float(np.nansum(values[self.category == self.classes.index(name)]))

    def members(self, name: str, accounts: Ints) -> int:
        """How many of some accounts are of a class."""
        if name not in self.classes:
            return 0
        return int((self.category[accounts] == self.classes.index(name)).sum())


def population_of(context: Context, accounts: int, seed: int) -> Population:
    """The population of a seed, drawn once."""
    from ..crowd import synthetic

    key = f"population {accounts} {seed}"
    if key not in context.kept:
        context.kept[key], _ = synthetic(context, accounts, seed)
    drawn: Population = context.kept[key]
    return drawn


def nobody(context: Context, question: str) -> list[Problem]:
    """What to say where the tape has no contract that a population could live in."""
    if context.recorded():
        return []
    return [
        Problem(
            "no-contract", ABSENT,
            Text(
                f"{question}: no perpetual with trades by the second and spot of its coin is in "
                "the tape, so there is nothing to replay",
                f"{question}：行情带中没有带逐秒成交且有其币种现货的永续合约，无从重放",
            ),
        )
    ]  # fmt: skip


def lived(context: Context, scenario: Scenario, accounts: int, seed: int) -> Lived:
    """What the scenario does to the population of a seed."""
    # Kernels are loaded where a question is asked, not where it is listed.
    from ..aftermath import Terms, aftermath
    from ..crowd import Crowd
    from ..outcome import Outcome
    from ..world import world

    drawn = population_of(context, accounts, seed)
    here = world(context, scenario)
    held = Crowd("synthetic", drawn=drawn).held(here)
    ledger = aftermath(
        here.paths, here.last, held.units, Terms.of(here.rules, here), here.contract,
        context.executor,
    )  # fmt: skip
    return Lived(Outcome.of(held, ledger), drawn.category, drawn.categories)


def ranged(values: Sequence[float], places: int) -> tuple[Decimal, dict[str, Value]]:
    """The first value, and the range over all of them."""
    exact = [rounded(v, places) for v in values]
    return exact[0], {"low": min(exact), "high": max(exact)}


def said(accounts: int, seeds: Sequence[int]) -> dict[str, Any]:
    """The population as a finding states it."""
    return {"name": "synthetic", "accounts": accounts, "seeds": list(seeds)}
