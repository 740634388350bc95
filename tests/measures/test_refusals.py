"""errors: refusals by code, class and second, with the venue's own meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from _log_cases import held, log_findings, read_lines
from _planted_logs import OVERLOADED, REJECTED, T0, Plan, planted, stamp
from _ticks import one, pick
from liquest.clock import SECOND, Window
from liquest.findings import Finding
from liquest.logs.store import EMPTY
from liquest.run.executor import Processes, Threads

ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
SPAN = Window("w", T0, T0 + 600 * SECOND)


def at(seconds: float, words: str, level: str = "ERROR") -> str:
    return f"{stamp(T0 + round(seconds * SECOND))} - bot - {level} - {words}"


def errors(*lines: str, span: Window = SPAN) -> list[Finding]:
    found, problems = log_findings("errors", read_lines(*lines).logs, span)
    assert problems == []
    return found


BUSY = f"order failed. Message: binance {OVERLOADED}"
LINES = (
    at(1, "heartbeat", "INFO"),
    at(10, BUSY),
    at(10.9, BUSY),
    at(11.0, BUSY),
    at(20, f"order failed. Message: binance {REJECTED}"),
    at(30, "order accepted clientOrderId=a", "INFO"),
    at(40, "binance order request timed out"),
)


def test_lines_by_code_with_the_busiest_second() -> None:
    found = errors(*LINES)
    busy = {f.name: f for f in pick(found, "errors.count", code="-1008")
            + pick(found, "errors.peak", code="-1008")
            + pick(found, "errors.seconds", code="-1008")}  # fmt: skip
    assert {n: f.value for n, f in busy.items()} == {
        "errors.count": 3, "errors.peak": 2, "errors.seconds": 2,
    }  # fmt: skip
    assert busy["errors.count"].at == T0 + 10 * SECOND
    assert busy["errors.count"].params["last"] == "2025-10-10T20:50:11.000000Z"
    assert busy["errors.peak"].at == T0 + 10 * SECOND
    assert busy["errors.count"].subject["class"] == "overload"
    assert [(i.first, i.last) for i in busy["errors.count"].inputs] == [(2, 2), (4, 4), (1, 7)]
    assert one(found, "errors.count", code="-2010").subject["class"] == "validation"
    assert one(found, "errors.count", **{"class": "unknown-execution"}).value == 1
    assert len(pick(found, "errors.count")) == 3


def test_the_venues_own_meaning_stands_in_both_languages_with_its_source() -> None:
    params = one(errors(*LINES), "errors.count", code="-1008").params
    assert [any("\u4e00" <= c <= "\u9fff" for c in t) for t in params["official"]] == [False, True]
    assert params["certainty"] == "official" and "Error codes" in params["source"]
    assert params["wordings"] == [
        "Server is currently overloaded with other requests. Please try again in a few minutes."
    ]


def test_a_code_that_the_table_does_not_know_has_no_meaning() -> None:
    (count, *_) = errors(at(1, "order failed Message: binance {'code':-77777,'msg':'what'}"))
    assert count.subject["code"] == "-77777" and "official" not in count.params


def test_a_status_stands_where_there_is_no_code() -> None:
    (count, *_) = errors(at(1, "order failed: POST /fapi/v1/order HTTP 503"))
    assert count.subject["status"] == "503" and "code" not in count.subject
    assert count.params["certainty"] == "standard" and count.subject["class"] == "overload"


@pytest.mark.parametrize(
    ("start", "end", "count"), [(0, 600, 3), (10, 11, 2), (11, 12, 1), (12, 600, 0)]
)
def test_a_window_takes_its_start_and_not_its_end(start: int, end: int, count: int) -> None:
    span = Window("w", T0 + start * SECOND, T0 + end * SECOND)
    held_ = pick(errors(*LINES, span=span), "errors.count", code="-1008")
    assert sum(int(str(f.value)) for f in held_) == count


def test_every_planted_refusal_is_counted(tmp_path: Path) -> None:
    plan = Plan(seconds=200, onset=100, rejected=0.1, timeout=0.08)
    for style in ("python", "json"):
        made = planted(plan, seed=4, style=style)
        got = held(tmp_path / style, {"bot.log": made.text}, ZONE)
        found, _ = log_findings("errors", got.logs, SPAN)
        counts = {f.subject["class"]: f.value for f in pick(found, "errors.count")}
        assert counts == {
            "overload": made.count("overload"), "validation": made.count("rejected"),
            "unknown-execution": made.count("timeout"),
        }  # fmt: skip


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    files = {f"{n}.log": planted(Plan(seconds=60, onset=30), n).text for n in (1, 2)}
    logs = held(tmp_path, files, ZONE).logs
    found, _ = log_findings("errors", logs, SPAN)
    for executor in (Threads(2), Processes(2)):
        again, _ = log_findings("errors", logs, SPAN, executor=executor)
        assert [f.json() for f in again] == [f.json() for f in found]
    assert len({f.id for f in found}) == len(found)


@pytest.mark.parametrize(
    "name", ["errors", "onset", "availability", "latency", "retry_cost", "lanes", "clocks"]
)
def test_a_case_without_logs_has_no_findings_and_no_problems(name: str) -> None:
    assert log_findings(name, EMPTY, SPAN) == ([], [])
