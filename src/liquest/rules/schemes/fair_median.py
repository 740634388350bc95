"""`fair-median`: forced fills re-executed at the median of the other venues in that second."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import OTHERS_PRICE, PROPOSED, Policy, Terms
from ._fills import NET, Reexecution

NAME = "fair-median"
TITLE = Text("Re-execution at the other venues' median", "按其他场所中位价重新成交")
DEFINITION = Text(
    "Each forced fill is executed again at the median of the other venues in that second: "
    "side · quantity · (median − fill). Inverse contracts are counted in coins and valued at that "
    "median. Fills that were better are set against the others.",
    "每笔强平成交改按该秒其他场所的中位价重新成交：方向 × 数量 ×（中位价 − 成交价）。反向合约以"
    "币计算并按该中位价折算。优于参考价的成交与其余相抵。",
)
ORIGIN = PROPOSED
PATHS = (NET,)
ASKS: tuple[str, ...] = (OTHERS_PRICE,)


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    return Reexecution(False, rules.get(NET).text)
