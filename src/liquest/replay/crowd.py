"""Who lives in a replay: the accounts of a file, or a synthetic population on the case's tape.

A synthetic population is drawn on the contracts of the replay, entered at their last prices in
the minutes before the window. Where the tape tells the open interest of a contract, sizes are
scaled to it. A file whose accounts are marked synthetic is synthetic too, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from ..clock import SECOND
from ..errors import Text, UsageError
from ..problems import KEPT, Problem
from ..rules.ladder import Tiers
from ..rules.tiers import tiers
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.tracks import Floats
from .context import Context
from .population import Population, population
from .population_law import Assumptions
from .population_terms import Listing
from .positions import PositionsFile
from .recorded import LEAD, Recorded
from .to_units import Held, to_units
from .world import World, ladder

STEP = 60
"""Seconds between the prices at which synthetic positions were entered."""
PER_COUNTERPARTY = 2_000
"""Accounts to a counterparty where there are more than the law's own number covers: a few that
hold the other side of a million would each be larger than anyone is."""


LARGEST = Decimal(20_000_000)
"""Coins of a synthetic position in a contract whose largest is not on record: the tail of the
law of sizes would go beyond any market."""


class Crowd:
    """The same accounts for every scenario; rules change what they are margined by."""

    def __init__(
        self, name: str, drawn: Population | None = None, file: PositionsFile | None = None
    ) -> None:
        self.name, self._drawn, self._file = name, drawn, file
        self.problems: list[Problem] = []
        self._ids: Sequence[str] = ()
        self._known: dict[tuple[tuple[str, ...], str], Held] = {}

    @property
    def synthetic(self) -> bool:
        """Whether all of it was drawn."""
        return self._drawn is not None

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know of the accounts; known once they were held."""
        if self._drawn is not None:
            return self._drawn.caveats
        return tuple(dict.fromkeys(c for held in self._known.values() for c in held.caveats))

    @property
    def ids(self) -> Sequence[str]:
        """The names of the accounts, in order; known once they were held."""
        return self._drawn.ids if self._drawn is not None else self._ids

    @property
    def rows(self) -> int:
        """Lines of the file."""
        if self._file is None:
            return 0
        with self._file.path.open("rb") as lines:
            return max(1, sum(1 for _ in lines))

    def held(self, world: World) -> Held:
        """The margin units under the rules of a world."""
        if self._drawn is not None:
            return self._drawn.units(world.names, world.conversion)
        assert self._file is not None
        key = (world.names, repr(world.conversion))
        if key in self._known:
            return self._known[key]
        held, problems = to_units(self._file.accounts(), world.names, world.conversion)
        self.problems = [*self._file.problems, *problems]
        self._ids = held.ids
        self._known = {key: held}
        if not len(held.units):
            raise UsageError(
                Text("no account of the file can be replayed", "文件中没有可重放的账户"),
                where=str(self._file.path),
                remedy=Text(
                    "Contracts of this tape: " + ", ".join(world.names) + ".",
                    "本行情带的合约：" + "、".join(world.names) + "。",
                ),
            )
        return held


def from_file(context: Context, path: Path) -> Crowd:
    """The accounts of a positions file."""
    symbols = [one.market.symbol for one in context.recorded()]
    return Crowd(path.name, file=PositionsFile(path, tiers(), symbols, context.venue))


def synthetic(
    context: Context, count: int, seed: int, assumptions: Assumptions | None = None
) -> tuple[Population, list[Problem]]:
    """A population on the contracts of the replay. Without assumptions of its own it is entered
    over the minutes before the window that the tape holds, with a counterparty for every
    PER_COUNTERPARTY accounts; with them, as they say.
    """
    listings, problems = listings_of(context)
    law = assumptions or law_of(listings, count)
    return population(count, listings, seed=seed, step=STEP, assumptions=law), problems


def law_of(listings: Sequence[Listing], count: int) -> Assumptions:
    """What is assumed of a population where nothing is given."""
    law = Assumptions()
    minutes = min(len(one.before) for one in listings) - 1
    return replace(
        law, hours=Decimal(minutes * STEP) / 3600,
        counterparties=max(law.counterparties, count // PER_COUNTERPARTY),
    )  # fmt: skip


def listings_of(context: Context) -> tuple[list[Listing], list[Problem]]:
    """Each contract with its prices before the window. What begins later is entered at the
    prices of its index sources, or at its first price where they begin later too, and is
    said to be: entered at a price of later it would be liquidated in the first second."""
    rows = context.recorded()
    if not rows:
        raise UsageError(
            Text("the tape has no contract that can be replayed", "行情带中没有可重放的合约"),
            where=str(context.case.root),
            remedy=Text(
                "A perpetual with trades by the second and spot of its coin is needed.",
                "需要有逐秒成交的永续合约及其币种的现货。",
            ),
        )
    own = {one.market.symbol: _unbroken(one.last[: one.lead]) for one in rows}
    late = [one for one in rows if not len(own[one.market.symbol])]
    before = own | {one.market.symbol: _unbroken(_middle(one)) for one in late}
    length = min((len(b) for b in before.values() if len(b)), default=1)
    found: list[Listing] = []
    for one in rows:
        prices = before[one.market.symbol][-length:]
        if not len(prices):
            prices = np.full(length, one.last[np.isfinite(one.last)][0])
        found.append(
            Listing(
                one.market.instrument, prices, _bounded(ladder(one.market, context.rules)),
                open_interest(context.lake, one),
            )
        )  # fmt: skip
    by_index = [one for one in late if len(before[one.market.symbol])]
    by_first = [one for one in late if not len(before[one.market.symbol])]
    return found, [
        *_late(by_index, "the prices of their index sources", "其指数来源的价格"),
        *_late(by_first, "their first price", "其首个价格"),
    ]


def _bounded(tiers_: Tiers) -> Tiers:
    """The same, with a largest position where none is on record."""
    return tiers_ if tiers_.cap is not None else replace(tiers_, cap=LARGEST)


def _unbroken(seconds: Floats) -> Floats:
    """The last prices of the minutes before the window, as far back as they are without a
    hole; none where the last is missing."""
    minutes = seconds[::-STEP][::-1]
    holes = np.flatnonzero(~np.isfinite(minutes))
    return minutes[holes[-1] + 1 if len(holes) else 0 :].copy()


def _middle(one: Recorded) -> Floats:
    """The median of the index sources before the window, NaN where none has a price."""
    prices = one.prices[:, : one.lead]
    known = np.isfinite(prices).any(axis=0)
    middle = np.full(one.lead, np.nan)
    middle[known] = np.nanmedian(prices[:, known], axis=0)
    return middle


def open_interest(lake: Lake, one: Recorded) -> Decimal | None:
    """The open interest last told before the window, in quote units; None where the tape has
    none."""
    market, start = one.market, one.window.start
    if not lake.of("ticker", market.instrument):
        return None
    row = connection().execute(
        "SELECT coalesce(open_interest_value, open_interest * coalesce(mark_price, last_price)) "
        f"FROM {lake.table('ticker', market.instrument)} WHERE ts < {start} AND ts >= "
        f"{start - LEAD * SECOND} AND (open_interest_value > 0 OR open_interest > 0) "
        "ORDER BY ts DESC LIMIT 1"
    ).fetchone()  # fmt: skip
    return None if row is None or row[0] is None else Decimal(str(row[0]))


def ids(held: Held, units: Sequence[int]) -> Iterator[str]:
    """The accounts of some units."""
    for unit in units:
        yield held.id(unit)


def _late(found: Sequence[Recorded], en: str, zh: str) -> list[Problem]:
    """That contracts have no trade before the window, and at what they are entered instead."""
    if not found:
        return []
    names = [one.market.symbol for one in found]
    return [
        Problem(
            "late-path", KEPT,
            Text(
                f"population: {', '.join(names)} have no trade before the window; positions in "
                f"them are entered at {en}",
                f"合成账户群：{'、'.join(names)} 在时间窗之前没有成交，其持仓按{zh}建立",
            ),
            source=found[0].market.own.sources[0], count=len(names),
        )
    ]  # fmt: skip
