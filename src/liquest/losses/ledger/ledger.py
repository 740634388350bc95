"""The ledger of an account: wallets, positions, and how far they agree with what is stated.

Moments are UTC microseconds and `at(ts)` is the state after everything stamped ≤ ts, so that
for two moments a < b:  wallet.at(b) = wallet.at(a) + Σ of the changes with a < ts ≤ b.
Money is exact; an average entry is a quotient, right to 80 digits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from ...errors import Text
from ...rules.exact import ZERO, exact
from ..entries import Exports, Ref, Transaction

GIVEN, FUNDED, CLEARED, CLOSING, ASSUMED_ZERO = (
    "given", "funded", "cleared", "closing", "assumed-zero",
)  # fmt: skip
"""How an opening balance is known: stated by the user; the first row is an inflow and nothing
was held; an INSURANCE_CLEAR brings the wallet to 0; from a stated closing balance; not known."""

FLAT, ASSUMED_FLAT, SOLVED, ROW, UNKNOWN = "flat", "assumed-flat", "solved", "row", "unknown"
"""How the position before the first trade is known: 0 by the record (a position row, or every
profit fits); 0 because nothing speaks against it; solved backwards from an end state; read from
the row of a position that was never traded in the export; not known."""


class Step(NamedTuple):
    """One change of a wallet: `balance` after it, `transaction` its place in the exports."""

    ts: int
    change: Decimal
    balance: Decimal
    transaction: int


class Held(NamedTuple):
    """A position after a trade. `quantity` is signed, in base units or contracts; `entry` the
    average price, None where nothing is held or the entry is not known; `trade` the place in
    `exports.trades`, −1 for an opening position or one set to what the record says.

    `closed` is the quantity that the trade closed, above zero, `realised` the profit of that
    closing before rounding, in the settle currency (None: entry not known). `slack` is how far
    the entry may be off, in price: 0 unless it was solved from profits that are stated to 8
    decimals or read from a row that shows fewer digits."""

    ts: int
    market: str
    symbol: str
    place: str
    quantity: Decimal
    entry: Decimal | None
    trade: int
    closed: Decimal = ZERO
    realised: Decimal | None = ZERO
    slack: Decimal = ZERO


@dataclass(frozen=True)
class WalletPath:
    """One asset of one futures wallet: opening balance and every change in order. `sure` is False
    where a first inflow is all that speaks for an opening of 0."""

    market: str
    asset: str
    opening: Decimal
    opening_by: str
    steps: tuple[Step, ...]
    sure: bool = True

    @cached_property
    def _times(self) -> list[int]:
        return [step.ts for step in self.steps]

    def at(self, ts: int) -> Decimal:
        """The balance after every change with time ≤ ts."""
        place = bisect_right(self._times, ts)
        return self.steps[place - 1].balance if place else self.opening

    @property
    def closing(self) -> Decimal:
        """The balance after the last change."""
        return self.steps[-1].balance if self.steps else self.opening

    @property
    def known(self) -> bool:
        """Whether the balance stands on evidence; else only its changes do."""
        return self.sure and self.opening_by != ASSUMED_ZERO


@dataclass(frozen=True)
class PositionPath:
    """One position place of one contract, trade by trade.

    `opening` is what was held before the first trade: None when that is nothing, or not known
    (`opening_by` UNKNOWN; then `steps` begin where the record first says what is held, and
    are empty where it never does). `contract_size` is 1 for linear contracts; the profit of a
    closing is s·q·(p − e), for inverse ones s·q·contract_size·(1/e − 1/p). `mode` is cross,
    isolated, or empty where no position row says it."""

    market: str
    symbol: str
    place: str
    inverse: bool
    contract_size: Decimal
    opening: Held | None
    opening_by: str
    steps: tuple[Held, ...]
    mode: str = ""
    settle: str = ""

    @cached_property
    def times(self) -> list[int]:
        """Those of the steps."""
        return [step.ts for step in self.steps]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.market, self.symbol, self.place

    def at(self, ts: int) -> Held | None:
        """What is held after every trade with time ≤ ts; None where nothing was ever held
        until then or it is not known."""
        place = bisect_right(self.times, ts)
        return self.steps[place - 1] if place else self.opening

    @exact
    def size(self, held: Held) -> Decimal:
        """Signed size in the coordinate x of `rules.linear` and `rules.inverse`."""
        return -held.quantity * self.contract_size if self.inverse else held.quantity


@dataclass(frozen=True)
class Reconciled:
    """One total as stated against the same total rebuilt, with the first rows at fault.

    `rule` says how single rows agree where they were rounded: exact, half-even, cut, unit
    (within one unit of the last digit), interval (within what is known of a solved entry),
    differs, or empty where nothing is rounded."""

    name: str
    what: Text
    market: str
    asset: str
    symbol: str
    stated: Decimal
    rebuilt: Decimal
    count: int
    refs: tuple[Ref, ...] = ()
    rule: str = ""

    @property
    @exact
    def difference(self) -> Decimal:
        """Stated less rebuilt."""
        return self.stated - self.rebuilt

    @property
    def closes(self) -> bool:
        """Every row agrees, and so do the totals as far as rounding lets them."""
        return not self.refs and (self.rule in ("unit", "interval") or not self.difference)


class RowCheck(NamedTuple):
    """One figure of a position row against the trades: `name` is entry, close, most, closed,
    pnl, opened or closed-at (times in microseconds); `rule` as in `Reconciled`."""

    ref: Ref
    market: str
    symbol: str
    place: str
    name: str
    stated: Decimal
    rebuilt: Decimal
    rule: str

    @property
    def agrees(self) -> bool:
        return self.rule != "differs"


@dataclass(frozen=True)
class Ledger:
    """Wallets and positions between `start` and `end` (times of the first and the last entry),
    with the lines that compare them to what the exports state."""

    exports: Exports
    wallets: tuple[WalletPath, ...]
    positions: tuple[PositionPath, ...]
    lines: tuple[Reconciled, ...]
    start: int
    end: int
    checks: tuple[RowCheck, ...] = ()
    _by_wallet: dict[tuple[str, str], WalletPath] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        self._by_wallet.update({(w.market, w.asset): w for w in self.wallets})

    def wallet(self, market: str, asset: str) -> WalletPath | None:
        """The path of one asset; None where the exports never name it."""
        return self._by_wallet.get((market, asset))

    def position(self, market: str, symbol: str, place: str) -> PositionPath | None:
        """The path of one position place; None where nothing was traded or held there."""
        found = (p for p in self.positions if p.key == (market, symbol, place))
        return next(found, None)

    def held(self, ts: int) -> list[tuple[PositionPath, Held]]:
        """Everything held after all trades with time ≤ ts: quantity not 0."""
        states = ((path, path.at(ts)) for path in self.positions)
        return [(path, held) for path, held in states if held is not None and held.quantity]

    @cached_property
    def _times(self) -> list[int]:
        return [t.ts for t in self.exports.transactions]

    def changes(
        self, start: int, end: int, types: Collection[str] | None = None
    ) -> list[Transaction]:
        """The transactions with start < time ≤ end, in order; of some types or of all."""
        rows = self.exports.transactions[
            bisect_right(self._times, start) : bisect_right(self._times, end)
        ]
        return [t for t in rows if types is None or t.type in types]
