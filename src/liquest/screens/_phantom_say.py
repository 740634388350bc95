"""Phantom levels in words, both languages: what was found, how it can be, what does not follow."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from ..clock import DAY
from ..errors import Text
from ..findings import plain, rounded
from ._phantom_bands import Remainder
from ._result import IMPOSSIBLE, SOUND, Result, minute

_SIDES = {"bid": Text("bids", "买单"), "ask": Text("asks", "卖单")}

INNOCENT = Text(
    "whoever made the file missed the message that takes the level away and went on with its own "
    "copy of the book; trades outside the book (blocks, transfers in auto-deleveraging) can print "
    "beyond a sound level, but not all of them",
    "制作文件者漏收撤销该档的消息，其自留的订单簿便一直带着它；大宗、自动减仓等簿外成交可能越过真实"
    "挂单，但不会全部如此",
)
NOT_FOLLOW = Text(
    "a fault of the matching engine: had the level stood in the engine, nothing could have been "
    "traded beyond it",
    "撮合引擎故障：若该档真在引擎内，其外侧不可能有成交",
)
"""As the end of "it does not follow: …"."""


def sound(rows: int, seconds: int | None) -> Result:
    """Nothing found; `seconds` of trades were the witness, None without any."""
    if seconds is None:
        said = Text(
            f"no phantom level shows in {rows:,} rows by themselves; no trades of it are on the "
            "tape to compare with",
            f"{rows:,} 行自身未显示幽灵挂单；行情带中没有可比对的成交",
        )
    else:
        said = Text(
            f"no phantom level in {rows:,} rows against the trades of {seconds:,} stretches of "
            "time",
            f"{rows:,} 行与 {seconds:,} 个时段的成交比对，未见幽灵挂单",
        )
    return Result(SOUND, said)


def of_levels(count: int, longest: Decimal, side: str, price: Decimal, size: Decimal) -> Result:
    """Of books: how many, and the one that stood longest."""
    named = _SIDES[side]
    said = Text(
        f"phantom levels in the file: {count}; the longest, {plain(size)} at {plain(price)} "
        f"({named.en}), stood {plain(longest)} s while all trades printed beyond it",
        f"文件中的幽灵挂单：{count} 档；最久者为 {plain(price)} 处 {plain(size)}（{named.zh}），在"
        f"全部成交均越过其价格后仍存留 {plain(longest)} 秒",
    )
    return Result(IMPOSSIBLE, said, INNOCENT, NOT_FOLLOW)


def of_bands(held: Remainder, base: str, traded: tuple[Decimal, Decimal] | None) -> Result:
    """Of bands: the remainder of one side; `traded` is the range of prices in its time."""
    dated = held.first.ts // DAY != held.last.ts // DAY
    first = minute(held.first.ts, dated=dated)
    # Cut and not rounded up: what stands there for certain.
    near = f"{held.price.to_integral_value(ROUND_FLOOR):,f}"
    size = f"{held.depth.quantize(Decimal('0.01'), ROUND_FLOOR):,f}"
    en, zh = f"from {first}", f"自 {first} 起"
    if held.breaks:
        en, zh = f"{en} with breaks", f"{zh}断续出现"
    if held.steady is not None:
        steady = minute(held.steady.ts, dated=dated)
        en, zh = f"{en}, constant from {steady}", f"{zh}，{steady} 起恒定不变"
    said = Text(
        f"phantom levels in the file: {size} {base} near {near}, {en} (UTC)",
        f"文件中的幽灵挂单：{near} 附近 {size} {base}，{zh}（UTC）",
    )
    not_follow = NOT_FOLLOW
    if traded is not None:
        low, high = (f"{rounded(p, 2):,f}" for p in traded)
        not_follow = Text(
            f"{NOT_FOLLOW.en}; in that time trades printed from {low} to {high}",
            f"{NOT_FOLLOW.zh}；该时段成交价为 {low} 至 {high}",
        )
    return Result(IMPOSSIBLE, said, INNOCENT, not_follow)
