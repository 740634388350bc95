"""Sound and faulty logs of order entry beside a tape, all drawn from stated laws and a seed.

A sound log has what real ones have: answers after lognormal waits, lines a few milliseconds out
of order, heartbeats, fills at prices of the tape, a clock that is off; and what looks odd and is
not: a timer that sends on the second, a clock set by a time service, a logger with two handlers,
a queue that is sent again. FAULTS are what the screens are there for, in four sizes each.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from _planted_logs import OVERLOADED, REJECTED, stamp
from _ticks import T0, Tick
from liquest.clock import DAY, SECOND

ATOM = ("binance-futures", "ATOMUSDT")
LATER = (
    '{"code":-1008,"msg":"Request throttled by system-level protection. '
    'Reduce-only/close-position orders are exempt. Please try again."}'
)
"""Served from 2025-10-23 on, announced on 2025-10-14."""
LENGTH = 300
"""Seconds of a log."""
MS = 1000

Line = tuple[int, str]


@dataclass
class Log:
    """Lines by the time at which they were written, and what of the odd is in it."""

    lines: list[Line] = field(default_factory=list)
    odd: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        return "".join(f"{stamp(us)} - bot - {words}\n" for us, words in self.lines)


def market(seconds: int = 2 * LENGTH) -> list[Tick]:
    """Trades at a walking price, three a second, sizes that come again and again."""
    rng = random.Random(7)
    price, made = 4000, []
    for second in range(-60, seconds):
        for part in sorted(rng.sample(range(1000), 3)):
            price += rng.choice((-1, 0, 1))
            at = f"{second + part / 1000:.3f}"
            made.append(Tick(at, f"{price / 1000:.3f}", rng.choice(("1", "2", "5", "10"))))
    return made


MARKET = market()


def sound(seed: int) -> Log:
    """A log without a fault."""
    rng = random.Random(seed)
    made = Log()
    late = 30 * DAY if rng.random() < 0.1 else 0
    body = LATER if late else OVERLOADED
    wait, spread = rng.uniform(0.01, 0.2), rng.uniform(0.2, 0.8)
    for number, sent in enumerate(_sent(rng, made)):
        answered = sent + int(wait * math.exp(rng.gauss(0, spread)) * SECOND)
        words = rng.choices(("order accepted", f"order failed {body}", f"order failed {REJECTED}"),
                            (6, 3, 1))[0]  # fmt: skip
        made.lines += attempt(f"s{seed}x{number}", sent, answered, words)
    made.lines += [(T0 + n * 10 * SECOND, "INFO - heartbeat, 3 positions open") for n in range(30)]
    if not late:
        made.lines += fills(rng, rng.randrange(0, 40), rng.randrange(-30, 31) * SECOND)
    # A line is written a moment after its time was taken; several threads write.
    made.lines.sort(key=lambda one: one[0] + rng.expovariate(1 / 4) * MS)
    for name, share, odd in ODDITIES:
        if rng.random() < share:
            made.odd.add(name)
            made.lines = odd(rng, made.lines)
    made.lines = [(us + late, words) for us, words in made.lines]
    return made


def _sent(rng: random.Random, made: Log) -> list[int]:
    """Times of requests: by chance, or in one log of four by a timer that is late a little."""
    if rng.random() < 0.25:
        made.odd.add("timer")
        step, late = rng.choice((1, 2, 5)), rng.choice((0.0, 0.5, 2.0, 20.0))
        start = T0 + rng.randrange(1000) * MS
        return [
            start + n * step * SECOND + int(rng.expovariate(1 / late) * MS if late else 0)
            for n in range(LENGTH // step)
        ]
    rate, at, found = rng.uniform(0.1, 2), 0.0, []
    while (at := at + rng.expovariate(rate)) < LENGTH:
        found.append(T0 + int(at * SECOND))
    return found


def attempt(name: str, sent: int, answered: int, words: str) -> list[Line]:
    """A request and its answer."""
    level = "ERROR" if "failed" in words else "INFO"
    return [
        (sent, f"INFO - sending order symbol=ATOMUSDT side=SELL qty=5 newClientOrderId={name}"),
        (answered, f"{level} - clientOrderId={name} {words}"),
    ]


def fills(rng: random.Random, count: int, ahead: int, off: float = 0.0) -> list[Line]:
    """Fills at trades of the tape on a clock that is `ahead` µs; prices `off` by a share."""
    found = []
    for trade in rng.sample([t for t in MARKET if 0 <= t.ts - T0 < LENGTH * SECOND], count):
        at = trade.ts + ahead + rng.randrange(5, 60) * MS
        price = float(trade.price) * (1 + off)
        words = f"order filled symbol=ATOMUSDT price={price:.4f} quantity={trade.amount} side=SELL"
        found.append((at, f"INFO - binance usdm {words}"))
    return found


def clock_service(rng: random.Random, lines: list[Line]) -> list[Line]:
    """The clock is set back once, by 60 to 400 ms."""
    cut, back = rng.randrange(1, len(lines)), rng.randrange(60, 400) * MS
    return lines[:cut] + [(us - back, words) for us, words in lines[cut:]]


def two_handlers(rng: random.Random, lines: list[Line]) -> list[Line]:
    """Every error is written twice."""
    return [one for line in lines for one in [line] * (1 + line[1].startswith("ERROR"))]


def queue_again(rng: random.Random, lines: list[Line]) -> list[Line]:
    """Twenty lines are written again when a connection is back, each at its own time."""
    cut = rng.randrange(20, len(lines)) if len(lines) > 20 else len(lines)
    again = lines[cut - 20 : cut]
    at = lines[cut - 1][0]
    more = [(at + rng.randrange(1, 2000) * MS, words) for _, words in again]
    return lines[:cut] + sorted(more) + [(us + 3 * SECOND, w) for us, w in lines[cut:]]


ODDITIES: tuple[tuple[str, float, Callable[[random.Random, list[Line]], list[Line]]], ...] = (
    ("clock service", 0.15, clock_service),
    ("two handlers", 0.10, two_handlers),
    ("queue again", 0.05, queue_again),
)
"""(name, share of logs, what it does)."""


def _plain(seed: int) -> Log:
    """A sound log without oddities, for a fault to be planted in."""
    while (made := sound(seed)).odd or made.lines[0][0] > T0 + DAY or len(made.lines) < 80:
        seed += 100_000
    return made


def even_waits(seed: int, size: int) -> Log:
    """`size` answers after 37 ms each, one in twenty after something else."""
    rng, made = random.Random(seed), Log()
    for n in range(size):
        sent = T0 + int((n + rng.random()) * SECOND)
        wait = 37 if n % 20 else 41
        made.lines += attempt(f"e{seed}x{n}", sent, sent + wait * MS, "order accepted")
    made.lines.sort()
    return made


def steps_back(seed: int, size: int) -> Log:
    """`size` times the clock goes back by 2 to 60 s."""
    rng, made = random.Random(seed), _plain(seed)
    for place in rng.sample(range(10, len(made.lines)), size):
        back = rng.randrange(2_000, 60_000) * MS
        made.lines = made.lines[:place] + [(us - back, w) for us, w in made.lines[place:]]
    return made


def copied(seed: int, size: int) -> Log:
    """A passage of `size` orders, two lines each, stands there again, some minutes later."""
    rng, made = random.Random(seed), _plain(seed)
    own = [one for one in made.lines if "lientOrderId" in one[1]]
    passage = own[20 : 20 + 2 * size]
    later = rng.randrange(400_000, 900_000) * MS
    made.lines += [(us + later, words) for us, words in passage]
    return made


def early_text(seed: int, size: int) -> Log:
    """`size` lines with a text that was announced four days later."""
    made = _plain(seed)
    places = [n for n, one in enumerate(made.lines) if "filled" not in one[1]][:size]
    for n in places:
        made.lines[n] = (made.lines[n][0], f"ERROR - order failed symbol=ATOMUSDT {LATER}")
    return made


def other_prices(seed: int, size: int) -> Log:
    """Twelve of twenty-four fills at prices that are `size` in ten thousand away."""
    rng, made = random.Random(seed), Log()
    made.lines = sorted(fills(rng, 12, 0) + fills(rng, 12, 0, size / 10_000))
    return made


FAULTS: dict[str, tuple[Callable[[int, int], Log], Sequence[int]]] = {
    "log_clock": (steps_back, (1, 2, 5, 20)),
    "log_prices": (other_prices, (5, 30, 100, 500)),
    "log_regular": (even_waits, (10, 20, 40, 80)),
    "log_repeats": (copied, (1, 2, 5, 20)),
    "log_wording": (early_text, (1, 3, 10, 30)),
}
"""Screen → (fault, its four sizes)."""
