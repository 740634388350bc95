"""Trials in the terminal: a table of all, a page of one, JSON of either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table

from .. import terminal
from ..clock import format_time
from ..errors import Text
from .claim import KIND_WORDS, Claim
from .trial import Trial
from .value_words import moment
from .verdict import OUTCOME_WORDS, VERDICTS, WORDS


def overview(trials: Sequence[Trial], lang: str) -> Table:
    """One line a claim: verdict, how many tests say what, what is said."""
    zh = lang == "zh"
    made = terminal.table(
        "主张与判定" if zh else "Claims on trial",
        [
            ("编号" if zh else "claim", "fold"), ("判定" if zh else "verdict", "left"),
            ("支持" if zh else "for", "right"), ("反对" if zh else "agst", "right"),
            ("未决" if zh else "open", "right"), ("所称" if zh else "what is said", "fold"),
        ],
        gap=1,
    )  # fmt: skip
    for one in trials:
        counts = [sum(e.outcome == o for e in one.evidence) for o in ("for", "against", "open")]
        made.add_row(
            terminal.escaped(one.claim.id), WORDS[one.verdict].in_(lang), *map(str, counts),
            terminal.escaped(one.claim.text.in_(lang)),
        )  # fmt: skip
    return made


def tally(trials: Sequence[Trial], lang: str) -> str:
    """How many of each verdict."""
    parts = [f"{WORDS[v].in_(lang)} {sum(t.verdict == v for t in trials)}" for v in VERDICTS]
    return " · ".join(parts)


def listed(claims: Sequence[Claim], lang: str) -> Table:
    """Claims without their trials."""
    zh = lang == "zh"
    made = terminal.table(
        "主张" if zh else "Claims",
        [
            ("编号" if zh else "claim", "fold"), ("发言者" if zh else "speaker", "fold"),
            ("类别" if zh else "kind", "left"), ("检验" if zh else "tests", "right"),
            ("所称" if zh else "what is said", "fold"),
        ],
        gap=1,
    )  # fmt: skip
    for one in claims:
        made.add_row(
            terminal.escaped(one.id), terminal.escaped(one.speaker.in_(lang)),
            KIND_WORDS[one.kind].in_(lang), str(len(one.tests)),
            terminal.escaped(one.text.in_(lang)),
        )  # fmt: skip
    return made


def page(trial: Trial, lang: str) -> list[str]:
    """Everything about one claim, line by line."""
    zh, claim = lang == "zh", trial.claim
    lines = [f"{claim.id} — {WORDS[trial.verdict].in_(lang)}", f"  “{claim.text.in_(lang)}”"]
    about = [claim.speaker.in_(lang), KIND_WORDS[claim.kind].in_(lang)]
    if claim.source is not None:
        about.append(claim.source.in_(lang))
    if claim.said is not None:
        about.append(moment(claim.said).in_(lang))
    lines.append("  " + " · ".join(about))
    if claim.note is not None:
        lines.append(f"  {claim.note.in_(lang)}")
    for one, test in zip(trial.evidence, claim.tests, strict=True):
        word = OUTCOME_WORDS[one.outcome].in_(lang)
        reading = f" ({test.reading.in_(lang)})" if test.reading is not None else ""
        bears = ("，仅供参照" if zh else ", bears only") if test.weight == "bears" else ""
        lines.append(f"  [{word}{bears}]{reading} {one.words.in_(lang)}")
        if one.findings:
            ids = " ".join(f.id[:8] for f in one.findings[:6])
            more = f" +{len(one.findings) - 6}" if len(one.findings) > 6 else ""
            lines.append(f"      {'结论' if zh else 'findings'}: {ids}{more}")
    lines += [f"  {'注意' if zh else 'Flag'}: {flag.in_(lang)}" for flag in trial.flags]
    for need in trial.missing:
        lines.append(f"  {'所缺' if zh else 'Missing'}: {need.what.in_(lang)}")
        if need.fetch:
            lines.append(f"      {need.fetch}")
    return lines


def json_of(trial: Trial) -> dict[str, Any]:
    """A trial as one JSON object."""
    claim = trial.claim
    return {
        "claim": claim.id,
        "verdict": trial.verdict,
        "verdict_words": _both(WORDS[trial.verdict]),
        "party": claim.party,
        "speaker": _both(claim.speaker),
        "source": _both(claim.source),
        "kind": claim.kind,
        "text": _both(claim.text),
        "said": None if claim.said is None else format_time(claim.said),
        "about": None if claim.about is None else format_time(claim.about),
        "note": _both(claim.note),
        "evidence": [
            {
                "test": one.test,
                "about": test.about,
                "reading": _both(test.reading),
                "weight": test.weight,
                "outcome": one.outcome,
                "words": _both(one.words),
                "findings": [f.id for f in one.findings],
                "caveats": sorted({c for f in one.findings for c in f.caveats}),
            }
            for one, test in zip(trial.evidence, claim.tests, strict=True)
        ],
        "flags": [_both(flag) for flag in trial.flags],
        "missing": [{"what": _both(m.what), "fetch": m.fetch} for m in trial.missing],
    }


def caveats(trials: Iterable[Trial], lang: str) -> list[str]:
    """The words of every caveat of the evidence, once."""
    return terminal.caveats((f for one in trials for f in one.findings), lang)


def _both(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "zh": text.zh}
