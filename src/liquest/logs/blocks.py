"""A source as blocks of whole lines: what the workers share.

Plain UTF-8 text is read where it lies; everything else (archives, other encodings, documents)
is written out once as lines. A block has at most BYTES bytes and LINES lines and knows the
number of its first line, so that any worker can read any block.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import OutputError, Text
from ..problems import Problem
from ..tape.unpack import DISK_RESERVE, container, encoding, peek, unpack
from ..vault.intake import Source
from .line import LONGEST_LINE
from .recognise import Reading

BYTES = 1 << 23
LINES = 150_000
BEYOND = 1 << 18
"""Bytes beyond the end of a block in which the rest of its last message is looked for."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Block:
    """Bytes `start` to `end` of `path`: whole lines, the first of which has the number `row`
    (from 1). `rows`, where there is one, is a file with the row number of every line."""

    path: Path
    start: int
    end: int
    row: int
    lines: int
    rows: Path | None = None

    def read(self) -> npt.NDArray[np.uint8]:
        """Its bytes, and BEYOND more where the file has them."""
        size = self.end - self.start + BEYOND
        return np.fromfile(self.path, dtype=np.uint8, count=size, offset=self.start)

    def row_numbers(self, lines: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Row numbers of lines of the block, counted from 0."""
        if self.rows is None:
            return lines + self.row
        numbers = np.load(self.rows, mmap_mode="r")[self.row - 1 :]
        return np.asarray(numbers[lines])


@dataclass
class Prepared:
    """The blocks of a source in order, `size` its bytes of text."""

    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0
    lines: int = 0


def prepare(source: Source, reading: Reading, scratch: Path) -> Prepared:
    """The source as blocks; raises UnreadableFile for what cannot be unpacked or parsed."""
    done = Prepared()
    plain, first = source.path, 0
    rows: Path | None = None
    head = peek(source.path)
    if container(plain) != "text" or encoding(head) not in ("utf-8", "latin-1") or reading.document:
        scratch.mkdir(parents=True, exist_ok=True)
        unpacked = unpack(source.path, scratch / "plain", name=source.name)
        done.problems += unpacked.problems
        plain = unpacked.path
    elif head.startswith(_BOM):
        first = len(_BOM)
    if reading.document is not None:
        plain, rows = _written(reading, plain, scratch)
    done.size = plain.stat().st_size
    for block in _blocks(plain, first, rows):
        done.blocks.append(block)
        done.lines += block.lines
    return done


def _written(reading: Reading, plain: Path, scratch: Path) -> tuple[Path, Path]:
    """The records of a document as lines, and their numbers."""
    if reading.document is None:
        raise TypeError("no document")
    lines, rows = scratch / "lines", scratch / "rows.npy"
    numbers: list[int] = []
    with lines.open("wb") as out:
        for number, record in reading.document.records(plain):
            numbers.append(number)
            out.write(record.replace(b"\n", b" ")[:LONGEST_LINE] + b"\n")
            if not len(numbers) % 10_000 and shutil.disk_usage(scratch).free < DISK_RESERVE:
                raise OutputError(
                    Text("the disk is full", "磁盘空间不足"), where=str(scratch),
                    remedy=Text(
                        "Free some space or choose another folder with --out.",
                        "请清理空间，或用 --out 选择其他文件夹。",
                    ),
                )  # fmt: skip
    np.save(rows, np.array(numbers, dtype=np.int64))
    return lines, rows


def _blocks(path: Path, first: int, rows: Path | None) -> Iterator[Block]:
    """The blocks of a plain file, from byte `first` on."""
    at, row = first, 1
    with path.open("rb") as stream:
        while True:
            stream.seek(at)
            data = stream.read(BYTES)
            # A line longer than a block goes on to the next line end there is.
            while data and not (cut := data.rfind(b"\n") + 1):
                more = stream.read(BYTES)
                if not more:
                    yield Block(path, at, at + len(data), row, 1, rows)
                    return
                data += more
            if not data:
                return
            for start, stop, lines in _cut(data, cut):
                yield Block(path, at + start, at + stop, row, lines, rows)
                row += lines
            at += cut


def _cut(data: bytes, end: int) -> Iterator[tuple[int, int, int]]:
    """(start, stop, lines) of pieces of whole lines of `data` up to `end`, none with more than
    LINES."""
    lines = data.count(b"\n", 0, end)
    if lines <= LINES:
        yield 0, end, lines
        return
    array = np.frombuffer(data, dtype=np.uint8, count=end)
    ends = np.flatnonzero(array == 10)
    start = 0
    for batch in range(0, lines, LINES):
        mine = ends[batch : batch + LINES]
        stop = int(mine[-1]) + 1
        yield start, stop, len(mine)
        start = stop
