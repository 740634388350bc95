"""Results of screens in the terminal: what is left once a record is corrected stands last."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from liquest import terminal
from liquest.findings import Finding
from liquest.screens.results_shown import shown

SUBJECT = {"coin": "BTC", "venue": "binance", "instrument": "BTCUSDT", "kind": "linear-perpetual"}
LONG = (
    "制作文件者漏收撤销该档的消息，其自留的订单簿便一直带着它；"
    "大宗、自动减仓等簿外成交可能越过真实挂单"
)


def result(name: str, value: int, **params: Any) -> Finding:
    return Finding(name, SUBJECT, Decimal(value), "USD", "m@0", params=params, count=3)


FOUND = [
    result("screen.bands", 969, strength="impossible", said=["wrong", "不可能"],
           innocent=["a message was missed", LONG], does_not_follow=["no fault", "不能推出故障"]),
    result("screen.bands.corrected", 7, band=Decimal("0.01"), file_depth=9),
    result("screen.bands.corrected", 8, band=Decimal("0.02"), file_depth=9),
]  # fmt: skip


def printed(found: list[Finding], lang: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    console = Console(width=100, highlight=False)
    monkeypatch.setattr(terminal, "out", console)
    with console.capture() as caught:
        for part in shown(found, lang):
            console.print(part)
    return caught.get().splitlines()


@pytest.mark.parametrize(("lang", "head"), [("zh", "更正之后"), ("en", "After the correction")])
def test_the_corrected_record_is_shown(
    lang: str, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(FOUND, lang, monkeypatch)
    at = lines.index(head)
    rest = "\n".join(lines[at:])
    assert "band=0.01" in rest and "band=0.02" in rest and "file_depth" not in rest
    assert head not in printed(FOUND[:1], lang, monkeypatch)


def test_a_reason_in_chinese_begins_on_the_line_of_its_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = printed(FOUND, "zh", monkeypatch)
    assert any("无恶意的解释：制作文件者漏收" in line for line in lines)
