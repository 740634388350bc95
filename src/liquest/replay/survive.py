"""One account under many rules: alive, or the second of its liquidation, and what was missing.

For every margin unit (a cross wallet, or an isolated position) and scenario: the first second
in which its margin balance is below the trigger, the closest moment, the sum that would have
held it over the whole window and by when it had to be there, and how long there was from a
warning to the breach. Binance's rule: a position is liquidated when the margin balance falls
below maintenance; the warning stands at the share of the cushion that the caller names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..clock import SECOND
from ..errors import InputError, Text
from ..findings import rounded
from ..problems import Problem
from ..tape.tracks import Floats, Ints
from .accounts import Account
from .context import Context
from .first import first_liquidation
from .scenario import Scenario
from .to_units import Held, to_units
from .units import Paths, Units
from .world import World, world

PLACES = 8
WARNING = Decimal("0.5")
"""Share of the first second's cushion at which a warning is said to stand."""
HELP = (60, 180, 300)
"""Seconds from the warning to the arrival of fresh margin; the seed of the case speaks of three
to five minutes."""


@dataclass(frozen=True)
class Survival:
    """One unit in one scenario. Times in µs, sums in `currency`.

    `liquidated_at` is the second in which it is liquidated (after any grace), None for never;
    `open_in_grace` says that the data end before the grace does. `closest_at` and `cushion`
    are the moment of the smallest margin balance − maintenance up to then, and it; `cushion`
    is below zero in a breach. `needed` would have held it to the end of the window, had it
    been there by `needed_by`. `warned_at` is the last crossing of the warning before.
    """

    scenario: Scenario
    account: str
    unit: str
    symbols: tuple[str, ...]
    currency: str
    alive: bool
    liquidated_at: int | None
    open_in_grace: bool
    closest_at: int
    cushion: Decimal
    first_cushion: Decimal
    needed: Decimal
    needed_by: int | None
    warned_at: int | None
    caveats: tuple[str, ...]
    path: Floats

    @property
    def warning_seconds(self) -> int | None:
        """Seconds from the warning to the breach; None where either is missing."""
        if self.warned_at is None or self.needed_by is None:
            return None
        return (self.needed_by - self.warned_at) // SECOND

    def in_time(self, seconds: int) -> bool | None:
        """Whether margin sent at the warning that takes `seconds` arrives before the breach."""
        known = self.warning_seconds
        return None if known is None else seconds < known


def survive(
    context: Context, accounts: Sequence[Account], scenarios: Iterable[Scenario],
    warning: Decimal = WARNING,
) -> list[Survival]:  # fmt: skip
    """Every unit of the accounts in every scenario, scenario by scenario."""
    found: list[Survival] = []
    for scenario in scenarios:
        here = world(context, scenario)
        held, problems = to_units(accounts, here.names, here.conversion)
        if problems and not len(held.units):
            _refuse(problems)
        breaches = first_liquidation(here.paths, held.units)
        for unit in range(len(held.units)):
            found.append(_unit(context, here, held, unit, int(breaches[unit]), warning))
    return found


def _refuse(problems: Sequence[Problem]) -> None:
    raise InputError(
        problems[0].text,
        remedy=Text(
            "Contracts of this tape: liquest replay CASE names them.",
            "本行情带可用的合约见 liquest replay 案件。",
        ),
    )


def _unit(
    context: Context, here: World, held: Held, unit: int, breach: int, warning: Decimal
) -> Survival:
    units = held.units
    cushion = cushions(here.paths, units, unit)
    seconds = np.arange(here.paths.seconds, dtype=np.int64) * SECOND + _start(here)
    closed, breach, open_ = _after_grace(cushion, breach, int(units.grace[unit]))
    end = len(cushion) if closed is None else closed + 1
    known = np.flatnonzero(np.isfinite(cushion[:end]))
    closest = int(known[np.argmin(cushion[known])])
    first = float(cushion[known[0]])
    needed, warned = 0.0, None
    if breach >= 0:
        after = cushion[breach:]
        needed = -float(np.nanmin(after))
        calm = np.flatnonzero(cushion[:breach] > float(warning) * first)
        if len(calm) and calm[-1] + 1 <= breach:
            warned = int(seconds[calm[-1] + 1])
    names = _names(here, held, unit)
    caveats = ["exogenous", *here.caveats(names)]
    if open_:
        caveats.append("data-end")
    return Survival(
        here.scenario, held.id(unit), _label(held, unit, names), names,
        held.currencies[int(held.currency[unit])], closed is None,
        None if closed is None else int(seconds[closed]), open_, int(seconds[closest]),
        rounded(float(cushion[closest]), PLACES), rounded(first, PLACES),
        rounded(needed, PLACES), None if breach < 0 else int(seconds[breach]), warned,
        tuple(caveats), cushion,
    )  # fmt: skip


def cushions(paths: Paths, units: Units, unit: int) -> Floats:
    """Margin balance − trigger · maintenance [S] of one unit, NaN where a mark is missing."""
    total = np.full(paths.seconds, units.wallet[unit])
    for leg in range(int(units.start[unit]), int(units.start[unit + 1])):
        market = int(units.market[leg])
        x = paths.x[market]
        total = total + units.size[leg] * (x - units.entry[leg])
        rows = slice(int(paths.tier_start[market]), int(paths.tier_start[market + 1]))
        if rows.stop > rows.start:
            notional = np.abs(units.size[leg]) * x
            tier = np.searchsorted(paths.tier_floor[rows][1:], notional, side="left")
            held = paths.tier_rate[rows][tier] * notional - paths.tier_cum[rows][tier]
            total = total - units.trigger[unit] * held
    return total


def _after_grace(cushion: Floats, breach: int, grace: int) -> tuple[int | None, int, bool]:
    """The second of liquidation (None for never), the breach that leads to it (−1 for none), and
    whether the data end before the grace does."""
    first = breach
    while breach >= 0:
        due = breach + grace
        if due >= len(cushion):
            return None, breach, True
        if not grace or cushion[due] < 0:
            return due, breach, False
        later: Ints = np.flatnonzero(cushion[due:] < 0)
        breach = int(later[0]) + due if len(later) else -1
    return None, first, False


def _names(here: World, held: Held, unit: int) -> tuple[str, ...]:
    """What the unit holds, each once."""
    legs = slice(int(held.units.start[unit]), int(held.units.start[unit + 1]))
    return tuple(dict.fromkeys(here.names[int(m)] for m in held.units.market[legs]))


def _label(held: Held, unit: int, names: Sequence[str]) -> str:
    return f"{'isolated' if held.isolated[unit] else 'cross'} {' + '.join(names)}"


def _start(here: World) -> int:
    return int(here.marked[0].recorded.seconds[0])
