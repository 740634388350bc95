"""gap: two lows of a coin, as a share of the higher and of the lower."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from _ticks import Tick, one, outcome, pick, same_everywhere, small_lake, window
from liquest.clock import parse_time
from liquest.instruments import identify
from liquest.measures import Context, gap
from liquest.measures._extreme import Extreme
from liquest.tape.lake import Lake
from liquest.tape.tracks import Track

SPAN = window(0, 60)
XRP = {
    ("binance", "XRPUSDT"): [Tick(1, "2.4"), Tick(5, "1.2543"), Tick(9, "2.0")],
    ("coinbase", "XRP-USD"): [Tick(2, "2.4"), Tick("7.5", "1.771"), Tick(8, "1.771", "3")],
}
KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)
UM_XRP = "data/futures/um/daily/klines/XRPUSDT/15m/XRPUSDT-15m-2025-10-10.csv"


def lows(*prices: str) -> list[Extreme]:
    """Lows of one coin on as many venues, without any data behind them."""
    return [low(f"venue{number}", "XRP-USD", price) for number, price in enumerate(prices)]


def low(market: str, symbol: str, price: str) -> Extreme:
    track = Track(Path(), identify(market, symbol), "trade", "trades", 0, ())
    return Extreme(
        track=track,
        window=SPAN,
        price=Decimal(price),
        at=SPAN.start,
        start=SPAN.start,
        source=market,
        row_no=2,
        n_at=9,
        volume_at=None,
        n_near=99,
        volume_near=None,
        scanned=10,
        caveats=(),
    )


def merged(partials: list[Extreme]) -> dict[str, list[Decimal]]:
    found, _ = gap.merge(Context(Lake(Path(), ()), {"w": SPAN}, {}), [partials])
    return {
        name: [Decimal(str(f.value)) for f in found if f.name == f"gap.{name}"]
        for name in ("of_higher", "of_lower")
    }


def test_41_percent_of_the_lower_is_29_percent_of_the_higher(tmp_path: Path) -> None:
    found = same_everywhere("gap", small_lake(tmp_path, XRP), SPAN)
    higher, lower = one(found, "gap.of_higher"), one(found, "gap.of_lower")
    assert (higher.value, lower.value) == (Decimal("0.291756"), Decimal("0.411943"))
    assert higher.unit == lower.unit == "ratio"
    assert higher.subject == {
        "coin": "XRP",
        "venue": "binance",
        "instrument": "XRPUSDT",
        "kind": "spot",
        "price": "trade",
        "against": "coinbase:spot:XRP-USD trade",
    }
    assert higher.at == Tick(5, "").ts
    assert parse_time(higher.params["higher_at"]) == Tick("7.5", "").ts
    assert (higher.params["lower"], higher.params["higher"]) == (
        Decimal("1.2543"),
        Decimal("1.771"),
    )
    assert {"few-trades", "mixed-quotes", "thin"} <= {*higher.caveats}
    assert "mixed-kinds" not in higher.caveats
    assert higher.count == 6
    rows = [(i.first, i.last) for i in higher.inputs if i.role == "extreme"]
    assert rows == [(3, 3), (3, 3)]
    assert len({i.source for i in higher.inputs}) == 2


def test_every_pair_of_a_coin_and_no_pair_of_two_coins(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {
            **XRP,
            ("gemini", "XRPUSD"): [Tick(1, "2.1")],
            ("gemini", "ATOMUSD"): [Tick(1, "3")],
            ("binance-delivery", "ATOMUSD_PERP"): [Tick(1, "1.5")],
        },
    )
    found, problems = outcome("gap", lake, SPAN)
    assert problems == []
    assert len(pick(found, "gap.of_lower", coin="XRP")) == 3
    atom = one(found, "gap.of_lower", coin="ATOM")
    assert atom.value == 1
    assert "mixed-kinds" in atom.caveats
    assert "mixed-quotes" not in atom.caveats


def test_contracts_of_a_thousand_coins_are_divided_out(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {
            ("binance-futures", "1000PEPEUSDT"): [Tick(1, "0.0030")],
            ("coinbase", "PEPE-USD"): [Tick(1, "0.000005")],
        },
    )
    found = one(outcome("gap", lake, SPAN)[0], "gap.of_higher", coin="PEPE")
    assert found.value == Decimal("0.4")
    assert found.params["lower"] == Decimal("0.000003")


def test_a_price_in_btc_is_not_put_beside_dollars(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {
            ("binance", "ETHBTC"): [Tick(1, "0.03")],
            ("binance", "ETHUSDT"): [Tick(1, "3400")],
            ("kraken", "ETH/BTC"): [Tick(1, "0.02")],
        },
    )
    found, _ = outcome("gap", lake, SPAN)
    assert [f.params["higher"] for f in found] == [Decimal("0.03")] * 2


def test_bars_beside_trades_are_marked(tmp_path: Path) -> None:
    opens = SPAN.start // 1000 // 900_000 * 900_000
    bar = f"{opens},2.4,2.4,1.5,2,5,{opens + 899_999},10,7,1,1,0\n"
    lake = small_lake(tmp_path, XRP, {UM_XRP: KLINES + bar})
    found = pick(outcome("gap", lake, SPAN)[0], "gap.of_higher")
    mixed = [f for f in found if Decimal("1.5") in (f.params["lower"], f.params["higher"])]
    assert len(mixed) == 2
    for finding in mixed:
        assert {"different-resolution", "bar-reaches-outside", "mixed-kinds"} <= {*finding.caveats}
        assert "900s" in (finding.params["lower_resolution"], finding.params["higher_resolution"])


def test_one_venue_or_no_trade_in_the_window_is_said(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("binance", "XRPUSDT"): XRP[("binance", "XRPUSDT")]})
    assert [p.code for p in outcome("gap", lake, SPAN)[1]] == ["nothing-to-compare"]
    both = small_lake(tmp_path / "both", XRP)
    found, problems = outcome("gap", both, SPAN, window(1000, 1060, "later"))
    assert {f.window.name for f in found if f.window} == {"w"}
    assert [(p.code, "'later'" in p.text.en) for p in problems] == [("nothing-to-compare", True)]


prices = st.integers(1, 10**9).map(lambda n: str(Decimal(n).scaleb(-6)))


@settings(max_examples=50, deadline=None)
@given(st.lists(prices, min_size=2, max_size=5))
def test_of_the_higher_is_never_more_than_of_the_lower(some: list[str]) -> None:
    found = merged(lows(*some))
    assert len(found["of_higher"]) == len(some) * (len(some) - 1) // 2
    for high, low in zip(found["of_higher"], found["of_lower"], strict=True):
        assert 0 <= high <= low
        assert high <= 1


@settings(max_examples=50, deadline=None)
@given(prices, prices)
def test_both_shares_are_exact_to_half_a_millionth(first: str, second: str) -> None:
    low, high = sorted(Fraction(p) for p in (first, second))
    found = merged(lows(first, second))
    half = Fraction(1, 2_000_000)
    assert abs(Fraction(found["of_higher"][0]) - (high - low) / high) <= half
    assert abs(Fraction(found["of_lower"][0]) - (high - low) / low) <= half


def test_the_coins_of_the_day(real_lake: Lake) -> None:
    crash = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z")
    found, problems = outcome("gap", real_lake, crash)
    assert problems == []
    dot = one(found, "gap.of_higher", coin="DOT", against="coinbase:spot:DOT-USD trade")
    # 0.696 on Binance COIN-M, 2.86 on Coinbase
    assert dot.value == Decimal("0.756643")
    assert dot.subject["kind"] == "inverse-perpetual"
    pol = one(found, "gap.of_lower", coin="POL", against="coinbase:spot:POL-USD trade")
    # 0.1152 USDT against 0.1500 USD
    assert (pol.value, "mixed-quotes" in pol.caveats) == (Decimal("0.302083"), True)
    sky = one(found, "gap.of_higher", coin="SKY", against="binance:spot:SKYUSDT trade")
    assert (sky.value, sky.subject["venue"]) == (Decimal("0.000573"), "coinbase")
