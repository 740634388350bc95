"""What margin an account must hold: the tiers of each contract under the rules of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...rules.book import Rules
from ...rules.ladder import Tiers, flat
from ...rules.tiers import tiers
from ..ledger.ledger import PositionPath

ASSUMED = "tiers-assumed"


@dataclass(frozen=True)
class Terms:
    """Tiers by contract: those of the table (the shipped one unless another is given) for
    linear contracts, the one assumed rate of the rules for inverse ones."""

    rules: Rules
    table: Mapping[str, Tiers] = field(default_factory=tiers)
    _found: dict[tuple[str, str], Tiers | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, path: PositionPath) -> Tiers | None:
        """The tiers of a position; None for a linear contract that the table lacks."""
        key = path.market, path.symbol
        if key not in self._found:
            known = None if path.inverse else self.table.get(path.symbol)
            if path.inverse:
                rate = self.rules.get("margin.inverse_rate", path.symbol).number
                known = flat(path.symbol, rate)
            factor = self.rules.get("margin.rate_factor", path.symbol).number
            self._found[key] = known if known is None or factor == 1 else known.scaled(factor)
        return self._found[key]

    def caveats(self, path: PositionPath) -> tuple[str, ...]:
        """What is to be known of the tiers of a position."""
        return (ASSUMED,) if path.inverse else ()
