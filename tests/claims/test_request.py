"""The disclosure request: what a lawyer sends, the same in both forms and both languages."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from _around import run
from _claims import found
from pypdf import PdfReader

from liquest.case import read_case
from liquest.claims.inquiry import Inquiry
from liquest.claims.questions import asked
from liquest.claims.reading_questions import read_questions
from liquest.claims.request import LANGUAGES, Letter, letters, markdown, pdf, write_request
from liquest.findings import write_findings

CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"
LOW = found(
    "low", "0.001", venue="binance", instrument="ATOMUSDT", kind="spot", price="trade", coin="ATOM"
)


@pytest.fixture(scope="module")
def inquiry() -> Inquiry:
    return read_questions(CASE / "questions.toml")


@pytest.fixture(scope="module")
def made(inquiry: Inquiry) -> list[Letter]:
    return letters(read_case(CASE), inquiry, asked(inquiry, [LOW]))


def text_of(content: bytes) -> str:
    """What can be copied out of a PDF, without blanks: they depend on the line breaks."""
    pages = PdfReader(io.BytesIO(content)).pages
    return squeezed("".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_each_holder_is_asked_for_its_own_records(inquiry: Inquiry, made: list[Letter]) -> None:
    assert [one.holder for one in made] == list(inquiry.holders)
    for one in made:
        assert {r.id for r in one.records} == {
            r.id for r in inquiry.records.values() if one.holder in r.holders
        }
        assert {a.question.id for a in one.asked} == {
            q.id for q in inquiry.questions if one.holder in q.ask
        }
    assert len(made[0].asked) == 7


@pytest.mark.parametrize("lang", LANGUAGES)
def test_markdown_holds_every_field_span_and_question(made: list[Letter], lang: str) -> None:
    letter = made[0]
    text = markdown(letter, lang)
    for record in letter.records:
        table = text.split(f"### R{letter.records.index(record) + 1} ")[1].split("###")[0]
        assert [f.name for f in record.fields] == re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
        assert table.count("2025-10-10 20:00:00 – 2025-10-11 00:00:00 UTC") >= (
            "event" in {s.name for s in record.spans}
        )
    for number, one in enumerate(letter.asked, 1):
        assert f"### Q{number} " in text and one.question.answer.in_(lang) in text
    assert f"({LOW.id[:12]})" in text and "0.001 USDT" in text
    # Nothing is left unfilled except what the sender writes.
    assert "{" not in text and "| None" not in text and ": None\n" not in text
    assert "\n\n\n" not in text and text.endswith("\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pdf_and_markdown_say_the_same(made: list[Letter], lang: str) -> None:
    for letter in made:
        content = text_of(pdf(letter, lang))
        data = letter.data(lang)
        words = data["words"]
        sentences = [
            data["letter"]["counts"], words["purpose"]["text"], words["preserve"]["text"],
            words["reply"]["text"], *words["form"],
            *(v for r in data["letter"]["records"] for v in (r["title"], r["scope"], *r["spans"])),
            *(q["answer"] for q in data["letter"]["questions"]),
            *(k["words"] for q in data["letter"]["questions"] for k in q["known"]),
        ]  # fmt: skip
        text = squeezed(markdown(letter, lang).replace("\\", ""))
        for sentence in map(squeezed, sentences):
            assert sentence in text and sentence in content, sentence


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_bytes_twice(made: list[Letter], lang: str) -> None:
    assert pdf(made[0], lang) == pdf(made[0], lang)
    assert pdf(made[0], lang).startswith(b"%PDF-")


def test_each_language_keeps_to_itself(made: list[Letter]) -> None:
    for letter in made:
        english = markdown(letter, "en")
        assert re.findall("[\u4e00-\u9fff]", english) == []
        chinese = squeezed(markdown(letter, "zh"))
        # Names of venues, coins and fields remain; no English sentence does.
        assert not re.search(r"[a-z]{3,}[a-z]* (the|of|and|is) ", markdown(letter, "zh"))
        assert len(re.findall("[\u4e00-\u9fff]", chinese)) > 300


def test_text_with_marks_of_markdown_stays_text(inquiry: Inquiry) -> None:
    odd = found("low", "1", "a|b*c", venue="binance", instrument="ATOMUSDT", kind="spot",
                price="trade")  # fmt: skip
    letter = letters(read_case(CASE), inquiry, asked(inquiry, [odd]))[0]
    assert "1 a\\|b\\*c" in markdown(letter, "en")
    assert squeezed("1 a|b*c") in text_of(pdf(letter, "en"))


def test_files_are_named_by_holder_and_language(tmp_path: Path, made: list[Letter]) -> None:
    paths = write_request(tmp_path / "new" / "folder", made[2:])
    assert [p.name for p in paths] == [
        "disclosure-request.index-venues.zh.md", "disclosure-request.index-venues.zh.pdf",
        "disclosure-request.index-venues.en.md", "disclosure-request.index-venues.en.pdf",
    ]  # fmt: skip
    assert all(p.stat().st_size > 1000 for p in paths)


def test_the_verb_writes_them(tmp_path: Path) -> None:
    place = tmp_path / "out" / "findings"
    place.mkdir(parents=True)
    write_findings(place / "low.jsonl", [LOW])
    shown = run(
        "questions", CASE, "--out", tmp_path / "out", "--request", tmp_path / "letters"
    )  # fmt: skip
    assert shown.count("Wrote ") == 12
    held = (tmp_path / "letters" / "disclosure-request.binance.zh.md").read_text(encoding="utf-8")
    assert "0.001 USDT" in held and "不承担用户损失的责任" in held
