"""The careful way through a damaged text file: every line is kept or named.

Used only where the fast way could not account for every line of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

from ..errors import Text
from ..problems import ASIDE, Problem
from ..vault.credentials import excerpt
from .reading import Reading

_LONGEST = 1 << 16
_SHOWN = 20
"""Characters of a line; the copy of a longer one, quoted and in UTF-8, might not be read back."""


def sound_rows(plain: Path, into: Path, reading: Reading) -> list[Problem]:
    """Write the well-formed rows to `into` as comma CSV, line number first.

    A row is well-formed when it has as many cells as the header. Consecutive lines with
    the same fault become one problem.
    """
    width = len(reading.columns)
    faults: list[Problem] = []
    with (
        plain.open(encoding="utf-8", errors="replace", newline="\n") as text,
        into.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        header = reading.header
        for line_no, cells, fault in _rows(text, reading.delimiter, width):
            if header and not (fault and fault[0] == "blank-line"):
                header = False
            elif fault is None:
                writer.writerow([line_no, *cells])
            else:
                _add(faults, line_no, fault, reading.delimiter.join(cells))
    return faults


def _rows(
    text: IO[str], delimiter: str, width: int
) -> Iterator[tuple[int, list[str], tuple[str, Text] | None]]:
    """(line number, cells, fault) of every line. A quote never swallows the next line."""
    for line_no, line in enumerate(_lines(text), start=1):
        if not line.strip():
            yield line_no, [], ("blank-line", Text("blank line", "空行"))
            continue
        if len(line) > _LONGEST or "\x00" in line:
            yield line_no, [excerpt(line)], (
                "garbage", Text("not text of this file's format", "不是该格式的文本"),
            )  # fmt: skip
            continue
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
        except (csv.Error, StopIteration):
            cells = []
        # Empty cells beyond the last column are no fault, here as on the fast way.
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            fault = Text(
                f"has {len(cells)} cells where {width} are expected",
                f"该行有 {len(cells)} 列，应为 {width} 列",
            )
            yield line_no, [excerpt(line)], ("cells", fault)
            continue
        yield line_no, cells, None


def _lines(text: IO[str]) -> Iterator[str]:
    """The lines without their ends; of one that is too long, no more than shows that it is."""
    while line := text.readline(_LONGEST + 1):
        rest = line
        while rest and not rest.endswith("\n"):
            rest = text.readline(_LONGEST)
        yield line.rstrip("\n")


def _add(faults: list[Problem], line_no: int, fault: tuple[str, Text], sample: str) -> None:
    """Append, or lengthen the last problem when it is the same fault on the line before."""
    code, text = fault
    last = faults[-1] if faults else None
    if last is not None and last.code == code and last.text == text and last.last == line_no - 1:
        faults[-1] = Problem(
            code, ASIDE, text, first=last.first, last=line_no,
            count=last.count + 1, sample=last.sample,
        )  # fmt: skip
    else:
        faults.append(Problem(code, ASIDE, text, first=line_no, last=line_no, sample=sample[:200]))


def with_samples(problems: list[Problem], plain: Path) -> list[Problem]:
    """The first rows set aside shown as they stand in the text, where there is one."""
    wanted = [
        p.first for p in problems if p.effect == ASIDE and p.first is not None and not p.sample
    ]
    if not wanted or not plain.exists():
        return problems
    rows = sorted(wanted)[:_SHOWN]
    lines: dict[int, str] = {}
    with plain.open(encoding="utf-8", errors="replace", newline="\n") as text:
        for number, line in enumerate(islice(text, rows[-1]), start=1):
            if number in rows:
                lines[number] = "".join(c for c in excerpt(line) if c.isprintable())
    return [replace(p, sample=lines[p.first]) if p.first in lines else p for p in problems]
