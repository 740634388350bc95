"""A claim against itself: do its own numbers agree?

    [[claim.check]]
    kind = "percentage"            # two stated numbers and a stated share between them
    low = "1.4"
    high = "1.7"
    stated = { above = "0.4" }
    base = "either"                # higher, lower, or either when the claim does not say

    kind = "difference"            # from, to, stated
    kind = "part"                  # part, whole, stated

A percentage has two readings: (high − low) / high and (high − low) / low. 1.7 against 1.4 is
17.647059 % of the higher and 21.428571 % of the lower, and no 40 % by either. Shares are
rounded half-even to eight decimals. Invariant: a check that agrees says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..errors import Text, UsageError
from ..findings import plain, rounded
from .expectation import Expectation
from .value_words import moment, shown

BASES = ("either", "higher", "lower")
_PLACES = 8
_OF = {
    "higher": Text("of the higher", "以较高者为基数"),
    "lower": Text("of the lower", "以较低者为基数"),
}
INCONSISTENT = Text("Inconsistent in itself", "自身不一致")
ANACHRONISM = Text("Anachronism", "时序不符")


@dataclass(frozen=True)
class Percentage:
    """Two numbers of a claim, the share it states between them, and of which it is a share."""

    low: Decimal
    high: Decimal
    stated: Expectation
    base: str = "either"

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high or self.base not in BASES:
            raise UsageError(
                Text(
                    "a percentage needs 0 < low < high and a base that is higher, lower or either",
                    "百分比须满足 0 < low < high，base 为 higher、lower 或 either",
                ),
                remedy=Text("Correct the check.", "请修正该核对。"),
            )

    @property
    def readings(self) -> dict[str, Decimal]:
        """The share by each reading."""
        over = self.high - self.low
        return {
            "higher": rounded(over / self.high, _PLACES),
            "lower": rounded(over / self.low, _PLACES),
        }

    def flags(self) -> Iterator[Text]:
        """Whether the stated share fits none of the readings meant, or one of two."""
        met = {base: self.stated.met(share) for base, share in self.readings.items()}
        meant = [b for b in met if self.base in ("either", b)]
        said = {b: shown(share, "ratio") for b, share in self.readings.items()}
        two = Text(*(
            f"{plain(self.low)} {word} {plain(self.high)}" for word in ("against", "对")
        ))  # fmt: skip
        stated = self.stated.words("ratio")
        if not any(met[b] for b in meant):
            parts = [f"{said[b].en} {_OF[b].en}" for b in met]
            zh = [f"{_OF[b].zh}为 {said[b].zh}" for b in met]
            fitting = [b for b in met if met[b]]
            more = Text("", "")
            if fitting:
                more = Text(
                    f"; {stated.en} holds {_OF[fitting[0]].en} only",
                    f"；仅{_OF[fitting[0]].zh}时{stated.zh}才成立",
                )
            yield Text(
                f"{INCONSISTENT.en}: {two.en} is {' or '.join(parts)}, stated is {stated.en}"
                f"{more.en}.",
                f"{INCONSISTENT.zh}：{two.zh}，{'，'.join(zh)}，所称{stated.zh}{more.zh}。",
            )
        elif len(meant) == 2 and not all(met.values()):
            holds, fails = sorted(met, key=lambda b: not met[b])
            yield Text(
                f"Other reading of the percentage: {two.en} is {said[holds].en} "
                f"{_OF[holds].en}, which is {stated.en}, and {said[fails].en} {_OF[fails].en}, "
                "which is not.",
                f"百分比的另一读法：{two.zh}，{_OF[holds].zh}为 {said[holds].zh}，符合{stated.zh}；"
                f"{_OF[fails].zh}为 {said[fails].zh}，不符合。",
            )


@dataclass(frozen=True)
class Difference:
    """Two numbers of a claim and the difference it states: to − from."""

    start: Decimal
    end: Decimal
    stated: Expectation

    def flags(self) -> Iterator[Text]:
        """Whether the difference is another one."""
        got = self.end - self.start
        if not self.stated.met(got):
            stated = self.stated.words("")
            yield Text(
                f"{INCONSISTENT.en}: {plain(self.end)} less {plain(self.start)} is {plain(got)}, "
                f"stated is {stated.en}.",
                f"{INCONSISTENT.zh}：{plain(self.end)} 减 {plain(self.start)} 为 {plain(got)}，"
                f"所称{stated.zh}。",
            )


@dataclass(frozen=True)
class Part:
    """A part, its whole, and the share that the claim states."""

    part: Decimal
    whole: Decimal
    stated: Expectation

    def __post_init__(self) -> None:
        if self.part < 0 or self.whole <= 0:
            raise UsageError(
                Text("a part is at least 0 and its whole above 0", "部分须不小于 0，整体须大于 0"),
                remedy=Text("Correct the check.", "请修正该核对。"),
            )

    def flags(self) -> Iterator[Text]:
        """Whether the share is another one."""
        share = rounded(self.part / self.whole, _PLACES)
        if not self.stated.met(share):
            got, stated = shown(share, "ratio"), self.stated.words("ratio")
            yield Text(
                f"{INCONSISTENT.en}: {plain(self.part)} of {plain(self.whole)} is {got.en}, "
                f"stated is {stated.en}.",
                f"{INCONSISTENT.zh}：{plain(self.whole)} 中的 {plain(self.part)} 为 {got.zh}，"
                f"所称{stated.zh}。",
            )


Check = Percentage | Difference | Part


@dataclass(frozen=True)
class Reliance:
    """Something that a claim takes as it was at a time: a rule, a text, a figure. `since` and
    `until` bound the time in which it stood (UTC microseconds)."""

    what: Text
    since: int | None = None
    until: int | None = None

    def __post_init__(self) -> None:
        edges = [edge for edge in (self.since, self.until) if edge is not None]
        if not edges or edges != sorted(set(edges)):
            raise UsageError(
                Text(
                    "a reliance needs 'since' or 'until', in order",
                    "须有 since 或 until，且先后有序",
                ),
                remedy=Text("Say when it began or ended.", "请写明起止时刻。"),
            )

    def flags(self, at: int) -> Iterator[Text]:
        """Whether it did not stand yet, or no more, at the moment that the claim speaks of."""
        if self.since is not None and at < self.since:
            yield self._flag(at, self.since, Text("began at", "始于"))
        if self.until is not None and at >= self.until:
            yield self._flag(at, self.until, Text("ended at", "止于"))

    def _flag(self, at: int, edge: int, word: Text) -> Text:
        then, said = moment(edge), moment(at)
        return Text(
            f"{ANACHRONISM.en}: {self.what.en} {word.en} {then.en}; the claim speaks of {said.en}.",
            f"{ANACHRONISM.zh}：{self.what.zh}{word.zh} {then.zh}；主张所指时刻为 {said.zh}。",
        )


def said_before(said: int, about: int) -> Iterator[Text]:
    """Whether a statement about an event is dated before the event."""
    if said < about:
        early, late = moment(said), moment(about)
        yield Text(
            f"{ANACHRONISM.en}: said at {early.en}, before {late.en}, of which it speaks.",
            f"{ANACHRONISM.zh}：发表于 {early.zh}，早于其所指的 {late.zh}。",
        )
