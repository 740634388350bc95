"""What one scenario did to a population, in totals and by account: small enough to be kept.

Sums are in dollars at the mark of their second. The arrays by account name places in the
population's list of accounts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ..tape.tracks import Floats, Ints
from .ledger import Ledger
from .to_units import Held


@dataclass(frozen=True, eq=False)
class Outcome:
    """`hit`, `bankrupt`, `open_`: accounts liquidated, taken over, in grace at the end of the
    data. `reduced` with `reduced_by`, `forgone`: accounts that deleveraging closed, by how many
    dollars and at what gain forgone against the mark. `kept` [A]: equity of each account at the
    end of the data, NaN where a mark is missing. `flow` [S]: dollars liquidated per second.
    `forced` [M, S]: signed forced volume. `first`: second of the first liquidation, −1."""

    accounts: int
    hit: Ints
    bankrupt: Ints
    open_: Ints
    reduced: Ints
    reduced_by: Floats
    forgone: Floats
    kept: Floats
    lost: Floats
    deficits: Floats
    flow: Floats
    forced: Floats
    first: int
    notional: float
    deficit: float
    fee: float
    fund_used: float
    fund_net: float
    residual: float

    @classmethod
    def of(cls, held: Held, ledger: Ledger) -> Outcome:
        """From the ledger of the population's units."""
        owner, count = held.account, len(held.ids)
        by_account = _Sums(owner, count)
        reduced = by_account(ledger.taken)
        chosen = np.flatnonzero(reduced > 0)
        flow, _ = ledger.by_second()
        at = ledger.at[ledger.at >= 0]
        return cls(
            count, np.unique(owner[ledger.liquidated]), np.unique(owner[ledger.bankrupt]),
            np.unique(owner[ledger.open_]), chosen, reduced[chosen],
            by_account(ledger.forgone)[chosen], by_account(_dollars(held, ledger)),
            by_account(ledger.lost), by_account(ledger.deficit), flow, ledger.forced,
            int(at.min()) if len(at) else -1, ledger.notional, float(ledger.deficit.sum()),
            float(ledger.fee.sum()), ledger.fund_used, ledger.fund_net, ledger.residual,
        )  # fmt: skip

    def saved(self, baseline: Outcome) -> Ints:
        """Accounts that the baseline hits and this does not. One whose contracts have no mark
        here is not called saved: nothing was decided of it."""
        spared = np.setdiff1d(baseline.hit, self.hit, assume_unique=True)
        return spared[np.isfinite(self.kept[spared])]

    def newly_hit(self, baseline: Outcome) -> Ints:
        """Accounts that this hits and the baseline does not."""
        return np.setdiff1d(self.hit, baseline.hit, assume_unique=True)

    def write(self, path: Path) -> None:
        """As one file, whole or not at all."""
        fresh = path.with_name(f".{path.stem}.part.npz")
        np.savez_compressed(fresh, **{f.name: getattr(self, f.name) for f in fields(self)})
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> Outcome:
        """What `write` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(
                **{
                    f.name: kept[f.name] if kept[f.name].ndim else kept[f.name].item()
                    for f in fields(cls)
                }
            )


class _Sums:
    """Sums of a value by unit over the units of each account."""

    def __init__(self, owner: Ints, count: int) -> None:
        self._owner, self._count = owner, count

    def __call__(self, values: Floats) -> Floats:
        total: Floats = np.bincount(self._owner, weights=values, minlength=self._count).astype(
            np.float64
        )
        return total


def _dollars(held: Held, ledger: Ledger) -> Floats:
    """Equity of every unit at the end of the data, in dollars: coins at their mark."""
    rate = np.ones(len(held.currencies))
    prices = ledger.paths.prices(ledger.paths.seconds - 1)
    for name, inverse, price in zip(ledger.paths.names, ledger.paths.inverse, prices, strict=True):
        for place, currency in enumerate(held.currencies):
            if inverse and name.startswith(f"{currency}USD_"):
                rate[place] = price
    return ledger.equity * rate[held.currency]
