"""A replay: the baseline first, each scenario kept, feedback that is nothing where nothing changed,
and a longer window that liquidates later and at worse prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from _replayed import COINBASE, OWN, PERP, context_of, flat, lake_with, path

from liquest.errors import UsageError
from liquest.replay.context import Context
from liquest.replay.crowd import Crowd, from_file
from liquest.replay.outcome import Outcome
from liquest.replay.run import EXOGENOUS, FEEDBACK, Result, holes, replay
from liquest.replay.scenario import Scenario
from liquest.run.progress import Silent
from liquest.tape.tracks import Ints

LEAD, SECONDS = 160, 240
FALL = [f"{2 - 0.01 * k:.2f}" for k in range(151)]
"""A cent a second, from 2 to 0.50."""
PATH = ["2"] * LEAD + FALL + ["0.5"] * 40 + ["2"] * 49
POSITIONS = """account,class,symbol,side,quantity,entry,margin,wallet
thin,regular,XRPUSDT,long,1000,2,101.3,
middle,regular,XRPUSDT,long,1000,2,501.7,
cross,vip,XRPUSDT,long,1000,2,,803.1
thick,regular,XRPUSDT,long,1000,2,1900,
short,market-maker,XRPUSDT,short,4000,2,,9000
"""
FEED = {"feedback.model": "linear", "mark.formula": "last"}
MORE = Scenario({
    "margin.rate_factor": "40", "mark.formula": "last", "liquidation.steps": "full",
})  # fmt: skip
"""Maintenance so high that accounts are closed earlier."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """The contract falls by itself; spot stands at 2 on two venues."""
    folder = tmp_path_factory.mktemp("run")
    lake = lake_with(folder, {
        PERP: path(*PATH, start=-LEAD), OWN: flat("2", LEAD + SECONDS, -LEAD),
        COINBASE: flat("2", LEAD + SECONDS, -LEAD),
    })  # fmt: skip
    (folder / "mine.csv").write_text(POSITIONS, encoding="utf-8")
    return context_of(lake, SECONDS)


@pytest.fixture(scope="module")
def crowd(context: Context, tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    file = tmp_path_factory.mktemp("accounts") / "mine.csv"
    file.write_text(POSITIONS, encoding="utf-8")
    return from_file(context, file)


def run(
    context: Context, crowd: Crowd, kept: Path, scenarios: Sequence[Scenario] = ()
) -> list[Result]:
    return list(replay(context, crowd, list(scenarios), kept, Silent()))


def same(one: Outcome, other: Outcome) -> bool:
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name), equal_nan=f.name == "kept")
        for f in fields(Outcome)
    )


def names(crowd: Crowd, accounts: Ints) -> set[str]:
    return {crowd.ids[int(a)] for a in accounts}


def test_the_baseline_comes_first_and_the_scenarios_in_order(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    asked = [Scenario({"mark.formula": "last"}), Scenario({"mark.formula": "index"})]
    base, last, index = run(context, crowd, tmp_path, asked)
    assert (base.scenario.label, base.mode) == ("baseline", EXOGENOUS)
    assert [one.scenario for one in (last, index)] == asked
    # On the last price all longs but the thick one fall; the index never moves.
    assert names(crowd, last.outcome.hit) == {"thin", "middle", "cross"}
    assert len(index.outcome.hit) == 0 and index.outcome.first == -1
    assert names(crowd, index.outcome.saved(base.outcome)) == names(crowd, base.outcome.hit)
    assert last.outcome.accounts == 5


def test_the_second_of_the_first_liquidation_by_hand(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    _, last = run(context, crowd, tmp_path, [Scenario({"mark.formula": "last"})])
    # 101.3 of margin on 1000 at 0.5 %: below maintenance under 1898.7 / 995 = 1.908, first at
    # the close of 1.90 in second 10.
    assert context.rules.get("margin.rate_factor").number == 1
    assert last.outcome.first == 10
    flow = np.flatnonzero(last.outcome.flow)
    assert flow[0] == last.outcome.first and last.outcome.flow.sum() == last.outcome.notional


def test_a_longer_window_liquidates_later_and_leaves_a_larger_deficit(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    windows = [Scenario({"mark.window": w}) for w in ("30s", "60s", "150s")]
    short, middle, long = (r.outcome for r in run(context, crowd, tmp_path, windows)[1:])
    assert 0 <= short.first < middle.first < long.first
    assert names(crowd, short.hit) >= names(crowd, middle.hit) >= names(crowd, long.hit)
    # Whoever is taken over all the same is closed at the last price of a later second.
    taken = [np.flatnonzero(o.deficits > 0) for o in (short, middle, long)]
    for earlier, later in ((short, middle), (middle, long)):
        both = np.intersect1d(np.flatnonzero(earlier.deficits > 0), later.bankrupt)
        assert len(both) and (later.deficits[both] > earlier.deficits[both]).all()
    assert all(len(t) for t in taken)


def test_what_is_kept_is_taken_as_it_is_and_what_is_damaged_made_again(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    asked = [Scenario({"mark.formula": "last"}), Scenario({"mark.window": "150s"})]
    first = run(context, crowd, tmp_path, asked)
    files = sorted(tmp_path.glob("*.npz"))
    assert len(files) == 3 and (tmp_path / "baseline.npz") in files
    written = [f.stat().st_mtime_ns for f in files]
    again = run(context, crowd, tmp_path, asked)
    assert [f.stat().st_mtime_ns for f in files] == written
    whole = files[0].read_bytes()
    files[0].write_bytes(whole[:200])
    middle = len(whole) // 2
    files[1].write_bytes(whole[:middle] + bytes(9) + whole[middle + 9 :])
    (tmp_path / "baseline.npz").write_bytes(b"")
    mended = run(context, crowd, tmp_path, asked)
    for a, b, c in zip(first, again, mended, strict=True):
        assert same(a.outcome, b.outcome) and same(a.outcome, c.outcome)
        assert a.mode == b.mode == c.mode and a.holes == b.holes == c.holes
    assert not list(tmp_path.glob("*.part*"))


def test_an_interrupted_run_goes_on_where_it_stopped(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    asked = [Scenario({"mark.window": w}) for w in ("60s", "150s")]
    assert len(list(islice(replay(context, crowd, asked, tmp_path, Silent()), 2))) == 2
    assert len(list(tmp_path.glob("*.npz"))) == 2
    whole = run(context, crowd, tmp_path, asked)
    fresh = run(context, crowd, tmp_path / "fresh", asked)
    assert all(same(a.outcome, b.outcome) for a, b in zip(whole, fresh, strict=True))


@pytest.mark.parametrize("model", ["linear", "sqrt"])
@pytest.mark.parametrize("depth", ["1000", "1000000000"])
def test_feedback_on_the_baseline_itself_changes_nothing(
    context: Context, crowd: Crowd, tmp_path: Path, model: str, depth: str
) -> None:
    alone = Scenario({"feedback.model": model, "feedback.depth": depth})
    base, moved = run(context, crowd, tmp_path, [alone])
    assert moved.mode == FEEDBACK and moved.depths == {"XRPUSDT": float(depth)}
    assert same(base.outcome, moved.outcome)


def test_feedback_in_an_endless_market_is_exogenous_and_in_a_thin_one_is_not(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    deep = MORE.over({"feedback.model": "linear", "feedback.depth": "1000000000000000"})
    thin = MORE.over({"feedback.model": "linear", "feedback.depth": "1000"})
    base, exogenous, endless, moved = run(context, crowd, tmp_path, [MORE, deep, thin])
    assert (exogenous.mode, endless.mode) == (EXOGENOUS, FEEDBACK) and exogenous.depths == {}
    np.testing.assert_array_equal(endless.outcome.hit, exogenous.outcome.hit)
    assert endless.outcome.first == exogenous.outcome.first
    for name in ("notional", "deficit", "fund_net"):
        assert getattr(endless.outcome, name) == pytest.approx(getattr(exogenous.outcome, name))
    # The scenario sells earlier than the baseline: its first sale lowers the price, and the next
    # account is reached earlier.
    assert exogenous.outcome.first < base.outcome.first
    seconds = [np.flatnonzero(r.outcome.flow) for r in (exogenous, moved)]
    assert seconds[1][0] == seconds[0][0] and seconds[1][1] < seconds[0][1]


def test_depth_is_what_the_trades_show_unless_it_is_asked_for(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    measured, asked = Scenario(FEED), Scenario({**FEED, "feedback.depth": "5M"})
    one, other = run(context, crowd, tmp_path, [measured, asked])[1:]
    assert other.depths == {"XRPUSDT": 5_000_000.0}
    # A second of one unit, p dollars, moves p by a cent: p² dollars for 1 %. The median p of the
    # 120 seconds before the middle is 1.40.
    assert one.depths["XRPUSDT"] == pytest.approx(1.4**2, rel=0.02)


def test_seconds_without_an_index_or_a_mark_are_counted(tmp_path: Path) -> None:
    lake = lake_with(tmp_path / "usdt", {
        PERP: path(*PATH[LEAD:]), OWN: flat("2", SECONDS),
    })  # fmt: skip
    here = context_of(lake, SECONDS)
    file = tmp_path / "mine.csv"
    file.write_text(POSITIONS, encoding="utf-8")
    asked = [
        Scenario({"index.sources": "usd"}),
        Scenario({"index.sources": "usd", "mark.formula": "index"}),
    ]
    base, index, mark = run(here, from_file(here, file), tmp_path / "kept", asked)
    assert base.holes == {} == holes(here.marked())
    assert index.holes == {"XRPUSDT": (SECONDS, 0)}
    assert mark.holes == {"XRPUSDT": (SECONDS, SECONDS)}
    assert len(mark.outcome.hit) == 0 and np.isnan(mark.outcome.kept).all()


def test_a_rule_that_does_not_exist_is_refused_by_name(
    context: Context, crowd: Crowd, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"mark\.windw") as error:
        run(context, crowd, tmp_path, [Scenario({"mark.windw": "60s"})])
    assert "mark.window" in error.value.render("en")
