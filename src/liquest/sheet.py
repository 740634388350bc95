"""A sheet: what a stage has to say to a person, as data, before it is a page or a table.

Sections of sentences, tables and pictures, everything in both languages. The same sheet becomes
tables in the terminal, one HTML file, and a PDF in either language, so the three say the same.
A cell holds text that is shown as it stands; nobody composes sentences further on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import Text

Shown = Text | str
"""Words in both languages, or one text for both (a number, a code)."""

LEFT, RIGHT, FOLD, TIME, CODE = "left", "right", "fold", "time", "code"
"""How a column stands: text, numbers, long text that folds, moments, codes."""


@dataclass(frozen=True)
class Column:
    """A heading and how what is below it stands; `brief` False keeps it out of the terminal."""

    head: Text
    side: str = LEFT
    brief: bool = True

    def __post_init__(self) -> None:
        if self.side not in (LEFT, RIGHT, FOLD, TIME, CODE):
            raise ValueError(f"'{self.side}' is no way for a column to stand")


@dataclass(frozen=True)
class Grid:
    """A table; every row has a cell for each column. `command` prints what `left` leaves out."""

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Shown, ...], ...]
    left: int = 0
    command: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns: {row}")


@dataclass(frozen=True)
class Picture:
    """An SVG document that needs nothing else, and what it shows."""

    svg: str
    alt: Text


@dataclass(frozen=True)
class Section:
    """A heading, sentences, tables, pictures. `cites` are the ids of the findings behind them;
    `brief` is what the terminal shows of it: False for what is for page and PDF only."""

    title: Text
    sentences: tuple[Text, ...] = ()
    grids: tuple[Grid, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[Text, ...] = ()
    cites: tuple[str, ...] = ()
    brief: bool = True


@dataclass(frozen=True)
class Sheet:
    """A title, what kind of document it is, what is to be known before all else (`warning`),
    and the sections in their order."""

    title: Text
    kind: Text
    sections: tuple[Section, ...]
    purpose: Text | None = None
    warning: Text | None = None
    facts: tuple[tuple[Text, Shown], ...] = field(default_factory=tuple)


def both(shown: Shown) -> Text:
    """The same in both languages where there is one text for both."""
    return shown if isinstance(shown, Text) else Text(shown, shown)
