"""The parts of a loss: by hand, and as a partition for any history."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from _hand_made import START, Book, Fixed, at
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.losses.attribution.attribute import Question, Share, attribute
from liquest.losses.attribution.lots import (
    ADL,
    FORCED,
    OPEN,
    OWN,
    REFERENCE_FIRST,
    REFERENCE_LAST,
    TAKEOVER,
)  # fmt: skip
from liquest.losses.attribution.parts import MEANING, PARTS, ROUNDING, UNEXPLAINED
from liquest.replay.scenario import Scenario

D = Decimal


def story() -> tuple[Book, Fixed]:
    """Buys 100 at 4.00, is closed by force at 1.40 while the mark is 1.50 and others 3.40."""
    book = Book("ATOMUSDT")
    book.row(0, "TRANSFER", "200")
    book.trade(10, "100", "4.00")
    book.row(10, "COMMISSION", "-0.2")
    book.row(50, "FUNDING_FEE", "-0.04")
    book.trade(200, "-100", "1.40", "forced")
    book.row(200, "COMMISSION", "-0.07")
    book.row(200, "INSURANCE_CLEAR", "60.31")
    marks = {("ATOMUSDT", 100): D("3.90"), ("ATOMUSDT", 200): D("1.50"), ("ATOMUSDT", 300): D("2")}
    elsewhere = {("ATOMUSDT", 100): D("3.92"), ("ATOMUSDT", 200): D("3.40")}
    return book, Fixed(marks, elsewhere)


def one(book: Book, prices: Fixed, question: Question, closes: dict[str, str]) -> Share:
    keyed = {(book.market, order): how for order, how in closes.items()}
    (share,) = attribute(book.ledger(), prices, question, keyed)
    return share


def shown(share: Share) -> dict[str, Decimal]:
    return {k: v for k, v in share.parts.items() if v}


def test_a_forced_close_is_taken_apart_along_its_price() -> None:
    book, prices = story()
    share = one(book, prices, Question(at(100), at(300)), {"forced": FORCED})
    # 200 in, −0.2 fee, −0.04 funding; at the reference 100 × (3.90 − 4.00) = −10 unrealised.
    assert share.at_reference == D("199.76") - 10
    assert share.whole == D("-0.2") - D("0.04") - 260 - D("0.07") + D("60.31")
    assert shown(share) == {
        "before": D("-10.24"),
        "market": 100 * (D("3.40") - D("3.92")),
        "dislocation": 100 * ((D("1.50") - D("3.40")) - (D("3.90") - D("3.92"))),
        "execution": 100 * (D("1.40") - D("1.50")),
        "fees": D("-0.07"),
        "insurance": D("60.31"),
    }
    assert sum(share.parts.values()) == share.whole


def test_other_rules_take_their_share_out_of_the_dislocation() -> None:
    book, prices = story()
    ruled = {("ATOMUSDT", 100): D("3.90"), ("ATOMUSDT", 200): D("2.10")}
    prices = replace(prices, ruled=ruled)
    question = Question(at(100), at(300), scenario=Scenario({"mark.window": "150s"}))
    share = one(book, prices, question, {"forced": FORCED})
    assert share.parts["rule"] == 100 * (D("1.50") - D("2.10"))
    assert share.parts["dislocation"] == 100 * ((D("2.10") - D("3.40")) - (D("3.90") - D("3.92")))
    assert sum(share.parts.values()) == share.whole


def test_without_prices_of_others_market_and_venue_are_not_separated() -> None:
    book, prices = story()
    share = one(book, replace(prices, elsewhere={}), Question(at(100), at(300)), {"forced": FORCED})
    assert share.parts["common"] == 100 * (D("1.50") - D("3.90"))
    assert not share.parts["market"] and not share.parts["dislocation"]


def test_without_a_mark_at_the_reference_the_entry_stands_in_and_is_named() -> None:
    book, prices = story()
    share = one(book, replace(prices, marks={}), Question(at(100), at(300)), {"forced": FORCED})
    assert share.parts["unpriced"] == 100 * (D("1.40") - 4)
    assert share.parts["before"] == D("-0.24")
    assert share.unpriced == ("ATOMUSDT",)
    assert sum(share.parts.values()) == share.whole


@pytest.mark.parametrize("how", [FORCED, TAKEOVER, ADL])
def test_the_close_of_the_venue_is_no_voluntary_one(how: str) -> None:
    book, prices = story()
    forced = one(book, prices, Question(at(100), at(300)), {"forced": how})
    own = one(book, prices, Question(at(100), at(300)), {})
    assert own.parts["voluntary"] == 100 * (D("1.40") - D("3.90")) and not forced.parts["voluntary"]
    assert [p.end for p in forced.pieces] == [how] and [p.end for p in own.pieces] == [OWN]


def test_what_is_held_or_opened_later_has_parts_of_its_own() -> None:
    book = Book("ATOMUSDT")
    book.row(0, "DEPOSIT", "1000")
    book.trade(10, "60", "4")
    book.trade(150, "40", "3")  # opened after
    book.trade(200, "-50", "2", "own")
    marks = {("ATOMUSDT", 100): D("3.5"), ("ATOMUSDT", 200): D("2.2"), ("ATOMUSDT", 300): D("2.5")}
    first = one(book, Fixed(marks), Question(at(100), at(300)), {})
    assert first.parts["voluntary"] == 50 * (D(2) - D("3.5"))
    assert first.parts["held"] == 10 * (D("2.5") - D("3.5"))
    assert first.parts["opened-after"] == 40 * (D("2.5") - 3)
    last = one(book, Fixed(marks), Question(at(100), at(300), REFERENCE_LAST), {})
    assert last.parts["opened-after"] == 40 * (D(2) - 3)
    assert last.parts["voluntary"] == 10 * (D(2) - D("3.5"))
    assert last.parts["held"] == 50 * (D("2.5") - D("3.5"))
    for share in (first, last):
        assert not share.parts["unexplained"] and sum(share.parts.values()) == share.whole


def test_a_profit_that_no_trade_explains_is_not_called_rounding() -> None:
    book, prices = story()
    book.row(250, "REALIZED_PNL", "1")
    share = one(book, prices, Question(at(100), at(300)), {"forced": FORCED})
    assert share.parts["unexplained"] == 1 and not share.parts["rounding"]


def test_transfers_are_neither_profit_nor_loss() -> None:
    book, prices = story()
    before = one(book, prices, Question(at(100), at(300)), {"forced": FORCED})
    book.row(260, "TRANSFER", "-50")
    after = one(book, prices, Question(at(100), at(300)), {"forced": FORCED})
    assert after.whole == before.whole and after.transfers_after == D(-50)


def test_every_part_has_words() -> None:
    assert set(MEANING) == set(PARTS)
    assert all(t.en and t.zh for t in (*PARTS.values(), *MEANING.values()))


prices_ = st.decimals("0.5", "9", places=3, allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(
    inverse=st.booleans(),
    steps=st.lists(
        st.tuples(st.integers(-30, 30).filter(bool), prices_, st.sampled_from([OWN, FORCED, ADL])),
        min_size=1, max_size=12,
    ),
    marks=st.lists(st.one_of(st.none(), prices_), min_size=14, max_size=14),
    others=st.lists(st.one_of(st.none(), prices_), min_size=14, max_size=14),
    ruled=st.lists(st.one_of(st.none(), prices_), min_size=14, max_size=14),
    reference=st.integers(0, 13),
    order=st.sampled_from([REFERENCE_FIRST, REFERENCE_LAST]),
    asks=st.booleans(),
)  # fmt: skip
def test_parts_add_up_whatever_happened(
    inverse: bool, steps: list[tuple[int, Decimal, str]], marks: list[Decimal | None],
    others: list[Decimal | None], ruled: list[Decimal | None], reference: int, order: str,
    asks: bool,
) -> None:  # fmt: skip
    symbol = "ATOMUSD_PERP" if inverse else "ATOMUSDT"
    book = Book(symbol, inverse, D(10) if inverse else D(1))
    book.row(0, "TRANSFER", "1000")
    closes = {}
    for n, (quantity, price, how) in enumerate(steps, 1):
        book.trade(n, D(quantity), price, f"order{n}")
        book.row(n, "COMMISSION", "-0.01")
        if how != OWN:
            closes[f"order{n}"] = how

    def by_second(values: list[Decimal | None]) -> dict[tuple[str, int], Decimal]:
        return {(symbol, n): v for n, v in enumerate(values) if v is not None}

    prices = Fixed(by_second(marks), by_second(others), by_second(ruled))
    scenario = Scenario({"mark.window": "150s"}) if asks else None
    question = Question(at(reference), at(13), order, scenario)
    share = one(book, prices, question, closes)
    assert sum(share.parts.values()) == share.whole
    assert share.parts[UNEXPLAINED] == 0
    assert abs(share.parts[ROUNDING]) <= D("1e-8") * 20
    if not asks:
        assert share.parts["rule"] == 0
    # What was held at the reference is closed, or held, to the last unit.
    held = book.ledger().positions[0].at(at(reference))
    pieces = [p for p in share.pieces if not p.new]
    assert sum(p.quantity for p in pieces) == (held.quantity if held else 0)
    new = [p for p in share.pieces if p.new and p.end == OPEN]
    old = [p for p in share.pieces if not p.new and p.end == OPEN]
    assert sum(p.quantity for p in [*new, *old]) == book.quantity


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-30, 30).filter(bool), prices_), min_size=1, max_size=10))
def test_a_reference_before_everything_leaves_nothing_before(
    steps: list[tuple[int, Decimal]],
) -> None:
    book = Book("ATOMUSDT")
    for n, (quantity, price) in enumerate(steps, 1):
        book.trade(n, D(quantity), price)
    share = one(book, Fixed({}), Question(START - 1, at(20)), {})
    assert share.parts["before"] == 0 and share.after == share.whole
    assert sum(share.parts.values()) == share.whole
