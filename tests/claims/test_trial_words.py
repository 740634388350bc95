"""What is said of a verdict: both languages, both clocks, exact values, no opinion."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from _claims import CASE, T0, a_test, claim, found, tried

import liquest.claims
from liquest.claims.claim import KIND_WORDS
from liquest.claims.reading import read_claims
from liquest.claims.value_words import MOMENT, Raw, moment, shown
from liquest.claims.verdict import OUTCOME_WORDS, WORDS
from liquest.findings import Finding

LOW = found("low", "0.001", venue="binance")
SHARES = [found("outliers.share", v, "ratio", at=None, venue=n) for v, n in
          (("0.018182", "binance"), ("0.04", "okx"))]  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(test: str, findings: list[Finding]) -> tuple[str, str]:
    (one,) = tried(claim(test), findings)
    said = one.evidence[0].words
    return said.en, said.zh


def test_a_value_with_its_moment_and_the_rule() -> None:
    en, zh = words(a_test('name = "low", of = "one"', 'at_most = "0.01"'), [LOW])
    assert en == (
        "what is looked at: 0.001 USDT at 2025-10-10 21:20:00 UTC (2025-10-11 05:20:00 UTC+8); "
        "at most 0.01 USDT speaks for the claim, else against it."
    )
    assert zh == (
        "所看：0.001 USDT，2025-10-10 21:20:00 UTC（2025-10-11 05:20:00 UTC+8）；"
        "若不高于 0.01 USDT，则支持主张，否则反对主张。"
    )


def test_several_values_and_how_many_fit() -> None:
    en, zh = words(a_test('name = "outliers.share"', 'at_least = "0.02"'), SHARES)
    assert en == (
        "what is looked at: from 1.8182 % to 4 %, 1 of 2 fit; each at least 2 % speaks for the "
        "claim, else against it."
    )
    assert "1.8182 % 至 4 %，2 项中 1 项符合；若每一项不低于 2 %，则支持主张" in zh


def test_counts_and_shares_say_of_how_many() -> None:
    counted = 'name = "outliers.share", of = "count", where = { above = "0.02" }'
    en, zh = words(a_test(counted, "at_least = 2"), SHARES)
    assert "1 of 2 (above 2 %); at least 2 speaks" in en and "2 项中 1 项（高于 2 %）" in zh
    en, zh = words(a_test(counted.replace("count", "share"), 'above = "0.5"'), SHARES)
    assert "50 % of 2 (above 2 %); above 50 % speaks" in en and "2 项中的 50 %" in zh


def test_a_relation_shows_both_sides() -> None:
    other = found("high", "3.56", "USD", venue="coinbase")
    test = a_test(
        'name = "low", of = "one"', "at_most = 1",
        'against = { name = "high", of = "one" }\nrelation = "ratio"',
    )  # fmt: skip
    en, zh = words(test, [LOW, other])
    assert "0.000281 × (0.001 USDT against 3.56 USD); at most 1 × speaks" in en
    assert "0.000281 倍（0.001 USDT 对 3.56 USD）" in zh


def test_what_nothing_answers() -> None:
    en, zh = words(a_test('name = "high"', "at_most = 1", 'else = "open"'), [LOW])
    assert en == (
        "what is looked at: no finding answers this; each at most 1 speaks for the claim, else "
        "nothing follows."
    )
    assert "没有可作答的结论；若每一项不高于 1，则支持主张，否则不作判断。" in zh


def test_text_and_lists() -> None:
    said = found("x", "30 s (relayed)", "text", params={"coins": ["A", "B"]})
    en, zh = words(a_test('name = "x"', 'text = "30 s*"'), [said])
    assert "“30 s (relayed)” at 2025" in en and "若每一项为“30 s*”，则" in zh
    en, zh = words(a_test('name = "x", take = "params/coins"', 'includes = "A"'), [said])
    assert "A, B; each a list with A speaks" in en and "A、B；若每一项含 A 的列表" in zh


def test_a_number_that_stands_as_text_is_shown_as_one() -> None:
    one = found("x", "1", params={"low": "0.8955"})
    en, _ = words(a_test('name = "x", take = "params/low", of = "one"', 'at_least = "0.9"'), [one])
    assert "what is looked at: 0.8955; at least 0.9 speaks" in en


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (Decimal("0.123456"), "ratio", "12.3456 %", "12.3456 %"),
        (Decimal("1E+3"), "USD", "1000 USD", "1000 USD"),
        (30_450, "us", "30.45 ms", "30.45 ms"), (12, "s", "12 s", "12 秒"),
        (3, "coins", "3 coins", "3 个币种"), (Decimal("2.50"), "x", "2.5 x", "2.5 倍"),
        ("a", "text", "“a”", "“a”"), ((), "", "–", "–"), (("A", "B"), "", "A, B", "A、B"),
        (T0, MOMENT, "2025-10-10 21:20:00 UTC (2025-10-11 05:20:00 UTC+8)",
         "2025-10-10 21:20:00 UTC（2025-10-11 05:20:00 UTC+8）"),
    ],
)  # fmt: skip
def test_values(value: Raw, unit: str, en: str, zh: str) -> None:
    assert shown(value, unit) == (en, zh)


def test_a_moment_loses_nothing() -> None:
    assert moment(T0 + 37_689_043).en.startswith("2025-10-10 21:20:37.689043 UTC")
    assert moment(T0 + 37_600_000).en.startswith("2025-10-10 21:20:37.6 UTC")


# --- Neutrality ------------------------------------------------------------------------------

ADJECTIVES = {
    "abnormal", "absurd", "alarming", "appalling", "bad", "big", "blatant", "catastrophic", "clear",
    "clearly", "convincing", "dramatic", "drastic", "dubious", "enormous", "extreme", "false",
    "fair", "fraudulent", "good", "great", "gross", "huge", "immense", "incredible", "large-scale",
    "massive", "misleading", "obvious", "obviously", "outrageous", "poor", "plausible", "powerful",
    "probable", "proven", "questionable", "remarkable", "scandalous", "serious", "severe",
    "shocking", "significant", "significantly", "sharp", "strong", "suspicious", "terrible", "true",
    "unfair", "unjust", "unprecedented", "untrue", "vast", "weak", "wrong",
}  # fmt: skip
"""Words that judge, none of which is on the scale of verdicts."""
ADJECTIVES_ZH = (
    "巨大", "严重", "明显", "显著", "惊人", "极端", "荒谬", "可疑", "恶劣", "异常", "大规模",
    "不公", "公平", "虚假", "误导", "离谱", "史无前例", "剧烈", "强烈", "可信", "合理", "重大",
)  # fmt: skip
QUOTED = re.compile(r"“[^”]*”")
DEFINED = {"severe means", "严重指"}
"""A word of the claim that a reading defines may be repeated to define it."""


def judging(text: str) -> set[str]:
    """Words that judge, outside of quotations and of definitions."""
    for defined in DEFINED:
        text = text.replace(defined, "")
    plain = QUOTED.sub("", text)
    found = set(re.findall(r"[a-z-]+", plain.lower())) & ADJECTIVES
    return found | {w for w in ADJECTIVES_ZH if w in plain}


def test_the_search_finds_what_it_looks_for() -> None:
    assert judging("a severe fall, 严重下跌") == {"severe", "严重"}
    assert judging("“severe” is not defined; severe means more than 10 %") == set()


def test_the_words_of_verdicts_judge_nothing() -> None:
    for scale in (WORDS, OUTCOME_WORDS, KIND_WORDS):
        for en, zh in scale.values():
            assert not judging(f"{en} {zh}") and CHINESE.search(zh)


def test_the_words_of_the_code_judge_nothing() -> None:
    """Every string of the code of claims but its docstrings."""
    for name in ("verdict", "evidence_words", "consistency", "value_words", "expectation"):
        text = (Path(liquest.claims.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        code = re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
        for said in re.findall(r'"([^"\n]*)"', code):
            assert not judging(said), (name, said)


def test_what_the_case_says_of_its_claims_judges_nothing() -> None:
    """Titles, readings, notes and data wanted; what speakers said stands as it was said."""
    wrong = {}
    for one in read_claims(CASE / "claims.toml"):
        said = [one.note, *(m.what for m in one.needs)]
        for test in one.tests:
            said += [test.title, test.reading, *(m.what for m in test.needs)]
        for text in said:
            if text is not None:
                assert CHINESE.search(text.zh) or text.zh == text.en, text
                if words_found := judging(f"{text.en} {text.zh}"):
                    wrong[(one.id, text.en)] = words_found
    assert not wrong
