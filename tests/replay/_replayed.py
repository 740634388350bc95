"""Small tapes for the replay: one perpetual, its spot on other venues, a context over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from _ticks import T0, Tick, small_lake
from liquest.case import Case
from liquest.clock import SECOND, Window
from liquest.errors import Text
from liquest.replay.context import Context
from liquest.rules.book import book
from liquest.run.executor import Inline
from liquest.tape.lake import Lake

PERP = ("binance-futures", "XRPUSDT")
INVERSE = ("binance-delivery", "ATOMUSD_PERP")
OWN = ("binance", "XRPUSDT")
COINBASE = ("coinbase", "XRP-USD")
KRAKEN = ("kraken", "XRP/USD")
Trades = Mapping[tuple[str, str], Iterable[Tick]]


def path(*prices: str | float, start: int = 0, every: int = 1) -> list[Tick]:
    """One trade a second, or every few."""
    return [Tick(start + n * every, str(p)) for n, p in enumerate(prices)]


def flat(price: str, seconds: int, start: int = 0) -> list[Tick]:
    """The same price every second."""
    return path(*([price] * seconds), start=start)


def lake_with(folder: Path, trades: Trades, files: Mapping[str, str] | None = None) -> Lake:
    """A lake of these trades."""
    return small_lake(folder, trades, files)


def span_of(seconds: int, start: int = 0) -> Window:
    return Window("w", T0 + start * SECOND, T0 + (start + seconds) * SECOND)


def context_of(lake: Lake, seconds: int, start: int = 0) -> Context:
    """A case of one window, its rules those of that moment."""
    span = span_of(seconds, start)
    case = Case(Path("/nowhere"), "test", Text("test", "测试"), {"w": span})
    return Context.of(case, lake, book(), Inline())
