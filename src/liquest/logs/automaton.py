"""All phrases at once: an Aho–Corasick automaton as dense tables.

Aho and Corasick, "Efficient string matching", CACM 18 (1975). One table look-up a byte,
however many phrases there are. Bytes that no phrase tells apart share a column, so that the
table stays in the cache; capital letters share that of the small ones.
"""

from __future__ import annotations

from collections import deque
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .vocabulary import Phrase, Vocabulary

Ints = npt.NDArray[np.int64]
LENGTH, ROLE, TARGET, RULES, TEXT_AT = range(5)
BEFORE, AFTER, EXACT = 1, 2, 4
"""Rules, as bits: the edge of a word before the phrase, after it; its own case."""


class Automaton(NamedTuple):
    """`delta[(state << shift) + classes[byte]]` is the next state. From state `quiet` on a
    phrase ends in each: `emits[first[state - quiet]:first[state - quiet + 1]]`, numbers of
    `phrases`, whose columns are LENGTH, ROLE, TARGET, RULES and TEXT_AT, a place in `text`."""

    shift: int
    quiet: int
    classes: npt.NDArray[np.uint8]
    delta: npt.NDArray[np.int16]
    first: npt.NDArray[np.int32]
    emits: npt.NDArray[np.int32]
    phrases: Ints
    text: npt.NDArray[np.uint8]


def automaton(words: Vocabulary) -> Automaton:
    """The tables of a vocabulary."""
    phrases = words.phrases
    classes = _classes(phrases)
    children: list[dict[int, int]] = [{}]
    ends: list[list[int]] = [[]]
    for number, one in enumerate(phrases):
        state = 0
        for byte in one.text.lower():
            key = int(classes[byte])
            if key not in children[state]:
                children[state][key] = len(children)
                children.append({})
                ends.append([])
            state = children[state][key]
        ends[state].append(number)
    delta = np.zeros((len(children), int(classes.max()) + 1), dtype=np.int16)
    fall = [0] * len(children)
    waiting: deque[int] = deque([0])
    while waiting:
        state = waiting.popleft()
        if state:
            delta[state] = delta[fall[state]]
            ends[state] = ends[state] + ends[fall[state]]
        for key, child in children[state].items():
            fall[child] = int(delta[state, key]) if state else 0
            delta[state, key] = child
            waiting.append(child)
    # States are numbered anew, so that one comparison tells whether a phrase ends.
    order = sorted(range(len(ends)), key=lambda s: bool(ends[s]))
    renamed = np.empty(len(order), dtype=np.int16)
    renamed[order] = np.arange(len(order))
    shift = int(classes.max()).bit_length()
    table = np.zeros((len(order), 1 << shift), dtype=np.int16)
    table[:, : delta.shape[1]] = renamed[delta[order]]
    loud = [ends[s] for s in order if ends[s]]
    starts = accumulate((len(p.text) for p in phrases), initial=0)
    return Automaton(
        shift,
        len(order) - len(loud),
        classes,
        table.ravel(),
        np.cumsum([0, *(len(e) for e in loud)], dtype=np.int32),
        np.array([n for e in loud for n in e], dtype=np.int32),
        np.array(
            [
                (len(p.text), p.role, p.target, _rules(p), at)
                for p, at in zip(phrases, starts, strict=False)
            ],
            dtype=np.int64,
        ),
        np.frombuffer(b"".join(p.text for p in phrases), dtype=np.uint8).copy(),
    )


def _classes(phrases: tuple[Phrase, ...]) -> npt.NDArray[np.uint8]:
    """A column for every byte that stands in a phrase, 0 for all others."""
    used = sorted({byte for p in phrases for byte in p.text.lower()})
    classes = np.zeros(256, dtype=np.uint8)
    for column, byte in enumerate(used, start=1):
        classes[byte] = column
        if 97 <= byte <= 122:
            classes[byte - 32] = column
    return classes


def _rules(one: Phrase) -> int:
    return one.left * BEFORE + one.right * AFTER + one.exact * EXACT
