"""The words and keys of log lines, and which bit or field each of them stands for.

vocabulary.toml holds them, readers add what their programs write, a case adds words of its
own, and the dated wordings of error codes are phrases too. Invariant: at most 62 meanings,
one bit of a 64-bit mask each.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import codes
from .schema import ACTIONS, CLASSES, KINDS, MARKETS

WORD, KEY, LOOSE, WORDING, SYMBOL, GENERAL = range(6)
"""Roles of a phrase: it means something by itself; a value follows it after : or =; a number
follows it, perhaps after a space only; it is the dated text of an error code; it ends the
name of an instrument; it is such a text that speaks of orders in general, so that no word in
it says what this order was."""
_QUOTES = ("USDT", "USDC", "BUSD", "FDUSD", "USD_PERP", "-SWAP", "/USD", "/BTC", "-USD")

FIELDS = (
    "time", "level", "client", "interface", "status", "code", "symbol", "side", "position_side",
    "price", "average", "quantity", "order_id", "client_id", "reduce_only", "close_position",
    "latency_us", "latency_ms", "latency_s", "latency", "exchange_time",
)  # fmt: skip
_VALUES = {
    "outcome": KINDS[1:], "class": CLASSES[1:], "action": ACTIONS[1:], "venue": None,
    "market": MARKETS[1:], "side": ("buy", "sell", "long", "short"),
    "method": ("get", "post", "put", "delete"), "mark": ("traceback", "websocket-closed"),
}  # fmt: skip
_FIRST = ("outcome", "class", "action", "market", "side", "method", "mark", "venue")
_SHORT = 1
"""A key of one letter counts only in quotes: "t": is a key, t: is not."""
_IN_QUOTES = ('"{}"', "'{}'", '\\"{}\\"')


@dataclass(frozen=True)
class Phrase:
    """`text` as it is looked for: in lower case unless `exact`. `left` and `right` ask for the
    edge of a word there; `target` is a bit, field or wording."""

    text: bytes
    role: int
    target: int
    left: bool = False
    right: bool = False
    exact: bool = False

    def __post_init__(self) -> None:
        if not self.text or (not self.exact and self.text != self.text.lower()):
            raise ValueError(f"no phrase to look for: {self.text!r}")


@dataclass(frozen=True)
class Vocabulary:
    """`meanings` are "section.value" in the order of their bits."""

    meanings: tuple[str, ...]
    phrases: tuple[Phrase, ...]

    def __post_init__(self) -> None:
        if len(self.meanings) > 62 or len(set(self.meanings)) != len(self.meanings):
            raise ValueError(f"{len(self.meanings)} meanings do not fit into a mask")

    def bit(self, meaning: str) -> int:
        """The mask of one meaning; raises ValueError for one that there is not."""
        return 1 << self.meanings.index(meaning)

    def of(self, section: str) -> dict[str, int]:
        """value → mask of a section."""
        return {
            m.partition(".")[2]: 1 << at
            for at, m in enumerate(self.meanings)
            if m.startswith(f"{section}.")
        }


def phrase(written: str, role: int, target: int, *, exact: bool = False) -> Phrase:
    """A phrase as vocabulary.toml writes it, with * where it may go on."""
    open_left, open_right = written.startswith("*"), written.endswith("*")
    text = written.strip("*").encode()
    text = text if exact else text.lower()
    return Phrase(
        text, role, target,
        left=_wordy(text[:1]) and not open_left,
        right=_wordy(text[-1:]) and not open_right,
        exact=exact,
    )  # fmt: skip


def _wordy(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"


@cache
def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    path = Path(__file__).with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def meanings() -> tuple[str, ...]:
    """Every meaning, "section.value", venues last."""
    found = []
    for section in _FIRST:
        values = _VALUES[section]
        found += [f"{section}.{v}" for v in (_tables()[section] if values is None else values)]
    return tuple(found)


def vocabulary(more: Iterable[tuple[str, str]] = ()) -> Vocabulary:
    """What is looked for; `more` are (meaning, phrase) of readers and of the case.

    Raises ValueError for a meaning that there is not.
    """
    names = meanings()
    made = []
    for section in _FIRST:
        for value, words in _tables().get(section, {}).items():
            bit = names.index(f"{section}.{value}")
            made += [
                phrase(w, WORD, bit, exact=section == "method") for s in words for w in _versions(s)
            ]
    for role, section in ((KEY, "key"), (LOOSE, "loose")):
        for field, words in _tables()[section].items():
            made += [phrase(w, role, FIELDS.index(field)) for s in words for w in _quoted(s, role)]
    made += [phrase(w, WORD, names.index(m)) for m, words in more for w in _versions(words)]
    made += [
        phrase(w.text, GENERAL if w.general else WORDING, at)
        for at, w in enumerate(codes.wordings())
    ]
    made += [Phrase(q.encode(), SYMBOL, 0, exact=True) for q in _QUOTES]
    return Vocabulary(names, tuple(dict.fromkeys(made)))


def _quoted(key: str, role: int) -> list[str]:
    return [q.format(key) for q in _IN_QUOTES] if role == KEY and len(key) <= _SHORT else [key]


def _versions(written: str) -> list[str]:
    """An address with v* as one phrase for each version of an interface."""
    if "/v*/" not in written:
        return [written]
    return [written.replace("/v*/", f"/v{n}/") for n in (1, 2, 3)]
