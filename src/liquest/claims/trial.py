"""Claims on trial: each test against the findings, each claim to its verdict.

Pure: claims and findings in, trials and problems out. Invariant: evidence carries the findings
it rests on, and a test that no finding answers carries the data that would answer it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import Text, UsageError
from ..findings import Finding
from ..problems import ASIDE, Problem
from .claim import OPEN, Claim, Missing, Test
from .consistency import said_before
from .evidence_words import told, unanswered
from .quantity import Element
from .selecting import Pool
from .verdict import NOT_TESTABLE, UNDETERMINED, VERDICTS, Tried, flags, verdict

CODE = "claim-test"


@dataclass(frozen=True)
class Evidence:
    """What one test says: `test` is CLAIM#NUMBER, `words` what was found and what speaks for
    or against."""

    test: str
    outcome: str
    findings: tuple[Finding, ...]
    words: Text


@dataclass(frozen=True)
class Trial:
    """A claim with its verdict, one of VERDICTS, and all that a reader needs to check it."""

    claim: Claim
    verdict: str
    evidence: tuple[Evidence, ...]
    flags: tuple[Text, ...] = ()
    missing: tuple[Missing, ...] = ()

    def __post_init__(self) -> None:
        assert self.verdict in VERDICTS, self.verdict

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding that the evidence rests on, once."""
        return tuple({id(f): f for one in self.evidence for f in one.findings}.values())


def trials(
    claims: Iterable[Claim], findings: Iterable[Finding], path: str = "claims.toml"
) -> tuple[list[Trial], list[Problem]]:
    """Every claim tried, in order; a test that does not fit its findings is open and a problem."""
    pool = Pool(findings)
    problems: list[Problem] = []
    return [_trial(one, pool, problems, path) for one in claims], problems


def _trial(claim: Claim, pool: Pool, problems: list[Problem], path: str) -> Trial:
    evidence: list[Evidence] = []
    tried: list[Tried] = []
    for number, test in enumerate(claim.tests, 1):
        said, error = evidence_of(f"{claim.id}#{number}", test, pool)
        if error is not None:
            problems.append(_problem(claim, test, error, path))
        evidence.append(said)
        tried.append(Tried(test, said.outcome, bool(said.findings)))
    found = verdict(tried) if tried else NOT_TESTABLE
    return Trial(
        claim, found, tuple(evidence), tuple(_flags(claim, tried)),
        _missing(claim, tried, found),
    )  # fmt: skip


def evidence_of(name: str, test: Test, pool: Pool) -> tuple[Evidence, UsageError | None]:
    """What one test says under that name; it is open, with the error, when it does not fit the
    findings, and without a finding when none answers it."""
    try:
        elements = test.quantity.elements(pool)
        held = tuple({id(f): f for e in elements for f in e.findings}.values())
        if not held:
            return Evidence(name, OPEN, (), unanswered(test)), None
        return Evidence(name, outcome_of(test, elements), held, told(test, elements)), None
    except UsageError as error:
        return Evidence(name, OPEN, (), _unfit(test, error)), error


def outcome_of(test: Test, elements: Sequence[Element]) -> str:
    """What the test says of these elements: all of them must be as expected, or any."""
    met = [test.expect.met(e.value) for e in elements]
    held = any(met) if test.quantity.find.of == "any" else all(met)
    return test.then if held else test.otherwise


def _flags(claim: Claim, tried: Sequence[Tried]) -> list[Text]:
    found = [flag for check in claim.checks for flag in check.flags()]
    if claim.about is not None:
        found += [flag for one in claim.relies_on for flag in one.flags(claim.about)]
        if claim.said is not None:
            found += said_before(claim.said, claim.about)
    return found + flags(tried)


def _missing(claim: Claim, tried: Sequence[Tried], found: str) -> tuple[Missing, ...]:
    """What the unanswered tests need, and what the claim needs while it is not settled."""
    needed: list[Missing] = []
    for one in tried:
        if not one.answered:
            needed += one.test.needs or claim.needs or (_finding(one.test),)
    if found in (NOT_TESTABLE, UNDETERMINED):
        needed += claim.needs
    return tuple(dict.fromkeys(needed))


def _finding(test: Test) -> Missing:
    """Without a word about data: the finding itself."""
    words = test.quantity.find.selection.words()
    return Missing(Text(f"a finding {words.en}", f"结论 {words.zh}"))


def _unfit(test: Test, error: UsageError) -> Text:
    return Text(f"{test.title.en}: {error.what.en}.", f"{test.title.zh}：{error.what.zh}。")


def _problem(claim: Claim, test: Test, error: UsageError, path: str) -> Problem:
    text = Text(
        f"a test of the claim '{claim.id}' does not fit the findings: {error.what.en}",
        f"主张“{claim.id}”的一项检验与结论不匹配：{error.what.zh}",
    )
    return Problem(CODE, ASIDE, text, path=path, first=test.line, last=test.line)
