"""The findings register: the entries behind the links, as compact JSON for the page's script.

Sources, methods, subjects, windows, parameters and inputs are written once and referred to
by number. Embedded are the findings that the page shows, in the order in which it shows
them, then lows and highs of the main coins, until the limits; how many are left is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..findings import Finding
from .facts import Fact

MOST = 8000
BYTES = 2_100_000
"""Limits of the register: entries, and characters of their JSON."""
_TIGHT = (",", ":")
INPUTS = 40
"""Inputs that one entry lists; the command prints them all."""


class Numbered:
    """Things written once, referred to by their number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._places: dict[str, int] = {}
        self.size = 0

    def of(self, item: Any) -> int:
        """The number of the item, which must be JSON."""
        plain = type(item) is str
        key = f'"{item}"' if plain else json.dumps(item, ensure_ascii=False, separators=_TIGHT)
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(item)
            self.size += len(key.encode()) + 1
        return self._places[key]


class Register:
    """Collects findings until the limits are reached; `room` is that for its JSON."""

    def __init__(
        self,
        sources: Sequence[Mapping[str, Any]],
        methods: Mapping[str, Mapping[str, Any]],
        room: int = BYTES,
    ) -> None:
        self._room = min(room, BYTES)
        self._known = {s["sha256"]: s for s in sources if s["sha256"]}
        self._methods = methods
        self._parts = {
            name: Numbered()
            for name in (
                "sources",
                "methods",
                "subjects",
                "windows",
                "params",
                "inputs",
                "words",
                "values",
            )
        }
        self._rows: dict[str, list[Any]] = {}
        self._size = 0

    @property
    def shown(self) -> int:
        """Findings embedded so far."""
        return len(self._rows)

    def add(self, facts: Iterable[Fact]) -> None:
        """Embed each fact once, as far as there is room."""
        for fact in facts:
            if len(self._rows) >= MOST or self.bytes > self._room:
                return
            if fact.id not in self._rows:
                row = self._row(fact.finding, fact.id)
                self._rows[fact.id] = row
                self._size += len(json.dumps(row, ensure_ascii=False).encode())

    @property
    def bytes(self) -> int:
        """About how much JSON that is."""
        return self._size + sum(part.size for part in self._parts.values())

    def json(self) -> dict[str, Any]:
        """For the page's script; register.js reads it."""
        return {
            **{name: part.items for name, part in self._parts.items()},
            "rows": list(self._rows.values()),
        }

    def _row(self, finding: Finding, id_: str) -> list[Any]:
        number = self._parts
        body = finding.body()
        window = finding.window
        return [
            id_,
            number["words"].of(finding.name),
            number["subjects"].of(self._pairs(body["subject"])),
            None if finding.value is None else str(body["value"]),
            number["words"].of(finding.unit),
            number["methods"].of(self._method(finding.method)),
            finding.at,
            -1 if window is None else number["windows"].of([window.name, window.start, window.end]),
            number["params"].of(self._pairs(body["params"])),
            number["inputs"].of(self._inputs(finding)),
            finding.count,
            list(finding.caveats),
        ]

    def _pairs(self, given: Mapping[str, Any]) -> list[int]:
        """[key, value, key, value, …]: keys by their number among the words, values among the
        values, for the same few of them stand in thousands of findings."""
        number = self._parts
        return [
            n for k, v in given.items() for n in (number["words"].of(k), number["values"].of(v))
        ]

    def _method(self, id_: str) -> Mapping[str, Any]:
        return self._methods.get(id_, {"id": id_})

    def _inputs(self, finding: Finding) -> list[Any]:
        """[[source, first, last, role], …] with the rows that hold the value first, and how
        many there are in all."""
        order = sorted(finding.inputs, key=lambda i: i.role == "scanned")
        listed = [
            [self._source(i.source), i.first, i.last, self._parts["words"].of(i.role)]
            for i in order[:INPUTS]
        ]
        return [len(finding.inputs), listed]

    def _source(self, sha256: str) -> int:
        source = self._known.get(sha256)
        if source is None:
            return self._parts["sources"].of([sha256])
        origin = source.get("origin") or {}
        files = [[f["name"], f["sha256"]] for f in origin.get("files", ())]
        item = [sha256, source["name"], source["size"], source["format"]]
        return self._parts["sources"].of([*item, files[:INPUTS]] if files else item)
