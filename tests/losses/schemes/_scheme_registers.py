"""Claimants for the tests of schemes over a register: drawn from a seed."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from liquest.clock import MINUTE, SECOND, parse_time
from liquest.rules.book import Rules, book
from liquest.rules.claimant import LONG, SHORT, Claimant, ForcedClose, ForcedLoss, Lot

D = Decimal
START = parse_time("2025-10-10T21:10:00Z")
RULES: Rules = book().at(parse_time("2025-10-15T00:00:00Z"))
NAMES = ("collateral", "contract", "vip")


def claimant(rng: Random, name: str) -> Claimant:
    """One of three classes; some state no loss, or one of zero."""
    category = rng.choice(NAMES)
    at = START + rng.randrange(70) * MINUTE + rng.randrange(60) * SECOND
    loss = rng.choice((D(0), D(rng.randrange(10**8)).scaleb(-2), D(rng.randrange(10**6))))
    losses = (ForcedLoss(at, "futures", loss),) if rng.random() < 0.85 else ()
    lots: tuple[Lot, ...] = ()
    closes: tuple[ForcedClose, ...] = ()
    if category == "collateral":
        lots = (Lot(at, "margin", "USDE", D(rng.randrange(1, 10**6)), D("0.7"), D(3)),)
    else:
        closes = (
            ForcedClose(at, rng.choice(("ATOMUSDT", "XRPUSDT")), rng.choice((LONG, SHORT)),
                        D(rng.randrange(1, 10**4)), D("1.9"), D(rng.randrange(50))),
        )  # fmt: skip
    return Claimant(
        name, category, losses, lots, closes, rng.choice((None, D(rng.randrange(10**6)))),
        rng.choice((D(0), D(0), D(7))),
    )  # fmt: skip


def register(seed: int, most: int = 12) -> list[Claimant]:
    rng = Random(seed)
    return [claimant(rng, f"c{k}") for k in range(rng.randint(1, most))]


REGISTERS = st.integers(0, 2**48).map(register)


class Prices:
    """Prices of USDE and ATOMUSDT; none of XRPUSDT."""

    def asset(self, asset: str, at: int) -> Decimal | None:
        return D("0.999") if asset == "USDE" else None

    def price(self, symbol: str, at: int) -> Decimal | None:
        return D("3") if symbol == "ATOMUSDT" else None

    others = others_usd = price
