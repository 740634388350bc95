"""A test names findings by name, subject, window and parameters; a `Pool` finds them.

    { name = "low", subject = { venue = "binance", instrument = "ATOMUSDT" }, window = "crash",
      params = { resolution = "60s", rules = { "mark.window" = "30 s*" } }, min_count = 20 }

Names and values may hold * and ? (`mark.*`). A key of subject or params that a finding does not
have does not fit, unless the pattern is "" (then it must be absent or empty). Invariant: what is
selected keeps the order of the pool, and the same pool gives the same selection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from ..errors import Text
from ..findings import Finding, plain
from .toml_file import Key, TomlFile

KEYS = ("name", "subject", "window", "params", "min_count")


@dataclass(frozen=True)
class Selection:
    """Which findings: `name` and all patterns of `subject` and `params` fit, `window` is that
    name ("" for any), and at least `min_count` rows or things stand behind each."""

    name: str
    subject: Mapping[str, str] = field(default_factory=dict)
    window: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    min_count: int = 0

    def fits(self, one: Finding) -> bool:
        """Whether the finding is meant."""
        return (
            _like(one.name, self.name)
            and (not self.window or (one.window is not None and one.window.name == self.window))
            and all(_like(one.subject.get(k, ""), want) for k, want in self.subject.items())
            and one.count >= self.min_count
            and _within(one.params, self.params)
        )

    def words(self) -> Text:
        """What is looked for, as one would type it."""
        parts = [self.name, *(f"{k}={v}" for k, v in self.subject.items()), *_flat(self.params)]
        if self.window:
            parts.append(f"window={self.window}")
        text = " ".join(parts)
        return Text(text, text)


class Pool:
    """Findings, found by name first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._by_name: dict[str, list[tuple[int, Finding]]] = {}
        for place, one in enumerate(findings):
            self._by_name.setdefault(one.name, []).append((place, one))

    def select(self, wanted: Selection) -> tuple[Finding, ...]:
        """Every finding that fits, in the order of the pool."""
        if _literal(wanted.name):
            return tuple(f for _, f in self._by_name.get(wanted.name, ()) if wanted.fits(f))
        names = [n for n in self._by_name if fnmatchcase(n, wanted.name)]
        found = [pair for n in names for pair in self._by_name[n] if wanted.fits(pair[1])]
        return tuple(f for _, f in sorted(found, key=lambda pair: pair[0]))


def read_selection(
    file: TomlFile, key: Key, raw: Any, windows: Iterable[str] | None = None,
    more: tuple[str, ...] = (),
) -> Selection:  # fmt: skip
    """The selection that a table says; `more` are keys that somebody else reads. Raises
    CaseError with file, line and remedy."""
    body = file.mapping(key, raw)
    file.only(key, body, (*KEYS, *more), needed={"name"})
    subject = file.mapping((*key, "subject"), body.get("subject", {}))
    for part, pattern in subject.items():
        if not isinstance(pattern, str):
            raise file.refuse(
                (*key, "subject", part), Text(f"'{part}' is no text", f"“{part}”不是文本"),
                Text("Write it in quotation marks.", "请写在引号内。"),
            )  # fmt: skip
    params = file.mapping((*key, "params"), body.get("params", {}))
    _check_params(file, (*key, "params"), params)
    window = body.get("window", "")
    if window:
        window = file.string((*key, "window"), window)
        if windows is not None:
            file.word((*key, "window"), window, tuple(windows))
    least = file.count((*key, "min_count"), body.get("min_count", 0))
    return Selection(file.string((*key, "name"), body["name"]), subject, window, params, least)


def _check_params(file: TomlFile, key: Key, params: Mapping[str, Any]) -> None:
    for name, pattern in params.items():
        if isinstance(pattern, Mapping):
            _check_params(file, (*key, name), pattern)
        elif not isinstance(pattern, str):
            raise file.refuse(
                (*key, name), Text(f"'{name}' is no text", f"“{name}”不是文本"),
                Text("Write numbers as text: \"0.1\".", "数字请写作文本：\"0.1\"。"),
            )  # fmt: skip


def as_text(value: Any) -> str:
    """A parameter as patterns see it: decimals plain, lists joined by commas."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(as_text(v) for v in value)
    if isinstance(value, str):
        return value
    return plain(value) if hasattr(value, "as_tuple") else str(value)


def _within(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    for key, pattern in wanted.items():
        value = held.get(key)
        if isinstance(pattern, Mapping):
            if not isinstance(value, Mapping) or not _within(value, pattern):
                return False
        elif not _like(as_text(value), pattern):
            return False
    return True


def _like(value: str, pattern: str) -> bool:
    return value == pattern if _literal(pattern) else fnmatchcase(value, pattern)


@cache
def _literal(pattern: str) -> bool:
    return not any(sign in pattern for sign in "*?[")


def _flat(params: Mapping[str, Any], before: str = "") -> list[str]:
    found: list[str] = []
    for key, value in params.items():
        name = f"{before}{key}"
        found += _flat(value, f"{name}/") if isinstance(value, Mapping) else [f"{name}={value}"]
    return found
