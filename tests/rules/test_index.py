"""index: the price of a moment under each rule, by hand and by the properties of the texts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liquest.errors import InputError, UsageError
from liquest.rules.index import HOLD, METHODS, STALE, Held, IndexRule, Quote, index_price
from liquest.rules.protection import GENERATIONS, UNPROTECTED, Capping, Zeroing, protection

D = Decimal
FIVE = D("0.05")
PLAIN = IndexRule()
ZERO = IndexRule(protection=Zeroing(FIVE))
CAP = IndexRule(protection=Capping(FIVE))


def quotes(*prices: str, weights: tuple[int, ...] = (), ages: tuple[int, ...] = ()) -> list[Quote]:
    """Sources A, B, C … at these prices; "" is none."""
    return [
        Quote(
            chr(65 + k), D(price) if price else None, ages[k] if ages else 0,
            D(weights[k]) if weights else D(1), D(k + 1),
        )
        for k, price in enumerate(prices)
    ]  # fmt: skip


def test_the_weights_of_the_official_example() -> None:
    # BTCUSDT on 2025-04-23: Binance 20, Coinbase 6, four with 3 and Gate with 1 of 39.
    named = quotes("100", "139", "100", "100", "100", "100", "139", weights=(20, 6, 3, 3, 3, 3, 1))
    assert index_price(named, PLAIN).value == 107


@pytest.mark.parametrize(
    ("text", "high", "low"), [("2024-06-06", "21000", "19000"), ("later", "20600", "19400")]
)
def test_the_examples_of_the_capping_texts(text: str, high: str, low: str) -> None:
    # Median 20,000; exchange A at +7 % and at -6 %.
    rule = IndexRule(protection=GENERATIONS[text].protection, stale_s=GENERATIONS[text].stale_s)
    for price, counted in (("21400", high), ("18800", low)):
        found = index_price(quotes(price, "20000", "20000"), rule)
        assert found.value is not None
        assert abs(3 * found.value - (D(counted) + 40000)) < D("1e-20")
        assert (found.live, found.capped, found.replaced) == (3, 1, False)


def test_bitcoin_and_ether_are_capped_at_one_percent() -> None:
    one = GENERATIONS["later, BTC and ETH"].protection
    assert one.protect([D(102), D(100), D(100)]).prices == (D(101), D(100), D(100))


def test_one_source_beyond_the_limit_loses_its_weight() -> None:
    found = index_price(quotes("90", "100", "102", weights=(6, 2, 2)), ZERO)
    assert (found.value, found.capped, found.replaced) == (D(101), 1, False)


def test_several_beyond_the_limit_and_the_median_is_the_index() -> None:
    found = index_price(quotes("90", "100", "110", weights=(6, 2, 2)), ZERO)
    assert (found.value, found.capped, found.replaced) == (D(100), 2, True)
    # Two sources stand at equal distance from their median: both deviate or none does.
    assert index_price(quotes("90", "110", weights=(9, 1)), ZERO).value == 100


@pytest.mark.parametrize("rule", [ZERO, CAP])
def test_five_percent_is_not_beyond_five_percent(rule: IndexRule) -> None:
    found = index_price(quotes("95", "100", "105"), rule)
    assert (found.value, found.capped) == (D(100), 0)
    assert index_price(quotes("94.999", "100", "105"), rule).capped == 1


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("weighted", D("191.9")),  # (7·100 + 101 + 2·559) / 10
        ("median", D(101)),
        ("weighted-median", D(100)),
        ("volume-median", D("330")),  # volumes 1, 2, 3: half is reached at 101, mean with 559
        ("trimmed", D(101)),
    ],
)
def test_every_method_by_hand(method: str, value: Decimal) -> None:
    named = quotes("100", "101", "559", weights=(7, 1, 2))
    assert index_price(named, IndexRule(method=method)).value == value


def test_the_methods_have_cases_of_their_own() -> None:
    four = quotes("1", "2", "4", "100")
    assert index_price(four, IndexRule(method="median")).value == 3
    assert index_price(four, IndexRule(method="trimmed")).value == 3
    assert index_price(four, IndexRule(method="trimmed", trim=2)).value == 3
    assert index_price(four, IndexRule(method="trimmed", trim=0)).value == D("26.75")
    silent = [Quote(q.source, q.price) for q in quotes("1", "2", "9")]
    assert index_price(silent, IndexRule(method="volume-median")).value == 2


def test_weights_of_thirty_nine_parts_meet_the_half_where_they_should() -> None:
    # 1/3 + 1/6 is half, though no finite decimal is a third.
    third, sixth = D(1) / 3, D(1) / 6
    named = [Quote("A", D(1), weight=third), Quote("B", D(2), weight=sixth),
             Quote("C", D(4), weight=D("0.5"))]  # fmt: skip
    assert index_price(named, IndexRule(method="weighted-median")).value == 3


def test_a_frozen_source_keeps_its_weight_until_the_limit() -> None:
    # A stopped at 80 while the others fell to 40: its weight lasts as long as the text lets it.
    for text, limit in (("2020-10-29", 10), ("later", 300)):
        assert GENERATIONS[text].stale_s == limit
        rule = IndexRule(stale_s=limit)
        fresh = index_price(quotes("80", "40", weights=(3, 1), ages=(limit - 1, 0)), rule)
        assert (fresh.value, fresh.live) == (D(70), 2)
        stale = index_price(quotes("80", "40", weights=(3, 1), ages=(limit, 0)), rule)
        assert (stale.value, stale.live) == (D(40), 1)


def test_a_stale_source_is_not_in_the_median_either() -> None:
    rule = IndexRule(protection=Capping(FIVE), stale_s=10)
    named = quotes("60", "60", "100", ages=(11, 11, 0))
    assert index_price(named, rule) == (D(100), 1, 0, False, "")


def test_without_a_live_source_the_fallback_is_named_and_never_zero() -> None:
    named = quotes("80", "", "50", weights=(3, 1, 1), ages=(60, 0, 70))
    held = Held(D(77), 61)
    assert index_price(named, PLAIN, held) == (None, 0, 0, False, "missing")
    assert index_price(named, IndexRule(missing=HOLD), held) == (D(77), 0, 0, False, "hold")
    assert index_price(named, IndexRule(missing=HOLD, hold_s=61), held).value == 77
    assert index_price(named, IndexRule(missing=HOLD, hold_s=60), held).fallback == "missing"
    assert index_price(named, IndexRule(missing=HOLD)).fallback == "missing"
    assert index_price(named, IndexRule(missing=STALE)) == (D("72.5"), 0, 0, False, "stale")
    assert index_price([], IndexRule(missing=STALE)).value is None
    unweighted = quotes("80", "80", weights=(0, 0))
    assert index_price(unweighted, PLAIN).value is None


def test_a_source_of_weight_zero_stands_in_the_median_and_one_without_does_not() -> None:
    def own_and(weight: Decimal | None) -> list[Quote]:
        return [Quote("own", D(50))] + [Quote(x, D(100), weight=weight) for x in "AB"]

    # The venue alone has weight, and is still held at 95 % of what all of them say.
    assert index_price(own_and(D(0)), CAP) == (D(95), 1, 1, False, "")
    assert index_price(own_and(None), CAP) == (D(50), 1, 0, False, "")
    assert index_price(own_and(D(0)), IndexRule(method="median")).value == 100
    assert index_price(own_and(None), IndexRule(method="median")).value == 50
    # Where zeroing takes the only weight there is, the median is left.
    assert index_price(own_and(D(0)), ZERO) == (D(100), 1, 1, True, "")
    stale = [Quote("own", D(50), 10), Quote("A", D(100), weight=D(0))]
    assert index_price(stale, CAP).fallback == "missing"


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_what_is_no_price_is_refused(price: str) -> None:
    with pytest.raises(InputError, match="above zero"):
        Quote("A", D(price))


def test_rules_that_cannot_run_are_refused() -> None:
    for wrong in (
        {"method": "best"}, {"missing": "zero"}, {"stale_s": 0}, {"hold_s": 0}, {"trim": -1},
        {"weights": (D(-1),)},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            IndexRule(**wrong)
    for kind in (Zeroing, Capping):
        with pytest.raises(UsageError, match="deviation"):
            kind(D("-0.01"))
    with pytest.raises(UsageError, match="protection"):
        protection("clip", FIVE)
    with pytest.raises(UsageError, match="weight"):
        Quote("A", D(1), weight=D(-1))
    with pytest.raises(UsageError, match="age"):
        Quote("A", D(1), -1)


PRICES = st.integers(min_value=1, max_value=10**6).map(lambda n: D(n) / 1000)
SHARES = st.integers(min_value=0, max_value=100).map(lambda n: D(n) / 100)


@given(price=PRICES, weight=SHARES, drop=SHARES, rest=st.integers(min_value=2, max_value=9))
@settings(max_examples=500, deadline=None)
def test_a_drop_at_the_venue_moves_the_uncapped_index_by_its_weight(
    price: Decimal, weight: Decimal, drop: Decimal, rest: int
) -> None:
    assume(drop < 1)
    others = [Quote(f"{k}", price, weight=(1 - weight) / rest) for k in range(rest)]
    own = Quote("own", price * (1 - drop), weight=weight)
    found = index_price([own, *others], PLAIN).value
    assert found is not None
    assert abs(found / price - (1 - weight * drop)) < D("1e-26")


@given(
    middle=PRICES,
    beside=st.lists(st.tuples(SHARES, SHARES), max_size=3),
    same=st.integers(2, 5),
    weight=SHARES,
    drop=SHARES,
    cap=st.sampled_from(("0.05", "0.03", "0.01", "0.5")),
)
@settings(max_examples=700, deadline=None)
def test_a_cap_bounds_that_move_while_the_median_stands(
    middle: Decimal,
    beside: list[tuple[Decimal, Decimal]],
    same: int,
    weight: Decimal,
    drop: Decimal,
    cap: str,
) -> None:
    """As many others below as above, at least two at the median, where the venue begins too:
    it falls by d and the median stands, so the index falls by min(d, c)·w of it."""
    assume(drop < 1)
    prices = [middle] * same
    for down, up in beside:
        prices += [middle * (1 - down / 101), middle * (1 + up)]
    rest = [Quote(f"{k}", p, weight=(1 - weight) / len(prices)) for k, p in enumerate(prices)]
    rule = IndexRule(protection=Capping(D(cap)))
    start = index_price([Quote("own", middle, weight=weight), *rest], rule).value
    end = index_price([Quote("own", middle * (1 - drop), weight=weight), *rest], rule).value
    assert start is not None and end is not None
    moved = (start - end) / middle
    assert abs(moved - weight * min(drop, D(cap))) < D("1e-20")


def test_the_median_may_be_the_venue_itself_and_then_the_cap_holds_little() -> None:
    rule = IndexRule(protection=Capping(FIVE))
    # Between two others it sets the median: a fall of half moves the median down to 90.
    before = index_price(quotes("100", "90", "110", weights=(6, 2, 2)), rule)
    after = index_price(quotes("50", "90", "110", weights=(6, 2, 2)), rule)
    assert (before.value, after.value) == (D(100), D("88.2"))
    # The median is 90 now: 85.5, 90 and 94.5 count.
    assert (D(100) - D("88.2")) / 100 > D("0.6") * FIVE
    # Of two sources the median is their mean: it goes half the way.
    two = index_price(quotes("50", "100", weights=(6, 4)), rule)
    assert two.value == D("0.6") * D("71.25") + D("0.4") * D("78.75")
    # Alone it is the median, and nothing protects.
    assert index_price(quotes("50"), rule).value == 50


@given(
    prices=st.lists(PRICES, min_size=1, max_size=8), method=st.sampled_from(sorted(METHODS)),
    policy=st.sampled_from((UNPROTECTED, Zeroing(FIVE), Capping(FIVE), Capping(D(0)))),
)  # fmt: skip
@settings(max_examples=700, deadline=None)
def test_an_index_lies_between_its_prices_in_any_order(
    prices: list[Decimal], method: str, policy: Zeroing
) -> None:
    rule = IndexRule(method=method, protection=policy)
    named = [Quote(f"{k}", p, weight=D(k + 1), volume=D(k % 3)) for k, p in enumerate(prices)]
    found = index_price(named, rule)
    assert found.value is not None
    assert min(prices) - D("1e-40") <= found.value <= max(prices) + D("1e-40")
    again = index_price(named[::-1], rule)
    assert again[1:] == found[1:]
    assert again.value is not None and abs(again.value - found.value) < D("1e-40")
