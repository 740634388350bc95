"""What `survive` shows a person in the terminal: a table, and sentences on the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich.table import Table

from ..case import Case
from ..clock import clock_time
from ..errors import Text
from ..findings import Finding, plain
from ..run.disk import whole
from ..terminal import escaped, table
from .survive import HELP, Survival
from .survive_findings import outcome

IN_GRACE = Text("in grace", "宽限中")
"""In a narrow column: still in grace when the data end."""


def shown(found: Sequence[Survival], lang: str) -> Table:
    """A row for each scenario of each unit, unit by unit."""
    zh = lang == "zh"
    made = table(
        "每个情景下的结果（价格按记录取值）" if zh else "Under each scenario (prices as recorded)",
        [
            ("情景" if zh else "scenario", "fold"), ("结果" if zh else "outcome", "left"),
            ("时刻 UTC" if zh else "at UTC", "left"),
            ("最小余量" if zh else "smallest\ncushion", "right"),
            ("须追加" if zh else "needed", "right"), ("须到账" if zh else "there by", "left"),
            ("预警提前" if zh else "warning", "right"),
        ],
        gap=1,
    )  # fmt: skip
    units: dict[str, list[Survival]] = {}
    for one in found:
        units.setdefault(f"{one.account} · {one.unit} ({one.currency})", []).append(one)
    for unit, rows in units.items():
        made.add_row(escaped(unit), "", "", "", "", "", "")
        for one in rows:
            late = one.warning_seconds
            word = IN_GRACE if one.open_in_grace else outcome(one)
            made.add_row(
                "  " + escaped(one.scenario.label.replace(" ", "\n  ")), word.in_(lang),
                _clock(one.liquidated_at), _sum(one.cushion),
                _sum(one.needed) if one.needed else "–", _clock(one.needed_by),
                "–" if late is None else f"{late:,} s",
            )  # fmt: skip
    return made


def told(found: Sequence[Survival], lang: str) -> list[str]:
    """Sentences for a person, of the baseline: what was missing, and whether help could arrive."""
    lines: list[str] = []
    several = len({one.account for one in found}) > 1
    for one in found:
        if one.scenario.overrides or one.scenario.at is not None or one.needed_by is None:
            continue
        unit = f"{one.account} · {one.unit}" if several else one.unit
        by, needed = clock_time(one.needed_by, digits=0), _sum(one.needed)
        east = clock_time(one.needed_by, "UTC+8", digits=0)
        if lang == "zh":
            lines.append(
                f"{unit}：须在 {by} UTC（{east} UTC+8）前追加 {needed} {one.currency}，"
                "方可在整个时间窗内不被强平。"
            )
        else:
            lines.append(
                f"{unit}: {needed} {one.currency} by {by} UTC ({east} UTC+8) would have held "
                "it over the whole window."
            )
        lines += _in_time(one, lang)
    return lines


def _in_time(one: Survival, lang: str) -> list[str]:
    late = one.warning_seconds
    if late is None:
        return []
    words = []
    for seconds in HELP:
        ok = one.in_time(seconds)
        if lang == "zh":
            words.append(f"{seconds} 秒到账：{'来得及' if ok else '来不及'}")
        else:
            words.append(f"margin that takes {seconds} s: {'in time' if ok else 'too late'}")
    head = (
        f"  自余量减半到触发共 {late} 秒。" if lang == "zh"
        else f"  From half of the cushion to the breach: {late} s. "
    )  # fmt: skip
    return [head + ("；" if lang == "zh" else "; ").join(words)]


def _clock(at: int | None) -> str:
    return "–" if at is None else clock_time(at, digits=0)


def _sum(value: Decimal) -> str:
    """Six significant digits and thousands separated."""
    rounded = Decimal(f"{value:.6g}") if value else Decimal(0)
    whole, dot, rest = plain(rounded).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-') or 0):,}{dot}{rest}"


def own_page(case: Case, place: Path, made: Sequence[Finding]) -> Path:
    """One account's page for a person, as HTML and as PDF in both languages."""
    from .. import __version__
    from ..dossier.claimant import claimant, claimant_page, claimant_pdf
    from .survive_findings import METHODS

    one = claimant(case, made, {m.id: m.json() for m in METHODS}, version=__version__)
    folder = place / "replay"
    page = folder / "survive.html"
    with whole(page) as out:
        out.write(claimant_page(one))
    for lang in ("zh", "en"):
        path = folder / f"survive.{lang}.pdf"
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(claimant_pdf(one, lang))
        fresh.replace(path)
    return page
