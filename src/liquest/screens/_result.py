"""What a screen says of a source: how strong, in words, with the innocent reason beside it.

Invariant: anything but "sound" carries an innocent reason; words stand in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..clock import SECOND, Window, clock_time, date_of, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, Value
from ..tape.lake import Lake, Part
from ..tape.tracks import Track

SOUND = "sound"
HINT = "hint"
STRONG = "strong"
IMPOSSIBLE = "impossible"
STRENGTHS: Mapping[str, Text] = {
    SOUND: Text("nothing found", "未发现异常"),
    HINT: Text("seen in sound records too", "正常记录中也会出现"),
    STRONG: Text("rare in sound records", "正常记录中少见"),
    IMPOSSIBLE: Text("in no true record of a working market", "正常市场的真实记录中不可能出现"),
}
"""From weakest to strongest; how often sound records show a hint stands in docs/health.md."""


@dataclass(frozen=True)
class Result:
    """`said` is what was found, `innocent` how it can have come about without any intent,
    `not_follow` what does not follow from it, as the end of "it does not follow: …"."""

    strength: str
    said: Text
    innocent: Text | None = None
    not_follow: Text | None = None

    def __post_init__(self) -> None:
        if self.strength not in STRENGTHS:
            raise ValueError(f"'{self.strength}' is no strength")
        if (self.innocent is None) != (self.strength == SOUND):
            raise ValueError("what is not sound has an innocent reason, and only that")

    def params(self) -> dict[str, Any]:
        """As it stands in a finding's parameters."""
        texts = {"innocent": self.innocent, "does_not_follow": self.not_follow}
        return {
            "strength": self.strength, "said": list(self.said),
            **{k: list(t) for k, t in texts.items() if t is not None},
        }  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One source's rows of one instrument and record, over all its days."""

    track: Track
    sha256: str

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The spans of rows of the source."""
        spans = (Input(p.source, p.row_min, p.row_max) for p in self.track.parts)
        return tuple(dict.fromkeys(spans))

    @property
    def rows(self) -> int:
        return sum(p.rows for p in self.track.parts)


@dataclass(frozen=True)
class Said:
    """A result on its way to a finding: `value` in `unit` is the number behind the words."""

    result: Result
    value: Value
    unit: str
    at: int | None = None
    rows: tuple[Input, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()


def finding(screen: str, method: Method, source: Source, said: Said, what: str = "") -> Finding:
    """The finding `screen.NAME`, or `screen.NAME.what`."""
    return Finding(
        f"screen.{screen}{'.' if what else ''}{what}", source.track.subject, said.value,
        said.unit, method.id, at=said.at, params={**said.params, **said.result.params()},
        inputs=(*said.rows, *source.inputs), count=source.rows, caveats=said.caveats,
    )  # fmt: skip


def sources(lake: Lake, record: str, price: str) -> list[Source]:
    """Every source of a record, instrument by instrument."""
    grouped: dict[tuple[str, str], list[Part]] = {}
    for part in lake.of(record):
        grouped.setdefault((part.instrument.key, part.source), []).append(part)
    made = []
    for (_, sha256), parts in sorted(grouped.items()):
        ordered = tuple(sorted(parts, key=lambda p: (p.date, p.path)))
        track = Track(lake.root, parts[0].instrument, price, record, 0, ordered)
        made.append(Source(track, sha256))
    return made


def span_of(track: Track) -> Window:
    """From a track's first row to the end of its last."""
    parts = track.parts
    end = max(max(p.ts_max + SECOND, p.last_end) for p in parts)
    return Window("source", min(p.ts_min for p in parts), end)


def many(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: 1 bar, 1,440 bars."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def moment(us: int, *, dated: bool = False, digits: int = 0) -> str:
    """A moment in a sentence, UTC: 15:30:42, or with its date."""
    text = clock_time(us, digits=digits)
    return f"{date_of(us)} {text}" if dated else text


def minute(us: int, *, dated: bool = False) -> str:
    """A moment to the minute, UTC: 15:30."""
    text = format_time(us, digits=0)
    return f"{text[:10]} {text[11:16]}" if dated else text[11:16]
