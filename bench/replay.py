"""First liquidations: 1.6 million units of 3 legs over 60 markets and 86,400 seconds.

Against a compiled scan of every second of the same units (measured on a sample of them, whose
answers must be the same), with twice the units, with twice the seconds, and for a sweep of 100
mark paths at once against one. The population and the day are made by a seeded formula: a
quiet day, a crash of a quarter times each coin's beta within 15 minutes, and a third of the
units liquidated. Paths of the sweep differ by the weight that a venue's own dislocation has in
the index, 0 to 60 %, 30 % deep at most. LIQUEST_BENCH_UNITS sets another number of units.

Ratios of growth are of processor seconds (all threads), which another user of the machine
disturbs less than the clock; each time is the best of five.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from bench._child import measured
from liquest.replay.first import (
    Search,
    first_liquidation_plain,
    first_liquidations,
    search,
    table_of,
)
from liquest.replay.units import Paths, Units
from liquest.rules.tiers import tiers

MARKETS, SECONDS, LEGS = 60, 86_400, 3
SAMPLE = 2_000
SCENARIOS = 100
_ROUNDS = 5


def run() -> dict[str, Any]:
    """Seconds, ratios and peak memory; the targets stand beside them."""
    units = int(os.environ.get("LIQUEST_BENCH_UNITS", "1600000"))
    once = measured("bench.replay", "once", str(units), str(SECONDS))
    half = measured("bench.replay", "once", str(units // 2), str(SECONDS))["result"]
    twice = measured("bench.replay", "once", str(units * 2), str(SECONDS))["result"]
    longer = measured("bench.replay", "once", str(units), str(SECONDS * 2))["result"]
    plain = measured("bench.replay", "plain", str(units))["result"]
    swept = measured("bench.replay", "sweep", str(units))
    first = once["result"]
    return {
        "units": units,
        "liquidated": first["liquidated"],
        "decided_in_decimals": first["ties"],
        "compile_s": first["compile_s"],
        "table_s": first["table_s"],
        "first_s": first["first_s"],
        "first_target_s": 2,
        "peak_mb": once["peak_mb"],
        "peak_target_mb": 1536,
        "plain_sample_s": plain["sample_s"],
        "plain_all_s": plain["all_s"],
        "plain_same_answers": plain["same"],
        "times_faster": round(plain["all_s"] / plain["first_s"]),
        "times_faster_target": 100,
        "first_cpu_s": first["cpu_s"],
        "half_units_cpu_s": half["cpu_s"],
        "twice_units_cpu_s": twice["cpu_s"],
        "twice_units_ratio": round(twice["cpu_s"] / first["cpu_s"], 2),
        "twice_seconds_cpu_s": longer["cpu_s"],
        "twice_seconds_ratio": round(longer["cpu_s"] / first["cpu_s"], 2),
        **swept["result"],
        "sweep_target_ratio": 20,
        "sweep_peak_mb": swept["peak_mb"],
    }


def once(units: str, seconds: str) -> dict[str, Any]:
    """One search: the first call compiles, or reads what was compiled before."""
    paths, held = made(int(units), int(seconds))
    compiling = _timed(lambda: search(paths, held.chunk(0, 100)), time.perf_counter)
    found = search(paths, held)
    return {
        "compile_s": round(compiling, 2),
        "table_s": round(_best(lambda: table_of(paths)), 4),
        "first_s": round(_best(lambda: search(paths, held)), 3),
        "cpu_s": round(_best(lambda: search(paths, held), time.process_time), 3),
        "liquidated": int((found.second >= 0).sum()),
        "ties": len(found.near),
    }


def plain(units: str) -> dict[str, Any]:
    """Every second of a sample, scaled to all units, and whether the answers are the same."""
    paths, held = made(int(units), SECONDS)
    sample = held.chunk(0, SAMPLE)
    first_liquidation_plain(paths, held.chunk(0, 2))
    search(paths, held.chunk(0, 2))
    fast = _best(lambda: search(paths, held))
    took = _best(lambda: first_liquidation_plain(paths, sample))
    same = np.array_equal(
        first_liquidation_plain(paths, sample), search(paths, held).second[:SAMPLE]
    )
    return {
        "sample_s": round(took, 2),
        "all_s": round(took / SAMPLE * len(held), 1),
        "first_s": fast,
        "same": bool(same),
    }


def sweep(units: str) -> dict[str, Any]:
    """100 paths at once, without the time in which they are made, against one by itself."""
    paths, held = made(int(units), SECONDS)
    many = Dislocated(paths, SCENARIOS)
    middle = many[SCENARIOS // 2]
    list(first_liquidations([middle, middle], held.chunk(0, 100)))
    alone: list[Search] = []
    one = _best(lambda: alone.append(search(middle, held)))
    one_cpu = _best(lambda: alone.append(search(middle, held)), time.process_time)
    many.spent = many.spent_cpu = 0.0
    begun, begun_cpu = time.perf_counter(), time.process_time()
    same = False
    for number, found in enumerate(first_liquidations(many, held)):
        if number == SCENARIOS // 2:
            same = np.array_equal(found, alone[0].second)
    took = time.perf_counter() - begun - many.spent
    took_cpu = time.process_time() - begun_cpu - many.spent_cpu
    return {
        "sweep_paths": SCENARIOS,
        "sweep_s": round(took, 2),
        "sweep_one_s": round(one, 3),
        "sweep_ratio_by_clock": round(took / one, 1),
        "sweep_ratio": round(took_cpu / one_cpu, 1),
        "sweep_same_answers": bool(same),
    }


class Dislocated(Sequence[Paths]):
    """Paths whose marks follow a venue's dislocation by more and more; made when asked for,
    at the cost of `spent` seconds so far."""

    def __init__(self, base: Paths, count: int) -> None:
        rng = np.random.default_rng(5)
        after = np.abs(np.arange(base.seconds) - _crash(base.seconds)[1])
        self._depth = rng.uniform(0, 0.3, base.markets)[:, None] * np.exp(-after / 240)
        self._base, self._count = base, count
        self.spent = self.spent_cpu = 0.0

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Paths: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Paths]: ...
    def __getitem__(self, place: int | slice) -> Paths | Sequence[Paths]:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(self._count))]
        begun, begun_cpu = time.perf_counter(), time.process_time()
        weight = 0.6 * place / self._count
        path = self._base.marked(self._base.x * np.exp(-weight * self._depth))
        self.spent += time.perf_counter() - begun
        self.spent_cpu += time.process_time() - begun_cpu
        return path


def made(units: int, seconds: int) -> tuple[Paths, Units]:
    """The day and the population."""
    rng = np.random.default_rng(1)
    grain = np.sqrt(SECONDS / seconds)
    begin, end = _crash(seconds)
    second = np.arange(seconds)
    fall = np.clip((second - begin) / (end - begin), 0, 1)
    back = np.clip((second - end) / (2 * (end - begin)), 0, 1)
    common = np.cumsum(rng.normal(0, 3e-5 * grain, seconds)) - 0.25 * fall + 0.15 * back
    prices = np.empty((MARKETS, seconds))
    for m in range(MARKETS):
        own = np.cumsum(rng.normal(0, 5e-5 * grain, seconds))
        prices[m] = 10 ** rng.uniform(-3, 5) * np.exp(rng.uniform(0.6, 2) * common + own)
    ladders = list(tiers().values())[:MARKETS]
    paths = Paths.of([f"m{m}" for m in range(MARKETS)], prices, [False] * MARKETS, ladders)
    market = np.empty(units * LEGS, dtype=np.int32)
    third = MARKETS // LEGS
    for k in range(LEGS):
        market[k::LEGS] = rng.integers(k * third, (k + 1) * third, units)
    notional = np.exp(rng.normal(7, 2, units * LEGS))
    entry = prices[market, rng.integers(0, seconds * 2 // 3, units * LEGS)]
    size = np.where(rng.random(units * LEGS) < 0.75, notional, -notional) / entry
    leverage = np.exp(rng.uniform(0, np.log(10), units))
    held = Units(
        notional.reshape(units, LEGS).sum(axis=1) / leverage,
        np.arange(0, units * LEGS + 1, LEGS), market, size, entry,
        np.ones(units), np.zeros(units, dtype=np.int64),
    )  # fmt: skip
    return paths, held


def _crash(seconds: int) -> tuple[int, int]:
    """The seconds in which it begins and ends."""
    begin = seconds * 8 // 9
    return begin, begin + seconds // 96


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    begun = clock()
    work()
    return clock() - begun


def _best(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    return min(_timed(work, clock) for _ in range(_ROUNDS))
