"""What is found over all coins: medians and means of the ways, and for how many coins the advice
holds. Invariant: everything here is computed from the findings of the coins, as rounded there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from ...clock import Window
from ...findings import Finding, Value, rounded
from ...rules.exact import exact
from .asked import Asked
from .coin_findings import CENTS, MONEY, PLACES, RATIO, RECORD, TEXT
from .methods import IDS, PREFIX
from .rivals import PRICE, QUESTIONS, WORDS, Drawn, break_even, word
from .weigh import BEFORE, EVENT

ALL = "all"
MEDIANS = ("left", "left_again", "stop_outs", "noise")
MEANS = (
    "chance", "stopped", "loss_given", "mean_left", "low_left", "mean_left_again",
    "mean_stop_outs", "stop_out_cost",
)  # fmt: skip
WORDED = ("mode", "leverage", "on_exchange", "stop")


class _Maker:
    """Findings over coins, with the rows and caveats of those that they rest on."""

    def __init__(self, asked: Asked, core: Window) -> None:
        self.params = dict(asked.params())
        self.core = core

    def made(
        self, name: str, value: Value, unit: str, subject: Mapping[str, str],
        over: Sequence[Finding], **params: Any,
    ) -> Finding:  # fmt: skip
        windows = {one.window for one in over}
        return Finding(
            name=f"{PREFIX}.{name}", subject={"coins": ALL, **subject}, value=value, unit=unit,
            method=IDS[name], window=windows.pop() if len(windows) == 1 else self.core,
            inputs=tuple(dict.fromkeys(i for one in over for i in one.inputs)), count=len(over),
            params={**self.params, **params},
            caveats=tuple(dict.fromkeys(c for one in over for c in one.caveats)),
        )  # fmt: skip


def of_coins(asked: Asked, core: Window, found: Sequence[Finding]) -> Iterator[Finding]:
    """The findings over all coins that `found` has."""
    maker = _Maker(asked, core)
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Finding]] = {}
    for one in found:
        name = one.name.removeprefix(f"{PREFIX}.")
        words = {k: one.subject[k] for k in (*WORDED, "stretch") if k in one.subject}
        if name in (*MEDIANS, *MEANS):
            groups.setdefault((name, tuple(words.items())), []).append(one)
    for (name, words_), ones in groups.items():
        words = dict(words_)
        if name == "left":
            yield _closed(maker, words, ones)
        if name in MEDIANS:
            yield _median(maker, name, words, ones)
        else:
            yield from _mean(maker, name, words, ones)
    for question in QUESTIONS:
        yield from _advice(
            maker, question, [f for f in found if f.subject.get("question") == question]
        )


def _closed(maker: _Maker, words: Mapping[str, str], ones: Sequence[Finding]) -> Finding:
    coins = {
        what: [f.subject["coin"] for f in ones if f.params[key]]
        for what, key in (("liquidated", "liquidations"), ("stopped", "stops"))
    }  # fmt: skip
    hit = sum(f.at is not None for f in ones)
    return maker.made("closed_coins", hit, "coins", words, ones, **coins)


def _median(
    maker: _Maker, name: str, words: Mapping[str, str], ones: Sequence[Finding]
) -> Finding:  # fmt: skip
    values = sorted((_number(f), f.subject["coin"]) for f in ones)
    middle = rounded(median(v for v, _ in values), CENTS)
    edges = {
        "least": values[0][0], "least_coin": values[0][1],
        "most": values[-1][0], "most_coin": values[-1][1],
    }  # fmt: skip
    return maker.made("coins_median", middle, ones[0].unit, {**words, "of": name}, ones, **edges)


def _mean(
    maker: _Maker, name: str, words: Mapping[str, str], ones: Sequence[Finding]
) -> Iterator[Finding]:  # fmt: skip
    values = [_number(f) for f in ones if f.value is not None]
    places = CENTS if ones[0].unit == MONEY else (PLACES if ones[0].unit == RATIO else 3)
    value = rounded(_average(values), places) if values else None
    yield maker.made(
        "coins_mean", value, ones[0].unit, {**words, "of": name}, ones, coins=len(values)
    )


def _advice(maker: _Maker, question: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """The mean gain in each stretch, the coins by word, and the word of the mean."""
    verdicts = [f for f in found if f.name == f"{PREFIX}.verdict"]
    if not verdicts:
        return
    gains = [f for f in found if f.name == f"{PREFIX}.gain"]
    means: dict[str, Decimal] = {}
    drawn: dict[str, Drawn] = {}
    for stretch in (RECORD, EVENT, BEFORE):
        ones = [f for f in gains if f.subject["stretch"] == stretch]
        if not ones:
            continue
        params: dict[str, Any] = {}
        means[stretch] = rounded(_average([_number(f) for f in ones]), CENTS)
        if stretch != RECORD:
            drawn[stretch] = one = _together(means[stretch], ones)
            params = {"error": one.error, "better": one.better, "worse": one.worse, "low": one.low}
        yield maker.made(
            "coins_gain", means[stretch], MONEY, {"question": question, "stretch": stretch}, ones,
            **params,
        )  # fmt: skip
    for said in WORDS:
        coins = [f.subject["coin"] for f in verdicts if f.value == said]
        yield maker.made(
            "coins_verdict", len(coins), "coins", {"question": question, "word": said}, verdicts,
            coins=coins,
        )  # fmt: skip
    calm = drawn.get(BEFORE)
    said = word(means[RECORD], drawn.get(EVENT), calm)
    times = break_even(means[RECORD], calm.mean) if calm is not None and said == PRICE else None
    yield maker.made(
        "verdict", said, TEXT, {"question": question}, verdicts, event=means[RECORD],
        before=None if calm is None else calm.mean,
        break_even=None if times is None else rounded(times, 1),
    )  # fmt: skip


@exact
def _together(mean: Decimal, ones: Sequence[Finding]) -> Drawn:
    """The drawn differences of all coins as one: errors of independent coins add in squares."""
    error = sum((Decimal(f.params["error"]) ** 2 for f in ones), Decimal(0)).sqrt() / len(ones)
    low = _average([Decimal(f.params["low"]) for f in ones])
    return Drawn(
        mean, rounded(error, CENTS), sum(int(f.params["better"]) for f in ones),
        sum(int(f.params["worse"]) for f in ones), rounded(low, CENTS),
    )  # fmt: skip


@exact
def _average(values: Iterable[Decimal]) -> Decimal:
    listed = list(values)
    return sum(listed, Decimal(0)) / len(listed)


def _number(one: Finding) -> Decimal:
    if isinstance(one.value, Decimal | int):
        return Decimal(one.value)
    raise TypeError(f"{one.name} of {one.subject} is no number")
