"""A voucher that is a share of the forced loss in futures and margin, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text
from ..book_units import shown
from ..claimant import Claimant, total
from ..compensation import USDC, Award, Part, Terms, cents, money, paid, refused
from ..exact import exact
from .together import COVERED

DEFINITION = Text(
    "A share of the forced loss in futures and margin, as participants tell: a thousandth to a "
    "hundredth. Many with large losses are said to have got none, so this is what vouchers of "
    "that size would pay to all.",
    "合约与杠杆强平亏损的一定比例，依参与者所述为千分之一至百分之一。据称大量高额亏损用户未获券，"
    "故此处为按该比例人人发放时的金额。",
)


@dataclass(frozen=True, slots=True)
class Voucher:
    """`share` of the loss, from 0 to 1."""

    share: Decimal

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The voucher of a claimant."""
        if not claimant.losses:
            return refused("no-loss", "no forced loss is stated", "未载明强平亏损", USDC)
        ours = [one.amount for one in claimant.losses if one.product in COVERED]
        if not ours:
            return refused(
                "other-product", "the forced loss was made in neither futures nor margin",
                "强平亏损不在合约或杠杆之内", USDC,
            )  # fmt: skip
        loss, share = total(ours), shown(self.share, "share")
        said = Text(
            f"{share} of a forced loss of {money(loss)}", f"强平亏损 {money(loss)} 的 {share}"
        )
        return paid(said, [Part(Text("voucher", "代金券"), cents(self.share * loss))], USDC)
