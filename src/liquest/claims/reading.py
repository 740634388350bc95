"""claims.toml → claims.

    [source.space]                       # where it was said; `said` when it was published
    en = "Public discussion (X Space), October 2025"
    zh = "2025 年 10 月公开讨论（X Space）"

    [speaker.host]
    en = "Host of the discussion, liquidated on Binance"
    zh = "讨论主持人，在币安被强平"

    [[claim]]
    id = "atom-spot-zero"
    speaker = "host"                     # a key of [speaker], or { en = "…", zh = "…" }
    source = "space"
    kind = "fact"
    text = { zh = "…", en = "…" }        # as said, and translated
    said = "2025-10-12T18:15:45Z"        # when the source does not say
    about = "2025-10-10T21:20:00Z"       # the moment that is spoken of
    note = { en = "…", zh = "…" }
    needs = [{ what = { en = "…", zh = "…" }, fetch = "liquest fetch …" }]

    [[claim.test]]
    title = { en = "…", zh = "…" }       # what is looked at, in neutral words
    about = "fact"                       # fact, number or conclusion
    reading = { en = "…", zh = "…" }     # which meaning of the words it tries
    weight = "decides"                   # decides or bears
    find = { name = "low", … }           # selecting.py and quantity.py
    against = { … }                      # with relation, and pair where several are compared
    expect = { at_most = "0.01" }        # expectation.py
    then = "for"
    else = "against"
    needs = [ … ]

    [[claim.check]]                      # consistency.py
    [[claim.relies_on]]

Invariant: what is not understood is refused with file, line and remedy; nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import Text
from .claim import KINDS, Claim
from .consistency import BASES, Check, Difference, Part, Percentage, Reliance
from .reading_tests import ReadingTests
from .toml_file import Key, TomlFile

NAME = "claims.toml"
_CLAIM = (
    "id", "speaker", "source", "kind", "text", "said", "about", "note", "needs", "test", "check",
    "relies_on",
)  # fmt: skip
_CHECKS: Mapping[str, tuple[str, ...]] = {
    "percentage": ("low", "high"), "difference": ("from", "to"), "part": ("part", "whole"),
}  # fmt: skip


def read_claims(path: Path, windows: Iterable[str] | None = None) -> list[Claim]:
    """The claims of a file, in its order; `windows` are the names that a test may use. Raises
    CaseError with file, line and remedy."""
    return claims_of(TomlFile.read(path), windows)


def claims_of(file: TomlFile, windows: Iterable[str] | None = None) -> list[Claim]:
    """The same of a file that is read."""
    return _Reading(file, windows).claims()


class _Reading:
    """One file while it is read."""

    def __init__(self, file: TomlFile, windows: Iterable[str] | None) -> None:
        self._file, self._tests = file, ReadingTests(file, windows)
        self._sources: dict[str, tuple[Text, int | None]] = {}
        self._speakers: dict[str, Text] = {}

    def claims(self) -> list[Claim]:
        file = self._file
        file.only((), file.table, ("source", "speaker", "claim"))
        for key, body in file.mapping(("source",), file.table.get("source", {})).items():
            at: Key = ("source", key)
            body = file.mapping(at, body)
            file.only(at, body, ("en", "zh", "said", "sha256", "url"), needed={"en", "zh"})
            said = self._tests.moment((*at, "said"), body["said"]) if "said" in body else None
            self._sources[key] = (self._text(at, body), said)
        for key, body in file.mapping(("speaker",), file.table.get("speaker", {})).items():
            self._speakers[key] = file.both(("speaker", key), body)
        found: list[Claim] = []
        seen: dict[str, int] = {}
        raw = file.tables(("claim",), file.table.get("claim"))
        for number, body in enumerate(raw):
            one = self._claim(("claim", number), body)
            if one.id in seen:
                raise file.refuse(
                    ("claim", number, "id"),
                    Text(
                        f"the id '{one.id}' stands at line {seen[one.id]} already",
                        f"编号“{one.id}”已在第 {seen[one.id]} 行",
                    ),
                    Text("Give this claim another.", "请改用其他编号。"),
                )
            seen[one.id] = one.lines[0]
            found.append(one)
        return found

    def _claim(self, key: Key, body: Mapping[str, Any]) -> Claim:
        file = self._file
        file.only(key, body, _CLAIM, needed={"id", "speaker", "kind", "text"})
        party, speaker = self._speaker((*key, "speaker"), body["speaker"])
        source, said = None, None
        if "source" in body:
            source, said = self._source((*key, "source"), body["source"])
        if "said" in body:
            said = self._tests.moment((*key, "said"), body["said"])
        about = self._tests.moment((*key, "about"), body["about"]) if "about" in body else None
        tests = file.tables((*key, "test"), body.get("test"))
        checks = file.tables((*key, "check"), body.get("check"))
        relies = file.tables((*key, "relies_on"), body.get("relies_on"))
        return self._tests.built(
            key, Claim,
            id=file.string((*key, "id"), body["id"]),
            party=party, speaker=speaker, source=source, said=said, about=about,
            text=file.both((*key, "text"), body["text"]),
            kind=file.word((*key, "kind"), body["kind"], KINDS),
            tests=tuple(self._tests.test((*key, "test", n), t) for n, t in enumerate(tests)),
            checks=tuple(self._check((*key, "check", n), c) for n, c in enumerate(checks)),
            relies_on=tuple(
                self._reliance((*key, "relies_on", n), r) for n, r in enumerate(relies)
            ),
            needs=self._tests.needs((*key, "needs"), body.get("needs")),
            note=file.both((*key, "note"), body["note"]) if "note" in body else None,
            lines=(file.line(key), file.last_line(key)),
        )  # fmt: skip

    def _check(self, key: Key, body: Mapping[str, Any]) -> Check:
        file = self._file
        kind = file.word((*key, "kind"), body.get("kind"), tuple(_CHECKS))
        names = _CHECKS[kind]
        more = ("base",) if kind == "percentage" else ()
        file.only(key, body, ("kind", *names, "stated", *more), needed={*names, "stated"})
        first, second = (self._tests.number((*key, n), body[n]) for n in names)
        stated = self._tests.expectation((*key, "stated"), body["stated"])
        if kind == "difference":
            return self._tests.built(key, Difference, start=first, end=second, stated=stated)
        if kind == "part":
            return self._tests.built(key, Part, part=first, whole=second, stated=stated)
        base = file.word((*key, "base"), body.get("base", BASES[0]), BASES)
        return self._tests.built(key, Percentage, low=first, high=second, stated=stated, base=base)

    def _reliance(self, key: Key, body: Mapping[str, Any]) -> Reliance:
        self._file.only(key, body, ("what", "since", "until"), needed={"what"})
        edges = {n: self._tests.moment((*key, n), body[n]) for n in ("since", "until") if n in body}
        return self._tests.built(
            key, Reliance, what=self._file.both((*key, "what"), body["what"]), **edges
        )

    def _speaker(self, key: Key, raw: Any) -> tuple[str, Text]:
        if isinstance(raw, Mapping):
            said = self._file.both(key, raw)
            return said.en, said
        name = self._file.word(key, raw, tuple(self._speakers))
        return name, self._speakers[name]

    def _source(self, key: Key, raw: Any) -> tuple[Text, int | None]:
        if isinstance(raw, Mapping):
            return self._file.both(key, raw), None
        return self._sources[self._file.word(key, raw, tuple(self._sources))]

    def _text(self, key: Key, body: Mapping[str, Any]) -> Text:
        return self._file.both(key, {lang: body[lang] for lang in ("en", "zh")})
