"""First-order feedback: forced volume that a scenario adds or spares moves the price, once.

The recorded price already holds the impact of the liquidations that took place. A scenario
with others would have had another price; to first order

    price' = price · exp(r),   r = 0.01 · x / depth              (linear)
                               r = 0.01 · sign(x) · √(|x|/depth)  (square root)
    x(s) = x(s − 1) · 2^(−1/half-life) + forced(s) − forced₀(s)

with `forced` the signed forced volume of a second (buys above zero) in quote units, forced₀
that of the baseline, and `depth` the volume that moves the price by one percent. Only the
contract's own trades (and what stands in for the venue's own spot) move; other venues'
prices stay as recorded. Nothing is iterated: the second round is named as left out. The
square-root form is the empirical law of market impact (Almgren and others 2005; Tóth and
others 2011), the linear one Kyle's (1985).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import Text, UsageError
from ..tape.tracks import Floats
from .recorded import Recorded

MODELS = ("none", "linear", "sqrt")
CAP = 3.0
"""Largest |r|: beyond e³ a first-order answer says nothing."""


@dataclass(frozen=True)
class Impact:
    """`depth` in quote units for one percent, `half_life` in seconds (0: never fades)."""

    model: str
    depth: float
    half_life: float

    def __post_init__(self) -> None:
        if self.model not in MODELS[1:] or not self.depth > 0 or self.half_life < 0:
            raise UsageError(
                Text(
                    f"no impact model: {self.model}, depth {self.depth}, "
                    f"half-life {self.half_life}",
                    f"冲击模型无效：{self.model}，深度 {self.depth}，半衰期 {self.half_life}",
                ),
                remedy=Text(
                    "Set feedback.model=linear or sqrt, and feedback.depth above zero.",
                    "请设 feedback.model=linear 或 sqrt，且 feedback.depth 大于零。",
                ),
            )

    def path(self, change: Floats) -> Floats:
        """r per second for a change of forced volume per second (both of length S)."""
        kept = 0.5 ** (1 / self.half_life) if self.half_life else 1.0
        held = np.empty_like(change)
        x = 0.0
        for second, volume in enumerate(change.tolist()):
            x = x * kept + volume
            held[second] = x
        share = held / self.depth
        if self.model == "sqrt":
            share = np.sign(share) * np.sqrt(np.abs(share))
        return np.clip(0.01 * share, -CAP, CAP)


def moved(recorded: Recorded, r: Floats) -> Recorded:
    """The recorded arrays with the venue's own prices moved by r (S seconds of the window)."""
    wide = np.concatenate([np.zeros(recorded.lead), r])
    factor = np.exp(wide)
    own = np.array([s.own for s in recorded.market.sources])
    prices = np.where(own[:, None], recorded.prices * factor, recorded.prices)
    return replace(recorded, last=recorded.last * factor, mid=recorded.mid * factor, prices=prices)


def depth_of(recorded: Recorded, notional: Floats) -> float:
    """The volume per one percent that the trades themselves show before the window's middle.

    Amihud's ratio (2002): the median over seconds with trades of |return| per unit of
    notional, turned round. `notional` is the traded value per second of the window in quote
    units. NaN where fewer than 30 seconds traded with a change of price.
    """
    last = recorded.last[recorded.lead :]
    half = len(last) // 2
    change = np.abs(np.diff(np.log(last[:half])))
    traded = notional[1:half]
    used = np.isfinite(change) & (change > 0) & (traded > 0)
    if used.sum() < 30:
        return float("nan")
    return float(0.01 / np.median(change[used] / traded[used]))
