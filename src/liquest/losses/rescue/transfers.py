"""Transfers of a futures wallet: what was asked for, when it arrived, matched from both sides.

A movement of the transfer history and a TRANSFER row of the futures wallet are one where wallet,
asset, direction and amount agree and the row stands between the asking (less a second, since
times are cut) and the arrival that the movement states, or `reach_s` seconds after. Movements take
their rows in the order in which their time to do so ends, each the earliest row that fits: that
pairs as many as can be. What counts as arrival is the wallet's row; each row and each movement
is used once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ...clock import SECOND, Window
from ...errors import InputError, IntegrityError, Text
from ...problems import KEPT, Problem
from ..entries import COINM, DONE, FAILED, USDM, Exports, Movement, Ref
from ..forced.sources import problem_at

FUTURES = (USDM, COINM)
TRANSFER = "TRANSFER"

BOTH_SIDES, WALLET_ONLY, HISTORY_ONLY = "both", "wallet", "history"
"""Known by movement and wallet row, by the row alone, by the movement alone."""


@dataclass(frozen=True)
class Reach:
    """`reach_s` seconds after its asking (or stated arrival) in which a row may stand."""

    reach_s: int = 600

    def __post_init__(self) -> None:
        if not 0 <= self.reach_s <= 86_400:
            raise InputError(
                Text(f"a reach of {self.reach_s} s", f"匹配时限 {self.reach_s} 秒"),
                where="reach_s",
                remedy=Text("Give 0 to 86400 seconds.", "请给出 0 至 86400 秒。"),
            )

    def fits(self, move: Movement, ts: int) -> bool:
        """Whether a wallet row at `ts` can be this movement's arrival or leaving."""
        return move.ts - SECOND < ts <= self.end(move)

    def end(self, move: Movement) -> int:
        """The last moment at which its row can stand."""
        last = move.ts if move.arrived is None else max(move.ts, move.arrived)
        return last + self.reach_s * SECOND


@dataclass(frozen=True)
class Transfer:
    """One transfer. `amount` above zero; `source` and `target` are wallets, of which one is
    empty where only the futures wallet's own row is known. `asked` and `arrived` in µs, None
    where not known or never; `movement` and `transaction` are places in the exports, −1 for
    none. Illegal without either."""

    asset: str
    amount: Decimal
    source: str
    target: str
    asked: int | None
    arrived: int | None
    status: str
    known_by: str
    movement: int
    transaction: int
    ref: Ref

    def __post_init__(self) -> None:
        if self.amount <= 0 or (self.movement < 0 and self.transaction < 0):
            raise IntegrityError(
                Text("a transfer contradicts itself", "划转记录自相矛盾"),
                expected="an amount above zero and a row that states it",
                got=f"{self.amount} {self.asset}",
            )

    @property
    def ts(self) -> int:
        """When it first appears."""
        known = [t for t in (self.asked, self.arrived) if t is not None]
        return min(known) if known else 0

    @property
    def took(self) -> int | None:
        """µs from asking to arrival; not below zero, None where either is not known."""
        if self.asked is None or self.arrived is None:
            return None
        return max(self.arrived - self.asked, 0)

    @property
    def inward(self) -> bool:
        """Into a futures wallet."""
        return self.target in FUTURES

    @property
    def outward(self) -> bool:
        """Out of a futures wallet."""
        return self.source in FUTURES and not self.inward


def transfers(
    exports: Exports,
    window: Window,
    reach: Reach = Reach(),
) -> tuple[list[Transfer], list[Problem]]:
    """All that touch the window, by time. Between the two futures wallets a movement has two
    rows; it is one transfer, and arrives with the row of its target."""
    rows = _Rows(exports, reach)
    booked = {row.market for row in exports.transactions}
    found: list[Transfer] = []
    problems: list[Problem] = []
    ends = [(reach.end(move), place) for place, move in enumerate(exports.movements)]
    for _, place in sorted(ends):
        move = exports.movements[place]
        out = rows.take(move, -1) if move.source in FUTURES and move.status != FAILED else -1
        into = rows.take(move, 1) if move.target in FUTURES and move.status != FAILED else -1
        one = _moved(exports, place, move, into if move.target in FUTURES else out)
        if not _touches(one, window):
            continue
        found.append(one)
        known = (move.target if move.target in FUTURES else move.source) in booked
        if known and one.transaction < 0 and move.status == DONE:
            problems.append(_not_booked(exports, move))
    for place in rows.rest():
        one = _booked(exports, place)
        if _touches(one, window):
            found.append(one)
            if exports.movements:
                problems.append(_not_asked(exports, place))
    return sorted(found, key=lambda one: (one.ts, one.movement, one.transaction)), problems


def _touches(one: Transfer, window: Window) -> bool:
    """Asked for or there within the window."""
    moments = (one.asked, one.arrived)
    return any(ts is not None and window.start <= ts < window.end for ts in moments)


class _Rows:
    """The TRANSFER rows that no movement has taken yet, by wallet, asset and signed amount."""

    def __init__(self, exports: Exports, reach: Reach) -> None:
        self.exports, self.reach = exports, reach
        self.free: dict[tuple[str, str, Decimal], list[int]] = {}
        for place, row in enumerate(exports.transactions):
            if row.type == TRANSFER and row.amount:
                self.free.setdefault((row.market, row.asset, row.amount), []).append(place)

    def take(self, move: Movement, sign: int) -> int:
        """The earliest row that fits one side of a movement, −1 for none."""
        wallet = move.target if sign > 0 else move.source
        left = self.free.get((wallet, move.asset, sign * move.amount), [])
        for place in left:
            if self.reach.fits(move, self.exports.transactions[place].ts):
                left.remove(place)
                return place
        return -1

    def rest(self) -> list[int]:
        """The rows that are left, in order."""
        return sorted(place for places in self.free.values() for place in places)


def _moved(exports: Exports, place: int, move: Movement, row: int) -> Transfer:
    arrived = exports.transactions[row].ts if row >= 0 else move.arrived
    if move.status == FAILED:
        arrived = None
    return Transfer(
        move.asset, move.amount, move.source, move.target, move.ts, arrived, move.status,
        BOTH_SIDES if row >= 0 else HISTORY_ONLY, place, row, move.ref,
    )  # fmt: skip


def _booked(exports: Exports, place: int) -> Transfer:
    row = exports.transactions[place]
    source, target = ("", row.market) if row.amount > 0 else (row.market, "")
    return Transfer(
        row.asset, abs(row.amount), source, target, None, row.ts, DONE, WALLET_ONLY, -1, place,
        row.ref,
    )  # fmt: skip


def _not_booked(exports: Exports, move: Movement) -> Problem:
    text = Text(
        f"a transfer of {move.amount} {move.asset} from {move.source} to {move.target} is stated "
        "as done, but the futures wallet has no such row near it",
        f"{move.source} 至 {move.target} 的 {move.amount} {move.asset} 划转记为完成，"
        "但合约钱包在其前后没有对应流水",
    )
    return problem_at(exports, move.ref, "transfer-not-booked", KEPT, text)


def _not_asked(exports: Exports, place: int) -> Problem:
    row = exports.transactions[place]
    text = Text(
        f"the wallet's transfer of {row.amount} {row.asset} is not in the transfer history: when "
        "it was asked for is not known",
        f"钱包流水中的划转 {row.amount} {row.asset} 不在划转历史中，发起时间未知",
    )
    return problem_at(exports, row.ref, "transfer-not-asked", KEPT, text)
