"""Synthetic claimants for the register."""

from __future__ import annotations

from decimal import Decimal

from liquest.clock import parse_time
from liquest.rules.claimant import Claimant, ForcedClose, ForcedLoss, Lot, Mitigation

AT = parse_time("2025-10-10T21:20:37Z")


def claimant(loss: str = "1000", category: str = "contract", **more: object) -> Claimant:
    """One with a forced loss in futures."""
    losses = (ForcedLoss(AT, "futures", Decimal(loss)),) if loss else ()
    return Claimant("synthetic", category, losses, **more)  # type: ignore[arg-type]


def full() -> Claimant:
    """One that uses every field."""
    return claimant(
        lots=(Lot(AT, "margin", "USDE", Decimal("1.5"), Decimal("0.66"), Decimal("0.01")),),
        closes=(
            ForcedClose(AT, "ATOMUSDT", 1, Decimal(5), Decimal("1.4"), basis=Decimal("3.9")),
            ForcedClose(AT, "ATOMUSD_PERP", -1, Decimal(3), Decimal("1.4"), face=Decimal(10)),
        ),
        net_assets=Decimal("-3"), compensated=Decimal("0.5"),
        mitigation=Mitigation(AT, Decimal(7)),
    )  # fmt: skip
