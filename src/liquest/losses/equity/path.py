"""What every margin unit was worth, second by second, and when it stood below its maintenance.

Paths are floats; the first second below maintenance is decided in decimals (`state`), so that
it is the one that `equity_at` gives. Where marks are known by bars longer than a second, the
worst that the low and high of each bar allow stands beside the path: a close hides a breach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ...clock import SECOND, Window
from ...errors import Text, UsageError
from ...findings import Input, rounded
from ...problems import ABSENT, Problem
from ...rules.book import Rules
from ...tape.tracks import Floats, Ints, seconds_of
from ..ledger.ledger import Ledger
from ..prices.prices import Prices
from .forced_seconds import forced_seconds
from .state import ENTRY, MARK, POSITION, TIERS, Lack, state
from .stretch import Bools, Stretch, stretch
from .terms import Terms
from .units import Isolated, Unit, units

PLACES = 8
_SLACK = 1e-9
"""Share of what is summed within which floats do not decide: there decimals do."""


@dataclass(frozen=True)
class UnitPath:
    """One unit over the `seconds` (beginnings, µs) of a path; arrays [S], NaN where something
    is not known. What follows is found in every second of the window, whatever the step.

    `breach` is the first second below maintenance: at its end, or, where the venue closed
    positions by force within it, with what was held going into it. `possible` is the first in
    which the low or high of a bar may have been below (never after `breach`). `lowest` is the
    second of the lowest equity, and it; `closest` that of the smallest equity less maintenance
    with something held; None where no second is known.
    """

    unit: Unit
    seconds: Ints
    balance: Floats
    unrealised: Floats
    maintenance: Floats
    worst: Floats
    held: Bools
    breach: int | None
    possible: int | None
    lowest: tuple[int, Decimal] | None
    closest: tuple[int, Decimal] | None
    lacking: tuple[Lack, ...]
    caveats: tuple[str, ...]
    inputs: tuple[Input, ...]

    @property
    def equity(self) -> Floats:
        """Margin balance [S]."""
        return self.balance + self.unrealised

    @property
    def cushion(self) -> Floats:
        """Equity less maintenance [S]."""
        return self.equity - self.maintenance

    @property
    def ratio(self) -> Floats:
        """Maintenance over equity [S]; infinite where nothing is left and something is held."""
        equity, maintenance = self.equity, self.maintenance
        found = np.full(len(equity), np.nan)
        above = equity > 0
        found[above] = maintenance[above] / equity[above]
        found[(equity <= 0) & (maintenance > 0)] = np.inf
        return found

    @property
    def missing(self) -> tuple[str, ...]:
        """Symbols held in a second without a price."""
        return tuple(dict.fromkeys(one.symbol for one in self.lacking if one.what == MARK))


@dataclass(frozen=True)
class EquityPath:
    """Every unit over a window, every `step_s` seconds."""

    window: Window
    step_s: int
    units: tuple[UnitPath, ...]
    problems: tuple[Problem, ...]

    @property
    def breach(self) -> int | None:
        """The first second in which any unit was below maintenance."""
        return min((u.breach for u in self.units if u.breach is not None), default=None)


def equity_path(
    ledger: Ledger, prices: Prices, window: Window, rules: Rules, step_s: int = 1, *,
    isolated: Isolated | None = None, terms: Terms | None = None,
) -> EquityPath:  # fmt: skip
    """The paths of all units at the end of every `step_s` seconds of the window.

    Entry s of a path is the state at the end of its second: after everything stamped within it,
    at the mark in force then. Raises UsageError for a step below a second or longer than the
    window.
    """
    every = seconds_of(window)
    if not 1 <= step_s <= len(every):
        raise UsageError(
            Text(f"a path cannot have a step of {step_s} s", f"路径步长不能为 {step_s} 秒"),
            remedy=Text(
                f"Take 1 to {max(len(every), 1)} seconds.", f"请取 1 至 {max(len(every), 1)} 秒。"
            ),
        )
    made, problems = units(ledger, isolated)
    held = terms or Terms(rules)
    paths = tuple(
        _path(unit, prices, every, held, step_s, forced_seconds(ledger, unit)) for unit in made
    )
    return EquityPath(window, step_s, paths, tuple(problems + _unpriced(paths, len(every))))


def _path(
    unit: Unit, prices: Prices, seconds: Ints, terms: Terms, step: int, forced: Sequence[int]
) -> UnitPath:
    parts = [stretch(path, seconds, terms.of(path)) for path in unit.paths]
    parts = [one for one in parts if one.held.any() or one.unknown.any()]
    marks = {one.path.symbol: _onto(prices, one.path.symbol, seconds) for one in parts}
    balance = _balance(unit, seconds)
    unrealised, maintenance = np.zeros(len(seconds)), np.zeros(len(seconds))
    turnover, held = np.abs(balance), np.zeros(len(seconds), dtype=np.bool_)
    caveats = dict.fromkeys(unit.caveats)
    inputs: dict[Input, None] = {}
    for one in parts:
        price = marks[one.path.symbol]
        unrealised = unrealised + one.unrealised(price)
        maintenance = maintenance + one.maintenance(price)
        turnover = turnover + one.turnover(price)
        held |= one.held
        caveats |= dict.fromkeys((*terms.caveats(one.path), *prices.caveats(one.path.symbol)))
        inputs |= dict.fromkeys(prices.inputs(one.path.symbol))
    equity = balance + unrealised
    cushion = np.where(held, equity - maintenance, np.nan)
    worst = equity - maintenance + _within_bars(parts, marks, prices, seconds)
    within = [second for second in forced if seconds[0] <= second <= seconds[-1]]
    breach = _breach(unit, prices, seconds, terms, cushion, turnover)
    breach = _entering(unit, prices, within, terms, breach)
    below = seconds[held & (worst < 0)]
    possible = int(below[0]) if len(below) and (breach is None or below[0] < breach) else breach
    cut = slice(step - 1, None, step)
    return UnitPath(
        unit, seconds[cut], balance[cut], unrealised[cut], maintenance[cut], worst[cut], held[cut],
        breach, possible, _least(seconds, equity), _least(seconds, cushion),
        _lacking(parts, marks), tuple(caveats), tuple(inputs),
    )  # fmt: skip


def _least(seconds: Ints, values: Floats) -> tuple[int, Decimal] | None:
    """The second of the least value, and it."""
    if not np.isfinite(values).any():
        return None
    place = int(np.nanargmin(values))
    return int(seconds[place]), rounded(float(values[place]), PLACES)


def _balance(unit: Unit, seconds: Ints) -> Floats:
    """The unit's balance [S]: it changes where its wallet or a margin carved out of it does."""
    times = {step.ts for step in unit.wallet.steps} if unit.wallet is not None else set()
    paths = [*unit.paths] if unit.stated is not None else [path for path, _ in unit.carved]
    times |= {held.ts for path in paths for held in path.steps}
    ends = seconds + SECOND - 1
    inner = sorted(ts for ts in times if ends[0] < ts <= ends[-1])
    values = [unit.balance(ts) for ts in (int(ends[0]), *inner)]
    floats = np.array([np.nan if value is None else float(value) for value in values])
    at = np.searchsorted(np.array(inner, dtype=np.int64), ends, side="right")
    found: Floats = floats[at]
    return found


def _onto(prices: Prices, symbol: str, seconds: Ints) -> Floats:
    """The marks of a symbol in these seconds; NaN outside of what the prices cover."""
    path = prices.mark_path(symbol)
    found = np.full(len(seconds), np.nan)
    if len(path):
        places = (seconds - int(seconds_of(prices.window)[0])) // SECOND
        inside = (places >= 0) & (places < len(path))
        found[inside] = path[places[inside]]
    return found


def _within_bars(
    parts: list[Stretch], marks: dict[str, Floats], prices: Prices, seconds: Ints
) -> Floats:
    """What the cushion can lose within the bars of its marks [S], zero or below. Of the parts
    of one symbol together it is concave in the price, so the worst is at the low or the high;
    that all symbols are at their worst at once is assumed."""
    total = np.zeros(len(seconds))
    for symbol, mark in marks.items():
        own = [one for one in parts if one.path.symbol == symbol]
        if "bar-resolution" not in prices.caveats(symbol):
            continue
        held = np.logical_or.reduce([one.held for one in own])
        low, high = mark.copy(), mark.copy()
        for place in np.flatnonzero(held & np.isfinite(mark)).tolist():
            bounds = prices.extreme(symbol, int(seconds[place]))
            if bounds is not None:
                low[place], high[place] = float(bounds[0]), float(bounds[1])
        here, least = _surplus(own, mark), np.minimum(_surplus(own, low), _surplus(own, high))
        total += np.minimum(np.nan_to_num(least - here), 0.0)
    return total


def _surplus(own: list[Stretch], price: Floats) -> Floats:
    """What the positions of one symbol add to the cushion [S]."""
    total = np.zeros(len(price))
    for one in own:
        total = total + one.unrealised(price) - one.maintenance(price)
    return total


def _breach(
    unit: Unit, prices: Prices, seconds: Ints, terms: Terms, cushion: Floats, turnover: Floats
) -> int | None:
    """The first second in which the unit is liquidated: by floats where they are sure."""
    slack = _SLACK * np.nan_to_num(turnover)
    for place in np.flatnonzero(cushion < slack).tolist():
        second = int(seconds[place])
        if cushion[place] < -slack[place]:
            return second
        if state(unit, prices, second + SECOND - 1, terms).liquidated:
            return second
    return None


def _entering(
    unit: Unit, prices: Prices, forced: Sequence[int], terms: Terms, breach: int | None
) -> int | None:
    """The first breach, what was held going into a second of forced orders included."""
    for second in forced:
        if breach is not None and second >= breach:
            return breach
        if state(unit, prices, second - 1, terms, marked=second).liquidated:
            return second
    return breach


def _lacking(parts: list[Stretch], marks: dict[str, Floats]) -> tuple[Lack, ...]:
    found = []
    for one in parts:
        symbol = one.path.symbol
        counts = {
            POSITION: int(one.unknown.sum()), ENTRY: int(one.entryless.sum()),
            MARK: int((one.held & np.isnan(marks[symbol])).sum()),
            TIERS: int(one.held.sum()) if one.tiers is None else 0,
        }  # fmt: skip
        found += [Lack(symbol, what, count) for what, count in counts.items() if count]
    return tuple(found)


_WORDS = {
    MARK: Text("has no mark price", "没有标记价格"),
    ENTRY: Text("has no known entry price", "开仓价未知"),
    TIERS: Text("has no maintenance tiers on record", "没有维持保证金阶梯记录"),
    POSITION: Text("was held in an unknown quantity", "持仓数量未知"),
}


def _unpriced(paths: tuple[UnitPath, ...], seconds: int) -> list[Problem]:
    """Every lack as a problem: the seconds in which a unit has no equity."""
    return [
        Problem(
            f"{lack.what}-unknown", ABSENT,
            Text(
                f"{path.unit.words.en}: {lack.symbol} {_WORDS[lack.what].en} in {lack.seconds} of "
                f"{seconds} seconds, which have no equity",
                f"{path.unit.words.zh}：{seconds} 秒中有 {lack.seconds} 秒 {lack.symbol} "
                f"{_WORDS[lack.what].zh}，这些时刻不计权益",
            ),
            count=lack.seconds,
        )
        for path in paths
        for lack in path.lacking
    ]  # fmt: skip
