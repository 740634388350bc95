"""questions.toml → an inquiry.

    as_of = "2026-01-31T00:00:00Z"       # up to when the public record was read

    [holder.binance]                     # who may hold a record
    en = "Binance"
    zh = "币安"

    [span.event]                         # stretches of time for which records are asked
    from = "2025-10-10T20:00:00Z"
    to = "2025-10-11T00:00:00Z"

    [[record]]
    id = "order-book"
    title = { en = "…", zh = "…" }
    scope = { en = "…", zh = "…" }       # instruments, channels, accounts
    holders = ["binance"]
    per = "second"                       # second, event, order, account or change
    spans = ["event"]
    fields = [
        { name = "time", type = "time", unit = "µs", what = { en = "…", zh = "…" } },
    ]

    [[question]]
    id = "spot-near-zero"
    text = { en = "…", zh = "…" }
    answer = { en = "…", zh = "…" }      # what would answer it
    records = ["order-book"]
    ask = ["binance"]
    [[question.known]]
    title = { en = "…", zh = "…" }
    find = { name = "low", … }           # as in claims.toml; or source = { en = "…", zh = "…" }

Invariant: what is not understood is refused with file, line and remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..clock import Window
from ..errors import CaseError, Text
from .inquiry import FIELD_TYPES, PER, FieldWanted, Inquiry, Known, Question, RecordWanted
from .quantity import OF, Side
from .reading_tests import ReadingTests
from .selecting import read_selection
from .toml_file import Key, TomlFile

NAME = "questions.toml"
_RECORD = ("id", "title", "scope", "holders", "per", "spans", "fields")
_QUESTION = ("id", "text", "answer", "records", "ask", "known")


def read_questions(path: Path, windows: Iterable[str] | None = None) -> Inquiry:
    """The inquiry of a file, empty when there is none; `windows` are the names that a line may
    use. Raises CaseError with file, line and remedy."""
    return _Reading(TomlFile.read(path), windows).inquiry() if path.is_file() else Inquiry()


class _Reading:
    """One file while it is read."""

    def __init__(self, file: TomlFile, windows: Iterable[str] | None) -> None:
        self._file, self._values = file, ReadingTests(file, windows)
        self._windows = None if windows is None else tuple(windows)

    def inquiry(self) -> Inquiry:
        file = self._file
        known = ("as_of", "holder", "span", "record", "question")
        file.only((), file.table, known, needed={"as_of", "holder", "record", "question"})
        as_of = self._values.moment(("as_of",), file.table["as_of"])
        raw = file.mapping(("holder",), file.table["holder"])
        holders = {name: file.both(("holder", name), body) for name, body in raw.items()}
        spans = self._spans()
        records: dict[str, RecordWanted] = {}
        for number, body in enumerate(file.tables(("record",), file.table["record"])):
            one = self._record(("record", number), body, holders, spans)
            self._once(("record", number, "id"), one.id, records)
            records[one.id] = one
        found: dict[str, Question] = {}
        for number, body in enumerate(file.tables(("question",), file.table["question"])):
            question = self._question(("question", number), body, holders, records)
            self._once(("question", number, "id"), question.id, found)
            found[question.id] = question
        return Inquiry(as_of, holders, records, tuple(found.values()))

    def _spans(self) -> dict[str, Window]:
        file, made = self._file, {}
        for name, body in file.mapping(("span",), file.table.get("span", {})).items():
            key: Key = ("span", name)
            file.only(key, file.mapping(key, body), ("from", "to"), needed={"from", "to"})
            start, end = (self._values.moment((*key, edge), body[edge]) for edge in ("from", "to"))
            made[name] = self._values.built(key, Window, name=name, start=start, end=end)
        return made

    def _record(
        self, key: Key, body: Mapping[str, Any], holders: Iterable[str], spans: Mapping[str, Window]
    ) -> RecordWanted:
        file = self._file
        file.only(key, body, _RECORD, needed=set(_RECORD))
        fields = file.tables((*key, "fields"), body["fields"])
        return self._values.built(
            key, RecordWanted,
            id=file.string((*key, "id"), body["id"]),
            title=file.both((*key, "title"), body["title"]),
            scope=file.both((*key, "scope"), body["scope"]),
            holders=self._several((*key, "holders"), body["holders"], holders),
            per=file.word((*key, "per"), body["per"], tuple(PER)),
            spans=tuple(spans[n] for n in self._several((*key, "spans"), body["spans"], spans)),
            fields=tuple(self._field((*key, "fields", n), one) for n, one in enumerate(fields)),
        )  # fmt: skip

    def _field(self, key: Key, body: Mapping[str, Any]) -> FieldWanted:
        file = self._file
        file.only(key, body, ("name", "type", "unit", "what"), needed={"name", "type", "what"})
        return FieldWanted(
            file.string((*key, "name"), body["name"]),
            file.word((*key, "type"), body["type"], tuple(FIELD_TYPES)),
            file.string((*key, "unit"), body["unit"]) if "unit" in body else "",
            file.both((*key, "what"), body["what"]),
        )

    def _question(
        self, key: Key, body: Mapping[str, Any], holders: Iterable[str], records: Iterable[str]
    ) -> Question:
        file = self._file
        file.only(key, body, _QUESTION, needed=set(_QUESTION) - {"known"})
        known = file.tables((*key, "known"), body.get("known"))
        return self._values.built(
            key, Question,
            id=file.string((*key, "id"), body["id"]),
            text=file.both((*key, "text"), body["text"]),
            answer=file.both((*key, "answer"), body["answer"]),
            records=self._several((*key, "records"), body["records"], records),
            ask=self._several((*key, "ask"), body["ask"], holders),
            known=tuple(self._known((*key, "known", n), one) for n, one in enumerate(known)),
        )  # fmt: skip

    def _known(self, key: Key, body: Mapping[str, Any]) -> Known:
        file = self._file
        file.only(key, body, ("title", "find", "source"), needed={"title"})
        title = file.both((*key, "title"), body["title"])
        source = file.both((*key, "source"), body["source"]) if "source" in body else None
        side = self._side((*key, "find"), body["find"]) if "find" in body else None
        return self._values.built(key, Known, title=title, side=side, source=source)

    def _side(self, key: Key, raw: Any) -> Side:
        file = self._file
        chosen = read_selection(file, key, raw, self._windows, ("take", "of"))
        take = file.string((*key, "take"), raw.get("take", "value"))
        of = file.word((*key, "of"), raw.get("of", "each"), OF)
        return self._values.built(key, Side, selection=chosen, take=tuple(take.split("/")), of=of)

    def _several(self, key: Key, raw: Any, known: Iterable[str]) -> tuple[str, ...]:
        """Names of a list, each of them known."""
        names: Sequence[Any] = raw if isinstance(raw, list) else [raw]
        return tuple(dict.fromkeys(self._file.word(key, one, tuple(known)) for one in names))

    def _once(self, key: Key, name: str, seen: Iterable[str]) -> None:
        if name in seen:
            raise self._refuse(key, name)

    def _refuse(self, key: Key, name: str) -> CaseError:
        return self._file.refuse(
            key, Text(f"the id '{name}' stands there twice", f"编号“{name}”重复"),
            Text("Give this one another.", "请改用其他编号。"),
        )  # fmt: skip
