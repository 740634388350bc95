"""The findings of one run, to be looked up by what they are about: a coin, a way, a stretch.

`coin` "" stands for all coins together: then a number of the recorded path is the median over
the coins, one of drawn paths the mean. Invariant: nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ...findings import Finding
from .coin_findings import RECORD
from .coins_findings import MEANS, MEDIANS, WORDED
from .methods import PREFIX
from .rivals import QUESTIONS, WORDS
from .weigh import BEFORE, EVENT

Words = tuple[str, ...]
"""What names a way: mode, leverage, share on the exchange, stop."""


class Sheet:
    """`coins` in the order of the findings, `params` what was asked."""

    def __init__(self, found: Iterable[Finding]) -> None:
        self._found: dict[tuple[str, ...], Finding] = {}
        self._ways: dict[str, dict[Words, None]] = {}
        self.findings = list(found)
        for one in self.findings:
            name, subject = one.name.removeprefix(f"{PREFIX}."), one.subject
            coin, way = subject.get("coin", ""), tuple(subject.get(k, "") for k in WORDED)
            rest = (subject.get("of", ""), subject.get("stretch", ""), subject.get("question", ""),
                    subject.get("word", ""))  # fmt: skip
            self._found[(name, coin, *way, *rest)] = one
            if way[0]:
                self._ways.setdefault(coin, {})[way] = None
        self.coins = [c for c in self._ways if c]
        self.params: Mapping[str, Any] = self.findings[0].params

    @property
    def together(self) -> bool:
        """Whether there is more than one coin."""
        return len(self.coins) > 1

    def ways(self, coin: str) -> list[Words]:
        """The ways of a coin, of all coins where it is ""."""
        return list(self._ways.get(coin, {}))

    def way(self, coin: str, name: str, way: Words, stretch: str = "") -> Finding | None:
        """The number `name` of a way."""
        if coin:
            return self._found.get((name, coin, *way, "", stretch, "", ""))
        made = "coins_median" if name in MEDIANS else "coins_mean" if name in MEANS else name
        of = "" if made == name else name
        return self._found.get((made, "", *way, of, stretch, "", ""))

    def coin(self, coin: str, name: str) -> Finding | None:
        """A number of a coin alone: move, noise, most; "" for the median of `noise`."""
        if not coin:
            return self._found.get(("coins_median", *[""] * 5, name, *[""] * 3))
        return self._found.get((name, coin, *[""] * 8))

    def verdict(self, coin: str, question: str) -> Finding | None:
        """The word for a part of the advice."""
        return self._found.get(("verdict", coin, *[""] * 6, question, ""))

    def gain(self, coin: str, question: str, stretch: str = RECORD) -> Finding | None:
        """What the advised way left more."""
        name = "gain" if coin else "coins_gain"
        return self._found.get((name, coin, *[""] * 5, stretch, question, ""))

    def questions(self, coin: str) -> list[str]:
        """The parts of the advice that could be asked."""
        return [q for q in QUESTIONS if self.verdict(coin, q) is not None]

    def by_word(self, question: str) -> dict[str, list[str]]:
        """Word → coins, for all coins together."""
        found = {}
        for word in WORDS:
            one = self._found.get(("coins_verdict", *[""] * 7, question, word))
            if one is not None and one.value:
                found[word] = [str(c) for c in one.params["coins"]]
        return found

    def horizon(self) -> int:
        """Seconds of a path that is drawn from before the event; 0 where none could be."""
        for one in self.findings:
            if one.subject.get("stretch") == BEFORE and "horizon" in one.params:
                return int(one.params["horizon"])
        return 0

    def stretches(self) -> list[str]:
        """The stretches that paths were drawn from."""
        drawn = {f.subject["stretch"] for f in self.findings if "horizon" in f.params}
        return [s for s in (EVENT, BEFORE) if s in drawn]

    def paths(self) -> int:
        """How many paths were drawn from a stretch; 0 where none could be."""
        return next((int(f.params["paths"]) for f in self.findings if "paths" in f.params), 0)


def number(one: Finding | None) -> Decimal | None:
    """The value as a number; None where there is none."""
    if one is None or not isinstance(one.value, Decimal | int):
        return None
    return Decimal(one.value)
