"""The rulebook: dated look-up, the most specific row, settings, changes between moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import DAY, parse_time
from liquest.errors import CaseError, Text, UsageError
from liquest.rules.book import Rulebook, Rules, book
from liquest.rules.book_rows import Parameter, Row, Scope, subject
from liquest.rules.book_units import Domain
from liquest.rules.overrides import nearest, parse

THE_DAY = parse_time("2025-10-10T21:20:00Z")
ALL = Scope()
HEAD = Text("t", "题")
ORIGIN = Text("a text", "文本")


def row(value: int, begins: int | None, scope: Scope = ALL, path: str = "a.b") -> Row:
    dating = "undated" if begins is None else "exact"
    return Row(path, Decimal(value), "s", begins, "official", ORIGIN, dating, scope)


def rulebook(*rows: Row, path: str = "a.b", words: tuple[str, ...] = ()) -> Rulebook:
    return Rulebook({path: Parameter(path, HEAD, Domain("s", words), tuple(rows))})


@pytest.fixture(scope="module")
def rules() -> Rules:
    return book().at(THE_DAY)


# Dated look-up.

MOMENTS = st.integers(min_value=0, max_value=50)


@given(st.sets(MOMENTS, min_size=1, max_size=12), st.booleans(), MOMENTS)
@settings(max_examples=500)
def test_at_is_the_last_row_not_after_the_moment(
    begins: set[int], undated: bool, moment: int
) -> None:
    rows = [row(t, t) for t in sorted(begins)]
    if undated:
        rows.insert(0, row(99, None))
    held = rulebook(*rows).at(moment)
    before = [t for t in begins if t <= moment]
    if before:
        assert held.get("a.b").number == max(before)
    elif undated:
        assert held.get("a.b").number == 99
    else:
        with pytest.raises(UsageError, match=r"no rule known for a\.b before 1970-01-01"):
            held.get("a.b")


SCOPES = (
    Scope(),
    Scope(venue="binance"),
    Scope(kind="linear-perpetual"),
    Scope(venue="binance", kind="linear-perpetual"),
    Scope(coin="BTC"),
    Scope(venue="binance", coin="BTC"),
    Scope(symbol="BTC*"),
    Scope(symbol="BTCUSD*"),
    Scope(symbol="BTCUSDT"),
    Scope(venue="binance", symbol="BTCUSDT"),
)
"""From the most general to the most specific; the first of each kind of BTCUSDT at binance."""
OTHER = (Scope(venue="okx"), Scope(coin="ETH"), Scope(kind="inverse-*"), Scope(symbol="ETHUSDT"))


@given(
    st.dictionaries(
        st.sampled_from((*SCOPES, *OTHER)),
        st.sets(MOMENTS, min_size=1, max_size=3),
        min_size=1,
    ),
    MOMENTS,
)
@settings(max_examples=500)
def test_the_most_specific_row_in_force_wins(held: dict[Scope, set[int]], moment: int) -> None:
    rows = [row(t, t, scope) for scope, begins in held.items() for t in sorted(begins)]
    rules = rulebook(*rows).at(moment)
    in_force = [s for s in SCOPES if s in held and min(held[s]) <= moment]
    if not in_force:
        with pytest.raises(UsageError, match="no rule known"):
            rules.get("a.b", "BTCUSDT")
        return
    found = rules.get("a.b", "BTCUSDT")
    assert found.scope == in_force[-1]
    assert found.begins == max(t for t in held[found.scope] if t <= moment)


def test_two_rows_that_hold_equally_are_named() -> None:
    held = rulebook(row(1, 0, Scope(symbol="BTC*")), row(2, 0, Scope(symbol="*SDT"))).at(1)
    with pytest.raises(CaseError, match=r"two rows of a\.b hold equally for BTCUSDT: BTC\* and"):
        held.get("a.b", "BTCUSDT")
    assert held.get("a.b", "BTCUSD_PERP").number == 1


def test_no_rule_at_the_venue_is_another_error_than_none_yet() -> None:
    held = rulebook(row(1, 5 * DAY, Scope(venue="binance")))
    with pytest.raises(UsageError) as caught:
        held.at(4 * DAY).get("a.b")
    assert caught.value.what.en == "no rule known for a.b before 1970-01-06T00:00:00Z"
    assert "1970-01-06T00:00:00Z 之前没有已知规则" in caught.value.what.zh
    with pytest.raises(UsageError, match=r"no rule known for a\.b at okx for BTCUSDT"):
        held.at(9 * DAY, "okx").get("a.b", "BTCUSDT")


@pytest.mark.parametrize(
    ("venue", "symbol", "kind", "coins"),
    [
        ("binance", "ATOMUSDT", "linear-perpetual", ("ATOMUSDT", "ATOM")),
        ("binance", "BTCUSD_PERP", "inverse-perpetual", ("BTCUSD_PERP", "BTC")),
        ("binance", "BTCUSD_251226", "inverse-delivery", ("BTCUSD_251226", "BTC")),
        ("binance", "BTCUSDT_251226", "delivery", ("BTCUSDT_251226", "BTC")),
        ("binance", "WBETH", "linear-perpetual", ("WBETH", "WB")),
        ("binance", "WBETHUSDT", "linear-perpetual", ("WBETHUSDT", "WBETH")),
        ("bybit", "BTCUSD", "inverse-perpetual", ("BTCUSD", "BTC")),
        ("okx", "BTC-USDT-SWAP", "linear-perpetual", ("BTC-USDT-SWAP", "BTC")),
        ("binance", "1000PEPEUSDT", "linear-perpetual", ("1000PEPEUSDT", "PEPE")),
        ("binance", "", "", ()),
    ],
)
def test_a_symbol_says_kind_and_coin(
    venue: str, symbol: str, kind: str, coins: tuple[str, ...]
) -> None:
    found = subject(venue, symbol)
    assert (found.kind, found.coins) == (kind, coins)


def test_a_kind_may_be_given(rules: Rules) -> None:
    assert rules.get("index.stale", "BTCUSDT").number == 300
    assert rules.get("index.stale", "BTCUSDT", kind="margin").number == 10
    with pytest.raises(UsageError, match="no kind is 'futures'"):
        Scope(kind="futures")


# Rows and parameters that cannot be.


@pytest.mark.parametrize(
    ("begins", "message"),
    [([3, 2], "not later"), ([3, 3], "not later"), ([None, None], "not later"),
     ([3, None], "not later"), ([], "no rows")],
)  # fmt: skip
def test_rows_are_sorted_and_one_a_moment(begins: Sequence[int | None], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        rulebook(*(row(1, t) for t in begins))


def test_one_moment_may_serve_several_scopes() -> None:
    held = rulebook(row(1, 3), row(2, 3, Scope(coin="BTC")))
    assert held.at(3).get("a.b").number == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"certainty": "sure"}, "no certainty"),
        ({"certainty": "unknown"}, "needs a range"),
        ({"value": None}, "has no value"),
        ({"dating": "undated"}, "does not go with"),
        ({"dating": "about"}, "does not go with"),
        ({"begins": None}, "does not go with"),
        ({"origin": Text("", "文本")}, "names no source"),
        ({"origin": Text("a", "")}, "names no source"),
        ({"span": (Decimal(2), Decimal(1))}, "lowest first"),
        ({"span": (Decimal(6), Decimal(9))}, "value between"),
        ({"span": (Decimal(1),)}, "two numbers"),
        ({"span": ("a", Decimal(1))}, "two numbers"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be(change: dict[str, object], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        replace(row(5, 0), **change)  # type: ignore[arg-type]


def test_a_word_lies_in_its_range() -> None:
    with pytest.raises(CaseError, match="not in its range"):
        Row("a.b", "x", "word", 0, "unknown", ORIGIN, span=("y", "z"))


def test_a_family_names_its_coins() -> None:
    with pytest.raises(CaseError, match="names no coin"):
        Parameter("a.*", HEAD, Domain("s"), (row(1, 0, path="a.*"),))


def test_a_value_of_another_kind_is_not_given() -> None:
    held = replace(row(5, 0), value="unlimited")
    with pytest.raises(UsageError, match=r"a\.b is 'unlimited', which is no number"):
        _ = held.number
    assert (held.text, row(5, 0).text) == ("unlimited", "5")
    unknown = Row("a.b", None, "s", 0, "unknown", ORIGIN, span=(Decimal(1), Decimal(9)))
    for kind in ("number", "text", "flag", "parts"):
        with pytest.raises(UsageError) as caught:
            getattr(unknown, kind)
        assert caught.value.what.en == "a.b is not known"
        assert caught.value.remedy is not None and "1 s – 9 s" in caught.value.remedy.en
    with pytest.raises(UsageError, match="no flag"):
        _ = held.flag
    with pytest.raises(UsageError, match="no table of parts"):
        _ = held.parts


# Settings.


def test_a_setting_wins_for_every_symbol_and_says_so(rules: Rules) -> None:
    made = rules.override("liquidation.fee", "2 %")
    for symbol in ("", "BTCUSDT", "ATOMUSDT"):
        found = made.get("liquidation.fee", symbol)
        assert (found.number, found.certainty) == (Decimal("0.02"), "asked")
        assert found.source == "set for the question asked" and found.origin.zh
    assert rules.get("liquidation.fee", "BTCUSDT").number == Decimal("0.0125")


def test_settings_may_come_with_the_moment() -> None:
    made = book().at(THE_DAY, overrides={"mark.window": "2.5min", "fund.size": "188M"})
    assert made.get("mark.window").number == 150
    assert made.get("fund.size").number == 188_000_000
    assert book().at(THE_DAY, overrides={"fund.size": "unlimited"}).get("fund.size").text == (
        "unlimited"
    )


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("mark.windw", "mark.window"), ("window", "mark.window"), ("Mark.Window", "mark.window"),
     ("collateral.rate.USDe", "collateral.rate.USDE"), ("adl.scores", "adl.score"),
     ("grace", "grace.vip"), ("", ""), ("collateral.rate.*.x", "collateral.rate")],
)  # fmt: skip
def test_an_unknown_path_names_the_nearest(rules: Rules, wrong: str, near: str) -> None:
    for call in (rules.get, lambda path: rules.override(path, "1")):
        with pytest.raises(UsageError) as caught:
            call(wrong)
        error = caught.value
        assert f"there is no rule '{wrong}'" in error.what.en
        assert error.remedy is not None and near in error.remedy.en and near in error.remedy.zh


def test_an_asset_of_a_family_may_be_set_though_it_has_no_row(rules: Rules) -> None:
    made = rules.override("collateral.rate.DOGE", "50%")
    assert made.get("collateral.rate.DOGE").number == Decimal("0.5")
    assert made.get("collateral.rate.USDE").number == Decimal("0.925")
    with pytest.raises(UsageError, match=r"collateral\.rate\.DOGE is not known"):
        _ = rules.get("collateral.rate.DOGE").number
    assert rules.get("collateral.price.DOGE").text == "venue"


def test_settings_are_read_from_pairs() -> None:
    assert parse(["mark.window = 150s", "index.weights=a=1,b=2"]) == {
        "mark.window": "150s",
        "index.weights": "a=1,b=2",
    }
    for wrong in (["mark.window"], ["=1"], ["a="], ["a=1", "a=2"]):
        with pytest.raises(UsageError) as caught:
            parse(wrong)
        assert caught.value.remedy is not None


def test_nearest_names_one_at_least() -> None:
    assert nearest("zzzz", ["mark.window", "adl.score"])
    assert nearest("zzzz", []) == []


# Changes between moments.


@given(st.lists(MOMENTS, min_size=3, max_size=3))
@settings(max_examples=500)
def test_changes_add_up(moments: list[int]) -> None:
    held = rulebook(
        *(row(t, t) for t in (5, 20, 40)), *(row(t, t, Scope(coin="BTC")) for t in (0, 30))
    )
    a, b, c = sorted(moments)
    whole = {(one.path, one.scope) for one in held.diff(a, c)}
    parts = {(one.path, one.scope) for pair in ((a, b), (b, c)) for one in held.diff(*pair)}
    # Rows never return, so nothing that changed on the way is undone at its end.
    assert whole == parts
    assert held.diff(a, a) == ()
    for one in held.diff(a, c):
        assert one.before is not one.after and one.after is not None


def test_what_changed_before_the_event() -> None:
    found = book().diff(parse_time("2025-09-18T08:00:00Z"), parse_time("2025-09-18T08:01:00Z"))
    assert [one.path for one in found] == ["funding.formula", "mark.samples", "mark.window"]
    window = found[-1]
    assert window.before is not None and window.after is not None
    assert (window.before.text, window.after.text) == ("60", "30")
    assert (window.before.certainty, window.after.certainty) == ("claimed", "relayed")
    assert book().diff(THE_DAY, THE_DAY, "okx") == ()
