"""The ladder of maintenance tiers of one contract.

    MM(N) = rate_k · N − cum_k          for floor_k < N ≤ floor_{k+1}
    cum_k = cum_{k−1} + floor_k · (rate_k − rate_{k−1}),  cum_1 = 0

Source: Binance, "How to Calculate Liquidation Price of COIN-M Futures Contracts" of 2021-02-05,
where cum is called the maintenance amount. The recursion makes MM continuous, and since rates
do not fall with the notional MM is convex. A ladder that breaks either cannot be built.

N is the notional in the currency that the contract settles in: USDT, USDC, for ETHBTC BTC,
for inverse contracts the coin.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..errors import InputError, IntegrityError, Text
from .exact import ONE, ZERO, exact, finite, positive, share

RATE = Text("the maintenance rate", "维持保证金率")
NOTIONAL = Text("the notional", "名义价值")


class Bracket(NamedTuple):
    """One tier, `floor < notional ≤ cap`; `number` counts from 1, `cap` None has no limit."""

    number: int
    floor: Decimal
    cap: Decimal | None
    rate: Decimal
    cum: Decimal
    max_leverage: Decimal


@dataclass(frozen=True)
class Tiers:
    """Tiers by rising floor, one tuple a column; `cap` bounds the last, None has no limit.

    Raises InputError for a shape that is no ladder, IntegrityError for a `cum` that does
    not follow from the recursion.
    """

    symbol: str
    floors: tuple[Decimal, ...]
    rates: tuple[Decimal, ...]
    cums: tuple[Decimal, ...]
    max_leverage: tuple[Decimal, ...]
    cap: Decimal | None = None

    def __post_init__(self) -> None:
        count = len(self.floors)
        if not count or {count} != {len(self.rates), len(self.cums), len(self.max_leverage)}:
            raise self._wrong(
                0, Text("needs equally many floors, rates, cums and leverages, at least one of "
                        "each", "各档的下限、费率、速算额与杠杆数量须相等且不为零"),
            )  # fmt: skip
        for number, tier in enumerate(self.brackets, 1):
            where = f"{self.symbol} bracket {number}"
            finite(Text("the floor", "档位下限"), tier.floor, where)
            share(RATE, tier.rate, where)
            finite(Text("the maintenance amount", "速算额"), tier.cum, where)
            positive(Text("the maximum leverage", "最大杠杆"), tier.max_leverage, where)
        if self.cap is not None:
            finite(Text("the cap", "档位上限"), self.cap, self.symbol)
        self._rising()
        for number, (got, expected) in enumerate(
            zip(self.cums, cumulated(self.floors, self.rates), strict=True), 1
        ):
            check_cum(self.symbol, number, got, expected)

    def _rising(self) -> None:
        ends = (*self.floors[1:], self.cap)
        if self.floors[0] != 0:
            raise self._wrong(1, Text("must start at 0", "须从 0 开始"))
        for number, (floor, end) in enumerate(zip(self.floors, ends, strict=True), 1):
            if end is not None and not end > floor:
                raise self._wrong(
                    number, Text(f"ends at {end}, not above {floor}", f"上限 {end} 不高于 {floor}")
                )
        for number in range(2, len(self.floors) + 1):
            if self.rates[number - 1] < self.rates[number - 2]:
                raise self._wrong(
                    number, Text("has a lower rate than the one before", "费率低于前一档")
                )
            if self.max_leverage[number - 1] > self.max_leverage[number - 2]:
                raise self._wrong(
                    number,
                    Text("allows a higher leverage than the one before", "允许的杠杆高于前一档"),
                )

    def _wrong(self, number: int, what: Text) -> InputError:
        place = Text(f"bracket {number} ", f"第 {number} 档") if number else Text("it ", "")
        return InputError(
            Text(
                f"no ladder of tiers: {place.en}{what.en}",
                f"不构成保证金阶梯：{place.zh}{what.zh}",
            ),
            where=self.symbol,
            remedy=Text(
                "Compare with the venue's table: notional, rate and leverage limit of each tier.",
                "请与交易场所的档位表核对：每档的名义价值、费率与杠杆上限。",
            ),
        )

    def __len__(self) -> int:
        return len(self.floors)

    @property
    def brackets(self) -> tuple[Bracket, ...]:
        """All tiers, lowest first."""
        return tuple(self._bracket(k) for k in range(len(self)))

    def _bracket(self, k: int) -> Bracket:
        cap = self.floors[k + 1] if k + 1 < len(self) else self.cap
        return Bracket(
            k + 1, self.floors[k], cap, self.rates[k], self.cums[k], self.max_leverage[k]
        )

    def _index(self, notional: Decimal) -> int:
        """Place of the tier, from 0; a notional on a floor belongs to the tier below it."""
        finite(NOTIONAL, notional, self.symbol)
        if notional < 0:
            raise InputError(
                Text(f"the notional {notional} is negative", f"名义价值 {notional} 为负"),
                where=self.symbol,
                remedy=Text("Give its absolute value.", "请给出绝对值。"),
            )
        return max(bisect_left(self.floors, notional) - 1, 0)

    def bracket(self, notional: Decimal) -> Bracket:
        """The tier of a notional. Above the cap it is the last: a position may outgrow it."""
        return self._bracket(self._index(notional))

    @exact
    def maintenance(self, notional: Decimal) -> Decimal:
        """MM(N), in the currency of the notional; N ≥ 0."""
        k = self._index(notional)
        return self.rates[k] * notional - self.cums[k]

    @exact
    def scaled(self, factor: Decimal) -> Tiers:
        """All rates times `factor`, at most 1: to hold more than the whole notional can be
        asked of nobody, and below 1 a long position has one liquidation price."""
        positive(Text("the factor of maintenance rates", "维持保证金率倍数"), factor, self.symbol)
        rates = tuple(min(rate * factor, ONE) for rate in self.rates)
        return Tiers(
            self.symbol,
            self.floors,
            rates,
            tuple(cumulated(self.floors, rates)),
            self.max_leverage,
            self.cap,
        )

    def check_leverage(self, notional: Decimal, leverage: Decimal, where: str = "") -> None:
        """Raises InputError when a notional may not be held at a leverage, or at none at all."""
        positive(Text("the leverage", "杠杆"), leverage, where or self.symbol)
        tier = self.bracket(notional)
        if self.cap is not None and notional > self.cap:
            raise InputError(
                Text(
                    f"a notional of {notional} is above the largest of {self.symbol}, {self.cap}",
                    f"名义价值 {notional} 超过 {self.symbol} 的上限 {self.cap}",
                ),
                where=where or self.symbol,
                remedy=Text(
                    "Check the quantity and its unit: coins, contracts or USD.",
                    "请核对数量及其单位：币、张或美元。",
                ),
            )
        if leverage > tier.max_leverage:
            raise InputError(
                Text(
                    f"leverage {leverage} is above the {tier.max_leverage} that bracket "
                    f"{tier.number} of {self.symbol} allows for a notional of {notional}",
                    f"杠杆 {leverage} 超过 {self.symbol} 第 {tier.number} 档（名义价值 "
                    f"{notional}）允许的 {tier.max_leverage}",
                ),
                where=where or self.symbol,
                remedy=Text(
                    f"Give a leverage of at most {tier.max_leverage}, or a smaller position.",
                    f"请填写不超过 {tier.max_leverage} 的杠杆，或减小仓位。",
                ),
            )


@exact
def cumulated(floors: tuple[Decimal, ...], rates: tuple[Decimal, ...]) -> list[Decimal]:
    """The maintenance amounts that make MM continuous, by the recursion above."""
    cums = [ZERO]
    for k in range(1, len(floors)):
        cums.append(cums[-1] + floors[k] * (rates[k] - rates[k - 1]))
    return cums


def check_cum(symbol: str, number: int, got: Decimal, expected: Decimal, where: str = "") -> None:
    """Raises IntegrityError when a stated maintenance amount does not follow from the tiers."""
    if got != expected:
        raise IntegrityError(
            Text(
                f"cum of bracket {number} of {symbol} does not follow from the tiers before it",
                f"{symbol} 第 {number} 档的速算额与前面各档不符",
            ),
            expected=f"{expected.normalize():f}",
            got=str(got),
            where=where or symbol,
            remedy=Text(
                "cum = cum before + floor · (rate − rate before). Correct cum, floor or rate.",
                "速算额 = 前一档速算额 + 本档下限 ×（本档费率 − 前一档费率）。"
                "请更正速算额、下限或费率。",
            ),
        )


@exact
def flat(symbol: str, rate: Decimal) -> Tiers:
    """One tier without a limit, for a contract of which only a rate is known or assumed."""
    share(RATE, rate, symbol)
    return Tiers(symbol, (ZERO,), (rate,), (ZERO,), (ONE / rate,))
