"""`fair-usd`: forced fills re-executed at the median of the venues that quote in state money."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import PROPOSED, USD_PRICE, Policy, Terms
from ._fills import NET, Reexecution

NAME = "fair-usd"
TITLE = Text("Re-execution at venues in USD", "按美元计价场所重新成交")
DEFINITION = Text(
    "Each forced fill is executed again at the median of the venues that quote in state money "
    "(USD) in that second: side · quantity · (median − fill). Inverse contracts are counted in "
    "coins and valued at that median. Fills that were better are set against the others.",
    "每笔强平成交改按该秒以法币（USD）计价场所的中位价重新成交：方向 × 数量 ×（中位价 − 成交价）。"
    "反向合约以币计算并按该中位价折算。优于参考价的成交与其余相抵。",
)
ORIGIN = PROPOSED
PATHS = (NET,)
ASKS: tuple[str, ...] = (USD_PRICE,)


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    return Reexecution(True, rules.get(NET).text)
