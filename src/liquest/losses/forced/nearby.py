"""How near in time two entries must be to belong together: a policy, stated with each result.

Transaction ids are not trade ids, so an INSURANCE_CLEAR is tied to an order by wallet, symbol
and time, and to a trade of the same second at best. None of the distances is published; they
are wide enough for the queues of the event and are part of every finding that rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...clock import SECOND
from ...errors import InputError, Text


@dataclass(frozen=True)
class Nearby:
    """Seconds: a clearance after its fill, a pause within one chain of forced orders."""

    clear_s: int = 60
    pause_s: int = 900

    def __post_init__(self) -> None:
        for name, value in (("clear_s", self.clear_s), ("pause_s", self.pause_s)):
            if not 0 <= value <= 86_400:
                raise InputError(
                    Text(
                        f"{name} = {value} is not between 0 and 86400",
                        f"{name} = {value} 不在 0 至 86400 之间",
                    ),
                    where=name,
                    remedy=Text(
                        "Give whole seconds of at most a day.", "请给出不超过一天的整秒数。"
                    ),
                )

    def latest(self, ended: Sequence[int], ts: int) -> list[int]:
        """Places of those that ended last at or before `ts` (times are cut to the second, so
        up to one second after it too), and no longer ago than a clearance takes."""
        near = [
            place
            for place, end in enumerate(ended)
            if end < ts + SECOND and ts - end <= self.clear_s * SECOND
        ]
        last = max((ended[place] // SECOND for place in near), default=None)
        return [place for place in near if ended[place] // SECOND == last]

    def json(self) -> dict[str, int]:
        """As parameters of a finding."""
        return {"clear_s": self.clear_s, "pause_s": self.pause_s}
