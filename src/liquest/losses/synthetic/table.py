"""The table of layouts by which exports are written: the one that a reader recognises them by.

Only the table is shared with the reader, not a line of its code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...errors import Text, UsageError

LAYOUTS = Path(__file__).parent.parent / "exports" / "layouts.toml"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Layout:
    """The columns of one table: our names of the fields, and the headers over them."""

    fields: tuple[str, ...]
    headers: tuple[str, ...]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(LAYOUTS.read_text(encoding="utf-8"))


@cache
def layout(kind: str, market: str, lang: str, newer: bool = False) -> Layout:
    """The columns of a kind in a language ("en", "zh"); `newer`: of the newer exports, where
    there is such a layout. Raises UsageError for a kind that has none."""
    for one in _table()["layout"]:
        fits = (
            one.get("form") == "transfers" if kind == "transfers" else one.get("market") == market
        )
        if one["kind"] == kind and fits:
            new = newer and f"{lang}_new" in one
            fields = one.get("fields_new", one["fields"]) if new else one["fields"]
            return Layout(tuple(fields), tuple(one[f"{lang}_new" if new else lang]))
    raise UsageError(
        Text(f"no layout of {kind} in {market}", f"没有 {market} 的 {kind} 版式"),
        where=str(LAYOUTS),
    )


@cache
def word(group: str, meaning: str, lang: str) -> str:
    """How a value is written: the first spelling of the table, in Chinese the first Chinese."""
    spelled: list[str] = _table()["words"][group].get(meaning, [meaning])
    if lang == "zh" and (chinese := [w for w in spelled if _CHINESE.search(w)]):
        return chinese[0]
    # Of wallets the first spelling is an API's, the second what the pages of the venue say.
    return spelled[1 if group == "wallet" else 0] or meaning
