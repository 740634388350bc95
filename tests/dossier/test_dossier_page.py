"""The page as a whole: same bytes, small, no address, nothing escapes, each sentence cites."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import _dossier_made as made
import _report_made as told
import pytest

from liquest.clock import Window
from liquest.dossier.page import build_page
from liquest.findings import Finding

MIB5 = 5_000_000


@pytest.fixture(scope="module")
def page() -> str:
    return build_page(made.case(), told.inputs())


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def sections(page: str) -> dict[str, str]:
    return dict(re.findall(r'<section id="(\w+)"[^>]*>(.*?)</section>', page, re.S))


class Sentences(HTMLParser):
    """Collects the attributes of every sentence and the links inside it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], list[str]]] = []
        self._depth = 0
        self._tag = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "sentence" in (given.get("class") or "").split():
            self.found.append((given, []))
            self._tag, self._depth = tag, 1
        elif self._depth and tag == self._tag:
            self._depth += 1
        elif self._depth and tag == "a":
            self.found[-1][1].append(given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag == self._tag:
            self._depth -= 1


def test_same_inputs_give_the_same_bytes(page: str) -> None:
    assert build_page(made.case(), told.inputs()) == page


def test_findings_read_again_give_the_same_bytes(page: str) -> None:
    given = told.inputs()
    again = [Finding.of(json.loads(json.dumps(f.json()))) for f in given.findings]
    assert build_page(made.case(), replace(given, findings=again)) == page


def test_the_order_of_sets_does_not_enter(page: str) -> None:
    code = (
        "import hashlib, _dossier_made as m, _report_made as t;"
        "from liquest.dossier.page import build_page;"
        "print(hashlib.sha256(build_page(m.case(), t.inputs()).encode()).hexdigest())"
    )
    environment = {
        **os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_six_thousand_findings_and_fifteen_coins_stay_below_five_megabytes() -> None:
    coins = made.many_coins(15)
    findings = [f for tracks in coins.values() for f in made.low_findings(tracks)]
    bars = made.many_coins(700, tracks=2)
    for tracks in list(bars.values())[15:]:
        findings += made.low_findings(tracks, "900s")
    findings = findings[:6000]
    assert len(findings) == 6000
    given = made.inputs(findings=findings, coins=coins, buckets=1500)
    page = build_page(made.case(), given)
    assert len(page.encode()) < MIB5
    data = data_of(page)
    assert len(data["coins"]) == 15
    assert all(t["n"] == 1500 for c in data["coins"].values() for t in c["tracks"])


def test_a_case_of_three_hundred_coins_stays_below_five_megabytes() -> None:
    coins = made.many_coins(300)
    findings = [f for tracks in coins.values() for f in made.low_findings(tracks)]
    page = build_page(made.case(), made.inputs(findings=findings, coins=coins, buckets=300))
    assert len(page.encode()) < MIB5
    assert len(data_of(page)["coins"]) == 40
    assert "260 further coins" in page
    assert "further rows are not shown here" in sections(page)["price"]


def test_no_address_outside_the_page(page: str) -> None:
    assert re.findall(r"https?:", page) == []
    assert re.findall(r"@import|url\(", page) == []
    links = re.findall(
        r"\s(?:src|href|action|srcset|poster|data|formaction)=[\"']?([^\"'\s>]*)", page
    )
    assert links and all(link.startswith("#") for link in links if link not in {"x"})
    assert not re.findall(r"<(?:link|iframe|object|embed|img|base|form action)\b", page)
    assert re.findall(r"[\"'(]//[a-zA-Z]", page) == []
    for call in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import(", "new Worker"):
        assert call not in page


def test_the_policy_allows_nothing_from_outside(page: str) -> None:
    assert (
        "content=\"default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; img-src data:\"" in page
    )


def test_every_sentence_cites_findings_of_the_register_or_a_section(page: str) -> None:
    known = {row[0][:12] for row in data_of(page)["register"]["rows"]}
    assert {row[0] for row in data_of(page)["register"]["rows"]} <= {
        f.id for f in told.inputs().findings
    }
    found = Sentences(page).found
    assert len(found) >= 20
    for given, links in found:
        cites = (given["data-cites"] or "").split()
        if not cites:
            section = given.get("data-section")
            assert "data-advice" in given or f"#{section}" in links
        assert set(cites) <= known


def test_every_sentence_of_the_findings_cites_its_ids(page: str) -> None:
    listed = dict(re.findall(r'<tr id="(cite-\d+)">.*?href="#f-([0-9a-f]{12})"', page))
    found = Sentences(sections(page)["findings"]).found
    assert len(found) >= 12
    for given, links in found:
        cites = (given["data-cites"] or "").split()
        assert cites, given
        assert {listed[link[1:]] for link in links if link.startswith("#cite-")} == set(cites)


def test_a_finding_bears_its_number_and_a_word_of_the_scale(page: str) -> None:
    numbers = re.findall(r'<p class="sentence numbered" id="(?:finding|factor)-(\w+)"', page)
    facts = [n for n in numbers if n[0] == "F"]
    assert facts == [f"F{n}" for n in range(1, len(facts) + 1)] and len(facts) > 10
    assert [n for n in numbers if n[0] == "C"] == ["C1"]
    words = re.findall(r'<span class="tag c-(\w+)">.{0,40}Confidence: (\w+)', page)
    assert len(words) == len(numbers)
    assert {(a, b) for a, b in words} <= {(w, w) for w in ("high", "medium", "low")}


def test_the_summary_says_what_the_findings_say(page: str) -> None:
    summary = re.sub(r"<[^>]+>", "", sections(page)["summary"])
    assert "The lowest price of ATOM was 0.001 USDT on Binance ATOMUSDT spot" in summary
    assert "lowest on the other venues: 3.123 USD on Gemini ATOMUSD spot" in summary
    assert "ATOM 的最低价为 0.001 USDT" in summary
    assert "92 trades with one timestamp took 9,695.33 ATOM from 1.688" in summary
    assert "A price of 1 was reached again 30 ms after that run." in summary


def test_every_figure_that_is_shown_has_its_entry(page: str) -> None:
    known = {row[0][:12] for row in data_of(page)["register"]["rows"]}
    assert set(re.findall(r'href="#f-([0-9a-f]{12})"', page)) <= known


def test_hostile_names_stay_text() -> None:
    track = ("binance", made.HOSTILE, "spot", made.HOSTILE, "1")
    coins = {made.HOSTILE: (track, ("gemini", "A<b>'\"&USD", "spot", "USD", "2"))}
    findings = [
        *made.low_findings(coins[made.HOSTILE]),
        made.finding(made.HOSTILE, {made.HOSTILE: made.HOSTILE}, made.HOSTILE, "text"),
        made.finding("gap.of_higher", {**made.subject(track), "against": made.HOSTILE},
                     made.D("0.5"), made.HOSTILE, caveats=(made.HOSTILE,),
                     params={"threshold": made.HOSTILE, "level": made.HOSTILE}),
        made.finding("low", {"coin": "<!--\u2028", **made.subject(track)}, made.D(1), "USD"),
    ]  # fmt: skip
    given = made.inputs(findings=findings, coins=coins)
    bad = replace(made.problems()[0], code=made.HOSTILE, path=made.HOSTILE, sample=made.HOSTILE)
    window = Window(made.HOSTILE, made.WINDOWS[0].start, made.WINDOWS[0].end)
    given = replace(given, problems=[bad], version=made.HOSTILE, made_at=made.HOSTILE)
    page = build_page(made.case(title=made.HOSTILE, windows=(window, *made.WINDOWS)), given)
    assert "<img" not in page
    assert "onerror=alert(1)>" not in page.replace("onerror=alert(1)&gt;", "")
    assert "<!--" not in page
    assert "\u2028" not in page
    assert page.count("</script>") == page.count("<script")
    block = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert block is not None and not re.search("[<>&]", block[1])
    assert made.HOSTILE in json.dumps(data_of(page), ensure_ascii=False)


def test_an_empty_case_still_makes_a_page() -> None:
    given = replace(
        made.inputs(findings=[]), sources=[], problems=[], outlines={"windows": [], "coins": {}}
    )
    page = build_page(made.case(), given)
    assert "No finding of this kind." in page
    assert "The case holds no claims." in page and "The case names no hypotheses." in page
    assert "No hypothesis has a finding that speaks for it." in page
    assert "are not sealed in a vault" in page and "No reply has been received." in page
    assert "No instrument of this case has prices by the minute or finer." in page
    assert "Every file of the case was read." in page


def test_the_inventory_says_what_was_read_and_what_was_not(page: str) -> None:
    inventory = sections(page)["exhibits"] + sections(page)["record"]
    assert "$LIQUEST_DATA/binance_trades_ATOMUSDT.csv.gz" in inventory
    assert f'title="{made.digest("ATOMUSDT")}"' in inventory
    assert "由逐笔成交合成的秒线" in inventory
    assert "notes.docx" in inventory and "无法识别" in inventory
    assert (
        "a.csv" in inventory and "rows 17–19" in inventory and "no rows of 2025-10-09" in inventory
    )


def test_unknown_names_stand_in_a_table_of_their_own(page: str) -> None:
    others = sections(page)["price"]
    assert "novelty" in others and "a text" in others and "account 7" in others


def test_both_languages_stand_in_the_page_without_scripts(page: str) -> None:
    body = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert body.count('<span lang="en">') == body.count('<span lang="zh">') > 100
    for words in ("事实记录", "Factual record", "各场所最低价", "Lows by venue"):
        assert words in body


def test_the_licence_of_the_chart_library_is_in_the_page(page: str) -> None:
    assert page.count("Copyright (c) 2022 Leon Sorokin") == 2
    assert "Permission is hereby granted, free of charge" in page


CHAPTERS = (
    "summary", "contents", "words", "record", "price", "mark", "liquidations", "replays",
    "hypotheses", "claims", "findings", "recommendations", "questions", "losses", "methods",
    "exhibits", "custody", "verify", "replies", "register",
)  # fmt: skip


def test_the_report_has_the_structure_of_an_accident_report(page: str) -> None:
    assert tuple(sections(page)) == CHAPTERS
    for key in CHAPTERS[3:]:
        assert re.search(r'<h2><span class="no">.*?</span> ', sections(page)[key]), key
    front = page[: page.index('<section id="summary">')]
    assert told.ROOT in front and "assigns no blame and no liability" in front
    assert "Interim report" in front and "中期报告" in front


def test_cause_and_compensation_stay_apart(page: str) -> None:
    own = sections(page)
    assert "no account statements have been read" in own["losses"]
    assert not re.search("#f-|#cite-|#claim-", own["losses"])
    for key in ("findings", "recommendations"):
        text = re.sub(r"<[^>]+>", "", own[key]).lower()
        assert not re.search(r"compensat|voucher|liab(?!ility\.)|refund|补偿|赔付|代金券", text), (
            key
        )
        assert "#losses" not in own[key]


def test_a_claim_stands_with_verdict_evidence_and_what_is_missing(page: str) -> None:
    claims = sections(page)["claims"]
    of = dict(
        re.findall(r'<article class="claim" id="claim-([\w-]+)">(.*?)</article>', claims, re.S)
    )
    assert list(of) == ["spot-near-zero", "spot-lower-still", "orders-refused", "markup"]
    assert "v-supported" in of["spot-near-zero"] and "证据支持" in of["spot-near-zero"]
    (low,) = [
        f
        for f in told.inputs().findings
        if f.name == "low"
        and f.subject.get("instrument") == "ATOMUSDT"
        and f.window == made.WINDOWS[0]
    ]
    assert f'href="#f-{low.id[:12]}"' in of["spot-near-zero"]
    assert "v-mixed" in of["spot-lower-still"] and "A number differs" in of["spot-lower-still"]
    assert "v-not-testable" in of["orders-refused"]
    assert "<code>liquest fetch logs</code>" in of["orders-refused"]
    assert "Logs of order entry" in sections(page)["record"]
    assert "Of" in sections(page)["summary"] and "4 claims" in re.sub(
        "<[^>]+>", "", sections(page)["summary"]
    )


def test_questions_hypotheses_statements_and_custody_stand_in_their_places(page: str) -> None:
    own = {key: re.sub(r"<[^>]+>", "", text) for key, text in sections(page).items()}
    assert "Where were the orders?" in own["questions"] and "the venue" in own["questions"]
    assert "Spot alone falls." in own["hypotheses"] and "The book by second" in own["hypotheses"]
    assert "It was load." in own["record"] and "It was markets." in own["record"]
    assert "before noon" in own["custody"] and "none yet" in own["custody"]
    assert "The venue" in own["replies"]
    assert own["recommendations"].count("Rests on") >= 3


def test_the_sequence_is_in_the_order_of_time(page: str) -> None:
    part = re.search(r'<div id="sequence">(.*?)</table>', page, re.S)
    assert part is not None
    times = re.findall(
        r'<tr><td class="t">(\d\d-\d\d [\d:.]+)</td>|<td>(\d\d-\d\d [\d:.]+)</td><td>\d', part[1]
    )
    moments = [a or b for a, b in times]
    assert len(moments) >= 5 and moments == sorted(moments)
