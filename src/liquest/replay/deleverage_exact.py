"""Who is closed by how much by deleveraging, in decimals: the rules of rules/adl.py on units.

Part of the reference aftermath_exact.py. Sizes of a replay are fractions: whole lots are asked
for by contract-lots alone, the other allocations share in grains that nobody can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from ..rules.adl import AdlRule
from ..rules.contract_space import Holder, split
from ..rules.exact import ONE, ZERO
from ..rules.scores import Candidate
from .account_exact import NEAR, Account, Position
from .exact import Marks

GRAIN = Decimal("1e-30")
"""What stands for one lot where quantities are shared in fractions."""


def candidate(one: Account, leg: Position, marks: Marks) -> Candidate:
    """A leg in prices, as the rules know it; its number is the leg's place."""
    inverse = bool(marks.paths.inverse[leg.market])
    side = (1 if leg.size > 0 else -1) * (-1 if inverse else 1)
    entry, mark = (1 / x if inverse else x for x in (leg.entry, marks.x(leg.market)))
    return Candidate(
        leg.place, side, abs(leg.size), entry, mark, one.wallet, one.equity(marks),
        one.maintenance(marks), inverse,
    )  # fmt: skip


def closed(
    quantity: Decimal, found: Mapping[int, Candidate], rule: AdlRule, lot: Decimal
) -> dict[int, Decimal]:
    """What of `quantity` each candidate is closed by, by place; `lot` for contract-lots."""
    if rule.allocation == "contract-lots":
        holders = [
            Holder(p, _lots(c.quantity, lot), Fraction(max(ZERO, c.profit)) * (c.equity > 0))
            for p, c in found.items()
        ]
        lots = split(_lots(quantity, lot), holders).closed
        return {p: n * lot for p, n in lots.items() if n}
    cut = [replace(c, quantity=_lots(c.quantity, GRAIN) * GRAIN) for c in found.values()]
    wanted = _lots(quantity, GRAIN) * GRAIN
    return dict(replace(rule, lot=GRAIN).close(wanted, cut, ONE).quantities)


def _lots(quantity: Decimal, lot: Decimal) -> int:
    return int((quantity / lot + NEAR).to_integral_value(ROUND_FLOOR))
