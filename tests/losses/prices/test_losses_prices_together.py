"""The user's marks before the tape's: second by second, with the caveats of both."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liquest.clock import SECOND, Window, parse_time
from liquest.findings import Input
from liquest.losses.prices.given import GivenPrices
from liquest.losses.prices.prices import Prices
from liquest.losses.prices.quoted import Quoted
from liquest.losses.prices.together import Together
from liquest.replay.scenario import BASELINE, Scenario
from liquest.tape.tracks import seconds_of

T0 = parse_time("2025-10-10T21:20:00Z")
OTHER = Scenario({"mark.window": "150"})


def given_of(start: int, end: int, symbol: str, prices: dict[int, str], **more: str) -> GivenPrices:
    bars = bool(more)
    seconds = sorted(prices)
    quoted = Quoted(
        10 * SECOND if bars else 0, tuple(T0 + s * SECOND for s in seconds),
        tuple(Decimal(prices[s]) for s in seconds),
        tuple(Decimal(more["low"]) for _ in seconds if bars),
        tuple(Decimal(more["high"]) for _ in seconds if bars), ("given-marks",),
        (Input(symbol, 1, len(prices)),),
    )  # fmt: skip
    window = Window("w", T0 + start * SECOND, T0 + end * SECOND)
    return GivenPrices(window, {symbol: quoted})


@dataclass(frozen=True)
class Full(GivenPrices):
    """As if of a tape: everything is the mark and some, rules move it by a tenth."""

    def last(self, symbol: str, ts: int) -> Decimal | None:  # type: ignore[override]
        return _plus(self.mark(symbol, ts), 1)

    def index(self, symbol: str, ts: int) -> Decimal | None:  # type: ignore[override]
        return _plus(self.mark(symbol, ts), 2)

    def others(self, symbol: str, ts: int) -> Decimal | None:  # type: ignore[override]
        return _plus(self.mark(symbol, ts), 3)

    def others_usd(self, symbol: str, ts: int) -> Decimal | None:  # type: ignore[override]
        return _plus(self.mark(symbol, ts), 4)

    def under(  # type: ignore[override]
        self, symbol: str, ts: int, scenario: Scenario
    ) -> Decimal | None:
        mark = self.mark(symbol, ts)
        return mark if mark is None or scenario is BASELINE else mark + Decimal("0.1")


def _plus(value: Decimal | None, more: int) -> Decimal | None:
    return None if value is None else value + more


def tape(start: int = 0, end: int = 90) -> Full:
    one = given_of(start, end, "XRPUSDT", {start: "2"}, low="1", high="3")
    return Full(one.window, one.quoted)


def test_what_the_first_lacks_the_second_gives() -> None:
    both: Prices = Together(given_of(20, 25, "XRPUSDT", {20: "2.5", 21: "2.6"}), tape())
    at = [T0 + s * SECOND for s in (8, 9, 19, 20, 24, 25)]
    assert [both.mark("XRPUSDT", t) for t in at] == [
        None, 2, 2, Decimal("2.5"), Decimal("2.6"), 2,
    ]  # fmt: skip
    assert [both.last("XRPUSDT", t) for t in at[:4]] == [None, 3, 3, 3]
    assert both.index("XRPUSDT", at[3]) == 4 and both.others("XRPUSDT", at[3]) == 5
    assert both.others_usd("XRPUSDT", at[3]) == 6
    assert both.caveats("XRPUSDT") == ("marks-of-two-sources", "given-marks")
    assert len(both.inputs("XRPUSDT")) == 2 and both.symbols() == ("XRPUSDT",)


def test_a_given_mark_is_moved_by_what_the_tape_says_of_the_rules() -> None:
    both = Together(given_of(20, 25, "XRPUSDT", {20: "2.5"}), tape())
    at = T0 + 20 * SECOND
    assert both.under("XRPUSDT", at, OTHER) == Decimal("2.6")
    assert both.under("XRPUSDT", at, BASELINE) == Decimal("2.5")
    assert both.under("XRPUSDT", T0 + 10 * SECOND, OTHER) == Decimal("2.1")
    beyond = Together(given_of(200, 205, "XRPUSDT", {200: "2.5"}), tape())
    assert beyond.under("XRPUSDT", T0 + 200 * SECOND, OTHER) is None
    swapped = Together(tape(), given_of(20, 25, "XRPUSDT", {20: "2.5"}))
    assert swapped.under("XRPUSDT", at, OTHER) == Decimal("2.1")


def test_the_bar_is_of_whoever_gives_the_mark() -> None:
    both = Together(given_of(6, 9, "XRPUSDT", {6: "2.5"}), tape())
    assert both.extreme("XRPUSDT", T0 + 6 * SECOND) is None
    assert both.extreme("XRPUSDT", T0 + 5 * SECOND) == (Decimal(1), Decimal(3))


@given(
    st.integers(-50, 50), st.integers(1, 60), st.integers(-50, 50), st.integers(1, 60),
    st.sampled_from(["XRPUSDT", "BTCUSDT"]),
)  # fmt: skip
def test_the_path_is_the_mark_of_every_second_of_both_windows(
    a: int, length: int, b: int, other: int, symbol: str
) -> None:
    both = Together(given_of(a, a + length, symbol, {a: "2.5", a + 3: "2.6"}), tape(b, b + other))
    path = both.mark_path("XRPUSDT")
    seconds = seconds_of(both.window)
    assert len(path) == len(seconds)
    assert (int(seconds[0]) - T0) // SECOND == min(a, b)
    for value, second in zip(path, seconds.tolist(), strict=True):
        mark = both.mark("XRPUSDT", second)
        assert np.isnan(value) if mark is None else value == float(mark)
