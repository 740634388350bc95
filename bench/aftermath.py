"""What follows the first breach: 1.6 million units of three legs, 60 markets, 5,400 seconds.

Seeded: a fall of a fifth to two thirds with a rebound, in the middle of an hour and a half, in
which some 500,000 units are liquidated. Timed without a limit of the fund, and with a fund
that runs out, so that deleveraging goes through the markets second by second. Floor of the
same run: the search for the first second in which each of these units is below its trigger,
without which nothing that follows can begin.
"""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from liquest.replay.aftermath import Terms, aftermath
from liquest.replay.aftermath_exact import aftermath_exact
from liquest.replay.first import first_liquidation
from liquest.replay.units import Paths, Units
from liquest.rules.adl import AdlRule
from liquest.rules.tiers import tiers
from liquest.run.executor import Threads
from liquest.tape.tracks import Floats

from ._child import measured

UNITS = 1_600_000
LEGS = 3
MARKETS = 60
SECONDS = 5_400
CORES = 2
TARGET_S = 30.0
TARGET_MB = 2_000
FUND = Decimal(10_000_000)


def marks(random: np.random.Generator) -> Floats:
    """Prices around 100 that fall within some minutes, each market by its own share."""
    at = np.arange(SECONDS)
    depth = -np.log(random.uniform(0.35, 0.85, MARKETS))[:, None]
    falling = 0.5 + 0.5 * np.tanh((at - 2_700) / random.uniform(3, 60, MARKETS)[:, None])
    back = 0.7 / (1 + np.exp(-(at - 3_300) / random.uniform(60, 300, MARKETS)[:, None]))
    noise = np.cumsum(random.normal(0, 0.0004, (MARKETS, SECONDS)), axis=1)
    return 100 * np.exp(noise - depth * (falling - back))


def world(units: int = UNITS) -> tuple[Paths, Floats, Units]:
    """The same for the same number of units: sizes of a lognormal law, 2 to 25 times the
    wallet, as many long as short; last prices a little below or above the mark."""
    random = np.random.default_rng(7)
    prices = marks(random)
    known = sorted(tiers().items())[:: len(tiers()) // MARKETS][:MARKETS]
    paths = Paths.of(
        [name for name, _ in known], prices, [False] * MARKETS, [one for _, one in known]
    )
    last = prices * np.exp(random.normal(0, 0.003, prices.shape))
    market = random.integers(0, MARKETS, (units, LEGS)).astype(np.int32)
    value = np.exp(random.normal(7, 1.5, (units, LEGS)))
    side = np.where(random.random((units, 1)) < 0.5, 1.0, -1.0) * np.where(
        random.random((units, LEGS)) < 0.8, 1.0, -1.0
    )
    entry = 100 * np.exp(random.normal(0, 0.02, (units, LEGS)))
    leverage = 2 * np.exp(random.random(units) * np.log(12.5))
    return paths, last, Units(
        value.sum(axis=1) / leverage, np.arange(0, units * LEGS + 1, LEGS), market.ravel(),
        (side * value / entry).ravel(), entry.ravel(), np.ones(units),
        np.where(random.random(units) < 0.01, 600, 0),
    )  # fmt: skip


def terms(fund: str) -> Terms:
    """A band of 10 %, lots of 0.001; a fee of 1.5 % and a fund without limit, or a fund of so
    many dollars and no fee that fills it up again."""
    free = fund == "unlimited"
    return Terms(
        np.full(MARKETS, 0.1), np.full(MARKETS, 0.015 if free else 0.0), np.full(MARKETS, 0.001),
        None if free else Decimal(fund),
    )  # fmt: skip


def compare() -> float:
    """Largest difference of a wallet between a pass and the decimals, in a crash of 120 units."""
    paths, last, held = world(120)
    paths, last = paths.marked(paths.x[:, 2_600:2_800]), last[:, 2_600:2_800]
    every = np.ones(MARKETS, dtype=bool)
    rule = replace(terms("100"), adl=AdlRule(score="bitmex", allocation="pro-rata"))
    ledger = aftermath(paths, last, held, rule, every, Threads(CORES))
    exact = aftermath_exact(paths, last, held, rule, every)
    if [one.outcome for one in exact.accounts] != ledger.outcome.tolist():
        raise AssertionError("the pass and the decimals come to other outcomes")
    wallets = np.array([float(one.wallet) for one in exact.accounts])
    return float(np.abs(wallets - ledger.wallet).max())


def timed(fund: str, units: str = str(UNITS)) -> dict[str, Any]:
    """One pass, after a small one that loads what is compiled; runs in a process of its own."""
    rule = terms(fund)
    executor = Threads(CORES)
    small = world(2_000)
    aftermath(
        *small[:2], small[2], replace(rule, fund=Decimal(0)), np.ones(MARKETS, bool), executor
    )
    paths, last, held = world(int(units))
    clock, cpu = time.perf_counter(), time.process_time()
    first_liquidation(paths, held, 0, executor)
    floor, floor_cpu = time.perf_counter() - clock, time.process_time() - cpu
    clock, cpu = time.perf_counter(), time.process_time()
    ledger = aftermath(paths, last, held, rule, np.ones(MARKETS, bool), executor)
    took, cpu = time.perf_counter() - clock, time.process_time() - cpu
    return {
        "floor_s": round(floor, 2), "floor_cpu_s": round(floor_cpu, 2),
        "s": round(took, 2), "cpu_s": round(cpu, 2), "ratio_to_floor": round(cpu / floor_cpu, 1),
        "units_liquidated": len(ledger.liquidated), "taken_over": len(ledger.bankrupt),
        "units_deleveraged": int((ledger.taken > 0).sum()),
        "liquidated_usd": round(ledger.notional),
        "deleveraged_usd": round(ledger.deleveraged), "deficit_usd": round(ledger.deficit.sum()),
    }  # fmt: skip


def run() -> dict[str, Any]:
    """Seconds and peak memory of a pass without a limit of the fund and of one with."""
    difference = compare()
    if difference > 1e-6:
        raise AssertionError(f"a wallet differs from the decimals by {difference}")
    result: dict[str, Any] = {
        "units": UNITS, "legs": UNITS * LEGS, "markets": MARKETS, "seconds": SECONDS,
        "floor": "the first-liquidation search of the same units", "cores": CORES,
        "target_s": TARGET_S, "target_mb": TARGET_MB,
        "largest_difference_to_decimals": difference,
    }  # fmt: skip
    for name, fund in (("unlimited fund", "unlimited"), (f"fund of {FUND}", str(FUND))):
        done = measured("bench.aftermath", "timed", fund)
        result[name] = {**done["result"], "peak_mb": done["peak_mb"]}
    return result
