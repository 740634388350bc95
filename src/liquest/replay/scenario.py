"""Scenarios: the rules of a moment with some of them set otherwise.

    --set mark.window=150s                one rule changed
    --sweep mark.window=30s,60s,150s      one scenario for each value
    --sweep index.own_weight=0,0.5,1      sweeps combine: 3 × 3 scenarios

The path `at` stands for the moment whose rules are taken: --sweep at=2025-04-01,2025-10-10.
The baseline is the rules of the moment with nothing set; it is never among the scenarios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ..clock import format_time, parse_time
from ..errors import Text, UsageError

MOMENT = "at"
MOST = 1_000
"""Scenarios of one replay: beyond it a sweep is a typing error."""


@dataclass(frozen=True)
class Scenario:
    """`overrides` by rule path, as written; `at` the moment (µs) where it is not the base's."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    at: int | None = None

    @property
    def label(self) -> str:
        """What sets it apart, as on the command line; "baseline" where nothing does."""
        parts = [] if self.at is None else [f"at={format_time(self.at, digits=0)}"]
        parts += [f"{path}={text}" for path, text in self.overrides.items()]
        return " ".join(parts) or "baseline"

    def over(self, others: Mapping[str, str]) -> Scenario:
        """The same with more set; what stands here wins."""
        return Scenario({**others, **self.overrides}, self.at)


BASELINE = Scenario()


def scenarios(sets: Sequence[str], sweeps: Sequence[str], tz: str = "UTC") -> list[Scenario]:
    """The scenarios that the options name, in the order of the values; [] when there is none.

    Raises UsageError for what is not PATH=VALUE, a path named twice, or too many scenarios.
    """
    fixed = [(path, [value]) for path, value in map(_pair, sets)]
    swept = [(path, _values(path, text)) for path, text in map(_pair, sweeps)]
    seen: set[str] = set()
    for path, _ in (*fixed, *swept):
        if path in seen:
            raise UsageError(
                Text(f"'{path}' is set twice", f"“{path}”被设置了两次"),
                remedy=Text(
                    "Name it once, in --set or in --sweep.", "请只在 --set 或 --sweep 中写一次。"
                ),
            )
        seen.add(path)
    count = 1
    for _, values in swept:
        count *= len(values)
    if count > MOST:
        raise UsageError(
            Text(f"the sweeps make {count:,} scenarios", f"组合后共有 {count:,} 个情景"),
            remedy=Text(
                f"Sweep over fewer values: at most {MOST:,}.", f"请减少取值：最多 {MOST:,} 个。"
            ),
        )
    if not fixed and not swept:
        return []
    paths = [path for path, _ in (*fixed, *swept)]
    found = []
    for picked in product(*(values for _, values in (*fixed, *swept))):
        chosen = dict(zip(paths, picked, strict=True))
        moment = chosen.pop(MOMENT, None)
        found.append(Scenario(chosen, None if moment is None else parse_time(moment, tz)))
    return found


def _pair(text: str) -> tuple[str, str]:
    path, mark, value = text.partition("=")
    if not mark or not path.strip() or not value.strip():
        raise UsageError(
            Text(f"'{text}' is no PATH=VALUE", f"“{text}”不是 路径=取值 的形式"),
            remedy=Text("Write mark.window=150s.", "请写成 mark.window=150s。"),
        )
    return path.strip(), value.strip()


def _values(path: str, text: str) -> list[str]:
    values = [one.strip() for one in text.split(",") if one.strip()]
    if len(set(values)) < len(values) or not values:
        raise UsageError(
            Text(f"'{path}' is swept over a value twice, or none", f"“{path}”的取值重复或为空"),
            remedy=Text("Write each value once: 30s,60s,150s.", "每个取值写一次：30s,60s,150s。"),
        )
    return values
