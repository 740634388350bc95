"""`voucher-high`: vouchers as participants tell them, the upper end of the range."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import TOLD, Policy, Terms
from ._voucher import DEFINITION, Voucher

__all__ = ["ASKS", "DEFINITION", "NAME", "ORIGIN", "PATHS", "TITLE", "policy"]

NAME = "voucher-high"
TITLE = Text("Vouchers as told, upper end", "所述代金券（上端）")
ORIGIN = TOLD
PATHS = ("compensation.voucher.high",)
ASKS: tuple[str, ...] = ()


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    return Voucher(rules.get(PATHS[0]).number)
