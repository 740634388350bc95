"""The margin units of an account: what is liquidated as one.

The cross positions that settle in one asset of one futures wallet are a unit with its balance;
an isolated position is a unit of its own, with the margin that was put behind it. That margin is
part of the wallet's balance and stands in no export, so it is given by the user or solved
elsewhere, and is taken out of the cross balance. Where it is not known the position is left out
of the cross unit, named, and has no equity.

Source: Binance, "Isolated Margin and Cross Margin Mode on Binance Futures" of 2023-11-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text, UsageError
from ...problems import ABSENT, KEPT, Problem
from ...rules.exact import ZERO, exact, positive
from ..entries import COINM, CROSS, ISOLATED, USDM
from ..ledger.ledger import Ledger, PositionPath, WalletPath

Isolated = Mapping[tuple[str, str, str], Decimal]
"""(market, symbol, place) → margin of the position at its largest quantity."""

_MARKETS = {USDM: Text("USDⓈ-M", "U 本位"), COINM: Text("COIN-M", "币本位")}
_PLACES = {"L": Text(" long", "（多）"), "S": Text(" short", "（空）")}


@dataclass(frozen=True)
class Unit:
    """`paths` are the positions that it can hold; `wallet` the balance behind them.

    For a cross unit `carved` are the isolated positions whose margin is known, which its
    balance does not back. For an isolated one `stated` is the margin at the largest quantity;
    a smaller quantity has its share of it.
    """

    market: str
    asset: str
    mode: str
    paths: tuple[PositionPath, ...]
    wallet: WalletPath | None
    carved: tuple[tuple[PositionPath, Decimal], ...] = ()
    stated: Decimal | None = None
    caveats: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it is named: usdm cross USDT, usdm isolated XRPUSDT L."""
        if self.mode == CROSS:
            return f"{self.market} {CROSS} {self.asset}"
        return f"{self.market} {ISOLATED} {self.paths[0].symbol} {self.paths[0].place}"

    @property
    def words(self) -> Text:
        """The name for a person."""
        market = _MARKETS.get(self.market, Text(self.market, self.market))
        if self.mode == CROSS:
            return Text(
                f"{market.en} cross wallet in {self.asset}", f"{market.zh} {self.asset} 全仓"
            )
        path = self.paths[0]
        place = _PLACES.get(path.place, Text("", ""))
        return Text(
            f"{market.en} isolated {path.symbol}{place.en}",
            f"{market.zh} {path.symbol} 逐仓{place.zh}",
        )

    @exact
    def balance(self, ts: int) -> Decimal | None:
        """What stands behind the unit after everything stamped ≤ ts, without unrealised
        profit; None where it is not known."""
        if self.mode == ISOLATED:
            return None if self.stated is None else margin_of(self.paths[0], self.stated, ts)
        if self.wallet is None:
            return None
        taken = sum((margin_of(path, m, ts) for path, m in self.carved), ZERO)
        return self.wallet.at(ts) - taken


@exact
def margin_of(path: PositionPath, stated: Decimal, ts: int) -> Decimal:
    """The share of a margin stated for the largest quantity that the quantity at `ts` has."""
    held, most = path.at(ts), largest(path)
    if held is None or not most:
        return ZERO
    return stated * abs(held.quantity) / most


def largest(path: PositionPath) -> Decimal:
    """The largest quantity that the position ever had."""
    states = (path.opening, *path.steps)
    return max((abs(held.quantity) for held in states if held is not None), default=ZERO)


def units(ledger: Ledger, isolated: Isolated | None = None) -> tuple[list[Unit], list[Problem]]:
    """Every unit of the account, wallets first, in the order of the ledger.

    Raises UsageError for a margin that is stated for no position, or for one that was held in
    cross mode, and InputError for a margin that is not above zero.
    """
    stated = dict(isolated or {})
    _check(ledger, stated)
    cross: dict[tuple[str, str], list[PositionPath]] = {
        (wallet.market, wallet.asset): [] for wallet in ledger.wallets
    }
    apart: list[PositionPath] = []
    for path in ledger.positions:
        own = cross.setdefault((path.market, path.settle), [])
        if path.mode == ISOLATED or path.key in stated:
            apart.append(path)
        else:
            own.append(path)
    made = [_cross(ledger, key, paths, apart, stated) for key, paths in cross.items()]
    for path in apart:
        given = stated.get(path.key)
        caveat = "isolated-margin-unknown" if given is None else "isolated-margin-stated"
        wallet = ledger.wallet(path.market, path.settle)
        made.append(
            Unit(path.market, path.settle, ISOLATED, (path,), wallet, stated=given,
                 caveats=(caveat,))
        )  # fmt: skip
    return made, _problems(ledger, made)


def _cross(
    ledger: Ledger, key: tuple[str, str], paths: list[PositionPath], apart: list[PositionPath],
    stated: Mapping[tuple[str, str, str], Decimal],
) -> Unit:  # fmt: skip
    here = [p for p in apart if (p.market, p.settle) == key]
    wallet = ledger.wallet(*key)
    caveats = []
    if wallet is not None and not wallet.known:
        caveats.append("opening-unknown")
    if any(p.key not in stated for p in here):
        caveats.append("isolated-margin-unknown")
    if any(p.key in stated for p in here):
        caveats.append("isolated-margin-stated")
    if any(not p.mode for p in paths):
        caveats.append("margin-mode-unknown")
    carved = tuple((p, stated[p.key]) for p in here if p.key in stated)
    return Unit(*key, CROSS, tuple(paths), wallet, carved, caveats=tuple(caveats))


def _check(ledger: Ledger, stated: Mapping[tuple[str, str, str], Decimal]) -> None:
    known = {path.key: path for path in ledger.positions}
    for key, margin in stated.items():
        where = " ".join(key)
        positive(Text("the isolated margin", "逐仓保证金"), margin, where)
        path = known.get(key)
        if path is not None and path.mode != CROSS:
            continue
        what = (
            Text("a margin is stated for a position that the exports do not hold",
                 "所填逐仓保证金对应的持仓不在导出文件中")
            if path is None
            else Text("a margin is stated for a position that was held in cross mode",
                      "所填逐仓保证金对应的持仓为全仓模式")
        )  # fmt: skip
        names = ", ".join(" ".join(k) for k, p in known.items() if p.mode != CROSS)
        raise UsageError(
            what, where=where,
            remedy=Text(
                f"Positions that may be isolated: {names or 'none'}.",
                f"可能为逐仓的持仓：{names or '无'}。",
            ),
        )  # fmt: skip


def _problems(ledger: Ledger, made: list[Unit]) -> list[Problem]:
    """What of the account no number here says."""
    found = []
    for unit in made:
        if unit.mode == ISOLATED and unit.stated is None:
            found.append(_unstated(unit))
        elif unit.mode == CROSS and unit.paths and unit.wallet is None:
            text = Text(
                f"{unit.words.en}: no transaction of this wallet is at hand, so its equity is not "
                "known",
                f"{unit.words.zh}：没有该钱包的资金流水，无法得知其权益",
            )
            found.append(Problem("wallet-unknown", ABSENT, text))
        if "margin-mode-unknown" in unit.caveats:
            names = ", ".join(dict.fromkeys(p.symbol for p in unit.paths if not p.mode))
            text = Text(
                f"no position row says the margin mode of {names}; cross is assumed",
                f"没有持仓记录说明 {names} 的保证金模式，按全仓计算",
            )
            found.append(Problem("margin-mode-unknown", KEPT, text))
    assets = [w.asset for w in ledger.wallets if w.market == USDM and _ever(w)]
    if len(assets) > 1 and any(p.market == USDM for p in ledger.positions):
        found.append(_several(assets))
    return found


def _unstated(unit: Unit) -> Problem:
    path = unit.paths[0]
    text = Text(
        f"{path.symbol} {path.place} was isolated and its margin is not known: it has no equity "
        f"here and is left out of the cross wallet, whose {unit.asset} still hold that margin; "
        "state the margin to separate them",
        f"{path.symbol} {path.place} 为逐仓且保证金未知：此处不计其权益，也不计入全仓；"
        f"全仓的 {unit.asset} 余额仍含该保证金，填写逐仓保证金后方可分开",
    )
    return Problem("isolated-margin-unknown", ABSENT, text)


def _several(assets: list[str]) -> Problem:
    names = ", ".join(assets)
    text = Text(
        f"{names} stood in the same futures wallet. In Single-Asset Mode each backs only what "
        "settles in it, as computed here; in Multi-Assets Mode all of them backed every cross "
        "position at a collateral rate, which is not modelled and no export says which held",
        f"{names} 同在一个合约钱包。单币保证金模式下各资产只支持以其结算的持仓，此处按此计算；"
        "联合保证金模式下全部资产按抵押率共同支持所有全仓持仓，此处未建模，导出文件也未说明所用模式",
    )
    return Problem("multi-assets-unknown", KEPT, text)


def _ever(wallet: WalletPath) -> bool:
    return bool(wallet.opening) or any(step.balance for step in wallet.steps)
