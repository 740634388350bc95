"""Portfolio margin: one ratio for collateral, loans and positions of all settle currencies.

    uniMMR = Σ adjusted equity / Σ MM
    adjusted equity = Σ min(net·index·rate, net·index) − Σ open loss · index
    net = balance − loan + unrealised profit          MM = futures MM + loan · loan rate

    above 150 %            free
    120 % < uniMMR ≤ 150 % warning
    105 % < uniMMR ≤ 120 % reduce-only
    uniMMR ≤ 105 %         liquidation

Everything is converted to USD at the index of its asset. Sources: Binance, "Portfolio Margin
Pro maintenance margin ratio calculation" and "What is the unified account maintenance margin
ratio (uniMMR)" of 2025-02-06.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..errors import InputError, Text
from .collateral import CollateralRule
from .exact import ZERO, exact, finite, positive
from .leg import Leg, Marks, mark_of

FREE, WARNING, REDUCE_ONLY, LIQUIDATION = "free", "warning", "reduce-only", "liquidation"


@dataclass(frozen=True)
class PortfolioRule:
    """The ratios at and below which each level begins."""

    warning: Decimal = Decimal("1.5")
    reduce_only: Decimal = Decimal("1.2")
    liquidation: Decimal = Decimal("1.05")

    def __post_init__(self) -> None:
        positive(Text("the liquidation ratio", "强平比率"), self.liquidation)
        if not self.liquidation <= self.reduce_only <= self.warning:
            raise InputError(
                Text(
                    "the ratios of portfolio margin do not rise: "
                    f"{self.liquidation}, {self.reduce_only}, {self.warning}",
                    f"组合保证金各级比率未递增：{self.liquidation}、{self.reduce_only}、"
                    f"{self.warning}",
                ),
                remedy=Text(
                    "Order them: liquidation, reduce-only, warning.",
                    "请按强平、只减仓、预警递增排列。",
                ),
            )

    @exact
    def level(self, equity: Decimal, maintenance: Decimal) -> str:
        """The level of an adjusted equity; without maintenance margin only debt is a fault."""
        if maintenance == 0:
            return FREE if equity >= 0 else LIQUIDATION
        for name, ratio in (
            (LIQUIDATION, self.liquidation),
            (REDUCE_ONLY, self.reduce_only),
            (WARNING, self.warning),
        ):
            if equity <= ratio * maintenance:
                return name
        return FREE


@dataclass(frozen=True)
class Holding:
    """One asset of an account, in its own units.

    `balance` of all its wallets, `loan` borrowed of it (≥ 0), the maintenance rate of that
    loan, and the loss that open orders would cause (≥ 0).
    """

    asset: str
    balance: Decimal
    loan: Decimal = ZERO
    loan_rate: Decimal = ZERO
    open_loss: Decimal = ZERO

    def __post_init__(self) -> None:
        finite(Text("the balance", "余额"), self.balance, self.asset)
        for name, value in (
            (Text("the loan", "借款"), self.loan),
            (Text("the loan's maintenance rate", "借款维持保证金率"), self.loan_rate),
            (Text("the open loss", "挂单亏损"), self.open_loss),
        ):
            finite(name, value, self.asset)
            if value < 0:
                raise InputError(
                    Text(f"{name.en} is negative: {value}", f"{name.zh}为负：{value}"),
                    where=self.asset,
                    remedy=Text(
                        "Give loans, rates and losses as positive numbers.",
                        "借款、费率与亏损请以正数给出。",
                    ),
                )


@dataclass(frozen=True)
class Unified:
    """The state of a portfolio in USD; `ratio` is None without maintenance margin."""

    equity: Decimal
    maintenance: Decimal
    ratio: Decimal | None
    level: str


@dataclass(frozen=True)
class _Share:
    """What one asset adds: units that count once per unit of its index."""

    equity: Decimal
    open_loss: Decimal
    maintenance: Decimal


@dataclass(frozen=True)
class Portfolio:
    """`holdings` by asset, `legs` as (settle asset, position). A settle asset without a
    holding has a balance of 0; an asset that stands twice is refused with InputError."""

    holdings: tuple[Holding, ...]
    legs: tuple[tuple[str, Leg], ...] = ()
    rule: PortfolioRule = field(default_factory=PortfolioRule)

    def __post_init__(self) -> None:
        names = [h.asset for h in self.holdings]
        if twice := {n for n in names if names.count(n) > 1}:
            raise InputError(
                Text(f"{min(twice)} stands twice", f"{min(twice)} 重复出现"),
                where=min(twice),
                remedy=Text("Add the balances of one asset up.", "请合并同一资产的余额。"),
            )

    @exact
    def state(
        self, marks: Marks, indices: Mapping[str, Decimal], collateral: CollateralRule
    ) -> Unified:
        """Equity, maintenance, ratio and level; `indices` are USD per unit of each asset.

        Raises InputError where a mark, an index or a collateral rate is missing.
        """
        equity = maintenance = ZERO
        for asset, part in self._shares(marks, collateral).items():
            index = _index(indices, asset)
            equity += (part.equity - part.open_loss) * index
            maintenance += part.maintenance * index
        ratio = equity / maintenance if maintenance else None
        return Unified(equity, maintenance, ratio, self.rule.level(equity, maintenance))

    @exact
    def liquidation_index(
        self,
        asset: str,
        marks: Marks,
        indices: Mapping[str, Decimal],
        collateral: CollateralRule,
    ) -> Decimal | None:
        """The index price of one asset at which the portfolio is liquidated, marks and the
        other indices as they are: the depeg that it cannot stand. The index of `asset`
        itself need not be given. None where no price above zero does it.
        """
        slope = rest = ZERO
        for name, part in self._shares(marks, collateral).items():
            surplus = part.equity - part.open_loss - self.rule.liquidation * part.maintenance
            if name == asset:
                slope += surplus
            else:
                rest += surplus * _index(indices, name)
        if slope == 0:
            return None
        price = -rest / slope
        return price if price > 0 else None

    def _shares(self, marks: Marks, collateral: CollateralRule) -> dict[str, _Share]:
        net = {h.asset: h.balance - h.loan for h in self.holdings}
        maintenance = {h.asset: h.loan * h.loan_rate for h in self.holdings}
        losses = {h.asset: h.open_loss for h in self.holdings}
        for asset, leg in self.legs:
            mark = mark_of(marks, leg.symbol)
            net[asset] = net.get(asset, ZERO) + leg.pnl(mark)
            maintenance[asset] = maintenance.get(asset, ZERO) + leg.maintenance(mark)
        return {
            asset: _Share(
                collateral.slope(asset, net[asset]), losses.get(asset, ZERO), maintenance[asset]
            )
            for asset in net
        }


def _index(indices: Mapping[str, Decimal], asset: str) -> Decimal:
    if asset not in indices:
        raise InputError(
            Text(f"no index price of {asset}", f"缺少 {asset} 的指数价格"),
            where=asset,
            remedy=Text(
                "Give the price in USD of every asset that the account holds or owes.",
                "请为账户持有或借入的每种资产提供美元价格。",
            ),
        )
    index = indices[asset]
    positive(Text(f"the index price of {asset}", f"{asset} 的指数价格"), index, asset)
    return index
