"""What every margin unit of an account was worth at one moment, exactly.

    equity = balance + Σ unrealised        ratio = maintenance / equity, as Binance shows it
    liquidated  ⇔  equity < maintenance

The balance is that after everything stamped ≤ ts, the mark the one in force in the second of
ts. What is not known is named and leaves the sums it belongs to unknown; it is never zero.
Source: Binance, "What Is Futures Margin Ratio and How to Calculate It"; liquidation prices as in
`rules.liquidation_price`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ...rules.book import Rules
from ...rules.exact import ZERO, exact
from ...rules.leg import Leg
from ...rules.liquidation_price import liquidation_prices
from ...rules.margin import Wallet
from ..ledger.ledger import UNKNOWN, Held, Ledger, PositionPath
from ..prices.prices import Prices
from .terms import Terms
from .units import Isolated, Unit, units

MARK, ENTRY, TIERS, POSITION = "mark", "entry", "tiers", "position"
"""What may not be known of a contract: its price, its entry, its tiers, what was held."""


class Lack(NamedTuple):
    """What is not known of a contract, over how many of the seconds asked for."""

    symbol: str
    what: str
    seconds: int = 1


@dataclass(frozen=True)
class LegState:
    """One position: `quantity` signed, in base units or contracts; sums in the settle currency."""

    symbol: str
    place: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal
    unrealised: Decimal
    notional: Decimal
    maintenance: Decimal


@dataclass(frozen=True)
class Nearness:
    """How far a contract's mark was from where it gets the unit liquidated, the other marks
    held: `liquidation` is None where no price does; `distance` is the adverse move that leads
    there as a share of the mark, below zero when it is passed."""

    symbol: str
    mark: Decimal
    liquidation: Decimal | None
    distance: Decimal | None


@dataclass(frozen=True)
class UnitState:
    """A unit at `ts`. The sums are None where something that they need is lacking."""

    unit: Unit
    ts: int
    balance: Decimal | None
    unrealised: Decimal | None
    maintenance: Decimal | None
    legs: tuple[LegState, ...]
    near: tuple[Nearness, ...]
    lacking: tuple[Lack, ...]
    caveats: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Symbols held without a price."""
        return tuple(dict.fromkeys(one.symbol for one in self.lacking if one.what == MARK))

    @property
    @exact
    def equity(self) -> Decimal | None:
        """Margin balance."""
        if self.balance is None or self.unrealised is None:
            return None
        return self.balance + self.unrealised

    @property
    @exact
    def ratio(self) -> Decimal | None:
        """Maintenance over equity; None where either is not known or no equity is left."""
        if self.maintenance is None or self.equity is None or self.equity <= 0:
            return None
        return self.maintenance / self.equity

    @property
    @exact
    def cushion(self) -> Decimal | None:
        """Equity less maintenance."""
        if self.maintenance is None or self.equity is None:
            return None
        return self.equity - self.maintenance

    @property
    def liquidated(self) -> bool | None:
        """Whether equity is below maintenance with something held; None where not known."""
        if self.cushion is None:
            return None
        return bool(self.legs) and self.cushion < 0


def equity_at(
    ledger: Ledger, prices: Prices, ts: int, rules: Rules, *, isolated: Isolated | None = None,
    terms: Terms | None = None,
) -> list[UnitState]:  # fmt: skip
    """Every unit at `ts` under the rules of the day; units in the order of `units`. `terms`
    stands in for tiers other than the shipped ones."""
    made, _ = units(ledger, isolated)
    held = terms or Terms(rules)
    return [state(unit, prices, ts, held) for unit in made]


@exact
def state(
    unit: Unit, prices: Prices, ts: int, terms: Terms, marked: int | None = None
) -> UnitState:
    """One unit at `ts`; at the marks of another moment where `marked` names one."""
    legs: list[tuple[Leg, LegState]] = []
    lacking: list[Lack] = []
    caveats = dict.fromkeys(unit.caveats)
    for path in unit.paths:
        held = path.at(ts)
        if held is None and path.opening_by == UNKNOWN:
            lacking.append(Lack(path.symbol, POSITION))
        if held is None or not held.quantity:
            continue
        caveats |= dict.fromkeys((*terms.caveats(path), *prices.caveats(path.symbol)))
        found = _leg(path, held, prices.mark(path.symbol, ts if marked is None else marked), terms)
        if isinstance(found, str):
            lacking.append(Lack(path.symbol, found))
        else:
            legs.append(found)
    known = not lacking
    balance = unit.balance(ts)
    unrealised = sum((one.unrealised for _, one in legs), ZERO)
    maintenance = sum((one.maintenance for _, one in legs), ZERO)
    near: tuple[Nearness, ...] = ()
    if known and balance is not None and legs:
        near = _near(Wallet(balance, tuple(leg for leg, _ in legs)), [one for _, one in legs])
    return UnitState(
        unit, ts, balance, unrealised if known else None, maintenance if known else None,
        tuple(one for _, one in legs), near, tuple(lacking), tuple(caveats),
    )  # fmt: skip


def _leg(
    path: PositionPath, held: Held, mark: Decimal | None, terms: Terms
) -> tuple[Leg, LegState] | str:
    """A position as a leg of the rules, and its state; or what is lacking for it."""
    tiers = terms.of(path)
    side = 1 if held.quantity > 0 else -1
    if side != {"L": 1, "S": -1}.get(path.place, side):
        return POSITION  # A long below zero: trades before it are missing.
    if held.entry is None or held.entry <= 0:
        return ENTRY
    if mark is None:
        return MARK
    if tiers is None:
        return TIERS
    size = abs(path.size(held))
    leg = Leg(path.symbol, side, size, held.entry, path.inverse, tiers, path.place)
    return leg, LegState(
        path.symbol, path.place, held.quantity, held.entry, mark, leg.pnl(mark),
        leg.notional(mark), leg.maintenance(mark),
    )  # fmt: skip


def _near(wallet: Wallet, legs: list[LegState]) -> tuple[Nearness, ...]:
    marks = {one.symbol: one.mark for one in legs}
    net: dict[str, Decimal] = {}
    for one in legs:
        net[one.symbol] = net.get(one.symbol, ZERO) + one.quantity
    found = []
    for symbol, price in liquidation_prices(wallet, marks).items():
        distance = None
        if price is not None:
            move = marks[symbol] - price if net[symbol] > 0 else price - marks[symbol]
            distance = move / marks[symbol]
        found.append(Nearness(symbol, marks[symbol], price, distance))
    return tuple(found)
