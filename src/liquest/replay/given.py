"""Parameters of a question as exact numbers: a case gives them as text, integers or floats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..errors import CaseError, Text


def number(
    params: Mapping[str, Any], name: str, least: str | None = None, most: str | None = None
) -> Decimal:
    """The number `params[name]`, from `least` to `most`; raises CaseError for anything else."""
    return _number(name, params[name], least, most)


def numbers(
    params: Mapping[str, Any], name: str, least: str | None = None, most: str | None = None
) -> list[Decimal]:
    """The numbers of a list, in the order given, each once; one number is a list of one."""
    found = [_number(name, one, least, most) for one in _listed(params[name])]
    return list(dict.fromkeys(found))


def whole(params: Mapping[str, Any], name: str, least: int = 0) -> int:
    """The whole number `params[name]`, at least `least`."""
    value = params[name]
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise _refused(name, value, f"a whole number from {least} on", f"不小于 {least} 的整数")


def words(params: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a list, in the order given, each once."""
    found = _listed(params[name])
    if not all(isinstance(one, str) and one for one in found):
        raise _refused(name, params[name], "a list of words", "词语列表")
    return list(dict.fromkeys(found))


def _number(name: str, value: Any, least: str | None, most: str | None) -> Decimal:
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        found = Decimal("NaN")
    low, high = (None if edge is None else Decimal(edge) for edge in (least, most))
    if (
        isinstance(value, bool)
        or not found.is_finite()
        or (low is not None and found < low)
        or (high is not None and found > high)
    ):
        bounds = "" if least is None else f" from {least}" + ("" if most is None else f" to {most}")
        zh = "" if least is None else f"（{least} 起" + ("）" if most is None else f"，至 {most}）")
        raise _refused(name, value, f"a number{bounds}", f"数字{zh}")
    return found


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _refused(name: str, value: Any, en: str, zh: str) -> CaseError:
    return CaseError(
        Text(f"'{name}' must be {en}, not {value!r}", f"“{name}”须为{zh}，而不是 {value!r}"),
        remedy=Text(
            f"Correct '{name}' in the [replay] table of the question.",
            f"请更正该问题 [replay] 表中的“{name}”。",
        ),
    )
