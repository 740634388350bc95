"""What the rows of a depth file say that cannot be, in words of both languages."""

from __future__ import annotations

from ..clock import DAY
from ..errors import Text
from ._phantom_say import INNOCENT, NOT_FOLLOW
from ._result import IMPOSSIBLE, SOUND, STRONG, Result, moment

NOT_CUMULATIVE = Text(
    "the rows of a snapshot may have been computed at different moments",
    "同一快照的各行可能在不同时刻计算",
)


def rows_of(minutes: bool) -> Text:
    """What one row stands for."""
    return Text("minutes", "分钟") if minutes else Text("snapshots", "个快照")


def fits(count: int, what: Text, witnessed: bool) -> Result:
    """Nothing found."""
    en = f"the rows of {count:,} {what.en} fit to each other"
    zh = f"{count:,} {what.zh}的各行彼此相符"
    if witnessed:
        said = Text(f"{en} and to the trades around them", f"{zh}，亦与当时的成交相符")
    else:
        said = Text(
            f"{en}; no trades of it are on the tape to compare with",
            f"{zh}；行情带中没有可比对的成交",
        )
    return Result(SOUND, said)


def averages(
    side: str, counts: tuple[int, int, int], what: Text, first: int, last: int, band: str
) -> Result:
    """Average prices on the wrong side of the market, first and last moment; counts are of rows
    that cannot be, of those against the other side's, and of all."""
    wrong, inverted, total = counts
    dated = first // DAY != last // DAY
    begin, end = (moment(m, dated=dated) for m in (first, last))
    sign, other = ("−", "+") if side == "bid" else ("+", "−")
    where = Text("above", "高于") if side == "bid" else Text("below", "低于")
    said = Text(
        f"the average price of the {sign}{band} % row cannot be in {wrong:,} of {total:,} "
        f"{what.en}, from {begin} to {end} (UTC); in {inverted:,} it is {where.en} that of the "
        f"{other}{band} % row",
        f"{total:,} {what.zh}中有 {wrong:,} {what.zh}的 {sign}{band}% 行均价不可能成立，{begin} 至 "
        f"{end}（UTC）；其中 {inverted:,} {what.zh}{where.zh} {other}{band}% 行的均价",
    )
    return Result(IMPOSSIBLE, said, INNOCENT, NOT_FOLLOW)


def shrinking(wrong: int, total: int, what: Text) -> Result:
    """Wider bands that hold less than narrower ones."""
    said = Text(
        f"in {wrong:,} of {total:,} {what.en} a wider band holds less than a narrower one",
        f"{total:,} {what.zh}中有 {wrong:,} {what.zh}：较宽的一档少于较窄的一档",
    )
    return Result(STRONG, said, NOT_CUMULATIVE)
