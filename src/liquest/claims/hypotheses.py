"""Rival explanations side by side: what each predicts, what speaks for and against it, what
would decide it.

    hypotheses(case, findings) -> list[Weighed]

The manner is that of the report of the CFTC and the SEC on 6 May 2010: explanations are set
out together, each is held against the same record, and several may hold at once. There is no
verdict and no rank. Invariant: every explanation says what would decide it, and has a test that
can speak for it and one that can speak against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..case import Case
from ..errors import Text, UsageError
from ..findings import Finding
from .claim import AGAINST, FOR, ID, OPEN, Missing, Test
from .evidence_words import told, unanswered
from .reading_questions import NAME as QUESTIONS
from .reading_questions import read_questions
from .reading_tests import ReadingTests
from .selecting import Pool
from .toml_file import Key, TomlFile
from .trial import Evidence, outcome_of

NAME = "hypotheses.toml"
_KEYS = ("id", "name", "prediction", "decides", "test")


@dataclass(frozen=True)
class Decider:
    """What would decide it, and the record of questions.toml that holds it."""

    what: Text
    record: str


@dataclass(frozen=True)
class Hypothesis:
    """An explanation, what it predicts and the tests of that."""

    id: str
    name: Text
    prediction: Text
    tests: tuple[Test, ...]
    decides: tuple[Decider, ...]

    def __post_init__(self) -> None:
        said = {word for test in self.tests for word in (test.then, test.otherwise)}
        if not ID.fullmatch(self.id) or not self.decides or not {FOR, AGAINST} <= said:
            raise UsageError(
                Text(
                    f"the hypothesis '{self.id}' needs an id, tests that can speak for and "
                    "against it, and what would decide it",
                    f"假说“{self.id}”须有编号、可支持亦可反对的检验，以及决定性的材料",
                ),
                remedy=Text("See docs/statements.md for the keys.", "各键见 docs/statements.md。"),
            )


@dataclass(frozen=True)
class Weighed:
    """An explanation held against the findings."""

    hypothesis: Hypothesis
    evidence: tuple[Evidence, ...]

    def said(self, outcome: str) -> tuple[Evidence, ...]:
        """The evidence that is for, against or open."""
        return tuple(one for one in self.evidence if one.outcome == outcome)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding that the evidence rests on, once."""
        return tuple({f.id: f for one in self.evidence for f in one.findings}.values())

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What the open tests would need."""
        by = {f"{self.hypothesis.id}#{n}": t for n, t in enumerate(self.hypothesis.tests, 1)}
        return tuple(dict.fromkeys(m for one in self.said(OPEN) for m in by[one.test].needs))


def hypotheses(case: Case, findings: Iterable[Finding]) -> list[Weighed]:
    """The explanations of the case, weighed, in the order of the file; none where it has none.
    Raises CaseError for a file with errors."""
    records = read_questions(case.root / QUESTIONS, case.windows).records
    return weighed(read_hypotheses(case.root / NAME, records, case.windows), findings)


def weighed(rivals: Iterable[Hypothesis], findings: Iterable[Finding]) -> list[Weighed]:
    """The same of explanations that are read."""
    pool = Pool(findings)
    return [
        Weighed(
            one,
            tuple(_evidence(f"{one.id}#{n}", test, pool) for n, test in enumerate(one.tests, 1)),
        )
        for one in rivals
    ]


def _evidence(name: str, test: Test, pool: Pool) -> Evidence:
    """A test against the findings; open where none answers or where it does not fit them."""
    try:
        elements = test.quantity.elements(pool)
        outcome = outcome_of(test, elements) if elements else OPEN
        words = told(test, elements) if elements else unanswered(test)
    except UsageError as error:
        words = Text(f"{test.title.en}: {error.what.en}.", f"{test.title.zh}：{error.what.zh}。")
        return Evidence(name, OPEN, (), words)
    held = {f.id: f for one in elements for f in one.findings}
    return Evidence(name, outcome, tuple(held.values()), _of_hypothesis(test.title, words))


def _of_hypothesis(title: Text, words: Text) -> Text:
    """The sentence of a test, which speaks of a claim, as of a hypothesis; its title stays."""
    en, zh = words.en.removeprefix(title.en), words.zh.removeprefix(title.zh)
    return Text(
        title.en + en.replace("the claim", "the hypothesis"), title.zh + zh.replace("主张", "假说")
    )


def read_hypotheses(
    path: Path, records: Iterable[str], windows: Iterable[str] | None = None
) -> list[Hypothesis]:
    """The explanations of a file, none when it is not there. Raises CaseError with file, line
    and remedy.

        [[hypothesis]]
        id = "market-wide-shock"
        name = { en = "…", zh = "…" }
        prediction = { en = "…", zh = "…" }
        decides = [{ what = { en = "…", zh = "…" }, record = "order-book" }]

        [[hypothesis.test]]                  # as in claims.toml
    """
    if not path.is_file():
        return []
    file = TomlFile.read(path)
    file.only((), file.table, ("hypothesis",), needed={"hypothesis"})
    reading = ReadingTests(file, windows)
    found: dict[str, Hypothesis] = {}
    for number, body in enumerate(file.tables(("hypothesis",), file.table["hypothesis"])):
        key: Key = ("hypothesis", number)
        one = _hypothesis(file, reading, key, body, tuple(records))
        if one.id in found:
            raise file.refuse(
                (*key, "id"), Text(f"the id '{one.id}' stands there twice", f"编号“{one.id}”重复"),
                Text("Give this one another.", "请改用其他编号。"),
            )  # fmt: skip
        found[one.id] = one
    return list(found.values())


def _hypothesis(
    file: TomlFile, reading: ReadingTests, key: Key, body: Mapping[str, Any],
    records: tuple[str, ...],
) -> Hypothesis:  # fmt: skip
    file.only(key, body, _KEYS, needed=set(_KEYS))
    deciders = []
    for number, raw in enumerate(file.tables((*key, "decides"), body["decides"])):
        at = (*key, "decides", number)
        file.only(at, raw, ("what", "record"), needed={"what", "record"})
        deciders.append(
            Decider(
                file.both((*at, "what"), raw["what"]),
                file.word((*at, "record"), raw["record"], records),
            )
        )
    tests = file.tables((*key, "test"), body["test"])
    return reading.built(
        key, Hypothesis,
        id=file.string((*key, "id"), body["id"]), name=file.both((*key, "name"), body["name"]),
        prediction=file.both((*key, "prediction"), body["prediction"]),
        tests=tuple(reading.test((*key, "test", n), test) for n, test in enumerate(tests)),
        decides=tuple(deciders),
    )  # fmt: skip
