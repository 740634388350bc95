"""The page of the schemes: what each pays, to whom, how evenly, and who is left out.

One HTML file without scripts, in both languages, switched by the reader. Everything that comes
from the register is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...errors import Text
from ...findings import plain, rounded
from ...rules.book_rows import ASKED, ASKED_TEXT, CERTAINTY
from ...rules.book_units import shown
from ...rules.compensation import GROUNDS, ORIGINS, money
from .lorenz_chart import lorenz_chart
from .pay import Paid
from .summary import Summary

MOST = 200
"""Claimants that the page lists one by one."""

CLASS_WORDS: Mapping[str, Text] = {
    "collateral": Text("collateral", "抵押品用户"),
    "contract": Text("contract", "合约用户"),
    "vip": Text("VIP", "VIP"),
    "margin": Text("margin", "杠杆用户"),
    "loan": Text("loan", "借贷用户"),
    "institution": Text("institution", "机构"),
}


def class_word(name: str) -> Text:
    """The class of claimants in words; a class of the register's own stands for itself."""
    return CLASS_WORDS.get(name, Text(name, name))


def page(
    title: Text, paid: Paid, found: Sequence[Summary], *, styles: Markup, version: str
) -> str:  # fmt: skip
    """The page; `styles` is the style sheet of the house."""
    classes = list(dict.fromkeys(g.name for one in found for g in one.groups))
    return (
        _environment()
        .get_template("schemes.html")
        .render(
            title=title,
            paid=paid,
            found=found,
            classes=classes,
            listed=list(enumerate(paid.claimants[:MOST])),
            more=max(len(paid.claimants) - MOST, 0),
            rules=_rules(paid),
            chart=Markup(lorenz_chart(found)),
            styles=styles,
            version=version,
        )
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(
        both=both, money=money, percent=percent, ratio=ratio, class_word=class_word,
        grounds=GROUNDS, origins=ORIGINS,
    )  # fmt: skip
    return made


def both(en: str | Text, zh: str = "") -> Markup:
    """Words in both languages, of which the page shows one."""
    if isinstance(en, Text):
        en, zh = en
    if en == zh:
        return Markup.escape(en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(en, zh)


def percent(share: Fraction | None) -> str:
    """A share in percent: two decimals, four below one percent."""
    if share is None:
        return "–"
    value = Decimal(share.numerator) / Decimal(share.denominator) * 100
    return f"{plain(rounded(value, 2 if abs(value) >= 1 or not value else 4))} %"


def ratio(value: Fraction | None) -> str:
    return "–" if value is None else f"{float(value):.3f}"


def _rules(paid: Paid) -> list[tuple[str, str, Text, Text]]:
    """path, value, certainty and source of every rule that a scheme took."""
    paths = dict.fromkeys(path for one in paid.outcomes for path in one.scheme.PATHS)
    rows = [paid.rules.get(path) for path in paths]
    return [
        (
            row.path, shown(row.value, row.unit),
            ASKED_TEXT if row.certainty == ASKED else CERTAINTY[row.certainty], row.origin,
        )
        for row in rows
    ]  # fmt: skip
