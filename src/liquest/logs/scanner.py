"""The kernels, set up for one kind of log: bytes in, rows out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .automaton import Automaton, automaton
from .layout import Layout
from .line import WIDTH
from .readers import json_lines, key_values, layouts
from .readers import words as reader_words
from .spec import LogSpec
from .vocabulary import Vocabulary, vocabulary

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
_MOST_ODD = 100_000
_PIECE = 1024


class Scanned(NamedTuple):
    """`rows` (WIDTH, n) of events, a column of line.py a row of the array; `odd` (line, why) of
    the first lines that are none, and how many there are; `ends` are the line ends."""

    rows: Ints
    odd: Ints
    strange: int
    ends: Ints


@dataclass(frozen=True)
class Scanner:
    """What a block is read with. `forms` belong to layout_kernel."""

    words: Vocabulary
    layouts: tuple[Layout, ...]
    phrases: Automaton
    forms: Any
    unit: int

    def format_of(self, form: int) -> str:
        """The format that a form of line belongs to."""
        if form < len(self.layouts):
            return self.layouts[form].format
        return json_lines.FORMAT if form == len(self.layouts) else key_values.FORMAT

    def scan(
        self, data: Bytes, *, owned: int | None = None, skip_first: bool = False, year: int = 0
    ) -> Scanned:
        """The events of a block of whole lines, of which the first `owned` are its own."""
        from .hits_kernel import hits
        from .scan_kernel import scan

        ends = np.flatnonzero(data == 10)
        if len(data) and data[-1] != 10:
            ends = np.append(ends, len(data))
        mine = len(ends) if owned is None else owned
        places, states = hits(data, ends, self.phrases)
        rows = np.empty((mine + 1, WIDTH), dtype=np.int64)
        odd = np.empty((min(len(ends), _MOST_ODD), 2), dtype=np.int64)
        traceback = self.words.bit("mark.traceback")
        count, strange = scan(
            data, ends, mine, skip_first, year, self.unit, self.forms, self.phrases, places,
            states, traceback, rows, odd,
        )  # fmt: skip
        return Scanned(_turned(rows[:count]), odd[: min(strange, len(odd))], strange, ends)


def _turned(rows: Ints) -> Ints:
    """Rows as columns, piece by piece, so that a piece stays in the cache."""
    turned = np.empty((rows.shape[1], len(rows)), dtype=np.int64)
    for at in range(0, len(rows), _PIECE):
        turned[:, at : at + _PIECE] = rows[at : at + _PIECE].T
    return turned


@lru_cache(maxsize=64)
def _scanner(
    patterns: tuple[Layout, ...], words: tuple[tuple[str, str], ...], unit: int
) -> Scanner:
    from .layout_kernel import forms

    vocabulary_ = vocabulary((*reader_words(), *words))
    tried = (*patterns, *layouts())
    return Scanner(vocabulary_, tried, automaton(vocabulary_), forms(tried), unit)


def scanner(spec: LogSpec) -> Scanner:
    """The scanner for files of this description."""
    return _scanner(spec.layouts, spec.words, spec.latency)
