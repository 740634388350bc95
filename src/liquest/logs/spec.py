"""`[[log]]` of case.toml: what a log cannot say of itself.

    [[log]]
    files = "*bot*.log"                  # glob on the name of the source
    tz = "UTC+8"                         # of times without an offset
    venue = "binance"
    client = "bot-1"                     # names the client; the file's name if left out
    interface = "fapi.binance.com"
    pattern = "{time} | {level} | {client} | {message}"    # one, or a list of them
    latency = "ms"                       # unit of latencies that do not name theirs
    words = { refused = ["下单不了"], close = ["清仓"] }    # by kind, class or action
    columns = { time = "委托时间", status = "状态" }        # for tables of orders

Patterns are explained in layout.py. Everything but `files` may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from ..clock import UNITS, zone
from ..errors import CaseError, Text, UsageError
from .layout import Layout, Unusable
from .readers import USER
from .schema import ACTIONS, CLASSES, KINDS
from .vocabulary import FIELDS

_TEXTS = ("files", "tz", "venue", "client", "interface", "latency")
_KEYS = {*_TEXTS, "pattern", "words", "columns"}
_SECTIONS = (("outcome", KINDS[1:]), ("class", CLASSES[1:]), ("action", ACTIONS[1:]))
COLUMNS = tuple(f for f in FIELDS if f not in ("level", "interface"))
"""Fields that a column of a table may be; `updated` is the time of the last change besides."""


@dataclass(frozen=True)
class LogSpec:
    """One `[[log]]`, checked. `latency` is in µs, 0 where it is not given."""

    files: str
    tz: str = ""
    venue: str = ""
    client: str = ""
    interface: str = ""
    patterns: tuple[str, ...] = ()
    latency: int = 0
    words: tuple[tuple[str, str], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """Its patterns, which are tried before those of the readers."""
        return tuple(Layout(USER, p) for p in self.patterns)


NOTHING = LogSpec("*")
"""What holds for a file that no `[[log]]` names."""


def spec_of(name: str, specs: Iterable[LogSpec]) -> LogSpec | None:
    """The first `[[log]]` whose glob takes the file's name."""
    return next((s for s in specs if fnmatch(name, s.files)), None)


def parse_log(table: Mapping[str, Any], where: str) -> LogSpec:
    """A `[[log]]` table as a LogSpec; raises CaseError naming the key at fault."""

    def refuse(en: str, zh: str) -> CaseError:
        return CaseError(
            Text(f"[[log]] {en}", f"[[log]] {zh}"), where=where,
            remedy=Text("See docs/logs.md for one that works.", "可用示例见 docs/logs.md。"),
        )  # fmt: skip

    if unknown := sorted(set(table) - _KEYS):
        raise refuse(f"has unknown keys: {', '.join(unknown)}", f"含未知键：{', '.join(unknown)}")
    if not table.get("files"):
        raise refuse("needs 'files'", "缺少“files”")
    for key in _TEXTS:
        if not isinstance(table.get(key, ""), str):
            raise refuse(f"'{key}' is no text", f"“{key}”须为文本")
    patterns = table.get("pattern", [])
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
        raise refuse("'pattern' is no text and no list of texts", "“pattern”须为文本或文本列表")
    for pattern in patterns:
        try:
            Layout(USER, pattern)
        except Unusable as error:
            raise refuse(
                f"'pattern' cannot be used: {error.text.en}: {pattern}",
                f"“pattern”无法使用：{error.text.zh}：{pattern}",
            ) from None
    if tz := table.get("tz", ""):
        try:
            zone(tz)
        except UsageError as error:
            raise CaseError(error.what, where=f"{where}: [[log]]", remedy=error.remedy) from None
    unit = table.get("latency", "")
    if unit and unit not in UNITS:
        raise refuse("'latency' must be s, ms or us", "“latency”须为 s、ms 或 us")
    columns = table.get("columns", {})
    if not isinstance(columns, Mapping) or not all(isinstance(c, str) for c in columns.values()):
        raise refuse("'columns' is no table of texts", "“columns”须为文本表")
    if unknown := sorted(set(columns) - {*COLUMNS, "updated"}):
        raise refuse(
            f"maps unknown columns: {', '.join(unknown)}", f"映射了未知列：{'、'.join(unknown)}"
        )
    return LogSpec(
        table["files"], tz, table.get("venue", "").lower(), table.get("client", ""),
        table.get("interface", ""), tuple(patterns), UNITS[unit] if unit else 0,
        tuple(_words(table.get("words", {}), refuse)), dict(columns),
    )  # fmt: skip


def _words(table: Any, refuse: Any) -> Iterable[tuple[str, str]]:
    """(meaning, phrase) of a table of words."""
    if not isinstance(table, Mapping):
        raise refuse("'words' is no table", "“words”须为表")
    for name, phrases in table.items():
        section = next((s for s, values in _SECTIONS if name in values), None)
        if section is None:
            names = ", ".join(v for _, values in _SECTIONS for v in values)
            raise refuse(
                f"'words' has no meaning '{name}'; there are: {names}",
                f"“words”中没有含义“{name}”；可用：{names}",
            )
        if not isinstance(phrases, list) or not all(
            isinstance(p, str) and p.strip("* ") for p in phrases
        ):
            raise refuse(f"'words.{name}' is no list of texts", f"“words.{name}”须为文本列表")
        for phrase in phrases:
            yield f"{section}.{name}", phrase
