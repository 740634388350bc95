"""The plain statement: when the advice holds and when it does not, with the numbers that decide.

Invariant: a sentence says nothing that a finding of the sheet does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ...errors import Text
from ...findings import Finding
from .coin_findings import RECORD
from .rivals import WHOLE
from .sheet import Sheet, number
from .weigh import BEFORE, EVENT
from .words import PARTS, SAID, exactly, percent, span, way

NOT_COUNTED = Text(
    "Not counted: funding, the venue failing while money is on it, an order that is refused, and "
    "what one's own order does to the price.",
    "未计入：资金费率、资金在交易所期间场所自身出问题、委托被拒、以及自身委托对价格的影响。",
)


def sentences(sheet: Sheet) -> Iterator[Text]:
    """Over all coins, or for the one coin."""
    if sheet.together:
        yield from _bound(sheet)
        for question in sheet.questions(""):
            yield _over_coins(sheet, question)
        yield from _turns_on(sheet)
    else:
        coin = sheet.coins[0]
        for question in sheet.questions(coin):
            yield of_coin(sheet, coin, question)
        if not sheet.questions(coin):
            yield Text(
                "With one leverage or one mode there is nothing to compare: give several.",
                "只有一种杠杆或模式，无从比较：请给出多个。",
            )
    yield from _noise(sheet)
    yield NOT_COUNTED


def of_coin(sheet: Sheet, coin: str, question: str) -> Text:
    """One part of the advice for one coin."""
    verdict, gain = sheet.verdict(coin, question), sheet.gain(coin, question, RECORD)
    if verdict is None or gain is None:
        raise KeyError(f"{coin} has no {question}")
    said, part = SAID[str(verdict.value)], PARTS[question]
    advised, other = way(gain.params["advised"]), way(gain.params["other"])
    left, rest = (exactly(Decimal(str(gain.params[k]))) for k in ("left", "other_left"))
    more = exactly(number(gain) or Decimal(0), sign=True)
    en = (
        f"{part.en} {said.en} for {coin}: in the event {advised.en} left {left}, {other.en} "
        f"{rest} ({more})."
    )
    zh = (
        f"{part.zh}对 {coin} {said.zh}：事件中，{advised.zh}剩余 {left}，{other.zh}剩余 {rest}"
        f"（{more}）。"
    )
    near = sheet.gain(coin, question, EVENT)
    if near is not None:
        better, worse = near.params["better"], near.params["worse"]
        low = exactly(Decimal(str(near.params["low"])), sign=True)
        en += (
            f" On {near.count:,} paths drawn from the event it left more on {better}, less on "
            f"{worse}; on the worst of them {low}."
        )
        zh += (
            f"在由事件重抽样的 {near.count:,} 条路径中，剩余更多者 {better} 条，更少者 {worse} "
            f"条；最差路径相差 {low}。"
        )
    cost, turned = _cost(sheet, coin, question, verdict), _turned(gain)
    return Text(en + cost.en + turned.en, zh + cost.zh + turned.zh)


def _turned(gain: Finding) -> Text:
    """Where the last trade instead of the mark would turn the sign in the event."""
    last, value = gain.params["last"], number(gain)
    if last is None or value is None or (Decimal(str(last)) > 0) == (value > 0):
        return Text("", "")
    other = exactly(Decimal(str(last)), sign=True)
    return Text(
        f" Liquidated on the last trade instead of the mark it would be {other} in the event.",
        f"若以最近成交而非标记价触发强平，事件中则为 {other}。",
    )


def _over_coins(sheet: Sheet, question: str) -> Text:
    verdict, gain = sheet.verdict("", question), sheet.gain("", question, RECORD)
    first = next(f for c in sheet.coins if (f := sheet.gain(c, question, RECORD)) is not None)
    if verdict is None or gain is None:
        raise KeyError(f"the coins have no {question}")
    part, said = PARTS[question], SAID[str(verdict.value)]
    advised, other = way(first.params["advised"]), way(first.params["other"])
    by_word = sheet.by_word(question)
    en_parts = [f"{SAID[w].en} for {len(c)} ({', '.join(c)})" for w, c in by_word.items()]
    zh_parts = [f"{SAID[w].zh}：{len(c)} 个（{'、'.join(c)}）" for w, c in by_word.items()]
    more = exactly(number(gain) or Decimal(0), sign=True)
    again = (
        Text(", both opened again after every close", "，两者均在每次平仓后再开仓")
        if question == "again"
        else Text("", "")
    )
    cost = _cost(sheet, "", question, verdict)
    turned = [
        c for c in sheet.coins
        if (f := sheet.gain(c, question, RECORD)) is not None and _turned(f).en
    ]  # fmt: skip
    if turned:
        cost = Text(
            f"{cost.en} The last trade in place of the mark would turn it for {', '.join(turned)}.",
            f"{cost.zh}若以最近成交代替标记价，{'、'.join(turned)} 的结果会反转。",
        )
    return Text(
        f"{part.en} ({advised.en}, against {other.en}{again.en}): over all coins together it "
        f"{said.en}. Of {verdict.count} coins it {'; '.join(en_parts)}. Mean over the coins: "
        f"{more} in the event.{cost.en}",
        f"{part.zh}（{advised.zh}，对比 {other.zh}{again.zh}）：各币种合计{said.zh}。"
        f"{verdict.count} 个币种中，{'；'.join(zh_parts)}。各币种平均：事件中 {more}。{cost.zh}",
    )


def _cost(sheet: Sheet, coin: str, question: str, verdict: Finding) -> Text:
    """What it costs before the event, and how often an event must come for it to pay."""
    before = sheet.gain(coin, question, BEFORE)
    mean = number(before)
    if before is None or mean is None:
        return Text(
            " What it costs without an event could not be measured here.",
            "没有事件时的代价在此无法测得。",
        )
    length, came = span(sheet.horizon()), exactly(mean, sign=True)
    error = exactly(Decimal(str(before.params["error"])))
    en = f" Before the event it came to {came} (± {error}) on a path of {length.en}"
    zh = f"事发前，每条 {length.zh}的路径平均 {came}（± {error}）"
    times = verdict.params.get("break_even")
    if times is None:
        return Text(f"{en}.", f"{zh}。")
    needed = span(Decimal(str(times)) * sheet.horizon())
    return Text(
        f"{en}: it pays if such an event comes at least once in {needed.en} of holding.",
        f"{zh}：若持仓 {needed.zh}内至少发生一次此类事件，则划算。",
    )


def _bound(sheet: Sheet) -> Iterator[Text]:
    """The least that either side of the whole advice left on any coin."""
    gain = next((f for c in sheet.coins if (f := sheet.gain(c, WHOLE, RECORD)) is not None), None)
    if gain is None:
        return
    sides = []
    for key in ("advised", "other"):
        words = gain.params[key]
        name = tuple(words[k] for k in ("mode", "leverage", "on_exchange", "stop"))
        one = sheet.way("", "left", name)
        if one is None:
            return
        sides.append((way(words), Decimal(str(one.params["least"])), one.params["least_coin"]))
    (small, least, coin), (large, other, there) = sides
    yield Text(
        f"The bound: of all coins {small.en} left at least {exactly(least)} ({coin}), {large.en} "
        f"at least {exactly(other)} ({there}).",
        f"损失上限：所有币种中，{small.zh}至少剩余 {exactly(least)}（{coin}），{large.zh}至少剩余 "
        f"{exactly(other)}（{there}）。",
    )


def _turns_on(sheet: Sheet) -> Iterator[Text]:
    """Where the price ended for the coins on either side."""
    ends: dict[bool, list[Decimal]] = {True: [], False: []}
    for coin in sheet.coins:
        gain, move = number(sheet.gain(coin, WHOLE, RECORD)), number(sheet.coin(coin, "move"))
        if gain is not None and move is not None:
            ends[gain > 0].append(move)
    if not ends[True] or not ends[False]:
        return
    more, less = (_range(ends[key]) for key in (True, False))
    yield Text(
        f"It turns on where the price ends: where the advised way left more, it ended at {more}; "
        f"where it left less, at {less}. A price that goes through the small margin and comes "
        "back takes it for nothing.",
        f"关键在于价格最终停在何处：建议方式剩余更多的币种，最终变动为 {more}；剩余更少的为 "
        f"{less}。价格击穿小保证金后又回来，则该保证金白白损失。",
    )


def _range(values: Sequence[Decimal]) -> str:
    low, high = percent(min(values)), percent(max(values))
    return (low if low == high else f"{low} … {high}").replace("-", "−")


def _noise(sheet: Sheet) -> Iterator[Text]:
    one = sheet.coin("" if sheet.together else sheet.coins[0], "noise")
    value = number(one)
    if value is None:
        return
    middle = Text(" (median of the coins)", "（各币种中位数）") if sheet.together else Text("", "")
    hour = percent(value, 2)
    yield Text(
        "The minutes before the event were restless themselves: the standard deviation of an "
        f"hour's move was {hour}{middle.en}; in quieter hours a small margin is closed less "
        "often, in wilder ones more.",
        f"事发前时段本身已不平静：一小时变动的标准差为 {hour}{middle.zh}；更平静时小保证金被平仓更"
        "少，更动荡时更多。",
    )
