"""What the register shows in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from ...findings import plain
from ...terminal import escaped, table
from ..suppression import Told
from .personal import PersonalFile
from .register import PURPOSES, STATUSES, Claim
from .release import TITLES, Release
from .steps import Step


def listed(claims: Sequence[Claim], lang: str) -> Table:
    """A row a claim."""
    zh = lang == "zh"
    made = table(
        f"登记的申索：{len(claims)}" if zh else f"Claims in the register: {len(claims)}",
        [
            ("编号" if zh else "id", "left"), ("类别" if zh else "class", "left"),
            ("损失 USDT" if zh else "loss USDT", "right"), ("状态" if zh else "status", "left"),
            ("证据" if zh else "evidence", "right"), ("文件" if zh else "files", "right"),
            ("同意" if zh else "consent", "fold"), ("登记于" if zh else "entered", "left"),
        ],
    )  # fmt: skip
    for one in claims:
        made.add_row(
            one.id, escaped(one.category), "–" if one.loss is None else f"{one.loss:,.2f}",
            STATUSES[one.status].in_(lang), str(len(one.evidence)), str(one.files),
            (", " if not zh else "、").join(PURPOSES[p].in_(lang) for p in one.consent) or "–",
            one.made_at[:10],
        )  # fmt: skip
    return made


def one_claim(
    claim: Claim, files: Sequence[PersonalFile], steps: Sequence[Step], lang: str
) -> list[Table]:
    """A claim with its evidence, files and steps."""
    zh = lang == "zh"
    found = [listed([claim], lang)]
    if claim.evidence:
        made = table("证据" if zh else "Evidence", [("SHA-256", "left")])
        for item in claim.evidence:
            made.add_row(item)
        found.append(made)
    if files:
        made = table(
            "个人文件（加密保存）" if zh else "Personal files (encrypted at rest)",
            [("#", "right"), ("名称" if zh else "name", "fold"),
             ("承诺值" if zh else "commitment", "left"), ("加入于" if zh else "added", "left")],
        )  # fmt: skip
        for file in files:
            made.add_row(str(file.number), escaped(file.name), file.commitment[:16], file.added_at)
        found.append(made)
    made = table("步骤" if zh else "Steps", [
        ("#", "right"), ("时间 UTC" if zh else "at UTC", "left"),
        ("事项" if zh else "what", "left"), ("内容" if zh else "detail", "fold"),
    ])  # fmt: skip
    for step in steps:
        made.add_row(str(step.number), step.at, step.what, escaped(step.detail))
    return [*found, made]


def released(one: Release, lang: str) -> list[Table]:
    """The tables of a release; what is kept back says so."""
    return [_told(TITLES[name].in_(lang), told, lang) for name, told in one.tables.items()]


def _told(title: str, told: Told, lang: str) -> Table:
    zh = lang == "zh"
    made = table(title, [
        ("", "left"), ("件数" if zh else "claims", "right"),
        ("损失合计 USDT" if zh else "sum of losses USDT", "right"),
    ])  # fmt: skip
    hidden = "不公布" if zh else "kept back"
    for cell in (*told.cells, told.total):
        label = cell.label or ("合计" if zh else "total")
        word = STATUSES[label].in_(lang) if label in STATUSES else label
        made.add_row(
            escaped(word), hidden if cell.count is None else str(cell.count),
            hidden if cell.amount is None else f"{cell.amount:,.2f}",
        )  # fmt: skip
    return made


def claim_json(one: Claim) -> dict[str, Any]:
    """A claim as JSON, decimals as text."""
    return {
        "id": one.id, "class": one.category, "loss": None if one.loss is None else plain(one.loss),
        "currency": one.currency, "status": one.status, "evidence": list(one.evidence),
        "consent": list(one.consent), "files": one.files, "made_at": one.made_at,
    }  # fmt: skip
