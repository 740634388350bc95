"""neutral: what the recorded basis did to a hedged leg, against a slow count by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from _asking import CASE, asked, embedded_case, survives

from _ticks import T0, Tick, lake_of, one, pick, small_lake, window
from liquest.clock import MINUTE, SECOND, clock_time, parse_time
from liquest.errors import CaseError
from liquest.findings import Finding, rounded
from liquest.problems import Problem
from liquest.replay.context import Context
from liquest.replay.questions import neutral
from liquest.rules.book import book
from liquest.run.executor import Threads
from liquest.tape.lake import Lake

FACTS = [CASE / "facts" / f"{name}.parquet" for name in ("seconds", "bars_minutes")]
AGE = 10
COINBASE = "coinbase:spot:DOT-USD"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("neutral"), FACTS)


@pytest.fixture(scope="module")
def answered(lake: Lake) -> tuple[list[Finding], list[Problem]]:
    return asked(neutral, lake)


@pytest.fixture(scope="module")
def found(answered: tuple[list[Finding], list[Problem]]) -> list[Finding]:
    return answered[0]


def closes(symbol: str, venue: str, duration: int = SECOND) -> dict[int, Fraction]:
    """Second of the main window → last close at most ten seconds old, straight from the file;
    a bar of a minute counts in its last second only."""
    core = embedded_case().main
    path = FACTS[0] if duration == SECOND else FACTS[1]
    rows = duckdb.execute(
        f"SELECT ts, close FROM read_parquet('{path}') WHERE symbol = '{symbol}' AND "
        f"venue = '{venue}' AND series = 'trade' AND ts >= {core.start - 2 * MINUTE} ORDER BY ts"
    ).fetchall()
    ends = {ts + duration: Fraction(close) for ts, close in rows}
    found = {}
    for second in range(core.start, core.end, SECOND):
        for age in range(AGE + 1 if duration == SECOND else 1):
            if (end := second + SECOND - age * SECOND) in ends:
                found[second] = ends[end]
                break
    return found


def decimal(value: Fraction) -> Decimal:
    return rounded(Decimal(value.numerator) / Decimal(value.denominator), 6)


@pytest.mark.parametrize(
    ("perpetual", "duration", "spot", "venue"),
    [
        ("DOTUSD_PERP", SECOND, "DOT-USD", "coinbase"),
        ("BCHUSD_PERP", SECOND, "BCH-USD", "coinbase"),
        ("TRXUSD_PERP", SECOND, "TRXUSDT", "binance"),
        ("BTCUSDT", MINUTE, "BTCUSD", "gemini"),
        ("SOLUSDT", MINUTE, "SOLUSD", "gemini"),
    ],
)
def test_a_pair_against_a_slow_count(
    found: list[Finding], perpetual: str, duration: int, spot: str, venue: str
) -> None:
    shorts = closes(perpetual, "binance", duration)
    coins = closes(spot, venue)
    both = sorted(set(shorts) & set(coins))
    start = both[0]
    inverse = perpetual.endswith("_PERP")

    def worth(closing: int, sale: int) -> Fraction:
        """1 of spot bought and sold short at the start; the short closed, the coins sold."""
        first, entry = coins[start], shorts[start]
        if inverse:
            won = entry / first * (1 / shorts[closing] - 1 / entry)  # coins of a short of F/S
            return (1 / first + won) * coins[sale]
        return (coins[sale] + entry - shorts[closing]) / first

    terms = {"instrument": perpetual, "against": f"{venue}:spot:{spot}"}
    effect = {second: worth(second, second) - 1 for second in both}
    low, high = (pick_(effect.values()) for pick_ in (min, max))
    for name, value in (("low", low), ("high", high)):
        one_ = one(found, f"replay.neutral.effect_{name}", **terms)
        assert one_.value == decimal(value)
        assert one_.at == next(s for s in both if effect[s] == value)
        assert one_.count == len(both)
    for below in pick(found, "replay.neutral.below", **terms):
        hedged, excess = (Fraction(below.subject[k]) for k in ("hedged", "excess"))
        assert below.value == sum(1 + excess + hedged * e < 1 for e in effect.values())
    fallen = next(s for s in both if shorts[s] <= Fraction("0.95") * shorts[start])
    late = [s for s in both if s >= fallen]
    # The whole search is quadratic: every 40th closing, and the pair that was named.
    some = late[::40]
    worst = min(worth(a, b) - 1 for a in some for b in late if b >= a)
    adl = one(found, "replay.neutral.adl_low", premium="0", **terms)
    assert isinstance(adl.value, Decimal) and adl.value <= decimal(worst)
    sold = parse_time(adl.params["sold_at"])
    assert adl.at is not None and adl.at in late and sold >= adl.at
    assert adl.value == decimal(worth(adl.at, sold) - 1)
    share = one(
        found, "replay.neutral.adl_share", premium="0", hedged="1", excess="0.01", **terms
    )  # fmt: skip
    kept, gone = worth(sold, sold), worth(adl.at, sold)
    exact = (kept + Fraction("0.01") - 1) / (kept - gone)
    assert share.value == decimal(exact)


def test_dot_in_numbers(found: list[Finding]) -> None:
    """The perpetual fell to a fifth of spot: a gain for whoever was short and not closed."""
    high = one(found, "replay.neutral.effect_high", instrument="DOTUSD_PERP", against=COINBASE)
    assert clock_time(high.at or 0, digits=0) == "21:20:47"
    assert high.value == Decimal("4.118215")
    assert high.params["basis"] == Decimal("-0.804933")
    low = one(found, "replay.neutral.effect_low", instrument="DOTUSD_PERP", against=COINBASE)
    assert low.value == Decimal("-0.001335")


def test_the_range_is_that_of_the_best_covered_pairs(found: list[Finding]) -> None:
    lows: dict[str, Finding] = {}
    for low in pick(found, "replay.neutral.effect_low"):
        key = low.subject["instrument"]
        if key not in lows or low.count > lows[key].count:
            lows[key] = low
    assert len(lows) == 11
    whole = one(found, "replay.neutral.range", coins="all", closed="0")
    assert whole.value == min(f.value for f in lows.values())  # type: ignore[type-var]
    majors = one(found, "replay.neutral.range", coins="majors", closed="0")
    assert majors.params["coins"] == ["BTC"]
    assert (majors.params["low"], majors.params["high"]) == (
        Decimal("-0.001222"), Decimal("0.034502"),
    )  # fmt: skip
    assert set(majors.params["findings"]) <= {f.id for f in found}


def test_break_even_points_follow_from_the_terms(found: list[Finding]) -> None:
    terms = {"hedged": "0.5", "excess": "0.01"}
    linear = one(found, "replay.neutral.break_even_basis", contract="linear", **terms)
    inverse = one(found, "replay.neutral.break_even_basis", contract="inverse", **terms)
    assert (linear.value, inverse.value) == (Decimal("0.02"), Decimal("0.020408"))
    assert one(found, "replay.neutral.break_even_fall", closed="0.25", **terms).value == Decimal(
        "0.08"
    )
    assert one(found, "replay.neutral.break_even_haircut", held="0.25", **terms).value == Decimal(
        "0.08"
    )


def test_what_is_not_on_record_is_named(
    answered: tuple[list[Finding], list[Problem]], tmp_path: Path
) -> None:
    found, problems = answered
    assert [p.code for p in problems] == ["reserves-unknown", "no-pair"]
    assert "ETH" in problems[1].text.zh and "储备" in problems[0].text.zh
    assert all("reserves-unknown" in f.caveats for f in found)
    btc = one(found, "replay.neutral.effect_low", instrument="BTCUSDT")
    assert {"bar-resolution", "mixed-quotes", "other-venue"} <= set(btc.caveats)
    trx = one(found, "replay.neutral.effect_low", instrument="TRXUSD_PERP")
    assert "other-venue" not in trx.caveats
    assert survives(found, tmp_path)


def pair(perpetual: list[Tick], spot: list[Tick]) -> dict[tuple[str, str], list[Tick]]:
    return {("binance-futures", "ATOMUSDT"): perpetual, ("coinbase", "ATOM-USD"): spot}


def test_a_linear_pair_by_hand(tmp_path: Path) -> None:
    perpetual = [Tick(0, "4"), Tick(5, "4.4"), Tick(10, "2"), Tick(15, "4")]
    spot = [Tick(0, "4"), Tick(5, "4"), Tick(10, "3"), Tick(15, "1"), Tick(20, "5")]
    lake = small_lake(tmp_path, pair(perpetual, spot))
    found, _ = asked(neutral, lake, window(0, 30), majors=[], max_age=30)
    low = one(found, "replay.neutral.effect_low")
    # Spot 1, perpetual 4: (1 + 4 − 4) / 4 − 1.
    assert (low.value, low.at) == (Decimal("-0.75"), T0 + 15 * SECOND)
    high = one(found, "replay.neutral.effect_high")
    assert (high.value, high.at) == (Decimal("0.25"), T0 + 10 * SECOND)
    gain = one(found, "replay.neutral.gain_high")
    assert (gain.value, gain.at) == (Decimal("0.5"), T0 + 10 * SECOND)
    adl = one(found, "replay.neutral.adl_low", premium="0")
    # Only from the first fall on: closed at 4 at 15 s, sold at 1 in the same second.
    assert (adl.value, adl.at) == (Decimal("-0.75"), T0 + 15 * SECOND)
    best = one(found, "replay.neutral.adl_high", premium="0")
    # Closed at 2 at 10 s, sold at 5 at 20 s.
    assert (best.value, best.at) == (Decimal("0.75"), T0 + 10 * SECOND)
    assert best.params["sold_at"] == "2025-10-10T21:20:20.000000Z"
    assert one(found, "replay.neutral.below", hedged="1", excess="0.02").value == 10


def test_a_perpetual_that_never_fell_was_never_closed(tmp_path: Path) -> None:
    flat = [Tick(s, "4") for s in range(20)]
    found, _ = asked(neutral, small_lake(tmp_path, pair(flat, flat)), window(0, 20), majors=[])
    adl = one(found, "replay.neutral.adl_low", premium="0")
    assert adl.value is None and "not-reached" in adl.caveats
    assert one(found, "replay.neutral.effect_low").value == 0
    assert pick(found, "replay.neutral.adl_share") == []
    # A range needs a leg that was closed.
    assert [f.subject["closed"] for f in pick(found, "replay.neutral.range")] == ["0"]


def test_prices_that_never_meet_give_no_number(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        pair([Tick(s, "4") for s in range(0, 40, 20)], [Tick(s, "4") for s in range(10, 50, 20)]),
    )
    found, problems = asked(neutral, lake, window(0, 40), max_age=0, majors=["ATOM"])
    assert pick(found, "replay.neutral.effect_low") == []
    assert [p.code for p in problems] == ["reserves-unknown", "no-pair"]


def test_every_executor_gives_the_same(tmp_path: Path) -> None:
    flat = [Tick(s, "4") for s in range(20)]
    lake = small_lake(tmp_path, pair(flat, flat))
    first, _ = asked(neutral, lake, window(0, 20))
    context = Context.of(embedded_case(), lake, book(), Threads(2), window=window(0, 20))
    again, _ = neutral.ask(context.asked(dict(neutral.DEFAULTS)))
    assert [f.json() for f in first] == [f.json() for f in again]


@pytest.mark.parametrize(
    "wrong",
    [{"hedged": ["0"]}, {"excess": ["-1"]}, {"closed": ["2"]}, {"max_age": -1}, {"majors": [1]}],
)
def test_a_parameter_that_is_none_is_refused(lake: Lake, wrong: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        asked(neutral, lake, **wrong)
