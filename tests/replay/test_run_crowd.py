"""Who is replayed: late contracts at their index, bounded sizes, a file that is synthetic."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
from _replayed import COINBASE, INVERSE, KRAKEN, PERP, context_of, flat, lake_with, path

from liquest.replay.context import Context
from liquest.replay.crowd import LARGEST, Crowd, from_file, law_of, listings_of, synthetic
from liquest.replay.run import replay
from liquest.rules.tiers import tiers
from liquest.run.progress import Silent

HEAD = "account,class,symbol,side,quantity,entry,margin,note\n"


def late(tmp_path: Path) -> Context:
    """XRP begins 20 s into the window, far from where its spot stood; ATOM is there before."""
    return context_of(lake_with(tmp_path, {
        PERP: flat("1.6", 40, 20), COINBASE: path(*(2 + k / 1000 for k in range(360)), start=-300),
        KRAKEN: path(*(2.2 + k / 1000 for k in range(360)), start=-300),
        INVERSE: flat("4", 360, -300), ("coinbase", "ATOM-USD"): flat("4", 360, -300),
    }), 60)  # fmt: skip


def test_a_late_contract_is_entered_at_its_index_and_named(tmp_path: Path) -> None:
    listings, problems = listings_of(late(tmp_path))
    assert [p.code for p in problems] == ["late-path"]
    assert "XRPUSDT" in problems[0].text.en and "index sources" in problems[0].text.en
    assert "XRPUSDT" in problems[0].text.zh and "ATOMUSD_PERP" not in problems[0].text.en
    prices = {one.instrument.symbol: one.before for one in listings}
    # Halfway between the two venues, minute by minute; the last is the second before the window.
    np.testing.assert_allclose(np.diff(prices["XRPUSDT"]), 0.06)
    assert abs(prices["XRPUSDT"][-1] - 2.399) < 1e-9
    assert len(prices["XRPUSDT"]) == len(prices["ATOMUSD_PERP"])


def test_nobody_is_liquidated_by_the_way_in(tmp_path: Path) -> None:
    here = late(tmp_path / "tape")
    made, _ = synthetic(here, 500, 1)
    (base,) = replay(here, Crowd("synthetic", drawn=made), [], tmp_path / "kept", Silent())
    assert base.outcome.first > 0  # at 1.60, a price of later, longs would fall in second 0


def test_the_tail_of_sizes_is_cut_where_no_largest_is_on_record(tmp_path: Path) -> None:
    here = late(tmp_path)
    listings, _ = listings_of(here)
    caps = {one.instrument.symbol: one.tiers.cap for one in listings if one.tiers is not None}
    assert caps == {"ATOMUSD_PERP": LARGEST, "XRPUSDT": tiers()["XRPUSDT"].cap}
    made, _ = synthetic(here, 3000, 2)
    for account in made.accounts():
        for one in account.positions:
            if one.symbol == "ATOMUSD_PERP":
                assert one.amount / one.entry <= LARGEST


def test_counterparties_grow_with_the_population(tmp_path: Path) -> None:
    listings, _ = listings_of(late(tmp_path))
    assert [law_of(listings, n).counterparties for n in (1, 20_000, 1_000_000)] == [10, 10, 500]
    assert law_of(listings, 1).hours == Decimal(4) / 60


def test_a_file_that_nobody_held_says_so(tmp_path: Path) -> None:
    here = late(tmp_path / "tape")
    found = []
    for note in ("synthetic", ""):
        file = tmp_path / f"mine{note}.csv"
        file.write_text(HEAD + f"a,regular,XRPUSDT,long,10,2.3,5,{note}\n", encoding="utf-8")
        crowd = from_file(here, file)
        list(replay(here, crowd, [], tmp_path / f"kept{note}", Silent()))
        found.append(crowd.caveats)
    assert found == [("synthetic",), ()]
    assert Crowd("synthetic", drawn=synthetic(here, 5, 1)[0]).caveats == ("synthetic",)
