"""A grace period before liquidation, by account class, and what the privilege is worth.

An account that falls below its maintenance margin at second t₀ is left alone until t₀ + g.
Two readings of "compliant again":

    at-end    looked at once, at t₀ + g: compliant, and the breach is cleared (the next breach
              starts a new grace); else closed then
    at-once   cleared as soon as it is compliant; closed when it has been below throughout
              from t₀ to t₀ + g

Under both, a liquidation with grace is never earlier than one without. Under at-once a longer
grace is never earlier than a shorter one. Under at-end it can be: the longer grace may end in
a second dip that the shorter one has already waited out.

The value of the privilege is what those accounts keep because of it, less what the fund
loses by it. It is a model: no venue publishes such a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..errors import InputError, Text
from .exact import ZERO, exact
from .lookup import Rules, one_of, whole

AT_END, AT_ONCE = "at-end", "at-once"
VIP, REGULAR = "vip", "regular"


class Resolution(NamedTuple):
    """`breach` is the second of the breach that led to the close, else of the first; `closed`
    the second of liquidation; `cleared` those of breaches that were forgiven. A breach whose
    grace runs beyond the series stays open: neither closed nor cleared."""

    breach: int | None
    closed: int | None
    cleared: tuple[int, ...]


@dataclass(frozen=True)
class GraceRule:
    """Seconds of grace by account class, and what clears a breach. Raises UsageError."""

    vip: int = 0
    regular: int = 0
    clears: str = AT_END

    def __post_init__(self) -> None:
        whole("grace.vip", self.vip, 0)
        whole("grace.regular", self.regular, 0)
        one_of("grace.clears", self.clears, (AT_END, AT_ONCE))

    @classmethod
    def of(cls, rules: Rules) -> GraceRule:
        """The periods that a rulebook has in force."""
        return cls(
            vip=whole("grace.vip", rules.get("grace.vip").number, 0),
            regular=whole("grace.regular", rules.get("grace.regular").number, 0),
        )

    def seconds(self, account_class: str) -> int:
        """The grace of a class, "vip" or "regular"."""
        one_of("account class", account_class, (VIP, REGULAR))
        return self.vip if account_class == VIP else self.regular

    def resolve(
        self, equity: Sequence[Decimal], maintenance: Sequence[Decimal], account_class: str
    ) -> Resolution:
        """What becomes of an account, given its equity and maintenance margin second by second.

        A breach is equity < maintenance. Raises InputError for series of different lengths.
        """
        if len(equity) != len(maintenance):
            raise InputError(
                Text(
                    f"{len(equity)} seconds of equity and {len(maintenance)} of margin",
                    f"权益有 {len(equity)} 秒，保证金有 {len(maintenance)} 秒",
                ),
                where="grace",
                remedy=Text("Give both for the same seconds.", "两者须覆盖相同的秒。"),
            )
        grace = self.seconds(account_class)
        below = [e < m for e, m in zip(equity, maintenance, strict=True)]
        cleared: list[int] = []
        second = 0
        while second < len(below):
            if not below[second]:
                second += 1
                continue
            stretch = below[second : second + grace + 1]
            if self.clears == AT_ONCE and not all(stretch):
                end = second + stretch.index(False)
            elif len(stretch) <= grace:
                return Resolution(second, None, tuple(cleared))
            elif below[second + grace]:
                return Resolution(second, second + grace, tuple(cleared))
            else:
                end = second + grace
            cleared.append(second)
            second = end
        return Resolution(cleared[0] if cleared else None, None, tuple(cleared))


class Settled(NamedTuple):
    """What an account has at the end, and what the fund gained (lost, when negative) by it."""

    account: int
    kept: Decimal
    fund: Decimal


def settle(account: int, equity: Sequence[Decimal], closed: int | None) -> Settled:
    """An account at the end of its series. Closed at the bankruptcy price it keeps nothing and
    the fund has its equity of that second, a deficit when negative; else it keeps its equity."""
    if closed is not None:
        return Settled(account, ZERO, equity[closed])
    return Settled(account, equity[-1], ZERO)


class Privilege(NamedTuple):
    """`kept` more by the accounts, `fund` lost by the fund, `value` = kept − fund."""

    kept: Decimal
    fund: Decimal
    value: Decimal


@exact
def privilege(favoured: Iterable[Settled], ordinary: Iterable[Settled]) -> Privilege:
    """What the grace of some accounts is worth against the ordinary rule on the same accounts.

    Raises InputError when the two are not the same accounts.
    """
    one, other = ({s.account: s for s in side} for side in (favoured, ordinary))
    if one.keys() != other.keys():
        raise InputError(
            Text("the two sides are not the same accounts", "两组账户不一致"),
            where="grace",
            remedy=Text(
                "Settle every account under both rules.", "每个账户须按两种规则各结算一次。"
            ),
        )
    kept = sum((one[a].kept - other[a].kept for a in one), ZERO)
    fund = sum((other[a].fund - one[a].fund for a in one), ZERO)
    return Privilege(kept, fund, kept - fund)
