"""Parameters of a measure or a question: its defaults with what case.toml gives on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import CaseError, Text


def with_defaults(
    table: str, defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Defaults with what [`table`] gives on top; raises CaseError for a name that is not one."""
    if unknown := sorted(set(given) - set(defaults)):
        raise CaseError(
            Text(
                f"[{table}] has no parameter '{unknown[0]}'",
                f"[{table}] 没有参数“{unknown[0]}”",
            ),
            remedy=Text(f"Parameters: {', '.join(defaults)}", f"可用参数：{', '.join(defaults)}"),
        )
    return {**defaults, **given}
