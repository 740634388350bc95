"""Whether the account closes, what was given, what is to be known, and the words."""

from __future__ import annotations

from ...caveats import caveat
from ...errors import Text
from ...findings import plain
from ...sheet import CODE, FOLD, LEFT, RIGHT, Column, Grid, Section, Shown
from ..attribution.parts import MEANING, PARTS
from ..entries import File
from ..ledger.ledger import ASSUMED_ZERO, WalletPath
from .figures import money
from .statement import Statement

_KINDS = {
    "transactions": Text("transactions", "资金流水"), "trades": Text("trades", "成交"),
    "orders": Text("orders", "委托"), "positions": Text("position history", "仓位历史"),
    "transfers": Text("transfers", "划转"),
    "margin-liquidations": Text("margin liquidations", "杠杆强平"),
    "loan-liquidations": Text("loan liquidations", "借贷强平"),
}  # fmt: skip
_ZONES = {
    "header": Text("by its header", "据表头"), "name": Text("by its name", "据文件名"),
    "given": Text("as given", "据所指定"), "tape": Text("by the tape", "据行情带"),
    "trades": Text("by the other files", "据其他文件"), "custom": Text("by custom", "按惯例"),
    "ids": Text("by the order ids", "据委托编号"),
}  # fmt: skip
_OPENINGS = {
    "given": Text("as given", "据所填"), "funded": Text("begins with an inflow", "以转入开始"),
    "cleared": Text("solved back from a clearance to zero", "由清零记录倒推"),
    "closing": Text("solved back from the closing balance", "由期末余额倒推"),
    "assumed-zero": Text("not known, taken as 0", "未知，按 0 计"),
}  # fmt: skip
OPEN_ROWS = 12
"""Lines of the reconciliation that are shown one by one; all that do not close always are."""


def closing(one: Statement) -> Section:
    open_ = [line for line in one.ledger.lines if not line.closes]
    closed = [line for line in one.ledger.lines if line.closes]
    shown = [*open_, *closed[: max(0, OPEN_ROWS - len(open_))]]
    rows = tuple(
        (
            line.what, f"{line.market} {line.symbol or line.asset}".strip(), plain(line.stated),
            plain(line.rebuilt), plain(line.difference), str(line.count),
            Text("closes", "闭合") if line.closes else Text("does not close", "未闭合"),
        )
        for line in shown
    )  # fmt: skip
    grid = Grid(
        Text("As stated, and as rebuilt", "所述与重建"),
        (
            Column(Text("what", "项目"), FOLD), Column(Text("of", "对象")),
            Column(Text("stated", "所述"), RIGHT), Column(Text("rebuilt", "重建"), RIGHT),
            Column(Text("difference", "差额"), RIGHT), Column(Text("rows", "行数"), RIGHT),
            Column(Text("", ""), LEFT),
        ),
        rows, left=len(one.ledger.lines) - len(shown),
    )  # fmt: skip
    total = len(one.ledger.lines)
    said = (
        Text(f"All {total} comparisons close.", f"全部 {total} 项比对均闭合。") if not open_ else
        Text(
            f"{len(open_)} of {total} comparisons do not close.",
            f"{total} 项比对中 {len(open_)} 项未闭合。",
        )
    )  # fmt: skip
    wallets = Grid(
        Text("Wallets", "钱包"),
        (
            Column(Text("wallet", "钱包")), Column(Text("opening", "期初"), RIGHT),
            Column(Text("known by", "依据"), FOLD), Column(Text("changes", "变动数"), RIGHT),
            Column(Text("closing", "期末"), RIGHT),
        ),
        tuple(
            (
                f"{w.asset} ({w.market})", money(w.opening, w.asset), _opening(w),
                f"{len(w.steps):,}", money(w.closing, w.asset),
            )
            for w in one.ledger.wallets
        ),
    )  # fmt: skip
    return Section(Text("Does it close?", "账目是否闭合？"), (said,), (wallets, grid))


def files(one: Statement) -> Section:
    rows = tuple(
        (
            file.name, _KINDS.get(file.kind, Text(file.kind, file.kind)), file.market or "–",
            _zone(file),
            f"{file.rows:,}", f"{file.doubles:,}", file.sha256[:12],
        )
        for file in one.exports.files
    )  # fmt: skip
    grid = Grid(
        Text("Files", "文件"),
        (
            Column(Text("file", "文件"), FOLD), Column(Text("holds", "内容")),
            Column(Text("market", "市场")), Column(Text("zone", "时区")),
            Column(Text("rows", "行数"), RIGHT), Column(Text("doubles", "重复"), RIGHT),
            Column(Text("SHA-256", "SHA-256"), CODE),
        ),
        rows,
    )  # fmt: skip
    return Section(Text("What was given", "所提供的文件"), (), (grid,))


def _opening(path: WalletPath) -> Text:
    said = _OPENINGS[path.opening_by]
    if path.known or path.opening_by == ASSUMED_ZERO:
        return said
    return Text(f"{said.en}: not sure", f"{said.zh}，未能确定")


def _zone(file: File) -> Text:
    by = _ZONES[file.zone_by]
    return Text(f"{file.zone}, {by.en}", f"{file.zone}，{by.zh}")


def known(one: Statement) -> Section | None:
    codes = dict.fromkeys(
        code for unit in one.path.units for code in unit.caveats
    )  # fmt: skip
    notes = [*(problem.text for problem in one.problems), *(caveat(code) for code in codes)]
    if not notes:
        return None
    return Section(Text("To be known", "须知"), notes=tuple(dict.fromkeys(notes)), brief=False)


def words() -> Section:
    rows: tuple[tuple[Shown, ...], ...] = tuple((PARTS[name], MEANING[name]) for name in PARTS)
    grid = Grid(
        Text("What the parts mean", "各部分的含义"),
        (Column(Text("part", "部分")), Column(Text("meaning", "含义"), FOLD)), rows,
    )  # fmt: skip
    return Section(Text("Words", "用语"), (), (grid,), brief=False)
