"""The attribution as findings: parts, pieces, and the table of reference times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...clock import Window, format_time
from ...errors import Text
from ...findings import Finding, Input, Method, rounded
from ..entries import Ref
from ..ledger.ledger import Ledger
from .attribute import PLACES, Question, Share
from .parts import MEANING, PARTS
from .references import Lean, Reference

PART = Method(
    "losses.part",
    Text("A part of the change in equity", "权益变动的一部分"),
    Text(
        "The change of a wallet's equity (balance + unrealised profit at the mark price) between "
        "the start of the export and the end, transfers taken out, is cut at the reference time. "
        "What was held then and was closed by force is taken apart along its price: what the "
        "median of the other venues moved (market), what the own mark price moved beyond it "
        "(dislocation), what the mark price in force differs from that under the rules asked for "
        "(rule), and the price of the fill against the mark price of its second (execution), in "
        "the coordinate of the contract (price, or −1/price for inverse ones), so that the parts "
        "telescope. Other parts: " + "; ".join(f"{n}: {t.en}" for n, t in MEANING.items()) + ".",
        "钱包权益（余额加按标记价格计的未实现盈亏）自导出起点至期末的变动，剔除划转，在参考时刻处切分。"
        "参考时刻持有并被强制平仓的部分，沿价格拆分：其他场所中位价的变动（市场）、本所标记价格超出其他"
        "场所的变动（偏离）、实际标记价格与所问规则下标记价格之差（规则）、成交价与该秒标记价格之差"
        "（执行）；按合约坐标（价格；反向合约为 −1/价格）计算，各项相加恰等于整体。其余各项："
        + "；".join(f"{n}：{t.zh}" for n, t in MEANING.items())
        + "。",
    ),
)
WHOLE = Method(
    "losses.whole",
    Text("The change of equity as a whole", "权益变动总额"),
    Text(
        "Equity at the end − equity at the start − net transfers of one wallet; `after` is what "
        "of it lies after the reference time. Below zero is a loss.",
        "同一钱包期末权益减起点权益再减净划转；after 为其中参考时刻之后的部分。负数为亏损。",
    ),
)
PIECE = Method(
    "losses.piece",
    Text("A piece of a position and how it ended", "仓位的一段及其结局"),
    Text(
        "A quantity that was held at the reference time (or opened later) with what it won or "
        "lost from then to its close, in the settle currency. Which lot a close takes is the "
        "stated order.",
        "参考时刻持有（或其后开立）的一段数量，自该时刻至其平仓的盈亏，以结算币种计。平仓先后按所述次序。",
    ),
)
CLAIM = Method(
    "losses.by_reference",
    Text("The claim by reference time", "不同参考时刻下的主张金额"),
    Text(
        "The loss after a reference time, transfers taken out, of one wallet: −(equity at the end "
        "− equity at the reference − net transfers between). `flagged` says that the record "
        "speaks against what the choice of that time leans on.",
        "自某参考时刻起、剔除划转后某钱包的亏损：−（期末权益 − 参考时刻权益 − 其间净划转）。"
        "flagged 表示该时刻所依据的说法与记录相反。",
    ),
)
METHODS = (PART, WHOLE, PIECE, CLAIM)


def subject(ledger: Ledger, share: Share) -> dict[str, str]:
    """Whose wallet."""
    return {
        "account": ledger.exports.account, "venue": ledger.exports.venue,
        "wallet": f"{share.market}:{share.asset}",
    }  # fmt: skip


def findings(
    ledger: Ledger, question: Question, shares: Sequence[Share],
    caveats: Sequence[str] = (), inputs: Sequence[Input] = (),
) -> Iterator[Finding]:  # fmt: skip
    """The whole, then each part that is not zero, then each piece, wallet by wallet."""
    window = Window("losses", question.reference, max(question.end, question.reference + 1))
    params: dict[str, Any] = {"order": question.order}
    if question.scenario is not None:
        params["rules"] = question.scenario.label
    for share in shares:
        who = subject(ledger, share)
        known = (*caveats, *(("no-mark-price",) if share.unpriced else ()))
        yield Finding(
            "losses.whole", who, share.whole, share.asset, WHOLE.id, window=window,
            params={
                **params, "start": share.start, "reference": share.at_reference,
                "end": share.at_end, "transfers": share.transfers, "after": share.after,
            },
            inputs=tuple(inputs), count=len(share.pieces), caveats=known,
        )  # fmt: skip
        for name in PARTS:
            if share.parts[name]:
                yield Finding(
                    "losses.part", {**who, "part": name}, share.parts[name], share.asset,
                    PART.id, window=window, params=params, inputs=tuple(inputs), caveats=known,
                )  # fmt: skip
        yield from _pieces(ledger, question, share, who, known)


def _pieces(
    ledger: Ledger, question: Question, share: Share, who: dict[str, str], known: tuple[str, ...]
) -> Iterator[Finding]:
    for piece in share.pieces:
        # A close of several lots has the same time: the place of the row tells them apart.
        params = {
            "end": piece.end, "lot": "new" if piece.new else "held",
            "quantity": rounded(piece.quantity, PLACES),
            "price": None if piece.price is None else rounded(piece.price, 12),
            "prices": {k: v for k, v in piece.prices.items() if v is not None},
            "parts": {k: rounded(v, PLACES) for k, v in piece.parts.items() if v},
        }  # fmt: skip
        yield Finding(
            "losses.piece", {**who, "instrument": piece.symbol, "place": piece.place},
            rounded(piece.profit, PLACES), share.asset, PIECE.id,
            at=question.end if piece.at is None else piece.at, params=params,
            inputs=() if piece.ref is None else (_input(ledger, piece.ref),), count=1,
            caveats=known,
        )  # fmt: skip


def by_reference(
    ledger: Ledger, table: Sequence[tuple[Reference, tuple[Lean, ...], Question, Sequence[Share]]],
    caveats: Sequence[str] = (),
) -> Iterator[Finding]:  # fmt: skip
    """A finding for each reference time and wallet: the loss after it, flagged or not."""
    for reference, leans, question, shares in table:
        flagged = any(lean.refuted for lean in leans)
        for share in shares:
            parts = {k: v for k, v in share.parts.items() if v}
            yield Finding(
                "losses.by_reference", {**subject(ledger, share), "reference": reference.id},
                -share.after, share.asset, CLAIM.id, at=question.reference,
                params={
                    "title": list(reference.title), "until": format_time(question.end),
                    "leans_on": [
                        {"what": lean.what, "stands": lean.stands, "finding": lean.finding}
                        for lean in leans
                    ],
                    "flagged": "yes" if flagged else "no", "parts": parts,
                },
                caveats=(
                    *caveats, *(("refuted-reference",) if flagged else ()),
                    *(("no-mark-price",) if share.unpriced else ()),
                ),
            )  # fmt: skip


def _input(ledger: Ledger, ref: Ref) -> Input:
    return Input(ledger.exports.files[ref.file].sha256, ref.row, ref.row, "extreme")
