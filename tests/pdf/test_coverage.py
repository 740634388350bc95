"""What the fonts draw, and that no character of any text is lost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

import liquest
from liquest.pdf.coverage import FONTS, drawn, settable, spelled

PACKAGE = Path(liquest.__file__).parent
CASES = PACKAGE.parent.parent / "cases"


def characters(name: str) -> set[str]:
    """What the font file itself says."""
    return {chr(point) for point in TTFont(FONTS / name).getBestCmap()}


def test_the_coverage_is_that_of_the_fonts() -> None:
    assert drawn() == characters("NotoSansCJKsc-Regular.otf") | characters("NotoSans-Regular.ttf")


def test_bold_draws_all_of_simplified_chinese() -> None:
    bold = characters("NotoSansCJKsc-Bold.otf")
    assert bold < drawn()
    hanzi = {
        bytes([lead, trail]).decode("gb2312")
        for lead in range(0xB0, 0xF8)
        for trail in range(0xA1, 0xFF)
        if not (lead == 0xD7 and trail > 0xF9)
    }
    assert len(hanzi) == 6763 and hanzi <= bold


@pytest.mark.parametrize(
    "text", ["强平", "清算價格", "USDⓈ-M ≥ 1 → ½", "‑–—…“”«»", "Ł ő µ § ±", "pᵢ·qₐ E₀ vʲ"]
)
def test_the_texts_of_the_field_are_drawn(text: str) -> None:
    assert spelled(text) == text


def test_every_text_of_the_package_and_of_the_cases_is_drawn() -> None:
    files = [*PACKAGE.rglob("*.toml"), *PACKAGE.rglob("*.typ"), *CASES.glob("*/*.toml")]
    assert len(files) > 5
    missing = {p.name: set(p.read_text(encoding="utf-8")) - drawn() - {"\n"} for p in files}
    assert {name: found for name, found in missing.items() if found} == {}


def test_the_licence_of_the_fonts_stands_beside_them() -> None:
    text = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text and "Copyright 2014-2021 Adobe" in text


def test_the_fonts_are_small() -> None:
    assert sum(p.stat().st_size for p in FONTS.iterdir()) < 5_000_000


@settings(max_examples=1000)
@given(st.text())
def test_what_is_spelled_can_be_drawn_and_read_back(text: str) -> None:
    got = spelled(text)
    assert set(got) <= drawn() | {"\n", "\t"}
    back = got
    for char in set(text) - drawn():
        back = back.replace(f"[U+{ord(char):04X}]", char)
    assert back == text or "[U+" in text


def test_data_are_made_settable() -> None:
    given_data = {"a": Decimal("1.50"), 2: ("x\x00", None, True, 7), "d": {"e": "𠀀"}}
    assert settable(given_data) == {
        "a": "1.5", "2": ["x[U+0000]", None, True, 7], "d": {"e": "[U+20000]"},
    }  # fmt: skip


@pytest.mark.parametrize("bad", [0.5, b"x", {1}, object()])
def test_what_no_template_can_set_is_refused(bad: object) -> None:
    with pytest.raises(TypeError):
        settable([bad])
