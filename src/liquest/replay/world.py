"""What a population lives in under one scenario: marks, last prices, tiers, collateral.

The markets come first, in the order of the context, then every asset that may stand as
collateral and has a price. An asset's price is what `collateral.price.ASSET` says: that of
the venue's own spot, the on-chain one, its redemption at 1, or the venue's with a floor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..errors import Text, UsageError
from ..instruments import LINEAR, SPOT, STABLE
from ..rules.book import Rules
from ..rules.ladder import Tiers, flat
from ..rules.tiers import tiers
from ..tape.tracks import Floats, Track, at_seconds, closes, seconds_of, tracks
from .context import Context
from .markets import Market
from .marks import Marked
from .recorded import EVER
from .scenario import BASELINE, Scenario
from .to_units import Conversion
from .units import Bools, Paths

ONCHAIN = ("uniswap", "curve", "onchain")
"""Venues whose prices are on-chain."""
FULL_RATE = Decimal(1)
"""Collateral rate of an asset of which nothing plausible is known: none is taken off."""


@dataclass(frozen=True)
class World:
    """`paths` holds markets then assets; `last` [M + A, S] the last trade as x (an asset's
    price for assets); `marked` the markets as they came out of the rules."""

    scenario: Scenario
    rules: Rules
    marked: tuple[Marked, ...]
    paths: Paths
    last: Floats
    conversion: Conversion

    @property
    def names(self) -> tuple[str, ...]:
        return self.paths.names

    @property
    def contract(self) -> Bools:
        """[M + A]: what is a contract and no asset."""
        return np.arange(len(self.names)) < len(self.marked)

    def caveats(self, names: Iterable[str] | None = None) -> tuple[str, ...]:
        """What a reader must know of the prices of these markets, of all when none are named."""
        wanted = set(self.names if names is None else names)
        found: dict[str, None] = {}
        for one in self.marked:
            if one.symbol in wanted:
                found |= dict.fromkeys(one.recorded.caveats)
                if one.symbol not in tiers():
                    found["tiers-assumed"] = None
        return tuple(found)


def world(
    context: Context, scenario: Scenario = BASELINE, moved: Iterable[Marked] | None = None
) -> World:
    """Everything that a scenario changes, computed once; `moved` stands in for the marks that
    the context computes (feedback)."""
    rules = context.rules_of(scenario)
    rows = tuple(context.marked(scenario) if moved is None else moved)
    found = collateral(context, rules)
    markets = [one.recorded.market for one in rows]
    ladders: list[Tiers | None] = [ladder(market, rules) for market in markets]
    inverse = [market.instrument.inverse for market in markets] + [False] * len(found)
    stopped = halts(rows, rules)
    prices = np.stack([*(one.mark for one in rows), *found.values()])
    last = np.stack([*(one.last for one in rows), *found.values()])
    prices[: len(rows)][stopped] = last[: len(rows)][stopped] = np.nan
    names = [market.symbol for market in markets] + list(found)
    turned = np.array(inverse)
    with np.errstate(divide="ignore"):
        last = np.where(turned[:, None], 1.0 / last, last)
    return World(
        scenario, rules, rows,
        Paths.of(names, prices, inverse, [*ladders, *([None] * len(found))]), last,
        conversion(rules, found),
    )  # fmt: skip


def halts(rows: Sequence[Marked], rules: Rules) -> Bools:
    """[M, S]: whether a halt stands; nothing is evaluated or executed while it does."""
    from ..rules.halt import HaltRule

    stopped = np.zeros((len(rows), len(rows[0].mark) if rows else 0), dtype=np.bool_)
    for place, one in enumerate(rows):
        rule = HaltRule.of(rules, one.symbol)
        if rule is not None:
            from ..rules.halt_kernel import halted

            stopped[place] = halted(one.mark, float(rule.trigger), rule.lookback, rule.length)
    return stopped


def ladder(market: Market, rules: Rules) -> Tiers:
    """The maintenance tiers of a contract: those on record, else one assumed rate."""
    factor = rules.get("margin.rate_factor", market.symbol).number
    known = tiers().get(market.symbol) if market.instrument.kind == LINEAR else None
    if known is None:
        known = flat(market.symbol, rules.get("margin.inverse_rate", market.symbol).number)
    return known if factor == 1 else known.scaled(factor)


def conversion(rules: Rules, assets: Mapping[str, Floats]) -> Conversion:
    """Haircuts, grace and the portfolio trigger of the rules."""
    return Conversion(
        rates={asset: _rate(rules, asset) for asset in assets},
        grace={
            name: int(rules.get(f"grace.{name}").number) for name in ("vip", "regular")
        },
        portfolio_ratio=rules.get("portfolio.liquidation").number,
    )  # fmt: skip


def _rate(rules: Rules, asset: str) -> Decimal:
    """The collateral rate; the upper end of its plausible range where it is not known."""
    row = rules.get(f"collateral.rate.{asset}")
    if isinstance(row.value, Decimal):
        return row.value
    numbers = [v for v in row.span if isinstance(v, Decimal)]
    return max(numbers) if numbers else FULL_RATE


def collateral(context: Context, rules: Rules) -> dict[str, Floats]:
    """asset → its price in dollars at the end of every second of the window, NaN before it is
    known; assets without a price of the kind that the rules name are left out."""
    key = "collateral tracks"
    if key not in context.kept:
        context.kept[key] = [
            t
            for t in tracks(context.lake, context.span, per_second=True)
            if t.price == "trade" and t.instrument.kind == SPOT
            and (t.instrument.quote == "USD" or t.instrument.quote in STABLE)
        ]  # fmt: skip
    found: list[Track] = context.kept[key]
    priced: dict[str, Floats] = {}
    for asset in sorted({t.coin for t in found if t.coin}):
        price = _price(context, rules, asset, [t for t in found if t.coin == asset])
        if price is not None:
            priced[asset] = price
    return priced


def _price(context: Context, rules: Rules, asset: str, found: list[Track]) -> Floats | None:
    word = rules.get(f"collateral.price.{asset}").text
    if word == "redemption":
        return np.ones(len(seconds_of(context.span)))
    venues = ONCHAIN if word == "onchain" else (context.venue,)
    own = [t for t in found if t.instrument.venue in venues]
    if not own:
        return None
    key = f"collateral {own[0].instrument.key}"
    if key not in context.kept:
        context.kept[key], _ = at_seconds(closes(own[0], context.span), own[0], context.span, EVER)
    path: Floats = context.kept[key]
    if word.startswith("floor:"):
        return np.fmax(path, float(_floor(asset, word)))
    return path


def _floor(asset: str, word: str) -> Decimal:
    try:
        value = Decimal(word.removeprefix("floor:"))
    except ArithmeticError:
        value = Decimal("NaN")
    if not value > 0:
        raise UsageError(
            Text(
                f"'{word}' is no floor of the price of {asset}",
                f"“{word}”不是 {asset} 的有效价格下限",
            ),
            remedy=Text("Write floor:0.95.", "请写 floor:0.95。"),
        )
    return value
