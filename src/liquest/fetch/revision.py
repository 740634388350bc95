"""Revisions as findings: what a venue changed in what it had published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..errors import Text
from ..findings import Finding, Input, Method, Value
from .rows import ADDED, CHANGED, HEADER, REMOVED, SQL, Change, Comparison
from .sealing import Sealed

UNCHANGED, REPACKED, REVISED = "unchanged", "re-packed", "revised"
REWRITTEN, GONE = "rewritten", "gone"
WORDS = {
    UNCHANGED: Text("the same bytes", "字节完全相同"),
    REPACKED: Text("packed anew, every row the same", "重新打包，各行内容相同"),
    REVISED: Text("rows were changed, added or removed", "有行被修改、增加或删除"),
    REWRITTEN: Text("other bytes, which are no rows", "字节已变，且无法按行比较"),
    GONE: Text("the venue no longer has it", "交易场所已不再提供"),
}
"""What `revision.file` can say."""

METHOD = Method(
    "revision",
    Text("Revisions of what a venue published", "交易场所对已公布数据的修改"),
    Text(
        "The address of a sealed file is fetched again. Other bytes are sealed beside the first "
        "ones, both are unpacked, and their rows are matched by id or by time; every cell that "
        "is not the same text is one finding, with the row in both files.",
        "对已封存文件的来源地址重新下载。若字节不同，则将新文件一并封存；两者解压后按编号或时间逐行对应，"
        "凡文本不同的单元格各成一条结论，并注明其在两个文件中的行号。",
    ),
    SQL,
)
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,2})?")


@dataclass(frozen=True)
class Version:
    """One state of a file: its bytes and when they were sealed."""

    sha256: str
    sealed_at: str

    @classmethod
    def of(cls, item: Sealed) -> Version:
        return cls(item.sha256, item.collected_at)


def file_finding(
    subject: dict[str, str],
    status: str,
    old: Version,
    new: Version | None,
    params: dict[str, Any],
    count: int = 0,
) -> Finding:
    """One a file and step: what became of it."""
    inputs = [Input(v.sha256, 1, 1) for v in (old, new) if v is not None]
    told = {"sealed": old.sealed_at, **({"resealed": new.sealed_at} if new else {}), **params}
    return Finding(
        "revision.file", subject, status, "text", METHOD.id, params=told,
        inputs=tuple(inputs), count=count,
    )  # fmt: skip


def row_findings(
    subject: dict[str, str], old: Version, new: Version, found: Comparison
) -> Iterator[Finding]:
    """One a changed cell, one a row that came or went."""
    for change in found.changes:
        yield _row(subject, old, new, change)


def _row(subject: dict[str, str], old: Version, new: Version, change: Change) -> Finding:
    value, unit = _value(change)
    inputs = []
    if change.old_row is not None:
        inputs.append(Input(old.sha256, change.old_row, change.old_row, "extreme"))
    if change.new_row is not None:
        inputs.append(Input(new.sha256, change.new_row, change.new_row, "extreme"))
    return Finding(
        "revision", subject, value, unit, METHOD.id, at=change.at,
        params={
            "change": change.kind, "row": change.key, "column": change.column,
            "old": change.old, "new": change.new,
            "sealed": old.sealed_at, "resealed": new.sealed_at,
        },
        inputs=tuple(inputs), count=1,
    )  # fmt: skip


def _value(change: Change) -> tuple[Value, str]:
    """The new value, exact where both are numbers; else what happened to the row."""
    if change.kind in (ADDED, REMOVED, HEADER) or not change.column:
        return change.kind, "text"
    both = (change.old or "", change.new or "")
    if all(_NUMBER.fullmatch(t) for t in both):
        return Decimal(both[1]), ""
    return both[1], "text"


def sentence(one: Finding, lang: str) -> str:
    """A finding in one line."""
    if one.name == "revision.file":
        return WORDS[str(one.value)].in_(lang)
    p = one.params
    zh = lang == "zh"
    if p["change"] == CHANGED:
        what = p["column"] or ("整行" if zh else "row")
        return f"{p['row']} · {what}: {p['old']} → {p['new']}"
    words = {
        ADDED: "新增行" if zh else "row added",
        REMOVED: "删除行" if zh else "row removed",
        HEADER: "表头改变" if zh else "header changed",
    }
    shown = p["new"] if p["change"] == ADDED else p["old"]
    return f"{words[p['change']]} · {p['row']}: {shown or ''}"
