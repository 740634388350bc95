"""The findings that tests name, read from where the stages keep them.

A run leaves tens of thousands of findings; the tests of a case name some hundreds. A line is
read only when its name is wanted. Invariant: a finding is taken as it stands only when its file
is, by its digest, the one that the stage wrote; else its id is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from pathlib import Path

from ..errors import IntegrityError, Text, UsageError
from ..findings import Finding
from ..vault.intake import digest

OWN = "claims.jsonl"
"""What this stage writes there itself."""
_NAMED = re.compile(r'\{"id": "[0-9a-f]{64}", "name": "([^"\\]+)"')


def files_of(out: Path) -> list[Path]:
    """The files of findings below `out`; raises UsageError when there are none."""
    found = [
        path
        for path in sorted((out / "findings").glob("*.jsonl"))
        if path.name != OWN and not path.name.endswith(".problems.jsonl")
    ]
    if not found:
        raise UsageError(
            Text("there are no findings yet", "尚无结论"), where=str(out),
            remedy=Text(
                "Run first: liquest investigate CASE", "请先运行：liquest investigate 案件"
            ),
        )  # fmt: skip
    return found


def stored(files: Iterable[Path], names: Iterable[str]) -> list[Finding]:
    """The findings with one of the names (patterns with * and ?), file by file in their order;
    raises IntegrityError that names the line of one that is not as it was written."""
    wanted = re.compile("|".join(sorted({translate(name) for name in names})) or r"(?!)")
    found: list[Finding] = []
    for path in files:
        found += _of(path, wanted)
    return found


def _of(path: Path, wanted: re.Pattern[str]) -> Iterator[Finding]:
    unchanged = _as_written(path)
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            named = _NAMED.match(line)
            if named is not None and not wanted.match(named[1]):
                continue
            where = f"{path}:{number}"
            try:
                one = Finding.of(json.loads(line), where, checked=unchanged)
            except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
                raise IntegrityError(
                    Text("a stored finding is not as it was written", "已存结论与写入时不符"),
                    expected="a finding", got=f"{type(error).__name__} {error}", where=where,
                    remedy=Text(
                        "Delete that file and run the investigation again.",
                        "请删除该文件后重新运行调查。",
                    ),
                ) from None  # fmt: skip
            if wanted.match(one.name):
                yield one


def _as_written(path: Path) -> bool:
    """Whether the mark beside the file bears its digest."""
    mark = path.with_suffix(".key")
    known = mark.read_text(encoding="utf-8").split() if mark.exists() else []
    return len(known) == 3 and known[1] == digest(path)
