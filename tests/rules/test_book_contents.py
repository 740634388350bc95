"""What the rulebook holds: values of the day, their certainty, and the words of a replay."""

from __future__ import annotations

import pickle
import re
from decimal import Decimal

import pytest

from liquest.clock import SECOND, parse_time
from liquest.errors import UsageError
from liquest.rules.book import Rules, book
from liquest.rules.book_rows import CERTAINTY, Row
from liquest.rules.tiers import tiers

THE_DAY = parse_time("2025-10-10T21:20:00Z")


@pytest.fixture(scope="module")
def rules() -> Rules:
    return book().at(THE_DAY)


CANONICAL = {
    "index": "method own_weight protection deviation stale sources missing",
    "mark": "formula window samples funding_rate band missing",
    "margin": "rate_factor inverse_rate",
    "liquidation": "fee band steps bankruptcy execution",
    "fund": "size",
    "adl": "score allocation price lot",
    "grace": "vip regular",
    "collateral.rate": "USDE BNSOL WBETH",
    "collateral.price": "USDE BNSOL WBETH",
    "portfolio": "liquidation",
    "halt": "trigger length",
    "feedback": "model depth half_life",
}
PATHS = [f"{head}.{tail}" for head, tails in CANONICAL.items() for tail in tails.split()]


@pytest.mark.parametrize("path", PATHS)
def test_every_rule_of_a_replay_has_a_value_on_the_day(rules: Rules, path: str) -> None:
    assert path in book().paths()
    for symbol in ("BTCUSDT", "ATOMUSDT", "IOTXUSDT", "BTCUSD_PERP", "BTCUSDT_251226"):
        found = rules.get(path, symbol)
        assert found.value is not None and found.certainty in CERTAINTY
        assert rules.override(path, found.text).get(path, symbol).value == found.value


WORDS = {
    "index.method": "weighted median volume-median trimmed own-only",
    "index.protection": "none zero cap",
    "index.sources": "all usd others",
    "index.missing": "hold stale missing",
    "mark.formula": "binance-perpetual binance-delivery index last last-protected hyperliquid ema "
    "twap",
    "mark.missing": "hold stale missing",
    "liquidation.steps": "partial full",
    "liquidation.bankruptcy": "zero-price whole-account",
    "liquidation.execution": "last mark",
    "fund.size": "unlimited",
    "adl.score": "binance-2025 binance-2019 bitmex bybit hyperliquid hyperliquid-sided",
    "adl.allocation": "queue pro-rata capped leverage min-max contract-lots",
    "adl.price": "bankruptcy mark previous-mark",
    "collateral.price.USDE": "venue onchain redemption floor:0.99",
    "feedback.model": "none linear sqrt",
    "index.own_weight": "book",
}


@pytest.mark.parametrize("path", WORDS)
def test_every_word_of_a_replay_may_be_set(rules: Rules, path: str) -> None:
    for word in WORDS[path].split():
        assert rules.override(path, word).get(path).text == word


def at(text: str, path: str, symbol: str = "", venue: str = "binance") -> Row:
    return book().at(parse_time(text), venue).get(path, symbol)


@pytest.mark.parametrize(
    ("moment", "window", "certainty"),
    [
        ("2024-04-03T06:00:00Z", 150, "relayed"),
        ("2025-05-04T23:59:59Z", 150, "relayed"),
        ("2025-05-05T12:00:00Z", 60, "claimed"),
        ("2025-09-18T08:00:59Z", 60, "claimed"),
        ("2025-09-18T08:01:00Z", 30, "relayed"),
        ("2025-10-10T21:20:00Z", 30, "relayed"),
    ],
)
def test_the_window_of_the_mark(moment: str, window: int, certainty: str) -> None:
    found = at(moment, "mark.window", "ATOMUSDT")
    assert (found.text, found.certainty) == (str(window), certainty)
    assert at(moment, "mark.samples").number == 30


def test_before_the_first_text_there_is_no_window() -> None:
    with pytest.raises(UsageError, match=r"no rule known for mark\.window before 2024-04-03T06:00"):
        at("2020-03-12T10:00:00Z", "mark.window")


def test_three_generations_of_protection() -> None:
    texts = [
        tuple(at(moment, f"index.{what}", "ATOMUSDT").text for what in
              ("protection", "deviation", "stale"))
        for moment in ("2021-01-01T00:00:00Z", "2024-07-01T00:00:00Z", "2025-10-10T21:20:00Z")
    ]  # fmt: skip
    assert texts == [("zero", "0.05", "10"), ("cap", "0.05", "10"), ("cap", "0.03", "300")]
    on_the_day = at("2025-10-10T21:20:00Z", "index.deviation", "ETHUSDT")
    assert (on_the_day.number, on_the_day.certainty) == (Decimal("0.01"), "unknown")
    assert on_the_day.span == (Decimal("0.01"), Decimal("0.05"))


def test_weights_of_the_index(rules: Rules) -> None:
    btc = rules.get("index.weights", "BTCUSDT")
    assert sum(btc.parts.values()) == 39 and btc.parts["binance"] == 20
    assert btc.certainty == "official"
    atom = rules.get("index.weights", "ATOMUSDT")
    assert (atom.parts["binance"], atom.certainty) == (Decimal("0.6"), "claimed")
    for coin in ("IOTX", "SOL", "XRP"):
        assert rules.get("index.weights", f"{coin}USDT").certainty == "unknown"
        assert rules.get("index.own_weight", coin).span


@pytest.mark.parametrize(
    ("path", "before", "after", "moment"),
    [
        ("collateral.price.WBETH", "venue", "redemption", "2025-10-11T00:00:00Z"),
        ("collateral.price.BNSOL", "venue", "redemption", "2025-10-11T00:00:00Z"),
        ("collateral.price.USDE", "venue", "floor:0.95", "2025-10-12T00:00:00Z"),
        ("collateral.rate.XPL", "0.1", "0.3", "2025-10-14T06:00:00Z"),
        ("collateral.rate.MASK", "0.4", "0.25", "2025-10-17T06:00:00Z"),
        ("campaign.usde_apr", "0.12", "0", "2025-10-23T00:00:00Z"),
        ("mark.delivery_average", "3600", "1800", "2024-11-11T08:00:00Z"),
        ("stream.liquidations", "all", "1", "2021-04-27T00:00:00Z"),
    ],
)
def test_what_changed_on_its_day(path: str, before: str, after: str, moment: str) -> None:
    turn = parse_time(moment)
    assert book().at(turn - SECOND).get(path).text == before
    assert book().at(turn).get(path).text == after


@pytest.mark.parametrize(
    ("path", "symbol", "venue", "value", "certainty"),
    [
        ("liquidation.fee", "BTCUSDT", "binance", "0.0125", "official"),
        ("liquidation.fee", "ATOMUSDT", "binance", "0.0175", "official"),
        ("liquidation.fee", "SOLUSDT", "binance", "0.015", "unknown"),
        ("order.band", "BTCUSDT", "binance", "0.05", "official"),
        ("order.band", "ATOMUSDT", "binance", "0.1", "official"),
        ("order.min_price", "ATOMUSDT", "binance", "0.251", "official"),
        ("contract.size", "BTCUSD_PERP", "binance", "100", "official"),
        ("contract.size", "ATOMUSD_PERP", "binance", "10", "official"),
        ("contract.size", "BTCUSD_251226", "binance", "100", "official"),
        ("adl.lot", "ATOMUSD_PERP", "binance", "1", "derived"),
        ("mark.formula", "BTCUSDT_251226", "binance", "binance-delivery", "official"),
        ("mark.formula", "BTCUSD_251226", "binance", "binance-delivery", "official"),
        ("mark.formula", "BTCUSDT", "binance", "binance-perpetual", "official"),
        ("mark.formula", "BTC", "hyperliquid", "hyperliquid", "official"),
        ("mark.window", "BTC", "hyperliquid", "150", "official"),
        ("index.direct_weight", "WBETHUSDT", "binance", "0.2", "relayed"),
        ("index.direct_weight", "BNSOL", "binance", "0.3", "relayed"),
        ("adl.price", "", "binance", "bankruptcy", "official"),
        ("adl.price", "", "okx", "mark", "official"),
        ("adl.price", "", "hyperliquid", "previous-mark", "official"),
        ("grace.vip", "", "binance", "0", "unknown"),
        ("loan.liquidation_ltv", "", "binance", "0.91", "claimed"),
        ("portfolio.liquidation", "", "binance", "1.05", "official"),
        ("collateral.rate.USDE", "", "binance", "0.925", "unknown"),
        ("fund.used", "", "binance", "188000000", "relayed"),
    ],
)
def test_a_value_of_the_day(path: str, symbol: str, venue: str, value: str, certainty: str) -> None:
    found = book().at(THE_DAY, venue).get(path, symbol)
    assert (found.text, found.certainty) == (value, certainty)


def test_the_old_tiers_keep_the_recursion(rules: Rules) -> None:
    value = rules.get("margin.tiers", "BTCUSDT").value
    assert isinstance(value, dict)
    caps, rates, cums = (value[key] for key in ("cap", "rate", "cum"))
    assert cums[0] == 0 and len(caps) == 6
    for k in range(1, len(caps)):
        assert cums[k] == cums[k - 1] + caps[k - 1] * (rates[k] - rates[k - 1])


def test_every_row_speaks_both_languages() -> None:
    for one in book().parameters.values():
        for text in (one.title, *(row.origin for row in one.rows)):
            assert text.en and re.search(r"[\u4e00-\u9fff]", text.zh), (one.path, text)
            assert not re.search(r"[\u4e00-\u9fff]", text.en), (one.path, text)
        for held in one.rows:
            assert held.certainty in CERTAINTY
            if isinstance(held.value, str) and one.domain.unit == "formula":
                # What stands in one language only is symbols, or the name of a file.
                words = set(re.findall(r"[a-z]{3,}", held.value))
                assert words <= {"min", "cum"} or held.value.endswith(".csv"), (one.path, words)


def test_a_row_as_a_replay_lists_it(rules: Rules) -> None:
    assert rules.get("mark.window").json() == {
        "path": "mark.window", "value": "30", "unit": "s", "from": "2025-09-18T08:01:00Z",
        "dating": "exact", "certainty": "relayed",
        "source": list(rules.get("mark.window").origin),
        "applies_to": {"venue": "binance"}, "range": [],
    }  # fmt: skip
    asked = rules.override("index.weights", "a=1,b=0.5").get("index.weights").json()
    assert (asked["value"], asked["from"], asked["certainty"]) == (
        {"a": "1", "b": "0.5"}, None, "asked",
    )  # fmt: skip
    assert rules.get("margin.tiers", "BTCUSDT").json()["value"]["cap"][0] == "50000"


def test_known_lists_what_get_gives(rules: Rules) -> None:
    made = rules.override("mark.window", "60s")
    for found in made.known("ATOMUSDT"):
        assert found == made.get(found.path, "ATOMUSDT")
    general = {r.path for r in made.known()}
    assert {r.path for r in made.known("ATOMUSDT")} <= general <= {*book().paths()}


def test_no_two_rows_hold_equally_for_any_contract() -> None:
    symbols = [
        *list(tiers())[::8],
        "BTCUSDT",
        "ETHUSDT",
        "BTCUSD_PERP",
        "ATOMUSD_PERP",
        "BTCUSD_251226",
        "WBETH",
        "BNSOL",
        "USDE",
    ]
    held = book().at(THE_DAY)
    for symbol in symbols:
        assert sum(1 for _ in held.known(symbol)) > 80, symbol


def test_rules_that_are_not_known_yet_are_named() -> None:
    early = book().at(parse_time("2020-03-12T10:00:00Z"))
    awaited = early.awaited()
    assert awaited["mark.window"] == parse_time("2024-04-03T06:00:00Z")
    assert "mark.window" not in early.override("mark.window", "150").awaited()
    assert "adl.formula.okx" not in awaited
    assert set(awaited).isdisjoint(r.path for r in early.known())


def test_rules_travel_between_processes(rules: Rules) -> None:
    made = rules.override("mark.window", "60")
    again = pickle.loads(pickle.dumps(made))
    assert again == made and again.get("mark.window").number == 60


def test_the_history_of_a_path() -> None:
    assert [r.number for r in book().history("mark.window", "binance")] == [150, 60, 30]
    assert [r.text for r in book().history("collateral.price.USDE")] == ["venue", "floor:0.95"]
    assert {"binance", "bybit", "okx", "bitmex", "hyperliquid"} == {*book().venues()}
