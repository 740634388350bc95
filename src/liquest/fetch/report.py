"""What fetch and recheck show in the terminal, and the problems that fetch leaves."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ..problems import read_problems, write_problems
from ..terminal import table
from . import revision
from .engine import Outcome
from .recheck import Rechecked
from .wanted import Plan, by_archive

_MOST = 40


def size(count: int) -> str:
    """Bytes for people: 812 B, 3.4 MB, 12.0 GB."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1000
    return ""


def total(plan: Plan) -> str:
    """The size of a plan, "about" where a part is an estimate or unknown."""
    about = "≈ " if any(w.rough for w in plan.wanted) else ""
    more = " +" if plan.unsized else ""
    return f"{about}{size(plan.size)}{more}"


def sizes(plan: Plan, open_: Plan, lang: str) -> Table:
    """Files and bytes by archive and kind; what is sealed already counts apart."""
    zh = lang == "zh"
    made = table(
        "将要下载" if zh else "To be fetched",
        [
            ("档案" if zh else "archive", "left"), ("种类" if zh else "kind", "left"),
            ("文件" if zh else "files", "right"), ("大小" if zh else "size", "right"),
            ("已封存" if zh else "sealed", "right"), ("不存在" if zh else "absent", "right"),
        ],
    )  # fmt: skip
    todo = by_archive(open_.wanted)
    for group, files in by_archive(plan.wanted).items():
        part = todo.get(group, [])
        made.add_row(
            escape(group[0]), escape(group[1]), f"{len(part):,}", total(Plan(part)),
            f"{len(files) - len(part):,}", "",
        )  # fmt: skip
    made.add_row(
        "合计" if zh else "total", "", f"{len(open_.wanted):,}", total(open_),
        f"{len(plan.wanted) - len(open_.wanted):,}",
        f"{sum(p.effect == 'absent' for p in plan.problems):,}",
    )  # fmt: skip
    return made


def asks(open_: Plan, lang: str) -> str:
    """The question before a large download."""
    if lang == "zh":
        return f"将下载 {len(open_.wanted):,} 个文件，共 {total(open_)}。确认请加 --yes。"
    return f"{len(open_.wanted):,} files, {total(open_)}, would be fetched. Add --yes to take them."


def summary(done: Outcome, lang: str) -> str:
    """One line at the end."""
    landed = size(sum(i.size for i in done.landed))
    absent = sum(p.effect == "absent" for p in done.problems)
    failed = sum(p.effect == "unread" for p in done.problems)
    if lang == "zh":
        return (
            f"新封存 {len(done.landed):,} 个文件（{landed}）· 此前已有 {len(done.skipped):,} · "
            f"不存在 {absent:,} · 失败 {failed:,}"
        )
    return (
        f"{len(done.landed):,} files sealed ({landed}) · {len(done.skipped):,} were there · "
        f"{absent:,} absent · {failed:,} failed"
    )


def remember(path: Path, plan: Plan, done: Outcome) -> None:
    """The problems of this run beside those of other files that earlier runs left."""
    touched = {w.source for w in plan.wanted} | {p.path for p in done.problems}
    earlier = [p for p in read_problems(path) if p.path not in touched]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    write_problems(part, [*earlier, *done.problems])
    part.replace(path)


def revisions(found: Rechecked, lang: str) -> Table:
    """Every revision, the first ones cell by cell; unchanged files only as a number."""
    zh = lang == "zh"
    same = sum(f.value == revision.UNCHANGED for f in found.findings)
    title = (
        f"复核 {found.files:,} 个文件，{same:,} 个未变"
        if zh
        else f"{found.files:,} files fetched again, {same:,} unchanged"
    )
    made = table(
        title,
        [
            ("来源" if zh else "source", "fold"), ("封存于" if zh else "sealed", "left"),
            ("改动" if zh else "what changed", "fold"), ("行" if zh else "rows", "left"),
        ],
    )  # fmt: skip
    told = [f for f in found.findings if f.value != revision.UNCHANGED]
    for one in told[:_MOST]:
        rows = ""
        if one.name == "revision":
            rows = " → ".join(str(i.first) for i in one.inputs)
        made.add_row(
            escape(one.subject["source"].rsplit("/", 1)[-1]),
            str(one.params.get("sealed", ""))[:16].replace("T", " "),
            escape(revision.sentence(one, lang)), rows,
        )  # fmt: skip
    if len(told) > _MOST:
        rest = len(told) - _MOST
        more = f"另有 {rest} 条" if zh else f"{rest} more"
        made.add_row("…", "", more, "")
    return made
