"""Small random worlds for the aftermath, and what its ledger is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from liquest.replay.aftermath import Terms, aftermath, dollars
from liquest.replay.aftermath_exact import Replay, aftermath_exact
from liquest.replay.ledger import Ledger
from liquest.replay.units import Bools, Paths, Units
from liquest.rules.adl import ALLOCATIONS, PRICES, AdlRule
from liquest.rules.ladder import Tiers, flat
from liquest.rules.scores import SCORES
from liquest.run.executor import Executor, Inline
from liquest.tape.tracks import Floats

LINEAR, INVERSE, ASSET = "linear", "inverse", "asset"


@dataclass(frozen=True)
class Small:
    """A world of few markets, units and seconds."""

    paths: Paths
    last: Floats
    units: Units
    terms: Terms
    contract: Bools

    def ledger(self, executor: Executor | None = None, *, keep: bool = True) -> Ledger:
        return aftermath(
            self.paths, self.last, self.units, self.terms, self.contract, executor or Inline(),
            keep=keep,
        )  # fmt: skip

    def exact(self) -> Replay:
        return aftermath_exact(self.paths, self.last, self.units, self.terms, self.contract)

    def with_(self, **changes: Any) -> Small:
        """The same with other terms."""
        return replace(self, terms=replace(self.terms, **changes))

    def graced(self, seconds: int) -> Small:
        """The same with one grace for all."""
        return replace(self, units=replace(self.units, grace=np.full(len(self.units), seconds)))


def ladder(name: str, random: np.random.Generator, typical: float) -> Tiers:
    """One to four tiers whose floors lie among typical notionals."""
    count = int(random.integers(1, 5))
    steps = np.cumsum(random.uniform(0.1, 0.8, count - 1)) * typical
    floors = [Decimal(0), *(Decimal(repr(round(float(f), 3))) for f in steps)]
    rates = [Decimal(repr(round(float(r), 4))) for r in np.sort(random.uniform(0.004, 0.2, count))]
    cums = [Decimal(0)]
    for k in range(1, count):
        cums.append(cums[-1] + floors[k] * (rates[k] - rates[k - 1]))
    return Tiers(name, tuple(floors), tuple(rates), tuple(cums), (Decimal(1),) * count)


def walk(random: np.random.Generator, seconds: int, calm: float) -> Floats:
    """Prices that stand still, move or leap."""
    steps = np.where(
        random.random(seconds) < calm, 0.0,
        random.normal(0, 0.02, seconds) + (random.random(seconds) < 0.2)
        * random.normal(0, 0.2, seconds),
    )  # fmt: skip
    path: Floats = random.uniform(1, 200) * np.exp(np.cumsum(np.clip(steps, -0.7, 0.7)))
    return path


def small(
    seed: int, kinds: list[str], units: int, seconds: int, terms: Mapping[str, Any], *,
    fund: Decimal | None = None, calm: float = 0.3, holes: float = 0.05, graces: int = 0,
    pledges: bool = True, gaps: float = 0.1,
) -> Small:  # fmt: skip
    """A world; numbers that are not asked for come from the seed."""
    random = np.random.default_rng(seed)
    names = [f"M{m}" for m in range(len(kinds))]
    prices = np.stack([walk(random, seconds, calm) for _ in kinds])
    last = prices * np.exp(
        random.normal(0, 0.004, prices.shape)
        + (random.random(prices.shape) < gaps) * random.normal(0, 0.2, prices.shape)
    )
    inverse = np.array([kind == INVERSE for kind in kinds])
    contract = np.array([kind != ASSET for kind in kinds])
    prices[random.random(prices.shape) < holes] = np.nan
    last[random.random(prices.shape) < holes] = np.nan
    typical = [1_000 / (np.nanmean(p) if inv else 1) if not np.isnan(p).all() else 1_000
               for p, inv in zip(prices, inverse, strict=True)]  # fmt: skip
    tiers = [
        None if kind == ASSET or random.random() < 0.05
        else flat(name, Decimal("0.01")) if random.random() < 0.2 else ladder(name, random, t)
        for kind, name, t in zip(kinds, names, typical, strict=True)
    ]  # fmt: skip
    paths = Paths.of(names, prices, inverse, tiers)
    with np.errstate(divide="ignore"):
        last = np.where(inverse[:, None], 1 / last, last)
    made = _units(random, paths, contract, units, graces, pledges=pledges)
    count = len(kinds)
    of = Terms(
        np.round(random.uniform(0.01, 0.2, count), 3),
        np.round(random.choice([0.0, 0.004, 0.015], count), 4),
        np.where(inverse, 10.0, 0.001), fund, **terms,
    )  # fmt: skip
    return Small(paths, last, made, of, contract)


def _units(
    random: np.random.Generator, paths: Paths, contract: Bools, count: int, graces: int, *,
    pledges: bool,
) -> Units:  # fmt: skip
    wallet, start, market, size, entry, trigger, grace = [], [0], [], [], [], [], []
    kinds = {
        False: np.flatnonzero(contract & ~paths.inverse), True: np.flatnonzero(paths.inverse)
    }  # fmt: skip
    assets = np.flatnonzero(~contract)
    for _ in range(count):
        turned = bool(random.random() < 0.5)
        chosen = kinds[turned] if len(kinds[turned]) else kinds[turned := not turned]
        gross = 0.0
        for m in random.choice(chosen, int(random.integers(1, 4))):
            known = paths.x[m][~np.isnan(paths.x[m])]
            at = float(known[0] if len(known) else 1.0) * float(np.exp(random.normal(0, 0.1)))
            value = float(random.uniform(100, 2_000)) * (at if turned else 1.0)
            gross += value
            market.append(m)
            size.append(float(random.choice([-1, 1])) * value / at * (random.random() > 0.03))
            entry.append(at)
        own = gross * float(random.uniform(0.01, 0.4))
        if pledges and not turned and len(assets) and random.random() < 0.4:
            m = int(random.choice(assets))
            known = paths.x[m][~np.isnan(paths.x[m])]
            amount = gross * float(random.uniform(-0.1, 0.4))
            market.append(m)
            size.append(amount / float(known[0] if len(known) else 1.0))
            entry.append(0.0)
            own = own - amount if random.random() < 0.5 else own * 0.1
        wallet.append(own)
        start.append(len(market))
        trigger.append(float(random.choice([1.0, 1.0, 1.05])))
        grace.append(int(random.integers(0, graces + 1)))
    return Units(
        np.array(wallet), np.array(start), np.array(market), np.array(size), np.array(entry),
        np.array(trigger), np.array(grace),
    )  # fmt: skip


def scales(world: Small) -> Floats:
    """Wallet and highest notional [U] of the units: what a difference is measured by."""
    x = np.nan_to_num(world.paths.x).max(axis=1)[world.units.market]
    legs = np.abs(world.units.size) * np.maximum(x, world.units.entry)
    return np.abs(world.units.wallet) + np.bincount(
        world.units.owners(), weights=legs, minlength=len(world.units)
    )


def differences(world: Small, share: float = 1e-9) -> list[str]:
    """Where the ledger is not the exact one, to a share of what is at stake."""
    ledger, exact = world.ledger(), world.exact()
    accounts, rows, events = exact.accounts, exact.rows, ledger.events
    money = float(scales(world).max() * tape_dollars(world))
    found = [
        name
        for name, have, want in (
            ("first", ledger.first, [one.first for one in accounts]),
            ("at", ledger.at, [one.at for one in accounts]),
            ("outcome", ledger.outcome, [one.outcome for one in accounts]),
            ("open", ledger.open_, [one.breach is not None for one in accounts]),
            ("second", ledger.second, [row.second for row in rows]),
            ("kind", events.kind, [row.kind for row in rows]),
            ("unit", events.unit, [row.unit for row in rows]),
            ("market", events.market, [row.market for row in rows]),
        )
        if list(have) != want
    ]
    if found:
        return found
    size = np.abs(events.size)
    numbers: Sequence[tuple[str, Any, Sequence[Any], Any]] = (
        ("wallet", ledger.wallet, [one.wallet for one in accounts], scales(world)),
        ("size", ledger.size, [g.size for a in accounts for g in a.legs], np.abs(world.units.size)),
        *((key, getattr(ledger, key), [one.sums[key] for one in accounts], money)
          for key in ("fee", "lost", "deficit", "taken", "forgone")),
        ("fund_net", [ledger.fund_net], [exact.net], money),
        ("fund_used", [ledger.fund_used], [-exact.lowest], money),
        ("residual", [ledger.residual], [exact.residual], money),
        ("row size", events.size, [row.size for row in rows], size),
        ("row at", events.at, [row.at for row in rows], events.x),
        ("row fund", events.fund, [row.fund for row in rows], money),
        ("row passed", events.passed, [row.passed for row in rows], size),
        ("row bankruptcy", np.nan_to_num(events.bankruptcy),
         [row.bankruptcy or 0 for row in rows], events.x),
    )  # fmt: skip
    for name, have, want, scale in numbers:
        wanted = np.array([float(v) for v in want])
        if not (np.abs(np.asarray(have) - wanted) <= share * (np.abs(wanted) + scale)).all():
            found.append(name)
    return found


def tape_dollars(world: Small) -> float:
    """The most that a unit of a settle currency is worth."""
    return float(dollars(world.paths).max())


policies = st.fixed_dictionaries({
    "steps": st.sampled_from(["partial", "full"]),
    "execution": st.sampled_from(["last", "mark"]),
    "clears": st.sampled_from(["at-once", "at-end"]),
    "bankruptcy": st.sampled_from(["zero-price", "whole-account"]),
    "adl": st.builds(
        AdlRule, st.sampled_from(sorted(SCORES)),
        st.one_of(st.just("queue"), st.sampled_from(ALLOCATIONS)), st.sampled_from(sorted(PRICES)),
        cap=st.sampled_from([Decimal(1), Decimal("0.5")]),
    ),
})  # fmt: skip
funds = st.sampled_from([None, Decimal(0), Decimal(0), Decimal(50), Decimal(2_000)])
markets = st.lists(st.sampled_from([LINEAR, INVERSE, ASSET]), max_size=3).map(
    lambda more: [LINEAR, *more]
)
seeds = st.integers(0, 2**32)
worlds = st.builds(
    small, seeds, markets, st.integers(2, 8), st.integers(2, 12), policies,
    fund=funds, calm=st.sampled_from([0.0, 0.5]),
    holes=st.sampled_from([0.0, 0.08]), graces=st.sampled_from([0, 0, 3, 20]),
    gaps=st.sampled_from([0.0, 0.2]),
)  # fmt: skip
