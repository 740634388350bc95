"""The chapters of the report, in the order of an accident report (ICAO Annex 13, appendix), and
the measures that stand in each. Invariant: every measure stands somewhere; one that nobody knows
stands among the further findings of the price chapter."""

from __future__ import annotations

from dataclasses import dataclass

from .text import Words, glue, say

CHAPTERS = (
    "record", "price", "mark", "liquidations", "replays", "hypotheses", "claims", "findings",
    "recommendations", "questions",
)  # fmt: skip
ANNEXES = ("losses", "methods", "exhibits", "custody", "verify", "replies", "register")
PRICE = (
    "low", "high", "gap", "dislocation", "decoupling", "outliers", "wick", "silence", "recovery",
    "sweep",
)  # fmt: skip
LIQUIDITY = (
    "availability", "errors", "onset", "latency", "lanes", "clocks", "retry_cost", "depth",
    "spread", "uptime", "refill", "liquidity", "withdrawal",
)  # fmt: skip
SCREENS = ("screen", "screens", "revision")
MARK = ("basis", "funding")
LIQUIDATIONS = ("liquidations", "open_interest", "insurance")
ELSEWHERE = frozenset({"low", "replay", "claim", "statement", "hypothesis", "loss", "losses"})
"""Measures with a place of their own."""
PLACED = frozenset({*LIQUIDITY, *SCREENS, *MARK, *LIQUIDATIONS, *ELSEWHERE})


@dataclass(frozen=True)
class Chapter:
    """A chapter or annex: its key (the anchor), its number or letter, its title."""

    key: str
    number: str
    title: Words
    annex: bool = False

    @property
    def named(self) -> Words:
        """Number and title: 3 Index and mark, or Annex C Exhibits."""
        number = say("chapter.annex", letter=self.number) if self.annex else Words.of(self.number)
        return glue([number, self.title], " ") if self.number else self.title


def contents() -> list[Chapter]:
    """Summary, chapters and annexes in their order."""
    return [
        Chapter("summary", "", say("chapter.summary")),
        *(Chapter(k, str(n), say(f"chapter.{k}")) for n, k in enumerate(CHAPTERS, 1)),
        *(Chapter(k, chr(64 + n), say(f"chapter.{k}"), True) for n, k in enumerate(ANNEXES, 1)),
    ]


def chapter(key: str) -> Chapter:
    """The chapter of that key."""
    return next(one for one in contents() if one.key == key)
