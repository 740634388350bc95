"""Requests and answers put together."""

from __future__ import annotations

from typing import Any

from _log_cases import read_lines
from _planted_logs import Plan, planted, stamp
from liquest.clock import SECOND, parse_time

T = parse_time("2025-10-10T20:56:00Z")
BUSY = 'Message: binance {"code":-1008,"msg":"overloaded"}'


def at(seconds: float, level: str, words: str) -> str:
    return f"{stamp(T + int(seconds * SECOND))} - bot - {level} - {words}"


def attempts(*lines: str) -> list[dict[str, Any]]:
    return read_lines(*lines).attempts


def short(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (a["row_no"], a.get("row_answer"), a["outcome"], a.get("latency"), a["censored"])
        for a in found
    ]


def test_by_the_clients_own_id() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a"),
        at(0.010, "INFO", "sending order newClientOrderId=b"),
        at(0.030, "INFO", "order accepted clientOrderId=b"),
        at(0.050, "ERROR", f"order failed clientOrderId=a {BUSY}"),
    )
    assert short(found) == [(1, 4, "refused", 50_000, False), (2, 3, "accepted", 20_000, False)]
    assert (found[0]["class"], found[0]["code"]) == ("overload", -1008)


def test_by_what_comes_next() -> None:
    found = attempts(
        at(0, "INFO", "sending order symbol=ATOMUSDT side=SELL qty=5"),
        at(0.030, "ERROR", f"order failed {BUSY}"),
        at(1, "INFO", "sending order symbol=ATOMUSDT side=SELL"),
        at(1.040, "INFO", "order accepted symbol=ATOMUSDT"),
    )
    assert short(found) == [(1, 2, "refused", 30_000, False), (3, 4, "accepted", 40_000, False)]
    assert (found[0]["symbol"], found[0]["side"], str(found[0]["quantity"])[:1]) == (
        "ATOMUSDT", "sell", "5",
    )  # fmt: skip


def test_an_answer_about_another_symbol_is_none() -> None:
    found = attempts(
        at(0, "INFO", "sending order symbol=ATOMUSDT side=SELL"),
        at(0.030, "INFO", "order accepted symbol=BTCUSDT side=BUY"),
    )
    assert [a["row_no"] for a in found] == [2]


def test_each_client_has_its_own_answers() -> None:
    found = attempts(
        at(0, "INFO", "sending order client=one symbol=ATOMUSDT side=SELL"),
        at(0.010, "INFO", "sending order client=two symbol=ATOMUSDT side=SELL"),
        at(0.020, "INFO", "order accepted client=one"),
        at(0.040, "ERROR", f"order failed client=two {BUSY}"),
    )
    assert [(a["client"], a["outcome"], a["latency"]) for a in found] == [
        ("one", "accepted", 20_000), ("two", "refused", 30_000),
    ]  # fmt: skip


def test_no_answer_is_a_wait_that_is_only_known_to_be_longer() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a symbol=ATOMUSDT side=SELL"),
        at(200, "INFO", "heartbeat"),
    )
    (one,) = found
    assert (one["outcome"], one["class"], one["latency"], one["censored"]) == (
        "unanswered", "unknown-execution", 60_000_000, True,
    )  # fmt: skip
    early = attempts(
        at(0, "INFO", "sending order newClientOrderId=a symbol=ATOMUSDT side=SELL"),
        at(2, "INFO", "heartbeat"),
    )
    assert early[0]["latency"] == 2_000_000


def test_a_time_out_is_censored() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a"),
        at(10, "ERROR", "clientOrderId=a request timed out"),
        at(20, "ERROR", "order symbol=X side=BUY POST /fapi/v1/order 504 request_time=60.0"),
    )
    assert short(found)[0] == (1, 2, "unanswered", 10_000_000, True)


def test_an_answer_alone_is_an_attempt_that_began_its_latency_earlier() -> None:
    (one,) = attempts(at(1, "ERROR", f"下单失败 ATOMUSDT SELL latency_ms=35 {BUSY}"))
    assert one["ts"] == T + SECOND - 35_000 and one["answered_ts"] == T + SECOND
    assert short([one]) == [(1, 1, "refused", 35_000, False)]


def test_what_is_said_of_an_order_later_is_no_attempt() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a"),
        at(0.030, "INFO", 'order accepted {"clientOrderId":"a","status":"NEW"}'),
        at(0.040, "INFO", 'ORDER_TRADE_UPDATE {"clientOrderId":"a","status":"NEW"} new order'),
        at(0.050, "INFO", 'order filled {"clientOrderId":"a","status":"FILLED"}'),
    )
    assert short(found) == [(1, 2, "accepted", 30_000, False)]


def test_an_order_sent_again_under_its_id_is_another_attempt() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a"),
        at(0.001, "INFO", "sending order to POST /fapi/v1/order newClientOrderId=a"),
        at(0.030, "ERROR", f"order failed clientOrderId=a {BUSY}"),
        at(0.031, "ERROR", f"giving up for now: order failed clientOrderId=a {BUSY}"),
        at(1.000, "INFO", "sending order newClientOrderId=a"),
        at(1.040, "INFO", "order accepted clientOrderId=a"),
        at(2.000, "INFO", "sending order newClientOrderId=a"),
        at(2.030, "ERROR", f"order failed clientOrderId=a {BUSY}"),
    )
    assert short(found) == [(1, 3, "refused", 30_000, False), (5, 6, "accepted", 40_000, False)]


def test_refusals_of_one_id_count_each_when_a_round_trip_lies_between() -> None:
    told = [
        at(second, "ERROR", f"order failed clientOrderId=a {BUSY}")
        for second in (1.000, 1.004, 1.050, 1.100)
    ]
    after = [at(t, "INFO", "order accepted clientOrderId=a") for t in (1.2, 1.3)]
    assert [r for r, *_ in short(attempts(*told, *after))] == [1, 3, 4, 5]
    asked = at(0.970, "INFO", "sending order newClientOrderId=a")
    found = attempts(asked, *told, *after)
    assert [(r, a) for r, a, *_ in short(found)] == [(1, 2), (4, 4), (5, 5), (6, 6)]


def test_a_cancel_has_its_own_answer() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a"),
        at(0.030, "INFO", "order accepted clientOrderId=a"),
        at(5, "INFO", "sending cancel order clientOrderId=a"),
        at(5.060, "INFO", "cancel order accepted clientOrderId=a"),
    )
    assert [(*s[:4], a["action"]) for s, a in zip(short(found), found, strict=True)] == [
        (1, 2, "accepted", 30_000, "order"), (3, 4, "accepted", 60_000, "cancel"),
    ]  # fmt: skip


def test_a_fill_answers_a_request() -> None:
    found = attempts(
        at(0, "INFO", "sending order newClientOrderId=a"),
        at(0.030, "INFO", 'order filled {"clientOrderId":"a","status":"FILLED"}'),
    )
    assert short(found) == [(1, 2, "accepted", 30_000, False)]
    assert attempts(at(0, "INFO", 'order filled {"orderId":7,"status":"FILLED"}')) == []


def test_queries_are_none() -> None:
    assert attempts(at(0, "ERROR", "GET /fapi/v2/account 503 Service Unavailable")) == []


def test_every_planted_attempt_is_found_once() -> None:
    for style in ("python", "json"):
        plan = Plan(seconds=120, onset=60, rejected=0.1, sigma=1.0, timeout=0.5)
        made = planted(plan, seed=3, style=style)
        found = attempts(*made.lines)
        got = sorted(
            (a["answered_ts"] // 1000, a["latency"] // 1000, a["outcome"], a.get("class", ""))
            for a in found
        )
        words = {
            "accepted": ("accepted", ""), "overload": ("refused", "overload"),
            "rejected": ("refused", "validation"), "timeout": ("unanswered", "unknown-execution"),
        }  # fmt: skip
        slack = 1 if style == "python" else 0
        wanted = sorted(
            ((t.sent + t.waited) // 1000, t.waited // 1000, *words[t.outcome]) for t in made.tries
        )
        assert len(got) == len(wanted)
        for mine, true in zip(got, wanted, strict=True):
            # Two lines of whole milliseconds tell a wait to within one.
            assert mine[0] == true[0] and mine[2:] == true[2:]
            assert abs(mine[1] - true[1]) <= slack
