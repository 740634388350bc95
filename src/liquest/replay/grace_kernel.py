"""How a breach ends: with the grace at its end, or with the unit back at its trigger before.

The rule for one account is rules/grace.py; here the units hold what they hold now, marks may be
missing, and a unit within 1e-9 of its trigger counts as at it. Invariant: nothing is decided in
a second in which a mark of the unit is missing; it waits for the next one that has all.
"""

from __future__ import annotations

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints
from .aftermath_kernel import asked
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
    for i in range(len(units)):
        u = units[i]
        due = breach[i] + grace[i]
        end[i], back[i] = seconds, False
        for s in range(since[i] if at_once else max(since[i], due), seconds):
            equity, maintenance = state.wallet[u], 0.0
            scale = abs(equity)
            for p in range(fixed.start[u], fixed.start[u + 1]):
                size = state.size[p]
                if size != 0.0:
                    m = fixed.market[p]
                    value = abs(size) * x[m, s]
                    equity += size * (x[m, s] - fixed.entry[p])
                    scale += value + abs(size) * fixed.entry[p]
                    maintenance += asked(fixed, m, value)
            excess = equity - fixed.trigger[u] * maintenance
            if excess >= -NEAR * scale:
                end[i], back[i] = s, True
                break
            # Not so where it is NaN: a mark is missing.
            if excess < 0.0 and s >= due:
                end[i] = s
                break
