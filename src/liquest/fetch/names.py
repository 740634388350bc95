"""Names that come from outside: a key of a listing becomes a path, so it is looked at first."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase

from ..errors import Text, UsageError
from ..problems import ASIDE, Problem

_LONGEST = 400


def check_market(market: str, known: Iterable[str]) -> None:
    """UsageError when an archive has no such market; names those that it has."""
    *first, last = names = list(known)
    if market not in names:
        raise UsageError(
            Text(f"there is no market '{market}'", f"没有名为“{market}”的市场"),
            remedy=Text(f"Choose {', '.join(first)} or {last}.", f"可选：{'、'.join(names)}。"),
        )


def check_symbols(symbols: Iterable[str]) -> None:
    """UsageError for what cannot be a symbol, or a part of an address."""
    for name in symbols:
        if unsafe(name) is not None or "/" in name:
            raise UsageError(Text(f"{name!r} is no symbol", f"{name!r} 不是有效的合约名"))


def unsafe(key: str) -> Text | None:
    """Why a key may not be used, None when it may.

    A key is relative, in normal form, and without control characters, backslashes and colons.
    """
    if not key or len(key) > _LONGEST or len(key.encode("utf-8", "replace")) > 2 * _LONGEST:
        return Text("the name is empty or too long", "名称为空或过长")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in key):
        return Text("the name has control characters", "名称含有控制字符")
    if "\\" in key or ":" in key:
        return Text("the name has a backslash or a colon", "名称含有反斜杠或冒号")
    if key.startswith("/") or posixpath.normpath(key) != key.removesuffix("/"):
        return Text("the name leaves its folder", "名称超出所在文件夹")
    if any(part in ("", ".", "..") for part in key.removesuffix("/").split("/")):
        return Text("the name leaves its folder", "名称超出所在文件夹")
    return None


def refused_name(key: str, why: Text, where: str) -> Problem:
    """The problem of a key that a listing should not have."""
    return Problem(
        "unsafe-name",
        ASIDE,
        Text(f"refused: {why.en}", f"已拒绝：{why.zh}"),
        path=where,
        sample=ascii(key)[:200],
    )


def is_glob(pattern: str) -> bool:
    """True where the symbol is a pattern and not a name."""
    return any(c in pattern for c in "*?[")


def chosen(names: list[str], patterns: list[str]) -> tuple[list[str], list[str]]:
    """(names that a pattern takes, in order; patterns that took none)."""
    taken = {p: [n for n in names if fnmatchcase(n, p)] for p in patterns}
    return (
        sorted({n for found in taken.values() for n in found}),
        [p for p, found in taken.items() if not found],
    )


def media_type(name: str) -> str:
    """By the ending of the name."""
    for ending, kind in (
        (".zip", "application/zip"), (".gz", "application/gzip"), (".json", "application/json"),
        (".jsonl", "application/jsonl"), (".csv", "text/csv"), (".CHECKSUM", "text/plain"),
    ):  # fmt: skip
        if name.endswith(ending):
            return kind
    return "application/octet-stream"
