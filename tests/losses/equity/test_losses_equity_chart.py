"""The chart of a unit: lines, what happened to it, both languages, the same bytes again."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from _equity_ledgers import (
    REF,
    RULES,
    T0,
    at,
    ledger_of,
    position,
    prices_of,
    quoted,
    span,
    wallet,
)

from liquest.losses.entries import Order, Transaction
from liquest.losses.equity.chart import (
    BREACH,
    FORCED,
    RECEIVED,
    REFERENCE,
    SENT,
    Mark,
    equity_chart,
    marks_of,
)
from liquest.losses.equity.path import equity_path
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.prices.given import GivenPrices
from liquest.replay.chart import LEFT, RIGHT, WIDTH


def order(
    second: int, symbol: str = "XRPUSDT", client: str = f"autoclose-{T0 // 1000}001"
) -> Order:
    one = Decimal(1)
    return Order(at(second), at(second), "usdm", symbol, "1", client, "LIMIT", -1, "B", one, None,
                 one, one, None, None, "FILLED", "IOC", None, REF)  # fmt: skip


def transfer(second: int, amount: str, asset: str = "USDT") -> Transaction:
    return Transaction(at(second), "usdm", "TRANSFER", Decimal(amount), asset, "", "1", REF)


def account() -> Ledger:
    return ledger_of(
        [wallet("1000", (30, "200"), (60, "-50"))],
        [position("XRPUSDT", (-1, "1000", "2.5"), (90, "0", None))],
        [transfer(30, "200"), transfer(60, "-50"), transfer(61, "9", "BNB")],
        [order(88), order(89), order(5, client="web_1"), order(6, "SOLUSDT")],
    )


def prices() -> GivenPrices:
    return prices_of(120, {"XRPUSDT": [str(2.5 - n / 100) for n in range(120)]})


def drawn() -> str:
    ledger = account()
    (path,) = equity_path(ledger, prices(), span(120), RULES).units
    marks = marks_of(ledger, path.unit, reference=at(10), breach=path.breach)
    return equity_chart(path, span(120), [*marks, Mark(at(500), SENT)])


def test_what_happened_to_the_unit_and_nothing_else() -> None:
    ledger = account()
    (path,) = equity_path(ledger, prices(), span(120), RULES).units
    assert marks_of(ledger, path.unit, reference=at(10), breach=at(80)) == [
        (at(10), REFERENCE), (at(30), RECEIVED), (at(60), SENT), (at(80), BREACH),
        (at(88), FORCED), (at(89), FORCED),
    ]  # fmt: skip


def test_every_mark_stands_at_its_time_with_words_in_both_languages() -> None:
    svg = drawn()
    ET.fromstring(svg)
    upright = re.findall(r'<line x1="([\d.]+)" x2="\1" y1="64" y2="\d+" stroke="#d00000"', svg)
    width = WIDTH - LEFT - RIGHT
    assert upright == [f"{LEFT + s / 120 * width:.1f}" for s in (88, 89)]
    assert "forced orders · 强平委托 (2): 21:21:28–21:21:29 UTC" in svg
    assert "reference time · 参考时刻: 21:20:10 UTC" in svg
    assert "Equity: USDⓈ-M cross wallet in USDT · 权益：U 本位 USDT 全仓" in svg
    for words in ("equity (margin balance) · 权益（保证金余额）", "维持保证金", "转入", "转出"):
        assert words in svg
    assert svg.count("transfers out") == 1 and "21:28:20" not in svg  # Outside of the window.
    assert "lowest equity" not in svg


def test_the_same_account_gives_the_same_bytes() -> None:
    assert drawn() == drawn()


def test_the_worst_within_bars_is_drawn_where_it_may_be_a_breach() -> None:
    bars = [("1.0", "2.6")] * 3
    given = GivenPrices(span(180), {"XRPUSDT": quoted(["2.5"] * 3, bars=bars)})
    ledger = ledger_of([wallet("500")], [position("XRPUSDT", (-1, "1000", "2.5"))])
    (path,) = equity_path(ledger, given, span(180), RULES).units
    assert "lowest equity that the bars allow" in equity_chart(path, span(180))


@pytest.mark.parametrize("step", [1, 30])
def test_a_path_of_wider_steps_covers_the_same_window(step: int) -> None:
    (path,) = equity_path(account(), prices(), span(120), RULES, step).units
    svg = equity_chart(path, span(120))
    ends = [float(line.split()[-1].split(",")[0])
            for line in re.findall(r'<polyline points="([^"]+)"', svg)]  # fmt: skip
    assert max(ends) > WIDTH - RIGHT - 10
