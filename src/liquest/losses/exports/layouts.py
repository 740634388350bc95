"""The table of layouts (`layouts.toml`) as nouns: which columns mean what, and which file is which.

A header is understood by its spellings alone. A file is taken for the form that understands most
of its columns and lacks none that the form needs; two forms that understand equally many leave
it unrecognised.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("layouts.toml")

_ZONE = re.compile(r"(?<![A-Za-z])(?:UTC|GMT)(?![A-Za-z])", re.IGNORECASE)
_EAST = re.compile(r"\s*([+-]{1,2})\s*(\d{1,2})(?::?(\d{2}))?(?!\d)|()(\d{1,2})(?!\d)")
_NO_EAST = re.compile(r"\s*[+-]|\d")
_IN_BRACKETS = re.compile(r"\((?:utc|gmt|北京)[^)]*\)", re.IGNORECASE)
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Form:
    """One table of exports: `kind` as in `File.kind`, `name` the form of it (deposits and
    statements are both transfers), `spelled` a plain header → the field it means."""

    name: str
    kind: str
    needs: tuple[str, ...]
    spelled: Mapping[str, str]

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Field → its first column in `header`."""
        found: dict[str, int] = {}
        for place, cell in enumerate(header):
            field = self.spelled.get(plain(cell))
            if field is not None:
                found.setdefault(field, place)
        return found

    def lacks(self, places: Mapping[str, int]) -> tuple[str, ...]:
        """Fields that the form needs and the header does not have."""
        return tuple(field for field in self.needs if field not in places)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Text for comparison: half width, no case, blanks, punctuation or zone in brackets."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTER.sub("", _IN_BRACKETS.sub("", narrow))


def zone_in(text: str) -> str | None:
    """The zone that a header or a file name states: "UTC", "UTC+8", "UTC-6" (`UTC--6`); None
    when it states none."""
    narrow = unicodedata.normalize("NFKC", text)
    if "北京时间" in narrow or "北京時間" in narrow:
        return "UTC+8"
    found = _ZONE.search(narrow)
    if found is None:
        return None
    rest = narrow[found.end() :]
    east = _EAST.match(rest)
    if east is None:
        return None if _NO_EAST.match(rest) else "UTC"
    hours, minutes = int(east[2] or east[5]), int(east[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    if not hours and not minutes:
        return "UTC"
    return f"UTC{'-' if '-' in (east[1] or '') else '+'}{hours}" + (
        f":{minutes:02d}" if minutes else ""
    )


@cache
def table() -> dict[str, Any]:
    """`layouts.toml` as it stands."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def forms() -> dict[str, Form]:
    """Every form by name. The layouts of one kind in both markets are one form: what is traded
    tells the market, not the columns."""
    made: dict[str, Form] = {}
    for layout in table()["layout"]:
        name = layout.get("form", layout["kind"])
        spelled = dict(made[name].spelled) if name in made else {}
        for generation in ("", "_new"):
            fields = layout.get(f"fields{generation}", layout["fields"])
            for lang in ("en", "zh"):
                for field, header in zip(fields, layout.get(lang + generation, ()), strict=False):
                    spelled[plain(header)] = field
        for field, spellings in table()["spellings"].get(name, {}).items():
            for spelling in (field, *spellings):
                spelled.setdefault(plain(spelling), field)
        made[name] = Form(name, layout["kind"], tuple(layout["needs"]), spelled)
    return made


def recognise(header: Sequence[str]) -> tuple[Form, dict[str, int]] | None:
    """The form that a header is of, with the place of each field; None when none takes it."""
    best: list[tuple[int, Form, dict[str, int]]] = []
    for form in forms().values():
        places = form.places(header)
        if form.lacks(places):
            continue
        best.append((len(places), form, places))
    best.sort(key=lambda one: -one[0])
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    return best[0][1], best[0][2]


def nearest(header: Sequence[str]) -> tuple[Form, tuple[str, ...]] | None:
    """The form that a header nearly is, at least three fields of it, with what it lacks."""
    scored = [(len(p), f, f.lacks(p)) for f in forms().values() if len(p := f.places(header)) >= 3]
    if not scored:
        return None
    _, form, lacks = max(scored, key=lambda one: one[0] - 2 * len(one[2]))
    return form, lacks


def other(header: Sequence[str]) -> str | None:
    """The name of a history that is known and not needed: spot trades."""
    seen = {plain(cell) for cell in header if cell}
    for name, columns in table()["other"].items():
        if {plain(column) for column in columns} <= seen:
            return str(name)
    return None


@cache
def words(name: str) -> dict[str, str]:
    """A list of value words: plain word → meaning."""
    return {
        plain(word): meaning
        for meaning, spellings in table()["words"][name].items()
        for word in (meaning, *spellings)
    }


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Operations of a statement that move money: plain name → the two wallets; the second is
    empty where it is the row's own."""
    return {plain(name): (ends[0], ends[1]) for name, ends in table()["operations"].items()}
