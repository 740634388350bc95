"""loops: when a loop was liquidated, on which price, with what loss, against a slow count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from _asking import CASE, asked, embedded_case, survives

from _ticks import T0, lake_of, one, pick, small_lake, window
from liquest.clock import MINUTE, clock_time
from liquest.errors import CaseError, UsageError
from liquest.findings import Finding, rounded
from liquest.problems import ABSENT
from liquest.replay.questions import loops
from liquest.tape.lake import Lake

FACTS = (CASE / "facts" / "bars_minutes.parquet", CASE / "facts" / "usde_onchain.parquet")
HEADER = "open_time,open,high,low,close,volume,close_time,quote_volume,count,a,b,c\n"


class Row(NamedTuple):
    """A bar as the file has it."""

    ts: int
    open: Fraction
    low: Fraction
    close: Fraction
    row: int


def file_rows(path: Path, venue: str) -> list[Row]:
    """The bars of USDe in the longest window, straight from the file."""
    rows = duckdb.execute(
        "SELECT ts, open, low, close, line FROM (SELECT *, row_number() OVER () AS line "
        f"FROM read_parquet('{path}')) WHERE venue = '{venue}' AND symbol = 'USDEUSDT' "
        "AND make_timestamp(ts) >= '2025-10-10 20:50:00' "
        "AND make_timestamp(ts) < '2025-10-10 22:20:00' ORDER BY ts"
    ).fetchall()
    return [Row(ts, Fraction(o), Fraction(lo), Fraction(c), n) for ts, o, lo, c, n in rows]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("loops"), FACTS)


@pytest.fixture(scope="module")
def found(lake: Lake) -> list[Finding]:
    findings, problems = asked(loops, lake)
    assert problems == []
    return findings


def minute(finding: Finding) -> str | None:
    return None if finding.at is None else clock_time(finding.at, digits=0)[:5]


@pytest.mark.parametrize(
    ("exposure", "at", "low", "best", "worst"),
    [
        ("3.5", "21:39", "0.78", "0.752747", "0.77"),
        ("5", "21:36", "0.84", "0.604396", "0.8"),
    ],
)
def test_at_the_claimed_limit(
    found: list[Finding], exposure: str, at: str, low: str, best: str, worst: str
) -> None:
    terms = {"exposure": exposure, "limit": "0.91", "valued": "venue"}
    first = one(found, "replay.loops.first", **terms)
    assert (minute(first), first.value, first.unit) == (at, Decimal(low), "USDT")
    assert (first.params["against"], first.params["lies"]) == ("compensation", "inside")
    assert {"bar-resolution", "assumed-rules"} == set(first.caveats)
    losses = {f.params["sold"]: f.value for f in pick(found, "replay.loops.loss", **terms)}
    assert losses["threshold"] == Decimal(best)
    assert losses["low"] == Decimal(worst)
    assert one(found, "replay.loops.shortfall", **terms).value == 0


def test_every_answer_against_a_slow_count(found: list[Finding]) -> None:
    """All loops, limits and losses on the venue's own price, in fractions from the file."""
    rows = file_rows(FACTS[0], "binance")
    assert len(rows) == 90
    checked = 0
    for first in pick(found, "replay.loops.first", valued="venue"):
        exposure, limit = (Fraction(first.subject[k]) for k in ("exposure", "limit"))
        hit = [r for r in rows if (exposure - 1) / (exposure * r.low) >= limit]
        assert hit and (first.at, first.value) == (hit[0].ts, _decimal(hit[0].low, 12))
        assert first.inputs[0][1:3] == (hit[0].row, hit[0].row)
        assert first.count == len(rows)
        threshold = (exposure - 1) / (exposure * limit)
        prices = {
            "threshold": min(threshold, hit[0].open), "low": hit[0].low, "close": hit[0].close
        }  # fmt: skip
        losses = pick(
            found, "replay.loops.loss", valued="venue",
            exposure=first.subject["exposure"], limit=first.subject["limit"],
        )  # fmt: skip
        assert {f.params["sold"] for f in losses} == set(prices)
        for loss in losses:
            lost = min(Fraction(1), exposure * (1 - prices[loss.params["sold"]]))
            assert loss.value == _decimal(lost, 6)
            checked += 1
    assert checked == 2 * 6 * 3
    for ruin in pick(found, "replay.loops.wiped", valued="venue"):
        exposure = Fraction(ruin.subject["exposure"])
        gone = [r for r in rows if exposure * r.low - (exposure - 1) <= 0]
        assert (ruin.at, ruin.value) == (gone[0].ts, _decimal(gone[0].low, 12))


def test_averages_against_a_slow_count(found: list[Finding]) -> None:
    rows = file_rows(FACTS[0], "binance")
    for bars in (5, 15, 30):
        values = [
            sum((r.close for r in rows[max(0, i - bars + 1) : i + 1]), Fraction(0))
            / len(rows[max(0, i - bars + 1) : i + 1])
            for i in range(len(rows))
        ]
        for first in pick(found, "replay.loops.first", valued=f"average:{bars}"):
            exposure, limit = (Fraction(first.subject[k]) for k in ("exposure", "limit"))
            threshold = (exposure - 1) / (exposure * limit)
            hit = [i for i, value in enumerate(values) if value <= threshold]
            if not hit:
                assert first.value is None and "not-reached" in first.caveats
                continue
            assert (first.at, first.value) == (rows[hit[0]].ts, _decimal(values[hit[0]], 12))
            scan = first.inputs[0]
            assert (scan.first, scan.last) == (
                rows[max(0, hit[0] - bars + 1)].row, rows[hit[0]].row
            )  # fmt: skip


def test_on_chain_at_redemption_and_with_a_floor_nobody_was_liquidated(
    found: list[Finding],
) -> None:
    for word in ("onchain", "redemption", "floor:0.95", "median", "capped:0.03", "capped:0.05"):
        firsts = pick(found, "replay.loops.first", valued=word)
        assert len(firsts) == 12
        assert all(f.value is None and "not-reached" in f.caveats for f in firsts), word
    onchain = one(found, "replay.loops.lowest", valued="onchain", exposure="5")
    lows = [r.low for r in file_rows(FACTS[1], "uniswap")]
    assert onchain.value == _decimal(5 * min(lows) - 4, 6)
    assert one(found, "replay.loops.lowest", valued="redemption", exposure="5").value == 1


def test_a_low_limit_moves_the_liquidation_before_the_window(found: list[Finding]) -> None:
    before = one(found, "replay.loops.limit_before", exposure="5")
    assert (before.value, minute(before)) == (Decimal("0.893356"), "21:22")
    for first in pick(found, "replay.loops.first", exposure="5", valued="venue"):
        early = Decimal(first.subject["limit"]) <= Decimal("0.893356")
        assert (first.params["lies"] == "before") == early
    # A floor at 0.90 is of no use to a limit that binds above it.
    floor = one(found, "replay.loops.first", exposure="5", limit="0.87", valued="floor:0.90")
    assert (minute(floor), floor.value) == ("21:20", Decimal("0.9"))


def test_no_limit_would_have_saved_them_at_the_low(found: list[Finding]) -> None:
    assert one(found, "replay.loops.safe_limit", exposure="3.5").value == Decimal("1.098901")
    assert one(found, "replay.loops.safe_limit", exposure="5").value == Decimal("1.230769")
    assert one(found, "replay.loops.safe_exposure", limit="0.91").value == Decimal("2.447980")
    assert one(found, "replay.loops.break_even_borrow", exposure="3.5").value == Decimal("0.168")


def test_findings_come_back_from_a_file(found: list[Finding], tmp_path: Path) -> None:
    assert survives(found, tmp_path)


def bars(*rows: tuple[str, str, str, str]) -> str:
    """Klines of USDEUSDT from 21:20 on."""
    lines = []
    for number, (opened, high, low, close) in enumerate(rows):
        at = (T0 + number * MINUTE) // 1000
        lines.append(f"{at},{opened},{high},{low},{close},1,{at + 59_999},1,3,0,0,0\n")
    return HEADER + "".join(lines)


def made_lake(folder: Path, text: str) -> Lake:
    """A lake of one file in the layout of the public archive."""
    name = "data/spot/daily/klines/USDEUSDT/1m/USDEUSDT-1m-2025-10-10.csv"
    return small_lake(folder, {}, {name: text})


def test_a_bar_that_opens_below_the_threshold_is_sold_at_its_opening(tmp_path: Path) -> None:
    lake = made_lake(tmp_path, bars(("1", "1", "0.99", "0.99"), ("0.85", "0.9", "0.7", "0.8")))
    found, problems = asked(loops, lake, window(0, 600), exposures=["5"], limits=["0.91"])
    assert [(p.code, p.effect) for p in problems] == [("no-price", ABSENT)]
    terms = {"exposure": "5", "limit": "0.91", "valued": "venue"}
    losses = {f.params["sold"]: f.value for f in pick(found, "replay.loops.loss", **terms)}
    assert losses == {"threshold": Decimal("0.75"), "low": 1, "close": 1}
    assert one(found, "replay.loops.shortfall", **terms).value == Decimal("0.5")
    # What is judged at the close is sold at the close.
    terms["valued"] = "venue-close"
    assert [f.params["sold"] for f in pick(found, "replay.loops.loss", **terms)] == ["close"]
    assert one(found, "replay.loops.shortfall", **terms).value == 0
    assert pick(found, "replay.loops.first", valued="onchain") == []


def test_no_price_is_a_problem_and_no_number(tmp_path: Path) -> None:
    lake = made_lake(tmp_path, bars(("1", "1", "1", "1")))
    found, problems = asked(loops, lake, window(0, 600), symbol="NONEUSDT")
    assert found == [] and [p.code for p in problems] == ["no-price"]
    assert "NONEUSDT" in problems[0].text.zh


def test_terms_come_from_the_rulebook_or_the_case(lake: Lake, found: list[Finding]) -> None:
    assert {f.subject["exposure"] for f in pick(found, "replay.loops.ruin")} == {"3.5", "5"}
    assert "0.91" in {f.subject["limit"] for f in pick(found, "replay.loops.first")}
    other, _ = asked(loops, lake, exposures=["2"], limits=[], reward="0.2", prices=["venue"])
    assert {f.subject["exposure"] for f in pick(other, "replay.loops.ruin")} == {"2"}
    assert {f.subject["limit"] for f in pick(other, "replay.loops.first")} == {"0.91"}
    assert one(other, "replay.loops.break_even_borrow").value == Decimal("0.4")


def test_before_there_were_terms_there_is_no_answer(lake: Lake) -> None:
    early = replace(embedded_case(), windows={"early": window("2025-09-01T00:00:00Z", T9)})
    found, problems = asked(loops, lake, case=early)
    assert found == [] and [p.code for p in problems] == ["no-rule"]
    assert "2025-09-22" in problems[0].text.zh


T9 = "2025-10-10T22:00:00Z"


@pytest.mark.parametrize(
    "params",
    [{"exposures": ["0.5"]}, {"limits": ["1.2"]}, {"entry": "x"}, {"limits": [True]}],
)
def test_terms_that_cannot_be_are_refused(lake: Lake, params: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        asked(loops, lake, **params)


@pytest.mark.parametrize("word", ["mark", "floor:2", "average:0", "average:1.5", "capped:x", ":"])
def test_a_price_that_does_not_exist_is_refused_with_the_list(lake: Lake, word: str) -> None:
    with pytest.raises(UsageError, match="has no price"):
        asked(loops, lake, prices=[word])


def _decimal(value: Fraction, places: int) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return rounded(exact, places)


def raw_states(path: Path) -> Iterator[tuple[int, Decimal]]:
    """Minute and USDT per USDe after each block, from the column that says so."""
    for seconds, price in duckdb.execute(
        f"SELECT timestamp, token1Price FROM read_parquet('{path}') ORDER BY blockNumber"
    ).fetchall():
        yield seconds // 60 * MINUTE, Decimal(price)


def test_the_embedded_bars_are_those_of_the_pool(shared_data: Path) -> None:
    raw = shared_data / "2025-10-10" / "depeg" / "USDEUSDT_uniswap_per_block.parquet"
    minutes: dict[int, list[Decimal]] = {}
    for ts, price in raw_states(raw):
        minutes.setdefault(ts, []).append(rounded(price, 12))
    held = duckdb.execute(
        f"SELECT ts, open, high, low, close FROM read_parquet('{FACTS[1]}') ORDER BY ts"
    ).fetchall()
    assert len(held) == 105
    for ts, *prices in held:
        p = minutes[ts]
        assert [Decimal(x) for x in prices] == [p[0], max(p), min(p), p[-1]]
