"""A TOML file that people write by hand, with the line of every table and key in it.

`tomllib` tells lines only where the syntax breaks; what is well formed and wrong is found
later, by key. Invariant: whatever is refused names the file, the line and the remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import CaseError, Text

Key = tuple[str | int, ...]
"""Where something stands: ("claim", 3, "test", 0, "expect")."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(r"""^\s*([\w.\- "']+?)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:\\.|[^"\\])*"|'[^']*'|#.*|[\[\]{}]''')


@dataclass(frozen=True)
class TomlFile:
    """What the file says, and where it says it."""

    path: Path
    table: Mapping[str, Any]
    lines: Mapping[Key, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Raises CaseError for bytes that are no TOML in UTF-8."""
        try:
            return cls.of(path.read_bytes().decode("utf-8"), path)
        except UnicodeDecodeError as error:
            raise CaseError(
                Text("the file is not written in UTF-8", "文件不是 UTF-8 编码"),
                where=f"{path}: byte {error.start}",
                remedy=Text("Save it as UTF-8.", "请另存为 UTF-8。"),
            ) from None

    @classmethod
    def of(cls, text: str, path: Path) -> TomlFile:
        """The same from its text; raises CaseError with the line at which the syntax breaks."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            place = int(line[1]) if line else text.count("\n") + 1
            raise CaseError(
                Text(f"this is not valid TOML: {error}", f"不是合法的 TOML：{error}"),
                where=f"{path}:{place}",
                remedy=Text("Mend that line.", "请修正该行。"),
            ) from None
        return cls(path, table, dict(_lines(text)))

    def line(self, key: Key) -> int:
        """The line of the key, else of what it stands in."""
        for end in range(len(key), 0, -1):
            if key[:end] in self.lines:
                return self.lines[key[:end]]
        return 1

    def last_line(self, key: Key) -> int:
        """The last line of a table that begins with a key of its own: the greatest of its keys."""
        return max(n for k, n in self.lines.items() if k[: len(key)] == key)

    def refuse(self, key: Key, what: Text, remedy: Text) -> CaseError:
        """The error that names file, line and remedy."""
        return CaseError(what, where=f"{self.path}:{self.line(key)}", remedy=remedy)

    def tables(self, key: Key, raw: Any) -> list[Mapping[str, Any]]:
        """A list of tables, empty when there is none."""
        if raw is None:
            return []
        if not isinstance(raw, list) or not all(isinstance(one, Mapping) for one in raw):
            name = ".".join(str(k) for k in key if isinstance(k, str))
            raise self.refuse(
                key, Text(f"'{name}' is no list of tables", f"“{name}”不是表的列表"),
                Text(f"Write [[{name}]].", f"请写作 [[{name}]]。"),
            )  # fmt: skip
        return raw

    def mapping(self, key: Key, raw: Any) -> Mapping[str, Any]:
        """A table."""
        if not isinstance(raw, Mapping):
            raise self.refuse(
                key, Text(f"'{key[-1]}' is no table", f"“{key[-1]}”不是表"),
                Text("Write { key = \"…\" }.", "请写作 { 键 = \"…\" }。"),
            )  # fmt: skip
        return raw

    def only(
        self, key: Key, body: Mapping[str, Any], known: Sequence[str],
        needed: Set[str] = frozenset(),
    ) -> None:  # fmt: skip
        """No key that is not known, none missing."""
        for name in body:
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0.6)
                hint = f"Did you mean '{near[0]}'? " if near else ""
                zh = f"是否应为“{near[0]}”？" if near else ""
                raise self.refuse(
                    (*key, name), Text(f"unknown key '{name}'", f"未知的键“{name}”"),
                    Text(f"{hint}Known: {', '.join(known)}.", f"{zh}可用：{'、'.join(known)}。"),
                )  # fmt: skip
        for name in sorted(needed - set(body)):
            raise self.refuse(
                key, Text(f"'{name}' is missing", f"缺少“{name}”"),
                Text(f"Add {name} there.", f"请在该处补上 {name}。"),
            )  # fmt: skip

    def word(self, key: Key, raw: Any, known: Sequence[str]) -> str:
        """One of the words of a list."""
        if raw not in known:
            raise self.refuse(
                key, Text(f"'{raw}' is no {key[-1]}", f"“{raw}”不是有效的 {key[-1]}"),
                Text(f"Choose one of: {', '.join(known)}.", f"可选：{'、'.join(known)}。"),
            )  # fmt: skip
        return str(raw)

    def string(self, key: Key, raw: Any) -> str:
        """A text that is not empty."""
        if not isinstance(raw, str) or not raw.strip():
            raise self.refuse(
                key, Text(f"'{key[-1]}' is no text", f"“{key[-1]}”不是文本"),
                Text("Write it in quotation marks.", "请写在引号内。"),
            )  # fmt: skip
        return raw.strip()

    def count(self, key: Key, raw: Any) -> int:
        """A whole number, at least 0."""
        if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
            raise self.refuse(
                key, Text(f"'{key[-1]}' is no count", f"“{key[-1]}”不是计数"),
                Text("Write a whole number.", "请写整数。"),
            )  # fmt: skip
        return raw

    def both(self, key: Key, raw: Any) -> Text:
        """{ en = "…", zh = "…" }, neither of them empty."""
        if not isinstance(raw, Mapping) or set(raw) != {"en", "zh"}:
            raise self.refuse(
                key, Text(f"'{key[-1]}' needs 'en' and 'zh'", f"“{key[-1]}”须有 en 与 zh"),
                Text('Write { en = "…", zh = "…" }.', '请写作 { en = "…", zh = "…" }。'),
            )  # fmt: skip
        return Text(*(self.string((*key, lang), raw[lang]) for lang in ("en", "zh")))


def _lines(text: str) -> Iterator[tuple[Key, int]]:
    """Every header and every key that begins a line, with its line number. A value that goes
    on over several lines (a list, a table, a long string) hides what stands in it."""
    at: Key = ()
    counts: dict[Key, int] = {}
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not depth and not quote:
            if header := _HEADER.match(line):
                at = _entered(_parts(header[2]), counts, again=header[1] == "[[")
                yield at, number
                continue
            if entry := _ENTRY.match(line):
                yield (*at, *_parts(entry[1])), number
        depth, quote = _scanned(line, depth, quote)


def _entered(parts: tuple[str, ...], counts: dict[Key, int], *, again: bool) -> Key:
    """The key of a header: lists met on the way stand at their latest table."""
    at: Key = ()
    for part in parts:
        at = (*at, part)
        if again and len([k for k in at if isinstance(k, str)]) == len(parts):
            counts[at] = counts.get(at, -1) + 1
        if at in counts:
            at = (*at, counts[at])
    return at


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))


def _scanned(line: str, depth: int, quote: str) -> tuple[int, str]:
    """How deep in brackets, and in which long string, the next line begins."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return depth, quote
            at, quote = end + 3, ""
            continue
        token = _TOKEN.search(line, at)
        if token is None:
            break
        found, at = token[0], token.end()
        if found in ('"""', "'''"):
            quote = found
        elif found in "[{":
            depth += 1
        elif found in "]}":
            depth -= 1
    return depth, quote
