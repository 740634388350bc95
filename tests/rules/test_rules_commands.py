"""`liquest rules`: as it is typed, in both languages, with its refusals."""

from __future__ import annotations

import re
from unittest import mock

import pytest
import typer
from rich.cells import cell_len

from _cli import Done, liquest, refused
from liquest.clock import parse_time
from liquest.rules.book import book
from liquest.rules.commands import register
from liquest.rules.rule_pages import pages

APP = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
register(APP)
EVENT = "2025-10-10T21:20Z"
GOLDEN = """\
Rules of binance at 2025-10-10T21:20:00Z · BTCUSDT
rule            for            value                                  since            certainty src
index.deviation BTC            1 % [1…5 %]                            2025-04-23 ?     unknown     1
index.weights   BTCUSDT        binance=20, coinbase=6, kucoin=3,      ≤ 2025-04-23     official    2
                               mexc=3, bitget=3, bybit=3, gate=1
mark.window                    30 s                                   2025-09-18 08:01 relayed     3

mark.price_2 (undated, official, [4])
    index + moving average of ((bid₁ + ask₁)/2 − index)

[1] Later Binance text on the price index: 3 %, 1 % for BTC and ETH, 5 minutes. The text is
official; the day on which it replaced the 5 % text is not known. Taken from the day of the text
with the weights of BTCUSDT
[2] Binance text on the price index, example of 2025-04-23 for BTCUSDT
[3] Binance announcement of 2025-09-16, relayed by press: 30 samples over 30 seconds, one a second
[4] Binance texts on the mark price of USDⓈ-M and COIN-M contracts (undated)

A day without an hour: the hour is not known. ≤: the first day on which the text is known; ?: the
moment is assumed. In brackets: the plausible range.
"""


@APP.callback()
def _root() -> None:
    """Several commands, as in the program."""


def rules(*words: str) -> Done:
    """`liquest rules …` in a program of its own."""
    with mock.patch("liquest.cli.app", APP):
        return liquest("rules", *words)


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_show_golden() -> None:
    done = rules(
        "show", "mark.window", "mark.price_2", "index.deviation", "index.weights",
        "--at", EVENT, "--symbol", "BTCUSDT",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert lines(done.out) == lines(GOLDEN)


def test_show_in_chinese_and_another_zone() -> None:
    done = rules("show", "mark.window", "--at", "2025-10-11T05:20", "--tz", "UTC+8", "--lang", "zh")
    assert "binance 的规则，2025-10-11T05:20:00+08:00" in done.out
    assert re.search(r"mark\.window +30 s +2025-09-18 16:01 +转述", done.out)
    assert "[1] 币安 2025-09-16 公告（媒体转述）" in done.out and "确定性" in done.out


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("words", [("--at", EVENT), ("--all-history",)])
def test_tables_fit_into_100_columns(words: tuple[str, ...], lang: str) -> None:
    done = rules("show", *words, "--lang", lang)
    wide = [line for line in lines(done.out) if cell_len(line) > 100]
    assert done.code == 0 and wide == []
    head = lines(done.out)[1]
    assert head.endswith("来源" if lang == "zh" else "src")


def test_show_lists_every_rule_of_the_venue() -> None:
    done = rules("show", "--at", EVENT, "--json")
    assert {one["path"] for one in done.json if "certainty" in one} == {
        row.path for row in book().at(parse_time(EVENT)).known()
    }
    later = {one["path"] for one in done.json if "known_from" in one}
    assert {p for p in later if not p.startswith("compensation.")} == {"adl.formula.binance-2025"}
    assert {"compensation.collateral.until", "compensation.together.high"} <= later


def test_show_takes_beginnings_and_settings() -> None:
    done = rules("show", "mark", "--at", EVENT, "--set", "mark.window=2.5min", "--json")
    assert {one["path"].split(".")[0] for one in done.json} == {"mark"}
    (window,) = [one for one in done.json if one["path"] == "mark.window"]
    assert (window["value"], window["certainty"]) == ("150", "asked")
    done = rules("show", "grace", "--at", EVENT, "--set", "grace.vip=0", "--lang", "zh")
    assert re.search(r"grace\.vip +0 s +– +设定", done.out)


def test_show_what_is_unknown() -> None:
    done = rules("show", "collateral.rate.DOGE", "--at", EVENT)
    assert re.search(r"collateral\.rate\.DOGE .*\? \[0…100 %\] +undated +unknown", done.out)


def test_show_history() -> None:
    done = rules("show", "mark.window", "--all-history")
    assert [w for w in ("150 s", "60 s", "30 s") if w in done.out] == ["150 s", "60 s", "30 s"]
    assert "hyperliquid" in done.out
    done = rules("show", "mark.window", "--all-history", "--venue", "binance", "--json")
    assert [one["value"] for one in done.json] == ["150", "60", "30"]
    assert [one["dating"] for one in done.json] == ["exact", "day", "exact"]


def test_show_says_what_is_not_known_yet() -> None:
    done = rules("show", "mark", "--at", "2020-03-12T10:00Z")
    text = " ".join(done.out.split())
    assert "No rule known yet at this moment:" in text
    assert "mark.window (2024-04-03T06:00:00Z)" in text
    done = rules("show", "mark", "--at", "2020-03-12T10:00Z", "--json")
    assert {"path": "mark.window", "known_from": "2024-04-03T06:00:00Z"} in done.json
    refused(
        rules("show", "mark.window", "--at", "2020-03-12T10:00Z"), 2,
        "no rule known for mark.window before 2024-04-03T06:00:00Z", "之前没有已知规则",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        (("show",), ("which moment", "--all-history")),
        (("show", "mark"), ("which moment", "--at 2025-10-10T21:20Z")),
        (("show", "mrk.window", "--at", EVENT), ("there is no rule 'mrk.window'", "mark.window")),
        (("show", "mar", "--at", EVENT), ("there is no rule 'mar'",)),
        (("show", "--at", "soon"), ("'soon' is not a time",)),
        (("show", "--at", EVENT, "--tz", "Mars"), ("no time zone",)),
        (("show", "--at", EVENT, "--venue", "binanc"), ("the venue 'binanc'", "binance")),
        (("show", "--at", EVENT, "--all-history"), ("--all-history goes with no moment",)),
        (("show", "--all-history", "--symbol", "BTCUSDT"), ("--all-history goes with",)),
        (("show", "--at", EVENT, "--set", "mark.window"), ("sets nothing",)),
        (("show", "--at", EVENT, "--set", "mark.window=soon"), ("'soon' is not a dur", "150s")),
        (("show", "order.band", "--at", EVENT, "--symbol", "SOLUSDT"),
         ("no rule known for order.band at binance for SOLUSDT",)),
        (("diff", "2025-10-12T00:00Z", "2025-10-10T00:00Z"), ("before the first",)),
        (("diff", EVENT, "2025"), ("'2025' is not a time",)),
        (("diff", EVENT, EVENT, "--venue", "x"), ("the venue 'x'",)),
        (("page", "marks"), ("there is no page 'marks'", "mark")),
        (("page", "mark", "--tz", "x"), ("no time zone",)),
    ],
)  # fmt: skip
def test_refusals(words: tuple[str, ...], facts: tuple[str, ...]) -> None:
    refused(rules(*words), 2, *facts)


def test_diff() -> None:
    done = rules("diff", "2025-09-18T08:00Z", "2025-09-18T08:01Z")
    assert "Rules changed from 2025-09-18T08:00:00Z to 2025-09-18T08:01:00Z" in done.out
    assert re.search(r"mark\.window +binance +60 s \(claimed\) +30 s \(relayed\) +2025-09-18 08:01",
                     done.out)  # fmt: skip
    assert "funding.formula" in done.out and "→" in done.out
    zh = rules("diff", "2025-09-18T16:00", "2025-09-18T16:01", "--tz", "UTC+8", "--lang", "zh")
    assert "规则变化" in zh.out and "60 s (主张)" in zh.out and "2025-09-18 16:01" in zh.out
    assert "Nothing changed." in rules("diff", EVENT, EVENT).out
    made = rules("diff", "2025-10-10T00:00Z", "2025-10-12T00:00Z", "--json").json
    by_path = {(one["path"], one["applies_to"].get("coin")): one for one in made}
    wbeth = by_path[("collateral.price.WBETH", "WBETH")]
    assert (wbeth["before"]["value"], wbeth["after"]["value"]) == ("venue", "redemption")
    made = rules("diff", "2025-10-09T00:00Z", "2025-10-11T00:00Z", "--json").json
    assert [one["before"] for one in made if one["path"] == "fund.used"] == [None]


@pytest.mark.parametrize("name", pages())
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page(name: str, lang: str) -> None:
    done = rules("page", name, "--lang", lang)
    assert done.code == 0, done.err
    out = lines(done.out)
    page = pages()[name]
    assert out[0] == page.title.in_(lang)
    assert all(cell_len(line) <= 100 for line in out)
    flat = "".join(done.out.split())
    for one in page.parameters(book()):
        if one.domain.unit != "text":
            assert one.path in done.out, one.path
    for file in page.code:
        assert file in flat
    assert "".join(page.rows(book())[0].origin.in_(lang).split()) in flat


def test_pages_are_listed() -> None:
    out = rules("page").out
    assert all(name in out for name in pages()) and "Mark price" in out
    assert "标记价格" in rules("page", "--lang", "zh").out


@pytest.mark.parametrize("words", [(), ("show",), ("diff",), ("page",)])
def test_help_has_an_example(words: tuple[str, ...]) -> None:
    done = rules(*words, "--help")
    text = " ".join(done.out.split())
    assert done.code == 0 and "Example" in text
    assert " ".join(("liquest rules", *words)).strip() in text
