"""One page for one claimant: was I in a window, which rule closed me, what would have happened
under other rules, what does each scheme pay.

It takes the findings of `survive` (`replay.survive` and `replay.survive.needed`) of that
account. Invariant: it says nothing that those findings do not say; what a scheme pays is computed
from the account's exports (`liquest losses`) and not from positions, which the page says, and it
says nothing about who ought to pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..case import Case
from ..clock import Window, parse_time, span
from ..errors import Text, UsageError
from ..findings import Finding
from ..pdf import compile_pdf
from . import embed
from .confidence import confidence
from .facts import Fact, Facts
from .figures import both_clocks, grouped, in_zone, short
from .inputs import Sealed
from .markup import parse
from .page import environment
from .paper import Paper
from .tables import Cell, Row, Table
from .text import Words, fill, glue, named, say, texts, wrap

OUTCOME, NEEDED = "replay.survive", "replay.survive.needed"
BASELINE = "baseline"
_TEMPLATE = Path(__file__).parent / "dossier.typ"
OUTCOMES = {"alive": "alive", "liquidated": "liquidated", "in grace at the end": "grace"}


@dataclass(frozen=True)
class Unit:
    """One cross wallet or isolated position: `base` is what happened by the rules of the moment,
    `windows` those of the case that hold that moment, `rules` which rules were taken, `table`
    the other scenarios."""

    name: Words
    base: Fact
    sentences: tuple[Words, ...]
    windows: Table
    rules: tuple[tuple[str, str], ...]
    scenarios: Table
    caveats: Words

    @property
    def confidence(self) -> str:
        """How well the outcome is known."""
        return confidence(self.base.finding.caveats)


@dataclass(frozen=True)
class Claimant:
    """What the page shows. `schemes` are tables of what schemes pay, where the caller has them."""

    case: Case
    account: str
    units: tuple[Unit, ...]
    version: str
    sealed: Sealed | None
    methods: tuple[tuple[Words, Words], ...]
    schemes: tuple[Table, ...] = ()


def claimant(
    case: Case, findings: Sequence[Finding], methods: Mapping[str, Mapping[str, Any]], *,
    version: str, sealed: Sealed | None = None,
) -> Claimant:  # fmt: skip
    """The view of the one account that the findings of `survive` are about.

    Raises UsageError when there are none, when they are of several accounts, or when the
    baseline is not among the scenarios.
    """
    facts = Facts(findings, list(case.windows.values()))
    outcomes, needed = facts.named(OUTCOME), facts.named(NEEDED)
    accounts = sorted({f.finding.subject.get("account", "") for f in outcomes})
    if len(accounts) != 1:
        raise _refused(
            f"the page is of one account, and the findings of survive are of {len(accounts)}",
            f"本页只针对一个账户，而 survive 的结论涉及 {len(accounts)} 个",
            "Run first: liquest survive CASE --position … for one account.",
            "请先对单个账户运行：liquest survive 案件 --position …。",
        )
    units: dict[str, list[Fact]] = {}
    for fact in outcomes:
        units.setdefault(fact.finding.subject.get("unit", ""), []).append(fact)
    wanted = {(f.key, f.params.get("scenario")): f for f in needed}
    made = tuple(_unit(case, name, found, wanted) for name, found in units.items())
    used = dict.fromkeys(f.finding.method for f in (*outcomes, *needed))
    words = tuple(
        (Words.of(Text(*methods[m]["title"])), Words.of(Text(*methods[m]["definition"])))
        for m in used
        if m in methods
    )
    return Claimant(case, accounts[0], made, version, sealed, words)


def claimant_page(made: Claimant) -> str:
    """The view as one HTML file without scripts: both languages, switched by the reader."""
    return (
        environment()
        .get_template("claimant.html")
        .render(one=made, body=Markup(body_of(made)), styles=embed.styles())
    )


def claimant_pdf(made: Claimant, lang: str) -> bytes:
    """The same as PDF in one language."""
    paper = Paper(lang, int(in_zone(made.case.main.start, "UTC")[:4]), {}, lambda _: None)
    title = say("claimant.title", account=made.account)
    text = str(parse(str(title.zh if lang == "zh" else title.en)).text())
    data = {
        "lang": lang, "title": text, "mark": made.case.title.in_(lang),
        "blocks": paper.blocks(parse(body_of(made))), "anchors": {}, "compact": True,
    }  # fmt: skip
    return compile_pdf(_TEMPLATE, data)


def body_of(made: Claimant) -> str:
    """What page and PDF say."""
    return (
        environment().get_template("claimant_body.html").render(one=made, case=made.case, paper=0)
    )


def _unit(
    case: Case, name: str, found: Sequence[Fact], wanted: Mapping[tuple[Any, Any], Fact]
) -> Unit:
    base = next((f for f in found if f.params.get("scenario") == BASELINE), None)
    if base is None:
        raise _refused(
            "the rules of the moment are not among the scenarios", "情景中没有当时规则（baseline）",
            "Let survive run with its baseline.", "请保留 survive 的基准情景。",
        )  # fmt: skip
    need = wanted.get((base.key, BASELINE))
    codes = dict.fromkeys(c for f in found for c in f.finding.caveats)
    return Unit(
        unit_words(name), base, tuple(_sentences(base, need)), _windows(case, base), _rules(base),
        _scenarios(found, wanted, base),
        glue([texts().get(f"short.{c}", Text(c, c)) for c in codes], ", ", "、"),
    )  # fmt: skip


def _sentences(base: Fact, need: Fact | None) -> Iterable[Words]:
    """What happened under the rules of the moment, and what was missing."""
    params, currency = base.params, str(base.params.get("currency", ""))
    if base.finding.at is not None:
        yield say(
            "claimant.closed",
            at=_both(base.finding.at),
            unit=unit_words(base.finding.subject["unit"]),
        )
    else:
        yield say("claimant.survived", outcome=outcome_word(base))
    closest = params.get("closest_at")
    if closest is not None:
        yield say(
            "claimant.closest",
            at=_both(parse_time(str(closest))),
            value=_sum(params.get("cushion"), currency),
            first=_sum(params.get("first_cushion"), currency),
        )
    if need is not None and need.finding.at is not None:
        yield say("claimant.needed", value=need.figure(), at=_both(need.finding.at))
    warned = params.get("warned_at")
    if warned is not None and params.get("warning_seconds") is not None:
        seconds = int(str(params["warning_seconds"]))
        yield say(
            "claimant.warned", at=_both(parse_time(str(warned))), time=span(seconds * 1_000_000)
        )


def _windows(case: Case, base: Fact) -> Table:
    """Each window of the case, and whether the moment lies in it."""
    heads = [Cell(say(f"windows.{h}")) for h in ("name", "utc", "utc8")]
    table = Table((*heads, Cell(say("claimant.inside"))), [])
    for window in case.windows.values():
        edges = [f"{in_zone(window.start, z)} – {in_zone(window.end, z)}" for z in ("UTC", "UTC+8")]
        cells = [Cell(wrap("b", window.name)), *map(Cell, edges), Cell(_inside(window, base))]
        table.rows.append(Row(tuple(cells)))
    return table


def _inside(window: Window, base: Fact) -> Words:
    at = base.finding.at
    if at is None:
        return say("claimant.no_moment")
    return say("claimant.yes" if window.start <= at < window.end else "claimant.no")


def _rules(base: Fact) -> tuple[tuple[str, str], ...]:
    """The rules that were taken, with how well each is known."""
    rules = base.params.get("rules", {})
    return tuple((str(k), str(v)) for k, v in rules.items()) if isinstance(rules, Mapping) else ()


def _scenarios(
    found: Sequence[Fact], wanted: Mapping[tuple[Any, Any], Fact], base: Fact
) -> Table:  # fmt: skip
    """Outcome, moment, smallest cushion and what was needed in each scenario."""
    heads = ("scenario", "outcome", "moment", "cushion", "needed_head")
    styles = {"cushion": "n", "needed_head": "n", "moment": "t"}
    table = Table(tuple(Cell(say(f"claimant.{h}"), style=styles.get(h, "")) for h in heads), [])
    for fact in found:
        scenario = str(fact.params.get("scenario", ""))
        need = wanted.get((fact.key, scenario))
        currency = str(fact.params.get("currency", ""))
        name = say("claimant.baseline") if fact is base else wrap("code", scenario)
        at = "–" if fact.finding.at is None else _stacked(fact.finding.at)
        table.rows.append(
            Row((
                Cell(name, style="s"), Cell(outcome_word(fact)), Cell(at, style="t"),
                Cell(_sum(fact.params.get("cushion"), currency), style="n"),
                Cell("–" if need is None or not need.finding.value else need.figure(), style="n"),
            ))
        )  # fmt: skip
    return table


def unit_words(name: str) -> Words:
    """ "isolated ATOMUSDT" in both languages."""
    mode, _, rest = name.partition(" ")
    return glue([named("margin_mode", mode), rest], " ")


def outcome_word(fact: Fact) -> Words:
    """Alive, liquidated, in grace."""
    return named("survived", OUTCOMES.get(str(fact.finding.value), str(fact.finding.value)))


def _both(us: int) -> Words:
    utc, east = both_clocks(us)
    return fill(texts()["claimant.both"], utc=utc, east=east)


def _stacked(us: int) -> Words:
    utc, east = both_clocks(us)
    return glue([f"{utc} UTC", wrap("small", f"{east} UTC+8")], "<br>")


def _sum(value: Any, currency: str) -> str:
    """A sum of money from a parameter, which travels as text."""
    if value is None:
        return "–"
    number = Decimal(str(value))
    shown = short(number) if abs(number) < 10_000 else grouped(number.quantize(Decimal("0.01")))
    return f"{shown} {currency}".strip()


def _refused(en: str, zh: str, remedy_en: str, remedy_zh: str) -> UsageError:
    return UsageError(Text(en, zh), remedy=Text(remedy_en, remedy_zh))
