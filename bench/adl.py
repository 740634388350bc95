"""Auto-deleveraging: 100,000 bankrupt accounts against 1,000,000 winners, every policy.

60 markets, 600 seconds, seeded. In a second the bankrupt orders of a market go to what is left
of its insurance fund, the rest is deleveraged at their mean bankruptcy price; scores, equity
and margins of every winner are computed anew for each group. Floor: one numpy argsort of the
scores of all winners of a group, as the plain way to line them up, timed on some groups of
the same run and counted for all. The same replay written plainly in numpy must close the
same quantities on a smaller instance.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from liquest.rules.adl_kernel import ALLOCATIONS, QUEUE, SCORES, deleverage, realised
from liquest.run.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CORES = 2
TARGET_S = 5.0
RATE = 0.05
CAP = 0.5


@dataclass
class Instance:
    """Winners by market, [markets, winners], all short; bankrupt longs by (market, second)."""

    size: Floats
    entry: Floats
    wallet: Floats
    marks: Floats
    quantity: Floats
    price: Floats
    fund: Floats

    def copy(self) -> Instance:
        return Instance(*(part.copy() for part in self.__dict__.values()))

    @property
    def groups(self) -> int:
        return int((self.quantity > 0).sum())


def instance(markets: int, seconds: int, winners: int, bankrupt: int, seed: int = 1) -> Instance:
    """Falling marks; whole contracts; the fund covers about the first tenth of the losses."""
    random = np.random.default_rng(seed)
    falls = random.uniform(0.2, 0.6, markets)
    marks = 100.0 * (1.0 - falls[:, None] * np.linspace(0.0, 1.0, seconds)[None, :])
    size = -random.integers(1, 200, (markets, winners)).astype(np.float64)
    entry = np.round(random.uniform(60.0, 140.0, (markets, winners)), 2)
    wallet = np.round(-size * 100.0 / random.uniform(1.0, 20.0, (markets, winners)), 2)
    market, second = random.integers(0, markets, bankrupt), random.integers(0, seconds, bankrupt)
    lots = random.integers(1, 120, bankrupt).astype(np.float64)
    above = random.uniform(0.0, 8.0, bankrupt)
    quantity, cost = np.zeros((markets, seconds)), np.zeros((markets, seconds))
    np.add.at(quantity, (market, second), lots)
    np.add.at(cost, (market, second), lots * (marks[market, second] + above))
    price = np.divide(cost, quantity, out=marks.copy(), where=quantity > 0)
    fund = (quantity * (price - marks)).sum(axis=1) / 10.0
    return Instance(size, entry, wallet, marks, quantity, price, fund)


@compiled
def market_through(
    scoring: int,
    allocation: int,
    size: Floats,
    entry: Floats,
    wallet: Floats,
    marks: Floats,
    quantity: Floats,
    price: Floats,
    fund: float,
) -> float:
    """One market, second by second, its winners in place; contracts that nobody could close."""
    count = len(size)
    equity, maintenance, closed = np.empty(count), np.empty(count), np.empty(count)
    work, order = np.empty((3, count)), np.empty(count, dtype=np.int64)
    unclosed = 0.0
    for second in range(len(marks)):
        left, x, at = quantity[second], marks[second], price[second]
        if not left > 0.0:
            continue
        taken = min(left, np.floor(fund / (at - x))) if at > x else left
        fund -= taken * (at - x)
        left -= taken
        if not left > 0.0:
            continue
        for i in range(count):
            equity[i] = wallet[i] + size[i] * (x - entry[i])
            maintenance[i] = -size[i] * x * RATE
        unclosed += deleverage(
            scoring, allocation, left, -1, x, np.nan, False, CAP, 1.0, count, size, entry, wallet,
            equity, maintenance, closed, work, order,
        )  # fmt: skip
        for i in range(count):
            if closed[i] > 0.0:
                wallet[i] += realised(size[i], entry[i], closed[i], at)
                size[i] += closed[i]
    return unclosed


def through(one: Instance, scoring: int, allocation: int, cores: int = CORES) -> float:
    """All markets, `cores` at a time; contracts left unclosed."""

    def market(m: int) -> float:
        return market_through(
            scoring, allocation, one.size[m], one.entry[m], one.wallet[m], one.marks[m],
            one.quantity[m], one.price[m], one.fund[m],
        )  # fmt: skip

    with ThreadPoolExecutor(cores) as pool:
        return float(sum(pool.map(market, range(len(one.size)))))


def plain_scores(name: str, size: Floats, profit: Floats, entry: Floats, x: float,
                 wallet: Floats, equity: Floats) -> Floats:  # fmt: skip
    """Scores of shorts with numpy, as the texts have them."""
    notional = -size * x
    with np.errstate(divide="ignore", invalid="ignore"):
        leverage, gained = notional / equity, profit > 0
        if name == "binance-2025":
            share = profit / notional
            scores = np.where(share >= 0, share * leverage, share / leverage)
        elif name == "binance-2019":
            margin = notional * RATE / equity
            scores = np.maximum(profit, 0) / np.maximum(wallet, 1) * margin
        elif name == "bitmex":
            share = profit / (-size * entry)
            scores = np.where(share >= 0, share * leverage, share / leverage)
        elif name == "bybit":
            scores = np.where(gained, (entry - x) / entry * leverage, -np.inf)
        else:
            ratio = x / entry if name == "hyperliquid" else entry / x
            scores = np.where(gained, ratio * leverage, -np.inf)
    return np.where((size < 0) & (equity > 0), scores, -np.inf)


def plain_shares(quantity: float, weights: Floats, caps: Floats, *, whole: bool) -> Floats:
    """Water-filling by a full sort of where the caps bind, and whole lots by another."""
    live = np.flatnonzero((weights > 0) & (caps > 0))
    closed = np.zeros(len(weights))
    order = live[np.argsort(caps[live] / weights[live], kind="stable")]
    bound = np.concatenate(([0.0], np.cumsum(caps[order])))
    free = np.concatenate((np.cumsum(weights[order][::-1])[::-1], [0.0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = (quantity - bound[:-1]) / free[:-1]
        binding = levels >= caps[order] / weights[order]
    first = len(order) if binding.all() else int(np.argmin(binding))
    closed[order[:first]] = caps[order[:first]]
    if first < len(order):
        closed[order[first:]] = levels[first] * weights[order[first:]]
    if whole:
        parts = np.floor(closed + 5e-10)
        left = int(min(quantity, caps[live].sum()) - parts.sum())
        rest = np.rint((closed - parts) * 1e9)
        parts[np.argsort(-rest, kind="stable")[:left]] += 1.0
        closed = parts
    return closed


def plain_through(one: Instance, score: str, allocation: str) -> None:
    """The same replay with numpy and full sorts, in place."""
    for m in range(len(one.size)):
        size, entry, wallet, fund = one.size[m], one.entry[m], one.wallet[m], one.fund[m]
        for second, x in enumerate(one.marks[m]):
            left, at = one.quantity[m, second], one.price[m, second]
            if left > 0 and at > x:
                taken = min(left, np.floor(fund / (at - x)))
                fund -= taken * (at - x)
                left -= taken
            if not left > 0:
                continue
            profit = size * (x - entry)
            equity = wallet + profit
            if allocation == "queue":
                scores = plain_scores(score, size, profit, entry, x, wallet, equity)
                order = np.argsort(-scores, kind="stable")
                order = order[scores[order] > -np.inf]
                sizes = -size[order]
                before = np.concatenate(([0.0], np.cumsum(sizes)[:-1]))
                closed = np.zeros(len(size))
                closed[order] = np.clip(left - before, 0.0, sizes)
            else:
                gained = (profit > 0) & (equity > 0)
                weights = {"leverage": profit * -size * x / np.where(gained, equity, 1.0),
                           "min-max": equity}.get(allocation, profit)  # fmt: skip
                caps = -size * (CAP if allocation == "capped" else 1.0)
                closed = plain_shares(
                    left, np.where(gained, weights, 0.0), caps, whole=allocation == "contract-lots"
                )
            wallet += -closed * (at - entry)
            size += closed


def argsort_floor(one: Instance, groups: int = 200) -> float:
    """Processor seconds of one argsort of a group's scores."""
    x = float(one.marks[0, -1])
    profit = one.size[0] * (x - one.entry[0])
    scores = -profit / (one.wallet[0] + profit)
    clock = time.process_time()
    for _ in range(groups):
        np.argsort(scores)
    return (time.process_time() - clock) / groups


def compare() -> dict[str, float]:
    """Largest difference of any position between the kernel and the plain replay."""
    small = instance(markets=4, seconds=60, winners=2_000, bankrupt=600, seed=2)
    found = {}
    for score, allocation in policies():
        ours, plain = small.copy(), small.copy()
        through(ours, SCORES[score], ALLOCATIONS[allocation])
        plain_through(plain, score, allocation)
        found[f"{score} {allocation}"] = float(np.abs(ours.size - plain.size).max())
    return found


def policies() -> list[tuple[str, str]]:
    """Every score with a queue, then every other allocation."""
    others = [name for name, code in ALLOCATIONS.items() if code != QUEUE]
    return [(score, "queue") for score in SCORES] + [("binance-2025", name) for name in others]


def run() -> dict[str, Any]:
    """Seconds of each policy, its ratio to the floor, and that the results are the same.

    The ratio compares processor time with processor time, so it holds on a busy machine.
    """
    differences = compare()
    whole = [d for name, d in differences.items() if name.endswith(("queue", "contract-lots"))]
    if any(whole) or max(differences.values()) > 1e-6:
        raise AssertionError(f"the kernel and the plain replay differ: {differences}")
    full = instance(markets=60, seconds=600, winners=16_667, bankrupt=100_000)
    floor = argsort_floor(full) * full.groups
    result: dict[str, Any] = {
        "winners": full.size.size,
        "groups": full.groups,
        "bankrupt_contracts": float(full.quantity.sum()),
        "floor": "one numpy argsort of each group's scores",
        "floor_cpu_s": round(floor, 2),
        "cores": CORES,
        "target_s": TARGET_S,
        "largest_difference_to_plain": max(differences.values()),
    }
    for score, allocation in policies():
        one, cpu, clock = full.copy(), time.process_time(), time.perf_counter()
        unclosed = through(one, SCORES[score], ALLOCATIONS[allocation])
        took, cpu = time.perf_counter() - clock, time.process_time() - cpu
        result[f"{score}, {allocation}"] = {
            "s": round(took, 2),
            "cpu_s_per_core": round(cpu / CORES, 2),
            "ratio_to_floor": round(cpu / floor, 3),
            "unclosed": unclosed,
        }
    return result
