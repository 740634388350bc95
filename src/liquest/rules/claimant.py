"""Who claims, and what is known of the loss: the nouns that every scheme of compensation reads.

Amounts are in dollars, dollar coins counted at 1; what was lost in a coin is converted by
whoever fills the claimant in, at a price that he states. Times are UTC microseconds. A claimant
that cannot be (a loss below zero, a lot of nothing) cannot be built: the error's `where` is the
column of the register that is at fault.

`losses` are what was lost by force, whole; `lots` and `closes` say how, and are not added to it:
a scheme that pays on fills reads those, one that pays a share of the loss reads `losses`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..errors import InputError, Text
from .exact import ZERO, exact

COLLATERAL, CONTRACT, VIP, MARGIN, LOAN, INSTITUTION = (
    "collateral", "contract", "vip", "margin", "loan", "institution",
)  # fmt: skip
CLASSES = (COLLATERAL, CONTRACT, VIP, MARGIN, LOAN, INSTITUTION)
"""Known classes of claimants; a register may use words of its own besides."""

FUTURES = "futures"
PRODUCTS = (FUTURES, MARGIN, LOAN)
"""In which kind of account the loss was made."""

LONG, SHORT = 1, -1

FORMULA = ("=", "+", "-", "@")
"""First characters of a cell that a spreadsheet takes for a formula."""
HUGE = Decimal(10) ** 18
TINY = Decimal(10) ** -30
"""Numbers from HUGE on, or below TINY, are refused: no account holds such an amount."""
_DIGITS = 40
_LONGEST = 128
_WORD = re.compile(r"[a-z0-9\u4e00-\u9fff]+(?:[-_.][a-z0-9\u4e00-\u9fff]+)*")
_ASSET = re.compile(r"[A-Z0-9\u4e00-\u9fff]{1,24}")
_SYMBOL = re.compile(r"[A-Z0-9\u4e00-\u9fff]+(?:[-_/:.][A-Z0-9\u4e00-\u9fff]+)*")


@dataclass(frozen=True, slots=True)
class ForcedLoss:
    """What forced liquidation cost at a moment, fees included, in dollars (≥ 0)."""

    at: int
    product: str
    amount: Decimal

    def __post_init__(self) -> None:
        _product(self.product)
        _not_below("amount", self.amount)


@dataclass(frozen=True, slots=True)
class Lot:
    """Collateral sold by force: `quantity` of `asset` at the liquidation `price` in dollars,
    and the liquidation fee in dollars."""

    at: int
    product: str
    asset: str
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO

    def __post_init__(self) -> None:
        _product(self.product)
        if not _ASSET.fullmatch(self.asset):
            raise _refuse(
                "symbol", f"'{self.asset[:40]}' is no asset", f"“{self.asset[:40]}”不是资产代码",
                "Write its code, for instance USDE.", "请填写代码，例如 USDE。",
            )  # fmt: skip
        _above("quantity", self.quantity)
        _not_below("price", self.price)
        _not_below("fee", self.fee)


@dataclass(frozen=True, slots=True)
class ForcedClose:
    """One forced fill. `side` is that of the position, +1 long (closed by a sale), −1 short;
    `quantity` in base units, or in contracts of `face` dollars each for inverse contracts;
    `price` and `basis` in quote units; `fee` in dollars.

    `basis` is the price from which the loss counts: the entry, or the mark at a reference time.
    """

    at: int
    symbol: str
    side: int
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    basis: Decimal | None = None
    face: Decimal | None = None

    def __post_init__(self) -> None:
        if not _SYMBOL.fullmatch(self.symbol) or len(self.symbol) > 40:
            raise _refuse(
                "symbol", f"'{self.symbol[:40]}' is no contract",
                f"“{self.symbol[:40]}”不是合约代码",
                "Write it as the venue does, for instance ATOMUSDT.",
                "请按交易所写法填写，例如 ATOMUSDT。",
            )  # fmt: skip
        if self.side not in (LONG, SHORT):
            raise _refuse(
                "side", f"{self.side} is no side", f"{self.side} 不是持仓方向",
                "Write the side of the position: long or short.", "请填写持仓方向：多或空。",
            )  # fmt: skip
        _above("quantity", self.quantity)
        _above("price", self.price)
        _not_below("fee", self.fee)
        if self.basis is not None:
            _above("basis", self.basis)
        if self.face is not None:
            _above("face", self.face)

    @exact
    def worse_by(self, price: Decimal) -> Decimal:
        """Dollars by which the fill was worse than one at `price`; below zero when better.

        Linear: side·quantity·(price − fill). Inverse: side·n·face·(1/fill − 1/price) coins,
        counted at `price`, which is side·n·face·(price/fill − 1) dollars, rounded to 8 decimals.
        """
        if self.face is None:
            return self.side * self.quantity * (price - self.price)
        gone = self.side * self.quantity * self.face * (price / self.price - 1)
        return gone.quantize(_CENTIMILLI)


_CENTIMILLI = Decimal("1E-8")


@dataclass(frozen=True, slots=True)
class Mitigation:
    """When this claimant could act again by his own evidence, and the loss as it stood then,
    where an equity path gives it."""

    able: int
    loss: Decimal | None = None

    def __post_init__(self) -> None:
        if self.loss is not None:
            _not_below("loss_then", self.loss)


@dataclass(frozen=True, slots=True)
class Claimant:
    """One claimant under a pseudonym. `net_assets` are those of the snapshot before the event,
    None where they are not known; `compensated` is what the venue paid him before."""

    id: str
    category: str
    losses: tuple[ForcedLoss, ...] = ()
    lots: tuple[Lot, ...] = ()
    closes: tuple[ForcedClose, ...] = ()
    net_assets: Decimal | None = None
    compensated: Decimal = ZERO
    mitigation: Mitigation | None = None

    def __post_init__(self) -> None:
        _check_id(self.id)
        check_class(self.category)
        if self.net_assets is not None:
            _sane("net_assets", self.net_assets)
        _not_below("compensated", self.compensated)

    @property
    def loss(self) -> Decimal | None:
        """The whole forced loss; None where none is stated."""
        return total(one.amount for one in self.losses) if self.losses else None


@exact
def total(amounts: Any) -> Decimal:
    """The exact sum of decimals."""
    return sum(amounts, ZERO)


def check_class(word: str) -> None:
    """Raises InputError for what cannot be the class of a claimant."""
    if not _WORD.fullmatch(word) or len(word) > 40:
        raise _refuse(
            "class", f"'{word[:40]}' is no class of claimants", f"“{word[:40]}”不是申索人类别",
            f"Write one word: {', '.join(CLASSES)}.", f"请写一个词：{'、'.join(CLASSES)}。",
        )  # fmt: skip


def _check_id(name: str) -> None:
    if not name:
        raise _refuse(
            "id", "the claimant has no id", "申索人编号为空",
            "Write the pseudonym in every row.", "请在每一行填写化名编号。",
        )  # fmt: skip
    if name != name.strip() or not name.isprintable() or "\ufffd" in name or len(name) > _LONGEST:
        raise _refuse(
            "id", "blanks at the ends, invisible characters, or more than 128 characters",
            "首尾空格、不可见字符，或超过 128 个字符",
            "Write the visible characters only.", "请只保留可见字符。",
        )  # fmt: skip
    if name.startswith(FORMULA):
        raise _refuse(
            "id", f"'{name[:40]}' would run as a formula in a spreadsheet",
            f"“{name[:40]}”会被电子表格当作公式执行",
            "Put a letter before it.", "请在前面加一个字母。",
        )  # fmt: skip


def _product(word: str) -> None:
    if word not in PRODUCTS:
        raise _refuse(
            "product", f"'{word[:40]}' is no product", f"“{word[:40]}”不是产品",
            f"Write one of: {', '.join(PRODUCTS)}.", f"请写其中之一：{'、'.join(PRODUCTS)}。",
        )  # fmt: skip


def _sane(column: str, value: Decimal) -> None:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise _refuse(
            column, f"{value!r} is no finite decimal", f"{value!r} 不是有限小数",
            "Write a plain number.", "请填写普通数字。",
        )  # fmt: skip
    if not -HUGE < value < HUGE:
        raise _refuse(
            column, f"{value:.3E} is beyond any account", f"{value:.3E} 超出任何账户的规模",
            "Check the number and its unit.", "请检查数值与单位。",
        )  # fmt: skip
    if (value and abs(value) < TINY) or len(value.as_tuple().digits) > _DIGITS:
        raise _refuse(
            column, f"{value:.3E} has more decimals than any venue gives",
            f"{value:.3E} 的小数位多于任何交易所给出的",
            "Write the number as the venue shows it.", "请按交易所显示的数值填写。",
        )  # fmt: skip


def _not_below(column: str, value: Decimal) -> None:
    _sane(column, value)
    if value < 0:
        raise _refuse(
            column, f"{value} is below zero", f"{value} 小于零",
            "Write it without a sign; a gain is no loss.", "请填写不带符号的数；盈利不是损失。",
        )  # fmt: skip


def _above(column: str, value: Decimal) -> None:
    _sane(column, value)
    if value <= 0:
        raise _refuse(
            column, f"{value} is not above zero", f"{value} 不大于零",
            "Write a number above zero.", "请填写大于零的数。",
        )  # fmt: skip


def _refuse(column: str, en: str, zh: str, remedy_en: str, remedy_zh: str) -> InputError:
    return InputError(Text(en, zh), where=column, remedy=Text(remedy_en, remedy_zh))
