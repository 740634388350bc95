"""docs/structure.md says what the command says: its tables, its numbers, its names."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest
from _asking import CASE, embedded_case
from rich.console import Console

from _ticks import lake_of
from liquest.replay.advice.advice_shown import shown, told
from liquest.replay.advice.advise import advise
from liquest.replay.advice.asked import Asked
from liquest.replay.advice.methods import METHODS
from liquest.replay.advice.sheet import Sheet
from liquest.replay.context import Context
from liquest.rules.book import book
from liquest.run.executor import Threads
from liquest.run.progress import Silent

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "structure.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
D = Decimal


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """One for all commands, so that marks are computed once."""
    lake = lake_of(tmp_path_factory.mktemp("docs"), [CASE / "facts" / "seconds.parquet"])
    return Context.of(embedded_case(), lake, book(), Threads(2))


def printed(context: Context, asked: Asked, *coins: str) -> str:
    """What the command prints in English at 100 columns."""
    out = io.StringIO()
    console = Console(file=out, width=100, highlight=False)
    sheet = Sheet(advise(context, asked, coins, Silent())[0])
    for one in (*shown(sheet, "en"), *told(sheet, "en")):
        console.print(one)
    return out.getvalue()


def lines(text: str) -> set[str]:
    """Lines without the blanks at their ends."""
    return {line.rstrip() for line in text.splitlines()}


def test_the_example_of_one_coin(context: Context) -> None:
    text = printed(context, Asked(paths=20), "ATOM")
    assert lines(BLOCKS[1]) <= lines(text)
    assert "71.8 %" in text and "6,912" in text


def test_the_verdicts_and_the_numbers_of_the_defaults(context: Context) -> None:
    text = printed(context, Asked())
    assert lines(BLOCKS[2]) <= lines(text)
    said = " ".join(text.split())
    for number in ("9,495.00", "5,636.20 (WLD)", "−27.72 (± 2.35)", "+2,124.51", "38.3 h",
                   "+43.00", "−10.87", "was 5 %"):  # fmt: skip
        assert number in said, number
        assert number.strip("+−").split(" ")[0] in PAGE


@pytest.mark.parametrize(
    ("leverage", "numbers"),
    [
        (5, ("+1,347.18", "−0.08 (± 0.07)")), (10, ("−6.29 (± 0.83)", "6 days")),
        (50, ("−41.75 (± 3.70)", "29 h")),
    ],
)  # fmt: skip
def test_nearer_and_farther_margins(
    context: Context, leverage: int, numbers: tuple[str, ...]
) -> None:  # fmt: skip
    asked = Asked(leverages=(D(2), D(leverage)), shares=(D(1),), stop=None)
    said = " ".join(printed(context, asked).split())
    for number in numbers:
        assert number in said
        assert number.strip("+−").split(" ")[0] in PAGE


def test_every_finding_is_named() -> None:
    for method in METHODS:
        assert f"`{method.name.removeprefix('replay.advice.')}`" in PAGE


def test_the_picture_is_whole() -> None:
    root = ET.parse(DOCS / "img" / "structure.svg").getroot()
    text = "".join(root.itertext())
    assert "14 coins" in text and "14 个币种" in text
