"""Claims on trial: each verdict occurs, by stated rules, whoever speaks."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations, product

import pytest
from _claims import T0, a_test, claim, file_of, found, tried, verdict_of

from liquest.claims import claim as claims
from liquest.claims.claim import BEARS, DECIDES, LAYERS, Missing
from liquest.claims.expectation import Between
from liquest.claims.quantity import Quantity, Side
from liquest.claims.reading import claims_of
from liquest.claims.selecting import Selection
from liquest.claims.trial import CODE, trials
from liquest.claims.verdict import VERDICTS, WORDS, Tried, layers, verdict
from liquest.errors import Text
from liquest.findings import Finding

LOW = found("low", "0.001", coin="ATOM", venue="binance", caveats=("thin",))
MARK = found("low", "1.50447", coin="ATOM", venue="binance", price="mark")
OTHER = found("low", "3.56", "USD", coin="ATOM", venue="coinbase")
PRINT = 'name = "low", subject = { venue = "binance", price = "" }, of = "one"'
ABROAD = 'name = "low", subject = { venue = "coinbase" }, of = "one"'
NOWHERE = 'name = "high", of = "one"'
READING = 'reading = {{ en = "{0}", zh = "{0}" }}'


# --- Golden verdicts -------------------------------------------------------------------------

GOLDEN = {
    "a fact that holds": (a_test(PRINT, 'at_most = "0.01"'), "supported"),
    "a fact that does not": (a_test(PRINT, "at_least = 1"), "contradicted"),
    "a fact that nothing answers": (a_test(NOWHERE, "at_least = 1"), "not testable"),
    "a true claim with a wrong number": (
        a_test(PRINT, 'at_most = "0.01"')
        + a_test(ABROAD, 'near = "1.7", within = "5 %"', 'about = "number"'), "mixed"),
    "a false claim with a right number": (
        a_test(PRINT, 'near = "0.001", within = "0"', 'about = "number"')
        + a_test('name = "low", subject = { price = "mark" }, of = "one"', 'at_most = "0.01"',
                 'about = "conclusion"'), "contradicted"),
    "a false fact with a right number": (
        a_test(PRINT, 'near = "0.001", within = "0"', 'about = "number"')
        + a_test(ABROAD, "at_most = 1"), "contradicted"),
    "a fact that holds, a conclusion that does not follow": (
        a_test(PRINT, 'at_most = "0.01"')
        + a_test(ABROAD, "at_most = 1", 'about = "conclusion"'), "contradicted"),
    "a fact that holds, a conclusion that is open": (
        a_test(PRINT, 'at_most = "0.01"')
        + a_test(NOWHERE, "at_most = 1", 'about = "conclusion"'), "undetermined"),
    "a conclusion that holds though the fact does not": (
        a_test(PRINT, "at_least = 1") + a_test(ABROAD, "at_least = 1", 'about = "conclusion"'),
        "mixed"),
    "two parts, one of them false": (
        a_test(PRINT, 'at_most = "0.01"') + a_test(ABROAD, "at_most = 1"), "mixed"),
    "two parts, one of them open": (
        a_test(PRINT, 'at_most = "0.01"') + a_test(NOWHERE, "at_most = 1"), "undetermined"),
    "a false part decides, whatever the open one": (
        a_test(PRINT, "at_least = 1") + a_test(NOWHERE, "at_most = 1"), "contradicted"),
    "two readings that differ": (
        a_test(PRINT, 'at_most = "0.01"', READING.format("spot"))
        + a_test(ABROAD, 'at_most = "0.01"', READING.format("dollars")), "mixed"),
    "two readings that agree": (
        a_test(PRINT, 'at_most = "0.01"', READING.format("spot"))
        + a_test(ABROAD, "at_least = 1", READING.format("dollars")), "supported"),
    "a reading that is false and one that is open": (
        a_test(PRINT, "at_least = 1", READING.format("spot"))
        + a_test(NOWHERE, "at_least = 1", READING.format("perpetuals")), "undetermined"),
    "a wrong number, the fact open": (
        a_test(NOWHERE, "at_least = 1")
        + a_test(PRINT, 'near = "1", within = "0.1"', 'about = "number"'), "undetermined"),
    "only a number, and it is wrong": (
        a_test(PRINT, 'near = "1", within = "0.1"', 'about = "number"'), "contradicted"),
    "evidence that bears only": (
        a_test(PRINT, 'at_most = "0.01"', 'weight = "bears"')
        + a_test(NOWHERE, "at_least = 1"), "not testable"),
    "a test that can speak against only": (
        a_test(PRINT, 'at_most = "0.01"', 'then = "open"\nelse = "against"'), "undetermined"),
    "a test whose meeting speaks against": (
        a_test(PRINT, 'at_most = "0.01"', 'then = "against"\nelse = "for"'), "contradicted"),
}  # fmt: skip


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_verdicts(case: str) -> None:
    tests, expected = GOLDEN[case]
    assert verdict_of(claim(tests), [LOW, MARK, OTHER]) == expected


def test_every_verdict_occurs() -> None:
    assert {v for _, v in GOLDEN.values()} == set(VERDICTS) == set(WORDS)


def flags_of(case: str) -> list[Text]:
    (one,) = tried(claim(GOLDEN[case][0]), [LOW, MARK, OTHER])
    return list(one.flags)


def test_a_wrong_number_is_named() -> None:
    assert flags_of("a true claim with a wrong number") == [
        ("A number differs: what is looked at.", "数字不符：所看。")
    ]


def test_a_conclusion_that_does_not_follow_is_named() -> None:
    for case in (
        "a false claim with a right number", "a fact that holds, a conclusion that does not follow"
    ):  # fmt: skip
        assert flags_of(case)[-1].en.startswith(
            "The fact holds; the conclusion does not follow from it"
        )
    assert flags_of("a fact that holds, a conclusion that is open") == [
        ("The fact holds; whether the conclusion follows is open.",
         "事实成立；能否由此得出结论尚未判定。")
    ]  # fmt: skip
    assert flags_of("a false fact with a right number") == [
        ("The number holds; what is said of it does not.", "数字成立，所述事实不成立。")
    ]


def test_readings_that_differ_are_named_with_what_each_says() -> None:
    assert flags_of("two readings that differ") == [
        ("Readings differ: spot: for; dollars: against.",
         "不同读法结果不同：spot：支持；dollars：反对。")
    ]  # fmt: skip
    assert flags_of("two readings that agree") == []


# --- The rules, against a slow reading of them -----------------------------------------------

OUT = ("for", "against", "open")


def made(layer: str, outcome: str, reading: str = "", weight: str = DECIDES) -> Tried:
    words = Text("x", "x")
    test = claims.Test(
        words, Quantity(Side(Selection("low"), of="one")), Between(high=Decimal(1)), about=layer,
        reading=Text(reading, reading) if reading else None, weight=weight,
    )  # fmt: skip
    return Tried(test, outcome, outcome != "open")


def slow(parts: dict[str, set[str]], answered: bool) -> str:
    """The seven rules as they are written, on layers whose parts must all hold."""

    def layer(name: str) -> str:
        said = parts.get(name, set())
        if not said:
            return "none"
        if {"for", "against"} <= said:
            return "mixed"
        if "against" in said:
            return "against"
        return "open" if "open" in said else "for"

    fact, number, conclusion = (layer(n) for n in LAYERS)
    everything = {fact, number, conclusion} - {"none"}
    if conclusion == "against" or (fact == "against" and conclusion not in ("for", "mixed")):
        return "contradicted"
    if "mixed" in everything or {"for", "against"} <= everything:
        return "mixed"
    if number == "against":
        return "undetermined" if "open" in everything else "contradicted"
    if everything == {"for"}:
        return "supported"
    return "undetermined" if answered else "not testable"


def test_every_combination_of_two_tests_a_layer() -> None:
    options = [(), *((a,) for a in OUT), *(tuple(sorted(p)) for p in product(OUT, OUT))]
    for chosen in product(options, repeat=3):
        parts = {n: set(c) for n, c in zip(LAYERS, chosen, strict=True) if c}
        if not parts:
            continue
        done = [made(n, o) for n, c in zip(LAYERS, chosen, strict=True) for o in c]
        assert verdict(done) == slow(parts, any(t.answered for t in done)), chosen


def test_the_order_of_tests_plays_no_part() -> None:
    done = [made("fact", "for"), made("fact", "open"), made("number", "against", "a"),
            made("number", "for", "b"), made("conclusion", "open")]  # fmt: skip
    assert {verdict(order) for order in permutations(done)} == {verdict(done)}


def test_what_bears_only_never_changes_a_verdict() -> None:
    for outcomes in product(OUT, repeat=2):
        done = [made(layer, o) for layer, o in zip(("fact", "number"), outcomes, strict=True)]
        for extra in OUT:
            more = [*done, made("conclusion", extra, weight=BEARS)]
            assert verdict(more) == verdict(done)


def test_readings_must_agree() -> None:
    assert layers([made("fact", "for", "a"), made("fact", "for", "b")]) == {"fact": "for"}
    assert layers([made("fact", "for", "a"), made("fact", "open", "b")]) == {"fact": "open"}
    assert layers([made("fact", "against", "a"), made("fact", "open", "b")]) == {"fact": "open"}
    assert layers([made("fact", "for", "a"), made("fact", "against", "b")]) == {"fact": "mixed"}
    # A part that must hold by every reading, and does not.
    part = [made("fact", "for", "a"), made("fact", "for", "b"), made("fact", "open")]
    assert layers(part) == {"fact": "open"}


# --- Neutrality ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN)
def test_who_speaks_plays_no_part(case: str) -> None:
    tests, expected = GOLDEN[case]
    for party in ("trader", "exchange"):
        assert verdict_of(claim(tests, party=party), [LOW, MARK, OTHER]) == expected


# --- Evidence, data that are wanting, problems -----------------------------------------------


def test_evidence_carries_its_findings() -> None:
    ratio = a_test(
        PRINT, "at_most = 1",
        'against = { name = "low", subject = { venue = "coinbase" }, of = "one" }\n'
        'relation = "shortfall"',
    )  # fmt: skip
    (one,) = tried(claim(ratio), [LOW, MARK, OTHER])
    (evidence,) = one.evidence
    assert evidence.test == "one#1" and evidence.findings == (LOW, OTHER)
    assert one.findings == (LOW, OTHER)


NEEDS = 'needs = [{ what = { en = "ticks", zh = "逐笔" }, fetch = "liquest fetch x" }]'
LOGS = 'needs = [{ what = { en = "logs", zh = "日志" } }]'
TICKS, LOG = Missing(Text("ticks", "逐笔"), "liquest fetch x"), Missing(Text("logs", "日志"))


@pytest.mark.parametrize(
    ("tests", "more", "missing"),
    [
        ("", LOGS, (LOG,)),
        (a_test(NOWHERE, "at_most = 1", NEEDS), "", (TICKS,)),
        (a_test(NOWHERE, "at_most = 1", NEEDS), LOGS, (TICKS, LOG)),
        (a_test(NOWHERE, "at_most = 1"), LOGS, (LOG,)),
        (a_test(PRINT, "at_most = 1", NEEDS), LOGS, ()),
        (a_test(PRINT, "at_most = 1", NEEDS + '\nthen = "open"'), LOGS, (LOG,)),
        (a_test(NOWHERE, "at_most = 1"), "",
         (Missing(Text("a finding high", "结论 high")),)),
    ],
)  # fmt: skip
def test_what_is_wanting(tests: str, more: str, missing: tuple[Missing, ...]) -> None:
    (one,) = tried(claim(tests, more=more), [LOW, MARK, OTHER])
    assert one.missing == missing


def test_a_claim_without_a_test_is_not_testable() -> None:
    assert verdict_of(claim("", more=LOGS), [LOW]) == "not testable"


def test_none_at_all_without_any_finding_is_no_evidence() -> None:
    """A count of nothing has no finding to cite."""
    counted = a_test(
        'name = "high", of = "count", where = { above = 0 }, enough = 0', "at_most = 0"
    )
    assert verdict_of(claim(counted), [LOW]) == "not testable"


def test_a_test_that_does_not_fit_its_findings_is_open_and_a_problem() -> None:
    text = claim(a_test('name = "low", of = "one"', "at_most = 1")) + claim(
        a_test(PRINT, 'at_most = "0.01"'), id_="two"
    )
    done, problems = trials(claims_of(file_of(text)), [LOW, MARK, OTHER])
    assert [t.verdict for t in done] == ["not testable", "supported"]
    (problem,) = problems
    assert problem.code == CODE and "3 findings fit where one is meant" in problem.text.en
    assert problem.path == "claims.toml" and problem.first == 14
    assert "3 findings fit" in done[0].evidence[0].words.en and done[0].evidence[0].words.zh


def test_a_text_where_a_number_is_expected_is_a_problem() -> None:
    text = claim(a_test('name = "low", take = "unit", of = "any"', "at_most = 1"))
    done, problems = trials(claims_of(file_of(text)), [LOW])
    assert done[0].verdict == "not testable" and "'USDT' is not a number" in problems[0].text.en


@pytest.mark.parametrize(
    ("of", "limit", "expected"),
    [("each", "0.01", "contradicted"), ("each", "4", "supported"), ("any", "0.01", "supported"),
     ("any", "0.0001", "contradicted")],
)  # fmt: skip
def test_each_and_any(of: str, limit: str, expected: str) -> None:
    text = claim(a_test(f'name = "low", of = "{of}"', f'at_most = "{limit}"'))
    assert verdict_of(text, [LOW, MARK, OTHER]) == expected


def test_an_anachronism_is_a_flag_and_no_verdict() -> None:
    more = 'about = "2025-10-10T21:20:00Z"\nsaid = "2025-10-09T00:00:00Z"'
    text = claim(a_test(PRINT, 'at_most = "0.01"'), more=more) + (
        "[[claim.relies_on]]\nwhat = { en = 'the rule', zh = '规则' }\n"
        "until = '2025-09-18T08:01:00Z'\n"
    )
    (one,) = tried(text, [LOW])
    assert one.verdict == "supported" and len(one.flags) == 2
    assert all(f.en.startswith("Anachronism") for f in one.flags)


def test_an_inconsistent_claim_can_be_supported() -> None:
    text = claim(a_test(PRINT, 'at_most = "0.01"')) + (
        "[[claim.check]]\nkind = 'percentage'\nlow = '1.4'\nhigh = '1.7'\n"
        "stated = { above = '0.4' }\n"
    )
    (one,) = tried(text, [LOW])
    assert one.verdict == "supported" and one.flags[0].en.startswith("Inconsistent in itself")


def test_findings_of_other_moments_keep_theirs() -> None:
    late = found("low", "2", at=T0 + 1, venue="binance")
    pool: list[Finding] = [late]
    (one,) = tried(claim(a_test('name = "low", of = "one"', "at_least = 1")), pool)
    assert "2025-10-10 21:20:00.000001 UTC (2025-10-11 05:20:00.000001 UTC+8)" in (
        one.evidence[0].words.en
    )
