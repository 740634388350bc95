"""The rescue record of an account: what it tried, what came too late, what would have held it.

    rescue_record(exports, ledger, prices, forced, units) → (RescueRecord, problems)

Each wallet that was at risk has a trigger: the moment given, else the first second in which its
margin balance is below maintenance by the marks at hand, else its first forced order. Transfers
into that wallet are measured from it, and are late where they arrive after the second by which
its sum was needed. Where marks are at hand, `needed` says what that sum was.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ...clock import DAY, HOUR, SECOND, Window
from ...errors import Text, UsageError
from ...problems import ABSENT, KEPT, Problem
from ...rules.exact import ZERO, exact
from ..entries import Exports
from ..forced.forced_record import ForcedRecord
from ..ledger.ledger import Ledger
from ..prices.prices import Prices
from .attempts import Attempt, Clearing, attempts
from .needed import Needed, held_fixed, needed
from .transfers import Reach, Transfer, transfers
from .units import HeldUnit, UnitsAt
from .within_bars import bound

Name = tuple[str, str, str, str]
"""Market, asset, and for an isolated position its symbol and place."""

GIVEN, BREACH, FORCED = "given", "breach", "forced"
BEFORE_CHANGE, AFTER_FORCED = "breach-before-change", "breach-after-forced"


@dataclass(frozen=True)
class Around:
    """How long before and after the first trigger transfers and orders are looked at (µs)."""

    before: int = HOUR
    after: int = DAY

    def window(self, trigger: int) -> Window:
        """The stretch around a moment."""
        return Window("rescue", trigger - self.before, trigger + self.after)


@dataclass(frozen=True)
class AtRisk:
    """One wallet (or isolated position) with its trigger and what it needed; `needed` None
    where the marks are missing or never bring it below maintenance. `forced` is its first
    forced order, `legs` how many positions it held, `at_most` what it can have needed within the
    bars of its marks (None where they are known by the second, or not at all)."""

    market: str
    asset: str
    symbol: str
    place: str
    trigger: int
    trigger_by: str
    forced: int | None
    legs: int
    needed: Needed | None
    caveats: tuple[str, ...] = ()
    at_most: Decimal | None = None

    @property
    def deadline(self) -> int:
        """The second by which help had to be there, as far as it is known."""
        return self.trigger if self.needed is None else self.needed.by


@dataclass(frozen=True)
class Help:
    """A transfer as seen from the wallet it concerns; times in µs. `risk` is the place of that
    wallet in `RescueRecord.risks`, −1 for none; `after` from its trigger to the arrival (below
    zero: before it); `late` how long after the deadline, None where it was in time or never
    arrived."""

    transfer: Transfer
    risk: int
    after: int | None
    late: int | None


@dataclass(frozen=True)
class RescueRecord:
    """Empty where the account was never at risk."""

    account: str
    venue: str
    window: Window | None
    risks: tuple[AtRisk, ...]
    help: tuple[Help, ...]
    attempts: tuple[Attempt, ...]

    @exact
    def late(self, risk: int) -> Decimal:
        """All that reached a wallet too late within the window, in its asset."""
        amounts = (h.transfer.amount for h in self.help if h.risk == risk and h.late is not None)
        return sum(amounts, ZERO)

    def enough(self, risk: int) -> bool | None:
        """Whether what came too late would have held the wallet; None where what it needed is
        not known."""
        wanted = self.risks[risk].needed
        return None if wanted is None else self.late(risk) >= wanted.sum


def rescue_record(
    exports: Exports, ledger: Ledger, prices: Prices | None, forced: ForcedRecord,
    units: UnitsAt | None = None, *, trigger: int | None = None, around: Around = Around(),
    reach: Reach = Reach(), clearing: Clearing = Clearing(),  # noqa: B008
) -> tuple[RescueRecord, list[Problem]]:  # fmt: skip
    """All of it. Raises UsageError where a trigger is given outside of the exports."""
    if trigger is not None and not ledger.start - DAY <= trigger <= ledger.end + DAY:
        raise UsageError(
            Text(
                "the trigger lies outside of the time that the exports cover",
                "触发时刻不在导出文件的时间范围内",
            ),
            remedy=Text(
                "Check its date and zone, or give exports of that day.",
                "请核对日期与时区，或提供当日的导出文件。",
            ),
        )
    risks, problems = _risks(ledger, prices, forced, units, trigger)
    moments = [one.trigger for one in risks] or ([] if trigger is None else [trigger])
    if not moments:
        return RescueRecord(exports.account, exports.venue, None, (), (), ()), problems
    window = around.window(min(moments))
    found, more = transfers(exports, window, reach)
    return RescueRecord(
        exports.account, exports.venue, window, tuple(risks),
        tuple(_help(one, risks) for one in found),
        tuple(attempts(exports, ledger, window, forced.liquidations, clearing)),
    ), problems + more  # fmt: skip


def _risks(
    ledger: Ledger, prices: Prices | None, forced: ForcedRecord, units: UnitsAt | None,
    trigger: int | None,
) -> tuple[list[AtRisk], list[Problem]]:  # fmt: skip
    """Wallets with a forced order, as they stood before its second; with a trigger given, all
    that hold something at it."""
    found: list[AtRisk] = []
    problems: list[Problem] = []
    done: set[Name] = set()
    for event in forced.liquidations:
        if event.unit in done:
            continue
        done.add(event.unit)
        before = event.first // SECOND * SECOND - 1
        at = before if trigger is None else min(before, trigger)
        held = _held(units, at, event.unit, problems)
        found.append(_risk(held, prices, event.unit, event.first, trigger, problems))
    if trigger is not None and units is not None:
        others, more = units(trigger)
        problems += more
        for one in others:
            if one[:4] not in done:
                found.append(_risk(one, prices, one[:4], None, trigger, problems))
    return sorted(found, key=lambda r: (r.trigger, r.market, r.asset, r.symbol)), problems


def _held(units: UnitsAt | None, ts: int, name: Name, problems: list[Problem]) -> HeldUnit | None:
    if units is None:
        return None
    found, more = units(ts)
    problems += more
    return next((unit for unit in found if unit[:4] == name), None)


def _risk(
    held: HeldUnit | None, prices: Prices | None, name: Name, forced: int | None,
    trigger: int | None, problems: list[Problem],
) -> AtRisk:  # fmt: skip
    caveats: tuple[str, ...] = () if held is None else held.caveats
    wanted = most = None
    if held is not None and prices is not None:
        wanted, caveats = _needed(held, prices, forced, caveats, problems)
        most = bound(held.wallet, prices, held.since or prices.window.start)
    if trigger is not None:
        at, by = trigger, GIVEN
    elif wanted is not None:
        at, by = wanted.by, (BREACH if wanted.by == wanted.breach else FORCED)
    else:
        at, by = forced or 0, FORCED
    legs = 0 if held is None else len(held.wallet.legs)
    return AtRisk(*name, at, by, forced, legs, wanted, caveats, most)


def _needed(
    held: HeldUnit, prices: Prices, forced: int | None, caveats: tuple[str, ...],
    problems: list[Problem],
) -> tuple[Needed | None, tuple[str, ...]]:  # fmt: skip
    start = prices.window.start
    since = start if held.since is None else max(held.since, start)
    surplus = held_fixed(held.wallet, prices)
    wanted = needed(surplus, since, prices, held.wallet, forced)
    if wanted is None:
        known = surplus.least(since) is not None
        problems.append(_never_below(held, prices, known=known, forced=forced is not None))
        return None, caveats
    if held.since is not None and wanted.breach // SECOND <= since // SECOND and since > start:
        caveats = (*caveats, BEFORE_CHANGE)
    if forced is not None and wanted.breach > forced:
        caveats = (*caveats, AFTER_FORCED)
    return wanted, caveats


def _never_below(held: HeldUnit, prices: Prices, *, known: bool, forced: bool) -> Problem:
    names = ", ".join(dict.fromkeys(one.symbol for one in held.wallet.legs))
    if not known:
        text = Text(
            f"marks of {names} are missing, so what the {held.asset} wallet needed is not known",
            f"缺少 {names} 的标记价格，无法得出 {held.asset} 钱包所需金额",
        )
        return Problem("needed-unknown", ABSENT, text, sample=names)
    if forced:
        text = Text(
            f"the {held.asset} wallet was liquidated, but by the marks at hand its margin balance "
            "never falls below maintenance: the marks, the tiers or its balance are not those "
            "that the venue went by",
            f"{held.asset} 钱包已被强平，但按现有标记价格其保证金余额从未低于维持保证金："
            "标记价格、档位或余额与场所所用不同",
        )
        return Problem("liquidated-without-breach", KEPT, text, sample=names)
    text = Text(
        f"the {held.asset} wallet is never below maintenance in the window of the prices",
        f"在价格时间窗内，{held.asset} 钱包从未低于维持保证金",
    )
    return Problem("no-breach", KEPT, text, sample=names)


def _help(one: Transfer, risks: list[AtRisk]) -> Help:
    wallet = (one.target if one.inward else one.source, one.asset)
    own = [k for k, r in enumerate(risks) if (r.market, r.asset) == wallet]
    # A transfer reaches the wallet; to an isolated position margin has to be added apart.
    risk = min(own, key=lambda k: bool(risks[k].symbol), default=-1)
    if risk < 0 or one.arrived is None:
        return Help(one, risk, None, None)
    after = one.arrived - risks[risk].trigger
    late = one.arrived - risks[risk].deadline
    return Help(one, risk, after, late if one.inward and late > 0 else None)
