"""The columns of a register of claimants and what may stand in them, in two languages.

Blanks, case, marks and what stands in brackets do not matter in the name of a column:
"Net assets (USD)", "net_assets" and 净资产 are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ...errors import Text
from ...rules.claimant import (
    COLLATERAL,
    CONTRACT,
    FUTURES,
    INSTITUTION,
    LOAN,
    LONG,
    MARGIN,
    SHORT,
    VIP,
)

CLAIMANT, LOSS, LOT, CLOSE = "claimant", "loss", "lot", "close"
"""Kinds of rows: the claimant, a further forced loss, a lot of collateral, a forced fill."""

COLUMNS: Mapping[str, tuple[str, Text]] = {
    "id": (
        "claimant pseudonym 编号 申索人 化名 申索人编号",
        Text("pseudonym, in every row", "化名编号，每行必填"),
    ),
    "kind": (
        "row rowkind 行类型 类型",
        Text(
            "claimant (when blank), loss, lot, close: see below",
            "claimant（留空即是）、loss、lot、close，见下",
        ),
    ),
    "class": (
        "category 类别 申索人类别",
        Text(
            "claimant rows: collateral, contract, vip, margin, loan, institution, or a word of "
            "your own",
            "申索人行：collateral（抵押品）、contract（合约）、vip、margin（杠杆）、loan（借贷）、"
            "institution（机构）或自定的词",
        ),
    ),
    "at": (
        "time when 时间 时刻",
        Text(
            "when the loss was made, the lot sold, the fill done: 2025-10-10T21:40:12Z",
            "亏损、强平或成交时刻：2025-10-10T21:40:12Z",
        ),
    ),
    "product": (
        "account market 产品 账户",
        Text("futures, margin or loan", "futures（合约）、margin（杠杆）或 loan（借贷）"),
    ),
    "symbol": (
        "asset contract instrument 资产 合约 交易对 标的",
        Text(
            "lot: the asset (USDE); close: the contract (ATOMUSDT)",
            "lot：资产（USDE）；close：合约（ATOMUSDT）",
        ),
    ),
    "side": (
        "positionside 方向 多空",
        Text("close: side of the position, long or short", "close：持仓方向，多或空"),
    ),
    "quantity": (
        "qty size 数量 张数",
        Text(
            "lot and close: above zero; contracts for COIN-M",
            "lot 与 close：大于零；币本位为张数",
        ),
    ),
    "price": (
        "fillprice liquidationprice 价格 强平价 成交价",
        Text(
            "lot: liquidation price in USD; close: price of the fill",
            "lot：强平价（美元）；close：成交价",
        ),
    ),
    "fee": (
        "liquidationfee 费用 强平费",
        Text("lot and close: liquidation fee in USD", "lot 与 close：强平费（美元）"),
    ),
    "amount": (
        "loss 金额 亏损 损失",
        Text(
            "claimant and loss rows: forced loss in USD, fees included, without sign",
            "claimant 与 loss 行：强平亏损（美元，含费用），不带符号",
        ),
    ),
    "basis": (
        "entry from 起算价 开仓价",
        Text(
            "close: price from which the loss counts (entry, or mark at your reference time)",
            "close：亏损起算价（开仓价，或参考时刻标记价格）",
        ),
    ),
    "face": (
        "contractsize 面值 每张面值",
        Text(
            "close in COIN-M: USD per contract; blank takes 100 for BTC, 10 for other coins",
            "币本位 close：每张美元面值；留空时 BTC 取 100，其余取 10",
        ),
    ),
    "net_assets": (
        "netassets equity 净资产",
        Text(
            "net assets at the snapshot of 2025-10-09 23:59 UTC, in USD",
            "2025-10-09 23:59（UTC）快照净资产（美元）",
        ),
    ),
    "compensated": (
        "received paidbefore 已获补偿 已赔付",
        Text("what was paid before, in USD; blank: nothing", "此前已获补偿（美元）；留空即无"),
    ),
    "able": (
        "ableat couldact 可操作时刻",
        Text(
            "when this claimant could act again, by own evidence",
            "据自身证据，申索人可再行操作的时刻",
        ),
    ),
    "loss_then": (
        "lossthen lossatable 当时亏损",
        Text("the loss as it stood at that moment, in USD", "该时刻的亏损（美元）"),
    ),
}
"""Column → further names for it, and what it means."""

KINDS: Mapping[str, str] = {
    word: kind
    for kind, words in {
        CLAIMANT: "claimant account 申索人 账户",
        LOSS: "loss 亏损 损失",
        LOT: "lot collateral 抵押品 批次",
        CLOSE: "close fill 成交 平仓 强平",
    }.items()
    for word in words.split()
}
PRODUCTS: Mapping[str, str] = {
    word: product
    for product, words in {
        FUTURES: "futures usdm coinm contract 合约 期货",
        MARGIN: "margin 杠杆",
        LOAN: "loan 借贷 质押借贷",
    }.items()
    for word in words.split()
}
SIDES: Mapping[str, int] = {
    word: side
    for side, words in {LONG: "long 多 多仓 做多", SHORT: "short 空 空仓 做空"}.items()
    for word in words.split()
}
CLASSES: Mapping[str, str] = {
    word: category
    for category, words in {
        COLLATERAL: "collateral 抵押品 抵押品用户",
        CONTRACT: "contract contracts futures 合约 合约用户",
        VIP: "vip",
        MARGIN: "margin 杠杆 杠杆用户",
        LOAN: "loan 借贷 借贷用户",
        INSTITUTION: "institution institutional 机构",
    }.items()
    for word in words.split()
}
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|（[^）]*）|【[^】]*】")
_MARKS = re.compile(r"[\s_.\-/:*#'\"]+")


def plain(text: str) -> str:
    """`text` for comparison: compatible characters, lower case, no blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _bare(text: str) -> str:
    return _MARKS.sub("", _BRACKETS.sub("", plain(text)))


_NAMES = {
    _bare(word): name for name, (also, _) in COLUMNS.items() for word in (name, *also.split())
}


def column(text: str) -> str | None:
    """The column that a header cell means; None for another."""
    return _NAMES.get(_bare(text))
