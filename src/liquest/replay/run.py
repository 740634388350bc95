"""A replay: every scenario over one population, the baseline first; each one kept when done.

The mode is always named. `exogenous`: prices as recorded. `first-order feedback`: a scenario is
run once on recorded prices; what its forced volume adds to or spares from the baseline's moves
the contract's own prices through the model of the rules, once, and it is run again on those.

Where the rules of a scenario leave a market without an index or a mark, the seconds are counted:
an account that holds it is not evaluated in a second without a mark.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, is_zipfile

import numpy as np

from ..errors import Text
from ..rules.book_rows import ASKED
from ..run import fingerprint
from ..run.progress import Progress, shown
from .aftermath import Terms, aftermath
from .context import Context
from .crowd import Crowd
from .feedback import Impact, depth_of, moved
from .marks import Marked, marked
from .outcome import Outcome
from .scenario import BASELINE, Scenario
from .world import World, world

EXOGENOUS, FEEDBACK = "exogenous", "first-order feedback"


@dataclass(frozen=True)
class Result:
    """One scenario. `depths`: dollars for one percent of each market, where prices were moved.
    `holes`: seconds without an index and without a mark, by market, where there are any."""

    scenario: Scenario
    mode: str
    outcome: Outcome
    depths: Mapping[str, float]
    holes: Mapping[str, tuple[int, int]]


def replay(
    context: Context, crowd: Crowd, scenarios: Sequence[Scenario], kept: Path, progress: Progress
) -> Iterator[Result]:
    """The baseline, then the scenarios in order. What stands in the folder `kept` was made from
    the same tape, rules, code and population (its name says which) and is taken as it is."""
    kept.mkdir(parents=True, exist_ok=True)
    with shown(progress, Text("Replaying", "重放"), 1 + len(scenarios)):
        base = _base(context, crowd, kept)
        progress.step(BASELINE.label)
        yield Result(BASELINE, EXOGENOUS, base, {}, holes(context.marked()))
        for scenario in scenarios:
            progress.step(scenario.label)
            rules = context.rules_of(scenario)
            rows = [marked(one, rules) for one in context.recorded()]
            path = kept / f"{fingerprint.of(scenario.label)[:16]}.npz"
            depths: dict[str, float] = {}
            if rules.get("feedback.model").text != "none":
                depths = _depths(context, scenario)
            done = _kept(path)
            if done is None:
                done = _run(world(context, scenario, rows), crowd)
                if depths:
                    done = _run(_moved(context, scenario, base, done, depths), crowd)
                done.write(path)
            mode = FEEDBACK if depths else EXOGENOUS
            yield Result(scenario, mode, done, depths, holes(rows))


def holes(rows: Sequence[Marked]) -> dict[str, tuple[int, int]]:
    """symbol → seconds of the window without an index, and without a mark."""
    counted = {
        one.symbol: (int(np.isnan(one.index).sum()), int(np.isnan(one.mark).sum())) for one in rows
    }
    return {symbol: both for symbol, both in counted.items() if any(both)}


def _base(context: Context, crowd: Crowd, kept: Path) -> Outcome:
    path = kept / "baseline.npz"
    done = _kept(path)
    if done is None:
        done = _run(world(context), crowd)
        done.write(path)
    return done


def _kept(path: Path) -> Outcome | None:
    """What stands there; None for nothing, and for a file that is damaged: it is made again."""
    if not is_zipfile(path):
        return None
    try:
        return Outcome.read(path)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error):
        return None


def _run(here: World, crowd: Crowd) -> Outcome:
    held = crowd.held(here)
    ledger = aftermath(here.paths, here.last, held.units, Terms.of(here.rules, here), here.contract)
    return Outcome.of(held, ledger)


def _depths(context: Context, scenario: Scenario) -> dict[str, float]:
    """What is asked for; else what the trades before the middle of the window show; else what
    the rules assume."""
    row = context.rules_of(scenario).get("feedback.depth")
    found = {}
    for one in context.recorded():
        measured = float("nan")
        if row.certainty != ASKED:
            measured = depth_of(one, one.traded[one.lead :])
        found[one.market.symbol] = float(row.number) if np.isnan(measured) else measured
    return found


def _moved(
    context: Context, scenario: Scenario, base: Outcome, first: Outcome, depths: Mapping[str, float]
) -> World:
    """The world of a scenario on prices moved by the forced volume that is not the baseline's."""
    rules = context.rules_of(scenario)
    model = rules.get("feedback.model").text
    half_life = float(rules.get("feedback.half_life").number)
    rows = []
    for place, one in enumerate(context.recorded()):
        impact = Impact(model, depths[one.market.symbol], half_life)
        change = first.forced[place] - base.forced[place]
        rows.append(marked(moved(one, impact.path(change)), rules))
    return world(context, scenario, rows)
