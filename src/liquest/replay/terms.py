"""The rules of what follows a breach, as an aftermath takes them.

Invariant: words that no kernel knows, and numbers that no market has, cannot be built.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from ..errors import InputError, Text
from ..rules.adl import AdlRule
from ..rules.bankruptcy import DEFAULT, definition
from ..rules.book import Rules
from ..rules.fund import Fund
from ..rules.grace import AT_END, AT_ONCE
from ..rules.lookup import one_of
from ..tape.tracks import Floats
from .world import World

STEPS = ("partial", "full")
EXECUTIONS = ("last", "mark")


@dataclass(frozen=True, eq=False)
class Terms:
    """`band` and `charge` [M] per market, shares; `lot` [M] in units of size, the smallest that is
    closed: partial steps are rounded up to it, and contract-lots shares in it; `fund` in
    dollars, None for one without limit. `steps` (partial: a liquidation stops when the margin
    suffices), `execution` (the price at which a forced order trades), `clears` (what ends a
    grace), `bankruptcy` and the words of `adl` as in the rulebook; adl.lot is not looked at.

    Raises UsageError for a word that there is not, InputError for a number out of range.
    """

    band: Floats
    charge: Floats
    lot: Floats
    fund: Decimal | None = None
    steps: str = "partial"
    execution: str = "last"
    clears: str = AT_ONCE
    bankruptcy: str = DEFAULT
    adl: AdlRule = field(default_factory=AdlRule)

    def __post_init__(self) -> None:
        one_of("liquidation.steps", self.steps, STEPS)
        one_of("liquidation.execution", self.execution, EXECUTIONS)
        one_of("grace.clears", self.clears, (AT_ONCE, AT_END))
        definition(self.bankruptcy)
        Fund(self.fund)
        for name, low, high in (("band", 0.0, np.inf), ("charge", 0.0, 1.0), ("lot", 0.0, np.inf)):
            values = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            good = (values >= low) & (values < high) & ((values > 0) | (name != "lot"))
            if not good.all():
                value = values[np.argmin(good)]
                raise InputError(
                    Text(f"{name} is out of range: {value}", f"{name} 超出范围：{value}"),
                    where=f"market {int(np.argmin(good))}",
                    remedy=Text(
                        "Give a band from 0 on, a fee from 0 to below 1, a lot above 0.",
                        "保护幅度不小于 0，费率为 0 至小于 1，最小数量大于 0。",
                    ),
                )
            object.__setattr__(self, name, values)

    @classmethod
    def of(cls, rules: Rules, world: World) -> Terms:
        """From the rulebook, for the markets and assets of a world. Assets have no order of
        their own: no fee, and no price that would fill one."""
        contracts = {one.symbol: one.recorded.market.instrument for one in world.marked}
        band, charge, lot = (np.zeros(len(world.names)) for _ in range(3))
        for m, name in enumerate(world.names):
            lot[m] = 1.0
            if name in contracts:
                one = contracts[name]
                step = rules.get("adl.lot", name).number
                if one.inverse and one.contract_size is not None:
                    step *= one.contract_size
                lot[m] = float(step)
                band[m] = float(rules.get("liquidation.band", name).number)
                charge[m] = float(rules.get("liquidation.fee", name).number)
        return cls(
            band, charge, lot, Fund.of(rules).size,
            rules.get("liquidation.steps").text, rules.get("liquidation.execution").text,
            rules.get("grace.clears").text, rules.get("liquidation.bankruptcy").text,
            AdlRule.of(rules),
        )  # fmt: skip
