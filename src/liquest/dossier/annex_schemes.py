"""Annex A: what each scheme pays on the case's register of claimants, as sentences and tables.

It takes the findings of the measure `schemes`, which are of the register as a whole; a number that
is kept back says so in its cell. Which sentences stand is decided by rule: three for each scheme
that the venue announced, as far as its numbers are told. Invariant: nothing is computed here, no
sentence is without a finding, and nothing of the causes enters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ..errors import Text
from .confidence import together
from .facts import Fact, Facts
from .figures import grouped, link
from .summary import Sentence
from .tables import Cell, Row, Table, caveat_cell
from .text import Words, glue, named, say, wrap

MEASURE = "schemes"
KEPT_BACK = "kept-back"
ANNOUNCED = "announced"
CENT = Decimal("0.01")
PAGE = 20
_OVERALL = ("eligible", "paid", "coverage", "gini", "overpaid")
_MONEY = ("paid", "overpaid", "uniform_budget", "uniform_more")

Methods = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Said:
    """A sentence with how well it is known."""

    sentence: Sentence
    confidence: str


@dataclass(frozen=True)
class Losses:
    """The annex; all of it is empty where the case has no register that could be used."""

    sentences: Sequence[Said] = ()
    tables: Sequence[Table] = ()
    caveats: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tables)

    @property
    def cited(self) -> list[Fact]:
        """The findings of the sentences, then those of the tables."""
        said = [fact for one in self.sentences for fact in one.sentence.cites]
        return said + [fact for made in self.tables for fact in made.cited]


@dataclass
class _Scheme:
    """One scheme with its findings: by key, by class, by reason."""

    name: str
    title: Words
    whole: dict[str, Fact] = field(default_factory=dict)
    classes: dict[str, Fact] = field(default_factory=dict)
    reasons: dict[str, Fact] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Who says it: announced, told, proposed."""
        return next((str(f.params.get("origin", "")) for f in self.whole.values()), "")

    @property
    def label(self) -> Words:
        return glue([self.title, wrap("code", self.name)], "<br>")

    @property
    def facts(self) -> list[Fact]:
        return [*self.whole.values(), *self.classes.values(), *self.reasons.values()]


def losses(facts: Facts, methods: Methods) -> Losses:
    """The annex from the findings on schemes."""
    found = _schemes(facts, methods)
    register = facts.named(f"{MEASURE}.register")
    if not found:
        return Losses()
    every = [f.finding.caveats for one in found for f in one.facts]
    shared = tuple(code for code in every[0] if all(code in codes for codes in every))
    tables = [_register(register), _overview(found, shared), _by_class(found), _left_out(found)]
    return Losses(
        [Said(one, together(one.cites)) for one in _sentences(found, register)],
        [made for made in tables if made.rows],
        shared,
    )


def _schemes(facts: Facts, methods: Methods) -> list[_Scheme]:
    """Every scheme, in the order of its findings; its title is that of its method."""
    titles = {
        str(one.get("name", "")): Words.of(Text(*one["title"]))
        for one in methods.values()
        if one.get("title")
    }
    found: dict[str, _Scheme] = {}
    for fact in facts.of(MEASURE):
        subject = fact.finding.subject
        if "scheme" not in subject:
            continue
        name = subject["scheme"]
        title = titles.get(f"{MEASURE}.award.{name}", Words.of(name))
        one = found.setdefault(name, _Scheme(name, title))
        if "class" in subject:
            one.classes[subject["class"]] = fact
        elif "reason" in subject:
            one.reasons[subject["reason"]] = fact
        else:
            one.whole[fact.finding.name.partition(".")[2]] = fact
    return list(found.values())


def _register(found: Sequence[Fact]) -> Table:
    """Claimants and what they state, in all and by class."""
    made = Table(
        (_head("class"), _head("claimants", "n"), _head("stated", "n")), [], say("losses.register"),
        cited=list(found),
    )  # fmt: skip
    for fact in found:
        label = fact.finding.subject.get("class", "")
        name = named("claimant_class", label) if label else say("losses.all")
        made.rows.append(Row((Cell(name, style="l"), _cell(fact), _lost(fact))))
    return made


def _overview(found: Sequence[_Scheme], shared: Sequence[str]) -> Table:
    """One row for each scheme, with the caveats that not all of them share."""
    apart = {KEPT_BACK, *shared}  # a cell that is kept back says so itself
    heads = [_head("scheme"), _head("whose"), *(_head(key, "n") for key in _OVERALL)]
    made = Table((*heads, Cell(say("lows.caveats"))), [], say("losses.overview"), page=PAGE)
    for one in found:
        cells = [one.whole.get(key) for key in _OVERALL]
        known = [fact for fact in cells if fact is not None]
        codes = dict.fromkeys(c for f in known for c in f.finding.caveats if c not in apart)
        whose = named("scheme_origin", one.origin)
        made.rows.append(
            Row((Cell(one.label, style="l"), Cell(whose), *map(_cell, cells), caveat_cell(codes)))
        )
        made.cited += known
    return made


def _by_class(found: Sequence[_Scheme]) -> Table:
    """Coverage of each class, how evenly it falls, and what the same for all would take."""
    names = list(dict.fromkeys(name for one in found for name in one.classes))
    last = ("gini_coverage", "uniform_budget", "uniform_more")
    heads = [Cell(named("claimant_class", name), style="n") for name in names]
    made = Table(
        (_head("scheme"), *heads, *(_head(key, "n") for key in last)), [],
        say("losses.by_class"), page=PAGE,
    )  # fmt: skip
    for one in found:
        cells = [one.classes.get(name) for name in names] + [one.whole.get(key) for key in last]
        made.rows.append(Row((Cell(one.label, style="l"), *map(_cell, cells))))
        made.cited += [fact for fact in cells if fact is not None]
    return made


def _left_out(found: Sequence[_Scheme]) -> Table:
    """Who gets nothing, by reason; the losses stand in the same finding."""
    made = Table(
        (_head("scheme"), _head("reason"), _head("claimants", "n"), _head("stated", "n")), [],
        say("losses.left_out"), page=PAGE,
    )  # fmt: skip
    for one in found:
        for code, fact in one.reasons.items():
            reason = fact.params.get("reason")
            words = Words.of(Text(*reason)) if reason else named("left_out_reason", code)
            made.rows.append(
                Row((Cell(one.title, style="l"), Cell(words), _cell(fact), _lost(fact)))
            )
            made.cited.append(fact)
    return made


def _sentences(found: Sequence[_Scheme], register: Sequence[Fact]) -> Iterable[Sentence]:
    """What the announced schemes pay, to which classes, and what the same for all takes."""
    heads = next((f for f in register if not f.finding.subject and _told(f)), None)
    for one in found:
        if one.origin != ANNOUNCED:
            continue
        paid, cover = one.whole.get("paid"), one.whole.get("coverage")
        if heads and paid and cover and _told(paid) and _told(cover):
            words = say(
                "losses.said_paid",
                scheme=one.title, n=heads.figure(), paid=_money(paid), cover=cover.figure(),
            )  # fmt: skip
            yield Sentence(words, (paid, cover, heads), key="losses.paid")
        classes = {name: fact for name, fact in one.classes.items() if _told(fact)}
        if len(classes) > 1:
            parts = [
                glue([named("claimant_class", name), fact.figure()], " ")
                for name, fact in classes.items()
            ]
            words = say("losses.said_classes", scheme=one.title, parts=glue(parts, ", ", "、"))
            yield Sentence(words, tuple(classes.values()), key="losses.classes")
        budget, more = one.whole.get("uniform_budget"), one.whole.get("uniform_more")
        if budget and more and _told(budget) and _told(more) and budget.finding.value:
            bench = named("claimant_class", str(budget.params.get("benchmark", "")))
            words = say(
                "losses.said_uniform",
                scheme=one.title, who=bench, budget=_money(budget), more=_money(more),
            )  # fmt: skip
            yield Sentence(words, (budget, more), key="losses.uniform")


def _told(fact: Fact) -> bool:
    """Whether the finding has a number."""
    return isinstance(fact.finding.value, Decimal | int)


def _head(key: str, style: str = "") -> Cell:
    return Cell(say(f"losses.{key}"), style=style)


def _cell(fact: Fact | None) -> Cell:
    """A number as a link to its finding; "kept back" where it is, a dash where there is none."""
    if fact is None:
        return Cell("–", style="n")
    value = fact.finding.value
    if KEPT_BACK in fact.finding.caveats:
        return Cell(link(fact.id, say("losses.kept")), "-1", "n")
    if value is None or isinstance(value, str):
        return Cell(link(fact.id, "–"), "-1", "n")
    name = fact.finding.name.partition(".")[2]
    if name in _MONEY:
        return Cell(link(fact.id, _cents(value)), style="n")
    if name.startswith("gini"):
        return Cell(link(fact.id, f"{value:.3f}"), style="n")
    if fact.finding.unit == "claimants":
        return Cell(link(fact.id, grouped(value)), style="n")
    return Cell(fact.figure(), style="n")


def _lost(fact: Fact) -> Cell:
    """What the claimants of a finding state as lost; it stands in the finding's parameters."""
    loss = fact.params.get("loss")
    if KEPT_BACK in fact.finding.caveats or loss is None:
        return Cell(link(fact.id, say("losses.kept")), "-1", "n")
    return Cell(link(fact.id, _cents(Decimal(str(loss)))), style="n")


def _money(fact: Fact) -> Words:
    """A sum in a sentence, to the cent."""
    value = fact.finding.value
    shown = _cents(value) if isinstance(value, Decimal | int) else "–"
    return link(fact.id, f"{shown} {fact.finding.unit}")


def _cents(value: Decimal | int) -> str:
    return f"{Decimal(value).quantize(CENT, rounding=ROUND_HALF_EVEN):,}"
