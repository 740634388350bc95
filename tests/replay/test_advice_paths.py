"""weigh: what holds on every path, the kernel against exact decimals, and planted paths on which
the statement flips."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _asking import embedded_case
from hypothesis import given, settings
from hypothesis import strategies as st

from _ticks import Tick, one, pick, small_lake, window
from liquest.errors import UsageError
from liquest.findings import Finding, rounded
from liquest.problems import Problem
from liquest.replay.advice.advise import TAKER, advise
from liquest.replay.advice.asked import Asked
from liquest.replay.advice.grid import Way, grid
from liquest.replay.advice.sheet import Sheet
from liquest.replay.advice.verdict_words import sentences
from liquest.replay.advice.weigh import BLOCK, fair
from liquest.replay.context import Context
from liquest.rules.book import book
from liquest.rules.structure import CROSS, ISOLATED, Costs, Outcome, follow, maintenance
from liquest.rules.structure_kernel import Outcomes, follow_paths
from liquest.rules.tiers import flat, tiers
from liquest.run.executor import Inline, Threads
from liquest.run.progress import Silent

D = Decimal
ASKED = Asked(leverages=(D(2), D(5), D(10), D(20), D(50)), again_s=2)
WAYS, _ = grid(ASKED, D(125))
COSTS = Costs(TAKER, D("0.015"), 1)
LADDER = tiers()["ATOMUSDT"]
PRICES = st.lists(st.integers(1, 400).map(lambda n: D(n) / 4), min_size=2, max_size=40)


def exact(path: list[Decimal], way: Way, asked: Asked = ASKED, *, again: bool = False) -> Outcome:
    """One way along one path in decimals, liquidated on the last trade."""
    return follow(
        path, path, way.structure(asked, again=again), maintenance(LADDER, asked.exposure), COSTS
    )


def fast(path: list[Decimal], asked: Asked = ASKED) -> Outcomes:
    """All ways along one path in the kernel: once, then again."""
    row = np.array([[float(p) for p in path]])
    structures = [w.structure(asked, again=a) for a in (False, True) for w in WAYS]
    return follow_paths(row, row, structures, LADDER, asked.exposure, COSTS)


@settings(max_examples=150, deadline=None)
@given(PRICES, st.sampled_from(["long", "short"]), st.sampled_from([None, 1, 5]))
def test_the_kernel_agrees_with_exact_decimals(
    path: list[Decimal], side: str, remargin: int | None
) -> None:
    asked = replace(ASKED, side=side, remargin_s=remargin)
    out = fast(path, asked)
    for k, way in enumerate(WAYS):
        for again in (False, True):
            place = k + again * len(WAYS)
            slow = exact(path, way, asked, again=again)
            assert out.left[0, place] == pytest.approx(float(slow.left), abs=1e-9)
            assert (out.liquidations[0, place], out.stops[0, place], out.closed[0, place]) == (
                slow.liquidations, slow.stops, -1 if slow.closed is None else slow.closed,
            )  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(PRICES, st.sampled_from(["long", "short"]))
def test_what_holds_on_every_path(path: list[Decimal], side: str) -> None:
    asked = replace(ASKED, side=side)
    out = fast(path, asked)
    firsts: dict[tuple[str, object, object], list[tuple[Decimal, float]]] = {}
    for k, way in enumerate(WAYS):
        off = float(1 - way.share)
        for place in (k, k + len(WAYS)):
            # What is off the exchange is never lost, and without a call never moves.
            assert out.left[0, place] >= off - 1e-12
            assert out.reserve[0, place] == pytest.approx(off)
        if way.mode == ISOLATED:
            assert 1 - out.left[0, k] <= float(1 / way.leverage + TAKER) + 1e-12
        first = float(out.first[0, k])
        late = first if first >= 0 else float("inf")
        if way.mode == CROSS:
            firsts.setdefault((CROSS, way.stop, None), []).append((way.share, late))
        elif way.stop is None and way.share > D("0.5"):
            firsts.setdefault((ISOLATED, way.stop, way.share), []).append((-way.leverage, late))
    for (mode, stop, _), rows in firsts.items():
        if mode == ISOLATED or stop is None:
            # A larger share never lowers the survival of cross, a higher leverage never delays
            # the liquidation of isolated.
            late_ones = [late for _, late in sorted(rows)]
            assert late_ones == sorted(late_ones)


def test_money_from_outside_can_save_a_cross_position_and_be_lost_with_it() -> None:
    way = Way(CROSS, D(20), D("0.2"), None)
    slide = [D(100) - D(k) for k in range(40)]
    alone = exact(slide, way)
    assert alone.liquidations == 1 and alone.left == D("0.8")
    saved = exact(slide, way, replace(ASKED, remargin_s=5))
    assert saved.held and saved.liquidations == 0 and saved.left < D("0.8")
    late = exact(slide, way, replace(ASKED, remargin_s=30))
    assert late.liquidations == 1 and late.left == D("0.8")


def test_a_fair_stretch_has_no_mean_move() -> None:
    rng = np.random.default_rng(5)
    trades = np.exp(np.cumsum(rng.normal(-1e-3, 2e-3, 900)))
    trades[:7] = np.nan
    marks, made = fair(trades * 1.01, trades)
    known = made[7:]
    assert (known[BLOCK:] / known[:-BLOCK]).mean() == pytest.approx(1, abs=1e-12)
    assert np.nanmax(abs(marks / made - 1.01)) < 1e-12
    with pytest.raises(ValueError, match="holds no block"):
        fair(trades[:60], trades[:60])
    with pytest.raises(ValueError, match="holds no block"):
        fair(np.full(500, np.nan), np.full(500, np.nan))


BEFORE, CORE = 300, 300
CASE = replace(
    embedded_case(),
    windows={"crash": window(0, CORE, "crash"), "all": window(-BEFORE, CORE, "all")},
)
QUICK = Asked(paths=40)


def planted(
    folder: Path, event: list[float], *, wave: float = 0.002, coin: str = "ATOM"
) -> Context:
    """A coin that swings by `wave` once a block for five minutes and then does as told, second
    by second."""
    turn = 2 * np.pi / BLOCK
    prices = [10.0 * (1 + wave * float(np.sin(turn * k))) for k in range(BEFORE)]
    prices += [10.0 * share for share in event]
    rows = [Tick(k - BEFORE, f"{p:.6f}") for k, p in enumerate(prices)]
    lake = small_lake(folder, {("coinbase", f"{coin}-USD"): rows})
    return Context.of(CASE, lake, book(), Inline())


def path_to(*corners: tuple[int, float]) -> list[float]:
    """Straight lines between (second, share of the first price)."""
    seconds, shares = zip(*corners, strict=True)
    return [float(x) for x in np.interp(range(CORE), seconds, shares)]


FALL = path_to((0, 1), (60, 1), (160, 0.4), (299, 0.4))
DIP = path_to((0, 1), (60, 1), (65, 0.93), (70, 1), (299, 1.02))


def found(context: Context, asked: Asked = QUICK) -> tuple[list[Finding], list[Problem]]:
    return advise(context, asked, [], Silent())


def words(findings: list[Finding]) -> dict[str, object]:
    """Question → word, of the one coin."""
    return {f.subject["question"]: f.value for f in pick(findings, "replay.advice.verdict")}


def test_a_fall_that_stays_holds_and_a_dip_that_returns_does_not(tmp_path: Path) -> None:
    fallen, problems = found(planted(tmp_path / "fall", FALL))
    assert [p.code for p in problems] == ["margin-above-exchange"]
    assert (words(fallen)["whole"], words(fallen)["margin"]) == ("holds", "holds")
    assert words(fallen)["share"] == "holds"
    returned, _ = found(planted(tmp_path / "dip", DIP))
    assert words(returned)["whole"] in ("fails", "returned")
    assert words(returned)["share"] == "even"
    said = [" ".join(s.en for s in sentences(Sheet(f))) for f in (fallen, returned)]
    assert "The advice as a whole holds for ATOM" in said[0]
    assert "The advice as a whole does not hold" in said[1]
    said = ["".join(s.zh for s in sentences(Sheet(f))) for f in (fallen, returned)]
    assert "整体建议对 ATOM 成立：" in said[0] and "不成立" in said[1]


def test_noise_before_the_event_is_what_the_advice_costs(tmp_path: Path) -> None:
    made, _ = found(planted(tmp_path, FALL, wave=0.08))
    assert words(made)["whole"] == "price"
    verdict = one(made, "replay.advice.verdict", question="whole")
    gain, before = (D(str(verdict.params[k])) for k in ("event", "before"))
    assert gain > 0 > before
    assert verdict.params["break_even"] == rounded(gain / -before, 1)
    assert "it pays if such an event comes at least once in" in " ".join(
        s.en for s in sentences(Sheet(made))
    )


def test_the_numbers_of_a_planted_fall_by_hand(tmp_path: Path) -> None:
    made, _ = found(planted(tmp_path, FALL))
    small = {"mode": "isolated", "leverage": "20", "on_exchange": "0.2", "stop": "none"}
    large = {"mode": "cross", "leverage": "20", "on_exchange": "1", "stop": "none"}
    # The margin of 500 and the fee of 5 are gone; with everything behind it 60 % and 5 are.
    assert one(made, "replay.advice.left", **small).value == D(9495)
    assert one(made, "replay.advice.left", **large).value == D(3995)
    gain = one(made, "replay.advice.gain", question="whole", stretch="record")
    assert gain.value == D(5500)
    # 1,495 of 2,000 are left on the exchange; each entry takes 500 and 5.
    again = one(made, "replay.advice.reenter", **small)
    assert (again.value, again.params["with_all"]) == (2, 18)
    assert one(made, "replay.advice.reenter", **large).value is None
    move = one(made, "replay.advice.move")
    assert (move.value, move.params["worst"]) == (D("-0.6"), D("-0.6"))
    half = {**large, "on_exchange": "0.5"}
    assert one(made, "replay.advice.left", **half).value == D(5000)


def test_findings_are_shares_of_paths_and_add_up(tmp_path: Path) -> None:
    made, _ = found(planted(tmp_path, FALL))
    assert len({f.id for f in made}) == len(made) and all(f.inputs for f in made)
    for chance in pick(made, "replay.advice.chance"):
        assert isinstance(chance.value, Decimal) and 0 <= chance.value <= 1
        assert (chance.value * QUICK.paths) % 1 == 0
        subject = dict(chance.subject)
        given = one(made, "replay.advice.loss_given", **subject)
        assert (given.value is None) == (given.count == 0)
        cost = one(made, "replay.advice.stop_out_cost", **subject).value
        once, again = (
            one(made, f"replay.advice.{n}", **subject).value
            for n in ("mean_left", "mean_left_again")
        )
        assert isinstance(cost, Decimal) and isinstance(once, Decimal)
        assert isinstance(again, Decimal)
        assert abs(once - again - cost) <= D("0.01")
        low = one(made, "replay.advice.low_left", **subject).value
        off = (1 - D(subject["on_exchange"])) * QUICK.capital
        assert isinstance(low, Decimal) and low >= off


def test_the_seed_and_the_executor(tmp_path: Path) -> None:
    context = planted(tmp_path, FALL)
    first = [f.id for f in found(context)[0]]
    threads = replace(context, executor=Threads(2))
    assert [f.id for f in found(threads)[0]] == first
    assert [f.id for f in found(context, replace(QUICK, seed=1))[0]] != first


def test_without_minutes_before_the_word_is_undetermined(tmp_path: Path) -> None:
    context = planted(tmp_path, FALL)
    alone = Context.of(CASE, context.lake, book(), Inline(), window=window(0, CORE, "crash"))
    made, _ = found(alone)
    assert set(words(made).values()) == {"undetermined"}
    assert "could not be measured here" in " ".join(s.en for s in sentences(Sheet(made)))


def test_refusals_name_the_remedy(tmp_path: Path) -> None:
    context = planted(tmp_path, FALL)
    with pytest.raises(UsageError, match="'ATMO'") as caught:
        advise(context, QUICK, ["atmo"], Silent())
    assert "ATOM?" in caught.value.render("zh")
    with pytest.raises(UsageError, match="nothing can be opened") as caught:
        found(context, replace(QUICK, capital=D(10)))
    assert "--capital" in caught.value.render("en") and "--capital" in caught.value.render("zh")
    _, problems = found(context, replace(QUICK, leverages=(D(2), D(125))))
    assert {p.code for p in problems} == {"leverage-too-high", "margin-above-exchange"}
    (high,) = [p for p in problems if p.code == "leverage-too-high"]
    most = LADDER.bracket(QUICK.exposure).max_leverage
    assert f"at most {most}x" in high.text.en and f"最高 {most} 倍" in high.text.zh
    nothing = small_lake(tmp_path / "no", {("coinbase", "USDC-USD"): [Tick(0, "1")]})
    with pytest.raises(UsageError, match="no coin has a price by the second"):
        found(Context.of(CASE, nothing, book(), Inline()))


def test_an_unknown_coin_takes_the_assumed_rate(tmp_path: Path) -> None:
    made, _ = found(planted(tmp_path, FALL, coin="NOSUCH"))
    assert all("tiers-assumed" in f.caveats for f in made)
    rate = flat("X", D("0.01"))
    assert rate.bracket(D(1)).max_leverage == 100
