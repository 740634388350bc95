"""From the cells of a row to movements between wallets and to collateral sold by force.

Deposits and withdrawals have one layout: which they are says a column, else the file's name,
else the fee, which only withdrawals pay. A statement lists both sides of a transfer; one
movement is made of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...errors import Text
from ...instruments import SPOT as SPOT_KIND
from ...instruments import identify
from ...problems import KEPT
from ...replay.positions_numbers import bad
from ..entries import DONE, EARN, OUTSIDE, SPOT, ForcedSale, Movement, Ref
from .cells import clean_id
from .entry_rows import Cells, Maker
from .faults import Faults
from .layouts import operations, plain
from .sheet import Sheet


class Line(NamedTuple):
    """A row of a statement: `change` of `asset` in the wallet `own` by `operation`."""

    ts: int
    own: str
    operation: str
    asset: str
    change: Decimal
    ref: Ref


def transfers(cells: Cells, file: int) -> Maker[Movement]:
    """A transfer whose two wallets stand in columns."""
    get = cells.get("time", "arrived", "asset", "amount", "source", "target", "status", "id")
    wallets = (cells.words("wallet", "source"), cells.words("wallet", "target"))
    states = cells.words("movement_status", "status", blank=DONE)

    def make(row: int, line: list[str]) -> Movement:
        time, arrived, asset, amount, source, target, status, identity = get(line)
        ts, state = cells.times[time], states[status]
        known = _arrival(cells, arrived, ts, state) if cells.sheet.has("arrived") else None
        return Movement(
            ts, known, cells.symbols[asset],
            _above_zero(cells, amount), wallets[0][source], wallets[1][target], state,
            clean_id(identity, cells.notes), Ref(file, row),
        )  # fmt: skip

    return make


def chain(cells: Cells, file: int) -> Maker[Movement]:
    """A deposit or withdrawal; without a column for it each is read as a deposit, and
    `directed` turns the whole file when it is one of withdrawals."""
    get = cells.get("time", "arrived", "asset", "amount", "fee", "txid", "status", "direction")
    states = cells.words("movement_status", "status", blank=DONE)
    flows = cells.words("flow", "direction", blank="in")

    def make(row: int, line: list[str]) -> Movement:
        time, arrived, asset, amount, fee, txid, status, direction = get(line)
        ts, state = cells.times[time], states[status]
        ends = (OUTSIDE, SPOT) if flows[direction] == "in" else (SPOT, OUTSIDE)
        cells.charged |= cells.fees.of(fee)[0] > 0
        known = _arrival(cells, arrived, ts, state) if cells.sheet.has("arrived") else None
        return Movement(
            ts, known, cells.symbols[asset], _above_zero(cells, amount), *ends, state,
            clean_id(txid, cells.notes), Ref(file, row),
        )  # fmt: skip

    return make


def directed(
    sheet: Sheet, cells: Cells, found: Sequence[Movement], faults: Faults
) -> list[Movement]:
    """The rows of a file without a column for the direction, in the direction that its name or
    its fees tell; what was taken from fees is said."""
    if sheet.has("direction"):
        return list(found)
    name = plain(sheet.source.file_name)
    out = any(word in name for word in ("withdraw", "提现", "提币"))
    into = any(word in name for word in ("deposit", "充值", "充币"))
    if out == into:
        out = cells.charged
        what = ("withdrawals", "提现") if out else ("deposits", "充值")
        faults.file(
            "direction", KEPT,
            Text(f"nothing says whether these are deposits or withdrawals; by their fees they "
                 f"are read as {what[0]}",
                 f"文件未说明是充值还是提现，按手续费判断为{what[1]}"),
        )  # fmt: skip
    if not out:
        return list(found)
    return [one._replace(source=SPOT, target=OUTSIDE) for one in found]


def earn(cells: Cells, file: int) -> Maker[Movement]:
    """A subscription to or a redemption from Earn."""
    get = cells.get("time", "asset", "amount", "type", "status", "id")
    states = cells.words("movement_status", "status", blank=DONE)
    flows = cells.words("earn", "type")

    def make(row: int, line: list[str]) -> Movement:
        time, asset, amount, kind, status, identity = get(line)
        ts, state = cells.times[time], states[status]
        ends = (SPOT, EARN) if flows[kind] == "in" else (EARN, SPOT)
        return Movement(
            ts, ts if state == DONE else None, cells.symbols[asset], _above_zero(cells, amount),
            *ends, state, clean_id(identity, cells.notes), Ref(file, row),
        )  # fmt: skip

    return make


def statement(cells: Cells, file: int) -> Maker[Line]:
    """A row of a statement, of whatever operation."""
    get = cells.get("time", "account", "operation", "asset", "change")
    wallets = cells.words("wallet", "account", open_=True)

    def make(row: int, line: list[str]) -> Line:
        time, account, operation, asset, change = get(line)
        return Line(
            cells.times[time], wallets[account], operation.strip(), cells.symbols[asset],
            cells.numbers[change], Ref(file, row),
        )  # fmt: skip

    return make


def moved(lines: Sequence[Line], faults: Faults) -> list[Movement]:
    """The movements of a statement. Of a transfer that both its wallets list, the side that
    gives makes the movement; operations that move nothing between wallets are named."""
    known = operations()
    left: Counter[str] = Counter()
    gave: Counter[tuple[int, str, str, Decimal]] = Counter()
    moves = []
    for line in lines:
        ends = known.get(plain(line.operation))
        if ends is None or not line.change:
            left[line.operation] += 1
            continue
        moves.append((line, ends))
        if line.change < 0:
            gave[line.ts, line.operation, line.asset, -line.change] += 1
    found = []
    for line, (one, two) in moves:
        key = (line.ts, line.operation, line.asset, line.change)
        if line.change > 0 and gave[key] > 0:
            gave[key] -= 1
            continue
        other = one if line.own != one else (two or OUTSIDE)
        source, target = (line.own, other) if line.change < 0 else (other, line.own)
        found.append(Movement(
            line.ts, line.ts, line.asset, abs(line.change), source, target, DONE, "", line.ref,
        ))  # fmt: skip
    if left:
        names = ", ".join(f"{name} ({count:,})" for name, count in sorted(left.items())[:20])
        faults.file(
            "operations-left", KEPT,
            Text(f"operations that move nothing between wallets are not read: {names}",
                 f"以下操作不涉及钱包间划转，未读取：{names}"),
            count=left.total(),
        )  # fmt: skip
    return found


def margin(cells: Cells, file: int) -> Maker[ForcedSale]:
    """Collateral of a margin account sold by force. A forced purchase (of a coin that was
    borrowed and sold) is no sale of collateral and is set aside."""
    get = cells.get(
        "time", "symbol", "side", "price", "quantity", "debt", "fee", "isolated", "id"
    )  # fmt: skip
    sides, modes = cells.words("side", "side"), cells.words("mode", "isolated")

    def make(row: int, line: list[str]) -> ForcedSale:
        time, symbol, side, price, quantity, debt, fee, isolated, identity = get(line)
        if sides[side] != "sell":
            raise bad(
                "forced-purchase", "", "a forced purchase is no sale of collateral",
                "强制买入不是抵押物出售", "", "", side,
            )  # fmt: skip
        pair = identify("binance", cells.symbols[symbol], SPOT_KIND)
        return ForcedSale(
            cells.times[time], f"{modes[isolated]}-margin", pair.base, _above_zero(cells, quantity),
            _above_zero(cells, price), pair.quote, cells.numbers.maybe(debt) or Decimal(0),
            cells.fees.of(fee)[0], clean_id(identity, cells.notes), Ref(file, row),
        )  # fmt: skip

    return make


def loan(cells: Cells, file: int) -> Maker[ForcedSale]:
    """Collateral of a loan sold by force."""
    get = cells.get("time", "asset", "quantity", "price", "quote", "debt", "fee", "id")

    def make(row: int, line: list[str]) -> ForcedSale:
        time, asset, quantity, price, quote, debt, fee, identity = get(line)
        return ForcedSale(
            cells.times[time], "loan", cells.symbols[asset], _above_zero(cells, quantity),
            _above_zero(cells, price), cells.symbols[quote], cells.numbers[debt],
            cells.fees.of(fee)[0], clean_id(identity, cells.notes), Ref(file, row),
        )  # fmt: skip

    return make


def _arrival(cells: Cells, cell: str, ts: int, state: str) -> int | None:
    """When it was there: as the file says, else at once for a transfer that is done."""
    if cell.strip(" -"):
        return cells.times[cell]
    return ts if state == DONE else None


def _above_zero(cells: Cells, cell: str) -> Decimal:
    value = cells.fees.of(cell)[0] if cell[-1:].isalpha() else cells.numbers[cell]
    if value <= 0:
        raise bad(
            "not-positive", "", f"{cell.strip()[:40]} is not above zero",
            f"{cell.strip()[:40]} 不大于零", "Check the row against the exchange's page.",
            "请与交易所页面核对该行。", cell,
        )  # fmt: skip
    return value
