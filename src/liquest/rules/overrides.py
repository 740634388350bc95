"""Overrides of rules as they are typed: mark.window=150s, and the paths nearest to a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from ..errors import Text, UsageError


def parse(texts: Iterable[str]) -> dict[str, str]:
    """Path → text of every PATH=VALUE; raises UsageError for one that is no such pair, or for a
    path given twice."""
    found: dict[str, str] = {}
    for text in texts:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (path and equals and value):
            raise UsageError(
                Text(f"'{text}' sets nothing", f"“{text}”未设定任何取值"),
                remedy=Text(
                    "Write PATH=VALUE, as in mark.window=150s.",
                    "请写成 路径=取值，例如 mark.window=150s。",
                ),
            )
        if path in found:
            raise UsageError(
                Text(f"{path} is set twice", f"{path} 被设定了两次"),
                remedy=Text("Leave one of them out.", "请去掉其中之一。"),
            )
        found[path] = value
    return found


def nearest(wrong: str, names: Sequence[str], most: int = 3) -> list[str]:
    """The names most like `wrong`, best first; at least one when there are any."""
    low = wrong.lower()
    by_low = {name.lower(): name for name in names}
    close = difflib.get_close_matches(low, list(by_low), n=most, cutoff=0.6)
    if not close:
        ranked = sorted(by_low, key=lambda name: -difflib.SequenceMatcher(None, low, name).ratio())
        close = ranked[:1]
    return [by_low[name] for name in close]


def unknown_path(wrong: str, paths: Sequence[str]) -> UsageError:
    """There is no such rule; the nearest are named."""
    close = nearest(wrong, paths)
    return UsageError(
        Text(f"there is no rule '{wrong}'", f"没有规则“{wrong}”"),
        remedy=Text(
            f"Nearest: {', '.join(close)}. All of them: liquest rules show --all-history",
            f"最接近的是：{'、'.join(close)}。全部规则见：liquest rules show --all-history",
        ),
    )
