"""Prices out of a tape: marks by the rules or as recorded, the others' price, what is kept."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from _ticks import T0, Tick, small_lake
from liquest.case import Case, read_case
from liquest.clock import MINUTE, SECOND, Window, parse_time
from liquest.errors import Text
from liquest.losses.prices import tape
from liquest.losses.prices.prices import Prices
from liquest.losses.prices.tape import TapePrices, moved
from liquest.replay.context import Context
from liquest.replay.scenario import BASELINE, Scenario
from liquest.rules.book import book
from liquest.run.executor import Inline
from liquest.run.progress import Silent
from liquest.tape import stage
from liquest.tape.lake import Lake

CASE = Path(__file__).resolve().parents[3] / "cases" / "2025-10-11"
PEPE, PEPE_SPOT = ("binance-futures", "1000PEPEUSDT"), ("binance", "PEPEUSDT")
XRP, XRP_SPOT = ("binance-futures", "XRPUSDT"), ("binance", "XRPUSDT")
COINBASE, KRAKEN = ("coinbase", "XRP-USD"), ("kraken", "XRP/USD")
BYBIT, BYBIT_SPOT = ("bybit", "XRPUSDT"), ("bybit-spot", "XRPUSDT")
SECONDS = 200
LONG = Scenario({"mark.window": "150", "mark.samples": "30"})


def flat(price: str, seconds: int = SECONDS) -> list[Tick]:
    return [Tick(n, price) for n in range(seconds)]


def falling() -> list[Tick]:
    return [Tick(n, "2" if n < 100 else "1") for n in range(SECONDS)]


def context_of(lake: Lake, seconds: int = SECONDS) -> Context:
    span = Window("w", T0, T0 + seconds * SECOND)
    case = Case(Path("/nowhere"), "test", Text("test", "测试"), {"w": span})
    return Context.of(case, lake, book(), Inline())


def marks_file(prices: list[str], first: int = 0) -> dict[str, str]:
    """One-minute mark bars as the venue's archive has them, from minute `first` on."""
    symbol = "XRPUSDT"
    rows = "".join(
        f"{(T0 + n * MINUTE) // 1000},{p},3,0.5,{p},0,{(T0 + (n + 1) * MINUTE) // 1000 - 1},"
        "0,60,0,0,0\n"
        for n, p in enumerate(prices, first)
    )
    return {f"futures/um/daily/markPriceKlines/{symbol}/1m/{symbol}-1m-2025-10-10.csv": rows}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return small_lake(tmp_path, {
        XRP: falling(), XRP_SPOT: flat("2"), COINBASE: flat("3"), KRAKEN: flat("4", 50),
        BYBIT: flat("6"), BYBIT_SPOT: flat("5"),
        # What is no voice: a dated future, and a price in euros.
        ("okex-futures", "XRP-USD-251226"): flat("90"), ("bitstamp", "XRP/EUR"): flat("80"),
        PEPE: [Tick(n, "0.0123") for n in range(SECONDS)], PEPE_SPOT: flat("0.0000123"),
        ("coinbase", "PEPE-USD"): flat("0.000013"),
    })  # fmt: skip


def test_a_mark_without_a_record_is_that_of_the_replay(lake: Lake) -> None:
    context = context_of(lake)
    prices: Prices = TapePrices(context)
    (one,) = [m for m in context.marked() if m.symbol == "XRPUSDT"]
    np.testing.assert_allclose(prices.mark_path("XRPUSDT"), one.mark, atol=1e-12)
    (other,) = [m for m in context.marked(LONG) if m.symbol == "XRPUSDT"]
    for second in (0, 99, 100, 150, 199):
        at = T0 + second * SECOND + 5
        assert float(prices.mark("XRPUSDT", at) or 0) == pytest.approx(one.mark[second])
        assert float(prices.index("XRPUSDT", at) or 0) == pytest.approx(one.index[second])
        assert float(prices.under("XRPUSDT", at, LONG) or 0) == pytest.approx(other.mark[second])
        assert prices.under("XRPUSDT", at, BASELINE) == prices.mark("XRPUSDT", at)
        assert prices.last("XRPUSDT", at) == (2 if second < 100 else 1)
    assert prices.caveats("XRPUSDT")[0] == "recomputed-mark"
    assert prices.extreme("XRPUSDT", T0) is None
    assert prices.symbols() == ("1000PEPEUSDT", "XRPUSDT")


def test_outside_of_the_window_and_unknown_contracts_are_none(lake: Lake) -> None:
    prices = TapePrices(context_of(lake))
    assert prices.mark("XRPUSDT", T0 - 1) is None
    assert prices.mark("XRPUSDT", T0 + SECONDS * SECOND) is None
    assert prices.mark("XRPUSDT", T0 + SECONDS * SECOND - 1) is not None
    for symbol in ("NOPEUSDT", "XRPUSD_PERP", "../x"):
        assert prices.mark(symbol, T0) is None and np.isnan(prices.mark_path(symbol)).all()
        assert prices.under(symbol, T0, LONG) is None
    assert prices.caveats("NOPEUSDT") == () and prices.others("NOPEUSDT", T0) is None
    assert prices.others("XRPUSD_PERP", T0) == 4  # The others are known without it.


def test_the_others_are_one_voice_a_venue_and_fresh(lake: Lake) -> None:
    """Coinbase 3, Kraken 4 until it falls silent, Bybit 5.5 between its spot and its swap."""
    prices = TapePrices(context_of(lake))
    at = [T0 + s * SECOND for s in (10, 109, 110)]
    assert [prices.others("XRPUSDT", t) for t in at] == [4, 4, Decimal("4.25")]
    assert [prices.others_usd("XRPUSDT", t) for t in at] == [
        Decimal("3.5"), Decimal("3.5"), Decimal(3),
    ]  # fmt: skip
    assert {"mixed-kinds", "mixed-quotes"} <= set(prices.caveats("XRPUSDT"))
    assert "one-other-venue" in prices.caveats("1000PEPEUSDT")


def test_every_price_is_per_unit_of_the_contract(lake: Lake) -> None:
    prices = TapePrices(context_of(lake))
    at = T0 + 150 * SECOND
    assert prices.mark("1000PEPEUSDT", at) == prices.last("1000PEPEUSDT", at) == Decimal("0.0123")
    assert prices.index("1000PEPEUSDT", at) == Decimal("0.01265")
    assert prices.others("1000PEPEUSDT", at) == Decimal("0.013")
    assert prices.under("1000PEPEUSDT", at, LONG) == Decimal("0.0123")


def test_the_venues_own_marks_come_first_and_are_said(tmp_path: Path) -> None:
    trades = {XRP: falling(), XRP_SPOT: falling(), COINBASE: flat("2")}
    lake = small_lake(tmp_path, trades, marks_file(["2.1", "1.7", "1.5", "1.2"]))
    prices = TapePrices(context_of(lake))
    at = [T0 + s * SECOND for s in (58, 59, 118, 119, 199)]
    assert [prices.mark("XRPUSDT", t) for t in at] == [
        None, Decimal("2.1"), Decimal("2.1"), Decimal("1.7"), Decimal("1.5"),
    ]  # fmt: skip
    assert prices.extreme("XRPUSDT", at[0]) == (Decimal("0.5"), Decimal(3))
    assert prices.caveats("XRPUSDT")[:2] == ("recorded-mark", "bar-resolution")
    assert "recomputed-mark" not in prices.caveats("XRPUSDT")
    assert len(prices.inputs("XRPUSDT")) >= 3
    base = TapePrices(context_of(small_lake(tmp_path / "bare", trades)))
    for moment in at[1:]:
        own, other = (base.under("XRPUSDT", moment, s) for s in (BASELINE, LONG))
        recorded = prices.mark("XRPUSDT", moment)
        assert own and other and recorded
        assert prices.under("XRPUSDT", moment, LONG) == recorded + (other - own)
    assert prices.under("XRPUSDT", T0, LONG) is None  # No mark, so nothing to move.


def test_the_bar_that_ends_as_the_window_begins_is_known_in_it(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {COINBASE: flat("2")}, marks_file(["2.1", "1.7", "1.5", "1"], -1))
    prices = TapePrices(context_of(lake))
    assert prices.mark("XRPUSDT", T0) == Decimal("2.1")
    assert prices.mark("XRPUSDT", T0 + 59 * SECOND) == Decimal("1.7")


def test_marks_of_a_minute_do_not_displace_a_path(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {XRP: flat("2"), COINBASE: flat("2")}, marks_file(["1.9"]))
    prices = TapePrices(context_of(lake))
    assert prices.mark("XRPUSDT", T0 + 60 * SECOND) == 2
    only = small_lake(tmp_path / "b", {COINBASE: flat("2")}, marks_file(["1.9"]))
    assert TapePrices(context_of(only)).mark("XRPUSDT", T0 + 60 * SECOND) == Decimal("1.9")


def test_another_contract_lends_its_prices_only_when_asked(lake: Lake) -> None:
    at = T0 + 50 * SECOND
    prices = TapePrices(context_of(lake), borrow=True)
    assert prices.mark("XRPUSD_PERP", at) == prices.mark("XRPUSDT", at)
    assert prices.caveats("XRPUSD_PERP")[0] == "borrowed-contract"
    assert prices.others("XRPUSD_PERP", at) == 4
    assert prices.mark("PEPEUSDT", at) == Decimal("0.0000123")
    assert prices.under("XRPUSD_PERP", at, LONG) == prices.under("XRPUSDT", at, LONG)
    assert "borrowed-contract" not in prices.caveats("XRPUSDT")
    assert prices.mark("NOPEUSD_PERP", at) is None


def test_what_was_read_is_kept_and_made_again_when_it_is_broken(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, at = tmp_path / "kept", T0 + 120 * SECOND
    first = TapePrices(context_of(lake), folder)
    wanted = first.mark("XRPUSDT", at), first.under("XRPUSDT", at, LONG)
    kept = sorted(folder.iterdir())
    assert len(kept) == 3 and all(p.name.startswith("XRPUSDT-") for p in kept)

    def fails(*_: object) -> None:
        raise AssertionError("read again")

    again = TapePrices(context_of(lake), folder)
    with monkeypatch.context() as patched:
        patched.setattr(tape.TapePrices, "_read", fails)
        assert (again.mark("XRPUSDT", at), again.under("XRPUSDT", at, LONG)) == wanted
        assert again.caveats("XRPUSDT") == first.caveats("XRPUSDT")
        assert again.inputs("XRPUSDT") == first.inputs("XRPUSDT")
        with pytest.raises(AssertionError, match="read again"):
            other = Context.of(first.context.case, lake, book(), Inline(), at=T0 - SECOND)
            TapePrices(other, folder).mark("XRPUSDT", at)
    for path in kept:
        path.write_bytes(path.read_bytes()[:300])
    assert TapePrices(context_of(lake), folder).mark("XRPUSDT", at) == wanted[0]


@pytest.mark.parametrize(
    ("base", "other", "found"),
    [("2", "2.5", "3.5"), ("2", "2", "3"), ("5", "1", None), (None, "1", None), ("1", None, None)],
)
def test_a_mark_is_moved_by_what_the_rules_change(
    base: str | None, other: str | None, found: str | None
) -> None:
    pair = [None if text is None else Decimal(text) for text in (base, other)]
    assert moved(Decimal(3), *pair) == (None if found is None else Decimal(found))


def test_the_embedded_case_has_its_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ATOM in the second of the sweep, from the facts that the case carries."""
    monkeypatch.delenv("LIQUEST_DATA", raising=False)
    case = read_case(CASE)
    lake = stage.build(case, tmp_path, Inline(), Silent()).lake
    prices = TapePrices(Context.of(case, lake, book(), Inline()), tmp_path / "prices")
    at = parse_time("2025-10-10T21:20:37Z")
    assert prices.last("ATOMUSD_PERP", at) == Decimal("1.335")
    mark, others = prices.mark("ATOMUSD_PERP", at), prices.others("ATOMUSD_PERP", at)
    assert mark is not None and others is not None and mark < Decimal("1.5") < 3 < others
    assert prices.caveats("BTCUSD_PERP")[0] == "recorded-mark"
    low_high = prices.extreme("BTCUSD_PERP", at)
    assert low_high is not None and low_high[0] < Decimal(103_000) < low_high[1]
    bar = parse_time("2025-10-10T21:20:00Z")
    assert prices.mark("ATOMUSDT", bar + 59 * SECOND) is not None
    assert prices.mark("ATOMUSDT", bar + 58 * SECOND) is None
