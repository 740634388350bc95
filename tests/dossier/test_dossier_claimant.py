"""The page of one claimant: the four questions, in both languages, from findings alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import _dossier_made as made
import pypdf
import pytest

from liquest.clock import SECOND, format_time
from liquest.dossier.claimant import Claimant, claimant, claimant_page, claimant_pdf
from liquest.dossier.inputs import Sealed
from liquest.errors import UsageError
from liquest.findings import Finding

D = made.D
AT = made.WINDOWS[0].start + 419 * SECOND
BY = AT - 2 * SECOND
RULES = {"mark.window": "30 s (relayed)", "grace.vip": "0 s (unknown)"}
METHODS = {made.METHOD.id: made.METHOD.json()}


def survived(
    scenario: str, outcome: str, *, account: str = "a <b>", at: int | None = AT
) -> list[Finding]:
    subject = {"venue": "binance", "account": account, "unit": "isolated ATOMUSDT"}
    params: dict[str, Any] = {
        "scenario": scenario, "currency": "USDT", "cushion": "-1.25", "first_cushion": "830.39",
        "closest_at": format_time(AT), "rules": RULES, "warned_at": format_time(AT - 70 * SECOND),
        "warning_seconds": 70,
    }  # fmt: skip
    caveats = ("exogenous",)
    of: dict[str, Any] = {"params": params, "caveats": caveats, "window": made.WINDOWS[1]}
    return [
        made.finding("replay.survive", subject, outcome, "text", at=at, **of),
        made.finding("replay.survive.needed", subject, D("5986.6"), "USDT", at=at and BY, **of),
    ]


def view(*more: Finding, base: str = "liquidated", at: int | None = AT) -> Claimant:
    found = [*survived("baseline", base, at=at),
             *survived("mark.window=150s", "alive", at=None), *more]  # fmt: skip
    return claimant(made.case(), found, METHODS, version="1", sealed=Sealed("x", 3, "cd" * 32))


def spoken(page: str, lang: str) -> str:
    other = "zh" if lang == "en" else "en"
    page = re.sub(rf'<span lang="{other}">.*?</span>', "", page, flags=re.S)
    return re.sub(r"<[^>]+>", "", page[page.index("</style>") :])


def test_it_answers_the_four_questions() -> None:
    page = claimant_page(view())
    text = spoken(page, "en")
    assert "1 Was I in a window?" in text and "4 What does each scheme pay?" in text
    rows = re.findall(r"<tr><td><b>(\w+)</b></td>.*?<td>([^<]*<span.*?)</td></tr>", page)
    assert [(name, spoken("</style>" + cell, "en")) for name, cell in rows] == [
        ("crash", "yes"), ("scramble", "yes")
    ]  # fmt: skip
    assert "isolated ATOMUSDT is liquidated at 10-10 21:16:59 UTC (10-11 05:16:59 UTC+8)" in text
    assert "5,986.6 USDT more by 10-10 21:16:57 UTC" in text
    assert "mark.window 30 s (relayed); grace.vip 0 s (unknown)" in text
    assert "mark.window=150s" in text and "alive at the end of the window" in text
    assert "Not computable from positions alone" in text and "liquest losses CASE FILES" in text
    assert "Confidence: low" in text and "prices as recorded" in text
    assert "cd" * 32 in text


def test_it_speaks_chinese() -> None:
    text = spoken(claimant_page(view()), "zh")
    assert "逐仓 ATOMUSDT 于 10-10 21:16:59 UTC（10-11 05:16:59 UTC+8） 被强平" in text
    assert "暂不可计算" in text and "置信度：低" in text and "时间窗结束时存活" in text


def test_an_account_that_lived_was_closed_in_no_window() -> None:
    text = spoken(claimant_page(view(base="alive", at=None)), "en")
    assert "By the rules of the moment: alive at the end of the window." in text
    assert "not closed" in text and "would have held it" not in text


def test_the_page_needs_nothing_and_leaks_nothing() -> None:
    page = claimant_page(view())
    assert "<script" not in page and not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "a &lt;b&gt;" in page and "a <b>" not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_fits_one_page_of_paper_and_comes_out_the_same(lang: str, tmp_path: Any) -> None:
    others = [f for n in range(8) for f in survived(f"index.own_weight={n}", "liquidated")]
    made_pdf = claimant_pdf(view(*others), lang)
    assert claimant_pdf(view(*others), lang) == made_pdf
    path = tmp_path / "claimant.pdf"
    path.write_bytes(made_pdf)
    (page,) = pypdf.PdfReader(path).pages
    text = page.extract_text()
    assert "mark.window=150s" in text
    assert ("Not computable" if lang == "en" else "暂不可计算") in text


def test_two_accounts_none_or_no_baseline_are_refused() -> None:
    with pytest.raises(UsageError, match="of 2") as refused:
        view(*survived("baseline", "alive", account="c"))
    assert refused.value.remedy is not None
    with pytest.raises(UsageError, match="of 0"):
        claimant(made.case(), [], METHODS, version="1")
    found = [replace(f, params={**f.params, "scenario": "x"}) for f in survived("y", "alive")]
    with pytest.raises(UsageError, match="not among the scenarios"):
        claimant(made.case(), found, METHODS, version="1")
