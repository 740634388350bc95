"""Accounts as a venue holds them: positions, wallets, collateral. Immutable and exact.

A record that cannot exist on a venue cannot be built: a quantity of zero, a cross position
without a wallet, a one-way account that is long and short of one symbol. The error's `where`
is the column of the positions file that is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from ..errors import InputError, Text
from ..instruments import DELIVERY, INVERSE, INVERSE_DELIVERY, LINEAR, STABLE, Instrument, identify

LONG, SHORT = 1, -1
FUTURES = (LINEAR, INVERSE, DELIVERY, INVERSE_DELIVERY)
"""Kinds that a position can be of."""

REGULAR, VIP, INSTITUTION, MARKET_MAKER, COUNTERPARTY = (
    "regular", "vip", "institution", "market-maker", "counterparty",
)  # fmt: skip
CATEGORIES = (REGULAR, VIP, INSTITUTION, MARKET_MAKER, COUNTERPARTY)
"""Known classes of accounts; `counterparty` closes a synthetic population."""

SYNTHETIC = "synthetic"
"""The note of an account that nobody held."""

HUGE = Decimal(10) ** 18
"""Numbers from here on are refused: no venue holds such an amount."""
TINY = Decimal(10) ** -30
_DIGITS = 60
WIDE = Context(prec=2 * _DIGITS + 20)
"""Wide enough for the exact product of any two numbers of a record."""
LONGEST_LEVERAGE = Decimal(1000)
_LONGEST = 128
_MOST_ASSETS = 256
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")
_WORD = re.compile(r"[a-z0-9\u4e00-\u9fff]+(?:[-_.][a-z0-9\u4e00-\u9fff]+)*")
_ASSET = re.compile(r"[A-Z0-9\u4e00-\u9fff]{1,24}")
FORMULA = ("=", "+", "-", "@")
"""First characters of a cell that a spreadsheet takes for a formula."""

_MARKETS = {"binance": "binance-futures", "okx": "okx-swap", "bitget": "bitget-futures",
            "gate": "gate-io-futures"}  # fmt: skip


@lru_cache(maxsize=65536)
def contract(symbol: str, venue: str = "binance") -> Instrument:
    """The futures contract of that symbol at a venue, linear or inverse as the symbol says."""
    found = identify(_MARKETS.get(venue, venue), symbol)
    if found.venue == "binance" and found.kind == DELIVERY and found.quote == "USD":
        return identify("binance-delivery", symbol)
    return found


def check_category(word: str) -> None:
    """Raises InputError for what cannot be the class of an account."""
    if not _WORD.fullmatch(word) or len(word) > 40:
        raise _refuse(
            "class", f"'{word[:40]}' is no class of accounts", f"“{word[:40]}”不是账户类别",
            f"Write one word: {', '.join(CATEGORIES)}.",
            f"请写一个词：{'、'.join(CATEGORIES)}。",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Position:
    """`quantity` in base units, in contracts for inverse kinds; `entry` in quote units.

    `margin` is that of an isolated position, in the settle currency; None in cross mode.
    """

    instrument: Instrument
    side: int
    quantity: Decimal
    entry: Decimal
    margin: Decimal | None = None
    leverage: Decimal | None = None

    def __post_init__(self) -> None:
        one = self.instrument
        if one.kind not in FUTURES or not (one.base and one.quote and one.contract_size):
            raise _refuse(
                "symbol",
                f"{one.symbol} is no futures contract whose terms are known",
                f"{one.symbol} 不是条款已知的期货合约",
                "Write a perpetual or delivery contract, for instance BTCUSDT or BTCUSD_PERP.",
                "请填写永续或交割合约，例如 BTCUSDT 或 BTCUSD_PERP。",
            )
        if self.side not in (LONG, SHORT):
            raise _refuse(
                "side", f"{self.side} is no side", f"{self.side} 不是持仓方向",
                "1 is long, -1 is short.", "1 为多，-1 为空。",
            )  # fmt: skip
        _above_zero("quantity", self.quantity)
        _above_zero("entry", self.entry)
        if self.margin is not None:
            _above_zero("margin", self.margin)
        if self.leverage is not None:
            _above_zero("leverage", self.leverage)
            if not 1 <= self.leverage <= LONGEST_LEVERAGE:
                raise _refuse(
                    "leverage", f"a leverage of {self.leverage} does not exist",
                    f"不存在 {self.leverage} 倍杠杆",
                    "Write 20 for 20x.", "20 倍请写 20。",
                )  # fmt: skip
        if (
            self.inverse
            and one.contract_size != 1
            and self.quantity != self.quantity.to_integral_value()
        ):
            raise _refuse(
                "quantity",
                f"{self.quantity} is no whole number of {one.symbol} contracts",
                f"{self.quantity} 不是 {one.symbol} 的整数张",
                f"Write the number of contracts, {one.contract_size} USD each, not the coins.",
                f"请填写张数（每张 {one.contract_size} 美元），而非币数。",
            )

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def inverse(self) -> bool:
        return self.instrument.inverse

    @property
    def isolated(self) -> bool:
        return self.margin is not None

    @property
    def settle(self) -> str:
        """The currency of margin and profit: the quote, or the coin of an inverse contract."""
        return self.instrument.base if self.inverse else self.instrument.quote

    @property
    def amount(self) -> Decimal:
        """Base units of a linear position; quote units (USD) of an inverse one."""
        if not self.inverse:
            return self.quantity
        return WIDE.multiply(self.quantity, self.instrument.contract_size or Decimal(1))

    @property
    def notional(self) -> Decimal:
        """Quote units: at the entry price for linear contracts, at any for inverse ones."""
        return self.amount if self.inverse else WIDE.multiply(self.quantity, self.entry)


@dataclass(frozen=True, slots=True)
class Wallet:
    """The cross balance in one settle currency, without unrealised profit."""

    currency: str
    balance: Decimal

    def __post_init__(self) -> None:
        _asset(self.currency)
        _sane("wallet", self.balance)


@dataclass(frozen=True, slots=True)
class Collateral:
    """An asset that counts towards the margin at a haircut; below zero it is a debt."""

    asset: str
    balance: Decimal

    def __post_init__(self) -> None:
        _asset(self.asset)
        _sane("collateral", self.balance)
        if not self.balance:
            raise _refuse(
                "collateral", f"a collateral balance of zero ({self.asset})",
                f"抵押资产余额为零（{self.asset}）",
                "Leave the asset out.", "请删去该资产。",
            )  # fmt: skip

    def value(self, rate: Decimal) -> Decimal:
        """What counts of the balance: with the haircut, in full where it is a debt."""
        return WIDE.multiply(self.balance, rate) if self.balance > 0 else self.balance


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `category` is its class (regular, vip …), `hedge` whether it may hold both
    sides of a symbol, `portfolio` whether the ratio of portfolio margin liquidates it. Wallets
    and collateral are kept by name."""

    id: str
    positions: tuple[Position, ...] = ()
    wallets: tuple[Wallet, ...] = ()
    collateral: tuple[Collateral, ...] = ()
    category: str = REGULAR
    hedge: bool = False
    portfolio: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            raise _refuse(
                "account", "the account has no name", "账户名为空",
                "Write the account in every row.", "请在每一行填写账户。",
            )  # fmt: skip
        _printable("account", self.id)
        if _SHORTENED.fullmatch(self.id):
            raise _refuse(
                "account", f"a spreadsheet has shortened the account to {self.id}",
                f"账户编号被电子表格缩写为 {self.id}",
                "Format the column as text and enter the accounts again.",
                "请将该列设为文本格式后重新填写账户。",
            )  # fmt: skip
        _printable("note", self.note)
        check_category(self.category)
        if len(self.collateral) > _MOST_ASSETS:
            raise _refuse(
                "collateral", f"more than {_MOST_ASSETS} assets", f"抵押资产超过 {_MOST_ASSETS} 种",
                "Leave out the smallest.", "请删去最小的几项。",
            )  # fmt: skip
        if not self.positions and not self.collateral:
            raise _refuse(
                "symbol", "the account has neither a position nor collateral",
                "账户既无持仓也无抵押资产",
                "Add its positions or leave it out.", "请补上持仓，或删去该账户。",
            )  # fmt: skip
        _once(self.positions, self.hedge)
        if len(self.wallets) > 1:
            _distinct("wallet", [w.currency for w in self.wallets])
            kept = tuple(sorted(self.wallets, key=lambda w: w.currency))
            object.__setattr__(self, "wallets", kept)
        if len(self.collateral) > 1:
            _distinct("collateral", [c.asset for c in self.collateral])
            pledged = tuple(sorted(self.collateral, key=lambda c: c.asset))
            object.__setattr__(self, "collateral", pledged)
        self._check_wallets()

    def _check_wallets(self) -> None:
        held = {w.currency: w.balance for w in self.wallets}
        inverse: dict[str, bool] = {}
        for position in self.positions:
            if position.isolated:
                continue
            if inverse.setdefault(position.settle, position.inverse) != position.inverse:
                raise _refuse(
                    "symbol",
                    f"linear and inverse cross positions settle in {position.settle}: a venue "
                    "keeps two wallets for them",
                    f"正向与反向全仓持仓同以 {position.settle} 结算，交易所为其分设两个钱包",
                    "Give them as two accounts, each with its own wallet.",
                    "请作为两个账户填写，各自写明钱包余额。",
                )
            if position.settle in held:
                continue
            if not (self.pooled and position.settle in STABLE):
                raise _refuse(
                    "wallet",
                    f"cross position in {position.symbol}, but no {position.settle} wallet",
                    f"{position.symbol} 为全仓持仓，但没有 {position.settle} 钱包余额",
                    f"Write the account's {position.settle} balance in the column wallet.",
                    f"请在 wallet 列填写该账户的 {position.settle} 余额。",
                )
        for currency, balance in held.items():
            if balance < 0 and not (self.pooled and currency in STABLE):
                raise _refuse(
                    "wallet", f"the {currency} wallet is below zero",
                    f"{currency} 钱包余额为负",
                    "A debt needs collateral: fill the column collateral too.",
                    "负债须有抵押资产：请同时填写 collateral 列。",
                )  # fmt: skip

    @property
    def pooled(self) -> bool:
        """Whether all that settles in dollar coins stands behind one margin: with collateral
        (multi-assets mode) or portfolio margin."""
        return self.portfolio or bool(self.collateral)

    @property
    def synthetic(self) -> bool:
        return self.note == SYNTHETIC


def _sane(column: str, value: Decimal) -> None:
    if not value.is_finite():
        raise _refuse(
            column, f"{value} is no number", f"{value} 不是数字",
            "Write a plain number.", "请填写普通数字。",
        )  # fmt: skip
    if not -HUGE < value < HUGE:
        raise _refuse(
            column, f"{value:.3E} is beyond any account", f"{value:.3E} 超出任何账户的规模",
            "Check the number and its unit.", "请检查数值与单位。",
        )  # fmt: skip
    if (value and abs(value) < TINY) or (
        len(str(value)) > _DIGITS and len(value.as_tuple().digits) > _DIGITS
    ):
        raise _refuse(
            column, f"{value:.3E} has more decimals than any venue gives",
            f"{value:.3E} 的小数位多于任何交易所给出的",
            "Write the number as the venue shows it.", "请按交易所显示的数值填写。",
        )  # fmt: skip


def _above_zero(column: str, value: Decimal) -> None:
    _sane(column, value)
    if value <= 0:
        raise _refuse(
            column, f"{value} is not above zero", f"{value} 不大于零",
            "Write it without a sign; the direction stands in the column side."
            if column == "quantity" else "Write a number above zero.",
            "请填写正数；方向写在 side 列。" if column == "quantity" else "请填写大于零的数。",
        )  # fmt: skip


def _asset(name: str) -> None:
    if not _ASSET.fullmatch(name):
        raise _refuse(
            "symbol", f"'{name[:40]}' is no asset", f"“{name[:40]}”不是资产代码",
            "Write its code, for instance USDT.", "请填写代码，例如 USDT。",
        )  # fmt: skip


def _printable(column: str, text: str) -> None:
    """Refuses what would not come back from a table as it was written, or would run in one."""
    if not text:
        return
    if text != text.strip() or not text.isprintable() or "\ufffd" in text or len(text) > _LONGEST:
        raise _refuse(
            column, "blanks at the ends, invisible characters, or more than 128 characters",
            "首尾空格、不可见字符，或超过 128 个字符",
            "Write the visible characters only.", "请只保留可见字符。",
        )  # fmt: skip
    if text.startswith(FORMULA):
        raise _refuse(
            column, f"'{text[:40]}' would run as a formula in a spreadsheet",
            f"“{text[:40]}”会被电子表格当作公式执行",
            "Put a letter before it.", "请在前面加一个字母。",
        )  # fmt: skip


def _once(positions: tuple[Position, ...], hedge: bool) -> None:
    """One position per symbol; in hedge mode one per side."""
    if len(positions) < 2:
        return
    held: set[tuple[str, int]] = set()
    for one in positions:
        if (one.symbol, one.side) in held:
            word = ("long", "多") if one.side == LONG else ("short", "空")
            raise _refuse(
                "symbol", f"the {word[0]} position in {one.symbol} is given twice",
                f"{one.symbol} 的{word[1]}仓给出了两次",
                "Join the rows into one, or remove the copy.", "请合并为一行，或删去重复行。",
            )  # fmt: skip
        if not hedge and (one.symbol, -one.side) in held:
            raise _refuse(
                "side", f"a one-way account is both long and short of {one.symbol}",
                f"单向持仓账户同时持有 {one.symbol} 的多仓与空仓",
                "Write hedge in the column hedge, or give the net position.",
                "请在 hedge 列写 hedge（双向），或填写净持仓。",
            )  # fmt: skip
        held.add((one.symbol, one.side))


def _distinct(column: str, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise _refuse(
                column, f"{name} is given twice", f"{name} 给出了两次",
                "Give its balance once.", "余额只填写一次。",
            )  # fmt: skip


def _refuse(column: str, en: str, zh: str, remedy_en: str, remedy_zh: str) -> InputError:
    return InputError(Text(en, zh), where=column, remedy=Text(remedy_en, remedy_zh))
