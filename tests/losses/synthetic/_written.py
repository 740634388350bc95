"""A synthetic account through its files and back: what the readers make of it, and the truth."""

from __future__ import annotations

import random as chance
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.losses.entries import Exports
from liquest.losses.exports import read_exports
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.synthetic.account import Key, Purse
from liquest.losses.synthetic.contracts import contract
from liquest.losses.synthetic.plan import MODES, Plan
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import Truth
from liquest.losses.synthetic.writing import Style, write_exports
from liquest.problems import Problem

LINEAR = (("BTCUSDT",), ("SOLUSDT", "XRPUSDT"), ("ATOMUSDT", "BTCUSDC", "DOGEUSDT"))
INVERSE = (("ATOMUSD_PERP",), ("BTCUSD_PERP", "DOTUSD_PERP"))
KINDS = (*LINEAR, *INVERSE, ("ATOMUSD_PERP", "ETHUSDT"))

plans = st.builds(
    lambda seed, symbols, hedge, mode: Plan(seed, symbols=symbols, hedge=hedge, mode=mode),
    st.integers(0, 2**40), st.sampled_from(KINDS), st.booleans(), st.sampled_from(MODES),
)  # fmt: skip
"""Linear and inverse, cross, isolated and mixed, hedge mode and one-way."""


@dataclass(frozen=True)
class Back:
    """The truth of an account, and what came back of the files that were written of it; of a
    cut export only the rows of [start, end)."""

    truth: Truth
    style: Style
    exports: Exports
    ledger: Ledger
    problems: tuple[Problem, ...]

    @property
    def start(self) -> int:
        return self.style.cut[0] if self.style.cut else self.truth.start

    @property
    def end(self) -> int:
        return self.style.cut[1] if self.style.cut else self.truth.end

    def shown(self, ts: int) -> bool:
        """Whether the export holds rows of that time."""
        return self.start <= ts < self.end


def cut_of(truth: Truth, random: chance.Random) -> tuple[int, int]:
    """Any stretch of at least five minutes."""
    seconds = truth.plan.seconds
    first = random.randrange(0, seconds - 600)
    last = random.randrange(first + 300, seconds + 1)
    return truth.start + first * SECOND, truth.start + last * SECOND


def back(plan: Plan, *, cut: bool = False, known: str = "") -> Back:
    """Written in a guise of the plan's seed, read and reconstructed. `known` is what else the
    reader is told: "end" balances and positions of the end, "start" balances of the start."""
    random = chance.Random(plan.seed)
    truth = simulate(plan)
    style = Style.drawn(random)
    if cut:
        style = replace(style, cut=cut_of(truth, random))
    with TemporaryDirectory() as folder:
        write_exports(truth, Path(folder), style)
        exports, problems = read_exports([Path(folder)])
    start, end = style.cut or (truth.start, truth.end)
    opening: Mapping[Purse, Decimal] = {}
    closing: Mapping[Purse, Decimal] = {}
    last: Mapping[tuple[str, str, str], Decimal] = {}
    if known == "start":
        opening = {p: truth.wallet(p, start - 1) for p in truth.balances}
    elif known == "end":
        closing = {p: truth.wallet(p, end - 1) for p in truth.balances}
        last = {(contract(k[0]).market, *k): quantity(truth, k, end - 1) for k in truth.held}
    ledger, more = reconstruct(exports, opening=opening, closing=closing, positions_at_end=last)
    return Back(truth, style, exports, ledger, (*problems, *more))


def quantity(truth: Truth, key: Key, ts: int) -> Decimal:
    """What is held, signed, 0 for nothing."""
    held = truth.position(key, ts)
    return held.quantity if held else Decimal(0)
