"""Answers of the replay in the terminal: one table a kind of answer, a row a finding.

A few scenarios stand side by side, more below one another. The range of an answer is that over
what is not on record; which that is stands in the finding (`over`, `population`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.table import Table

from ..clock import clock_time
from ..errors import Text
from ..findings import Finding, plain
from ..kept import Measured
from ..terminal import escaped, subject, table

COLUMNS = 4
"""Scenarios that stand side by side; more go below one another."""
ROWS = 70
"""Rows of one table; the rest is in the file of findings."""


def shown(answered: Measured, lang: str) -> Iterator[Table]:
    """A table for each kind of answer, in the order in which they were made."""
    for name, found in _kinds(answered).items():
        yield _table(f"{_title(answered, found, lang)} ({name})", found, lang)


def listed(answered: Measured, lang: str) -> Table:
    """Every kind of answer in a row: what it is called, what it says, how many there are."""
    zh = lang == "zh"
    made = table(
        "问题与答案" if zh else "Questions and answers",
        [
            ("答案" if zh else "answer", "left"), ("含义" if zh else "what it says", "fold"),
            ("条数" if zh else "findings", "right"),
        ],
    )  # fmt: skip
    for name, found in _kinds(answered).items():
        made.add_row(
            escaped(name.removeprefix("replay.")), escaped(_title(answered, found, lang)),
            f"{len(found):,}",
        )  # fmt: skip
    return made


def _kinds(answered: Measured) -> dict[str, list[Finding]]:
    named: dict[str, list[Finding]] = {}
    for one in answered.findings:
        named.setdefault(one.name, []).append(one)
    return named


def _title(answered: Measured, found: Sequence[Finding], lang: str) -> str:
    method = answered.methods.get(found[0].method, {})
    return Text(*method.get("title", (found[0].name, found[0].name))).in_(lang)


def _table(title: str, found: Sequence[Finding], lang: str) -> Table:
    zh = lang == "zh"
    scenarios = list(dict.fromkeys(_scenario(f) for f in found))
    if 1 < len(scenarios) <= COLUMNS and not any(f.at is not None for f in found):
        return _beside(title, found, scenarios, zh=zh)
    timed = any(f.at is not None for f in found)
    ranged = any(_range(f) for f in found)
    made = table(
        escaped(title),
        [
            ("对象" if zh else "subject", "fold"),
            *([("情景" if zh else "scenario", "fold")] if any(scenarios) else []),
            ("值" if zh else "value", "right"),
            *([("范围" if zh else "range", "right")] if ranged else []),
            ("单位" if zh else "unit", "left"),
            *([("时刻 UTC" if zh else "at UTC", "left")] if timed else []),
        ],
        gap=1,
    )  # fmt: skip
    last = ""
    whose = _subjects(found)
    order = {who: place for place, who in enumerate(dict.fromkeys(whose.values()))}
    for one in sorted(found, key=lambda f: order[whose[f.id]])[:ROWS]:
        who = whose[one.id]
        made.add_row(
            "" if who == last else escaped(who),
            *([escaped(_scenario(one).replace(" ", "\n"))] if any(scenarios) else []),
            _value(one), *([_range(one)] if ranged else []), escaped(one.unit),
            *([("" if one.at is None else clock_time(one.at, digits=0))] if timed else []),
        )  # fmt: skip
        last = who
    if len(found) > ROWS:
        rest = f"{len(found) - ROWS:,}"
        made.add_row(
            f"… 另有 {rest} 条：liquest ask --json" if zh
            else f"… {rest} more: liquest ask --json"
        )  # fmt: skip
    return made


def _beside(title: str, found: Sequence[Finding], scenarios: Sequence[str], *, zh: bool) -> Table:
    """A column for each scenario, ranges below the values."""
    whose = _subjects(found)
    subjects = list(dict.fromkeys(whose.values()))
    cells = {(whose[f.id], _scenario(f)): f for f in found}
    made = table(
        escaped(title),
        [
            ("对象" if zh else "subject", "fold"),
            *((escaped(s.replace(" ", "\n")), "right") for s in scenarios),
            ("单位" if zh else "unit", "left"),
        ],
        gap=1,
    )
    for who in subjects:
        row = [cells.get((who, s)) for s in scenarios]
        units = dict.fromkeys(f.unit for f in row if f is not None)
        shown_ = [
            "–" if f is None else _value(f) + (f"\n{_range(f)}" if _range(f) else "") for f in row
        ]
        made.add_row(escaped(who), *shown_, escaped(", ".join(units)))
    return made


def _scenario(one: Finding) -> str:
    return str(one.params.get("scenario", ""))


def _subjects(found: Sequence[Finding]) -> dict[str, str]:
    """id → subject in one line; findings that it does not tell apart with the parameters that
    do."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        alike.setdefault((_who(one), _scenario(one)), []).append(one)
    told: dict[str, str] = {}
    for (who, _), same in alike.items():
        keys = [
            k for k, v in same[0].params.items()
            if isinstance(v, str | int | Decimal) and k not in ("low", "high")
            and len({str(f.params.get(k)) for f in same}) > 1
        ]  # fmt: skip
        told |= {f.id: " ".join([who, *(f"{k}={f.params.get(k)}" for k in keys)]) for f in same}
    return told


def _who(one: Finding) -> str:
    """The subject in one line; parts that it does not know are written out."""
    known = {"venue", "instrument", "kind", "price", "coin", "against"}
    rest = [f"{k}={v}" for k, v in sorted(one.subject.items()) if k not in known]
    return " ".join([subject(one), *rest]).strip()


def _value(one: Finding) -> str:
    if one.value is None:
        return "–"
    return escaped(one.value) if isinstance(one.value, str) else _short(one.value)


def _range(one: Finding) -> str:
    """Lowest–highest; nothing where they are the same or there are none."""
    low, high = (one.params.get(k) for k in ("low", "high"))
    if not isinstance(low, Decimal | str) or not isinstance(high, Decimal | str) or low == high:
        return ""
    return f"{_short(Decimal(low))}–{_short(Decimal(high))}"


def _short(value: Decimal | int) -> str:
    """At most six significant digits, thousands separated."""
    exact = Decimal(value)
    text = plain(Decimal(f"{exact:.6g}")) if exact else "0"
    whole, dot, rest = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-') or 0):,}{dot}{rest}"
