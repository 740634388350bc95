"""One second of liquidations: forced orders, takeover at the bankruptcy price, the fund.

Everything is in x (units.py). Every due unit, by its number, is dealt with in four steps
(source of the order: Binance, "Liquidation Protocols"):

    1  Of its legs that find a price within the band around the mark, the smallest share whose
       closing leaves equity ≥ trigger · maintenance after loss and fee, each leg rounded up to
       whole lots. The unit lives on.
    2  Where no share does: all that finds a price is closed, unless the loss would leave less
       than nothing. If that was every contract, the fee stops at what is left, and the rest
       stays with the owner.
    3  What remains is taken over at its bankruptcy price, without a fee: the owner ends at
       zero; the fund closes it on the market and bears the difference.
    4  What the fund lacks is a share of that takeover: that share of every position, at its
       bankruptcy price, is left to deleveraging.

Pledged assets go with a takeover, at their mark. Two definitions of the bankruptcy x of a leg,
x − share/size, agree on Σ share = equity: zero-price shares equity by maintenance margin (by
notional where none is asked for), whole-account puts all of it on the largest leg, as the
first close does when it is at its price, and leaves the mark to the others. No bankruptcy x is
below 0; what that leaves over is `Wave.loose`.

Invariant: what leaves an owner goes to the market, to the fund or to fees; a size never grows
and never turns; the fund is never below 0. The exact reference is aftermath_exact.py.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints
from .aftermath_state import (
    BALANCE,
    BANKRUPT,
    CLOSED,
    EXECUTED,
    LOWEST,
    NET,
    NO_COIN,
    PARTLY,
    SEIZED,
    TAKEN,
    Events,
    Fixed,
    State,
    Tape,
    Wave,
)

WHOLE_ACCOUNT, ZERO_PRICE = 0, 1
TIE = 1e-9
"""A price this near to the band's edge (relative) is within it; what would be left of a
position below this share of it is closed with the rest; this share of a lot is none."""
NO_PART = 2.0
"""No share of a unit's legs is enough."""


@compiled
def tier_of(fixed: Fixed, m: int, notional: float) -> int:
    """The row of the tier that a notional in market m lies in; −1 for a market without tiers."""
    k = fixed.tier_start[m]
    last = fixed.tier_start[m + 1] - 1
    if k > last:
        return -1
    while k < last and notional > fixed.tier_floor[k + 1]:
        k += 1
    return int(k)


@compiled
def asked(fixed: Fixed, m: int, notional: float) -> float:
    """Maintenance margin of a notional in market m."""
    k = tier_of(fixed, m, notional)
    return float(fixed.tier_rate[k] * notional - fixed.tier_cum[k]) if k >= 0 else 0.0


@compiled
def margin(fixed: Fixed, state: State, x: Floats, u: int, s: int) -> tuple[float, float]:
    """Equity and maintenance of unit u at second s; NaN where a mark is missing."""
    equity = state.wallet[u]
    maintenance = 0.0
    for p in range(fixed.start[u], fixed.start[u + 1]):
        if state.size[p] != 0.0:
            m = fixed.market[p]
            equity += state.size[p] * (x[m, s] - fixed.entry[p])
            maintenance += asked(fixed, m, abs(state.size[p]) * x[m, s])
    return equity, maintenance


@compiled
def within_band(inverse: bool, band: float, size: float, x: float, price: float) -> bool:
    """Whether a forced order for a leg may trade at x = price: no worse than the mark by more
    than the band, which is a share of the mark price. A price that is better always may."""
    if np.isnan(price):
        return False
    if inverse:
        # 1/price against (1 ± band)/x: a long has a negative size.
        if size < 0.0:
            return x >= price * (1.0 - band) * (1.0 - TIE)
        return x <= price * (1.0 + band) * (1.0 + TIE)
    if size > 0.0:
        return price >= x * (1.0 - band) * (1.0 - TIE)
    return price <= x * (1.0 + band) * (1.0 + TIE)


@compiled
def in_lots(size: float, part: float, lot: float) -> float:
    """A share above 0 of a signed size in whole lots, rounded up; all of it where less than a
    lot, or nothing that counts, would be meant to stay."""
    lots = max(1.0, np.ceil(part * abs(size) / lot - TIE))
    if lots * lot >= abs(size) * (1.0 - TIE):
        return size
    return float(np.copysign(lots * lot, size))


@compiled
def orders(
    fixed: Fixed, state: State, tape: Tape, u: int, s: int, part: float, order: Floats
) -> tuple[float, float, bool]:
    """The size that is to be closed of each leg, 0 where there is no price for it; what all of
    them lose to their price against the mark (below zero) and in fees; and whether no contract
    is left out."""
    slip = fee = 0.0
    every = True
    first = fixed.start[u]
    for p in range(first, fixed.start[u + 1]):
        order[p - first] = 0.0
        size, m = state.size[p], fixed.market[p]
        if size == 0.0 or not fixed.contract[m]:
            continue
        price = tape.price[m, s]
        if within_band(fixed.inverse[m], fixed.band[m], size, tape.x[m, s], price):
            closed = in_lots(size, part, fixed.lot[m]) if part > 0.0 else 0.0
            order[p - first] = closed
            slip += closed * (price - tape.x[m, s])
            fee += abs(closed) * price * fixed.charge[m]
        else:
            every = False
    return slip, fee, every


@compiled
def smallest_part(
    fixed: Fixed, state: State, x: Floats, u: int, s: int, equity: float, change: float,
    order: Floats,
) -> float:  # fmt: skip
    """The smallest share of what fills, the legs in `order`, whose closing leaves equity ≥
    trigger · maintenance; NO_PART where none does. `change` of equity if all of it is closed.

    The excess is concave in the share and made of straight pieces (maintenance is convex), and
    below zero at 0. A tangent to the right lies above it, so its root is never beyond the one
    that is looked for: from root to root, one piece or more a step, until the excess is met.
    """
    part = 0.0
    first = fixed.start[u]
    while True:
        excess, slope = equity + part * change, change
        for p in range(first, fixed.start[u + 1]):
            m = fixed.market[p]
            notional = abs(state.size[p]) * x[m, s] if state.size[p] != 0.0 else 0.0
            fills = order[p - first] != 0.0
            kept = notional * (1.0 - part) if fills else notional
            k = tier_of(fixed, m, kept)
            if k >= 0:
                excess -= fixed.trigger[u] * (fixed.tier_rate[k] * kept - fixed.tier_cum[k])
                if fills:
                    slope += fixed.trigger[u] * fixed.tier_rate[k] * notional
        if excess >= 0.0:
            return part
        if slope <= 0.0:
            return NO_PART
        further = part - excess / slope
        if further > 1.0:
            return NO_PART
        if further <= part:
            return part  # What is lacking is lost in rounding.
        part = further


@compiled
def settle(
    fixed: Fixed, state: State, tape: Tape, due: Ints, s: int, stepwise: bool, definition: int,
    wave: Wave, events: Events,
) -> int:  # fmt: skip
    """Deals with the due units of second s, every one of which has its marks; the number of
    rows written. `events` has room for a row a leg."""
    rows = 0
    most = 0
    for u in due:
        most = max(most, fixed.start[u + 1] - fixed.start[u])
    order = np.zeros(most)
    for u in due:
        equity, _ = margin(fixed, state, tape.x, u, s)
        slip, fee, every = orders(fixed, state, tape, u, s, 1.0, order)
        part = NO_PART
        if stepwise:
            part = smallest_part(fixed, state, tape.x, u, s, equity, slip - fee, order)
            if part <= 1.0:
                slip, fee, every = orders(fixed, state, tape, u, s, part, order)
                if equity + slip < 0.0:
                    # A whole lot is more than there is left for.
                    part = NO_PART
                    slip, fee, every = orders(fixed, state, tape, u, s, 1.0, order)
        executes = equity + slip >= 0.0
        stops = part <= 1.0 or (every and executes)
        if executes:
            charged = 1.0 if stops else 0.0
            if stops and fee > equity + slip:
                charged = (equity + slip) / fee
            rows = _execute(fixed, state, tape, u, s, charged, order, events, rows)
        if stops:
            _live_on(fixed, state, u)
        else:
            rows = _take_over(fixed, state, tape, u, s, definition, wave, events, rows)
    return rows


@compiled
def _dollars(fixed: Fixed, tape: Tape, u: int, s: int) -> float:
    """Dollars for one unit of the settle currency."""
    return float(tape.dollars[fixed.coin[u], s]) if fixed.coin[u] != NO_COIN else 1.0


@compiled
def _fund(state: State, change: float) -> None:
    """Pays into the fund or out of it; the caller sees to it that it has enough."""
    state.fund[BALANCE] = max(0.0, state.fund[BALANCE] + change)
    state.fund[NET] += change
    state.fund[LOWEST] = min(state.fund[LOWEST], state.fund[NET])


@compiled
def _execute(
    fixed: Fixed, state: State, tape: Tape, u: int, s: int, charged: float, order: Floats,
    events: Events, rows: int,
) -> int:  # fmt: skip
    """Closes the sizes in `order` at their price; `charged` is the share of the fee that is
    taken, and goes to the fund."""
    dollars = _dollars(fixed, tape, u, s)
    first = fixed.start[u]
    for p in range(first, fixed.start[u + 1]):
        closed = order[p - first]
        if closed == 0.0:
            continue
        m = fixed.market[p]
        x, price = tape.x[m, s], tape.price[m, s]
        fee = charged * abs(closed) * price * fixed.charge[m]
        state.wallet[u] += closed * (price - fixed.entry[p]) - fee
        state.size[p] -= closed
        state.lost[u] -= closed * (price - x) * dollars
        paid = fee * dollars
        state.fee[u] += paid
        _fund(state, paid)
        write(events, rows, EXECUTED, u, m, closed, x, price, np.nan, paid, paid, 0.0)
        rows += 1
    return rows


@compiled
def _live_on(fixed: Fixed, state: State, u: int) -> None:
    """A unit that was not taken over."""
    held = contracts = False
    for p in range(fixed.start[u], fixed.start[u + 1]):
        if state.size[p] != 0.0:
            held = True
            contracts = contracts or fixed.contract[fixed.market[p]]
    if not held:
        # A fee that stops at what is left leaves nothing; rounding may leave less.
        state.wallet[u] = max(0.0, state.wallet[u])
    state.outcome[u] = PARTLY if contracts else CLOSED


@compiled
def _take_over(
    fixed: Fixed, state: State, tape: Tape, u: int, s: int, definition: int, wave: Wave,
    events: Events, rows: int,
) -> int:  # fmt: skip
    """What the unit still holds, at its bankruptcy x; the fund's part, and what it lacks."""
    first, end = fixed.start[u], fixed.start[u + 1]
    equity, maintenance = margin(fixed, state, tape.x, u, s)
    dollars = _dollars(fixed, tape, u, s)
    gain = notional = most = 0.0
    largest = -1
    for p in range(first, end):
        m = fixed.market[p]
        if state.size[p] == 0.0 or not fixed.contract[m]:
            continue
        value = abs(state.size[p]) * tape.x[m, s]
        gain += state.size[p] * (closing(tape, m, s) - tape.x[m, s])
        notional += value
        if value > most:
            largest, most = p, value
    # Σ size · (closing x − bankruptcy x), and what no bankruptcy x carries.
    change = (equity + gain) * dollars
    short = 0.0
    if change < 0.0 and state.fund[BALANCE] + change < 0.0:
        short = 1.0 + state.fund[BALANCE] / change
    loose = equity
    for p in range(first, end):
        m, size = fixed.market[p], state.size[p]
        if size == 0.0:
            continue
        state.size[p] = 0.0
        x = tape.x[m, s]
        if not fixed.contract[m]:
            write(events, rows, SEIZED, u, m, size, x, x, np.nan, 0.0, 0.0, 0.0)
            rows += 1
            continue
        if definition == WHOLE_ACCOUNT:
            share = equity if p == largest else 0.0
        elif maintenance > 0.0:
            share = equity * asked(fixed, m, abs(size) * x) / maintenance
        else:
            share = equity * abs(size) * x / notional
        bankruptcy = x - share / size
        if bankruptcy < 0.0:
            bankruptcy, share = 0.0, size * x
        loose -= share
        own = (size * (closing(tape, m, s) - x) + share) * dollars * (1.0 - short)
        write(
            events, rows, TAKEN, u, m, size, x, closing(tape, m, s), bankruptcy, 0.0, own,
            short * size,
        )  # fmt: skip
        rows += 1
        if short > 0.0:
            side = 0 if size > 0.0 else 1
            wave.quantity[m, side] += short * abs(size)
            wave.value[m, side] += short * abs(size) * bankruptcy
    wave.loose[0] += short * loose * dollars
    _fund(state, change * (1.0 - short))
    state.lost[u] += max(0.0, equity) * dollars
    state.deficit[u] += max(0.0, -change)
    state.wallet[u] = 0.0
    state.outcome[u] = BANKRUPT
    return rows


@compiled
def closing(tape: Tape, m: int, s: int) -> float:
    """The x at which the fund closes what it took over: the mark where nothing trades."""
    return float(tape.x[m, s] if np.isnan(tape.price[m, s]) else tape.price[m, s])


@compiled
def write(
    events: Events, row: int, kind: int, u: int, m: int, size: float, x: float, at: float,
    bankruptcy: float, fee: float, fund: float, passed: float,
) -> None:  # fmt: skip
    """One row."""
    events.kind[row] = kind
    events.unit[row] = u
    events.market[row] = m
    events.size[row] = size
    events.x[row] = x
    events.at[row] = at
    events.bankruptcy[row] = bankruptcy
    events.fee[row] = fee
    events.fund[row] = fund
    events.passed[row] = passed
