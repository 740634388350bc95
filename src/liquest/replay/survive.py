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
from ..rules.grace import AT_END, AT_ONCE
from ..rules.lookup import one_of
from ..tape.tracks import Floats
from .accounts import Account
from .context import Context
from .first import first_liquidation
from .scenario import Scenario
from .to_units import Held, to_units
from .units import Paths, Units
from .world import World, world

PLACES = 8
CLEARS = (AT_ONCE, AT_END)
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
            _refuse(here, problems)
        breaches = first_liquidation(here.paths, held.units)
        at_once = one_of("grace.clears", here.rules.get("grace.clears").text, CLEARS) == AT_ONCE
        for unit in range(len(held.units)):
            breach = int(breaches[unit])
            found.append(_unit(here, held, unit, breach, warning, at_once=at_once))
    return found


def _refuse(here: World, problems: Sequence[Problem]) -> None:
    names = [one.symbol for one in here.marked]
    raise InputError(
        problems[0].text,
        remedy=Text(
            "Contracts of this tape: " + ", ".join(names) + ".",
            "本行情带的合约：" + "、".join(names) + "。",
        ),
    )


def _unit(
    here: World, held: Held, unit: int, breach: int, warning: Decimal, *, at_once: bool
) -> Survival:
    units = held.units
    cushion = cushions(here.paths, units, unit)
    seconds = np.arange(here.paths.seconds, dtype=np.int64) * SECOND + _start(here)
    if not np.isfinite(cushion).any():
        raise _unmarked(here, held, unit)
    closed, breach, open_ = _after_grace(cushion, breach, int(units.grace[unit]), at_once=at_once)
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
        here.scenario, held.id(unit), _label(here, held, unit, names), names,
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


def _after_grace(
    cushion: Floats, breach: int, grace: int, *, at_once: bool
) -> tuple[int | None, int, bool]:
    """The second of liquidation (None for never), the breach that leads to it (the first for
    none, −1 without any), and whether the data end before the grace does. With `at_once` a
    breach is over as soon as the cushion is not below zero; else only the end of the grace is
    looked at. In a second without a mark nothing is decided."""
    first = breach
    while breach >= 0:
        due = breach + grace
        back = np.flatnonzero(cushion[breach if at_once else due :] >= 0)
        still = np.flatnonzero(cushion[due:] < 0)
        cleared = int(back[0]) + (breach if at_once else due) if len(back) else len(cushion)
        closed = int(still[0]) + due if len(still) else len(cushion)
        if cleared == closed:  # neither: the data end first
            return None, breach, True
        if closed < cleared:
            return closed, breach, False
        later = np.flatnonzero(cushion[cleared:] < 0)
        breach = int(later[0]) + cleared if len(later) else -1
    return None, first, False


def _unmarked(here: World, held: Held, unit: int) -> InputError:
    names = ", ".join(_names(here, held, unit))
    return InputError(
        Text(
            f"no second of the window has a mark price of {names} under {here.scenario.label}",
            f"在 {here.scenario.label} 下，时间窗内没有任何一秒有 {names} 的标记价格",
        ),
        remedy=Text(
            "Its index has no live source under these rules: choose others with index.sources.",
            "按这些规则其指数没有有效来源：请用 index.sources 另选。",
        ),
    )


def _names(here: World, held: Held, unit: int) -> tuple[str, ...]:
    """What the unit holds, each once."""
    legs = slice(int(held.units.start[unit]), int(held.units.start[unit + 1]))
    return tuple(dict.fromkeys(here.names[int(m)] for m in held.units.market[legs]))


def _label(here: World, held: Held, unit: int, names: Sequence[str]) -> str:
    """Mode and contracts; the side where the account holds both in isolated mode."""
    word = f"{'isolated' if held.isolated[unit] else 'cross'} {' + '.join(names)}"
    twins = [
        other for other in np.flatnonzero(held.account == held.account[unit]).tolist()
        if held.isolated[other] and held.isolated[unit] and _names(here, held, other) == names
    ]  # fmt: skip
    if len(twins) < 2:
        return word
    leg = int(held.units.start[unit])
    positive = held.units.size[leg] > 0
    return f"{word} {'short' if positive == here.paths.inverse[held.units.market[leg]] else 'long'}"


def _start(here: World) -> int:
    return int(here.marked[0].recorded.seconds[0])
