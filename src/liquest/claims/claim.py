"""A claim as data: who says what of what kind, and the tests that try it.

Invariant: a claim has a test, or says what it would take to test it; a test can speak for and
against, never for one side whatever is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import Text, UsageError
from .consistency import Check, Reliance
from .expectation import Expectation
from .quantity import Quantity

FOR, AGAINST, OPEN = OUTCOMES = ("for", "against", "open")
"""What a test says of its claim."""
FACT, NUMBER, CONCLUSION = LAYERS = ("fact", "number", "conclusion")
"""What of the claim a test tries: that it was so, how much, and whether what is concluded
from it holds."""
DECIDES, BEARS = WEIGHTS = ("decides", "bears")
"""Whether a test settles its layer, or is evidence to be read beside it only."""
KINDS = ("fact", "amount", "rule", "cause", "counterfactual", "conduct", "advice")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

KIND_WORDS = {
    "fact": Text("fact", "事实"), "amount": Text("amount", "金额"), "rule": Text("rule", "规则"),
    "cause": Text("cause", "原因"), "counterfactual": Text("counterfactual", "反事实"),
    "conduct": Text("conduct", "行为"), "advice": Text("advice", "建议"),
}  # fmt: skip


@dataclass(frozen=True)
class Missing:
    """Data that would make a claim testable, and the command that fetches them; `fetch` is
    empty where no public archive holds them."""

    what: Text
    fetch: str = ""

    def __post_init__(self) -> None:
        if self.fetch and not self.fetch.startswith("liquest "):
            raise _wrong(
                f"'{self.fetch}' is no command of Liquest", f"“{self.fetch}”不是 Liquest 命令",
                "Write: liquest fetch …", "请写：liquest fetch …",
            )  # fmt: skip


@dataclass(frozen=True)
class Test:
    """A quantity, what is expected of it, and what it says of the claim when that is met
    (`then`) and when it is not (`otherwise`). Tests that share a layer and bear different
    `reading`s try different meanings of the words; without one a test holds for every meaning."""

    title: Text
    quantity: Quantity
    expect: Expectation
    about: str = FACT
    reading: Text | None = None
    weight: str = DECIDES
    then: str = FOR
    otherwise: str = AGAINST
    needs: tuple[Missing, ...] = ()
    line: int = 0

    def __post_init__(self) -> None:
        known = self.about in LAYERS and self.weight in WEIGHTS
        if not known or self.then not in OUTCOMES or self.otherwise not in OUTCOMES:
            raise _wrong("a word of the test is unknown", "检验含未知的词", *_KEYS)
        if self.then == self.otherwise:
            raise _wrong(
                f"the test says '{self.then}' whatever is found",
                f"无论结果如何该检验都给出“{self.then}”",
                "Let 'then' and 'else' differ.", "then 与 else 应不同。",
            )  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """What somebody says. `party` is the key of the speaker, `said` the time of publication and
    `about` the moment that is spoken of, both in UTC microseconds where they are known; `lines`
    are its first and last in the file."""

    id: str
    party: str
    speaker: Text
    text: Text
    kind: str
    tests: tuple[Test, ...] = ()
    checks: tuple[Check, ...] = ()
    relies_on: tuple[Reliance, ...] = ()
    needs: tuple[Missing, ...] = ()
    source: Text | None = None
    said: int | None = None
    about: int | None = None
    note: Text | None = None
    lines: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise _wrong(
                f"'{self.id}' is no id", f"“{self.id}”不是有效编号",
                "Write small letters, digits and hyphens: atom-spot-zero.",
                "请用小写字母、数字与连字符：atom-spot-zero。",
            )  # fmt: skip
        if self.kind not in KINDS:
            raise _wrong(
                f"'{self.kind}' is no kind", f"“{self.kind}”不是有效类别",
                f"Choose one of: {', '.join(KINDS)}.", f"可选：{'、'.join(KINDS)}。",
            )  # fmt: skip
        if not self.tests and not self.needs:
            raise _wrong(
                f"the claim '{self.id}' has no test and names no data that one would need",
                f"主张“{self.id}”没有检验，也未写明检验所需的数据",
                "Add [[claim.test]] or needs = [ … ].", "请补上 [[claim.test]] 或 needs = [ … ]。",
            )  # fmt: skip
        if self.relies_on and self.about is None:
            raise _wrong(
                f"the claim '{self.id}' relies on something at no moment",
                f"主张“{self.id}”有所依据，却未写明所指时刻",
                "Add about = \"…Z\".", "请补上 about = \"…Z\"。",
            )  # fmt: skip


_KEYS = ("See docs/claims.md for the keys of a test.", "检验的各键见 docs/claims.md。")


def _wrong(en: str, zh: str, remedy_en: str, remedy_zh: str) -> UsageError:
    return UsageError(Text(en, zh), remedy=Text(remedy_en, remedy_zh))
