"""`structure`: the same exposure with much margin at low leverage, or little at high leverage.

The advice to be measured: a small isolated margin at high leverage bounds the loss. It is
measured twice. Over the recorded path of the event: what each way of holding lost. Over
paths resampled from the record, once from the event and once from the calmer stretch before
it with its trend taken out: how often each way is closed by force, and what that costs. The
advice holds where what it saved in the event is worth more than what it costs in the noise;
both stand side by side.

Everything is in units of the exposure, a long linear contract margined in its quote currency
with the tiers of COINUSDT. Re-entry rule: `again_s` seconds after a close the same number of
coins is opened anew at the trade price (with `refill` the exposure of 1), as long as the
wallet holds the initial margin and the fee.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ...clock import SECOND, Window
from ...errors import Text, UsageError
from ...findings import Finding, Value, plain, rounded
from ...instruments import SPOT
from ...problems import ABSENT, KEPT, Problem
from ...rules.structure import CROSS, ISOLATED, Costs, Structure
from ...rules.tiers import Tiers, flat, tiers
from ...tape.tracks import Floats, Track
from ..context import Context
from ..given import number, numbers, whole
from ..resample import Blocks, resampled
from ..rows import rules_taken
from ._structure_methods import METHODS, NAME
from ._structures import MARK, Path, held_on

DEFAULTS: Mapping[str, Any] = {
    "notional": "10000",
    "capital": "0.5",
    "leverages": ["5", "20"],
    "side": "long",
    "again_s": 60,
    "refill": False,
    "delay_s": 1,
    "taker": "0.0005",
    "max_age": 60,
    "paths": 500,
    "block": 60,
    "horizon": 1800,
    "seed": 20251010,
}
"""`capital` is the wallet in units of the exposure: as much as the large margin, 1/leverage."""
EVENT, BEFORE = "event", "before"
RULES = ("liquidation.fee", "margin.rate_factor")
PLACES = 6


_IDS = {m.name: m.id for m in METHODS}
NONE = "none"
SIDES = {"long": 1, "short": -1}


class Way(NamedTuple):
    """A way of holding with the words that name it in a finding."""

    structure: Structure
    words: Mapping[str, str]


@dataclass(frozen=True)
class Terms:
    """What is asked of every path."""

    ways: tuple[Way, ...]
    small: tuple[Decimal, ...]
    side: str
    capital: Decimal
    notional: Decimal
    taker: Decimal
    delay_s: int
    blocks: Blocks

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Terms:
        """From the parameters; raises CaseError or UsageError for what cannot be."""
        capital = number(given, "capital", "0.001")
        again, side = whole(given, "again_s", 1), SIDES.get(str(given["side"]), 0)
        small = tuple(numbers(given, "leverages", "1", "1000"))
        way = partial(_way, capital=capital, side=side, refill=given["refill"] is True)
        found = [way(1 / capital, CROSS)]
        for leverage in small:
            stop = rounded(1 / leverage, 12)
            found += [way(leverage, ISOLATED, again_s=s) for s in (None, again)]
            found += [way(leverage, CROSS, stop=stop, again_s=s) for s in (None, again)]
        return cls(
            tuple(found), small, str(given["side"]), capital, number(given, "notional", "1"),
            number(given, "taker", "0", "0.5"), whole(given, "delay_s", 1),
            Blocks(
                whole(given, "paths", 1), whole(given, "horizon", 2), whole(given, "block", 1),
                whole(given, "seed"),
            ),
        )  # fmt: skip

    def place(self, leverage: Decimal, mode: str, stop: bool, again: bool = False) -> int:
        """Where a way stands in the list."""
        for place, (one, _) in enumerate(self.ways[1:], start=1):
            if (one.leverage, one.mode, one.stop is not None, one.again_s is not None) == (
                leverage, mode, stop, again,
            ):  # fmt: skip
                return place
        raise ValueError(f"no way of {leverage} {mode}")


def _way(
    leverage: Decimal, mode: str, *, capital: Decimal, side: int, refill: bool,
    stop: Decimal | None = None, again_s: int | None = None,
) -> Way:  # fmt: skip
    named = {
        "leverage": plain(rounded(leverage, PLACES)), "mode": mode,
        "stop": NONE if stop is None else plain(rounded(stop, PLACES)),
        "again": NONE if again_s is None else f"{again_s} s",
    }  # fmt: skip
    return Way(Structure(leverage, capital, mode, stop, again_s, side, refill), named)


class Task(NamedTuple):
    """One path with its terms, ladder and costs; picklable."""

    path: Path
    core: Window
    terms: Terms
    ladder: Tiers
    costs: Costs
    params: Mapping[str, Any]
    caveats: tuple[str, ...]
    noise: bool


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """Every path under every way of holding, and for how many coins the advice holds."""
    given = {**DEFAULTS, **(context.params or {})}
    terms = Terms.of(given)
    problems: list[Problem] = []
    held = held_on(context, whole(given, "max_age", 1))
    try:
        tasks = [_task(context, path, terms, problems) for path in held]
    except UsageError as error:  # the venue of the context has no such rule
        return [], [Problem("no-rule", ABSENT, error.what, path=error.where)]
    if not tasks:
        text = Text(
            f"structure: no coin has a path by the second in the window {context.core.name}",
            f"structure：时间窗 {context.core.name} 内没有任何币种的逐秒价格路径",
        )
        return [], [Problem("no-price", ABSENT, text)]
    stretches = _stretches(context.span, context.core, terms.blocks)
    problems += [_no_stretch(name) for name in (EVENT, BEFORE) if name not in stretches]
    findings: list[Finding] = []
    for found, more in context.executor.map(_work, tasks):
        findings += found
        problems += more
    findings += _holds(terms, context.core, findings)
    return findings, problems


def _task(context: Context, path: Path, terms: Terms, problems: list[Problem]) -> Task:
    coin = path.coin
    symbol = f"{coin}USDT"
    taken, firm = rules_taken(context.rules, RULES, coin)
    known = tiers().get(symbol)
    caveats = ["exogenous", *path.caveats] + (["assumed-rules"] if not firm else [])
    if known is None:
        known = flat(symbol, context.rules.get("margin.inverse_rate", coin).number)
        caveats.append("tiers-assumed")
    ladder = known.scaled(context.rules.get("margin.rate_factor", coin).number)
    for leverage in terms.small:
        most = ladder.bracket(terms.notional).max_leverage
        if leverage > most:
            problems.append(_too_high(symbol, leverage, most))
    costs = Costs(terms.taker, context.rules.get("liquidation.fee", coin).number, terms.delay_s)
    params = {
        "rules": taken, "ladder": symbol, "notional": terms.notional, "capital": terms.capital,
        "taker": terms.taker, "delay_s": terms.delay_s, "side": terms.side,
        "refill": terms.ways[0].structure.refill,
    }  # fmt: skip
    # Paths on the mark are resampled; the last trade stands in only where there is none.
    noise = path.trigger == MARK or path.track.instrument.kind == SPOT
    return Task(path, context.core, terms, ladder, costs, params, tuple(caveats), noise)


def _work(task: Task) -> tuple[list[Finding], list[Problem]]:
    from ...rules.structure_kernel import follow_paths

    terms, structures = task.terms, [w.structure for w in task.terms.ways]

    def follow(marks: Floats, trades: Floats) -> Any:
        return follow_paths(marks, trades, structures, task.ladder, terms.notional, task.costs)

    found = list(_event(task, follow))
    if not task.noise:
        return found, []
    problems = []
    for stretch, window in _stretches(task.path.span, task.core, terms.blocks).items():
        try:
            marks, trades = resampled(
                *task.path.within(window.start, window.end), terms.blocks,
                centred=stretch == BEFORE,
            )  # fmt: skip
        except ValueError:
            problems.append(_no_stretch(stretch, task.path.track))
            continue
        found += _resampled(task, stretch, window, follow(marks, trades))
    return found, problems


def _stretches(span: Window, core: Window, blocks: Blocks) -> dict[str, Window]:
    """The stretches to resample; one that is shorter than two blocks is none."""
    found = {EVENT: core}
    if core.start > span.start:
        found[BEFORE] = Window(BEFORE, span.start, core.start)
    least = 2 * blocks.block * SECOND
    return {name: one for name, one in found.items() if one.end - one.start >= least}


def _finding(
    task: Task, what: str, value: Value, unit: str, subject: Mapping[str, str], *,
    at: int | None = None, params: Mapping[str, Any] | None = None, count: int = 0,
    window: Window | None = None,
) -> Finding:  # fmt: skip
    name = f"replay.{NAME}.{what}"
    return Finding(
        name=name, subject={**task.path.subject, **subject}, value=value, unit=unit,
        method=_IDS[name], at=at, window=window or task.core, inputs=task.path.inputs, count=count,
        params={**task.params, **(params or {})}, caveats=task.caveats,
    )  # fmt: skip


def _event(task: Task, follow: Callable[[Floats, Floats], Any]) -> Iterator[Finding]:
    """The recorded path."""
    marks, trades = task.path.within(task.core.start, task.core.end)
    out = follow(marks[None, :], trades[None, :])
    begin = -(-task.core.start // SECOND) * SECOND
    losses: list[Decimal] = []
    for k, way in enumerate(task.terms.ways):
        losses.append(rounded(way.structure.capital - rounded(out.equity[0, k], 12), PLACES))
        first = int(out.first[0, k])
        yield _finding(
            task, "loss", losses[k], "exposure", way.words,
            at=begin + first * SECOND if first >= 0 else None, count=len(trades),
            params={
                "entries": int(out.entries[0, k]), "liquidations": int(out.liquidations[0, k]),
                "stops": int(out.stops[0, k]), "left": rounded(out.equity[0, k], PLACES),
                "fees": rounded(out.fees[0, k], PLACES), "held": bool(out.held[0, k]),
                "shortfall": rounded(out.shortfall[0, k], PLACES),
            },
        )  # fmt: skip
    for leverage in task.terms.small:
        small = {"leverage": plain(leverage), "mode": ISOLATED}
        for again in (False, True):
            mine = task.terms.place(leverage, ISOLATED, stop=False, again=again)
            words = {**small, "again": task.terms.ways[mine].words["again"]}
            rivals = {"large": 0, "large, stop": task.terms.place(leverage, CROSS, True, again)}
            for against, place in rivals.items():
                saved = losses[place] - losses[mine]
                yield _finding(
                    task, "saved", saved, "exposure", {**words, "against": against},
                    params={"loss": losses[mine], "loss_against": losses[place]},
                    count=len(trades),
                )  # fmt: skip
            if not again:
                margin = task.terms.ways[mine].structure.margin
                times = rounded((losses[0] - losses[mine]) / margin, PLACES)
                yield _finding(task, "pays_for", times, "margins", small, count=len(trades))


def _resampled(task: Task, stretch: str, window: Window, out: Any) -> Iterator[Finding]:
    """The drawn paths of one stretch."""
    finding = partial(_finding, task, window=window)
    blocks, capital = task.terms.blocks, float(task.terms.capital)
    params = {
        "stretch": stretch, "paths": blocks.paths, "block": blocks.block,
        "horizon": blocks.length, "seed": blocks.seed, "centred": stretch == BEFORE,
    }  # fmt: skip
    lost = capital - out.equity
    closed = (out.liquidations + out.stops) > 0
    means = lost.mean(axis=0)
    for k, way in enumerate(task.terms.ways):
        words = {**way.words, "stretch": stretch}
        share, hit = float(closed[:, k].mean()), closed[:, k]
        error = float(np.sqrt(share * (1 - share) / blocks.paths))
        given = rounded(float(lost[hit, k].mean()), PLACES) if hit.any() else None
        yield finding(
            "probability", rounded(share, PLACES), "ratio", words, count=blocks.paths,
            params={**params, "error": rounded(error, PLACES)},
        )  # fmt: skip
        yield finding("loss_given", given, "exposure", words, params=params, count=int(hit.sum()))
        yield finding(
            "expected_loss", rounded(float(means[k]), PLACES), "exposure", words,
            params=params, count=blocks.paths,
        )  # fmt: skip
    for leverage in task.terms.small:
        mine = task.terms.place(leverage, ISOLATED, stop=False)
        cost = rounded(float(means[mine] - means[0]), PLACES)
        words = {"leverage": plain(leverage), "mode": ISOLATED, "stretch": stretch}
        yield finding("noise_cost", cost, "exposure", words, params=params, count=blocks.paths)


def _holds(terms: Terms, core: Window, found: list[Finding]) -> Iterator[Finding]:
    """For how many coins the advice holds, of those that have a path."""
    saved = [f for f in found if f.name.endswith(".saved") and f.subject["against"] == "large"]
    for leverage in terms.small:
        for again in dict.fromkeys(f.subject["again"] for f in saved):
            by_coin: dict[str, Finding] = {}
            for one in saved:
                if (one.subject["leverage"], one.subject["again"]) == (plain(leverage), again):
                    by_coin.setdefault(one.subject["coin"], one)  # the mark stands first
            yes = [c for c, f in by_coin.items() if isinstance(f.value, Decimal) and f.value > 0]
            name = f"replay.{NAME}.holds"
            yield Finding(
                name=name, value=len(yes), unit="coins", method=_IDS[name], window=core,
                subject={"leverage": plain(leverage), "mode": ISOLATED, "again": again},
                params={"coins": yes, "not": [c for c in by_coin if c not in yes],
                        "capital": terms.capital, "notional": terms.notional},
                inputs=tuple(dict.fromkeys(i for f in by_coin.values() for i in f.inputs)),
                count=len(by_coin),
                caveats=tuple(dict.fromkeys(c for f in by_coin.values() for c in f.caveats)),
            )  # fmt: skip


def _too_high(symbol: str, leverage: Decimal, most: Decimal) -> Problem:
    return Problem(
        "leverage-too-high", KEPT,
        Text(
            f"structure: {symbol} does not allow {leverage} times, at most {most} at that size; "
            "it is computed all the same",
            f"structure：{symbol} 该规模最高 {most} 倍，不允许 {leverage} 倍杠杆；仍予计算",
        ),
    )  # fmt: skip


def _no_stretch(stretch: str, track: Track | None = None) -> Problem:
    key = "the case" if track is None else track.instrument.key
    zh = "案件" if track is None else track.instrument.key
    return Problem(
        "no-stretch", ABSENT,
        Text(
            f"structure: {key} has too little data to resample the stretch '{stretch}'",
            f"structure：{zh}在“{stretch}”段的数据不足，无法重抽样",
        ),
        source="" if track is None else track.sources[0],
    )  # fmt: skip
