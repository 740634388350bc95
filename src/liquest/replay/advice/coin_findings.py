"""What is found of one coin: the ways along its paths, and whether the advice holds for it.

Invariant: a money value is that of all the money, rounded to a hundredth, and every finding
carries what was asked, the rules taken and the rows that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import sqrt
from typing import Any

import numpy as np

from ...clock import SECOND, Window
from ...errors import Text
from ...findings import Finding, Value, plain, rounded
from ...problems import ABSENT, Problem
from ...rules.structure import CROSS
from ...tape.tracks import Floats
from ..resample import filled
from .grid import Way
from .methods import IDS, PREFIX
from .rivals import PRICE, Drawn, Rival, break_even, rivals, word
from .weigh import BEFORE, BLOCK, EVENT, Many, Stretch, Task, many, recorded, stretches

MONEY, RATIO, TIMES, TEXT = "USDT", "ratio", "times", "text"
CENTS, PLACES = 2, 6
RECORD = "record"
"""The recorded path, beside the stretches that paths are drawn from."""


@dataclass(frozen=True)
class Row:
    """A value on its way to be a finding."""

    name: str
    value: Value
    unit: str
    subject: Mapping[str, str]
    params: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0
    at: int | None = None
    window: Window | None = None


def of_coin(task: Task) -> tuple[list[Finding], list[Problem]]:
    """All findings of a coin; a stretch that cannot be drawn from is a problem."""
    drawn: dict[str, Many] = {}
    problems = []
    rows: list[Row] = [*_path(task)]
    for stretch in stretches(task):
        try:
            drawn[stretch.name] = many(task, stretch)
        except ValueError:
            problems.append(_no_stretch(task, stretch))
            continue
        rows += _drawn(task, stretch, drawn[stretch.name])
    rows += _advice(task, drawn)
    return [_finding(task, row) for row in rows], problems


def _finding(task: Task, row: Row) -> Finding:
    return Finding(
        name=f"{PREFIX}.{row.name}", subject={**task.path.subject, **row.subject},
        value=row.value, unit=row.unit, method=IDS[row.name], at=row.at,
        window=row.window or task.core, inputs=task.path.inputs, count=row.count,
        params={**task.params, **row.params}, caveats=task.caveats,
    )  # fmt: skip


def _path(task: Task) -> Iterator[Row]:
    """The recorded path: how the price moved, and what each way left."""
    asked = task.asked
    _, trades = task.path.within(task.core.start, task.core.end)
    known = trades[np.isfinite(trades)]
    moves = asked.sign * (known / known[0] - 1)
    worst = rounded(float(moves.min()), PLACES)
    yield Row("move", rounded(float(moves[-1]), PLACES), RATIO, {}, {"worst": worst}, len(known))
    yield Row("most", task.params["most"], TIMES, {})
    yield from _noise(task)
    out = recorded(task, task.path)
    begin = -(-task.core.start // SECOND) * SECOND
    for way in task.ways:
        for again in (False, True):
            k = task.place(way, again=again)
            closed = int(out.closed[0, k])
            params = {
                "entries": int(out.entries[0, k]), "liquidations": int(out.liquidations[0, k]),
                "stops": int(out.stops[0, k]), "held": bool(out.held[0, k]),
                "fees": _money(task, out.fees[0, k]),
                "shortfall": _money(task, out.shortfall[0, k]),
                "off_exchange": _money(task, out.reserve[0, k]),
            }  # fmt: skip
            yield Row(
                "left_again" if again else "left", _money(task, out.left[0, k]), MONEY,
                way.words, params, len(trades), begin + closed * SECOND if closed >= 0 else None,
            )  # fmt: skip
            if again:
                outs = int(out.liquidations[0, k] + out.stops[0, k])
                yield Row("stop_outs", outs, "closes", way.words, count=len(trades))
            else:
                on, off = rounded(out.equity[0, k], 12), rounded(out.reserve[0, k], 12)
                times = (None, None) if closed < 0 else _times(task, way, on, off)
                yield Row(
                    "reenter", times[0], "entries", way.words, {"with_all": times[1]}, len(trades)
                )  # fmt: skip


def _noise(task: Task) -> Iterator[Row]:
    """How restless the stretch before the event was."""
    for stretch in stretches(task):
        if stretch.name == BEFORE:
            _, trades = task.path.within(stretch.window.start, stretch.window.end)
            known = filled(trades)[::60]
            moves = np.diff(np.log(known[np.isfinite(known)]))
            if len(moves) > 1:
                value = rounded(float(moves.std(ddof=1)) * sqrt(60), PLACES)
                yield Row("noise", value, RATIO, {}, count=len(moves), window=stretch.window)


def _times(task: Task, way: Way, on: Decimal, off: Decimal) -> tuple[int, int]:
    """How often the exposure can be opened with what is on the exchange, and with all."""
    needed = way.structure(task.asked, again=False).margin + task.costs.taker
    most = 1 if way.mode == CROSS else 10**9
    return min(int(on / needed), most), min(int((on + off) / needed), most)


def _drawn(task: Task, stretch: Stretch, out: Many) -> Iterator[Row]:
    """What the ways came to over the drawn paths of a stretch."""
    paths, asked = len(out.left), task.asked
    shared = {
        "paths": paths, "block": BLOCK, "horizon": stretch.length, "seed": asked.seed,
        "fair": stretch.fair,
    }  # fmt: skip
    unit = float(asked.capital / asked.exposure)
    for way in task.ways:
        once, more = (task.place(way, again=a) for a in (False, True))
        words = {**way.words, "stretch": stretch.name}

        def row(name: str, value: Value, unit: str, count: int = paths,
                words: Mapping[str, str] = words, **params: Any) -> Row:  # fmt: skip
            given = {**shared, **params}
            return Row(name, value, unit, words, given, count, None, stretch.window)

        share = float((out.liquidations[:, once] > 0).mean())
        error = rounded(sqrt(share * (1 - share) / paths), PLACES)
        yield row("chance", rounded(share, PLACES), RATIO, error=error)
        if way.stop is not None:
            stopped = float((out.stops[:, once] > 0).mean())
            yield row("stopped", rounded(stopped, PLACES), RATIO)
        hit = out.closed[:, once]
        given = _money(task, unit - out.left[hit, once].mean()) if hit.any() else None
        yield row("loss_given", given, MONEY, int(hit.sum()))
        mean, again = (float(out.left[:, k].mean()) for k in (once, more))
        yield row("mean_left", _money(task, mean), MONEY)
        yield row("low_left", _money(task, out.low[once]), MONEY)
        yield row("mean_left_again", _money(task, again), MONEY)
        outs = float((out.liquidations[:, more] + out.stops[:, more]).mean())
        yield row("mean_stop_outs", rounded(outs, 3), "closes")
        yield row("stop_out_cost", _money(task, mean - again), MONEY)


def _advice(task: Task, drawn: Mapping[str, Many]) -> Iterator[Row]:
    """Each part of the advice: what it gained on the recorded path and on the drawn ones."""
    once = recorded(task, task.path).left[0]
    other = None if task.last is None else recorded(task, task.last).left[0]
    for rival in rivals(task.ways):
        a, b = (task.place(w, again=rival.again) for w in (rival.advised, rival.other))
        words = {"question": rival.question}
        shared = {"advised": rival.advised.words, "other": rival.other.words}
        event = _money(task, once[a]) - _money(task, once[b])
        last = None if other is None else _money(task, other[a]) - _money(task, other[b])
        yield Row(
            "gain", event, MONEY, {**words, "stretch": RECORD},
            {**shared, "last": last, "left": _money(task, once[a]),
             "other_left": _money(task, once[b])},
            1,
        )  # fmt: skip
        found: dict[str, Drawn] = {}
        for name, out in drawn.items():
            found[name] = one = _difference(task, out, a, b)
            yield Row(
                "gain", one.mean, MONEY, {**words, "stretch": name},
                {**shared, "error": one.error, "better": one.better, "worse": one.worse,
                 "low": one.low, "left": _money(task, out.left[:, a].mean()),
                 "other_left": _money(task, out.left[:, b].mean()),
                 "low_left": _money(task, out.low[a]), "other_low_left": _money(task, out.low[b])},
                len(out.left),
            )  # fmt: skip
        yield _verdict(rival, event, found, shared)


def _verdict(
    rival: Rival, event: Decimal, found: Mapping[str, Drawn], shared: Mapping[str, Any]
) -> Row:  # fmt: skip
    near, calm = found.get(EVENT), found.get(BEFORE)
    said = word(event, near, calm)
    times = break_even(event, calm.mean) if calm is not None and said == PRICE else None
    params = {
        **shared, "event": event,
        "break_even": None if times is None else rounded(times, 1),
        "before": None if calm is None else calm.mean,
        "better": None if near is None else near.better,
        "worse": None if near is None else near.worse,
        "low": None if near is None else near.low,
    }  # fmt: skip
    return Row("verdict", said, TEXT, {"question": rival.question}, params, 1)


def _difference(task: Task, out: Many, a: int, b: int) -> Drawn:
    """Path by path; what differs by less than a hundredth of a cent does not."""
    differ: Floats = out.left[:, a] - out.left[:, b]
    cut = 1e-4 / float(task.asked.exposure)
    spread = float(differ.std(ddof=1)) / sqrt(len(differ))
    return Drawn(
        _money(task, differ.mean()), _money(task, spread), int((differ > cut).sum()),
        int((differ < -cut).sum()), _money(task, out.low[a]) - _money(task, out.low[b]),
    )  # fmt: skip


def _money(task: Task, units: float | np.float64) -> Decimal:
    """Units of the exposure as money."""
    return rounded(rounded(float(units) * float(task.asked.exposure), 8), CENTS)


def _no_stretch(task: Task, stretch: Stretch) -> Problem:
    key = task.path.track.instrument.key
    return Problem(
        "no-stretch", ABSENT,
        Text(
            f"structure: {key} has too little data to draw from the stretch '{stretch.name}'",
            f"structure：{key} 在“{stretch.name}”段的数据不足，无法重抽样",
        ),
        source=task.path.track.sources[0], sample=plain(task.asked.exposure),
    )  # fmt: skip
