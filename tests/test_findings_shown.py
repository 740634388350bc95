"""findings_shown: findings that differ read differently, with their intervals and meanings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from liquest import findings_shown, terminal
from liquest.clock import parse_time
from liquest.findings import Finding


def printed(table: Table, width: int = 100) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as caught:
        console.print(table)
    return caught.get()


def finding(**changes: Any) -> Finding:
    held: dict[str, Any] = {
        "name": "low", "value": Decimal("0.001"), "unit": "USDT", "method": "low@0",
        "subject": {"coin": "ATOM", "venue": "binance", "instrument": "ATOMUSDT", "kind": "spot"},
        "at": parse_time("2025-10-10T21:20:37.689043Z"), "count": 71,
    }  # fmt: skip
    return Finding(**held | changes)


def test_findings_that_would_read_the_same_are_told_apart() -> None:
    base = {"name": "depth.median", "at": None}
    found = [finding(params={"side": side, "levels": n, "x": 1}, **base)
             for side in ("bid", "ask") for n in (1, 5)]  # fmt: skip
    found.append(finding(name="withdrawal.odds", at=None, subject={"makers": "3"}, params={}))
    found.append(finding(name="withdrawal.odds", at=None, subject={"makers": "5"}, params={}))
    text = printed(findings_shown.findings(found, "en"))
    for words in ("side=bid levels=1", "side=ask levels=5", "makers=3", "makers=5"):
        assert words in text
    assert "x=1" not in text
    alone = printed(findings_shown.findings(found[:1], "zh"))
    assert "side=" not in alone and "binance ATOMUSDT" in alone


def test_a_name_is_not_folded_in_its_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "out", Console(width=100))
    long = {"venue": "binance", "instrument": "ATOMUSDT-LONG-NAME" * 3, "kind": "spot"}
    found = [finding(name="availability.accepted", subject=long, unit="instruments"),
             finding(name="withdrawal.odds", at=None)]  # fmt: skip
    for lang in ("zh", "en"):
        lines = printed(findings_shown.findings(found, lang)).splitlines()
        assert any(line.startswith("availability. ") for line in lines)
        assert any(line.startswith("accepted ") for line in lines)
        assert all(len(line) <= 100 for line in lines)
    short = printed(findings_shown.findings(found[1:], "en"))
    assert "withdrawal.odds " in short


def test_order_entry_comes_with_its_interval() -> None:
    log = {"log": "bot.log", "action": "order"}
    ends = {"low": Decimal("0.6276"), "high": Decimal("0.7114")}
    found = [
        finding(name="availability.accepted", subject=log, at=None, params=ends),
        finding(name="latency.p99", subject=log, at=None, params={"low": Decimal(91)}),
        finding(name="onset.at", subject=log, params={
            "from": "2025-10-10T20:51:59.066Z", "to": "2025-10-10T20:52:00.111Z"}),
        finding(name="wick.depth", params={"low": Decimal("0.77"), "high": Decimal("0.88")}),
    ]  # fmt: skip
    text = printed(findings_shown.findings(found, "en"))
    for words in ("0.6276 … 0.7114", "91 …", "20:51:59.066", "–20:52:00.111"):
        assert words in text
    assert "0.77" not in text


def test_a_code_is_explained_once_in_the_language_asked_for() -> None:
    told = {"official": ["overloaded", "过载"]}
    found = [finding(subject={"log": "a", "code": "-1008"}, params=told, value=n) for n in (1, 2)]
    assert findings_shown.meanings(found, "en") == ["-1008: overloaded"]
    assert findings_shown.meanings(found, "zh") == ["-1008: 过载"]
    assert findings_shown.meanings([finding()], "en") == []
