"""The dated table of error codes: class, meaning in both languages, wordings and since when.

Binance's own documentation lists both wordings of -1008; which one was served on which day
its change log says. A meaning is the venue's, in short, never ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..clock import format_time, parse_time
from ..errors import Text

WEBSOCKET = "websocket"
"""Stands where a venue does, for the close codes of connections."""
_DATES = ("from", "announced", "until")


@dataclass(frozen=True)
class Wording:
    """A text that came with `code` of `venue`. Moments are UTC midnights; None is not known.

    `since`: from then on it was served; `announced`: before it nobody outside knew it;
    `until`: from then on another took its place. `general`: it names kinds of orders that it is
    not about ("Reduce-only/close-position orders are exempt").
    """

    venue: str
    code: int
    text: str
    source: str
    since: int | None = None
    announced: int | None = None
    until: int | None = None
    general: bool = False

    def __post_init__(self) -> None:
        if self.since is not None and (self.announced is None or self.announced > self.since):
            raise ValueError(f"{self.text!r} was served before it was announced")

    @property
    def id(self) -> str:
        """How events name it: venue, code and the day from which it was served."""
        day = "" if self.since is None else f" since {format_time(self.since)[:10]}"
        return f"{self.venue} {self.code}{day}: {self.text[:40].strip()}"


@dataclass(frozen=True)
class Code:
    """One code: `cls` is one of schema.CLASSES, `meaning` what the venue says of it."""

    venue: str
    code: int
    cls: str
    meaning: Text
    source: str
    certainty: str
    wordings: tuple[Wording, ...]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def known() -> Mapping[tuple[str, int], Code]:
    """Every code by (venue, code)."""
    sources = _table()["sources"]
    found: dict[tuple[str, int], Code] = {}
    for row in _table()["code"]:
        key = (row["venue"], row["code"])
        wordings = tuple(
            _wording(key, w, sources[w.get("source", row["source"])]) for w in row.get("text", ())
        )
        found[key] = Code(
            *key, row["class"], Text(row["en"], row["zh"]), sources[row["source"]],
            row.get("certainty", "official"), wordings,
        )  # fmt: skip
    return found


def _wording(key: tuple[str, int], row: Mapping[str, Any], source: str) -> Wording:
    since, announced, until = (parse_time(row[d]) if d in row else None for d in _DATES)
    general = row.get("general", False)
    return Wording(*key, row["text"], source, since, announced, until, general)


@cache
def statuses() -> Mapping[int, tuple[str, Text]]:
    """HTTP status → (class, meaning)."""
    return {r["status"]: (r["class"], Text(r["en"], r["zh"])) for r in _table()["status"]}


@cache
def wordings() -> Sequence[Wording]:
    """Every dated text, in a fixed order."""
    return tuple(w for code in known().values() for w in code.wordings)


def meaning(venue: str, code: int) -> Code | None:
    """The entry of a code; where the venue is not known, the only one that has it."""
    if (venue, code) in known():
        return known()[(venue, code)]
    found = [c for (v, n), c in known().items() if n == code and v != WEBSOCKET]
    return found[0] if len(found) == 1 and not venue else None
