"""lanes: two clients or interfaces at the same second, by planted differences."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from _log_cases import held, log_findings, read_lines
from _planted_logs import OVERLOADED, T0, stamp
from _ticks import one, pick
from liquest.clock import SECOND, Window
from liquest.findings import Finding
from liquest.measures.lanes import difference
from liquest.run.executor import Processes, Threads

D = Decimal
ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
SPAN = Window("w", T0, T0 + 1200 * SECOND)
BUSY = f"order failed. Message: binance {OVERLOADED}"


def answer(
    at: float, lane: str, accepted: bool, number: int, wait: float = 20.0
) -> tuple[int, str]:
    moment = T0 + int(at * SECOND)
    words = "order accepted" if accepted else BUSY
    return moment, (
        f"{stamp(moment)} - bot - INFO - binance {lane} clientOrderId={number} "
        f"latency_ms={wait:.2f} {words}"
    )  # fmt: skip


def storm(seed: int, gain: float, faster: float, seconds: int = 300) -> list[str]:
    """Two lanes in a venue whose own share wanders from second to second; the first gets `gain`
    more through, and answers come `faster` ms sooner."""
    rng = random.Random(seed)
    made, number = [], 0
    for second in range(seconds):
        base = rng.uniform(0.1, 0.6)
        slow = rng.uniform(10, 200)
        for lane, more, ms in (("client=one", gain, slow - faster), ("client=two", 0.0, slow)):
            for _ in range(rng.choice((0, 1, 1, 2))):
                number += 1
                at = second + 0.3 + rng.random() * 0.5
                wait = max(1.0, ms + rng.gauss(0, 2))
                made.append(answer(at, lane, rng.random() < base + more, number, wait))
    return [line for _, line in sorted(made)]


def compared(lines: list[str], **params: Any) -> list[Finding]:
    found, problems = log_findings("lanes", read_lines(*lines).logs, SPAN, **params)
    assert problems == []
    return found


def test_a_planted_difference_lies_in_its_interval() -> None:
    inside, clear, waits = 0, 0, 0
    for seed in range(25):
        found = compared(storm(seed, 0.3, 5.0))
        success, latency = one(found, "lanes.success"), one(found, "lanes.latency")
        inside += success.params["low"] <= D("0.3") <= success.params["high"]
        clear += success.params["p"] < D("0.01")
        waits += latency.params["low"] <= -5 <= latency.params["high"]
    assert inside >= 22 and clear == 25 and waits >= 22


def test_no_difference_is_seen_where_there_is_none() -> None:
    seen = [one(compared(storm(seed, 0.0, 0.0)), "lanes.success") for seed in range(40)]
    assert sum(f.params["p"] <= D("0.05") for f in seen) <= 6
    assert sum(f.params["low"] <= 0 <= f.params["high"] for f in seen) >= 36


def test_by_hand() -> None:
    lines = []
    for second in range(6):
        lines.append(answer(second + 0.1, "client=one", True, 2 * second, 10.0))
        lines.append(answer(second + 0.2, "client=two", second % 2 == 0, 2 * second + 1, 30.0))
    found = compared([line for _, line in lines])
    success = one(found, "lanes.success")
    # In each of 6 seconds one against one: the mean of 1 - (1, 0, 1, 0, 1, 0).
    assert success.value == D("0.5") and success.count == 12
    assert success.params["first"] == [6, 6] and success.params["second"] == [6, 3]
    assert success.subject["client"] == "one" and success.subject["other"] == "two"
    assert (one(found, "lanes.seconds").value, one(found, "lanes.latency").value) == (6, -20)
    assert pick(compared([line for _, line in lines], least=7), "lanes.success") == []


def test_only_common_seconds_count() -> None:
    lines = [answer(s + 0.1, "client=one", s < 10, s) for s in range(10, 60)]
    lines += [answer(s + 0.1, "client=one", True, s) for s in range(10)]
    lines += [answer(s + 0.2, "client=two", True, 100 + s) for s in range(10)]
    found = compared([line for _, line in sorted(lines)])
    assert one(found, "lanes.success").value == 0 and one(found, "lanes.seconds").value == 10


def test_two_interfaces_of_one_client_are_two_lanes() -> None:
    lines = []
    for second in range(10):
        for number, host in enumerate(("fapi.binance.com", "fapi-mm.binance.com")):
            lines.append(
                answer(second + 0.1 + number / 10, f"url=https://{host}/fapi/v1/order",
                       bool(number), 10 * second + number)[1]
            )  # fmt: skip
    success = one(compared(lines), "lanes.success")
    assert sorted((success.subject["client"], success.subject["other"])) == [
        "data/bot.log · fapi-mm.binance.com", "data/bot.log · fapi.binance.com",
    ]  # fmt: skip
    assert success.value in (1, -1)


def test_logs_of_two_files_say_that_their_clocks_are_not_aligned(tmp_path: Path) -> None:
    lines = storm(1, 0.3, 0.0, 60)
    files = {f"{n}.log": "".join(f"{x}\n" for x in lines if f"client={n}" in x)
             for n in ("one", "two")}  # fmt: skip
    logs = held(tmp_path, files, ZONE).logs
    found, _ = log_findings("lanes", logs, SPAN)
    assert "clock-unaligned" in one(found, "lanes.success").caveats
    for executor in (Threads(2), Processes(2)):
        again, _ = log_findings("lanes", logs, SPAN, executor=executor)
        assert [f.json() for f in again] == [f.json() for f in found]


def test_strata_by_the_textbook() -> None:
    """Two strata: 8/10 against 4/10, and 5/20 against 5/30."""
    value, low, high, p = difference(
        np.array([8, 5]), np.array([10, 20]), np.array([4, 5]), np.array([10, 30])
    )
    weights = 10 * 10 / 20, 20 * 30 / 50
    wanted = (0.4 * weights[0] + (5 / 20 - 5 / 30) * weights[1]) / sum(weights)
    assert value == pytest.approx(wanted)
    # Cochran–Mantel–Haenszel without correction, by its definition.
    expected = 10 * 12 / 20 + 20 * 10 / 50
    variance = 10 * 10 * 12 * 8 / (20**2 * 19) + 20 * 30 * 10 * 40 / (50**2 * 49)
    z = (13 - expected) / variance**0.5
    assert p == pytest.approx(math.erfc(z / math.sqrt(2)))
    # Sato's variance, stratum by stratum.
    spread = 0.0
    for a, n1, b, n2 in ((8, 10, 4, 10), (5, 20, 5, 30)):
        total = n1 + n2
        spread += value * (n1**2 * b - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / total**2
        spread += (a * (n2 - b) + b * (n1 - a)) / (2 * total)
    half = 1.959964 * math.sqrt(spread) / sum(weights)
    assert (low, high) == pytest.approx((value - half, value + half))
