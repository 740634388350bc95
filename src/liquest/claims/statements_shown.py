"""Statements, questions and hypotheses in the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from .. import terminal
from ..errors import Text
from ..findings import Finding
from .claim import AGAINST, FOR, OPEN
from .hypotheses import Weighed
from .inquiry import Inquiry
from .questions import Asked
from .statement_diff import CHANGED, KIND_WORDS
from .statements import Record
from .verdict import OUTCOME_WORDS


def changes(record: Record, found: Sequence[Finding], lang: str) -> Table:
    """One line a change: when, who, what kind, what is said and what was said before."""
    zh = lang == "zh"
    made = terminal.table(
        "声明的变化" if zh else "Statements over time",
        [
            ("发表" if zh else "published", "left"), ("当事方" if zh else "party", "fold"),
            ("变化" if zh else "change", "left"), ("内容" if zh else "what", "fold"),
            ("id", "left"),
        ],
        gap=1,
    )  # fmt: skip
    for one in found:
        words = f"{record.topics[one.subject['topic']].in_(lang)} – {_text(one.params, lang)}"
        if one.name == CHANGED:
            before = "先前" if zh else "before"
            words += f" ({before}: {_text(one.params['before'], lang)})"
        made.add_row(
            (one.params["published"] or "?")[:16].replace("T", " "),
            terminal.escaped(record.parties[one.subject["party"]].in_(lang)),
            KIND_WORDS[one.name].in_(lang), terminal.escaped(words), one.id[:8],
        )  # fmt: skip
    return made


def _text(params: Any, lang: str) -> str:
    """The words of a point; those of the point before stand beside its value."""
    held = params.get("text", params)
    return str(held[lang])


def question(one: Asked, inquiry: Inquiry, lang: str) -> list[str]:
    """A question with what is known, what would answer it, whom to ask."""
    zh = lang == "zh"
    lines = [f"{one.question.id} — {one.question.text.in_(lang)}"]
    for known in one.known:
        ids = " ".join(f.id[:8] for f in known.findings[:3])
        lines.append(
            f"  · {known.title.in_(lang)}: {known.words.in_(lang)}" + (ids and f" [{ids}]")
        )
    lines.append(f"  {'所需' if zh else 'Would answer'}: {one.question.answer.in_(lang)}")
    records = ", ".join(r.title.in_(lang) for r in one.records)
    lines.append(f"  {'记录' if zh else 'Records'}: {records}")
    names = ", ".join(inquiry.holders[h].in_(lang) for h in one.question.ask)
    lines.append(f"  {'询问' if zh else 'Ask'}: {names}")
    return lines


def question_json(one: Asked) -> dict[str, Any]:
    """The same as an object."""
    return {
        "question": one.question.id,
        "text": _both(one.question.text),
        "known": [
            {
                "title": _both(k.title), "words": _both(k.words),
                "findings": [f.id for f in k.findings],
            }
            for k in one.known
        ],
        "answer": _both(one.question.answer),
        "records": list(one.question.records),
        "ask": list(one.question.ask),
    }  # fmt: skip


def hypothesis(one: Weighed, lang: str) -> list[str]:
    """An explanation with its prediction, the evidence and what would decide it."""
    zh = lang == "zh"
    lines = [f"{one.hypothesis.name.in_(lang)} ({one.hypothesis.id})"]
    lines.append(f"  {'预测' if zh else 'Predicts'}: {one.hypothesis.prediction.in_(lang)}")
    for outcome in (FOR, AGAINST, OPEN):
        for said in one.said(outcome):
            ids = " ".join(f.id[:8] for f in said.findings[:3])
            word = OUTCOME_WORDS[outcome].in_(lang)
            lines.append(f"  [{word}] {said.words.in_(lang)}" + (ids and f" [{ids}]"))
    for need in one.missing:
        lines.append(f"  {'所缺' if zh else 'Missing'}: {need.what.in_(lang)}")
    for decider in one.hypothesis.decides:
        lines.append(f"  {'决定性材料' if zh else 'Would decide'}: {decider.what.in_(lang)}")
    return lines


def hypothesis_json(one: Weighed) -> dict[str, Any]:
    """The same as an object."""
    return {
        "hypothesis": one.hypothesis.id,
        "name": _both(one.hypothesis.name),
        "prediction": _both(one.hypothesis.prediction),
        "evidence": [
            {
                "test": e.test, "outcome": e.outcome, "words": _both(e.words),
                "findings": [f.id for f in e.findings],
            }
            for e in one.evidence
        ],
        "missing": [_both(m.what) for m in one.missing],
        "decides": [{"what": _both(d.what), "record": d.record} for d in one.hypothesis.decides],
    }  # fmt: skip


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
