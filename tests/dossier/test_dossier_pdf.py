"""The report on paper: the same content, identical bytes, PDF/A, every finding cites."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import _dossier_made as made
import _report_made as told
import pypdf
import pytest

from liquest.dossier.markup import Node, parse
from liquest.dossier.page import body_of
from liquest.dossier.report import Report, report
from liquest.dossier.write import FILES, write_dossier


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dossier")
    assert [p.name for p in write_dossier(made.case(), told.inputs(), out)] == list(FILES)
    return out


@pytest.fixture(scope="module")
def whole() -> Report:
    return report(made.case(), told.inputs())


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def squeezed(text: str) -> str:
    """Without blanks: where lines break is not the matter."""
    return re.sub(r"\s|\u00a0|\u200b", "", text)


def test_nothing_but_the_files_is_written(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    assert FILES == ("index.html", "dossier.zh.pdf", "dossier.en.pdf")


def test_another_process_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, _dossier_made as m, _report_made as t;"
        "from liquest.dossier.write import write_dossier;"
        "write_dossier(m.case(), t.inputs(), pathlib.Path(sys.argv[1]))"
    )
    environment = {
        **os.environ, "PYTHONHASHSEED": "11", "PYTHONPATH": str(Path(__file__).parent)
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
    for name in FILES:
        # By digest: the difference of two files of megabytes takes hours to write out.
        made, again = (sha256((f / name).read_bytes()).hexdigest() for f in (folder, tmp_path))
        assert made == again, name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_says_that_it_is_pdf_a_and_in_which_language(folder: Path, lang: str) -> None:
    reader = pypdf.PdfReader(folder / f"dossier.{lang}.pdf")
    root = reader.root_object
    metadata = root["/Metadata"].get_object()
    assert isinstance(metadata, pypdf.generic.StreamObject)
    assert b"pdfaid:part" in metadata.get_data()
    assert str(root["/Lang"]).startswith(lang)
    assert reader.metadata is not None
    assert reader.metadata.title == made.case().title.in_(lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paper_says_what_the_page_says(folder: Path, whole: Report, lang: str) -> None:
    text = squeezed("".join(pages(folder / f"dossier.{lang}.pdf")))
    assert told.ROOT in text and whole.digest in text
    numbers = [c.number for c in whole.conclusions] + [r.number for r in whole.recommendations]
    assert [n for n in numbers if n not in text] == []
    for one in whole.contents:
        title = one.title.zh if lang == "zh" else one.title.en
        assert squeezed(str(title)) in text, title
    for tried in whole.tried:
        assert squeezed(tried.trial.claim.text.in_(lang)) in text
    for question in whole.questions:
        assert squeezed(question.asked.question.text.in_(lang)) in text
    for rival in whole.rivals:
        assert squeezed(rival.weighed.hypothesis.prediction.in_(lang)) in text


def test_every_finding_on_paper_cites_its_ids(folder: Path, whole: Report) -> None:
    text = squeezed("".join(pages(folder / "dossier.en.pdf")))
    start = text.index(squeezed(str(whole.contents[8].title.en)), len(text) // 4)
    places = {f.id: n for n, f in enumerate(whole.cited, 1)}
    for one in whole.conclusions:
        numbers = ",".join(str(n) for n in sorted(places[f.id] for f in one.sentence.cites))
        assert re.search(rf"{one.number}\D.*?\[{numbers}\]", text[start - 20 :]), one.number
        for fact in one.sentence.cites:
            assert fact.id[:12] in text


def test_the_summary_is_one_page(folder: Path) -> None:
    for lang, word, after in (("en", "Summary", "1 Factual"), ("zh", "摘要", "1 事实")):
        told_pages = pages(folder / f"dossier.{lang}.pdf")
        first = [i for i, t in enumerate(told_pages) if re.search(rf"^{word}$", t, re.M)]
        next_ = [i for i, t in enumerate(told_pages) if re.search(rf"^{after}", t, re.M)]
        assert first and next_ and next_[-1] - first[0] == 1


def test_times_stand_in_both_clocks(folder: Path) -> None:
    text = squeezed("".join(pages(folder / "dossier.zh.pdf")))
    assert "10-1021:20:37.689UTC(10-1105:20:37.689UTC+8)" in text


def test_caveats_stand_in_words_and_nothing_is_left_without_a_glyph(folder: Path) -> None:
    text = squeezed("".join(pages(folder / "dossier.zh.pdf")))
    assert "成交少" in text and "[U+" not in text


def test_long_tables_are_cut_and_say_where_they_stand_whole() -> None:
    found = [made.finding("novelty.count", {"account": str(n)}, n, "trades") for n in range(25)]
    body = body_of(report(made.case(), made.inputs(findings=found)), paper=True)
    (rows,) = [t for t in tables(parse(body)) if "account 3" in t.text()]
    assert len(list(rows.within("tbody"))) == 8
    assert "17 further rows: <code>dossier/index.html</code>" in body
    whole = body_of(report(made.case(), made.inputs(findings=found)))
    (rows,) = [t for t in tables(parse(whole)) if "account 3" in t.text()]
    assert len(list(rows.within("tbody"))) == 25


def tables(node: Node) -> list[Node]:
    own = [child for child in node.elements() if child.tag == "table"]
    return own + [t for child in node.elements() for t in tables(child)]


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    track = ("binance", '#import "x" $a$ *b*', "spot", "USD", "1")
    coins = {"#panic()": (track, ("gemini", "A_B-C", "spot", "USD", "2"))}
    found = list(made.low_findings(coins["#panic()"]))
    given = replace(made.inputs(findings=found, coins=coins), version="#{1+1} @x <y>")
    write_dossier(made.case(title="*a* #b $c$"), given, tmp_path)
    text = squeezed("".join(pages(tmp_path / "dossier.en.pdf")))
    assert squeezed('#import "x" $a$ *b*') in text and "#{1+1}@x<y>" in text


def test_an_empty_case_can_be_printed(tmp_path: Path) -> None:
    given = replace(
        made.inputs(findings=[]), sources=[], problems=[], outlines={"windows": [], "coins": {}}
    )
    write_dossier(made.case(), given, tmp_path)
    assert len(pages(tmp_path / "dossier.zh.pdf")) > 5


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "dossier.zh.pdf").write_bytes(b"old")
    (tmp_path / "dossier.zh.pdf.new").mkdir()
    with pytest.raises(OSError, match=r"dossier\.zh\.pdf\.new"):
        write_dossier(made.case(), made.inputs(findings=[]), tmp_path)
    assert (tmp_path / "dossier.zh.pdf").read_bytes() == b"old"
    assert (tmp_path / "index.html").read_bytes().startswith(b"<!doctype html>")
