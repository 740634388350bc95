"""`voucher-low`: vouchers as participants tell them, the lower end of the range."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import TOLD, Policy, Terms
from ._voucher import DEFINITION, Voucher

__all__ = ["ASKS", "DEFINITION", "NAME", "ORIGIN", "PATHS", "TITLE", "policy"]

NAME = "voucher-low"
TITLE = Text("Vouchers as told, lower end", "所述代金券（下端）")
ORIGIN = TOLD
PATHS = ("compensation.voucher.low",)
ASKS: tuple[str, ...] = ()


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    return Voucher(rules.get(PATHS[0]).number)
