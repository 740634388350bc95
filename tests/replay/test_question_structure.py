"""structure: what large and small margins lost in the event, against a slow count by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pytest
from _asking import CASE, asked, embedded_case, survives

from _ticks import Tick, lake_of, one, pick, small_lake, window
from liquest.clock import SECOND, clock_time
from liquest.errors import CaseError, UsageError
from liquest.findings import Finding, rounded
from liquest.problems import Problem
from liquest.replay.context import Context
from liquest.replay.questions import structure
from liquest.replay.questions._structures import held_on
from liquest.rules.book import book
from liquest.rules.structure import Costs, follow, maintenance
from liquest.rules.tiers import tiers
from liquest.run.executor import Inline, Threads
from liquest.tape.lake import Lake

SECONDS = CASE / "facts" / "seconds.parquet"
PATHS = 40
FEE = Fraction("0.0005")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("structure"), [SECONDS])


@pytest.fixture(scope="module")
def answered(lake: Lake) -> tuple[list[Finding], list[Problem]]:
    return asked(structure, lake, paths=PATHS)


@pytest.fixture(scope="module")
def found(answered: tuple[list[Finding], list[Problem]]) -> list[Finding]:
    return answered[0]


class Close(NamedTuple):
    """The last trade known at the end of a second."""

    second: int
    price: Fraction


def closes(symbol: str) -> list[Close]:
    """The path of an instrument over the main window, straight from the file."""
    core = embedded_case().main
    rows = duckdb.execute(
        f"SELECT ts, close FROM read_parquet('{SECONDS}') WHERE symbol = '{symbol}' "
        f"AND ts < {core.end} ORDER BY ts"
    ).fetchall()
    known = {ts: Fraction(close) for ts, close in rows}
    last = next(Fraction(close) for ts, close in reversed(rows) if ts < core.start)
    path = []
    for second in range(core.start, core.end, SECOND):
        last = known.get(second, last)
        path.append(Close(second, last))
    return path


class Lost(NamedTuple):
    """A slow count: loss in exposures and the second of the liquidation."""

    loss: Fraction
    at: int | None


def maintained(coin: str, value: Fraction) -> Fraction:
    """Of an exposure of 10,000: the highest of the tiers' lines, as they form a convex curve."""
    ladder = tiers()[f"{coin}USDT"]
    lines = zip(ladder.rates, ladder.cums, strict=True)
    return max(Fraction(rate) * value - Fraction(cum) / 10_000 for rate, cum in lines)


def slow(path: list[Close], margin: Fraction, coin: str, clearance: Fraction) -> Lost:
    """Margin behind an exposure of 1, liquidated on the last trade."""
    entry = path[0].price
    for second, price in path[1:]:
        value = price / entry
        left = margin + value - 1
        if left < maintained(coin, value):
            back = max(Fraction(0), left - min(clearance * value, max(left, Fraction(0))))
            return Lost(margin - back + FEE, second)
    return Lost(1 - path[-1].price / entry + FEE, None)


@pytest.mark.parametrize(
    ("symbol", "coin", "fee"),
    [
        ("ATOMUSD_PERP", "ATOM", "0.0175"),
        ("DOTUSD_PERP", "DOT", "0.015"),
        ("BCHUSD_PERP", "BCH", "0.015"),
        ("BTCUSD", "BTC", "0.0125"),
        ("SOLUSD", "SOL", "0.015"),
        ("SKYUSDT", "SKY", "0.015"),
    ],
)
def test_losses_against_a_slow_count(
    found: list[Finding], symbol: str, coin: str, fee: str
) -> None:
    path = closes(symbol)
    for leverage, mode, margin in (
        ("20", "isolated", Fraction(1, 20)), ("5", "isolated", Fraction(1, 5)),
        ("2", "cross", Fraction(1, 2) - FEE),
    ):  # fmt: skip
        loss = one(
            found, "replay.structure.loss", coin=coin, trigger="last", leverage=leverage,
            mode=mode, stop="none", again="none",
        )  # fmt: skip
        expected = slow(path, margin, coin, Fraction(fee))
        assert loss.value == rounded(_decimal(expected.loss), 6)
        assert loss.at == expected.at
        assert loss.count == len(path) == 1800
        assert loss.params["liquidations"] == (expected.at is not None)


def test_atom_in_numbers(found: list[Finding]) -> None:
    """The large margin went whole; the small one lost a tenth of that, six minutes earlier."""
    terms = {"coin": "ATOM", "trigger": "last", "stop": "none", "again": "none"}
    large = one(found, "replay.structure.loss", leverage="2", **terms)
    small = one(found, "replay.structure.loss", leverage="20", **terms)
    assert (large.value, clock_time(large.at or 0, digits=0)) == (Decimal("0.5"), "21:18:50")
    assert (small.value, clock_time(small.at or 0, digits=0)) == (Decimal("0.0505"), "21:13:11")
    saved = one(
        found, "replay.structure.saved", coin="ATOM", trigger="last", leverage="20",
        again="none", against="large",
    )  # fmt: skip
    assert saved.value == Decimal("0.4495")
    assert one(
        found, "replay.structure.pays_for", coin="ATOM", trigger="last", leverage="20"
    ).value == Decimal("8.99")


def test_bitcoin_came_back_and_the_advice_cost(found: list[Finding]) -> None:
    large = one(found, "replay.structure.loss", coin="BTC", leverage="2")
    assert large.at is None and large.params["held"] is True
    saved = pick(found, "replay.structure.saved", coin="BTC", leverage="20", again="none")
    against = {f.subject["against"]: f.value for f in saved}
    assert isinstance(against["large"], Decimal) and against["large"] < 0
    # A stop at the same distance slipped by more than the clearance fee.
    assert isinstance(against["large, stop"], Decimal) and against["large, stop"] > 0


def test_for_how_many_coins_the_advice_holds(found: list[Finding]) -> None:
    for holds in pick(found, "replay.structure.holds"):
        yes, no = holds.params["coins"], holds.params["not"]
        assert holds.value == len(yes) and holds.count == len(yes) + len(no) == 14
        for coin in (*yes, *no):
            mine = pick(
                found, "replay.structure.saved", coin=coin, against="large",
                leverage=holds.subject["leverage"], again=holds.subject["again"],
            )  # fmt: skip
            first = sorted(mine, key=lambda f: f.subject["trigger"] != "mark")[0]
            assert isinstance(first.value, Decimal)
            assert (first.value > 0) == (coin in yes)
    plain = one(found, "replay.structure.holds", leverage="20", again="none")
    assert {"BTC", "ETH", "TRX", "XRP"} == set(plain.params["not"])


def test_the_isolated_loss_is_bounded_on_every_path(found: list[Finding]) -> None:
    losses = pick(found, "replay.structure.loss", mode="isolated", again="none")
    assert len(losses) == 22 * 2
    for loss in losses:
        bound = 1 / Decimal(loss.subject["leverage"]) + Decimal("0.0005")
        assert isinstance(loss.value, Decimal) and loss.value <= bound


def test_ways_on_the_mark_against_the_exact_form(lake: Lake, found: list[Finding]) -> None:
    """The doubles of the replayed mark, followed in decimals."""
    context = Context.of(embedded_case(), lake, book(), Inline())
    path = next(p for p in held_on(context, 60) if (p.coin, p.trigger) == ("ATOM", "mark"))
    core = embedded_case().main
    marks, trades = (
        [None if np.isnan(x) else Decimal(float(x)) for x in row]
        for row in path.within(core.start, core.end)
    )
    terms = structure.Terms.of({**structure.DEFAULTS, "paths": 1})
    costs = Costs(Decimal("0.0005"), Decimal("0.0175"), 1)
    rule = maintenance(tiers()["ATOMUSDT"], Decimal(10_000))
    for way in terms.ways:
        exact = follow(marks, trades, way.structure, rule, costs)
        loss = one(found, "replay.structure.loss", coin="ATOM", trigger="mark", **way.words)
        assert loss.value == rounded(exact.loss(way.structure.capital), 6)
        assert loss.params["entries"] == exact.entries
        assert loss.params["shortfall"] == rounded(exact.shortfall, 6)
        at = None if exact.first is None else core.start + exact.first * SECOND
        assert loss.at == at


def test_probabilities_are_shares_of_the_paths(found: list[Finding]) -> None:
    shares = pick(found, "replay.structure.probability")
    assert len(shares) == 14 * 2 * 9
    for share in shares:
        value = share.value
        assert isinstance(value, Decimal) and 0 <= value <= 1
        assert (value * PATHS) % 1 == 0 and share.count == PATHS
        given = one(found, "replay.structure.loss_given", **share.subject)
        assert given.count == value * PATHS and (given.value is None) == (value == 0)
    # Nearer margins are hit more often, path by path.
    for coin in ("ATOM", "BTC"):
        for stretch in ("event", "before"):
            terms = {"coin": coin, "stretch": stretch, "stop": "none", "again": "none"}
            near, far = (
                one(found, "replay.structure.probability", leverage=x, mode="isolated", **terms)
                for x in ("20", "5")
            )
            assert near.value >= far.value  # type: ignore[operator]


def test_inputs_caveats_and_the_way_back_from_a_file(
    answered: tuple[list[Finding], list[Problem]], tmp_path: Path
) -> None:
    found, problems = answered
    assert {p.code for p in problems} <= {"fragment"}
    assert all(f.inputs for f in found)
    mark = pick(found, "replay.structure.loss", trigger="mark")
    assert all({"exogenous", "index-weights-unknown"} <= set(f.caveats) for f in mark)
    assert survives(found, tmp_path)


def falling(coin: str = "ATOM") -> dict[tuple[str, str], list[Tick]]:
    """Calm for a minute before the window, then a fall by half and back."""
    prices = ["4"] * 70 + ["3.9", "3.7", "3", "2", "3", "3.9"] + ["4"] * 20
    return {("coinbase", f"{coin}-USD"): [Tick(s - 70, p) for s, p in enumerate(prices)]}


SMALL: dict[str, Any] = {"paths": 5, "block": 5, "horizon": 20}
SPAN = window(-60, 20)
SHORT = replace(embedded_case(), windows={"crash": window(0, 20, "crash"), "all": SPAN})


def test_the_seed_and_the_executor_change_nothing_but_the_seed(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, falling())
    first, _ = asked(structure, lake, case=SHORT, **SMALL)
    context = Context.of(SHORT, lake, book(), Threads(2))
    again, _ = structure.ask(context.asked({**structure.DEFAULTS, **SMALL}))
    assert [f.json() for f in first] == [f.json() for f in again]
    other, _ = asked(structure, lake, case=SHORT, **SMALL, seed=1)
    means = [pick(f, "replay.structure.expected_loss", stretch="event") for f in (first, other)]
    assert [f.value for f in means[0]] != [f.value for f in means[1]]


def test_a_stretch_without_data_is_named(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, falling())
    _, problems = asked(structure, lake, window(0, 20), SHORT, **SMALL)
    assert [p.code for p in problems] == ["no-stretch"]
    assert "before" in problems[0].text.zh
    _, problems = asked(structure, lake, case=SHORT, leverages=["100"], **SMALL)
    assert "leverage-too-high" in {p.code for p in problems}


def test_no_path_is_a_problem(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, falling("USDC"))
    found, problems = asked(structure, lake, case=SHORT, **SMALL)
    assert found == [] and [p.code for p in problems] == ["no-price"]


def test_an_unknown_coin_takes_the_assumed_rate(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, falling("NOSUCH"))
    found, _ = asked(structure, lake, case=SHORT, **SMALL)
    assert all("tiers-assumed" in f.caveats for f in found)


@pytest.mark.parametrize("wrong", [{"side": "up"}, {"leverages": ["1"]}])
def test_a_way_that_cannot_be_is_refused(lake: Lake, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="no exposure is held"):
        asked(structure, lake, **wrong)


@pytest.mark.parametrize("wrong", [{"capital": "x"}, {"paths": 0}, {"taker": "0.9"}])
def test_a_parameter_that_is_none_is_refused(lake: Lake, wrong: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        asked(structure, lake, **wrong)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
