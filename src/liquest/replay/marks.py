"""Index and mark of one market under the rules of a scenario, second by second.

The recorded arrays go in, the two paths of the window come out. Prices of sources in
different dollar currencies are compared at 1 (caveat `mixed-quotes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from ..rules.book import Rules
from ..rules.constituents import Source as Constituent
from ..rules.index import IndexRule
from ..rules.mark import MarkRule
from ..tape.tracks import Floats
from .recorded import Recorded

Small = npt.NDArray[np.int8]

PROXY_QUOTE = "contract"
"""Quote of the contract's own trades where they stand in for spot: no USD venue."""


@dataclass(frozen=True)
class Marked:
    """Arrays over the S seconds of the window; NaN where the rules give no value.

    `live` counts the sources that had weight, `touched` those that protection moved.
    """

    recorded: Recorded
    index: Floats
    mark: Floats
    live: Small
    touched: Small

    @property
    def last(self) -> Floats:
        """The contract's last trade at the end of each second of the window."""
        return self.recorded.last[self.recorded.lead :]

    @property
    def symbol(self) -> str:
        return self.recorded.market.symbol


def constituents(recorded: Recorded, rules: Rules) -> list[Constituent]:
    """The market's sources as the rules take them, with the weights of the book; all alike where
    the book gives none to any venue but its own that the tape holds."""
    symbol, sources = recorded.market.symbol, recorded.market.sources
    book = rules.get("index.weights", symbol).parts
    weighed = any(
        not s.own and (s.track.instrument.venue in book or "others" in book) for s in sources
    )
    return [
        Constituent(
            s.key, PROXY_QUOTE if s.proxy else s.quote, s.own, None if weighed else Decimal(1)
        )
        for s in sources
    ]


def marked(recorded: Recorded, rules: Rules) -> Marked:
    """Index and mark; raises UsageError for rules that no index or mark can run on."""
    from ..rules.index_kernel import index_path, weights_of
    from ..rules.mark_kernel import mark_path, seconds_to_funding

    symbol = recorded.market.symbol
    rule = IndexRule.of(rules, symbol, constituents(recorded, rules))
    index = index_path(recorded.prices, recorded.ages, weights_of(rule), rule, recorded.volumes)
    mark = mark_path(
        index.value, recorded.last, recorded.mid, MarkRule.of(rules, symbol),
        recorded.funding, seconds_to_funding(recorded.start, len(index.value)),
        external=recorded.external,
    )  # fmt: skip
    cut = slice(recorded.lead, None)
    return Marked(recorded, index.value[cut], mark[cut], index.live[cut], index.touched[cut])
