"""terminal: numbers as they are meant to be read, foreign text obeyed by nobody."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from liquest import findings_shown, terminal
from liquest.clock import parse_time
from liquest.errors import Text, UsageError
from liquest.findings import Finding
from liquest.problems import ASIDE, Problem


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


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("1234567.50"), "1,234,567.5"), (Decimal("0.00100"), "0.001"), (92, "92"),
     (Decimal("-1234.5"), "-1,234.5"), (Decimal("-0.5"), "-0.5"), (12345, "12,345"), (None, "–"),
     (Decimal("1E+3"), "1,000"), ("words", "words")],
)  # fmt: skip
def test_values(value: Any, text: str) -> None:
    assert terminal.value(finding(value=value)) == text


@pytest.mark.parametrize(
    "foreign", ["[/red]", "[bold]x[/bold]", "\x1b[31mred", "a\x07b", "\u202eevil", "[", "[link=x]"]
)
def test_foreign_text_is_shown_and_obeyed_by_nobody(foreign: str) -> None:
    subject = {"coin": foreign, "venue": foreign, "instrument": foreign, "kind": "spot"}
    text = printed(findings_shown.findings([finding(subject=subject, unit=foreign)], "en"), 300)
    assert "\x1b[31m" not in text and "\x07" not in text and "\u202e" not in text
    assert foreign[:1] in text or not foreign.isprintable()
    problem = Problem(foreign, ASIDE, Text(foreign, foreign), foreign, first=7, last=9)
    assert "7–9" in printed(terminal.problems([problem], "en"), 300)


def test_an_error_speaks_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.error(UsageError(Text("no [x]", "无 [x]"), where="a:7", remedy=Text("Do.", "请。")))
    err = capsys.readouterr().err
    assert "error no [x]" in err and "错误 无 [x]" in err
    assert err.count("a:7") == 2 and "Remedy: Do." in err and "处理: 请。" in err


@pytest.mark.parametrize(
    ("asked", "variable", "lang"),
    [("zh", "", "zh"), ("en", "zh", "en"), ("", "zh_CN.UTF-8", "zh"), ("", "en", "en"),
     ("zh-Hans", "", "zh")],
)  # fmt: skip
def test_the_language_as_asked_then_as_set(
    monkeypatch: pytest.MonkeyPatch, asked: str, variable: str, lang: str
) -> None:
    monkeypatch.setenv("LIQUEST_LANG", variable)
    assert terminal.language(asked) == lang


def test_problems_of_a_kind_stand_together_and_the_rest_is_counted() -> None:
    words = Text("has 3 cells", "有 3 列")
    many = [
        Problem("cells", ASIDE, words, f"{n}.csv", first=row, last=row, count=2)
        for n in range(15)
        for row in (5, 9)
    ]
    text = printed(terminal.problems(many, "en", most=12))
    assert "5 … (2)" in text and "3 more kinds" in text and "problems.jsonl" in text
    assert text.count("has 3 cells") == 12
