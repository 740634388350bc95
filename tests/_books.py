"""Books whose truth is known: written down as a user holds them, with faults planted on demand.

A `World` is a market of one instrument, second by second: a price that walks by ticks, a trade
or more in every second at the best price, and a book of `levels` a side around it. Everything
follows from the seed. Faults change what the file shows, not what was traded.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from _ticks import T0, Tick, ticks
from liquest.clock import SECOND, Window
from liquest.findings import Finding
from liquest.measures import Context, run
from liquest.params import with_defaults
from liquest.run.executor import Inline, Threads
from liquest.screens import screen
from liquest.screens._result import SOUND, STRENGTHS
from liquest.tape.lake import Lake

D = Decimal
TICK, PRICE = D("0.1"), D(1000)


class Level(NamedTuple):
    price: Decimal
    size: Decimal


@dataclass
class Shot:
    """One snapshot `at` seconds after T0, best levels first."""

    at: Decimal
    bids: list[Level]
    asks: list[Level]

    @property
    def ts(self) -> int:
        return T0 + int(self.at * SECOND)


Fault = Callable[[Shot], None]


def shot(at: str | int, bids: str, asks: str) -> Shot:
    """A snapshot by hand: "100x1 99.5x2" are two levels."""

    def side(text: str) -> list[Level]:
        return [Level(*(D(n) for n in level.split("x"))) for level in text.split()]

    return Shot(D(at), side(bids), side(asks))


def book_csv(market: str, symbol: str, shots: Iterable[Shot], levels: int = 25) -> str:
    """book_snapshot_N in the Tardis layout; a level that is not there is empty."""
    names = ",".join(
        f"{side}[{n}].{what}"
        for n in range(levels)
        for side, what in (
            ("asks", "price"), ("asks", "amount"), ("bids", "price"), ("bids", "amount"),
        )
    )  # fmt: skip
    lines = [f"exchange,symbol,timestamp,local_timestamp,{names}\n"]
    for one in shots:
        cells = [market, symbol, str(one.ts), str(one.ts + 3000)]
        for n in range(levels):
            for side in (one.asks, one.bids):
                there = n < len(side)
                cells += [str(side[n].price), str(side[n].size)] if there else ["", ""]
        lines.append(",".join(cells) + "\n")
    return "".join(lines)


@dataclass
class World:
    """A sound market of `seconds`, `per_second` snapshots a second, and what was traded."""

    seed: int = 1
    seconds: int = 120
    levels: int = 25
    per_second: int = 1
    tick: Decimal = TICK
    price: Decimal = PRICE
    size: int = 500
    drift: int = 0
    shots: list[Shot] = field(default_factory=list)
    trades: list[Tick] = field(default_factory=list)

    def __post_init__(self) -> None:
        draw = random.Random(self.seed)
        middle = int(self.price / self.tick)
        for second in range(self.seconds):
            for part in range(self.per_second):
                at = D(second) + D(part) / self.per_second
                self.shots.append(self._shot(draw, at, middle))
                sells = draw.random() < 0.5
                level = middle if sells else middle + 1
                moment = at + D("0.4") / self.per_second
                self.trades.append(
                    Tick(str(moment), str(level * self.tick), str(1 + draw.randrange(9)),
                         "sell" if sells else "buy")
                )  # fmt: skip
                middle += draw.choice((-1, 0, 0, 1)) + self.drift
        self.middle = middle

    def _shot(self, draw: random.Random, at: Decimal, middle: int) -> Shot:
        def side(step: int) -> list[Level]:
            start = middle if step < 0 else middle + 1
            return [
                Level((start + step * n) * self.tick, D(1 + draw.randrange(self.size)) / 100)
                for n in range(self.levels)
            ]

        return Shot(at, side(-1), side(1))

    def faulty(self, start: int, end: int, *faults: Fault) -> World:
        """The faults applied to every snapshot from `start` to before `end` seconds."""
        for one in self.shots:
            if start <= one.at < end:
                for fault in faults:
                    fault(one)
        return self

    def book(self, market: str = "binance-futures", symbol: str = "BTCUSDT") -> str:
        return book_csv(market, symbol, self.shots, self.levels)

    def tape(self, market: str = "binance-futures", symbol: str = "BTCUSDT") -> str:
        return ticks(market, symbol, self.trades)

    def files(self, market: str = "binance-futures", symbol: str = "BTCUSDT") -> dict[str, str]:
        """Book and trades, by file name."""
        return {
            f"{market}_book_snapshot_25_{symbol}.csv": self.book(market, symbol),
            f"{market}_trades_{symbol}.csv": self.tape(market, symbol),
        }


def phantom(side: str, price: str, size: str) -> Fault:
    """A level that stays in the file whatever is traded."""

    def plant(one: Shot) -> None:
        levels = one.bids if side == "bid" else one.asks
        levels[:] = [x for x in levels if x.price != D(price)]
        levels.append(Level(D(price), D(size)))
        levels.sort(key=lambda x: x.price, reverse=side == "bid")
        del levels[25:]

    return plant


def crossed(by: str) -> Fault:
    """Bids lifted so that the best of them stands `by` above the best ask."""

    def plant(one: Shot) -> None:
        step = one.asks[0].price + D(by) - one.bids[0].price
        one.bids[:] = [Level(x.price + step, x.size) for x in one.bids]

    return plant


def frozen(side: str, levels: Sequence[Level]) -> Fault:
    """A side that stays as it was."""

    def plant(one: Shot) -> None:
        (one.bids if side == "bid" else one.asks)[:] = list(levels)

    return plant


def thinned(share: str, least: int = 0) -> Fault:
    """Sizes cut to a share; with `least` only so many levels are left."""

    def plant(one: Shot) -> None:
        for levels in (one.bids, one.asks):
            levels[:] = [Level(x.price, x.size * D(share)) for x in levels]
            if least:
                del levels[least:]

    return plant


def empty(side: str) -> Fault:
    """A side without a level."""

    def plant(one: Shot) -> None:
        (one.bids if side == "bid" else one.asks).clear()

    return plant


def wide(ticks_apart: str) -> Fault:
    """Asks lifted by so much."""

    def plant(one: Shot) -> None:
        one.asks[:] = [Level(x.price + D(ticks_apart), x.size) for x in one.asks]

    return plant


def screened(name: str, lake: Lake, *spans: Window, **params: Any) -> list[Finding]:
    """The findings of a screen, the same from every executor; it must have no problems."""
    chosen = screen(name)
    given = with_defaults(f"screens.{name}", chosen.DEFAULTS, params)
    context = Context(lake, {s.name: s for s in spans}, given)
    found, problems = run(chosen, context, Inline())
    assert problems == []
    assert len({f.id for f in found}) == len(found)
    again, _ = run(chosen, context, Threads(2))
    assert [f.json() for f in again] == [f.json() for f in found]
    for one in found:
        if one.name == f"screen.{name}":
            assert one.params["strength"] in STRENGTHS and one.inputs
            assert ("innocent" in one.params) == (one.params["strength"] != SOUND)
            for text in (one.params["said"], one.params.get("innocent", ["a", "中"])):
                assert len(text) == 2 and re.search(r"[\u4e00-\u9fff]", text[1])
    return found


def strengths(name: str, found: Iterable[Finding]) -> dict[str, str]:
    """How strong the result of each instrument is."""
    return {
        f.subject["instrument"]: f.params["strength"] for f in found if f.name == f"screen.{name}"
    }
