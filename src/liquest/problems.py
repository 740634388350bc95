"""Bad rows are data: what a stage could not use, kept with source, rows and reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import Text
from .run.disk import whole

ASIDE = "aside"
"""The rows are not in the tape."""
KEPT = "kept"
"""The rows are in the tape, and this is to be known about them."""
ABSENT = "absent"
"""Something that should be there is not: no rows, a missing day, a hole in ids."""
UNREAD = "unread"
"""A source, or the rest of it, could not be read."""


@dataclass(frozen=True)
class Problem:
    """`count` rows between `first` and `last` of `source` share one fault.

    `source` is the SHA-256 of the file (empty when it could not be read at all),
    `path` how the case names it, `sample` the first offending text, cut to 200 characters.
    """

    code: str
    effect: str
    text: Text
    path: str = ""
    source: str = ""
    first: int | None = None
    last: int | None = None
    count: int = 1
    sample: str = ""

    def json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "effect": self.effect,
            "text": list(self.text),
            "path": self.path,
            "source": self.source,
            "rows": None if self.first is None else [self.first, self.last],
            "count": self.count,
            "sample": self.sample,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> Problem:
        first, last = data["rows"] or (None, None)
        return cls(
            data["code"], data["effect"], Text(*data["text"]), data["path"], data["source"],
            first, last, data["count"], data["sample"],
        )  # fmt: skip


def write_problems(path: Path, problems: Iterable[Problem]) -> None:
    """One JSON object a line."""
    with whole(path) as out:
        for problem in problems:
            out.write(json.dumps(problem.json(), ensure_ascii=False) + "\n")


def read_problems(path: Path) -> Iterator[Problem]:
    """The problems of a file that `write_problems` made; none when it is not there."""
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Problem.of(json.loads(line))
