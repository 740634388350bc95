"""Annex A: what each scheme pays, from findings alone, in both languages, on screen and paper."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import _dossier_made as made
import _report_made as told
import pypdf
import pytest

from liquest.dossier.annex_schemes import losses
from liquest.dossier.facts import Facts
from liquest.dossier.inputs import Inputs
from liquest.dossier.page import build_page
from liquest.dossier.report import report
from liquest.dossier.write import write_dossier
from liquest.errors import Text
from liquest.findings import Finding, Method

D = made.D
TITLES = {"first": Text("First scheme", "第一方案"), "second": Text("Second scheme", "第二方案")}
METHODS = {
    m.id: m.json()
    for m in (
        Method(f"schemes.award.{name}", title, Text("It pays.", "赔付。"))
        for name, title in TITLES.items()
    )
}
OVERALL = {"eligible": 12, "paid": D("1234.5"), "coverage": D("0.25"), "gini": D("0.512345"),
           "overpaid": 0, "gini_coverage": D("0.4"), "uniform_budget": D("9000.125"),
           "uniform_more": D("7765.625")}  # fmt: skip
UNITS = {"eligible": "claimants", "coverage": "share", "gini": "ratio", "gini_coverage": "ratio"}


def finding(key: str, value: Any, kept: bool = False, /, **more: Any) -> Finding:
    subject = {k: v for k, v in more.items() if k in ("scheme", "class", "reason")}
    params = {k: v for k, v in more.items() if k not in subject} | more.get("params", {})
    params.pop("params", None)
    return made.finding(
        f"schemes.{key}", subject, None if kept else value, UNITS.get(key, "USD"), window=None,
        params=params, caveats=("stated-losses", *(("kept-back",) if kept else ())),
    )  # fmt: skip


def scheme(name: str, origin: str, *, kept: tuple[str, ...] = ()) -> list[Finding]:
    """The findings of one scheme; those of `kept` without a value."""
    found = [
        finding(key, value, key in kept, scheme=name, origin=origin, benchmark="collateral")
        for key, value in OVERALL.items()
    ]
    of: dict[str, Any] = {"scheme": name, "origin": origin}
    for word, cover in (("collateral", D("0.75")), ("vip", 0), ("<b>own</b>", D("0.1"))):
        found.append(finding("coverage", cover, "class" in kept, **of, **{"class": word}))
    reason = ["no <i>loss</i>", "无亏损"]
    found.append(
        replace(
            finding("left_out", 7, "left_out" in kept, scheme=name, reason="no-loss",
                    params={"reason": reason, "loss": "880.5"}),
            unit="claimants",
        )
    )  # fmt: skip
    return found


def register() -> list[Finding]:
    whole = finding("register", 40, params={"loss": "5000"})
    one = finding("register", 12, params={"loss": "700.25"}, **{"class": "collateral"})
    other = finding("register", 3, True, **{"class": "vip"})
    return [replace(f, unit="claimants") for f in (whole, one, other)]


def found(*kept: str) -> list[Finding]:
    return [*register(), *scheme("first", "announced"), *scheme("second", "told", kept=kept)]


def inputs(*kept: str) -> Inputs:
    base = told.inputs()
    return replace(
        base, findings=[*base.findings, *found(*kept)], methods={**base.methods, **METHODS}
    )


def annex(page: str) -> str:
    part = re.search(r'<section id="losses">(.*?)</section>', page, re.S)
    assert part is not None
    return part[1]


def spoken(html: str, lang: str) -> str:
    other = "zh" if lang == "en" else "en"
    html = re.sub(rf'<span lang="{other}">.*?</span>', "", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.fixture(scope="module")
def page() -> str:
    return build_page(made.case(), inputs("paid", "class", "left_out"))


def test_it_shows_the_register_the_schemes_the_classes_and_who_is_left_out(page: str) -> None:
    text = spoken(annex(page), "en")
    for words in (
        "all claimants 40 5,000.00", "collateral 12 700.25", "VIP kept back kept back",
        "First schemefirst announced by the venue 12 1,234.50 25 % 0.512 0.00",
        "Second schemesecond told by participants 12 kept back 25 % 0.512 0.00",
        "First schemefirst 75 % 0 % 10 % 0.400 9,000.12 7,765.62",
        "Second schemesecond kept back kept back kept back 0.400",
        "First scheme no &lt;i&gt;loss&lt;/i&gt; 7 880.50",
        "Second scheme no &lt;i&gt;loss&lt;/i&gt; kept back kept back",
    ):  # fmt: skip
        assert re.sub(r"\s", "", words) in re.sub(r"\s", "", text), words
    assert "<b>own</b>" not in annex(page) and "&lt;b&gt;own" in annex(page)


def test_it_speaks_chinese(page: str) -> None:
    text = spoken(annex(page), "zh")
    for words in ("各方案在登记表上的结果", "第一方案", "场所公布", "参与者所述", "隐去",
                  "抵押品用户 75", "未获赔者及原因"):  # fmt: skip
        assert words in text, words


def test_sentences_stand_for_what_was_announced_and_cite_their_findings(page: str) -> None:
    ids = {f.id[:12] for f in found("paid", "class", "left_out")}
    sentences = re.findall(r'<p class="sentence" data-cites="([^"]+)">(.*?)</p>', annex(page), re.S)
    assert len(sentences) == 3
    for cites, html in sentences:
        assert set(cites.split()) <= ids
        assert set(re.findall(r'href="#f-(\w+)"', html)) == set(cites.split())
        assert "First scheme" in html and "Confidence: medium" in html
    text = spoken(sentences[0][1], "en")
    assert "First scheme pays 1,234.50 USD on a register of 40 claimants: 25 % of" in text
    assert "collateral 75 %, VIP 0 %" in spoken(sentences[1][1], "en")
    assert "takes 9,000.12 USD, 7,765.62 USD more than is paid" in spoken(sentences[2][1], "en")


def test_what_is_kept_back_makes_no_sentence() -> None:
    facts = Facts([*register(), *scheme("first", "announced", kept=(*OVERALL, "class"))], [])
    assert losses(facts, METHODS).sentences == [] and losses(facts, METHODS)


def test_every_number_is_a_link_to_a_finding_of_the_page(page: str) -> None:
    block = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert block is not None
    known = {row[0][:12] for row in json.loads(block[1])["register"]["rows"]}
    links = set(re.findall(r'href="#f-([0-9a-f]{12})"', annex(page)))
    assert links == {f.id[:12] for f in found("paid", "class", "left_out")} and links <= known
    for cell in re.findall(r'<td class="n"[^>]*>(.*?)</td>', annex(page)):
        assert cell == "–" or 'href="#f-' in cell


def test_cause_and_compensation_stay_apart(page: str) -> None:
    parts = dict(re.findall(r'<section id="(\w+)"[^>]*>(.*?)</section>', page, re.S))
    ids = {f.id[:12] for f in found("paid", "class", "left_out")}
    for key, text in parts.items():
        if key not in ("losses", "register"):
            assert not ids & set(re.findall(r'href="#f-(\w+)"', text)), key
            assert "First scheme" not in text or key == "methods"
    assert "No loss by scheme" not in parts["summary"]
    whole = report(made.case(), inputs())
    assert not {f.finding.name for f in whole.cited if f.measure == "schemes"}


def test_without_a_register_it_says_what_to_do() -> None:
    page = build_page(made.case(), told.inputs())
    for lang, words in (
        ("en", ("claimants.csv", "reference_prices.csv", "liquest schemes --template",
                "run liquest investigate CASE again", "kept back")),
        ("zh", ("claimants.csv", "reference_prices.csv", "再次运行 liquest investigate CASE",
                "不予公布")),
    ):  # fmt: skip
        for word in words:
            assert word in spoken(annex(page), lang), word
    assert "#f-" not in annex(page) and "No loss by scheme stands in this report" in page
    assert not losses(Facts([], []), {})


def test_it_stands_on_paper_in_both_languages(tmp_path: Path) -> None:
    paths = write_dossier(made.case(), inputs("paid"), tmp_path)
    for path, words in zip(
        paths[1:],
        (("第一方案", "隐去", "9,000.12"), ("First scheme", "kept back", "9,000.12")),
        strict=True,
    ):
        text = "".join(p.extract_text() for p in pypdf.PdfReader(path).pages)
        for word in words:
            assert word in text, (path.name, word)
