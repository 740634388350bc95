"""A sheet says the same in the terminal, on the page and on paper, in both languages."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path

import pypdf
import pytest
from rich.console import Console

from liquest.dossier.sheet_page import MOST, sheet_page, sheet_pdf
from liquest.errors import Text
from liquest.sheet import CODE, RIGHT, Column, Grid, Picture, Section, Sheet
from liquest.sheet_shown import shown

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="5" height="5"/></svg>'
)


def sheet(rows: int = 2) -> Sheet:
    grid = Grid(
        Text("Parts", "各部分"),
        (Column(Text("part", "部分")), Column(Text("sum", "金额"), RIGHT),
         Column(Text("id", "编号"), CODE)),
        tuple((Text("fees", "费用"), f"-{n}.5", f"<b>{n}</b>") for n in range(rows)),
        left=7, command="liquest losses CASE --json",
    )  # fmt: skip
    return Sheet(
        Text("Statement of losses", "损失说明"), Text("statement", "说明"),
        (
            Section(
                Text("First", "其一"), (Text("A & B lost 1.", "甲与乙亏损 1。"),), (grid,),
                (Picture(SVG, Text("a square", "一个方块")),), (Text("a note", "注"),), ("ab",),
            ),
            Section(Text("For paper", "仅供打印"), brief=False),
        ),
        Text("It takes no side.", "不持立场。"), Text("SYNTHETIC", "合成数据"),
        ((Text("account", "账户"), "synthetic-1"),),
    )  # fmt: skip


def test_the_page_has_both_languages_and_runs_nothing() -> None:
    page = sheet_page(sheet(), version="1")
    for word in ("Statement of losses", "损失说明", "SYNTHETIC", "甲与乙亏损 1。", "a note"):
        assert word in page
    assert (
        b64encode(SVG.encode()).decode() in page and "<script" not in page and "http-equiv" in page
    )
    assert "&lt;b&gt;1&lt;/b&gt;" in page and "A &amp; B lost 1." in page


def test_a_long_table_says_what_is_left_out() -> None:
    page = sheet_page(sheet(MOST + 5), version="1")
    assert page.count("<tr") == MOST + 1 and "liquest losses CASE --json" in page
    assert "12" in page.split("liquest losses CASE --json")[0][-80:]


@pytest.mark.parametrize(("lang", "words"), [("en", "Statement of losses"), ("zh", "损失说明")])
def test_paper_says_it_in_one_language(lang: str, words: str) -> None:
    paper = pypdf.PdfReader(io.BytesIO(sheet_pdf(sheet(), lang, version="1")))
    text = "".join(page.extract_text() for page in paper.pages)
    assert words in text and ("-1.5" in text or "−1.5" in text)
    assert ("费用" in text) == (lang == "zh")


def test_the_terminal_shows_what_is_for_it() -> None:
    for lang, word in (("en", "fees"), ("zh", "费用")):
        out = io.StringIO()
        console = Console(file=out, width=100)
        for one in shown(sheet(), lang):
            console.print(one)
        text = out.getvalue()
        assert word in text and "[b]" not in text and "<b>1</b>" in text
        assert ("For paper" in text) is False and "仅供打印" not in text


def test_a_table_that_does_not_fit_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="cells for"):
        Grid(Text("a", "b"), (Column(Text("x", "y")),), (("1", "2"),))
    with pytest.raises(ValueError, match="no way"):
        Column(Text("a", "b"), "middle")


def test_the_same_sheet_gives_the_same_bytes(tmp_path: Path) -> None:
    assert sheet_page(sheet(), version="1") == sheet_page(sheet(), version="1")
    assert sheet_pdf(sheet(), "zh", version="1") == sheet_pdf(sheet(), "zh", version="1")
