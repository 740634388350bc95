"""Moments from which a loss may be counted, and what each of them leans on.

    [[reference]]
    id = "modules-after"
    at = "2025-10-10T21:18:00Z"
    title = { en = "…", zh = "…" }
    leans_on = ["claim:exchange-modules-after-21-18"]

A reference is flagged when what it leans on is refuted: a claim whose verdict is
"contradicted", or a screen that found the evidence unsound. Nobody is kept from choosing it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...clock import parse_time
from ...errors import CaseError, Text, UsageError
from ...findings import read_findings

NAME = "references.toml"
CLAIM, FINDING = "claim:", "finding:"
VERDICT = "claim.verdict"
CONTRADICTED = "contradicted"
UNSOUND = ("strong", "impossible")
"""Strengths of a screen that refute what leans on its source being sound."""

ASKED, FIRST_FORCED, FIRST_BREACH = "asked", "first-forced", "first-breach"
OWN: Mapping[str, Text] = {
    ASKED: Text("chosen", "所选时刻"),
    FIRST_BREACH: Text(
        "the account's first breach of maintenance margin", "账户首次跌破维持保证金"
    ),
    FIRST_FORCED: Text("the account's first forced order", "账户的首个强平委托"),
}


@dataclass(frozen=True)
class Reference:
    """`at` in µs; `leans_on` "claim:ID" or "finding:NAME"."""

    id: str
    at: int
    title: Text
    leans_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lean:
    """What a reference leans on, and how that stands: the verdict of a claim, the strength of a
    screen, or "" where the case has neither."""

    what: str
    stands: str
    finding: str = ""

    @property
    def refuted(self) -> bool:
        """Whether the record speaks against it."""
        if self.what.startswith(CLAIM):
            return self.stands == CONTRADICTED
        return self.stands in UNSOUND


def read_references(folder: Path) -> tuple[Reference, ...]:
    """Those of a case, in order of time; none where the file is not there. Raises CaseError
    that names the entry at fault."""
    path = folder / NAME
    if not path.is_file():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(
            Text(f"this is not valid TOML: {error}", f"不是合法的 TOML：{error}"),
            where=str(path),
            remedy=Text("Mend that line, in UTF-8.", "请修正该行，并以 UTF-8 保存。"),
        ) from None
    entries = table.get("reference")
    if not isinstance(entries, list) or set(table) != {"reference"}:
        raise _wrong(
            path, 0, Text("only [[reference]] tables are expected", "只能包含 [[reference]] 表")
        )
    found = tuple(_reference(path, number, one) for number, one in enumerate(entries, 1))
    twice = {one.id for one in found if sum(o.id == one.id for o in found) > 1}
    if twice:
        raise _wrong(path, 0, Text(f"{min(twice)} stands there twice", f"{min(twice)} 出现两次"))
    return tuple(sorted(found, key=lambda one: (one.at, one.id)))


def _reference(path: Path, number: int, one: Any) -> Reference:
    wanted = {"id": str, "title": dict}
    for key, kind in wanted.items():
        if not isinstance(one, dict) or not isinstance(one.get(key), kind):
            raise _wrong(path, number, Text(f"'{key}' is missing", f"缺少 {key}"))
    if extra := set(one) - {"id", "at", "title", "leans_on"}:
        raise _wrong(path, number, Text(f"'{min(extra)}' is no key", f"没有 {min(extra)} 这个键"))
    title, leans = one["title"], one.get("leans_on", [])
    if not all(isinstance(title.get(lang), str) for lang in ("en", "zh")):
        raise _wrong(path, number, Text("the title needs en and zh", "title 须有 en 与 zh"))
    if not isinstance(leans, list) or not all(
        isinstance(x, str) and x.startswith((CLAIM, FINDING)) for x in leans
    ):
        raise _wrong(
            path, number,
            Text(
                "leans_on lists 'claim:ID' or 'finding:NAME'",
                "leans_on 须写 claim:… 或 finding:…",
            ),
        )  # fmt: skip
    return Reference(
        one["id"],
        _moment(path, number, one.get("at")),
        Text(title["en"], title["zh"]),
        tuple(leans),
    )


def _moment(path: Path, number: int, given: Any) -> int:
    """A TOML date-time with its offset, or the same as text."""
    if isinstance(given, datetime):
        given = given.astimezone(UTC).isoformat() if given.tzinfo else ""
    if isinstance(given, str) and (given.endswith("Z") or "+" in given[10:] or "-" in given[10:]):
        try:
            return parse_time(given)
        except UsageError:
            pass
    raise _wrong(
        path, number,
        Text("'at' needs a time with its zone", "at 须为带时区的时间"),
        Text("Write 2025-10-10T21:18:00Z or +08:00.", "请写 2025-10-10T21:18:00Z 或 +08:00。"),
    )  # fmt: skip


def _wrong(path: Path, number: int, what: Text, remedy: Text | None = None) -> CaseError:
    where = f"{path}: reference {number}" if number else str(path)
    return CaseError(
        what, where=where,
        remedy=remedy or Text("See docs/losses.md for an example.", "示例见 docs/losses.md。"),
    )  # fmt: skip


def leaning(references: Iterable[Reference], out: Path) -> Mapping[str, tuple[Lean, ...]]:
    """By the id of a reference, how what it leans on stands by the findings of the last run."""
    wanted = {what for one in references for what in one.leans_on}
    known = dict(_stand(out, wanted))
    return {
        one.id: tuple(Lean(what, *known.get(what, ("", ""))) for what in one.leans_on)
        for one in references
    }


def _stand(out: Path, wanted: set[str]) -> Iterable[tuple[str, tuple[str, str]]]:
    names = {what.removeprefix(FINDING) for what in wanted if what.startswith(FINDING)}
    if not wanted:
        return
    for path in sorted((out / "findings").glob("*.jsonl")):
        first = path.name.split(".")[0]
        if path.name.endswith(".problems.jsonl") or first not in ("claims", "screen", "screens"):
            continue
        for one in read_findings(path):
            if one.name == VERDICT and (what := CLAIM + one.subject["claim"]) in wanted:
                yield what, (str(one.value), one.id)
            elif one.name in names:
                yield FINDING + one.name, (str(one.params.get("strength", "")), one.id)
