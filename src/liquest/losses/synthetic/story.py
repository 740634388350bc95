"""The story of the sample account: what it did on 10 October 2025, at the prices of that day.

It held ATOM (COIN-M, cross, long), DOT (COIN-M, short, a winner), and XRP and SOL (USDⓈ-M, cross,
long). It added margin at 21:14 in time, could not reduce at 21:17, lost both cross wallets
between 21:16 and 21:26; 11 forced ATOM orders found no bid before the takeover, a transfer asked
for before the trigger was there after it; its DOT short was closed by the venue.
"""

from __future__ import annotations

import random as chance
from decimal import Decimal

from ..entries import BOTH, CROSS
from .account import Purse
from .contracts import contract
from .forced import EXPIRE, PART, TAKE
from .plan import NONE, Plan, Round
from .sample_prices import SAMPLE_SECONDS, SAMPLE_START, sample_paths, sample_time
from .simulate import Life, Script, ScriptEvent, simulate
from .truth import Truth

ATOM, DOT, XRP, SOL = "ATOMUSD_PERP", "DOTUSD_PERP", "XRPUSDT", "SOLUSDT"
ATOM_WALLET: Purse = ("coinm", "ATOM")
DOT_WALLET: Purse = ("coinm", "DOT")
USDT_WALLET: Purse = ("usdm", "USDT")
EXPIRED = 11
ROUNDS = {
    "ATOM": [*(Round(EXPIRE, n % 2) for n in range(EXPIRED - 1)), Round(EXPIRE, 60), Round(TAKE)],
    "USDT": [Round(PART, 20), Round(EXPIRE, 5), Round(TAKE)],
}
"""Eleven forced ATOM orders expire within seconds, a minute later comes the takeover."""


def sample_truth(seed: int = 1) -> Truth:
    """The sample account; a seed changes its size, ids and names, not its story."""
    plan = Plan(
        seed, SAMPLE_START, SAMPLE_SECONDS, 1, (ATOM, DOT, SOL, XRP), False, CROSS, 5, NONE,
        f"sample-{seed}", ROUNDS,
    )  # fmt: skip
    size = Decimal(chance.Random(seed).randint(90, 115)) / 100
    return simulate(plan, sample_paths(), _script(size))


def _script(size: Decimal) -> Script:
    """Amounts grow with `size`, so that liquidation prices stay where they are."""
    return [
        (sample_time(time), event)
        for time, event in (
            ("20:50:00", _deposit(ATOM_WALLET, 5300 * size)),
            ("20:50:00", _deposit(DOT_WALLET, 900 * size)),
            ("20:50:00", _deposit(USDT_WALLET, 6000 * size)),
            ("20:52:00", _order(ATOM, 1, 1400 * size)),
            ("20:59:00", _order(XRP, 1, 5000 * size, limit=True)),
            ("21:00:00", _order(SOL, 1, 60 * size)),
            ("20:55:00", _order(DOT, -1, 250 * size)),
            ("20:56:00", _order(ATOM, 1, 1000 * size, limit=True)),
            ("21:03:00", _order(XRP, -1, 500 * size)),
            ("21:05:00", _order(XRP, 1, 500 * size, limit=True)),
            ("21:08:00", _unfilled(ATOM, -1, "CANCELED")),
            ("21:14:00", _margin(USDT_WALLET, "21:13:50", 500 * size)),
            ("21:17:00", _unfilled(ATOM, -1, "REJECTED")),
            ("21:17:30", _unfilled(XRP, -1, "REJECTED")),
            ("21:22:30", _margin(ATOM_WALLET, "21:18:30", 3000 * size)),
            ("21:22:00", Life.deleverage),
            ("21:36:00", _order(ATOM, 1, 300 * size)),
            ("21:52:00", _order(ATOM, -1, 150 * size, limit=True)),
            ("22:05:00", _order(ATOM, -1, 150 * size)),
        )
    ]


def _deposit(purse: Purse, amount: Decimal) -> ScriptEvent:
    def event(life: Life, ts: int) -> None:
        life.actor.move(ts, ts, purse, amount)

    return event


def _margin(purse: Purse, asked: str, amount: Decimal) -> ScriptEvent:
    return lambda life, ts: life.send(sample_time(asked), ts, purse, amount)


def _order(symbol: str, side: int, quantity: Decimal, *, limit: bool = False) -> ScriptEvent:
    one = contract(symbol)
    whole = (quantity / one.lot).to_integral_value() * one.lot
    return lambda life, ts: life.actor.trade(ts, one, BOTH, side, whole, limit)


def _unfilled(symbol: str, side: int, status: str) -> ScriptEvent:
    return lambda life, ts: life.actor.unfilled(ts, contract(symbol), BOTH, side, status)
