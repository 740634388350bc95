"""Findings as the page places them: by measure, window and coin, with their ids at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from markupsafe import Markup

from ..clock import Window
from ..findings import Finding
from ..instruments import identify
from .figures import amount, link, resolution_seconds, venue_name
from .text import Part, Words, flat, glue, has, named, say, wrap

FINE = 60
"""Seconds of resolution up to which an instrument belongs to the main table."""


@dataclass(frozen=True)
class Fact:
    """A finding with its coin and place among the windows.

    `window` is the index of the case's window; None when the finding has another or none.
    """

    finding: Finding
    coin: str
    multiplier: int
    window: int | None

    @cached_property
    def id(self) -> str:
        """The finding's id: a hash, taken once and only where it is needed."""
        return self.finding.id

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """Parameters as they are written out: the same for a finding just made and one read
        again."""
        params: dict[str, Any] = self.finding.body()["params"]
        return params

    @property
    def measure(self) -> str:
        """The first part of the name: low, gap, dislocation."""
        return self.finding.name.partition(".")[0]

    @cached_property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The subject, hashable, in a fixed order."""
        return tuple(sorted(self.finding.subject.items()))

    @property
    def seconds(self) -> int | None:
        """Resolution of the data behind it; 0 for single trades, None when it does not say."""
        return resolution_seconds(str(self.finding.params.get("resolution", "")))

    @property
    def per_coin(self) -> Decimal | None:
        """The value for one coin, where it is a number; only for putting rows in order."""
        value = self.finding.value
        return None if value is None or isinstance(value, str) else Decimal(value) / self.multiplier

    def figure(self) -> Words:
        """The value with its unit, as a link to the entry."""
        return link(self.id, amount(self.finding))

    def cell(self) -> Markup:
        """The same for a table."""
        return flat([link(self.id, flat([amount(self.finding)]))])

    def instrument(self) -> Words:
        """The instrument alone: venue, symbol, kind."""
        subject = self.finding.subject
        parts = [subject.get(k, "") for k in ("venue", "instrument", "kind", "price")]
        return glue(instrument_parts(*parts), " ")

    def label(self) -> Words:
        """The subject in words."""
        return glue(subject_parts(self.finding.subject), " ")

    def label_cell(self) -> Markup:
        """The same for a table."""
        return flat(subject_parts(self.finding.subject), " ")


class Facts:
    """All findings of the page."""

    def __init__(self, findings: Iterable[Finding], windows: Sequence[Window]) -> None:
        places = {w: i for i, w in enumerate(windows)}
        coins: dict[tuple[str, str, str], tuple[str, int]] = {}
        self.all = [
            Fact(f, *_coin(f.subject, coins), places.get(f.window) if f.window else None)
            for f in findings
        ]
        self._named: dict[str, list[Fact]] = {}
        self._measured: dict[str, list[Fact]] = {}
        for fact in self.all:
            self._named.setdefault(fact.finding.name, []).append(fact)
            self._measured.setdefault(fact.measure, []).append(fact)
        self.measures = list(self._measured)

    @property
    def names(self) -> list[str]:
        """Every name that a finding has, in order of appearance."""
        return list(self._named)

    def named(self, name: str, window: int | None = None) -> list[Fact]:
        """Findings of exactly that name, in the order given; of one window where one is named."""
        found = self._named.get(name, [])
        return found if window is None else [f for f in found if f.window == window]

    def of(self, measure: str) -> list[Fact]:
        """Findings of the measure, in the order given."""
        return self._measured.get(measure, [])

    def by_id(self, ids: Iterable[str]) -> list[Fact]:
        """The findings of these ids, in the order of the ids; those that are not there are left
        out."""
        return [self._by_id[one] for one in dict.fromkeys(ids) if one in self._by_id]

    @cached_property
    def _by_id(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.all}


def _coin(
    subject: Mapping[str, str], seen: dict[tuple[str, str, str], tuple[str, int]]
) -> tuple[str, int]:
    """Coin of a subject and how many coins one price of its instrument is for."""
    symbol = subject.get("instrument", "")
    if not symbol:
        return subject.get("coin", ""), 1
    key = (subject.get("venue", ""), symbol, subject.get("kind", ""))
    if key not in seen:
        found = identify(key[0], symbol, key[2] or None)
        seen[key] = (found.base, found.multiplier)
    base, multiplier = seen[key]
    return subject.get("coin") or base, multiplier


def instrument_parts(venue: str, symbol: str, kind: str, price: str = "") -> list[Part]:
    """Binance ATOMUSDT spot, with the kind of price where it is not that of trades."""
    parts: list[Part] = [wrap("b", venue_name(venue))] if venue else []
    if symbol:
        parts.append(symbol)
    if kind == "all":
        parts.append(wrap("small", say("subject.all")))
    elif kind:
        parts.append(wrap("small", named("kind", kind)))
    if price and price != "trade":
        parts.append(wrap("small", named("price", price), class_="mark"))
    return parts


def subject_parts(subject: Mapping[str, Any], *, coin: bool = False) -> list[Part]:
    """A subject in words, part by part; what the page does not know is written out as it
    stands. The coin is named where no instrument does, or where it is asked for."""
    given = {str(k): str(v) for k, v in subject.items()}
    instrument = [given.pop(k, "") for k in ("venue", "instrument", "kind", "price")]
    name, against = given.pop("coin", ""), given.pop("against", "")
    parts = instrument_parts(*instrument)
    if name and (coin or not parts):
        parts.insert(0, wrap("b", name))
    if against:
        parts.append(wrap("small", say("subject.against", other=key_label(against))))
    if given.get("client") == given.get("log"):
        given.pop("client", None)
    parts += [wrap("small", _other(k, v)) for k, v in sorted(given.items())]
    return parts or ["–"]


def _other(key: str, value: str) -> Words:
    """A key of a subject beside the common ones."""
    if not has(f"subject.{key}"):
        return Words.of(f"{key}={value}")
    if value == "all":
        return say(f"subject.{key}", value=say("subject.all"))
    words = named("word", value) if has(f"word.{value}") else named("kind", value)
    return say(f"subject.{key}", value=words)


def key_label(text: str) -> Words:
    """ "binance:spot:ATOMUSDT trade" in words; any other text by the words the page has for
    it, else as it stands."""
    key, _, price = text.partition(" ")
    parts = key.split(":", 2)
    if len(parts) != 3:
        return named("against", text)
    return glue(instrument_parts(parts[0], parts[2], parts[1], price), " ")
