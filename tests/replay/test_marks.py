"""From recorded trades to index and mark: lead-in, ages, volumes, weights of the book, caveats."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _replayed import COINBASE, KRAKEN, OWN, PERP, context_of, flat, lake_with, path, span_of

from liquest.errors import UsageError
from liquest.replay.markets import markets
from liquest.replay.marks import constituents, marked
from liquest.replay.recorded import LEAD, record
from liquest.replay.scenario import BASELINE, Scenario
from liquest.rules.index import IndexRule


def test_the_lead_comes_before_the_window_and_is_cut_from_the_marks(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {
        PERP: flat("2", 120, -60), OWN: flat("2", 120, -60), COINBASE: flat("2", 120, -60),
    })  # fmt: skip
    (market,), _ = markets(lake, span_of(60), "binance")
    one = record(lake, market, span_of(60))
    assert one.lead == LEAD and len(one.last) == LEAD + 60
    assert np.isnan(one.last[: LEAD - 60]).all() and (one.last[LEAD - 60 :] == 2).all()
    assert one.start == one.seconds[0] - LEAD * 1_000_000
    done = marked(one, context_of(lake, 60).rules)
    assert len(done.mark) == len(done.index) == len(done.last) == 60
    assert (done.mark == 2).all() and (done.live == 2).all()


def test_own_weight_moves_the_index_by_its_share(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {
        PERP: flat("2", 60), OWN: flat("1", 60), COINBASE: flat("2", 60), KRAKEN: flat("2", 60),
    })  # fmt: skip
    context = context_of(lake, 60)
    for weight in ("0", "0.25", "1"):
        free = Scenario({"index.own_weight": weight, "index.protection": "none"})
        (one,) = context.marked(free)
        assert one.index[-1] == pytest.approx(2 - float(weight))
    (capped,) = context.marked(
        Scenario({"index.own_weight": "0.25", "index.protection": "cap", "index.deviation": "3%"})
    )
    assert capped.index[-1] == pytest.approx(2 - 0.25 * 0.06)
    assert capped.touched[-1] == 1


def test_usd_venues_leave_the_proxy_out(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("1", 60), COINBASE: flat("2", 60)})
    context = context_of(lake, 60)
    (one,) = context.marked(Scenario({"index.sources": "usd", "mark.formula": "index"}))
    assert (one.mark == 2).all()
    (own,) = context.marked(Scenario({"index.method": "own-only", "mark.formula": "index"}))
    assert (own.mark == 1).all()
    assert "own-spot-proxy" in one.recorded.caveats


def test_the_window_of_the_average_holds_a_spike_off(tmp_path: Path) -> None:
    prices = ["2"] * 300 + ["1"] * 100
    lake = lake_with(tmp_path, {
        PERP: path(*prices, start=-200), OWN: flat("2", 400, -200), COINBASE: flat("2", 400, -200),
    })  # fmt: skip
    context = context_of(lake, 200)
    short, long = (
        context.marked(Scenario({"mark.window": w, "mark.samples": "30"}))[0].mark
        for w in ("30", "150")
    )
    # 30 of 30 samples at 1 against 6 of 30: the average of the basis is −1 against −0.2.
    assert short[129] == pytest.approx(1.0) and long[129] == pytest.approx(1.8)
    assert (short <= long + 1e-12).all()


def test_weights_of_the_book_by_venue_and_others_share_the_rest(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {
        ("binance-futures", "ATOMUSDT"): flat("2", 60), ("binance", "ATOMUSDT"): flat("2", 60),
        ("coinbase", "ATOM-USD"): flat("2", 60), ("kraken", "ATOM/USD"): flat("2", 60),
    })  # fmt: skip
    context = context_of(lake, 60)
    (one,) = context.recorded()
    rule = IndexRule.of(context.rules, "ATOMUSDT", constituents(one, context.rules))
    venues = [s.track.instrument.venue for s in one.market.sources]
    weights = dict(zip(venues, rule.weights, strict=True))
    assert weights == {
        "binance": Decimal("0.6"), "coinbase": Decimal("0.2"), "kraken": Decimal("0.2"),
    }  # fmt: skip


def test_volumes_weigh_the_volume_weighted_median(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {
        PERP: flat("2", 60), OWN: flat("2", 60),
        COINBASE: flat("3", 60), KRAKEN: [t._replace(amount="100") for t in flat("4", 60)],
    })  # fmt: skip
    context = context_of(lake, 60)
    rule = Scenario({"index.method": "volume-median", "mark.formula": "index",
                     "index.protection": "none"})  # fmt: skip
    (one,) = context.marked(rule)
    assert one.mark[-1] == 4
    (plain,) = context.marked(
        Scenario({"index.method": "median", "mark.formula": "index", "index.protection": "none"})
    )
    assert plain.mark[-1] == 3
    assert one.recorded.volumes[-1, -1] == pytest.approx(60 * 400)
    assert one.recorded.traded[-60:].sum() == pytest.approx(120)


def test_no_live_source_is_missing_and_never_zero(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 600), COINBASE: path("2", "2", start=0, every=300)})
    rule = {"index.sources": "usd", "index.stale": "10", "mark.formula": "index",
            "mark.missing": "missing", "index.missing": "missing"}  # fmt: skip
    (one,) = context_of(lake, 600).marked(Scenario(rule))
    assert np.isnan(one.mark[50]) and one.mark[5] == 2 and one.live[50] == 0
    (held,) = context_of(lake, 600).marked(Scenario({**rule, "index.missing": "hold"}))
    assert held.mark[50] == 2 and not (held.mark == 0).any()


def test_a_rule_that_no_index_runs_on_is_refused(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 60), COINBASE: flat("2", 60)})
    context = context_of(lake, 60)
    with pytest.raises(UsageError, match=r"mark\.windo"):
        context.marked(Scenario({"mark.windo": "30"}))
    with pytest.raises(UsageError, match=r"index\.method"):
        context.marked(Scenario({"index.method": "mean"}))


def test_what_was_read_is_read_once(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 60), COINBASE: flat("2", 60)})
    context = context_of(lake, 60)
    again = context.asked({"windows": []})
    assert context.recorded() is again.recorded()
    assert context.marked() is again.marked(BASELINE)


def test_a_book_that_names_none_of_the_tapes_venues_gives_them_equal_weights(
    tmp_path: Path,
) -> None:
    lake = lake_with(tmp_path, {
        ("binance-futures", "BTCUSDT"): flat("2", 60), ("gemini", "BTCUSD"): flat("3", 60),
    })  # fmt: skip
    context = context_of(lake, 60)
    (one,) = context.marked(Scenario({"index.sources": "usd", "mark.formula": "index"}))
    assert (one.mark == 3).all()
    free = {"index.protection": "none", "mark.formula": "index"}
    for weight in ("0", "0.25", "1"):
        (one,) = context.marked(Scenario({**free, "index.own_weight": weight}))
        assert one.mark[-1] == pytest.approx(3 - float(weight))
