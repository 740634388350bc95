"""Index and mark of a whole market for a day: 600 symbols × 12 sources × 86,400 seconds."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from bench._child import measured

SYMBOLS, SOURCES, SECONDS = 600, 12, 86_400
FLOOR_SYMBOLS = 6
THREADS = 2


def run() -> dict[str, Any]:
    """Seconds in the kernels on two threads, against the plain median of the same prices."""
    done = measured("bench.index_mark", "market")
    found = done["result"]
    return {
        "symbols": SYMBOLS,
        "sources": SOURCES,
        "seconds_each": SECONDS,
        "index_and_mark_s": found["wall_s"],
        "index_and_mark_target_s": 30,
        "index_cpu_s": found["index_s"],
        "mark_cpu_s": found["mark_s"],
        "floor_numpy_median_cpu_s": found["floor_s"],
        "ratio_to_floor": round((found["index_s"] + found["mark_s"]) / found["floor_s"], 3),
        "seconds_with_a_mark": found["known"],
        "peak_mb": done["peak_mb"],
        "peak_target_mb": 1500,
    }


def market() -> dict[str, Any]:
    """Every symbol by itself: made, timed, dropped. Making the prices is not counted.

    The wall time is that of the busier thread, what other programs take of it included. The
    floor is processor time for the median over the sources of a few symbols, scaled to all.
    """
    _timed(0)  # compiles
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(_share, range(THREADS)))
    floor = 0.0
    for symbol in range(FLOOR_SYMBOLS):
        prices, *_ = _made(symbol)
        begun = time.thread_time()
        np.median(prices, axis=0)
        floor += time.thread_time() - begun
    return {
        "wall_s": round(max(p.wall_s for p in parts), 2),
        "index_s": round(sum(p.index_s for p in parts), 2),
        "mark_s": round(sum(p.mark_s for p in parts), 2),
        "floor_s": round(floor * SYMBOLS / FLOOR_SYMBOLS, 2),
        "known": sum(p.known for p in parts),
    }


class Spent(NamedTuple):
    """Wall seconds, processor seconds for index and mark, and how many seconds have a mark."""

    wall_s: float
    index_s: float
    mark_s: float
    known: int


def _share(thread: int) -> Spent:
    """One thread's symbols."""
    found = [_timed(symbol) for symbol in range(thread, SYMBOLS, THREADS)]
    return Spent(*(sum(column) for column in zip(*found, strict=True)))


def _timed(symbol: int) -> Spent:
    from liquest.rules.index import IndexRule
    from liquest.rules.index_kernel import index_path
    from liquest.rules.mark import MarkRule
    from liquest.rules.mark_kernel import mark_path, seconds_to_funding
    from liquest.rules.protection import Capping

    prices, ages, last, mid, rates = _made(symbol)
    weights = np.arange(SOURCES, 0, -1.0)
    left = seconds_to_funding(0, SECONDS)
    begun, started = time.perf_counter(), time.thread_time()
    index = index_path(prices, ages, weights, IndexRule(protection=Capping(Decimal("0.03"))))
    indexed = time.thread_time()
    mark = mark_path(index.value, last, mid, MarkRule(), rates, left)
    ended, wall = time.thread_time(), time.perf_counter() - begun
    return Spent(wall, indexed - started, ended - indexed, int(np.isfinite(mark).sum()))


def _made(symbol: int) -> tuple[Any, Any, Any, Any, Any]:
    """A walk, each source near it with gaps and stale stretches, and the contract beside it."""
    random = np.random.default_rng(symbol)
    walk = np.exp(np.cumsum(random.normal(0, 2e-4, SECONDS), dtype=np.float64))
    noise = random.standard_normal((SOURCES, SECONDS), dtype=np.float32)
    prices = walk * (1 + 0.004 * noise)
    prices[noise > 2.5] = np.nan
    ages = np.abs(4 * noise).astype(np.int64)
    last = walk * (1 + 0.002 * random.standard_normal(SECONDS))
    return prices, ages, last, (last + walk) / 2, np.full(SECONDS, 1e-4)
