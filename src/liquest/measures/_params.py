"""Parameters of a measure as exact numbers: TOML may give them as text, integers or floats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..errors import CaseError, Text


def decimals(params: Mapping[str, Any], name: str) -> list[Decimal]:
    """The list of numbers `params[name]`; raises CaseError when it is none."""
    try:
        found = [Decimal(str(p)) for p in _listed(params[name])]
        if all(p.is_finite() for p in found):
            return found
    except (TypeError, ArithmeticError):
        pass
    raise _refuse(name, params[name], "a list of numbers", "数字列表", f'{name} = ["0.1", "0.5"]')


def decimal(params: Mapping[str, Any], name: str) -> Decimal:
    """The number `params[name]`."""
    try:
        found = Decimal(str(params[name]))
        if found.is_finite():
            return found
    except ArithmeticError:
        pass
    raise _refuse(name, params[name], "a number", "数字", f'{name} = "0.01"')


def integer(params: Mapping[str, Any], name: str, least: int) -> int:
    """The whole number `params[name]`, at least `least`."""
    value = params[name]
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise _refuse(
        name,
        value,
        f"a whole number from {least} on",
        f"不小于 {least} 的整数",
        f"{name} = {least}",
    )


def integers(params: Mapping[str, Any], name: str, least: int) -> list[int]:
    """The list of whole numbers `params[name]`, each at least `least`."""
    return [integer({name: p}, name, least) for p in _listed(params[name])]


def _listed(value: Any) -> list[Any]:
    """The items of a list; one value counts as a list of one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _refuse(name: str, value: Any, en: str, zh: str, example: str) -> CaseError:
    return CaseError(
        Text(f"'{name}' must be {en}, not {value!r}", f"“{name}”须为{zh}，而不是 {value!r}"),
        remedy=Text(f"Write it as {example}.", f"请写成 {example}。"),
    )
