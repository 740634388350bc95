"""The text of a file that somebody gives for a table; what it is no table of is said in words."""

from __future__ import annotations

from pathlib import Path

from ...errors import Text, UnknownFormat
from ...replay.positions_text import TextFile, text_file


def text_of(path: Path, noun: Text) -> TextFile:
    """The readable text of a file; raises UnreadableFile, or UnknownFormat that says what it is
    instead of `noun`."""
    try:
        return text_file(path)
    except UnknownFormat as error:
        said = Text(
            error.what.en.replace("table of positions", noun.en),
            error.what.zh.replace("持仓表", noun.zh),
        )
        raise UnknownFormat(said, where=error.where, remedy=error.remedy) from None
