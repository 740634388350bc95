"""Loop leverage: a coin is pledged, the loan buys more of it, and that is pledged again.

Start with 1 of collateral and borrow the share v of what is pledged, k times over:

    exposure        E = 1 + v + … + v^k  →  1 / (1 − v)
    debt            E − 1
    equity at p     E·p − (E − 1)
    liquidated      when debt / (E·p) ≥ L, so from p* = (E − 1) / (E·L) down
    wiped out       from p₀ = (E − 1) / E down: the collateral no longer covers the debt
    carry a year    E·reward − (E − 1)·borrow

Amounts are multiples of the stake, prices multiples of the price at which the coins were
bought; the debt is in money and its interest is left out of the price formulas (weeks of it
are worth less than a tick). The formulas follow from the definition: each loan is v times
what the loan before bought. Invariant: p₀ ≤ p* for every limit up to 1, and p* < 1 exactly
when the limit is above the loan-to-value at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from ..errors import Text, UsageError

ONE = Decimal(1)
DIGITS = 60
"""Digits of every product and quotient here: more than a price and a rate can have together."""


@dataclass(frozen=True)
class Loop:
    """`exposure` is what is held for 1 of own money, from 1 (no loop) on."""

    exposure: Decimal

    def __post_init__(self) -> None:
        if not self.exposure.is_finite() or self.exposure < 1:
            raise UsageError(
                Text(
                    f"an exposure of {self.exposure} is none that a loop can have",
                    f"循环贷的敞口不可能为 {self.exposure}",
                ),
                remedy=Text(
                    "Give a multiple of the stake from 1 on, such as 3.5.",
                    "请给出不小于 1 的倍数，如 3.5。",
                ),
            )

    @classmethod
    def of(cls, ltv: Decimal, loops: int | None = None) -> Loop:
        """The loop that borrows the share `ltv` of each pledge, `loops` times; without a
        number until nothing more can be borrowed. Raises UsageError for a share that is not
        from 0 to below 1, or a negative number of loops."""
        if not ltv.is_finite() or not 0 <= ltv < 1 or (loops is not None and loops < 0):
            raise UsageError(
                Text(
                    f"no loop borrows the share {ltv} of its pledge {loops} times",
                    f"循环贷不可能以质押率 {ltv} 借 {loops} 次",
                ),
                remedy=Text(
                    "Give a loan-to-value from 0 to below 1, and 0 loops or more.",
                    "质押率须不小于 0 且小于 1，次数须不小于 0。",
                ),
            )
        with localcontext(prec=DIGITS):
            if loops is None:
                return cls(1 / (1 - ltv))
            exposure = ONE
            for _ in range(loops):
                exposure = 1 + ltv * exposure
            return cls(exposure)

    @property
    def debt(self) -> Decimal:
        """What was borrowed, in multiples of the stake."""
        return self.exposure - 1

    @property
    def ltv(self) -> Decimal:
        """Debt over collateral at the start."""
        return self.wipe_out_price

    @property
    def wipe_out_price(self) -> Decimal:
        """p₀: from here down nothing is left of the stake."""
        with localcontext(prec=DIGITS):
            return self.debt / self.exposure

    def equity(self, price: Decimal) -> Decimal:
        """What belongs to the borrower when the coin stands at `price`; below 0 from p₀ down."""
        with localcontext(prec=DIGITS):
            return self.exposure * price - self.debt

    def loss(self, price: Decimal) -> Decimal:
        """The share of the stake that is lost when all is sold at `price`; at most 1, as the
        lender bears the rest."""
        with localcontext(prec=DIGITS):
            return min(ONE, self.exposure * (1 - price))

    def shortfall(self, price: Decimal) -> Decimal:
        """What the lender lacks when all is sold at `price`, in multiples of the stake."""
        return max(Decimal(0), -self.equity(price))

    def liquidation_price(self, limit: Decimal) -> Decimal:
        """p*: at or below it debt / (E·p) ≥ `limit`; 0 without debt, above 1 when the limit
        is below the loan-to-value at the start."""
        with localcontext(prec=DIGITS):
            return self.debt / (self.exposure * checked_limit(limit))

    def is_liquidated(self, price: Decimal, limit: Decimal) -> bool:
        """Whether debt / (E·`price`) ≥ `limit`, without dividing; never without debt."""
        with localcontext(prec=DIGITS):
            covered = checked_limit(limit) * self.exposure * price
            return self.debt > 0 and self.debt >= covered

    def safe_limit(self, low: Decimal) -> Decimal:
        """The loan-to-value reached at `low`: only a limit above it leaves the loop alone."""
        with localcontext(prec=DIGITS):
            return self.debt / (self.exposure * low)

    def carry(self, reward: Decimal, borrow: Decimal) -> Decimal:
        """What the loop earns in a year, as a share of the stake, at constant price and rates."""
        with localcontext(prec=DIGITS):
            return self.exposure * reward - self.debt * borrow

    def break_even_borrow(self, reward: Decimal) -> Decimal | None:
        """The borrow rate at which the carry is 0; None without debt."""
        if not self.debt:
            return None
        with localcontext(prec=DIGITS):
            return self.exposure * reward / self.debt


def safe_exposure(low: Decimal, limit: Decimal) -> Decimal | None:
    """The exposure from which on a loop is liquidated at `low`: 1 / (1 − L·low); None when no
    exposure is, because the price never made the limit bind."""
    with localcontext(prec=DIGITS):
        left = 1 - checked_limit(limit) * low
        return 1 / left if left > 0 else None


def checked_limit(limit: Decimal) -> Decimal:
    """A loan-to-value at which a lender liquidates: above 0, at most 1; else UsageError."""
    if not limit.is_finite() or not 0 < limit <= 1:
        raise UsageError(
            Text(
                f"no lender liquidates at a loan-to-value of {limit}",
                f"清算质押率不可能为 {limit}",
            ),
            remedy=Text("Give a share above 0, at most 1.", "须大于 0 且不超过 1。"),
        )
    return limit
