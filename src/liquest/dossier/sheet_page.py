"""A sheet as one HTML file without scripts, and as PDF in one language."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..pdf import compile_pdf
from ..sheet import CODE, FOLD, RIGHT, TIME, Grid, Picture, Section, Sheet, both
from . import embed
from .markup import parse
from .page import environment
from .paper import Paper
from .tables import Cell, Row, Table
from .text import Words, wrap

_TEMPLATE = Path(__file__).parent / "dossier.typ"
_STYLES = {RIGHT: "n", TIME: "t", FOLD: "w", CODE: ""}
MOST = 400
"""Rows of one table on the page; how many more there are is said below it."""
ON_PAPER = 40


def sheet_page(sheet: Sheet, *, version: str) -> str:
    """The sheet as HTML: both languages, switched by the reader; pictures stand in it."""
    return (
        environment()
        .get_template("sheet.html")
        .render(
            sheet=sheet,
            body=Markup(_body(sheet, version, MOST, drawn=True)),
            styles=embed.styles(),
        )
    )


def sheet_pdf(sheet: Sheet, lang: str, *, version: str, year: int = 2025) -> bytes:
    """The sheet as PDF/A in one language."""
    pictures = [p for s in sheet.sections for p in s.pictures]

    def figure(number: str) -> dict[str, Any] | None:
        one = pictures[int(number)]
        return {"k": "fig", "svg": one.svg, "alt": one.alt.in_(lang), "legend": []}

    paper = Paper(lang, year, {}, figure)
    data = {
        "lang": lang, "title": sheet.title.in_(lang), "mark": sheet.kind.in_(lang),
        "blocks": paper.blocks(parse(_body(sheet, version, ON_PAPER, drawn=False))),
        "anchors": {}, "compact": True,
    }  # fmt: skip
    return compile_pdf(_TEMPLATE, data)


def _body(sheet: Sheet, version: str, most: int, *, drawn: bool) -> str:
    """What page and PDF say; on the page pictures are drawn, on paper they are called for."""
    places = {id(p): n for n, p in enumerate(p for s in sheet.sections for p in s.pictures)}

    def picture(one: Picture) -> Markup:
        if not drawn:
            return Markup('<figure data-coin="{}"></figure>').format(places[id(one)])
        # An image of its own: the styles of a chart do not reach the page.
        data = b64encode(one.svg.encode()).decode()
        return Markup('<img src="data:image/svg+xml;base64,{}" alt="{}">').format(data, _alt(one))

    return (
        environment()
        .get_template("sheet_body.html")
        .render(
            sheet=sheet,
            version=version,
            picture=picture,
            paper=0,
            table_of=lambda grid: table_of(grid, most),
            cites=_cites,
        )
    )


def _alt(one: Picture) -> str:
    return f"{one.alt.zh} · {one.alt.en}"


def table_of(grid: Grid, most: int = MOST) -> Table:
    """A grid as the page's own kind of table."""
    styles = [_STYLES.get(c.side, "") for c in grid.columns]
    rows = [
        Row(tuple(
            Cell(wrap("code", cell) if column.side == CODE else Words.of(both(cell)), style=style)
            for cell, column, style in zip(row, grid.columns, styles, strict=True)
        ))
        for row in grid.rows[:most]
    ]  # fmt: skip
    return Table(
        tuple(Cell(Words.of(c.head), style=s) for c, s in zip(grid.columns, styles, strict=True)),
        rows, title=Words.of(grid.title), left=grid.left + max(0, len(grid.rows) - most),
        command=grid.command,
    )  # fmt: skip


def _cites(section: Section) -> str:
    return " ".join(one[:12] for one in section.cites)
