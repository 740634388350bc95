"""Neutrality: a finding says what a number says, in a closed vocabulary, and nothing else."""

from __future__ import annotations

import re

import _dossier_made as made
import _report_made as told
import pytest

from liquest.caveats import CAVEATS
from liquest.dossier.confidence import (
    ASSUME,
    DESCRIBE,
    HIGH,
    LOW,
    MEDIUM,
    SCALE,
    confidence,
    together,
)
from liquest.dossier.facts import Facts
from liquest.dossier.markup import Node, parse
from liquest.dossier.page import build_page
from liquest.dossier.text import texts

MEASURED = {"lowest", "second-lowest", "longest", "last", "other", "more"}
"""Words of comparison, each decided by numbers that the sentence cites."""
ENGLISH = """
a after again against and at back basis before below beyond by coins compared did fell for from had
if in is it its lasted low mark median needed not of on one others price range reached relative run
show spell than that the these threshold timestamp to took trade trades venue venues was were wick
window with without worth test tests
"""
CHINESE = """
的 最低价 为 其他 其余 场所 上 同一 时间戳 成交 共 价格 由 至 其中 于 最末 价位 金额 该次 连续 后
重新 达到 相对 计价 基差 在 参与 比较 个 币种 中 比 次低 低 以上 最长 无 时段 起于 自 最低点 回到
窗前 历时 有 影线 超出 阈值 而 没有 标记价 最低 降至 若 则 支持 反对 检验 项 笔 枚 总体 起 中位数
时间窗内 ， 。 ； ： （ ） 、
"""
PLAIN = frozenset(ENGLISH.split())
ALLOWED_ZH = sorted(CHINESE.split(), key=len, reverse=True)
SENTENCES = (
    "summary.low", "summary.low_other", "summary.sweep", "summary.sweep_end",
    "summary.sweep_return", "summary.dislocation", "summary.decoupling", "summary.basis",
    "summary.outliers", "summary.silence", "summary.recovery", "summary.wick", "finding.mark",
    "finding.replayed", "finding.answer", "finding.answer_with", "finding.range",
    "finding.measured", "finding.measured_at", "finding.factor",
)  # fmt: skip
FORBIDDEN = re.compile(
    r"\b(?:huge|massive|extreme\w*|severe\w*|unfair\w*|shocking\w*|alarming\w*|suspicious\w*|"
    r"abnormal\w*|clearly|obvious\w*|dramatic\w*|significant\w*|deliberate\w*|fraud\w*)\b"
    r"|严重|巨大|极端|异常|惊人|明显|显著|恶意|离谱|不公|蓄意|欺诈"
)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+(?:-[a-z]+)*", re.sub(r"{\w+}", " ", text).lower()))


def left_of(text: str) -> str:
    """What of a Chinese text is not in the vocabulary."""
    text = re.sub(r"{\w+}", "", text)
    for word in ALLOWED_ZH:
        text = text.replace(word, "")
    return re.sub(r"[\s\d.,%A-Za-z_=()−–-]", "", text)


@pytest.mark.parametrize("key", SENTENCES)
def test_the_sentences_keep_to_a_closed_vocabulary(key: str) -> None:
    assert words_of(texts()[key].en) <= PLAIN | MEASURED
    assert left_of(texts()[key].zh) == ""


def bare(node: Node, lang: str) -> str:
    """The words of a sentence without values, names and what they are marked with."""
    found = []
    for child in node.children:
        if isinstance(child, str):
            found.append(child)
        elif child.tag not in ("a", "b", "small", "code", "time") and not (
            {"cite", "tag"} & set(child.classes) or child.attributes.get("lang", lang) != lang
        ):
            found.append(bare(child, lang))
    return " ".join(found)


def numbered(node: Node) -> list[Node]:
    own = [node] if "numbered" in node.classes else []
    return own + [n for child in node.elements() for n in numbered(child)]


def test_the_findings_of_a_page_use_no_word_beyond_it() -> None:
    page = build_page(made.case(), told.inputs())
    body = page[page.index('<section id="findings">') : page.index('<section id="questions">')]
    found = numbered(parse(body))
    assert len(found) > 12
    for sentence in found:
        # Symbols and currencies are written in capitals.
        words = re.findall(r"(?<![\w/-])[A-Z]?[a-z]+(?:-[a-z]+)*(?![\w-])", bare(sentence, "en"))
        assert {w.lower() for w in words} <= PLAIN | MEASURED, sentence.text()
        assert left_of(bare(sentence, "zh")).strip("/") == "", sentence.text()


def test_no_word_of_the_page_itself_judges() -> None:
    judging = {
        key: text for key, text in texts().items() if FORBIDDEN.search(f"{text.en} {text.zh}")
    }
    assert set(judging) <= {"measure.outliers"}


def test_confidence_is_a_fixed_scale_given_by_rule() -> None:
    assert SCALE == (HIGH, MEDIUM, LOW)
    assert confidence(()) == HIGH
    assert confidence(["thin", "few-trades"]) == HIGH
    assert confidence(["thin", "bar-resolution"]) == MEDIUM
    assert confidence(["nobody-knows-this"]) == MEDIUM
    assert confidence(["bar-resolution", "synthetic"]) == LOW
    assert not ASSUME & DESCRIBE
    assert set(CAVEATS) >= ASSUME | DESCRIBE


def test_together_findings_are_as_sure_as_the_least_sure() -> None:
    sure = made.finding("low", {"coin": "A"}, 1, "USD")
    bar = made.finding("low", {"coin": "B"}, 1, "USD", caveats=("bar-resolution",))
    facts = Facts([sure, bar], made.WINDOWS).all
    assert together(facts[:1]) == HIGH and together(facts) == MEDIUM
    with pytest.raises(ValueError, match="no finding"):
        together([])
