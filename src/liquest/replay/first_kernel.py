"""The first second in which a margin unit is below its trigger, without looking at every second.

f = equity − trigger·maintenance is linear minus convex in the x of each leg: over a block of
seconds it is not below the sum of the legs' least values between the block's lowest and highest
x. A block whose bound is above zero is skipped whole, any other is opened: a tree of blocks of
8, 64, 512 … seconds, walked from left to right, so the work grows with what happens and not
with the seconds. A missing mark (NaN) takes no part in the bounds and makes its second one
that is not evaluated.

Every search is for f ≤ margin·scale, where scale = |wallet| + Σ|size|·(entry + x). With a
margin above the rounding error of a sum (1e-9 against some 1e-15) nothing that is truly below
zero is passed over, and what lies within the margin is left to exact decimals. Invariant: up
to such ties the search finds the second that `scan_units`, which looks at every one, finds.

Kernels take whole ranges of units: a call of one compiled function by another counts the
references to every array that it is given, which is more work than a block.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints

NEAR = 1e-9
"""|f| up to this share of its scale is a tie for floats."""
BATCH = 512
"""Units that are planned together: their plan stays in the processor's cache."""

ALL = np.empty(0, dtype=np.int64)
LOWEST = np.array([0, *((n & -n).bit_length() - 1 for n in range(1, 256))], dtype=np.int64)
"""The place of the lowest bit that is set."""

Places = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]


class Table(NamedTuple):
    """Marks as x, prepared for the search; rows are filled up with NaN to a multiple of 8.

    `marks` [M, S…] for one path, with `fold` 1. For the envelope of several [2·M, S…], with
    `fold` 0: in row 2·m the lowest and in 2·m + 1 the highest x of market m. `bounds` [2·M,
    nodes] has such rows for the blocks; those of level k begin at offset[k] and are counts[k]
    (level 0 is the seconds themselves, and is not in `bounds`). `onward` [2·M, …] has them
    for all that follows from the beginning of each block of 512 seconds on.
    """

    marks: Floats
    fold: int
    bounds: Floats
    onward: Floats
    offset: Ints
    counts: Ints
    tier_start: Ints
    tier_floor: Floats
    tier_rate: Floats
    tier_cum: Floats


class Legs(NamedTuple):
    """Margin units as the kernels read them; see `units.Units`."""

    wallet: Floats
    start: Ints
    market: Places
    size: Floats
    entry: Floats
    trigger: Floats


class Plan(NamedTuple):
    """Some units made ready for the search: f − margin·scale = fixed + Σ worth of the legs.

    A leg that stays in one tier over all seconds is the line slope·x, least in row[p] of
    `bounds`. One that lies in the tiers first[p] to last[p] is the least of their lines: then
    `slope` holds its size, and row[p] is −1 less the market's first row. `wide` is
    (margin + NEAR)·scale at most. Closed legs are left out.
    """

    fixed: Floats
    wide: Floats
    start: Ints
    slope: Floats
    row: Places
    first: Places
    last: Places


def room(units: int, legs: int) -> Plan:
    """A plan for that many units and legs."""
    per_unit = np.empty((2, units))
    rows = np.empty((3, legs), dtype=np.int32)
    start = np.zeros(units + 1, dtype=np.int64)
    return Plan(per_unit[0], per_unit[1], start, np.empty(legs), rows[0], rows[1], rows[2])


def levels(seconds: int) -> tuple[Ints, Ints]:
    """`offset` and `counts` of the tree over that many seconds, each level filled up to 8."""
    count = [seconds, -(-seconds // 8)]
    while count[-1] > 1:
        count.append(-(-count[-1] // 8))
    width = [-(-n // 8) * 8 for n in count[1:]]
    offset = np.cumsum([0, 0, *width])[: len(count)]
    return offset.astype(np.int64), np.array(count, dtype=np.int64)


@compiled
def fill_bounds(
    marks: Floats, fold: int, bounds: Floats, onward: Floats, offset: Ints, counts: Ints,
    first: int, end: int,
) -> None:  # fmt: skip
    """The bounds of markets `first` to `end`, in place; NaN where a block has no mark at all."""
    part = min(3, len(counts) - 1)
    for m in range(first, end):
        low, high = (2 * m) >> fold, (2 * m + 1) >> fold
        for level in range(1, len(counts)):
            for i in range(-(-counts[level] // 8) * 8):
                least, most = np.inf, -np.inf
                if i < counts[level]:
                    base = offset[level - 1] + 8 * i
                    for j in range(base, base + 8):
                        down = marks[low, j] if level == 1 else bounds[2 * m, j]
                        up = marks[high, j] if level == 1 else bounds[2 * m + 1, j]
                        least = down if down < least else least
                        most = up if up > most else most
                if least > most:
                    least = most = np.nan
                bounds[2 * m, offset[level] + i] = least
                bounds[2 * m + 1, offset[level] + i] = most
        least, most = np.nan, np.nan
        for i in range(counts[part] - 1, -1, -1):
            down = bounds[2 * m, offset[part] + i]
            up = bounds[2 * m + 1, offset[part] + i]
            least = least if down >= least or np.isnan(down) else down
            most = most if up <= most or np.isnan(up) else up
            onward[2 * m, i], onward[2 * m + 1, i] = least, most


@compiled
def widen(envelope: Floats, bounds: Floats, first: int, end: int) -> None:
    """Takes the smallest blocks of one more path into an envelope, for markets `first` to
    `end`; NaN is nothing yet."""
    for m in range(first, end):
        for i in range(envelope.shape[1]):
            least, most = bounds[2 * m, i], bounds[2 * m + 1, i]
            if not least >= envelope[2 * m, i] and not np.isnan(least):
                envelope[2 * m, i] = least
            if not most <= envelope[2 * m + 1, i] and not np.isnan(most):
                envelope[2 * m + 1, i] = most


@compiled
def plan_units(
    table: Table, legs: Legs, margin: float, which: Ints, begin: Ints, shift: int, first: int,
    end: int, plan: Plan,
) -> None:  # fmt: skip
    """Makes units which[first] to which[end − 1] ready for a walk from their second begin[first]
    … on, in the places first − shift … of the plan. No `which` means units first to end."""
    onward = table.onward
    step = 3 * min(3, len(table.counts) - 1)
    tier_start, tier_floor, tier_rate, tier_cum = (
        table.tier_start, table.tier_floor, table.tier_rate, table.tier_cum
    )  # fmt: skip
    wallet, start, market, size, entry, triggers = (
        legs.wallet, legs.start, legs.market, legs.size, legs.entry, legs.trigger
    )  # fmt: skip
    fixed_part, slack, leg_start, slopes, row, first_tier, last_tier = (
        plan.fixed, plan.wide, plan.start, plan.slope, plan.row, plan.first, plan.last
    )  # fmt: skip
    place = 0
    for n in range(first, end):
        at = n - shift
        u = which[n] if len(which) else n
        since = min(max(begin[n], 0) >> step, onward.shape[1] - 1)
        trigger = triggers[u]
        fixed = wallet[u]
        scale = most_scale = abs(fixed)
        leg_start[at] = place
        for p in range(start[u], start[u + 1]):
            s = size[p]
            if s == 0.0:
                continue
            m = market[p]
            quantity = abs(s)
            k = tier_start[m]
            last = tier_start[m + 1] - 1
            least, most = quantity * onward[2 * m, since], quantity * onward[2 * m + 1, since]
            fixed -= s * entry[p]
            scale += quantity * entry[p]
            most_scale += quantity * entry[p] + most
            slope = s - quantity * margin
            first_tier[place] = last_tier[place] = k
            if k <= last:
                while k < last and least > tier_floor[k + 1]:
                    k += 1
                first_tier[place] = k
                slope -= trigger * quantity * tier_rate[k]
                cum = trigger * tier_cum[k]
                while k < last and most > tier_floor[k + 1]:
                    k += 1
                last_tier[place] = k
                if k == first_tier[place]:
                    fixed += cum
            if first_tier[place] == last_tier[place]:
                slopes[place] = slope
                row[place] = 2 * m if slope > 0.0 else 2 * m + 1
            else:
                slopes[place] = s
                row[place] = -1 - 2 * m
            place += 1
        fixed_part[at] = fixed - margin * scale
        slack[at] = (margin + NEAR) * most_scale
        if place == leg_start[at] and wallet[u] >= 0.0:
            # Nothing held and nothing owed: never below the trigger.
            fixed_part[at] = np.inf
    leg_start[end - shift] = place


@compiled
def walk_units(
    table: Table, trigger: Floats, plan: Plan, margin: float, shift: int, begin: Ints,
    first: int, end: int, found: Ints, near: Marks,
) -> None:  # fmt: skip
    """Units `first` to `end`, which stand in the plan from place first − shift on: the first
    second from begin[u] on with f ≤ margin·scale, −1 for none or where begin[u] is negative;
    and whether |f| there may be within NEAR of its scale. Eight blocks are looked at in one.
    """
    fold, offset, counts = table.fold, table.offset, table.counts
    marks = table.marks.reshape(table.marks.shape[0], -1, 8)
    blocks = table.bounds.reshape(table.bounds.shape[0], -1, 8)
    tier_rate, tier_cum = table.tier_rate, table.tier_cum
    slope, row, first_tier, last_tier = plan.slope, plan.row, plan.first, plan.last
    fixed, slack, start = plan.fixed, plan.wide, plan.start
    top = len(counts) - 1
    for u in range(first, end):
        found[u] = -1
        near[u] = False
        if begin[u] < 0:
            continue
        at = u - shift
        # From the beginning most are safe throughout; from later on most are about to fall.
        block = begin[u]
        level = top if block == 0 else 0
        while level <= top and block < counts[level]:
            base = block & -8
            o = np.uint64((offset[level] + base) >> 3)
            a = b = c = d = e = f = g = h = fixed[at]
            for p in range(start[at], start[at + 1]):
                if row[p] >= 0:
                    s = slope[p]
                    if level > 0:
                        r = np.uint64(row[p])
                        a += s * blocks[r, o, 0]
                        b += s * blocks[r, o, 1]
                        c += s * blocks[r, o, 2]
                        d += s * blocks[r, o, 3]
                        e += s * blocks[r, o, 4]
                        f += s * blocks[r, o, 5]
                        g += s * blocks[r, o, 6]
                        h += s * blocks[r, o, 7]
                    else:
                        r = np.uint64(row[p] >> fold)
                        a += s * marks[r, o, 0]
                        b += s * marks[r, o, 1]
                        c += s * marks[r, o, 2]
                        d += s * marks[r, o, 3]
                        e += s * marks[r, o, 4]
                        f += s * marks[r, o, 5]
                        g += s * marks[r, o, 6]
                        h += s * marks[r, o, 7]
                    continue
                aa = bb = cc = dd = ee = ff = gg = hh = np.inf
                for k in range(first_tier[p], last_tier[p] + 1):
                    s = slope[p] - abs(slope[p]) * (margin + trigger[u] * tier_rate[k])
                    t = trigger[u] * tier_cum[k]
                    side = -1 - row[p] if s > 0.0 else -row[p]
                    if level > 0:
                        r = np.uint64(side)
                        aa = min(aa, s * blocks[r, o, 0] + t)
                        bb = min(bb, s * blocks[r, o, 1] + t)
                        cc = min(cc, s * blocks[r, o, 2] + t)
                        dd = min(dd, s * blocks[r, o, 3] + t)
                        ee = min(ee, s * blocks[r, o, 4] + t)
                        ff = min(ff, s * blocks[r, o, 5] + t)
                        gg = min(gg, s * blocks[r, o, 6] + t)
                        hh = min(hh, s * blocks[r, o, 7] + t)
                    else:
                        r = np.uint64(side >> fold)
                        aa = min(aa, s * marks[r, o, 0] + t)
                        bb = min(bb, s * marks[r, o, 1] + t)
                        cc = min(cc, s * marks[r, o, 2] + t)
                        dd = min(dd, s * marks[r, o, 3] + t)
                        ee = min(ee, s * marks[r, o, 4] + t)
                        ff = min(ff, s * marks[r, o, 5] + t)
                        gg = min(gg, s * marks[r, o, 6] + t)
                        hh = min(hh, s * marks[r, o, 7] + t)
                a, b, c, d = a + aa, b + bb, c + cc, d + dd
                e, f, g, h = e + ee, f + ff, g + gg, h + hh
            below = (
                (a <= 0.0) | (b <= 0.0) << 1 | (c <= 0.0) << 2 | (d <= 0.0) << 3
                | (e <= 0.0) << 4 | (f <= 0.0) << 5 | (g <= 0.0) << 6 | (h <= 0.0) << 7
            ) & (255 << (block - base))  # fmt: skip
            if below == 0:
                level += 1
                block = (base >> 3) + 1
            elif level > 0:
                level -= 1
                block = (base + LOWEST[below]) << 3
            else:
                j = LOWEST[below]
                lower = j & 3
                pair = (a if lower == 0 else b) if lower < 2 else (c if lower == 2 else d)
                other = (e if lower == 0 else f) if lower < 2 else (g if lower == 2 else h)
                found[u] = base + j
                near[u] = (pair if j < 4 else other) + slack[at] > 0.0
                break


@compiled
def search_units(
    table: Table,
    legs: Legs,
    plan: Plan,
    margin: float,
    begin: Ints,
    first: int,
    end: int,
    found: Ints,
    near: Marks,
) -> None:  # fmt: skip
    """Plans and walks units `first` to `end`, as many at a time as the plan has room for."""
    batch = len(plan.fixed)
    for u in range(first, end, batch):
        stop = min(u + batch, end)
        plan_units(table, legs, margin, ALL, begin, u, u, stop, plan)
        walk_units(table, legs.trigger, plan, margin, u, begin, u, stop, found, near)


@compiled
def scan_units(
    table: Table,
    legs: Legs,
    plan: Plan,
    margin: float,
    begin: Ints,
    first: int,
    end: int,
    found: Ints,
    near: Marks,
) -> None:  # fmt: skip
    """As `search_units` for one path, by looking at every second until one is found."""
    x = table.marks
    tier_start, tier_floor, tier_rate, tier_cum = (
        table.tier_start, table.tier_floor, table.tier_rate, table.tier_cum
    )  # fmt: skip
    wallet, start, market, size, entry, triggers = (
        legs.wallet, legs.start, legs.market, legs.size, legs.entry, legs.trigger
    )  # fmt: skip
    for u in range(first, end):
        found[u] = -1
        near[u] = False
        if begin[u] < 0:
            continue
        for second in range(begin[u], table.counts[0]):
            equity = wallet[u]
            maintenance = 0.0
            scale = abs(equity)
            for p in range(start[u], start[u + 1]):
                if size[p] == 0.0:
                    continue
                m = market[p]
                notional = abs(size[p]) * x[m, second]
                equity += size[p] * (x[m, second] - entry[p])
                scale += notional + abs(size[p]) * entry[p]
                k = tier_start[m]
                last = tier_start[m + 1] - 1
                if k <= last:
                    while k < last and notional > tier_floor[k + 1]:
                        k += 1
                    maintenance += tier_rate[k] * notional - tier_cum[k]
            excess = equity - triggers[u] * maintenance
            if excess <= margin * scale and scale > 0.0:
                found[u] = second
                near[u] = excess > -NEAR * scale
                break
