"""How a breach ends: with the grace at its end, or with the unit back at its trigger before.

The rule for one account is rules/grace.py; here the units hold what they hold now, marks may be
missing, and a unit within 1e-9 of its trigger counts as at it. Invariant: nothing is decided in
a second in which a mark of the unit is missing; it waits for the next one that has all.
"""

from __future__ import annotations

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints
from .aftermath_state import Fixed, State
from .first_kernel import NEAR
from .units import Bools


@compiled
def ends_of_grace(
    fixed: Fixed, state: State, x: Floats, units: Ints, breach: Ints, grace: Ints, since: Ints,
    at_once: bool, end: Ints, back: Bools,
) -> None:  # fmt: skip
    """For units [K] that are below their trigger since `breach` and have `grace` [K] seconds,
    looked at from `since` on: the second in which it ends, in place, the number of seconds
    where the data end before; and whether the unit is `back` at its trigger then.

    With `at_once` it is back as soon as it is at its trigger; else only the first second from
    breach + grace on is looked at.
    """
    seconds = x.shape[1]
    # As arrays of their own: a second of a unit is too little work to call another kernel for.
    start, market, entry, trigger = fixed.start, fixed.market, fixed.entry, fixed.trigger
    tier_start, tier_floor = fixed.tier_start, fixed.tier_floor
    tier_rate, tier_cum = fixed.tier_rate, fixed.tier_cum
    wallet, size = state.wallet, state.size
    for i in range(len(units)):
        u = units[i]
        due = breach[i] + grace[i]
        end[i], back[i] = seconds, False
        for s in range(since[i] if at_once else max(since[i], due), seconds):
            equity, maintenance = wallet[u], 0.0
            scale = abs(equity)
            for p in range(start[u], start[u + 1]):
                if size[p] != 0.0:
                    m = market[p]
                    value = abs(size[p]) * x[m, s]
                    equity += size[p] * (x[m, s] - entry[p])
                    scale += value + abs(size[p]) * entry[p]
                    k, top = tier_start[m], tier_start[m + 1] - 1
                    if k <= top:
                        while k < top and value > tier_floor[k + 1]:
                            k += 1
                        maintenance += tier_rate[k] * value - tier_cum[k]
            excess = equity - trigger[u] * maintenance
            if excess >= -NEAR * scale:
                end[i], back[i] = s, True
                break
            # Not so where it is NaN: a mark is missing.
            if excess < 0.0 and s >= due:
                end[i] = s
                break
