"""The statement of losses of one account: exports in, everything that follows out.

    exports → ledger → equity path → forced and rescue records → attribution at every reference
    → claim → schemes

Each step is a function of its own; here they are put together. Invariant: nothing is decided
here that is not said: how the reference time and the end were chosen stands in the statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from ...clock import SECOND
from ...errors import Text, UsageError
from ...problems import Problem
from ...replay.context import Context
from ...replay.scenario import Scenario
from ...rules.claimant import Claimant
from ...rules.exact import ZERO
from ...run.progress import Progress, Silent, shown
from ..attribution.attribute import Question, Share, attribute
from ..attribution.lots import REFERENCE_FIRST
from ..attribution.parts import RULE
from ..attribution.references import (
    ASKED,
    FIRST_BREACH,
    FIRST_FORCED,
    OWN,
    Lean,
    Reference,
)
from ..claim import DOLLARS, Told, claimant
from ..entries import Exports
from ..equity.path import EquityPath, equity_path
from ..equity.terms import Terms
from ..equity.units import Isolated
from ..fits import fits
from ..forced.forced_record import ForcedRecord, forced_record
from ..ledger.ledger import Ledger
from ..ledger.reconstruct import reconstruct
from ..prices.given import GivenPrices
from ..prices.prices import Prices
from ..prices.tape import TapePrices
from ..prices.together import Together
from ..rescue.rescue_record import RescueRecord, rescue_record
from ..rescue.units import units_at

WINDOW = "window-start"
NOTHING_TOLD = Told()
OWN_WORDS: Mapping[str, Text] = {
    **OWN, WINDOW: Text("start of the case's main window", "案件主时间窗起点"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the user says besides the files. Balances by (market, asset); what is held after the
    last trade (signed) and isolated margins by (market, symbol, place); `rules` are scenarios,
    of which the first enters the attribution."""

    account: str = "account"
    reference: int | None = None
    end: int | None = None
    tz: str | None = None
    columns: Path | None = None
    marks: tuple[str, ...] = ()
    opening: Mapping[tuple[str, str], Decimal] | None = None
    closing: Mapping[tuple[str, str], Decimal] | None = None
    held: Mapping[tuple[str, str, str], Decimal] | None = None
    isolated: Isolated | None = None
    order: str = REFERENCE_FIRST
    rules: tuple[Scenario, ...] = ()
    told: Told = NOTHING_TOLD
    borrow: bool = False
    step_s: int = 1


@dataclass(frozen=True)
class AtReference:
    """One row of the table of reference times."""

    reference: Reference
    leans: tuple[Lean, ...]
    question: Question
    shares: tuple[Share, ...]

    @property
    def flagged(self) -> bool:
        """Whether the record speaks against what it leans on."""
        return any(lean.refuted for lean in self.leans)


@dataclass(frozen=True)
class UnderRules:
    """What other rules would have moved: the rule effect by wallet (market, asset)."""

    scenario: Scenario
    effect: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Statement:
    """Everything of one account. `chosen` is the id of the reference (a key of `OWN_WORDS` or
    one of the case), `shares` its attribution."""

    asked: Asked
    exports: Exports
    ledger: Ledger
    prices: Prices
    forced: ForcedRecord
    rescue: RescueRecord
    path: EquityPath
    question: Question
    chosen: str
    shares: tuple[Share, ...]
    table: tuple[AtReference, ...]
    rules: tuple[UnderRules, ...]
    claim: Claimant
    problems: tuple[Problem, ...]


def state(
    context: Context, paths: Sequence[Path], asked: Asked,
    references: Sequence[tuple[Reference, tuple[Lean, ...]]] = (),
    folder: Path | None = None, progress: Progress | None = None,
) -> Statement:  # fmt: skip
    """The statement of the exports below `paths` on the tape of a context. `folder` keeps the
    prices that were read. Raises InputError and UsageError as its steps do."""
    progress = progress or Silent()
    exports, problems = read(context, paths, asked, progress)
    with shown(progress, Text("Reconciling", "对账"), 0):
        ledger, more = reconstruct(
            exports,
            opening=asked.opening or {},
            closing=asked.closing or {},
            positions_at_end=asked.held or {},
        )
        problems += more
    prices, more = _prices(context, asked, folder)
    problems += more
    with shown(progress, Text("Following the equity", "跟踪权益"), 0):
        forced, more = forced_record(exports, ledger, prices)
        problems += more
        rules = context.rules
        path = equity_path(
            ledger, prices, prices.window, rules, asked.step_s, isolated=asked.isolated
        )
        problems += path.problems
        rescue, more = rescue_record(
            exports, ledger, prices, forced, units_at(ledger, Terms(rules), asked.isolated)
        )
        problems += more
    question, chosen = _question(context, asked, ledger, forced, path, prices)
    closes = forced.closes()
    with shown(progress, Text("Attributing the loss", "归因亏损"), 0):
        shares = attribute(ledger, prices, question, closes)
        table = [
            AtReference(
                reference,
                leans,
                one,
                shares if one == question else attribute(ledger, prices, one, closes),
            )
            for reference, leans in _references(references, forced, path, question, chosen)
            for one in [replace(question, reference=min(reference.at, question.end))]
        ]
        effects = tuple(_effect(ledger, prices, question, closes, s) for s in asked.rules)
        then = _then(ledger, prices, question, closes, asked)
        claim, more = claimant(ledger, forced, prices, asked.told, question.reference, then)
        problems += more
    return Statement(
        asked, exports, ledger, prices, forced, rescue, path, question, chosen, shares,
        tuple(table), effects, claim, tuple(problems),
    )  # fmt: skip


def read(
    context: Context, paths: Sequence[Path], asked: Asked, progress: Progress
) -> tuple[Exports, list[Problem]]:
    """The exports alone, their zones held against the tape where they do not say them."""
    from ..exports.read import read_exports

    return read_exports(
        paths, account=asked.account, tz=asked.tz, columns=asked.columns,
        fits=fits(context.lake, context.span, context.venue), progress=progress,
    )  # fmt: skip


def _prices(context: Context, asked: Asked, folder: Path | None) -> tuple[Prices, list[Problem]]:
    tape = TapePrices(context, folder, asked.borrow)
    if not asked.marks:
        return tape, []
    given, problems = GivenPrices.read(asked.marks, tz=asked.tz)
    return Together(given, tape), problems


def _question(
    context: Context, asked: Asked, ledger: Ledger, forced: ForcedRecord, path: EquityPath,
    prices: Prices,
) -> tuple[Question, str]:  # fmt: skip
    """The two moments, and why they are those: what was asked; else the start of the case's main
    window where the account was there before it and was not closed before; else its first
    breach, its first forced order, its beginning."""
    end = asked.end
    if end is None:
        end = ledger.end
        if ledger.held(end):  # What is held is worth something only where marks are known.
            end = max(min(end, prices.window.end - SECOND), ledger.start)
    first = forced.first
    breach = path.breach
    if asked.reference is not None:
        reference, chosen = asked.reference, ASKED
    elif ledger.start <= context.core.start and (first is None or context.core.start < first):
        reference, chosen = context.core.start, WINDOW
    elif breach is not None:
        reference, chosen = breach - SECOND, FIRST_BREACH
    elif first is not None:
        reference, chosen = first - SECOND, FIRST_FORCED
    else:
        reference, chosen = context.core.start, WINDOW
    if asked.reference is None:
        reference = min(reference, end)
    if reference > end:
        raise UsageError(
            Text("the reference time lies after the end", "参考时刻晚于结束时刻"),
            remedy=Text(
                "Choose an earlier --reference or a later --end; check their zone (--tz).",
                "请选较早的 --reference 或较晚的 --end，并核对时区（--tz）。",
            ),
        )
    scenario = asked.rules[0] if asked.rules else None
    return Question(reference, end, asked.order, scenario), chosen


def _references(
    given: Sequence[tuple[Reference, tuple[Lean, ...]]], forced: ForcedRecord, path: EquityPath,
    question: Question, chosen: str,
) -> list[tuple[Reference, tuple[Lean, ...]]]:  # fmt: skip
    """Those of the case, those of the account, and the chosen one, in order of time."""
    own = [Reference(chosen, question.reference, OWN_WORDS[chosen])]
    for id_, at in ((FIRST_BREACH, path.breach), (FIRST_FORCED, forced.first)):
        at_once = at is not None and any(at - SECOND == one.at for one in own)
        if at is not None and id_ != chosen and not at_once:
            own.append(Reference(id_, at - SECOND, OWN_WORDS[id_]))
    found = [*given, *((one, ()) for one in own)]
    inside = [(r, leans) for r, leans in found if r.at <= question.end]
    return sorted(inside, key=lambda pair: (pair[0].at, pair[0].id))


def _effect(
    ledger: Ledger, prices: Prices, question: Question, closes: Mapping[tuple[str, str], str],
    scenario: Scenario,
) -> UnderRules:  # fmt: skip
    shares = attribute(ledger, prices, replace(question, scenario=scenario), closes)
    return UnderRules(scenario, {(s.market, s.asset): s.parts[RULE] for s in shares})


def _then(
    ledger: Ledger, prices: Prices, question: Question, closes: Mapping[tuple[str, str], str],
    asked: Asked,
) -> Decimal | None:  # fmt: skip
    """The loss in dollars from the reference to the moment from which the claimant could act
    again; None without one, or where a coin has changed that no price is known of."""
    able = asked.told.able
    if able is None or able < question.reference:
        return None
    shares = attribute(ledger, prices, replace(question, end=min(able, question.end)), closes)
    gone = ZERO
    for share in shares:
        if share.asset in DOLLARS:
            gone -= share.after
        elif share.after:
            mark = prices.mark(f"{share.asset}USD_PERP", able)
            if mark is None:
                return None
            gone -= share.after * mark
    return max(gone, ZERO).quantize(Decimal("1E-8"))
