"""The claims of the embedded case: all of them there, true to their sources, tried on findings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from _claims import CASE

from liquest.case import read_case
from liquest.claims.claim import Claim
from liquest.claims.reading import read_claims
from liquest.claims.stage import selected
from liquest.claims.trial import Trial, trials
from liquest.claims.verdict import VERDICTS
from liquest.cli import app
from liquest.findings import Finding
from liquest.measures import stage as measure_stage
from liquest.run.executor import Threads
from liquest.run.progress import Silent
from liquest.tape import stage as tape_stage
from liquest.vault.intake import digest

CLAIMS = read_claims(CASE / "claims.toml", read_case(CASE).windows)
MEASURED = ("low", "gap", "outliers", "decoupling", "dislocation", "basis")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What these measures find in the case as it is shipped."""
    out = tmp_path_factory.mktemp("case")
    case = read_case(CASE)
    tape = tape_stage.build(case, out, Threads(2), Silent())
    return measure_stage.build(case, tape.lake, out, Threads(2), Silent(), MEASURED).findings


@pytest.fixture(scope="module")
def judged(found: list[Finding]) -> dict[str, Trial]:
    done, problems = trials(CLAIMS, found)
    assert problems == []
    return {t.claim.id: t for t in done}


def outcomes(trial: Trial) -> list[str]:
    return [e.outcome for e in trial.evidence]


# --- What is there ---------------------------------------------------------------------------

LISTED = {
    "atom-spot-near-zero", "atom-print-moved-futures", "iotx-spot-near-zero",
    "atom-futures-about-1-4", "atom-index-60-percent-own", "atom-open-interest-160-90",
    "iotx-open-interest-75-percent", "atom-half-of-holders-liquidated", "mark-window-150-to-60",
    "would-have-survived-150", "vip-24-hour-grace", "vouchers-0-1-to-1-percent",
    "overpaid-5-percent", "xrp-1-7-against-1-4", "quarter-of-coins-10-percent-below",
    "coins-58-more-than-50-percent-below", "three-coins-on-12-march-2020",
    "binance-dragged-offshore", "upward-wicks-apt-wif-sand", "makers-offline-at-once-improbable",
    "orders-accepted-not-in-book", "usd-prices-cut-the-tail", "errors-1008-from-20-56-22",
    "few-minutes-no-rescue", "sol-spot-180-perpetual-140", "makers-99-percent-10-20-levels",
    "usde-12-percent", "usde-leverage-3-5-and-5", "usde-large-margin-users-liquidated",
    "delta-neutral-fails-on-basis", "compensation-window-21-36-22-16",
    "compensated-three-assets-only", "offshore-below-usd", "deepest-venue-lowest",
    "galaxy-changed-statement", "engine-problem-acknowledged", "exchange-engines-operational",
    "exchange-market-low-21-20-21-21", "exchange-depeg-after-21-36",
    "exchange-depeg-did-not-cause-crash", "exchange-forced-liquidations-low-share",
    "small-margin-high-leverage", "exchange-losses-10-20-billion",
}  # fmt: skip


def test_every_claim_that_must_be_tried_is_there() -> None:
    assert {one.id for one in CLAIMS} >= LISTED and len(CLAIMS) >= 60


def test_the_exchange_is_tried_with_the_others() -> None:
    parties = {one.party for one in CLAIMS}
    assert {"host", "researcher", "quant", "exchange", "participants"} <= parties
    assert sum(one.party == "exchange" for one in CLAIMS) >= 15
    assert all(one.said is not None for one in CLAIMS if one.party == "exchange")


def test_every_claim_is_in_both_languages_and_has_a_source() -> None:
    for one in CLAIMS:
        assert re.search(r"[\u4e00-\u9fff]", one.text.zh) and one.text.en.isprintable()
        assert one.source is not None, one.id


def exchange_quotes() -> Iterator[tuple[str, str]]:
    """(source in English, piece of a quotation) of every statement of the exchange."""
    for one in CLAIMS:
        if one.party == "exchange" and one.source is not None:
            for quote in re.findall(r"“([^”]*)”", one.text.en):
                for piece in re.split(r"\s*…\s*|\[[^\]]*\]", quote):
                    if piece.strip():
                        yield one.source.en, piece.strip()


def test_the_exchange_is_quoted_word_for_word(shared_data: Path) -> None:
    texts = {
        digest(path): path.read_text(encoding="utf-8")
        for path in (shared_data / "2025-10-10" / "statements").glob("*.md")
    }
    raw = (CASE / "claims.toml").read_text(encoding="utf-8")
    known = set(re.findall(r'sha256 = "([0-9a-f]{64})"', raw))
    assert known <= set(texts)
    whole = " ".join(texts[sha] for sha in known).replace("’", "'")
    pieces = [piece for _, piece in exchange_quotes()]
    assert len(pieces) >= 20
    missing = [p for p in pieces if p.rstrip(".").replace("’", "'").lower() not in whole.lower()]
    assert missing == []


# --- What would make a claim testable --------------------------------------------------------


def commands(one: Claim) -> Iterator[str]:
    for need in (*one.needs, *(n for test in one.tests for n in test.needs)):
        if need.fetch:
            yield need.fetch


FETCHES = sorted({command for one in CLAIMS for command in commands(one)})


@pytest.mark.parametrize("command", FETCHES)
def test_every_command_is_one_that_the_program_takes(command: str) -> None:
    """Parsed by the program itself, down to the last option; not run."""
    program, *words = shlex.split(command)
    assert program == "liquest"
    verb: Any = typer.main.get_command(app)
    while hasattr(verb, "commands"):
        verb = verb.commands[words.pop(0)]
    context = verb.make_context(verb.name, words)
    assert context.params


def test_fetched_files_go_where_the_case_reads() -> None:
    for command in FETCHES:
        words = shlex.split(command)
        if words[1] == "fetch" and "--case" in words:
            assert words[words.index("--out") + 1] == "cases/2025-10-11/facts/fetched"


def test_what_is_not_testable_says_what_would_make_it_so(judged: dict[str, Trial]) -> None:
    for trial in judged.values():
        if trial.verdict == "not testable":
            assert trial.missing, trial.claim.id


def test_names_of_findings_are_those_that_stages_give(found: list[Finding]) -> None:
    """A misspelt name would look like data that are wanting."""
    names = {f.name for f in found}
    asked = {n for one in CLAIMS for n in selected(one)}
    own = {n for n in asked if n.split(".")[0] in MEASURED}
    assert own <= names
    assert {n.split(".")[0] for n in asked - own} <= {
        "replay", "statement", "withdrawal", "refill", "open_interest", "errors", "availability",
        "revision", "high", "recovery", "silence", "wick", "liquidity",
    }  # fmt: skip


# --- Verdicts that rest on these measures only -----------------------------------------------

GOLDEN = {
    "atom-spot-near-zero": "supported",
    "atom-print-moved-futures": "mixed",
    "atom-futures-about-1-4": "mixed",
    "iotx-spot-near-zero": "not testable",
    "few-minutes-no-rescue": "mixed",
    "sol-spot-180-perpetual-140": "undetermined",
    "movements-outside-compensation-window": "supported",
    "usdt-decoupled-from-usd": "supported",
    "xrp-1-7-against-1-4": "not testable",
    "quarter-of-coins-10-percent-below": "undetermined",
    "coins-58-more-than-50-percent-below": "undetermined",
    "three-coins-on-12-march-2020": "not testable",
    "offshore-below-usd": "supported",
    "deepest-venue-lowest": "undetermined",
    "binance-dragged-offshore": "not testable",
    "single-exchange-pricing-error": "undetermined",
    "vip-24-hour-grace": "not testable",
    "exchange-volatility-20-50-22-00": "supported",
    "exchange-driven-by-market": "mixed",
    "exchange-market-low-21-20-21-21": "mixed",
    "exchange-mark-excludes-abnormal-prices": "mixed",
    "exchange-forced-liquidations-low-share": "not testable",
}


@pytest.mark.parametrize("claim", GOLDEN)
def test_the_verdict_of_a_claim(judged: dict[str, Trial], claim: str) -> None:
    assert judged[claim].verdict == GOLDEN[claim]
    assert GOLDEN[claim] in VERDICTS


def test_a_print_and_a_venue_are_two_things(judged: dict[str, Trial]) -> None:
    """No mark followed the print of 0.001; the venue traded at less than half of others."""
    trial = judged["atom-print-moved-futures"]
    assert outcomes(trial) == ["against", "for", "for"]
    assert "1504.47 × (1.50447 USDT against 0.001 USDT)" in trial.evidence[0].words.en
    assert "57.7396 % (1.50447 USDT against 3.56 USD)" in trial.evidence[1].words.en
    assert trial.flags[0].en.startswith("Readings differ")
    # The exchange's own claim about the mark is tried on the same findings.
    own = judged["exchange-mark-excludes-abnormal-prices"]
    assert outcomes(own) == ["for", "against"]
    assert own.evidence[0].findings == trial.evidence[0].findings


def test_perpetuals_and_spot_by_themselves(judged: dict[str, Trial]) -> None:
    for claim in ("quarter-of-coins-10-percent-below", "coins-58-more-than-50-percent-below"):
        trial = judged[claim]
        assert outcomes(trial) == ["against", "open"]
        assert trial.flags[0].en == "Readings differ: USDT perpetuals: against; spot: open."
        assert any("--market spot" in m.fetch for m in trial.missing)


def test_40_percent_is_flagged_whatever_the_record_says(judged: dict[str, Trial]) -> None:
    (flag,) = judged["xrp-1-7-against-1-4"].flags
    assert "17.647059 % of the higher or 21.428571 % of the lower" in flag.en
    half = judged["atom-half-of-holders-liquidated"].flags
    assert "43.75 % of the higher" in half[0].en


def test_a_rule_that_had_been_replaced_is_flagged(judged: dict[str, Trial]) -> None:
    (flag,) = judged["mark-window-150-to-60"].flags
    assert "ended at 2025-09-18 08:01:00 UTC (2025-09-18 16:01:00 UTC+8)" in flag.en


def test_evidence_of_every_answered_test_has_findings(judged: dict[str, Trial]) -> None:
    for trial in judged.values():
        for one in trial.evidence:
            assert one.findings or one.outcome == "open", one.test
