"""What a synthetic account is like: asked for, or drawn from its seed.

The same plan gives the same account on every machine: choices come from `random.Random`, paths
from NumPy's PCG64, both seeded by the plan's seed alone.
"""

from __future__ import annotations

import random as chance
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ...clock import MINUTE, SECOND, parse_time
from ...errors import Text, UsageError
from ..entries import COINM, CROSS, ISOLATED, USDM
from .contracts import SYMBOLS, contract
from .prices import Crash

MIXED = "mixed"
NONE, IN_TIME, LATE, REFUSED = "none", "in time", "late", "refused"
RESCUES = (NONE, IN_TIME, LATE, REFUSED)
"""Margin sent during the crash: none; there before the trigger; there after it; never there."""

MODES = (CROSS, ISOLATED, MIXED)
START = parse_time("2025-10-10T15:40:00Z")
SECONDS = 6 * 3600


class Round(NamedTuple):
    """What the book does with one round of forced orders (`forced`: expire, part, fill, take), and
    the seconds until the next."""

    action: str
    wait: int = 1


@dataclass(frozen=True)
class Plan:
    """`actions` is how often the account does something; what is None is drawn. `start` is a
    whole second, funding falls on 0, 8 and 16 o'clock."""

    seed: int
    start: int = START
    seconds: int = SECONDS
    actions: int = 36
    symbols: tuple[str, ...] | None = None
    hedge: bool | None = None
    mode: str | None = None
    leverage: int | None = None
    rescue: str | None = None
    name: str = ""
    rounds: Mapping[str, Sequence[Round]] = field(default_factory=dict)
    """By settle asset, in place of what is drawn."""

    def __post_init__(self) -> None:
        if self.start % SECOND or self.seconds < 600 or self.actions < 1:
            raise UsageError(
                Text(
                    "a synthetic account starts at a whole second, lasts 600 s or more and acts "
                    "at least once",
                    "合成账户须从整秒开始，历时不少于 600 秒，且至少有一次操作",
                )
            )
        if self.mode not in (None, *MODES) or self.rescue not in (None, *RESCUES):
            raise UsageError(
                Text(
                    f"modes are {', '.join(MODES)}; rescues {', '.join(RESCUES)}",
                    f"模式可选 {'、'.join(MODES)}；补救可选 {'、'.join(RESCUES)}",
                )
            )

    @property
    def account(self) -> str:
        """The name of the account: it begins with synthetic- always."""
        return f"synthetic-{self.name or self.seed}"


@dataclass(frozen=True)
class Traits:
    """What was drawn. `hedge` by market; `bnb`: commissions are paid in BNB where that does."""

    uid: str
    symbols: tuple[str, ...]
    hedge: Mapping[str, bool]
    isolated: frozenset[str]
    leverage: int
    bnb: bool
    bnb_price: Decimal
    crash: Crash
    rescue: str
    first_id: int

    @property
    def crash_starts(self) -> int:
        return self.crash.at


def traits(plan: Plan, random: chance.Random) -> Traits:
    """The traits of a plan."""
    symbols = plan.symbols or tuple(sorted(random.sample(SYMBOLS, random.randint(1, 3))))
    for symbol in symbols:
        contract(symbol)
    mode = plan.mode or random.choice((CROSS, CROSS, ISOLATED, MIXED))
    hedge = {
        market: random.random() < 0.4 if plan.hedge is None else plan.hedge
        for market in (USDM, COINM)
    }
    at = int(plan.seconds * random.uniform(0.75, 0.85))
    squeeze = random.random() < 0.2
    crash = Crash(
        at,
        random.randint(120, max(121, min(900, plan.seconds // 12))),
        random.uniform(1.4, 2.4) if squeeze else random.uniform(0.25, 0.7),
        random.uniform(0.2, 0.9),
        random.randint(120, max(121, plan.seconds // 15)),
    )
    alone = {CROSS: 0.0, MIXED: 0.5, ISOLATED: 1.0}[mode]
    return Traits(
        str(random.randint(10**8, 10**9 - 1)), symbols, hedge,
        frozenset(s for s in symbols if random.random() < alone),
        plan.leverage or random.choice((3, 5, 8, 10, 15)),
        random.random() < 0.3, Decimal(random.randint(90000, 130000)) / 100, crash,
        plan.rescue or random.choice(RESCUES), random.randint(10**9, 10**10),
    )  # fmt: skip


def instants(plan: Plan, random: chance.Random, crash: Crash) -> list[int]:
    """When the account acts (µs), most often around the crash; never twice in one second."""
    seconds: set[int] = set()
    near = range(max(crash.at - 600, 31), min(crash.at + 1800, plan.seconds - 5))
    wide = range(31, plan.seconds - 5)
    most = min(plan.actions, len(wide) // 2)
    while len(seconds) < most:
        crowded = random.random() < 0.3 and len(seconds) < len(near) // 2
        seconds.add(random.choice(near if crowded else wide))
    return [plan.start + s * SECOND for s in sorted(seconds)]


def funding_times(plan: Plan) -> list[int]:
    """Every 8 hours of UTC within the account's life."""
    period = 8 * 60 * MINUTE
    first = -(-plan.start // period) * period
    return list(range(first, plan.start + plan.seconds * SECOND, period))
