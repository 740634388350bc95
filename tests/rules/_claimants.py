"""Claimants and references for the tests of compensation: by hand, and drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from liquest.clock import SECOND, parse_time
from liquest.rules.book import Rules, book
from liquest.rules.claimant import (
    CLASSES,
    LONG,
    PRODUCTS,
    SHORT,
    Claimant,
    ForcedClose,
    ForcedLoss,
    Lot,
    Mitigation,
)

D = Decimal
T = TypeVar("T")
ANNOUNCED = parse_time("2025-10-15T00:00:00Z")
"""All schemes were announced by then; the window of the collateral scheme ends at 22:16."""


def at(clock: str, day: str = "2025-10-10") -> int:
    """UTC microseconds of a time of the day."""
    return parse_time(f"{day}T{clock}Z")


def rules(**asked: str) -> Rules:
    """The rules after both announcements, with settings: together_share="0.02"."""
    named = {f"compensation.{k.replace('__', '.')}": v for k, v in asked.items()}
    return book().at(ANNOUNCED, overrides=named)


def lot(clock: str = "21:40:00", asset: str = "USDE", quantity: str = "1000", price: str = "0.70",
        fee: str = "10.50") -> Lot:  # fmt: skip
    return Lot(at(clock), "margin", asset, D(quantity), D(price), D(fee))


def close(clock: str = "21:20:00", price: str = "1.90", quantity: str = "100", side: int = LONG,
          symbol: str = "ATOMUSDT", fee: str = "0", basis: str = "",
          face: str = "") -> ForcedClose:  # fmt: skip
    return ForcedClose(
        at(clock), symbol, side, D(quantity), D(price), D(fee), D(basis) if basis else None,
        D(face) if face else None,
    )  # fmt: skip


def lost(amount: str, clock: str = "21:20:00", product: str = "futures",
         day: str = "2025-10-10") -> ForcedLoss:  # fmt: skip
    return ForcedLoss(at(clock, day), product, D(amount))


def one(name: str = "a", category: str = "contract", **held: object) -> Claimant:
    """A claimant with some of: losses, lots, closes, net_assets, compensated, mitigation."""
    return Claimant(name, category, **held)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Fixed:
    """Prices by name, the same at every moment, each asked for kept; what is not there is None."""

    assets: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    median: Mapping[str, str] = field(default_factory=dict)
    usd: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def asset(self, asset: str, at: int) -> Decimal | None:
        return self._of("asset", self.assets, asset, at)

    def price(self, symbol: str, at: int) -> Decimal | None:
        return self._of("mark", self.marks, symbol, at)

    def others(self, symbol: str, at: int) -> Decimal | None:
        return self._of("others", self.median, symbol, at)

    def others_usd(self, symbol: str, at: int) -> Decimal | None:
        return self._of("usd", self.usd, symbol, at)

    def _of(self, kind: str, held: Mapping[str, str], name: str, at: int) -> Decimal | None:
        self.asked.append((kind, name, at))
        return D(held[name]) if name in held else None


# Random claimants: from a seed, which is drawn; to draw every number would be slow.

SYMBOLS = ("ATOMUSDT", "XRPUSDT", "BTCUSD_PERP")
PLEDGED = ("USDE", "BNSOL", "WBETH", "BTC")
FIRST, LAST = at("20:00:00"), at("23:59:59", "2025-10-11")
EDGES = (
    at("21:36:00"), at("22:16:00"), at("22:16:01"), at("21:35:59"), at("22:15:00"),
    at("23:59:59", "2025-10-11"), at("21:18:00"), at("21:51:00"), at("22:20:00"),
)  # fmt: skip
ABOVE = st.decimals("0.0001", 10**5, places=4)


def _amount(rng: Random) -> Decimal:
    return rng.choice(
        (D(0), D(rng.randrange(10**9)).scaleb(-2), D(rng.randrange(10**4)).scaleb(-2))
    )


def _above(rng: Random) -> Decimal:
    return D(rng.randrange(1, 10**9)).scaleb(-4)


def _moment(rng: Random) -> int:
    return rng.choice((*EDGES, *(rng.randrange(FIRST, LAST, SECOND) for _ in range(8))))


def _some(rng: Random, make: Callable[[], T], most: int = 3) -> tuple[T, ...]:
    return tuple(make() for _ in range(rng.randint(0, most)))


def random_claimant(rng: Random, name: str = "a") -> Claimant:
    """One claimant of any class with anything."""
    return Claimant(
        name, rng.choice(CLASSES),
        _some(rng, lambda: ForcedLoss(_moment(rng), rng.choice(PRODUCTS), _amount(rng))),
        _some(rng, lambda: Lot(_moment(rng), rng.choice(PRODUCTS), rng.choice(PLEDGED),
                               _above(rng), _above(rng), _amount(rng))),
        _some(rng, lambda: ForcedClose(
            _moment(rng), rng.choice(SYMBOLS), rng.choice((LONG, SHORT)), _above(rng), _above(rng),
            _amount(rng), rng.choice((None, _above(rng))), rng.choice((None, D(100))),
        )),
        rng.choice((None, _amount(rng), -_amount(rng))), rng.choice((D(0), D(0), _amount(rng))),
        rng.choice((None, Mitigation(_moment(rng), rng.choice((None, _amount(rng)))))),
    )  # fmt: skip


SEEDS = st.integers(0, 2**48)


def claimants(name: str = "a") -> st.SearchStrategy[Claimant]:
    """One claimant."""
    return SEEDS.map(lambda seed: random_claimant(Random(seed), name))


def registers(most: int = 6) -> st.SearchStrategy[list[Claimant]]:
    """Claimants with ids of their own."""

    def made(seed: int) -> list[Claimant]:
        rng = Random(seed)
        return [random_claimant(rng, f"c{k}") for k in range(rng.randint(1, most))]

    return SEEDS.map(made)


def references() -> st.SearchStrategy[Fixed]:
    """Prices of some of the names."""

    def made(seed: int) -> Fixed:
        rng = Random(seed)

        def prices(names: tuple[str, ...]) -> dict[str, str]:
            return {n: str(_above(rng)) for n in names if rng.random() < 0.8}

        return Fixed(prices(PLEDGED), prices(SYMBOLS), prices(SYMBOLS), prices(SYMBOLS))

    return SEEDS.map(made)
