"""Questions about index and mark: lows, leverages that live, ranges, the published minute."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from _replayed import COINBASE, KRAKEN, OWN, PERP, context_of, flat, lake_with, path

from _cases import CASE
from _ticks import T0, lake_of
from liquest.case import read_case
from liquest.clock import SECOND
from liquest.errors import UsageError
from liquest.findings import Finding
from liquest.replay.context import Context
from liquest.replay.positions_given import given_account
from liquest.replay.questions import (
    deviation,
    own_weight,
    published,
    question,
    questions,
    venues,
    window,
)
from liquest.replay.questions._lows import TEXTS, WEIGHTS, long_leverage, lows
from liquest.replay.scenario import Scenario
from liquest.replay.stage import answer
from liquest.replay.survive import survive
from liquest.rules.book import book
from liquest.rules.tiers import tiers
from liquest.run.executor import Inline, Threads
from liquest.run.progress import Silent

FALL = ["2"] * 100 + ["1"] * 60 + ["2"] * 40


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """The venue falls by half for a minute; the others stand."""
    lake = lake_with(tmp_path, {
        PERP: path(*FALL), OWN: path(*FALL), COINBASE: flat("2", 200), KRAKEN: flat("2", 200),
    })  # fmt: skip
    return context_of(lake, 200)


def of(found: list[Finding], name: str) -> Mapping[str, Any]:
    return {str(f.params["scenario"]): f for f in found if f.name == name}


def test_a_longer_window_lifts_the_low_by_what_it_averages(context: Context) -> None:
    found, problems = window.ask(context.asked(window.DEFAULTS))
    assert problems == []
    low = of(found, "replay.window.mark_low")
    short, middle, long = (low[f"mark.window={w}"] for w in ("30", "60", "150"))
    assert short.value <= middle.value <= long.value and short.value == 1
    assert short.at == T0 + 100 * SECOND or short.at > T0 + 100 * SECOND
    assert {"low", "high", "over", "rules"} <= set(long.params)
    assert long.params["over"] == {
        "index.own_weight": list(WEIGHTS), "index.protection_text": list(TEXTS),
    }  # fmt: skip
    assert long.params["low"] <= long.value <= long.params["high"]
    assert "index-weights-unknown" in long.caveats and "exogenous" in long.caveats


def test_the_index_alone_of_usd_venues_never_falls(context: Context) -> None:
    found, _ = venues.ask(context.asked(venues.DEFAULTS))
    low = of(found, "replay.venues.mark_low")
    assert low["index.sources=usd mark.formula=index"].value == 2
    assert low["index.sources=usd mark.formula=binance-perpetual"].value < 2
    leverage = of(found, "replay.venues.long_leverage")["index.sources=usd mark.formula=index"]
    assert leverage.value is not None and leverage.value > 50


def test_a_contract_that_no_venue_is_left_for_is_named_not_dropped(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: path(*FALL), OWN: path(*FALL)})
    found, problems = venues.ask(context_of(lake, 200).asked(venues.DEFAULTS))
    silent = [p for p in problems if p.code == "no-live-source"]
    # With the mark of the day the last price stands in (mark.missing); the index alone has none.
    assert [p.text.en.split()[1:3] for p in silent] == [
        ["index.sources=others", "mark.formula=index"], ["index.sources=usd", "mark.formula=index"],
    ]  # fmt: skip
    assert all("XRPUSDT" in p.sample and p.text.zh for p in silent)
    assert len(of(found, "replay.venues.mark_low")) == 4


def test_own_weight_has_no_range_over_itself(context: Context) -> None:
    found, _ = own_weight.ask(context.asked(own_weight.DEFAULTS))
    assert len(found) == 2 * len(WEIGHTS)
    assert all("index.own_weight" not in f.params.get("over", {}) for f in found)
    found, _ = deviation.ask(context.asked(deviation.DEFAULTS))
    assert all(set(f.params["over"]) == {"index.own_weight"} for f in found)


def test_the_leverage_that_lives_is_the_one_that_survives(context: Context) -> None:
    scenario = Scenario({"mark.window": "150"})
    (low,) = lows(context.marked(scenario), context.core)
    found = long_leverage(low, tiers()["XRPUSDT"].rates[0])
    assert found is not None
    outcomes = []
    for leverage in (found, found + Decimal("0.01")):
        margin = (2000 / leverage).quantize(Decimal("0.000001"))
        (one,) = survive(
            context,
            given_account(
                [f"symbol=XRPUSDT side=long quantity=1000 entry=2 margin={margin}"], tiers(), []
            ),
            [scenario],
        )
        outcomes.append(one.alive)
    assert outcomes == [True, False]


def test_the_published_minute_tells_the_windows_apart(tmp_path: Path) -> None:
    minutes = [str(2 - 0.002 * k) for k in range(180)]
    header = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n"
    )

    def bars(open_: float, low: float, close: float) -> str:
        at = (T0 + 120 * SECOND) // 1000
        return header + f"{at},{open_},{open_},{low},{close},0,{at + 59999},0,60,0,0,0\n"

    trades = {PERP: path(*minutes), OWN: flat("2", 180), COINBASE: flat("2", 180)}
    lake = lake_with(tmp_path / "a", trades)
    (mark,) = context_of(lake, 180).marked(Scenario({"mark.window": "150"}))
    minute = mark.mark[120:180]
    lake = lake_with(tmp_path / "b", trades, {
        "data/futures/um/daily/markPriceKlines/XRPUSDT/1m/XRPUSDT-1m-2025-10-10.csv":
            bars(minute[0], minute.min(), minute[-1]),
    })  # fmt: skip
    found, _ = published.ask(context_of(lake, 180).asked(published.DEFAULTS))
    close = of(found, "replay.published.close")
    assert set(close) == {"mark.window=30", "mark.window=60", "mark.window=150",
                          "mark.formula=index"}  # fmt: skip
    assert close["mark.window=150"].value < Decimal("0.00001")
    assert close["mark.window=30"].value > close["mark.window=60"].value > Decimal("0.0001")


def test_every_question_says_in_both_languages_what_it_answers() -> None:
    assert {"window", "own_weight", "deviation", "venues", "published"} <= set(questions())
    for name, one in questions().items():
        assert one.METHODS and name == one.NAME
        for method in one.METHODS:
            assert method.name.startswith(f"replay.{name}.")
            assert method.title.zh != method.title.en and method.definition.zh
    with pytest.raises(UsageError, match="window"):
        question("windows")


def test_answers_are_kept_and_made_again_when_a_parameter_changes(tmp_path: Path) -> None:
    ticks = {PERP: path(*FALL), COINBASE: flat("2", 200)}
    lake = lake_with(tmp_path / "lake", ticks)
    folder = tmp_path / "case"
    folder.mkdir()
    text = CASE.replace("21:10:00", "21:20:00").replace("21:40:00", "21:23:00")
    (folder / "case.toml").write_text(text)

    def run() -> tuple[bool, int]:
        done = answer(read_case(folder), lake, folder / "out", Inline(), Silent(), ["window"])
        return done.fresh, done.count

    assert run() == (True, 6)
    assert run() == (False, 6)
    (folder / "case.toml").write_text(text + '\n[replay.window]\nwindows = ["30"]\n')
    assert run() == (True, 2)


def test_the_atom_minute_bears_out_a_short_window_and_no_index_near_the_others(
    shared_data: Path, tmp_path: Path
) -> None:
    """ATOM 21:20: published mark 1.50447–1.794 where Coinbase and Kraken stood above 3."""
    home = Path(__file__).parents[2] / "cases" / "2025-10-11"
    names = ("binance-delivery_trades_2025-10-10_ATOMUSD_PERP.csv.gz",
             "coinbase_trades_2025-10-10_ATOM-USD.csv.gz",
             "gemini_trades_2025-10-10_ATOMUSD.csv.gz")  # fmt: skip
    paths = [next(shared_data.rglob(n)) for n in names]
    lake = lake_of(tmp_path, [*paths, home / "facts" / "atom_minute.parquet"])
    case = read_case(home)
    context = Context.of(case, lake, book(), Threads(2))
    found, _ = published.ask(context.asked(published.DEFAULTS))
    close, low = (of(found, f"replay.published.{p}") for p in ("close", "low"))
    assert close["mark.window=30"].value < Decimal("0.005")
    assert low["mark.window=30"].value < Decimal("0.06")
    assert low["mark.window=150"].value > Decimal("0.2")
    assert close["mark.formula=index"].value > 1
    assert all("other-contract" in f.caveats for f in found)
