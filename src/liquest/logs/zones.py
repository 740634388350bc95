"""Of which zone are times without offset? What the log itself says, and what it cannot say.

An exchange's own time in a line (transactTime, updateTime …) is UTC, so a local time beside
it shows the zone, to the next quarter of an hour. Steps of whole quarters backwards are no
silence: either the clock was changed, or lines of two zones stand in one file. Where neither
case.toml nor the log tells the zone, lines are set aside rather than placed by a guess.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..clock import HOUR, MINUTE, span, zone
from ..errors import Text
from ..problems import ASIDE, KEPT, Problem
from .parse import Parsed
from .schema import GIVEN, INFERRED

QUARTER = 15 * MINUTE
_NEAR = 90_000_000
"""µs by which a step may differ from whole quarters and still be one of zone."""
_CLOSE = 3 * MINUTE
"""How far a clock may be off beside an exchange's time."""
_LEAST = 3
"""Lines that must agree on a zone, or flips that make two zones."""
_SHARE = 0.9
_FURTHEST = 14 * HOUR


@dataclass(frozen=True)
class Placed:
    """`offsets` are (first row, µs east of UTC) of stretches without offset, None where nobody
    knows; `word` is GIVEN or INFERRED."""

    offsets: tuple[tuple[int, int | None], ...] = ()
    word: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def single(self) -> int | None:
        """The one offset of all stretches; None where there is none, or more than one."""
        found = {o for _, o in self.offsets}
        return found.pop() if len(found) == 1 else None


@dataclass
class _Stretch:
    """Lines between two steps; `state` is its shift against the first, as the steps say."""

    row: int
    state: int = 0
    votes: Counter[int] = field(default_factory=Counter)


def offset_of(tz: str) -> int:
    """µs east of UTC of a zone by name."""
    delta = zone(tz).utcoffset(None)
    return delta // type(delta)(microseconds=1)


def place(parts: Sequence[Parsed], tz: str) -> Placed:
    """Where the times without offset of a source belong; `tz` is what case.toml says."""
    naive = [p for p in parts if p.first is not None]
    if not naive:
        return Placed()
    stretches = _stretches(naive)
    pairs = [pair for p in naive for pair in p.pairs]
    rows = [s.row for s in stretches]
    for row, gap in pairs:
        quarter = _quarter(gap)
        if abs(gap - quarter) <= _CLOSE and abs(quarter) <= _FURTHEST:
            stretches[max(bisect_right(rows, row) - 1, 0)].votes[quarter] += 1
    stretches = _joined(stretches)
    flips = sum(a.state != b.state for a, b in pairwise(stretches))
    votes: dict[int, Counter[int]] = {}
    for one in stretches:
        votes.setdefault(one.state, Counter()).update(one.votes)
    seen = {state: o for state, counts in votes.items() if (o := _agreed(counts)) is not None}
    given = offset_of(tz) if tz else None
    base = _base(seen, given)
    problems = list(_said(stretches, flips, seen, given, base, sum(p.naive for p in naive)))
    offsets = tuple(
        (s.row, _offset(s.state, seen, base, two_zones=flips >= _LEAST)) for s in stretches
    )
    word = INFERRED if seen and (given is None or given not in seen.values()) else GIVEN
    return Placed(offsets, word if base is not None else "", tuple(problems))


def _stretches(parts: Sequence[Parsed]) -> list[_Stretch]:
    """The lines cut at every step of whole quarters, states not yet judged."""
    steps: list[tuple[int, int]] = []
    before: Parsed | None = None
    for part in parts:
        if before is not None and part.first is not None:
            steps.append((part.first[0], part.first[1] - before.last))
        steps += part.steps
        before = part
    first = parts[0].first
    found = [_Stretch(first[0] if first else 1)]
    for row, step in steps:
        quarter = _quarter(step)
        if quarter and abs(step - quarter) <= _NEAR and abs(quarter) <= 2 * _FURTHEST:
            found.append(_Stretch(row, quarter))
    return found


def _joined(stretches: list[_Stretch]) -> list[_Stretch]:
    """Stretches with their states. A step back counts always; a step ahead may be silence, and
    counts where it undoes a step back, or where exchange times on both sides show it."""
    backward = Counter(-s.state for s in stretches[1:] if s.state < 0)
    many = sum(backward.values()) >= _LEAST - 1
    made = [_Stretch(stretches[0].row, 0, stretches[0].votes)]
    known = {0}
    for one in stretches[1:]:
        last = made[-1]
        state = last.state + one.state
        mine, other = _agreed(one.votes), _agreed(last.votes)
        shown = mine is not None and other is not None and mine - other == one.state
        counts = one.state < 0 or state in known or shown or (many and one.state in backward)
        if not counts:
            last.votes.update(one.votes)
            continue
        known.add(state)
        made.append(_Stretch(one.row, state, one.votes))
    return made


def _quarter(us: int) -> int:
    return (us + QUARTER // 2) // QUARTER * QUARTER


def _agreed(votes: Counter[int]) -> int | None:
    """The offset that enough lines agree on."""
    if sum(votes.values()) < _LEAST:
        return None
    offset, count = votes.most_common(1)[0]
    return offset if count >= _SHARE * sum(votes.values()) else None


def _base(seen: dict[int, int], given: int | None) -> int | None:
    """The offset of the first stretch: as its own lines show, as another's do, as is said."""
    if 0 in seen:
        return seen[0]
    if given is not None:
        return given
    return next((offset - state for state, offset in seen.items()), None)


def _offset(state: int, seen: dict[int, int], base: int | None, *, two_zones: bool) -> int | None:
    """The offset of a stretch: shown by its own lines; else, of two zones in one file, by the
    shift between them; else that of the first, so that the time stands as it is written."""
    if state in seen:
        return seen[state]
    if base is None:
        return None
    return base + state if two_zones else base


def _said(
    stretches: Sequence[_Stretch], flips: int, seen: dict[int, int], given: int | None,
    base: int | None, naive: int,
) -> Iterable[Problem]:  # fmt: skip
    """What is to be known of the zone, with the rows that show it."""
    if base is None:
        yield Problem(
            "no-zone", ASIDE,
            Text(
                "times without an offset, and nothing says of which zone: give it in case.toml, "
                'as tz = "UTC+8" in a [[log]]',
                "时间未注明时区，且无从得知：请在 case.toml 的 [[log]] 中写明，例如 tz = \"UTC+8\"",
            ),
            count=naive,
        )  # fmt: skip
        return
    if given is None:
        yield Problem(
            "assumption", KEPT,
            Text(
                f"times without an offset are taken as {_named(base)}: the exchange's own times "
                "in the same lines say so",
                f"未注明时区的时间按 {_named(base)} 处理：同一行中的交易所时间表明如此",
            ),
            count=0,
        )  # fmt: skip
    elif 0 in seen and seen[0] != given:
        yield Problem(
            "zone-contradicted", KEPT,
            Text(
                f"case.toml says {_named(given)}, but the exchange's own times in the same lines "
                f"say {_named(base)}; that counts",
                f"case.toml 写明为 {_named(given)}，但同一行中的交易所时间表明为 {_named(base)}，"
                "以后者为准",
            ),
            count=0,
        )  # fmt: skip
    moved = [s for a, s in pairwise(stretches) if s.state != a.state]
    if flips >= _LEAST:
        states = sorted({s.state for s in stretches})
        yield Problem(
            "two-zones", KEPT,
            Text(
                f"times jump to and fro by {span(states[-1] - states[0])}, {flips} times: lines "
                "of two zones in one file, brought to one",
                f"时间来回跳动 {span(states[-1] - states[0])}，共 {flips} 次："
                f"同一文件中有两个时区，"
                "已统一",
            ),
            first=moved[0].row, last=moved[-1].row, count=flips,
        )  # fmt: skip
        return
    for before, one in pairwise(stretches):
        step = one.state - before.state
        told = one.state in seen
        yield Problem(
            "clock-change", KEPT,
            Text(
                f"the clock is set {'back' if step < 0 else 'ahead'} by {span(abs(step))} here; "
                + ("the exchange's own times place what follows" if told
                   else "what follows stands as it is written"),
                f"此处时钟{'回拨' if step < 0 else '前拨'} {span(abs(step))}；"
                + ("其后的时间按交易所时间确定" if told else "其后的时间按原文处理"),
            ),
            first=one.row, last=one.row,
        )  # fmt: skip


def _named(offset: int) -> str:
    """UTC+8, UTC-3:30, UTC."""
    minutes = abs(offset) // MINUTE
    if not minutes:
        return "UTC"
    rest = f":{minutes % 60:02d}" if minutes % 60 else ""
    return f"UTC{'+' if offset > 0 else '-'}{minutes // 60}{rest}"
