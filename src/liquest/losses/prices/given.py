"""Mark prices that the user gives: GivenPrices. Nothing but marks is known of these files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np

from ...clock import DAY, SECOND, Window
from ...errors import Text, UsageError
from ...findings import Input
from ...problems import Problem
from ...replay.scenario import Scenario
from ...tape.tracks import Floats, seconds_of
from .cells import checked_zone
from .quoted import Quoted, merged
from .rows import Sheet, read_sheet
from .sheet import Given

LONGEST = 31 * DAY
"""The longest window that is made of the files alone."""


@dataclass(frozen=True)
class GivenPrices:
    """The user's mark prices by symbol, over `window`."""

    window: Window
    quoted: Mapping[str, Quoted]
    _paths: dict[str, Floats] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def read(
        cls, files: Iterable[str | Path], *, tz: str | None = None, window: Window | None = None
    ) -> tuple[GivenPrices, list[Problem]]:
        """From files, each a path or `SYMBOL=path`; the window is what they cover unless given.

        `tz` holds for times that do not say their zone. Raises UsageError for no files, a file
        without a symbol or more than 31 days without a window; InputError (UnreadableFile,
        UnknownFormat) for a file that cannot be used, with its row.
        """
        checked_zone(tz)
        by_symbol: dict[str, list[Sheet]] = {}
        for one in files:
            given = Given.of(one)
            by_symbol.setdefault(given.symbol, []).append(read_sheet(given, tz))
        if not by_symbol:
            raise UsageError(
                Text("no file of mark prices is given", "未提供标记价格文件"),
                remedy=Text(
                    "Name one: --marks XRPUSDT=marks.csv", "请指定：--marks XRPUSDT=marks.csv"
                ),
            )
        problems: list[Problem] = []
        quoted = {}
        for symbol, sheets in sorted(by_symbol.items()):
            quoted[symbol], faults = merged(sheets)
            problems += faults
        return cls(window or _covered(quoted.values()), quoted), problems

    def symbols(self) -> tuple[str, ...]:
        return tuple(s for s in sorted(self.quoted) if np.isfinite(self.mark_path(s)).any())

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        second = self._second(ts)
        one = self.quoted.get(symbol)
        return None if one is None or second is None else one.at(second)

    def mark_path(self, symbol: str) -> Floats:
        if symbol not in self._paths:
            one = self.quoted.get(symbol)
            empty = np.full(len(seconds_of(self.window)), np.nan)
            self._paths[symbol] = empty if one is None else one.path(self.window)
        return self._paths[symbol]

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        second = self._second(ts)
        one = self.quoted.get(symbol)
        return None if one is None or second is None else one.extreme(second)

    def last(self, symbol: str, ts: int) -> None:
        """Not known of these files; nor are index, others and marks under other rules."""

    def index(self, symbol: str, ts: int) -> None:
        return None

    def others(self, symbol: str, ts: int) -> None:
        return None

    def others_usd(self, symbol: str, ts: int) -> None:
        return None

    def under(self, symbol: str, ts: int, scenario: Scenario) -> None:
        return None

    def caveats(self, symbol: str) -> tuple[str, ...]:
        one = self.quoted.get(symbol)
        return () if one is None else one.caveats

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        one = self.quoted.get(symbol)
        return () if one is None else one.inputs

    def _second(self, ts: int) -> int | None:
        """The beginning of the second that holds `ts`, if it lies in the window."""
        second = ts // SECOND * SECOND
        whole = self.window.start <= second and second + SECOND <= self.window.end
        return second if whole else None


def _covered(quoted: Iterable[Quoted]) -> Window:
    """The whole seconds from the first price to the end of the last."""
    found = list(quoted)
    start = min(q.opens[0] for q in found) // SECOND * SECOND
    end = max(-(-q.known[-1] // SECOND) for q in found) * SECOND
    if end - start > LONGEST:
        raise UsageError(
            Text(
                f"the mark prices reach over {(end - start) // DAY} days",
                f"标记价格跨越 {(end - start) // DAY} 天",
            ),
            remedy=Text(
                "Keep the days of the event: at most 31.", "请只保留事件前后的日期：最多 31 天。"
            ),
        )
    return Window("marks", start, end)
