"""Synthetic logs with planted truth: known onset, refusal rates, latency law and prices.

Nothing here is the log of any client: every line is drawn from the laws stated in `Plan`,
from a seed. `Planted` holds the text and, beside it, what a perfect reader would find.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from liquest.clock import SECOND, parse_time

T0 = parse_time("2025-10-10T20:50:00Z")
OVERLOADED = (
    '{"code":-1008,"msg":"Server is currently overloaded with other requests. '
    'Please try again in a few minutes."}'
)
REJECTED = '{"code":-2010,"msg":"Order would trigger immediately."}'


@dataclass(frozen=True)
class Plan:
    """The laws. Times in seconds after T0; `rate` attempts a second, exponential gaps; failure
    with probability `before` outside of [onset, end) and `behind` inside; a share `rejected` of
    the others is refused for validation; latency lognormal with median `median` and spread
    `sigma`, a time-out after `timeout`."""

    seconds: float = 600
    rate: float = 2.0
    onset: float = 300
    end: float = math.inf
    before: float = 0.0
    behind: float = 0.8
    rejected: float = 0.0
    median: float = 0.030
    sigma: float = 0.5
    timeout: float = 10.0
    symbol: str = "ATOMUSDT"
    side: str = "SELL"
    quantity: str = "10.5"
    action: str = "order"


@dataclass(frozen=True)
class Try:
    """One attempt as it was: µs UTC, outcome accepted, overload, rejected or timeout."""

    sent: int
    waited: int
    outcome: str
    client_id: str


@dataclass
class Planted:
    """The lines, and what they tell."""

    plan: Plan
    tries: list[Try] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def onset(self) -> int:
        """The moment (µs) from which more fails."""
        return T0 + int(self.plan.onset * SECOND)

    def count(self, outcome: str) -> int:
        return sum(t.outcome == outcome for t in self.tries)


def tries(plan: Plan, seed: int) -> list[Try]:
    """The attempts of one client, in the order of their requests."""
    rng = random.Random(seed)
    made: list[Try] = []
    at = rng.expovariate(plan.rate)
    while at < plan.seconds:
        fails = plan.behind if plan.onset <= at < plan.end else plan.before
        waited = plan.median * math.exp(rng.gauss(0, plan.sigma))
        outcome = "accepted"
        if rng.random() < fails:
            outcome = "overload"
        elif rng.random() < plan.rejected:
            outcome = "rejected"
        if waited >= plan.timeout:
            outcome, waited = "timeout", plan.timeout
        made.append(
            Try(T0 + int(at * SECOND), int(waited * SECOND), outcome, f"c{seed}x{len(made)}")
        )
        at += rng.expovariate(plan.rate)
    return made


def planted(
    plan: Plan | None = None, seed: int = 0, style: str = "python", tz: str = "UTC", **more: object
) -> Planted:
    """A log in one of STYLES; `tz` is the zone that its times are written in, without saying."""
    plan = plan or Plan(**more)  # type: ignore[arg-type]
    made = Planted(plan, tries(plan, seed))
    write = STYLES[style]
    events = [line for one in made.tries for line in write(plan, one, tz)]
    made.lines = [line for _, line in sorted(events, key=lambda e: e[0])]
    return made


def stamp(us: int, tz: str = "UTC", comma: str = ",") -> str:
    """2025-10-10 20:56:22,438 in a zone such as UTC+8."""
    hours = int(tz.removeprefix("UTC") or 0)
    moment = datetime.fromtimestamp(us // SECOND, UTC).astimezone(timezone(timedelta(hours=hours)))
    return f"{moment:%Y-%m-%d %H:%M:%S}{comma}{us % SECOND // 1000:03d}"


Lines = Sequence[tuple[int, str]]


def _python(plan: Plan, one: Try, tz: str) -> Lines:
    """Two lines an attempt, with the client's own order id."""
    sent = (
        f"{stamp(one.sent, tz)} - bot.execution - INFO - placing {plan.action} "
        f"{plan.side} {plan.symbol} qty={plan.quantity} newClientOrderId={one.client_id}"
    )
    answered = one.sent + one.waited
    words = {
        "accepted": ("INFO", "order accepted"),
        "overload": ("ERROR", f"order failed. Message: binance {OVERLOADED}"),
        "rejected": ("ERROR", f"order failed. Message: binance {REJECTED}"),
        "timeout": ("ERROR", "request timed out"),
    }
    level, said = words[one.outcome]
    answer = (
        f"{stamp(answered, tz)} - bot.execution - {level} - clientOrderId={one.client_id} {said}"
    )
    return [(one.sent, sent), (answered, answer)]


def _json(plan: Plan, one: Try, tz: str) -> Lines:
    """One line an answer, with the latency in it."""
    answered = one.sent + one.waited
    data: dict[str, object] = {
        "time": stamp(answered, tz, ".").replace(" ", "T") + "Z", "level": "info",
        "msg": "order accepted", "symbol": plan.symbol, "side": plan.side, "qty": plan.quantity,
        "clientOrderId": one.client_id, "latency_ms": one.waited / 1000,
    }  # fmt: skip
    if one.outcome == "timeout":
        data |= {"level": "error", "msg": "order request timed out"}
    elif one.outcome != "accepted":
        body = json.loads(OVERLOADED if one.outcome == "overload" else REJECTED)
        data |= {"level": "error", "code": body["code"], "msg": f"order failed: {body['msg']}"}
    return [(answered, json.dumps(data))]


def _access(plan: Plan, one: Try, tz: str) -> Lines:
    """One line of a proxy's access log; a time-out is a 504 of the proxy."""
    answered = one.sent + one.waited
    status = {"accepted": 200, "overload": 503, "rejected": 400, "timeout": 504}[one.outcome]
    moment = datetime.fromtimestamp(answered // SECOND, UTC)
    query = f"symbol={plan.symbol}&side={plan.side}&quantity={plan.quantity}"
    line = (
        f'10.0.0.1 - - [{moment:%d/%b/%Y:%H:%M:%S} +0000] "POST /fapi/v1/order?{query} HTTP/1.1" '
        f'{status} 145 "-" "bot/1.0" {one.waited / SECOND:.3f}'
    )
    return [(answered, line)]


STYLES: dict[str, Callable[[Plan, Try, str], Lines]] = {
    "python": _python,
    "json": _json,
    "access": _access,
}
