"""Schemes of compensation: what a policy may ask, and what it answers.

    policy = scheme("collateral").policy(rules, claimants)
    policy.award(claimant, Terms(reference))     # → Award

A policy is pure: (claimant, terms) → Award. An award always gives its reason, and what cannot
be determined says what is missing: a price that is not known never becomes zero, and a
claimant who is not eligible is never paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple, Protocol

from ..clock import MINUTE, SECOND, format_time, parse_time
from ..errors import InputError, Text, UsageError
from .book import Rules
from .claimant import Claimant, total
from .exact import ZERO

USD, USDC = "USD", "USDC"
CENT = Decimal("0.01")

ANNOUNCED, TOLD, PROPOSED = "announced", "told", "proposed"
ORIGINS: Mapping[str, Text] = {
    ANNOUNCED: Text("announced by the venue", "场所公布"),
    TOLD: Text("told by participants", "参与者所述"),
    PROPOSED: Text("proposed by claimants", "申索人提议"),
}

GROUNDS: Mapping[str, Text] = {
    "paid": Text("eligible", "符合条件"),
    "nothing-due": Text("eligible, nothing is due", "符合条件，无应付金额"),
    "no-loss": Text("no forced loss is stated", "未载明强平亏损"),
    "no-collateral": Text("no collateral was liquidated", "没有被强平的抵押品"),
    "other-collateral": Text("collateral of other assets", "抵押品不在所列资产之内"),
    "no-fills": Text("no forced fills are stated", "未载明强平成交"),
    "no-fee": Text("no liquidation fee was paid", "未支付强平费"),
    "outside-window": Text("outside of the window", "不在时间窗内"),
    "other-product": Text("the loss was made in another product", "亏损发生在其他产品"),
    "below-least": Text("loss below the least amount", "亏损低于最低金额"),
    "below-share": Text("loss below the share of net assets", "亏损占净资产比例不足"),
    "compensated-before": Text("compensated before", "此前已获补偿"),
    "not-determinable": Text("not determinable", "无法确定"),
}
"""Why an award is what it is: a fixed code, so that cases of one kind can be counted."""


class Reference(Protocol):
    """Prices that a scheme measures against, in dollars; None where nothing is known."""

    def asset(self, asset: str, at: int) -> Decimal | None:
        """The market price of an asset."""
        ...

    def price(self, symbol: str, at: int) -> Decimal | None:
        """The venue's own mark price of a contract."""
        ...

    def others(self, symbol: str, at: int) -> Decimal | None:
        """Median of the other venues, per unit of the contract."""
        ...

    def others_usd(self, symbol: str, at: int) -> Decimal | None:
        """The same over venues that quote in state money only."""
        ...


@dataclass(frozen=True)
class Nothing:
    """A reference that knows no price."""

    def asset(self, asset: str, at: int) -> Decimal | None:
        return None

    def price(self, symbol: str, at: int) -> Decimal | None:
        return None

    def others(self, symbol: str, at: int) -> Decimal | None:
        return None

    def others_usd(self, symbol: str, at: int) -> Decimal | None:
        return None


@dataclass(frozen=True)
class Terms:
    """What holds for all claimants besides the policy itself."""

    reference: Reference = Nothing()


class Part(NamedTuple):
    """One summand of an amount; below zero where something is taken off."""

    what: Text
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Award:
    """What a scheme gives. `eligible` is None where even that cannot be said; `amount` is None
    exactly where something is `missing`; `code` is one of GROUNDS."""

    eligible: bool | None
    code: str
    reason: Text
    amount: Decimal | None
    currency: str = USD
    parts: tuple[Part, ...] = ()
    missing: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        wrong = (
            self.code not in GROUNDS
            or not (self.reason.en and self.reason.zh)
            or (self.amount is None) != bool(self.missing)
            or (self.eligible is None and self.amount is not None)
            or (self.eligible is False and self.amount != 0)
            or (self.amount is not None and not (self.amount.is_finite() and self.amount >= 0))
            or (bool(self.parts) and total(p.amount for p in self.parts) != self.amount)
        )
        if wrong:
            raise InputError(
                Text(
                    f"no award can be so: eligible {self.eligible}, {self.code}, {self.amount}",
                    f"不可能的赔付结果：资格 {self.eligible}，{self.code}，{self.amount}",
                ),
                remedy=Text("Mend the scheme that made it.", "请修正产生该结果的方案。"),
            )


class Policy(Protocol):
    """A scheme with its parameters."""

    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """What the scheme gives to a claimant."""
        ...


ASSET_PRICE, MARK_PRICE, OTHERS_PRICE, USD_PRICE = "asset", "mark", "others", "usd"
"""The prices that a scheme may ask for, one a method of Reference."""


class Scheme(Protocol):
    """What a module of `rules/schemes` offers. PATHS are the rules that it takes, ASKS the
    prices that it asks for."""

    NAME: str
    TITLE: Text
    DEFINITION: Text
    ORIGIN: str
    PATHS: tuple[str, ...]
    ASKS: tuple[str, ...]

    def policy(self, rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
        """The policy under these rules; `claimants` are all among whom a pot is shared."""
        ...


def refused(code: str, en: str, zh: str, currency: str = USD) -> Award:
    """Not eligible, and why."""
    return Award(False, code, Text(en, zh), ZERO, currency)


def paid(reason: Text, parts: Sequence[Part], currency: str = USD) -> Award:
    """Eligible for the sum of the parts."""
    amount = total(part.amount for part in parts)
    return Award(
        True, "paid" if amount else "nothing-due", reason, amount, currency, tuple(parts)
    )  # fmt: skip


MOST_MISSING = 5
"""Missing numbers that a reason names."""


def unknown(
    missing: Sequence[Text], *, eligible: bool | None = True, currency: str = USD
) -> Award:  # fmt: skip
    """Not determinable, with what is missing."""
    named = list(dict.fromkeys(missing))
    more = len(named) - MOST_MISSING
    en, zh = ("; ".join(t.en for t in named[:MOST_MISSING]),
              "；".join(t.zh for t in named[:MOST_MISSING]))  # fmt: skip
    if more > 0:
        en, zh = f"{en}; and {more} more", f"{zh}；另有 {more} 项"
    said = Text(f"not determinable; missing: {en}", f"无法确定；缺少：{zh}")
    return Award(eligible, "not-determinable", said, None, currency, missing=tuple(named))


def no_price(what: Text, name: str, at: int) -> Text:
    """The name of a price that is missing."""
    moment = format_time(at, digits=0)
    return Text(f"{what.en} of {name} at {moment}", f"{name} 在 {moment} 的{what.zh}")


AT, THROUGH = "at", "through"


@dataclass(frozen=True, slots=True)
class Span:
    """A window as a text names it, to the minute: `start` to `last`, both named moments.

    Its last minute counts to the end of its first second (`at`), or whole (`through`); records
    have seconds, so a moment within the first second is in the window under both.
    """

    start: int
    last: int
    edge: str = AT

    def __post_init__(self) -> None:
        if self.last < self.start or self.edge not in (AT, THROUGH):
            raise UsageError(
                Text("the window ends before it starts", "时间窗的结束早于开始"),
                remedy=Text(
                    "Set the rules that end in .from and .until.",
                    "请设定以 .from 与 .until 结尾的规则。",
                ),
            )

    def holds(self, at: int) -> bool:
        """Whether a moment lies in the window."""
        minute = self.edge == THROUGH and self.last % MINUTE == 0
        return self.start <= at < self.last + (MINUTE if minute else SECOND)

    @property
    def label(self) -> str:
        """From and to, for people."""
        ends = (format_time(t, digits=0) for t in (self.start, self.last))
        return " – ".join(t.replace("T", " ").removesuffix("Z") for t in ends) + " UTC"


def moment_of(rules: Rules, path: str) -> int:
    """A moment of the rulebook: "2025-10-10 22:16" (UTC) or epoch:<seconds>."""
    text = rules.get(path).text
    head, mark, seconds = text.partition(":")
    if mark and head == "epoch":
        return int(Decimal(seconds) * SECOND)
    return parse_time(text)


def span_of(rules: Rules, head: str) -> Span:
    """The window whose rules begin with `head`: from, until, edge."""
    return Span(
        moment_of(rules, f"{head}.from"),
        moment_of(rules, f"{head}.until"),
        rules.get(f"{head}.edge").text,
    )


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half-even."""
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)


def money(amount: Decimal) -> str:
    """An amount for people: 1,234.50."""
    return f"{cents(amount):,}"
