"""A sheet in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text as Styled

from .sheet import FOLD, RIGHT, Grid, Section, Sheet, both
from .terminal import escaped, table


def shown(sheet: Sheet, lang: str) -> Iterator[RenderableType]:
    """The sections that are for the terminal, in their order."""
    yield Styled(sheet.title.in_(lang), style="bold")
    if sheet.warning is not None:
        yield Styled(sheet.warning.in_(lang), style="bold yellow")
    for head, value in sheet.facts:
        yield Styled(f"{head.in_(lang)}: {both(value).in_(lang)}")
    for section in sheet.sections:
        if section.brief:
            yield ""
            yield from _section(section, lang)


def _section(section: Section, lang: str) -> Iterator[RenderableType]:
    yield Styled(section.title.in_(lang), style="bold underline")
    for sentence in section.sentences:
        yield Styled(sentence.in_(lang))
    for grid in section.grids:
        yield grid_shown(grid, lang)
        if grid.left:
            more = f"另有 {grid.left:,} 行" if lang == "zh" else f"{grid.left:,} more rows"
            yield Styled(f"  {more}{f': {grid.command}' if grid.command else ''}", style="dim")
    for note in section.notes:
        yield Styled(f"  {note.in_(lang)}", style="dim")


def grid_shown(grid: Grid, lang: str) -> Table:
    """A table of the terminal."""
    kept = [k for k, column in enumerate(grid.columns) if column.brief]
    made = table(
        grid.title.in_(lang),
        [(grid.columns[k].head.in_(lang), grid.columns[k].side
          if grid.columns[k].side in (RIGHT, FOLD) else "left") for k in kept],
        gap=2 if len(grid.columns) < 7 else 1,
    )  # fmt: skip
    for row in grid.rows:
        made.add_row(*(escaped(both(row[k]).in_(lang)) for k in kept))
    return made
