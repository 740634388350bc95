"""`reopening`: forced fills while orders were not accepted, valued when order entry worked again.

Two readings of what claimants ask for (`compensation.reopening.reading`):

    restored   the position stands again at the re-opening: side·q·(P(opened) − fill) + fee
    shut       the loss while shut:                         side·q·(P(shut) − fill) + fee

P is the venue's own mark price. Only fills from `shut` to `opened` count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant, total
from ..compensation import (
    MARK_PRICE,
    PROPOSED,
    Award,
    Part,
    Policy,
    Span,
    Terms,
    moment_of,
    no_price,
    paid,
    refused,
    unknown,
)
from ..exact import exact
from ._fills import ACCOUNT, NET, NO_FILLS, settled

NAME = "reopening"
TITLE = Text("Valued at the re-opening of order entry", "按恢复下单时估值")
DEFINITION = Text(
    "Forced fills while orders were not accepted. Restored: the mark price when order entry worked "
    "again less the fill, times side and quantity, plus the fee. Shut: the mark price when orders "
    "ceased to be accepted less the fill instead.",
    "无法下单期间的强平成交。restored：（恢复下单时的标记价格 − 成交价）× 方向 × 数量，另加费用；"
    "shut：改取开始无法下单时的标记价格。",
)
ORIGIN = PROPOSED
HEAD = "compensation.reopening"
PATHS = (*(f"{HEAD}.{k}" for k in ("shut", "opened", "reading")), NET)
ASKS: tuple[str, ...] = (MARK_PRICE,)
RESTORED, SHUT = "restored", "shut"
MARK = Text("mark price", "标记价格")


@dataclass(frozen=True, slots=True)
class Reopening:
    """`window` in which orders were not accepted; `reading` restored or shut."""

    window: Span
    reading: str = RESTORED
    net: str = ACCOUNT

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The award to a claimant; missing is the mark of a contract at the moment."""
        if not claimant.closes:
            return NO_FILLS
        inside = [one for one in claimant.closes if self.window.holds(one.at)]
        if not inside:
            return refused(
                "outside-window", f"no forced fill lies within {self.window.label}",
                f"没有强平成交发生在 {self.window.label} 内",
            )  # fmt: skip
        moment = self.window.last if self.reading == RESTORED else self.window.start
        symbols = sorted({one.symbol for one in inside})
        prices = {s: terms.reference.price(s, moment) for s in symbols}
        known = {s: p for s, p in prices.items() if p is not None}
        if len(known) < len(prices):
            return unknown([no_price(MARK, s, moment) for s in symbols if s not in known])
        parts = settled([(one.symbol, one.worse_by(known[one.symbol])) for one in inside], self.net)
        parts.append(Part(Text("liquidation fees", "强平费"), total(one.fee for one in inside)))
        said = Text(
            f"forced fills within {self.window.label}: {len(inside)}",
            f"{self.window.label} 内强平成交 {len(inside)} 笔",
        )
        return paid(said, parts)


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    shut, opened = (moment_of(rules, f"{HEAD}.{k}") for k in ("shut", "opened"))
    return Reopening(Span(shut, opened), rules.get(f"{HEAD}.reading").text, rules.get(NET).text)
