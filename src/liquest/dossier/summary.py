"""Sentences on prices, each made from findings and citing them. There is no sentence without a
citation and none with an adjective; which ones stand is decided by stated rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .facts import FINE, Fact, Facts, key_label, subject_parts
from .figures import grouped, moment, parameter
from .lows import main_coins
from .text import Words, glue, say

COINS = 6
"""Sentences about lows; the coins with the widest distance between venues come first."""
OTHERS = 4
DOUBTFUL = {
    "aged-price", "stale-price", "stale-reference", "bar-reaches-outside", "bar-resolution",
    "not-covered", "no-baseline", "cut-by-window", "thin-others",
}  # fmt: skip
"""Caveats that a headline number should not need; used only when there is no other."""
SECTION = "exhibits"


@dataclass(frozen=True)
class Sentence:
    """Words with the findings they cite, or the section of the page that lists the facts; `key`
    is the rule that made it."""

    words: Words
    cites: tuple[Fact, ...] = ()
    section: str = ""
    key: str = ""


def sentences(facts: Facts) -> list[Sentence]:
    """Lows of the main window, then one sentence for each measure that has findings in it."""
    found = _lows(facts)
    for make in (_sweep, *(_largest(*rule) for rule in _RULES)):
        found += make(facts)
    return found


def _lows(facts: Facts) -> list[Sentence]:
    """The lowest low of a coin against the lowest of each other venue."""
    coins: dict[str, list[Fact]] = {}
    for fact in facts.named("low", 0):
        subject = fact.finding.subject
        if (
            fact.coin
            and subject.get("price", "trade") == "trade"
            and subject.get("kind") != "rate"
            and fact.multiplier == 1
            and fact.seconds is not None
            and fact.seconds <= FINE
        ):
            coins.setdefault(fact.coin, []).append(fact)
    compared = []
    for coin, lows in sorted(coins.items()):
        venues: dict[str, Fact] = {}
        for fact in sorted(lows, key=lambda f: (_value(f), f.id)):
            venues.setdefault(fact.finding.subject.get("venue", ""), fact)
        first, *others = venues.values()
        if others:
            ratio = _value(first) / _value(others[0]) if _value(others[0]) else Decimal(1)
            compared.append((ratio, coin, first, others[:OTHERS]))
    compared.sort(key=lambda c: c[:2])
    return [_low(coin, first, others) for _, coin, first, others in compared[:COINS]]


def _low(coin: str, first: Fact, others: Sequence[Fact]) -> Sentence:
    rest = glue(
        (say("summary.low_other", low=f.figure(), label=f.label()) for f in others), ", ", "、"
    )
    words = say(
        "summary.low",
        coin=coin,
        low=first.figure(),
        label=first.label(),
        at=_at(first),
        others=rest,
    )
    return Sentence(words, (first, *others), key="low")


def _sweep(facts: Facts) -> list[Sentence]:
    """The run with the widest range of prices, what stood at its end, and the way back."""
    runs = facts.named("sweep.range", 0) or facts.named("sweep.range")
    if not runs:
        return []
    run = max(runs, key=lambda f: (_value(f), f.id))
    parts: dict[str, Fact] = {}
    backs: list[Fact] = []
    for fact in facts.of("sweep"):
        if (fact.key, fact.finding.at, fact.window) == (run.key, run.finding.at, run.window):
            name = fact.finding.name.removeprefix("sweep.")
            if name == "return_time":
                backs.append(fact)
            else:
                parts.setdefault(name, fact)
    found = []
    if {"quantity", "from", "to"} <= set(parts):
        used = [parts[n] for n in ("trades", "quantity", "from", "to")]
        trades, quantity, start, end = (f.figure() for f in used)
        at = moment(run.finding.at, 6) if run.finding.at is not None else "–"
        values = {"from": start, "to": end}
        words = say(
            "summary.sweep", at=at, label=run.label(), trades=trades, quantity=quantity, **values
        )
        found.append(Sentence(words, tuple(used), key="sweep"))
    last = [parts.get(f"at_extreme.{n}") for n in ("quantity", "notional")]
    if found and last[0] and last[1]:
        quantity, notional = (f.figure() for f in last if f)
        words = say("summary.sweep_end", quantity=quantity, notional=notional)
        found.append(Sentence(words, tuple(f for f in last if f), key="sweep"))
    for back in backs if found else []:
        if back.finding.value is not None:
            price = str(back.params.get("price", "–"))
            words = say("summary.sweep_return", time=back.figure(), price=price)
            found.append(Sentence(words, (back,), key="sweep"))
    return found


def _largest(key: str, name: str, sign: int) -> Callable[[Facts], list[Sentence]]:
    """One sentence on the finding of that name with the largest value (times `sign`)."""

    def make(facts: Facts) -> list[Sentence]:
        fine = main_coins(facts)
        found = [
            f
            for f in facts.named(name, 0)
            if f.per_coin is not None
            and f.finding.subject.get("price", "trade") == "trade"
            and (not f.coin or f.coin in fine)
            and (f.seconds is None or f.seconds <= FINE)
        ]
        if not found:
            return []
        clear = [f for f in found if not DOUBTFUL & set(f.finding.caveats)]
        best = max(clear or found, key=lambda f: (_breadth(f), _value(f) * sign, f.id))
        if not _value(best):
            return []
        params, subject = best.params, best.finding.subject
        label = {k: v for k, v in subject.items() if k not in ("against", "coin")}
        words = say(
            f"summary.{key}",
            value=best.figure(),
            at=_at(best),
            coin=best.coin or "–",
            label=glue(subject_parts(label), " "),
            quote=subject.get("quote", ""),
            against=key_label(subject.get("against", "")),
            threshold=parameter("threshold", params.get("threshold", "")),
            n=grouped(best.finding.count),
            level=parameter("level", params.get("level", "")),
        )
        return [Sentence(words, (best,), key=key)]

    return make


_RULES = (
    ("dislocation", "dislocation.max_below", -1),
    ("basis", "basis.min", -1),
    ("decoupling", "decoupling.max", -1),
    ("outliers", "outliers.share", 1),
    ("recovery", "recovery.time", 1),
    ("wick", "wick.count", 1),
    ("silence", "silence.longest", 1),
)


def _breadth(fact: Fact) -> int:
    """Coins compared: of shares the one over the most coins stands, not the highest."""
    return fact.finding.count if fact.measure == "outliers" else 0


def _value(fact: Fact) -> Decimal:
    return fact.per_coin or Decimal(0)


def _at(fact: Fact) -> str:
    return moment(fact.finding.at) if fact.finding.at is not None else "–"
