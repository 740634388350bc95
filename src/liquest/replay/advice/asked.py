"""What a person asks: an exposure, all of their money, and the ways of holding to be compared.

Invariant: what is asked can be computed; anything else is refused with the option by name.
Money is in the currency of the margin, shares are of 1, leverages ascend.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text, UsageError
from ...findings import plain

SIDES = {"long": 1, "short": -1}
NONE = "none"
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True)
class Asked:
    """`capital` is all the money, `shares` are the parts of it that are on the exchange;
    `again_s` is the wait before opening anew, `delay_s` how long a stop order takes to fill,
    `remargin_s` how long money from outside takes to arrive (None: it never comes), `hold_h` the
    hours of a path that is drawn from before the event (None: as long as the event)."""

    exposure: Decimal = Decimal(10_000)
    capital: Decimal = Decimal(10_000)
    leverages: tuple[Decimal, ...] = (Decimal(2), Decimal(5), Decimal(20))
    shares: tuple[Decimal, ...] = (Decimal("0.2"), Decimal("0.5"), Decimal(1))
    stop: Decimal | None = Decimal("0.05")
    side: str = "long"
    again_s: int = 60
    delay_s: int = 1
    remargin_s: int | None = None
    paths: int = 500
    hold_h: int | None = None
    seed: int = 20251010

    def __post_init__(self) -> None:
        _above_zero("--exposure", self.exposure)
        _above_zero("--capital", self.capital)
        if not self.leverages or not all(_within(x, 1, 1000) for x in self.leverages):
            raise refused("--leverage", _listed(self.leverages), "1 … 1000", "--leverage 20")
        if not self.shares or not all(_within(x, 0, 1) and x for x in self.shares):
            raise refused("--on-exchange", _listed(self.shares), "0 < x ≤ 1", "--on-exchange 0.2,1")
        if self.stop is not None and not (_within(self.stop, 0, 1) and 0 < self.stop < 1):
            raise refused("--stop", plain(self.stop), "0 < x < 1, none", "--stop 0.05")
        if self.side not in SIDES:
            raise refused("--side", self.side, "long, short", "--side long")
        for name, value, least, most in (
            ("--again", self.again_s, 1, 86_400), ("--stop-delay", self.delay_s, 1, 86_400),
            ("--paths", self.paths, 20, 20_000), ("--hold-hours", self.hold_h or 1, 1, 72),
            ("--seed", self.seed, 0, 2**53), ("--remargin", self.remargin_s or 1, 1, 86_400),
        ):  # fmt: skip
            if not least <= value <= most:
                raise refused(name, str(value), f"{least} … {most}", f"{name} {least}")
        object.__setattr__(self, "leverages", tuple(sorted(set(self.leverages))))
        object.__setattr__(self, "shares", tuple(sorted(set(self.shares))))

    @property
    def sign(self) -> int:
        """1 for a long, -1 for a short."""
        return SIDES[self.side]

    def opens(self, leverage: Decimal, share: Decimal) -> bool:
        """Whether the share on the exchange pays the initial margin."""
        return leverage * share * self.capital >= self.exposure

    def params(self) -> dict[str, Decimal | int | str]:
        """What every number rests on."""
        return {
            "exposure": self.exposure, "capital": self.capital, "side": self.side,
            "again_s": self.again_s, "delay_s": self.delay_s,
            "remargin_s": NONE if self.remargin_s is None else self.remargin_s,
        }  # fmt: skip


def amount(name: str, text: str) -> Decimal:
    """One finite number of an option, written as 10000 or 10,000; raises UsageError."""
    text = text.strip()
    grouped = _GROUPED.fullmatch(text) is not None
    try:
        found = Decimal(text.replace(",", "") if grouped else text)
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > 15:
        raise refused(name, text, "a number", f"{name} 10000", "数字")
    return found


def amounts(name: str, texts: Iterable[str]) -> tuple[Decimal, ...]:
    """The numbers of an option that is given several times, or once with commas."""
    return tuple(amount(name, one) for text in texts for one in text.split(","))


def stop_of(text: str) -> Decimal | None:
    """A share of the entry price; "none" for no stop."""
    return None if text.strip().lower() == NONE else amount("--stop", text)


def refused(name: str, value: str, range_: str, example: str, zh: str = "") -> UsageError:
    """An option whose value is out of range."""
    return UsageError(
        Text(f"{name} cannot be '{value}'", f"{name} 不能为“{value}”"), where=name,
        remedy=Text(
            f"It takes {range_}; for example {example}.",
            f"取值范围：{zh or range_}；例如 {example}。",
        ),
    )  # fmt: skip


def _above_zero(name: str, value: Decimal) -> None:
    if not (value.is_finite() and 0 < value <= Decimal(10) ** 12):
        raise refused(name, f"{value}", "0 < x ≤ 10^12", f"{name} 10000")


def _within(value: Decimal, least: int, most: int) -> bool:
    return value.is_finite() and least <= value <= most


def _listed(values: Iterable[Decimal]) -> str:
    return ", ".join(f"{v}" for v in values)
