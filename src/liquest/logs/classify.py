"""What scanned lines mean: kind, action and class of every row, by fixed rules in this order.

class   the code's own; else that of the dated wording; else that of the words, for the
        statuses that may mean either; else that of the HTTP status; else that of the words,
        where the line is no mere information.
kind    unanswered: the client gave up, or the connection broke, and no code or status came;
        refused: there is a class, or the line says so; then filled, accepted, sent, note.
        What was never answered, and has no class, is of unknown execution.
action  login, transfer, cancel, reduce-only, close, open, order; a GET is a query. In hedge
        mode side and position tell open from close; without them `order` does not. A line that
        names symbol, side and what became of it is about an order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import codes, line
from .line import NONE
from .schema import (
    ACCEPTED,
    ACTIONS,
    CANCEL,
    CLASSES,
    CLOSE,
    FILLED,
    KINDS,
    LOGIN,
    MARKETS,
    NETWORK,
    OPEN,
    ORDER,
    OTHER,
    QUERY,
    REDUCE,
    REFUSED,
    SENT,
    TRANSFER,
    UNANSWERED,
    UNKNOWN_EXECUTION,
    VALIDATION,
)
from .vocabulary import Vocabulary

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
WARNING = 4
_EITHER = (500, 502, 503, 504)
"""Statuses that come with overload and with unknown execution alike: the text decides."""


class Classes(NamedTuple):
    """One value a row: numbers into KINDS, ACTIONS, CLASSES, MARKETS, SIDES, and into the
    venues of the vocabulary plus one; 0 for none. `code` is NONE where there is none."""

    kind: Ints
    action: Ints
    cls: Ints
    market: Ints
    side: Ints
    venue: Ints
    code: Ints


def classify(rows: Ints, words: Vocabulary) -> Classes:
    """The meaning of rows as `scan` fills them, turned: shape (line.WIDTH, n) → n values each."""
    said = _Said(rows[line.MASK], words)
    code = _code(rows, said)
    told, cls = _class(rows, said, code)
    action = _action(rows, said, cls)
    kind = _kind(rows, said, code, told, cls, action)
    # Nobody can tell whether an order without an answer was executed.
    unknown = (kind == KINDS.index(UNANSWERED)) & (cls == 0)
    cls = np.where(unknown, CLASSES.index(UNKNOWN_EXECUTION), cls)
    return Classes(
        kind, action, cls, _market(said), _side(rows, said), said.only("venue"), code
    )  # fmt: skip


class _Said:
    """Which meanings the lines hold."""

    def __init__(self, mask: Ints, words: Vocabulary) -> None:
        self.mask, self.words = mask, words

    def has(self, meaning: str) -> Flags:
        found: Flags = self.mask & self.words.bit(meaning) != 0
        return found

    def only(self, section: str) -> Ints:
        """1 + the place of the one value of a section that a line holds; 0 for none or many."""
        found = np.zeros(len(self.mask), dtype=np.int64)
        count = np.zeros(len(self.mask), dtype=np.int64)
        for number, bit in enumerate(self.words.of(section).values(), start=1):
            here = self.mask & bit != 0
            found[here] = number
            count += here
        found[count != 1] = 0
        return found

    def first(self, section: str) -> Ints:
        """1 + the place of the first value of a section that a line holds; 0 for none."""
        found = np.zeros(len(self.mask), dtype=np.int64)
        for number, bit in reversed(list(enumerate(self.words.of(section).values(), start=1))):
            found[self.mask & bit != 0] = number
        return found


def _known() -> tuple[Ints, Ints]:
    """(codes in rising order, their classes); close codes of connections left out."""
    found = {c.code: CLASSES.index(c.cls) for c in codes.known().values()
             if c.venue != codes.WEBSOCKET}  # fmt: skip
    return np.array(sorted(found)), np.array([found[c] for c in sorted(found)])


def _looked_up(values: Ints) -> Ints:
    """The classes of codes, 0 for a code that is not in the table."""
    known, classes = _known()
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    found: Ints = np.where(known[at] == values, classes[at], 0)
    return found


def _code(rows: Ints, said: _Said) -> Ints:
    """The code of each line as the venue writes it; NONE where there is none to speak of."""
    code: Ints = rows[line.CODE].copy()
    lost_sign = (code > 0) & (_looked_up(code) == 0) & (_looked_up(-code) != 0)
    code[lost_sign] = -code[lost_sign]
    doubtful = (rows[line.LOOSE_CODE] == 1) & (_looked_up(code) == 0)
    # 1008 of a connection that was closed is no order error.
    closed = said.has("mark.websocket-closed") & (np.abs(code) >= 1000) & (np.abs(code) < 5000)
    code[doubtful | closed] = NONE
    wording = rows[line.WORDING]
    by_text = np.array([w.code for w in codes.wordings()])
    named = (code == NONE) & (wording != NONE)
    code[named] = by_text[wording[named]]
    return code


def _class(rows: Ints, said: _Said, code: Ints) -> tuple[Flags, Ints]:
    """(whether code, wording or status tells it, the class) of each line."""
    status, level = rows[line.STATUS], rows[line.LEVEL]
    words = said.first("class")
    by_code = np.where(code != NONE, _looked_up(code), 0)
    other = CLASSES.index(OTHER)
    failing = (code != NONE) & (code != 0)
    by_code = np.where(failing & (by_code == 0), np.where(words != 0, words, other), by_code)
    by_status = np.zeros(rows.shape[1], dtype=np.int64)
    bad = status >= 400
    by_status[bad] = other
    by_status[status >= 500] = CLASSES.index(UNKNOWN_EXECUTION)
    for number, (cls, _) in codes.statuses().items():
        by_status[status == number] = CLASSES.index(cls)
    texts = bad & np.isin(status, _EITHER) & (words != 0)
    by_status = np.where(texts, words, by_status)
    serious = (level >= WARNING) | (level <= 0) | said.has("outcome.refused")
    by_words = np.where(serious, words, 0)
    told = (by_code != 0) | (by_status != 0)
    return told, np.where(by_code != 0, by_code, np.where(by_status != 0, by_status, by_words))


def _action(rows: Ints, said: _Said, cls: Ints) -> Ints:
    side, position = rows[line.SIDE], rows[line.POSITION]
    hedged = ((position == 1) | (position == 2)) & ((side == 1) | (side == 2))
    opens = hedged & (side == position)
    order, deleted = said.has("action.order"), said.has("method.delete")
    writes = said.has("method.post") | said.has("method.put") | deleted
    spoken = np.zeros(rows.shape[1], dtype=bool)
    for bit in said.words.of("outcome").values():
        spoken |= said.mask & bit != 0
    judged = (cls == CLASSES.index(VALIDATION)) | (
        (rows[line.SYMBOL_AT] != NONE) & (_side(rows, said) > 0) & (spoken | (cls != 0))
    )
    action = np.select(
        [
            said.has("method.get") & ~writes,
            said.has("action.login"),
            said.has("action.transfer"),
            said.has("action.cancel") | (deleted & order),
            (rows[line.REDUCE] == 1) | said.has("action.reduce-only"),
            (rows[line.CLOSE] == 1) | said.has("action.close") | (hedged & ~opens),
            said.has("action.open") | opens,
            order,
            said.has("action.query"),
            judged,
        ],
        [
            ACTIONS.index(a)
            for a in (QUERY, LOGIN, TRANSFER, CANCEL, REDUCE, CLOSE, OPEN, ORDER, QUERY, ORDER)
        ],
        0,
    )
    return action.astype(np.int64)


def _kind(rows: Ints, said: _Said, code: Ints, told: Flags, cls: Ints, action: Ints) -> Ints:
    status, state = rows[line.STATUS], rows[line.STATE]
    acts = (action != 0) & (action != ACTIONS.index(QUERY))
    network = cls == CLASSES.index(NETWORK)
    fine = (status >= 200) & (status < 300)
    writes = said.has("method.post") | said.has("method.put") | said.has("method.delete")
    kind = np.select(
        [
            (said.has("outcome.unanswered") | network) & ~told & ~fine,
            (cls != 0) | said.has("outcome.refused") | (state == line.REJECTED),
            said.has("outcome.filled") | (state == line.FILLED) | (state == line.PARTLY),
            said.has("outcome.accepted") | (state > 0) | (acts & fine) | (acts & (code == 0)),
            said.has("outcome.sent") | (acts & writes & (status == NONE)),
        ],
        [KINDS.index(k) for k in (UNANSWERED, REFUSED, FILLED, ACCEPTED, SENT)],
        0,
    )
    return kind.astype(np.int64)


def _side(rows: Ints, said: _Said) -> Ints:
    """1 buy, 2 sell: by the key, else by the only one of the two words."""
    given = rows[line.SIDE]
    buy, sell = said.has("side.buy"), said.has("side.sell")
    by_word = np.where(buy & ~sell, 1, np.where(sell & ~buy, 2, 0))
    return np.where(given > 0, given, by_word).astype(np.int64)


def _market(said: _Said) -> Ints:
    """A number into MARKETS; the address of an interface speaks before other words."""
    found = said.first("market")
    linear = said.has(f"market.{MARKETS[2]}")
    inverse = said.has(f"market.{MARKETS[3]}")
    return np.where(linear & ~inverse, 2, np.where(inverse & ~linear, 3, found)).astype(np.int64)
