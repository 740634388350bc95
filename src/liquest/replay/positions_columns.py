"""The words of a positions file: names of columns and what may stand in them, in two languages.

Blanks, case, marks and what stands in brackets do not matter in the name of a column:
"Entry Price (USDT)", "entry_price" and 开仓均价 are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from .accounts import COUNTERPARTY, INSTITUTION, LONG, MARKET_MAKER, REGULAR, SHORT, VIP

COLUMNS = (
    "account", "kind", "class", "mode", "hedge", "symbol", "side", "quantity", "entry", "margin",
    "wallet", "leverage", "portfolio", "collateral", "note",
)  # fmt: skip
"""Columns in the order in which they are written."""
REQUIRED = ("account", "symbol", "side", "quantity", "entry")

ISOLATED, CROSS = "isolated", "cross"
POSITION, WALLET, COLLATERAL = "position", "wallet", "collateral"

_NAMES: Mapping[str, str] = {
    "account": "account accountid accountno uid user userid 账户 账号 帐户 帐号 账户id 用户 用户id",
    "kind": "kind rowkind 行类型 记录类型",
    "class": "class accountclass category level 类别 账户类别 客户类别 等级",
    "mode": "mode marginmode margintype 模式 保证金模式 全逐仓 逐仓全仓",
    "hedge": "hedge hedgemode positionmode 持仓模式 仓位模式 双向持仓 单双向",
    "symbol": "symbol contract instrument pair ticker 合约 交易对 品种 标的 币对",
    "side": "side positionside direction 方向 持仓方向 多空",
    "quantity": "quantity qty size positionsize contracts amount 数量 持仓量 持仓数量 仓位 张数",
    "entry": "entry entryprice avgentryprice averageentryprice openprice 开仓价 开仓均价 开仓价格 "
    "入场价 持仓均价",
    "margin": "margin isolatedmargin isolatedwallet 保证金 逐仓保证金",
    "wallet": "wallet walletbalance crosswallet crosswalletbalance balance 钱包 钱包余额 余额 "
    "全仓余额 账户余额",
    "leverage": "leverage lever 杠杆 杠杆倍数 倍数",
    "portfolio": "portfolio portfoliomargin unimmr 统一账户 组合保证金",
    "collateral": "collateral collaterals 抵押 抵押品 抵押资产 质押",
    "note": "note remark memo comment 备注 说明",
}
ALIASES: Mapping[str, str] = {
    word: column for column, words in _NAMES.items() for word in words.split()
}


def _words(table: Mapping[object, str]) -> Mapping[str, object]:
    return {word: value for value, words in table.items() for word in words.split()}


SIDES = _words({LONG: "long buy l b 多 做多 多头 多仓 买 买入 开多",
                SHORT: "short sell s 空 做空 空头 空仓 卖 卖出 开空"})  # fmt: skip
MODES = _words({ISOLATED: "isolated iso 逐仓", CROSS: "cross crossed 全仓"})
HEDGES = _words({False: "oneway one-way single no n false 0 单向 单向持仓 否",
                 True: "hedge twoway two-way dual yes y true 1 双向 双向持仓 是"})  # fmt: skip
YES_NO = _words({True: "yes y true 1 是 有", False: "no n false 0 否 无"})
KINDS = _words({POSITION: "position 持仓 仓位", WALLET: "wallet balance 钱包 余额",
                COLLATERAL: "collateral 抵押 抵押品 抵押资产"})  # fmt: skip
CLASSES = _words({
    REGULAR: "regular normal retail 普通 普通用户 散户", VIP: "vip",
    INSTITUTION: "institution institutional 机构 机构用户",
    MARKET_MAKER: "market-maker marketmaker maker mm 做市商",
    COUNTERPARTY: "counterparty 对手方",
})  # fmt: skip

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")
_MARKS = re.compile(r"[\s_.\-/:*#'\"]+")
_VIP = re.compile(r"vip[-_ ]?[0-9]{1,2}")


def plain(text: str) -> str:
    """`text` for comparison: compatible characters, lower case, no blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def column(name: str) -> str | None:
    """The column that a header cell means, None for another."""
    text = _BRACKETS.sub("", plain(name.lstrip("\ufeff")))
    return ALIASES.get(_MARKS.sub("", text))


def likely(name: str) -> str | None:
    """The column that a header cell may have been meant for: leverge → leverage."""
    text = _MARKS.sub("", _BRACKETS.sub("", plain(name)))
    close = get_close_matches(text, ALIASES, n=1, cutoff=0.82)
    return ALIASES[close[0]] if close else None


def word(table: Mapping[str, object], text: str) -> object | None:
    """The meaning of a word; None when the table does not have it."""
    key = plain(text)
    found = table.get(key)
    return table.get(key.replace(" ", "").replace("_", "-")) if found is None else found


def category(text: str) -> str:
    """The class of accounts that a word means; a free word stands for itself."""
    key = re.sub(r"[\s_]+", "-", plain(text))
    if _VIP.fullmatch(key):
        return VIP
    found = CLASSES.get(key)
    return str(found) if found is not None else key


def near_class(text: str) -> str | None:
    """The known class of which the word may be a misspelling: regualr → regular."""
    close = get_close_matches(text, CLASSES, n=1, cutoff=0.8)
    return str(CLASSES[close[0]]) if close else None


def header(cells: Sequence[str]) -> dict[str, list[int]]:
    """Column → the places where it stands."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        name = column(cell)
        if name is not None:
            found.setdefault(name, []).append(place)
    return found
