"""The ledger of a replay: what became of every unit, and the totals in dollars.

Sums of contracts settled in coins are told in dollars at the mark of the second. The arrays are
floats; whoever makes a finding of them rounds.

Invariant, by market: what the units gave up went to the market, but for what takeovers passed
on to deleveraging, which nets with what winners were closed by. By cash: wallets less what the
positions in them cost, and the fund, less the residual, change by what the market paid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import Text, UsageError
from ..tape.tracks import Floats, Ints
from .aftermath_state import (
    BANKRUPT,
    EXECUTED,
    LOWEST,
    NET,
    TAKEN,
    UNCLAIMED,
    Bytes,
    Events,
    State,
)
from .units import Bools, Paths, Units


def outside(events: Events) -> Floats:
    """The signed size [E] that went to the market: nothing of deleveraging and of assets, and of
    a takeover not what was passed on to deleveraging."""
    traded = np.isin(events.kind, (EXECUTED, TAKEN, UNCLAIMED))
    return np.where(traded, events.size - events.passed, 0.0)


def notionals(paths: Paths, events: Events) -> Floats:
    """Dollars [E] at the mark."""
    inverse = paths.inverse[events.market]
    return np.where(inverse, np.abs(events.size), np.abs(events.size) * events.x)


class Journal:
    """The events of a run as they come: added up by second, and kept themselves if wanted."""

    def __init__(self, paths: Paths, *, keep: bool) -> None:
        self.paths = paths
        self.flow = np.zeros(paths.seconds)
        self.forced = np.zeros((paths.markets, paths.seconds))
        self.taken_over = 0.0
        self.kept: list[tuple[int, Events]] | None = [] if keep else None

    def add(self, second: int, events: Events) -> None:
        """Takes in the next events; the arrays may change afterwards."""
        if not len(events.kind):
            return
        dollars = notionals(self.paths, events)
        taken = float(dollars[events.kind == TAKEN].sum())
        self.taken_over += taken
        self.flow[second] += taken + float(dollars[events.kind == EXECUTED].sum())
        size = outside(events)
        volume = np.where(self.paths.inverse[events.market], size, -size * events.at)
        self.forced[:, second] += np.bincount(events.market, volume, self.paths.markets)
        if self.kept is not None:
            self.kept.append((second, events.first(len(events.kind))))


@dataclass(frozen=True, eq=False)
class Ledger:
    """By unit [U]: `first` breach and first liquidation `at` (seconds, −1 for never); `outcome`
    (aftermath_state); `open_`: breached, and the data end before its grace; `wallet` in the
    settle currency and `equity` at the end of the data (NaN without a mark); `fee`, `lost`,
    `deficit`, `taken` and `forgone` as in `State`. `size` [P] is what is left of every leg.

    In dollars: `flow` [S], liquidated in each second, forced orders and takeovers; `taken_over`,
    the part of takeovers in it, what was passed on to deleveraging included; `forced` [M, S],
    traded on the market, sales below zero; `residual`, the losses of takeovers that neither the
    fund nor deleveraging bore; `fund_used`, the lowest point of what the fund gained and lost,
    as a positive number, and `fund_net`, where it ended.
    """

    paths: Paths
    first: Ints
    at: Ints
    outcome: Bytes
    open_: Bools
    wallet: Floats
    size: Floats
    equity: Floats
    fee: Floats
    lost: Floats
    deficit: Floats
    taken: Floats
    forgone: Floats
    flow: Floats
    forced: Floats
    taken_over: float
    residual: float
    fund_used: float
    fund_net: float
    kept: tuple[Ints, Events] | None

    @property
    def events(self) -> Events:
        """All events in their order; raises UsageError where they were not kept."""
        return self._kept()[1]

    @property
    def second(self) -> Ints:
        """The second [E] of each event; raises UsageError where they were not kept."""
        return self._kept()[0]

    def _kept(self) -> tuple[Ints, Events]:
        if self.kept is None:
            raise UsageError(
                Text("the events of this replay were not kept", "本次重放未保留逐笔事件"),
                remedy=Text("Ask for them: keep=True.", "请在调用时设 keep=True。"),
            )
        return self.kept

    @property
    def liquidated(self) -> Ints:
        """Units that were liquidated, in whole or in part."""
        return np.flatnonzero(self.at >= 0)

    @property
    def bankrupt(self) -> Ints:
        """Units that were taken over."""
        return np.flatnonzero(self.outcome == BANKRUPT)

    @property
    def notional(self) -> float:
        """Dollars liquidated."""
        return float(self.flow.sum())

    @property
    def deleveraged(self) -> float:
        """Dollars that winners were closed by."""
        return float(self.taken.sum())

    def by_second(self) -> tuple[Floats, Ints]:
        """Dollars liquidated, and units first liquidated, in each second."""
        return self.flow, np.bincount(self.at[self.at >= 0], minlength=self.paths.seconds)


def joined(
    units: Units, state: State, first: Ints, at: Ints, open_: Bools, journal: Journal,
    residual: float,
) -> Ledger:  # fmt: skip
    """The ledger of a finished run."""
    paths = journal.paths
    kept = None
    if journal.kept is not None:
        seconds = np.array([s for s, _ in journal.kept], dtype=np.int64)
        counts = np.array([len(e.kind) for _, e in journal.kept], dtype=np.int64)
        kept = np.repeat(seconds, counts), Events.joined([e for _, e in journal.kept])
    after = Units(
        state.wallet, units.start, units.market, state.size, units.entry, units.trigger,
        units.grace,
    )  # fmt: skip
    return Ledger(
        paths, first, at, state.outcome, open_, state.wallet, state.size,
        after.equity(paths, paths.seconds - 1), state.fee, state.lost, state.deficit,
        state.taken, state.forgone, journal.flow, journal.forced, journal.taken_over, residual,
        0.0 - float(state.fund[LOWEST]), float(state.fund[NET]), kept,
    )  # fmt: skip
