"""Sums for the public: by class, by status, by size of loss, with small cells kept back.

Only claims with consent to "aggregate" are counted. Two tables of nearly the same claimants can
be subtracted from each other, so a release whose population differs from an earlier one by
fewer claimants than a cell needs is refused; nothing new is told by the same population, which
is released again as it was. Invariant: what is told once stays on record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ...errors import Text, UsageError
from ...findings import plain
from ...rules.exact import ZERO
from ..suppression import Secrecy, Told, tell
from . import steps
from .database import changing
from .register import AGGREGATE, STATUSES, WITHDRAWN, Claim, Register

BANDS = tuple(Decimal(10) ** n for n in range(2, 8))
"""Edges of the sizes of loss, USDT."""
TITLES: Mapping[str, Text] = {
    "class": Text("by class", "按类别"), "status": Text("by status", "按状态"),
    "size": Text("by size of loss (USDT)", "按损失规模（USDT）"),
}  # fmt: skip


class Release(NamedTuple):
    """`tables` by name, told at `at`; `fresh` when it was made now."""

    number: int
    at: str
    secrecy: Secrecy
    tables: Mapping[str, Told]
    fresh: bool


def release(register: Register, secrecy: Secrecy) -> Release:
    """The sums as they may be told; raises UsageError where telling them would show too much."""
    counted = [c for c in register.claims() if AGGREGATE in c.consent and c.status != WITHDRAWN]
    stated = [c for c in counted if c.loss is not None]
    if not secrecy.safe([c.loss or ZERO for c in stated]):
        raise UsageError(
            Text(
                f"{len(stated)} claims with a stated loss and consent: too few, or one of them is "
                "most of the sum",
                f"已填损失且同意汇总的申索有 {len(stated)} 件：过少，或其中一件占绝大部分",
            ),
            where=str(register.path),
            remedy=Text(
                f"Wait for {secrecy.least} claims of which none is above "
                f"{secrecy.most:.0%} of the sum.",
                f"待至少 {secrecy.least} 件且任何一件不超过总额 {secrecy.most:.0%} 时再公布。",
            ),
        )
    population = _population(stated)
    told = {name: tell(groups, secrecy) for name, groups in _groups(stated).items()}
    body = json.dumps(_json(told, secrecy), sort_keys=True)
    with changing(register.connection):
        for row in register.connection.execute("SELECT * FROM release ORDER BY number DESC"):
            earlier = json.loads(row["population"])
            changed = len({k for k in {*earlier, *population}
                           if earlier.get(k) != population.get(k)})  # fmt: skip
            if not changed and row["told"] == body:
                return Release(row["number"], row["at"], secrecy, told, False)
            if changed < secrecy.least:
                raise _too_near(row["number"], changed, secrecy)
        last = register.connection.execute("SELECT coalesce(max(number), 0) FROM release")
        number, at = int(last.fetchone()[0]) + 1, steps.stamp()
        register.connection.execute(
            "INSERT INTO release VALUES (?, ?, ?, ?)", (number, at, json.dumps(population), body)
        )
        steps.note(register.connection, "released", detail=str(number))
    return Release(number, at, secrecy, told, True)


def band(loss: Decimal) -> str:
    """The size of a loss in words that sort by themselves: "100 – 1,000"."""
    below = [edge for edge in BANDS if edge <= loss]
    above = [edge for edge in BANDS if edge > loss]
    if not below:
        return f"< {above[0]:,}"
    return f"{below[-1]:,} – {above[0]:,}" if above else f"≥ {below[-1]:,}"


def _groups(stated: Sequence[Claim]) -> dict[str, dict[str, list[Decimal]]]:
    by_size = sorted(stated, key=lambda c: c.loss or ZERO)
    groups: dict[str, dict[str, list[Decimal]]] = {
        "class": {}, "status": {s: [] for s in STATUSES if s != WITHDRAWN}, "size": {},
    }  # fmt: skip
    for claim in sorted(stated, key=lambda c: c.category):
        groups["class"].setdefault(claim.category, []).append(claim.loss or ZERO)
        groups["status"][claim.status].append(claim.loss or ZERO)
    for claim in by_size:
        groups["size"].setdefault(band(claim.loss or ZERO), []).append(claim.loss or ZERO)
    return groups


def _population(stated: Sequence[Claim]) -> dict[str, str]:
    """What each claim adds to the tables, as a digest: a changed loss is a changed claimant."""
    return {
        c.id: hashlib.sha256(
            f"{c.category}\0{c.status}\0{plain(c.loss or ZERO)}".encode()
        ).hexdigest()[:16]
        for c in stated
    }


def _json(told: Mapping[str, Told], secrecy: Secrecy) -> dict[str, Any]:
    return {
        "least": secrecy.least, "most": str(secrecy.most),
        "tables": {name: shown(one) for name, one in told.items()},
    }  # fmt: skip


def shown(one: Told) -> dict[str, Any]:
    """A table as JSON: null where it is kept back."""
    return {
        "total": {"count": one.total.count, "loss": _text(one.total.amount)},
        "cells": [
            {"label": c.label, "count": c.count, "loss": _text(c.amount)} for c in one.cells
        ],
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _too_near(number: int, changed: int, secrecy: Secrecy) -> UsageError:
    return UsageError(
        Text(
            f"only {changed} claims changed since release {number}: subtracting the two would "
            "show them" if changed else
            f"the same claims were released under other limits (release {number})",
            f"自第 {number} 次公布以来只有 {changed} 件申索变化：两次相减会暴露它们" if changed else
            f"同一批申索已按其他限值公布过（第 {number} 次）",
        ),
        remedy=Text(
            f"Wait until {secrecy.least} have changed, or show release {number} again with the "
            "limits of then.",
            f"待 {secrecy.least} 件变化后再公布，或按当时限值重新显示第 {number} 次公布。",
        ),
    )  # fmt: skip
