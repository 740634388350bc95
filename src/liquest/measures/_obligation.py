"""What a market maker undertakes to quote, as case.toml gives it.

    [measures.uptime]
    two_sided_levels = 20      # at least so many levels on both sides
    max_spread_bps = "10"      # best ask − best bid, of the middle; "" asks nothing
    min_notional = "100000"    # on those levels together, on each side; "" asks nothing
    uptime = "0.999"           # share of the time

    [[measures.uptime.obligations]]      # others by instrument; the first that fits counts
    instruments = "okx:*:BTC-*"          # glob on venue:kind:symbol
    two_sided_levels = 10
    uptime = "0.99"

Invariant: at least one level, a share above zero and at most one, limits above zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from ..errors import CaseError, Text
from ..tape.schema import LEVELS
from ._params import decimal, integer

TERMS = ("two_sided_levels", "max_spread_bps", "min_notional", "uptime")


@dataclass(frozen=True)
class Obligation:
    """The terms; None where one is not asked."""

    levels: int
    spread: Decimal | None
    notional: Decimal | None
    uptime: Decimal

    def __post_init__(self) -> None:
        limits = [x for x in (self.spread, self.notional) if x is not None]
        if (
            not 1 <= self.levels <= LEVELS
            or not 0 < self.uptime <= 1
            or any(x <= 0 for x in limits)
        ):
            raise CaseError(
                Text("an obligation asks for what no book can be held to", "做市义务的条款不合理"),
                where="[measures.uptime]",
                remedy=Text(
                    f"Levels run from 1 to {LEVELS}, uptime is above 0 and at most 1, spread and "
                    "notional are above 0.",
                    f"档数取 1 至 {LEVELS}，uptime 大于 0 且不超过 1，价差与名义额须大于 0。",
                ),
            )

    def json(self) -> dict[str, Any]:
        """As it stands in a finding's parameters."""
        asked = {"max_spread_bps": self.spread, "min_notional": self.notional}
        return {
            "two_sided_levels": self.levels, **{k: v for k, v in asked.items() if v is not None},
            "uptime": self.uptime,
        }  # fmt: skip


def obligation_of(
    params: Mapping[str, Any], key: str, defaults: Mapping[str, Any]
) -> tuple[Obligation, bool]:
    """The obligation of an instrument, and whether the case gives it or only the defaults do."""
    for table in params["obligations"]:
        if unknown := sorted(set(table) - {*TERMS, "instruments"}):
            raise CaseError(
                Text(
                    f"[[measures.uptime.obligations]] has no key '{unknown[0]}'",
                    f"[[measures.uptime.obligations]] 没有“{unknown[0]}”",
                ),
                remedy=Text(
                    f"Keys: instruments, {', '.join(TERMS)}",
                    f"可用：instruments、{'、'.join(TERMS)}",
                ),
            )
        if fnmatchcase(key, str(table.get("instruments", "*"))):
            return _of({**params, **table}), True
    return _of(params), any(params[name] != defaults[name] for name in TERMS)


def _of(params: Mapping[str, Any]) -> Obligation:
    def limit(name: str) -> Decimal | None:
        return None if params[name] == "" else decimal(params, name)

    return Obligation(
        integer(params, "two_sided_levels", 1), limit("max_spread_bps"), limit("min_notional"),
        decimal(params, "uptime"),
    )  # fmt: skip
