"""What was liquidated as one, as the rules take it: a wallet with legs, at one moment.

The units are those of the equity path (`equity.units`): a cross wallet with the positions that
settle in it, or an isolated position whose margin is stated. Here a unit is frozen at a moment,
so that it can be asked what it would have needed had nothing been closed after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...errors import Text
from ...problems import ABSENT, Problem
from ...rules.leg import LONG, SHORT, Leg
from ...rules.margin import Wallet
from ..entries import ISOLATED
from ..equity.terms import Terms
from ..equity.units import Isolated, Unit, units
from ..ledger.ledger import UNKNOWN, Held, Ledger, PositionPath


class HeldUnit(NamedTuple):
    """One margin unit with something held; `since` is its last change up to the moment asked
    for (µs), None where nothing had changed since the exports begin. `symbol` and `place` are
    empty for a cross wallet; for an isolated position they name it."""

    market: str
    asset: str
    symbol: str
    place: str
    wallet: Wallet
    since: int | None
    caveats: tuple[str, ...] = ()


UnitsAt = Callable[[int], tuple[Sequence[HeldUnit], Sequence[Problem]]]
"""The margin units of an account after everything stamped ≤ a moment."""


def units_at(ledger: Ledger, terms: Terms, isolated: Isolated | None = None) -> UnitsAt:
    """Of a ledger, under the tiers of `terms`. What is not known of a unit is a problem, and
    the unit is left out. Raises UsageError for isolated margins that fit no position."""
    made, _ = units(ledger, isolated)

    def held(ts: int) -> tuple[list[HeldUnit], list[Problem]]:
        found: list[HeldUnit] = []
        problems: list[Problem] = []
        for unit in made:
            one = _at(unit, ts, terms)
            if isinstance(one, Problem):
                problems.append(one)
            elif one is not None:
                found.append(one)
        return found, problems

    return held


def _at(unit: Unit, ts: int, terms: Terms) -> HeldUnit | Problem | None:
    """A unit at a moment; None where it holds nothing, a problem where that is not known."""
    legs: list[Leg] = []
    lacking: list[str] = []
    changes = [] if unit.wallet is None else [s.ts for s in unit.wallet.steps if s.ts <= ts]
    caveats = dict.fromkeys(unit.caveats)
    for path in unit.paths:
        held = path.at(ts)
        if held is None or not held.quantity:
            if held is None and path.opening_by == UNKNOWN:
                lacking.append(path.symbol)
            continue
        leg = _leg(path, held, terms)
        if leg is None:
            lacking.append(path.symbol)
            continue
        legs.append(leg)
        caveats |= dict.fromkeys(terms.caveats(path))
        if held.trade >= 0:
            changes.append(held.ts)
    if not lacking and not legs:
        return None
    balance = unit.balance(ts)
    if lacking or balance is None:
        return _unknown(unit, lacking)
    alone = unit.mode == ISOLATED
    return HeldUnit(
        unit.market, unit.asset, unit.paths[0].symbol if alone else "",
        unit.paths[0].place if alone else "", Wallet(balance, tuple(legs)),
        max(changes, default=None), tuple(caveats),
    )  # fmt: skip


def _leg(path: PositionPath, held: Held, terms: Terms) -> Leg | None:
    """The position as a leg: inverse quantities in USD. None where its entry or its tiers are
    not known, or where its side cannot be."""
    tiers = terms.of(path)
    side = 1 if held.quantity > 0 else -1
    if tiers is None or held.entry is None or held.entry <= 0:
        return None
    if side != {LONG: 1, SHORT: -1}.get(path.place, side):
        return None
    size = abs(path.size(held))
    return Leg(path.symbol, side, size, held.entry, path.inverse, tiers, path.place)


def _unknown(unit: Unit, lacking: Sequence[str]) -> Problem:
    names = ", ".join(lacking)
    if lacking:
        text = Text(
            f"{unit.words.en}: position, entry price or tiers of {names} are not known, so what it "
            "needed cannot be said; trades from before the export would give the first two",
            f"{unit.words.zh}：{names} 的持仓、开仓均价或档位未知，无法得出所需金额；"
            "导出起点之前的成交可补全前两项",
        )
    else:
        text = Text(
            f"{unit.words.en}: its margin is not known, so what it needed cannot be said",
            f"{unit.words.zh}：保证金未知，无法得出所需金额",
        )
    return Problem("unit-unknown", ABSENT, text, sample=names)
