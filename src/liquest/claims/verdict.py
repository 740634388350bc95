"""The verdict of a claim, by stated rules, in fixed words.

A test says for, against or open; it is open when no finding answers it, or when its `then` or
`else` says so. Tests that decide are put together by layer:

    1. tests with a reading: all for → for, all against → against, for and against → mixed,
       else open;
    2. with the tests of no reading: for and against → mixed, an against → against, an open →
       open, else for.

Then, over the layers fact, number and conclusion that the claim has:

    1. the conclusion is against                                → contradicted
    2. the fact is against, the conclusion not for              → contradicted
    3. a layer is mixed, or some are for and some against       → mixed
    4. the number is against                                    → undetermined where a fact or
       a conclusion is open, else contradicted
    5. all are for                                              → supported
    6. no test that decides found a finding                     → not testable
    7. else                                                     → undetermined

So a right number does not save a conclusion that fails, and a wrong number beside a fact that
holds is mixed. Tests that only bear never settle anything. Invariant: pure, and independent of
who speaks and of the order of the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..errors import Text
from .claim import AGAINST, CONCLUSION, DECIDES, FOR, LAYERS, NUMBER, OPEN, Test

SUPPORTED, CONTRADICTED, MIXED, UNDETERMINED, NOT_TESTABLE = VERDICTS = (
    "supported", "contradicted", "mixed", "undetermined", "not testable",
)  # fmt: skip
WORDS: Mapping[str, Text] = {
    SUPPORTED: Text(SUPPORTED, "证据支持"),
    CONTRADICTED: Text(CONTRADICTED, "证据相反"),
    MIXED: Text(MIXED, "证据不一"),
    UNDETERMINED: Text(UNDETERMINED, "未能判定"),
    NOT_TESTABLE: Text(NOT_TESTABLE, "暂不可检验"),
}
"""Each verdict in both languages."""
OUTCOME_WORDS: Mapping[str, Text] = {
    FOR: Text("for", "支持"), AGAINST: Text("against", "反对"), OPEN: Text("open", "未决"),
    MIXED: Text("mixed", "不一"),
}  # fmt: skip


class Tried(NamedTuple):
    """A test, what it says, and whether a finding answered it."""

    test: Test
    outcome: str
    answered: bool


def verdict(tried: Sequence[Tried]) -> str:
    """One of VERDICTS."""
    by = layers(tried)
    fact, number, conclusion = (by.get(layer) for layer in LAYERS)
    said = set(by.values())
    if conclusion == AGAINST:
        return CONTRADICTED
    if fact == AGAINST and conclusion not in (FOR, MIXED):
        return CONTRADICTED
    if MIXED in said or {FOR, AGAINST} <= said:
        return MIXED
    if number == AGAINST:
        return UNDETERMINED if OPEN in said else CONTRADICTED
    if said == {FOR}:
        return SUPPORTED
    decided = [one for one in tried if one.test.weight == DECIDES]
    return UNDETERMINED if any(one.answered for one in decided) else NOT_TESTABLE


def layers(tried: Iterable[Tried]) -> dict[str, str]:
    """What the deciding tests of each layer say together: for, against, mixed or open."""
    kept = [one for one in tried if one.test.weight == DECIDES]
    found = {}
    for layer in LAYERS:
        own = [one for one in kept if one.test.about == layer]
        if own:
            outcomes = [one.outcome for one in own if one.test.reading is None]
            by_reading = readings(own)
            if by_reading:
                outcomes.append(_across(by_reading.values()))
            found[layer] = _together(outcomes)
    return found


def readings(tried: Iterable[Tried]) -> dict[Text, str]:
    """What each reading says, in the order of the tests."""
    found: dict[Text, list[str]] = {}
    for one in tried:
        if one.test.reading is not None and one.test.weight == DECIDES:
            found.setdefault(one.test.reading, []).append(one.outcome)
    return {reading: _together(outcomes) for reading, outcomes in found.items()}


def flags(tried: Sequence[Tried]) -> list[Text]:
    """What a reader of the verdict must know: readings that differ, a number that is another,
    a conclusion that does not follow."""
    found = []
    by = layers(tried)
    for layer in LAYERS:
        said = readings(one for one in tried if one.test.about == layer)
        if len(set(said.values())) > 1:
            found.append(
                Text(
                    "Readings differ: "
                    + "; ".join(f"{r.en}: {OUTCOME_WORDS[o].en}" for r, o in said.items())
                    + ".",
                    "不同读法结果不同："
                    + "；".join(f"{r.zh}：{OUTCOME_WORDS[o].zh}" for r, o in said.items())
                    + "。",
                )
            )
    fact, number, conclusion = (by.get(layer) for layer in LAYERS)
    if number in (AGAINST, MIXED) and (fact is not None or conclusion is not None):
        found.append(_about("A number differs", "数字不符", tried, NUMBER))
    if fact == AGAINST and number == FOR:
        found.append(
            Text("The number holds; what is said of it does not.", "数字成立，所述事实不成立。")
        )
    holds = FOR in (fact, number) and AGAINST not in (fact, number)
    if conclusion == AGAINST and holds:
        found.append(
            _about(
                "The fact holds; the conclusion does not follow from it",
                "事实成立，但不能由此得出结论",
                tried,
                CONCLUSION,
            )
        )
    if conclusion == OPEN and holds:
        found.append(
            Text(
                "The fact holds; whether the conclusion follows is open.",
                "事实成立；能否由此得出结论尚未判定。",
            )
        )
    return found


def _about(en: str, zh: str, tried: Iterable[Tried], layer: str) -> Text:
    """The words with the titles of the tests of that layer that speak against."""
    titles = [o.test.title for o in tried if o.test.about == layer and o.outcome == AGAINST]
    return Text(
        f"{en}: {'; '.join(t.en for t in titles)}.", f"{zh}：{'；'.join(t.zh for t in titles)}。"
    )


def _across(outcomes: Iterable[str]) -> str:
    """Of different readings: none of them may be chosen over another."""
    said = set(outcomes)
    if MIXED in said or {FOR, AGAINST} <= said:
        return MIXED
    return said.pop() if len(said) == 1 else OPEN


def _together(outcomes: Iterable[str]) -> str:
    """Of parts that must all hold."""
    said = set(outcomes)
    if MIXED in said or {FOR, AGAINST} <= said:
        return MIXED
    return next((o for o in (AGAINST, OPEN) if o in said), FOR)
