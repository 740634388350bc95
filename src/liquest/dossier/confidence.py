"""Confidence in a fixed scale of three words, given by rule and never by hand.

A finding's caveats say what limits it. Some only describe it (how many trades stand behind a
price); some limit what it can show (resolution, coverage, age); some say that it rests on what
is assumed. high: nothing limits it; medium: something does; low: it rests on an assumption.
What several findings say together has the lowest of their words. Invariant: the words say how
well a value is known, never what it means.
"""

from __future__ import annotations

from collections.abc import Iterable

from .facts import Fact

HIGH, MEDIUM, LOW = SCALE = ("high", "medium", "low")
DESCRIBE = frozenset(
    {"thin", "few-trades", "aggregated", "millisecond-clock", "not-recovered", "not-reached",
     "mixed-kinds"}
)  # fmt: skip
"""Caveats that leave a value as well known as it is."""
ASSUME = frozenset(
    {"assumed-rules", "index-weights-unknown", "tiers-assumed", "exogenous", "synthetic",
     "own-spot-proxy", "mid-from-trades", "no-funding-rate", "reserves-unknown",
     "stablecoin-unknown", "first-order-feedback"}
)  # fmt: skip
"""Caveats of a value that rests on what is assumed, modelled or made."""


def confidence(caveats: Iterable[str]) -> str:
    """The word for one value; a caveat that is not known limits it."""
    found = set(caveats)
    if found & ASSUME:
        return LOW
    return MEDIUM if found - DESCRIBE else HIGH


def together(facts: Iterable[Fact]) -> str:
    """The word for what several findings say; raises ValueError when there is none."""
    words = [confidence(fact.finding.caveats) for fact in facts]
    if not words:
        raise ValueError("no finding, no confidence")
    return max(words, key=SCALE.index)
