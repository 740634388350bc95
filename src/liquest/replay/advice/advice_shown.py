"""What `structure` shows a person in the terminal: the tables, and the plain statement."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table as Printed

from ...terminal import escaped, table
from .sheet import Sheet
from .tables import Table, drawn, event, verdicts
from .verdict_words import sentences
from .words import LEGEND

TONES = {
    "holds": "green", "price": "yellow", "lucky": "yellow", "returned": "yellow",
    "fails": "red", "even": "dim", "undetermined": "dim",
}  # fmt: skip


def shown(sheet: Sheet, lang: str) -> Iterator[Printed]:
    """The ways of all coins together, or of the one coin, and the verdicts."""
    coin = "" if sheet.together else sheet.coins[0]
    made = [event(sheet, coin), *(drawn(sheet, coin, s) for s in sheet.stretches())]
    if sheet.questions(sheet.coins[0]):
        made.append(verdicts(sheet))
    for one in made:
        yield _printed(one.merged(), lang)


def told(sheet: Sheet, lang: str) -> list[str]:
    """The statement, a paragraph a line, and what the short words mean."""
    found = [f"• {text.in_(lang)}" for text in sentences(sheet)]
    return [LEGEND.in_(lang), "", *found] if sheet.questions(sheet.coins[0]) else found


def _printed(one: Table, lang: str) -> Printed:
    heads = [(text.in_(lang), side) for text, side in one.heads]
    made = table(escaped(one.title.in_(lang)), heads, gap=1)
    for cells, tones in zip(one.rows, one.tones, strict=True):
        made.add_row(
            *(
                f"[{TONES[tone]}]{escaped(cell.in_(lang))}[/]" if tone else escaped(cell.in_(lang))
                for cell, tone in zip(cells, tones, strict=True)
            )
        )
    return made
