"""constituents and lookup: which sources an index has, their weights, and rules from a book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import UsageError
from liquest.rules.book import book
from liquest.rules.constituents import CHOICES, Source, shares
from liquest.rules.index import IndexRule, Quote, index_price
from liquest.rules.mark import MarkRule
from liquest.rules.protection import GENERATIONS, UNPROTECTED, Capping, Zeroing

D = Decimal
OWN = Source("binance", own=True, weight=D(3))
OKX = Source("okx", weight=D(1))
COINBASE = Source("coinbase", "USD", weight=D(1))
KRAKEN_EUR = Source("kraken", "EUR", weight=D(5))
SOURCES = (OWN, OKX, COINBASE, KRAKEN_EUR)


@dataclass(frozen=True)
class Cell:
    """A row of a book: what it says as it is."""

    value: object

    @property
    def number(self) -> Decimal:
        return D(str(self.value))

    @property
    def text(self) -> str:
        return str(self.value)

    @property
    def parts(self) -> Mapping[str, Decimal]:
        assert isinstance(self.value, dict)
        return self.value


@dataclass(frozen=True)
class Book:
    """The rules of a venue with the later capping text, unless said otherwise."""

    said: Mapping[str, object] = field(default_factory=dict)

    def get(self, path: str, symbol: str = "") -> Cell:
        usual: dict[str, object] = {
            "index.method": "weighted", "index.own_weight": "book", "index.protection": "cap",
            "index.deviation": D("0.01") if symbol == "BTCUSDT" else D("0.03"),
            "index.stale": D(300), "index.sources": "all", "index.missing": "missing",
            "index.weights": {"others": D(1)},
        }  # fmt: skip
        return Cell({**usual, **self.said}[path])


def decimals(*values: str | int | None) -> tuple[Decimal | None, ...]:
    return tuple(None if v is None else D(v) for v in values)


def weighed(found: tuple[Decimal | None, ...]) -> list[Decimal]:
    return [w or D(0) for w in found]


def test_choices_leave_sources_without_weight() -> None:
    assert shares(SOURCES) == decimals(3, 1, 1, 5)
    assert shares(SOURCES, "usd") == decimals(None, None, 1, None)
    assert shares(SOURCES, "others") == decimals(None, 1, 1, 5)
    assert shares(SOURCES, "own") == decimals(3, None, None, None)
    with pytest.raises(UsageError, match="cannot be 'mine'"):
        shares(SOURCES, "mine")


def test_the_own_share_is_what_is_asked_and_the_rest_keeps_its_proportions() -> None:
    found = weighed(shares((OWN, OKX, KRAKEN_EUR), own_weight=D("0.6")))
    assert found[0] == D("0.6")
    assert abs(found[1] + found[2] - D("0.4")) < D("1e-40")
    assert abs(found[2] / found[1] - 5) < D("1e-40")
    # Several own books share it.
    second = Source("binance USDC", "USDC", own=True, weight=D(1))
    assert shares((OWN, second, OKX), own_weight=D("0.8")) == (D("0.6"), D("0.2"), D("0.2"))


BITCOIN = {"binance": D(20), "coinbase": D(6), "kucoin": D(3), "gate": D(1)}


def test_the_weights_of_the_book_go_to_the_venues_it_names() -> None:
    sources = (
        Source("binance:spot:BTCUSDT", own=True), Source("coinbase:spot:BTC-USD", "USD"),
        Source("kraken:spot:XBTUSD", "USD"), Source("gate"),
    )  # fmt: skip
    assert shares(sources, parts=BITCOIN) == decimals(20, 6, None, 1)
    # What the book does not name shares "others", two markets of a venue its part.
    atom = {"binance": D("0.6"), "others": D("1.5")}
    assert shares((*sources, Source("binance:spot:BTCUSDC", own=True)), parts=atom) == (
        D("0.3"), D("0.5"), D("0.5"), D("0.5"), D("0.3"),
    )  # fmt: skip
    assert shares(sources, "usd", parts=BITCOIN) == decimals(None, 6, None, None)
    assert shares(sources) == decimals(1, 1, 1, 1)


def test_a_weight_that_is_given_stands_instead_of_the_book() -> None:
    sources = (Source("binance", weight=D(7)), Source("coinbase"), Source("kraken", weight=D(0)))
    assert shares(sources, parts=BITCOIN) == decimals(7, 6, 0)


def test_an_own_weight_makes_a_source_of_a_venue_that_the_book_leaves_out() -> None:
    sources = (Source("mexc", own=True), Source("coinbase"), Source("kraken"))
    assert shares(sources, parts=BITCOIN) == decimals(None, 6, None)
    found = shares(sources, own_weight=D("0.25"), parts=BITCOIN)
    assert found == decimals("0.25", "0.75", None)


def test_a_side_without_sources_leaves_the_other_the_whole() -> None:
    others = shares((OKX, COINBASE), own_weight=D("0.6"))
    named = [Quote("okx", D(10), weight=others[0]), Quote("coinbase", D(20), weight=others[1])]
    assert index_price(named, IndexRule()).value == 15
    assert shares((OKX,), own_weight=D(1)) == decimals(0)
    assert shares((OWN,), own_weight=D(0)) == decimals(0)


@given(
    weights=st.lists(st.integers(0, 9), min_size=1, max_size=6), own=st.integers(0, 100),
    choice=st.sampled_from(CHOICES), mask=st.integers(0, 63),
)  # fmt: skip
@settings(deadline=None)
def test_shares_are_never_negative_and_the_own_side_has_its_own(
    weights: list[int], own: int, choice: str, mask: int
) -> None:
    sources = [
        Source(f"{k}", "USD" if k % 2 else "USDT", bool(mask >> k & 1), D(w))
        for k, w in enumerate(weights)
    ]
    wanted = D(own) / 100
    raw = shares(sources, choice, wanted)
    found = weighed(raw)
    assert all(w >= 0 for w in found)
    assert [w is None for w in raw] == [not s.chosen(choice) for s in sources]
    mine = sum((w for w, s in zip(found, sources, strict=True) if s.own), D(0))
    rest = sum(found, D(0)) - mine
    if mine and rest:
        assert abs(mine / (mine + rest) - wanted) < D("1e-20")
    for share, base in zip(found, weighed(shares(sources, choice)), strict=True):
        assert base or not share


def test_a_rule_of_the_book() -> None:
    rule = IndexRule.of(Book(), "ATOMUSDT", SOURCES)
    assert rule == IndexRule(
        protection=Capping(D("0.03")), stale_s=300, weights=decimals(3, 1, 1, 5)
    )
    assert IndexRule.of(Book(), "BTCUSDT", SOURCES).protection == Capping(D("0.01"))


def test_every_parameter_is_taken_from_the_book() -> None:
    said = {
        "index.method": "median", "index.own_weight": D("0.5"), "index.protection": "zero",
        "index.deviation": D("0.05"), "index.stale": D(10), "index.missing": "hold",
    }  # fmt: skip
    assert IndexRule.of(Book(said), "ATOMUSDT", (OWN, OKX)) == IndexRule(
        method="median", protection=Zeroing(D("0.05")), stale_s=10, missing="hold",
        weights=(D("0.5"), D("0.5")),
    )  # fmt: skip
    usd = IndexRule.of(Book({"index.sources": "usd"}), "ATOMUSDT", SOURCES)
    assert usd.weights == decimals(None, None, 1, None)


def test_the_weights_of_the_book_are_those_of_its_row() -> None:
    named = (Source("binance", own=True), Source("coinbase", "USD"), Source("okx"))
    found = IndexRule.of(Book({"index.weights": BITCOIN}), "BTCUSDT", named)
    assert found.weights == decimals(20, 6, None)
    half = {"index.weights": BITCOIN, "index.own_weight": D("0.5")}
    assert IndexRule.of(Book(half), "BTCUSDT", named).weights == decimals("0.5", "0.5", None)


def test_without_protection_no_deviation_is_asked_for() -> None:
    said = {"index.protection": "none", "index.deviation": "unknown"}
    assert IndexRule.of(Book(said), "ATOMUSDT", SOURCES).protection == UNPROTECTED


def test_own_only_is_the_venue_alone_whatever_its_weight() -> None:
    for weight in ("book", D("0.6"), D(0)):
        said = {"index.method": "own-only", "index.own_weight": weight}
        rule = IndexRule.of(Book(said), "ATOMUSDT", SOURCES)
        assert (rule.method, rule.weights) == ("weighted", decimals(3, None, None, None))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("index.method", "best", "index.method"),
        ("index.protection", "some", "index.protection"),
        ("index.stale", D("2.5"), "index.stale"),
        ("index.stale", D(0), "index.stale"),
        ("index.own_weight", D("1.5"), "index.own_weight"),
        ("index.sources", "two", "index.sources"),
        ("index.missing", "zero", "index.missing"),
    ],
)
def test_what_no_index_can_run_on_is_refused(path: str, value: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        IndexRule.of(Book({path: value}), "ATOMUSDT", SOURCES)


def test_own_only_of_other_venues_contradicts_itself() -> None:
    said = {"index.method": "own-only", "index.sources": "others"}
    with pytest.raises(UsageError, match="own venue only"):
        IndexRule.of(Book(said), "ATOMUSDT", SOURCES)


def test_the_rulebook_gives_rules_that_run() -> None:
    def binance(day: str, symbol: str = "ATOMUSDT") -> IndexRule:
        return IndexRule.of(book().at(parse_time(day)), symbol, (OWN, OKX, COINBASE))

    assert binance("2021-01-01T00:00Z").protection == GENERATIONS["2020-10-29"].protection
    assert binance("2025-01-01T00:00Z").protection == GENERATIONS["2024-06-06"].protection
    day = "2025-10-10T21:20Z"
    assert binance(day).protection == GENERATIONS["later"].protection
    assert binance(day, "BTCUSDT").protection == GENERATIONS["later, BTC and ETH"].protection
    assert binance(day).stale_s == GENERATIONS["later"].stale_s
    windows = [
        MarkRule.of(book().at(parse_time(t)), "ATOMUSDT").stride_s
        for t in ("2025-01-01T00:00Z", "2025-06-01T00:00Z", "2025-10-10T21:20Z")
    ]
    assert windows == [5, 2, 1]
    assert MarkRule.of(book().at(parse_time(day)), "BTCUSD_251226").formula == "binance-delivery"
    abroad = book().at(parse_time(day), venue="hyperliquid")
    assert MarkRule.of(abroad, "ATOM").formula == "hyperliquid"
