"""What is said about the made case: claims, statements, questions, hypotheses, custody."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import _dossier_made as made

from liquest.claims.claim import Claim, Missing, Test
from liquest.claims.expectation import Between
from liquest.claims.hypotheses import Decider, Hypothesis, weighed
from liquest.claims.inquiry import FieldWanted, Inquiry, Known, Question, RecordWanted
from liquest.claims.quantity import Quantity, Side
from liquest.claims.questions import asked
from liquest.claims.selecting import Selection
from liquest.claims.stage import METHOD, finding
from liquest.claims.statement_diff import METHODS, changes
from liquest.claims.statement_diff import findings as statement_findings
from liquest.claims.statements import Point, Record, Statement
from liquest.claims.trial import Trial, trials
from liquest.clock import SECOND
from liquest.dossier.inputs import Inputs, Sealed
from liquest.errors import Text
from liquest.findings import Finding

D = Decimal
ROOT = "ab" * 32


def trying(name: str, subject: dict[str, str], most: str, title: Text, **more: Any) -> Test:
    """A test that the value is at most so much."""
    side = Side(Selection(name, subject, made.WINDOWS[0].name), of="one")
    return Test(title, Quantity(side), Between(high=D(most)), **more)


ATOM_SPOT = {"venue": "binance", "instrument": "ATOMUSDT"}
NEAR_ZERO = trying("low", ATOM_SPOT, "0.01", Text("Low on spot", "现货最低价"))
AS_HIGH = trying("low", ATOM_SPOT, "0.0001", Text("Low on spot", "现货最低价"), about="number")
UNKNOWN = trying("errors.count", {}, "1", Text("Refusals", "拒绝次数"))


def claims() -> list[Claim]:
    """One that holds, one with two sides, one that nothing answers, one that is hostile."""
    who = Text("a trader <b>", "交易者")
    return [
        Claim("spot-near-zero", "trader", who, Text("ATOM fell below 0.01.", "ATOM 跌破 0.01。"),
              "fact", (NEAR_ZERO,)),
        Claim("spot-lower-still", "trader", who, Text("Below 0.0001.", "低于 0.0001。"),
              "amount", (NEAR_ZERO, AS_HIGH), said=made.START,
              source=Text("A meeting", "会议"), note=Text("as told", "转述")),
        Claim("orders-refused", "venue", Text("the venue", "交易所"),
              Text("No order was refused.", "未拒绝任何委托。"), "conduct", (UNKNOWN,),
              needs=(Missing(Text("Logs of order entry", "下单日志"), "liquest fetch logs"),)),
        Claim("markup", "trader", who, Text(made.HOSTILE, made.HOSTILE), "cause",
              needs=(Missing(Text("anything", "任何资料")),)),
    ]  # fmt: skip


def rivals() -> list[Hypothesis]:
    decides = (Decider(Text("The book by second", "逐秒订单簿"), "order-book"),)
    other = replace(NEAR_ZERO, then="against", otherwise="for")
    return [
        Hypothesis("print", Text("A print", "单笔成交"), Text("Spot alone falls.", "仅现货下跌。"),
                   (NEAR_ZERO, AS_HIGH), decides),
        Hypothesis("refusals", Text("Refusals", "委托被拒"), Text("Errors rise.", "错误增加。"),
                   (UNKNOWN, replace(other, title=Text("Spot", "现货"))), decides),
    ]  # fmt: skip


def inquiry() -> Inquiry:
    book = RecordWanted(
        "order-book", Text("Order book", "订单簿"), Text("spot", "现货"), ("venue",), "second",
        (made.WINDOWS[0],), (FieldWanted("time", "time", "µs", Text("moment", "时刻")),),
    )  # fmt: skip
    known = Known(Text("Low on spot", "现货最低价"), side=NEAR_ZERO.quantity.find)
    question = Question(
        "why", Text("Where were the orders?", "委托在哪里？"), Text("The book.", "订单簿。"),
        ("order-book",), ("venue",), (known,),
    )  # fmt: skip
    return Inquiry(made.START, {"venue": Text("the venue", "交易所")}, {"order-book": book},
                   (question,))  # fmt: skip


def record() -> Record:
    def said(id_: str, hours: int, word: str) -> Statement:
        point = Point("cause", "cause", Text(f"It was {word}.", f"原因：{word}。"), "stance", word)
        return Statement(
            id_, "venue", Text(f"Notice {hours}", f"公告 {hours}"), "relayed",
            Text("press", "媒体"), published=made.START + hours * 3600 * SECOND, points=(point,),
        )  # fmt: skip

    return Record(
        {"venue": Text("The venue", "交易所")}, {"cause": Text("Cause", "原因")},
        (said("first", 3, "load"), said("second", 30, "markets")),
    )  # fmt: skip


def custody() -> list[dict[str, Any]]:
    step = {
        "sha256": made.digest("ticks"), "source": "ticks.csv.gz", "method": "investigate",
        "tool": "liquest 0.1.0", "collected_at": "2026-01-02T03:04:05.678901Z", "depth": 0,
        "checkpoint": 7, "transform": "",
        "anchors": [{"proof": "p", "status": "valid", "detail": ["before noon", "正午之前"]}],
    }  # fmt: skip
    return [step, {**step, "source": "tape", "depth": 1, "anchors": []}]


def tried(found: list[Finding]) -> list[Trial]:
    return trials(claims(), found)[0]


def inputs(**more: Any) -> Inputs:
    """Everything that the report takes, of the made case."""
    base = made.inputs(**more)
    found = list(base.findings)
    judged = tried(found)
    all_ = [*found, *(finding(t, made.digest("claims")) for t in judged)]
    all_ += statement_findings(changes(record()))
    methods = {METHOD.id: METHOD.json(), **{m.id: m.json() for m in METHODS.values()}}
    return replace(
        base, findings=all_, methods={**base.methods, **methods}, trials=judged,
        statements=record(), questions=asked(inquiry(), found), holders=inquiry().holders,
        hypotheses=weighed(rivals(), found), sealed=Sealed("made", 12, ROOT), custody=custody(),
    )  # fmt: skip
