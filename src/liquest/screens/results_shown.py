"""Screens in the terminal: what was found, how strong it is, and the innocent reason beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from ..findings import Finding
from ..findings_shown import findings
from ..terminal import escaped, subject, table
from ._result import SOUND, STRENGTHS


def shown(found: Sequence[Finding], lang: str) -> Iterator[Table | str]:
    """Sound sources as one table; each of the others with its reasons, the strongest first;
    last what a record says once it is corrected."""
    zh = lang == "zh"
    results = [f for f in found if "strength" in f.params]
    order: list[str] = list(STRENGTHS)[::-1]
    for strength in order:
        rows = [f for f in results if f.params["strength"] == strength]
        if not rows:
            continue
        words = STRENGTHS[strength].in_(lang) if strength in STRENGTHS else ""
        made = table(
            f"{escaped(strength)}: {words} ({len(rows)})" if words else escaped(strength),
            [
                ("筛查" if zh else "screen", "left"), ("对象" if zh else "subject", "fold"),
                ("结果" if zh else "found", "fold"), ("id", "left"),
            ],
            gap=1,
        )  # fmt: skip
        for one in rows:
            made.add_row(
                escaped(one.name.removeprefix("screen.")), escaped(subject(one)),
                escaped(_words(one, "said", lang)), one.id[:8],
            )  # fmt: skip
        yield made
        if strength != SOUND:
            yield from _reasons(rows, lang)
    left = [f for f in found if f.name.endswith(".corrected")]
    if left:
        yield "更正之后" if zh else "After the correction"
        yield findings(left, lang)


def _reasons(rows: Sequence[Finding], lang: str) -> Iterator[str]:
    """Innocent reasons and what does not follow, each once."""
    zh = lang == "zh"
    heads = {
        "innocent": "无恶意的解释" if zh else "Innocent reason",
        "does_not_follow": "不能由此推出" if zh else "What does not follow",
    }
    for key, head in heads.items():
        for words in dict.fromkeys(_words(one, key, lang) for one in rows):
            if words:
                # Without a blank a line of Chinese is broken where it is full.
                yield f"  {head}{'：' if zh else ': '}{escaped(words)}"


def _words(one: Finding, key: str, lang: str) -> str:
    texts: Any = one.params.get(key)
    if not isinstance(texts, list | tuple) or len(texts) != 2:
        return ""
    return str(texts[lang == "zh"])
