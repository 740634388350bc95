"""How an exposure is held: much margin at low leverage, or little at high leverage.

An exposure of 1 (the unit of everything here) is opened at a price and followed second by
second. Of a wallet W the isolated margin m = size/leverage stands behind it, or in cross mode
all of W:

    value           x = size · price / entry price, result s·(x − size), s = +1 long, −1
                    short; size is the value at the entry, 1 the first time
    liquidated      when margin + result at the mark < maintenance of the value at the mark
    closed          at the trade price of that second; the loss, clearance fee included, is
                    at most the margin behind it, and what exceeds it is the fund's
    stop            where the trade price has gone `stop` against the entry, an order is sent
                    that fills at the trade price `delay_s` seconds later; it can slip
    again           from `again_s` seconds after a close the same is opened anew, as long as the
                    wallet holds the initial margin and the fee: the same number of coins, or
                    (`refill`) the exposure of 1 again, which buys more coins after a fall
    off exchange    a `reserve` outside the wallet is never lost and never helps, unless it is
                    called (`rescue_s`): all of it is sent once, in the first second in which
                    half of the distance to liquidation at the opening is used up, and is in
                    the wallet `rescue_s` seconds later, behind the position if one is open

That the loss is bounded is what isolated margin means: only the margin assigned to a position
stands behind it. Invariant: no close takes more than the
margin behind it, so the wallet never falls below zero; in isolated mode without `again` and
without a call the loss is at most 1/leverage plus the fee of opening. A second without a price
decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..errors import Text, UsageError
from .exact import ONE, ZERO, exact
from .tiers import Tiers

ISOLATED, CROSS = "isolated", "cross"


@dataclass(frozen=True)
class Structure:
    """`capital` is the wallet and `reserve` what is kept outside it, in units of the exposure;
    `stop` a share of the entry price."""

    leverage: Decimal
    capital: Decimal
    mode: str = ISOLATED
    stop: Decimal | None = None
    again_s: int | None = None
    side: int = 1
    refill: bool = False
    reserve: Decimal = ZERO
    rescue_s: int | None = None

    def __post_init__(self) -> None:
        wrong = (
            _unless(self.mode in (ISOLATED, CROSS), "mode", self.mode)
            or _unless(self.side in (1, -1), "side", self.side)
            or _unless(self.leverage.is_finite() and self.leverage > 0, "leverage", self.leverage)
            or _unless(self.capital.is_finite() and self.capital > 0, "capital", self.capital)
            or _unless(self.stop is None or 0 < self.stop < 1, "stop", self.stop)
            or _unless(self.again_s is None or self.again_s >= 1, "again", self.again_s)
            or _unless(self.reserve.is_finite() and self.reserve >= 0, "reserve", self.reserve)
            or _unless(self.rescue_s is None or self.rescue_s >= 1, "rescue", self.rescue_s)
        )
        if wrong is None and self.mode == ISOLATED:
            wrong = _unless(self.margin <= self.capital, "margin above the capital", self.margin)
        if wrong is not None:
            raise wrong

    @property
    @exact
    def margin(self) -> Decimal:
        """The initial margin of an exposure of 1."""
        return ONE / self.leverage


@dataclass(frozen=True)
class Costs:
    """Shares of the value traded: `taker` on every order of one's own, `clearance` on a
    liquidation. `delay_s` is how long a stop order takes to fill, at least a second."""

    taker: Decimal = Decimal("0.0005")
    clearance: Decimal = Decimal("0.0125")
    delay_s: int = 1

    def __post_init__(self) -> None:
        for name, value in (("taker", self.taker), ("clearance", self.clearance)):
            if wrong := _unless(value.is_finite() and 0 <= value < 1, name, value):
                raise wrong
        if wrong := _unless(self.delay_s >= 1, "delay", self.delay_s):
            raise wrong


@dataclass(frozen=True)
class Outcome:
    """What came of it, in units of the exposure. `first` is the place in the path of the first
    liquidation and `closed` that of the first close of any kind; `equity` the wallet at the end
    with the open position at the last price; `reserve` what is still outside the wallet, on its
    way included; `shortfall` what the fund bore."""

    equity: Decimal
    entries: int
    liquidations: int
    stops: int
    first: int | None
    fees: Decimal
    shortfall: Decimal
    held: bool
    closed: int | None = None
    reserve: Decimal = ZERO

    def loss(self, capital: Decimal) -> Decimal:
        """What the wallet lost, where nothing was sent to it; below zero is a gain."""
        return capital - self.equity

    @property
    @exact
    def left(self) -> Decimal:
        """All that is left, in the wallet and outside it."""
        return self.equity + self.reserve


def maintenance(tiers: Tiers, notional: Decimal) -> Callable[[Decimal], Decimal]:
    """The maintenance margin of an exposure of `notional` in money, as a function of x, both
    in units of the exposure."""

    @exact
    def at(x: Decimal) -> Decimal:
        return tiers.maintenance(notional * x) / notional

    return at


@exact
def follow(
    marks: Sequence[Decimal | None],
    trades: Sequence[Decimal | None],
    structure: Structure,
    maintained: Callable[[Decimal], Decimal],
    costs: Costs,
) -> Outcome:
    """The exposure opened at the first second that has both prices, followed to the end."""
    return _Holding(structure, maintained, costs).along(marks, trades)


class _Holding:
    """The wallet and the position as they stand."""

    def __init__(
        self, structure: Structure, maintained: Callable[[Decimal], Decimal], costs: Costs
    ) -> None:
        self.structure, self.maintained, self.costs = structure, maintained, costs
        self.wallet = structure.capital
        self.entry: Decimal | None = None
        self.started: Decimal | None = None
        self.size = ONE
        self.due: int | None = None
        self.opens_at: int | None = 0
        self.first: int | None = None
        self.closed: int | None = None
        self.reserve, self.added, self.cushion = structure.reserve, ZERO, ZERO
        self.arrives: int | None = None
        self.entries = self.liquidations = self.stops = 0
        self.fees = self.shortfall = ZERO

    def along(self, marks: Sequence[Decimal | None], trades: Sequence[Decimal | None]) -> Outcome:
        last: Decimal | None = None
        for second, (mark, trade) in enumerate(zip(marks, trades, strict=True)):
            if mark is None or trade is None:
                continue
            last = trade
            self._arrive(second)
            if self.entry is None:
                self._open(second, trade)
                continue
            self._hold(second, self.size * mark / self.entry, self.size * trade / self.entry)
        equity = self.wallet
        if self.entry is not None and last is not None:
            equity += max(-self._behind(), self._result(self.size * last / self.entry))
        return Outcome(
            equity, self.entries, self.liquidations, self.stops, self.first, self.fees,
            self.shortfall, self.entry is not None, self.closed, self.reserve,
        )  # fmt: skip

    def _behind(self) -> Decimal:
        """What stands behind the position: of the wallet no more than the isolated margin and
        what was added to it."""
        isolated = self.structure.mode == ISOLATED
        margin = self.size * self.structure.margin + self.added
        return min(margin, self.wallet) if isolated else self.wallet

    def _result(self, x: Decimal) -> Decimal:
        return self.structure.side * (x - self.size)

    def _arrive(self, second: int) -> None:
        if self.arrives is None or second < self.arrives:
            return
        if self.entry is not None:
            self.added += self.reserve
        self.wallet += self.reserve
        self.reserve, self.arrives = ZERO, None

    def _open(self, second: int, trade: Decimal) -> None:
        if self.opens_at is None or second < self.opens_at:
            return
        if self.started is not None and not self.structure.refill:
            self.size = trade / self.started
        fee = self.costs.taker * self.size
        # The first fee comes out of the capital, so that a margin of all of it can be opened.
        needed = fee if self.entries == 0 else self.size * self.structure.margin + fee
        if self.wallet < needed:
            self.opens_at = None
            return
        self.wallet -= fee
        self.fees += fee
        self.entries += 1
        self.entry, self.due, self.opens_at, self.added = trade, None, None, ZERO
        self.cushion = self._behind() - self.maintained(self.size)
        self.started = self.started or trade

    def _hold(self, second: int, mark: Decimal, trade: Decimal) -> None:
        stop, rescue = self.structure.stop, self.structure.rescue_s
        distance = self._behind() + self._result(mark) - self.maintained(mark)
        if distance < 0:
            self.liquidations += 1
            self.first = second if self.first is None else self.first
            self._close(second, trade, self.costs.clearance)
        elif self.due is not None and second >= self.due:
            self.stops += 1
            self._close(second, trade, self.costs.taker)
        else:
            stopped = stop is not None and self._result(trade) <= -stop * self.size
            if stopped and self.due is None:
                self.due = second + self.costs.delay_s
            calls = rescue is not None and self.reserve > 0 and self.arrives is None
            if rescue is not None and calls and distance < self.cushion / 2:
                self.arrives = second + rescue

    def _close(self, second: int, trade: Decimal, rate: Decimal) -> None:
        self.closed = second if self.closed is None else self.closed
        behind = self._behind()
        left = behind + self._result(trade)
        fee = min(rate * trade, max(left, ZERO))  # a bankrupt position pays none
        self.shortfall += max(-left, ZERO)
        self.fees += fee
        self.wallet += max(left, ZERO) - fee - behind
        self.entry = self.due = None
        again = self.structure.again_s
        self.opens_at = None if again is None else second + again


def _unless(holds: bool, name: str, value: object) -> UsageError | None:
    if holds:
        return None
    return UsageError(
        Text(f"no exposure is held with {name} {value}", f"持仓结构不可能为 {name} = {value}"),
        remedy=Text(
            "Leverage and capital above 0, margin at most the capital, shares between 0 and 1.",
            "杠杆与本金须大于 0，保证金不超过本金，比例须在 0 与 1 之间。",
        ),
    )
