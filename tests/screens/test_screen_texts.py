"""What screens say, word for word in both languages: a changed sentence is seen here."""

from __future__ import annotations

from pathlib import Path

import pytest

from _books import World, frozen, phantom, screened
from _cases import case_of, tape_of
from _ticks import HEADER, T0, Tick, one, small_lake
from liquest.tape.lake import Lake

SPOT = "data/spot/daily/klines/ATOMUSDT/{}m/ATOMUSDT-{}m-2025-10-10.csv"
MARK = "data/futures/um/daily/markPriceKlines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv"
MINUTE = 60_000_000
STATEMENT = """
[[map]]
files = "*statement*"
record = "statement"
venue = "binance"
symbol = "USDT"
columns = { ts = "time", id = "id", amount = "amount", balance = "balance" }
"""


def bar(at: int, ohlc: str, volume: int, n: int, minutes: int = 1) -> str:
    start = T0 + at * MINUTE
    return f"{start},{ohlc},{volume},{start + minutes * MINUTE - 1},{4 * volume},{n},0,0,0\n"


def passed(folder: Path) -> Lake:
    world = World(seconds=60, drift=-1).faulty(0, 60, phantom("bid", "999.5", "7.25"))
    return small_lake(folder, {}, world.files())


def still(folder: Path) -> Lake:
    world = World(seconds=120)
    return small_lake(
        folder, {}, world.faulty(30, 90, frozen("bid", list(world.shots[30].bids))).files()
    )


def holed(folder: Path) -> Lake:
    world = World(seconds=120)
    world.shots = [s for s in world.shots if not 40 <= s.at < 70]
    return small_lake(folder, {}, world.files())


def barred(folder: Path) -> Lake:
    trades = [Tick(0, "4"), Tick(59, "3"), Tick(125, "3")]
    files = {SPOT.format(1, 1): bar(0, "4,4,2.9,3", 2, 2) + bar(1, "3,3,3,3", 0, 0)}
    return small_lake(folder, {("binance", "ATOMUSDT"): trades}, files)


def marked(folder: Path) -> Lake:
    rows = [bar(n, "4,4.2,3.9,4.1", 0, 60) for n in range(9)] + [bar(9, "4,4.1,4,4", 0, 1)]
    names = "open_time,open,high,low,close,volume,close_time,quote_volume,count,a,b,ignore\n"
    return small_lake(folder, {}, {MARK: names + "".join(rows)})


def sourced(folder: Path) -> Lake:
    short = "".join(bar(n, f"4,{5 + n},{3 - n},4", 1, 1) for n in range(3))
    return small_lake(
        folder, {}, {SPOT.format(1, 1): short, SPOT.format(3, 3): bar(0, "4,7,1.5,4", 3, 3, 3)}
    )


def united(folder: Path) -> Lake:
    rows = "timestamp,percentage,depth,notional\n" + "".join(
        f"2025-10-10 21:{20 + n}:00,{p},10,4000\n" for n in range(10) for p in (-1, 1)
    )
    trades = [Tick(60 * n, "4") for n in range(11)]
    return small_lake(
        folder, {("binance-futures", "ATOMUSDT"): trades},
        {"ATOMUSDT-bookDepth-2025-10-10.csv": rows},
    )  # fmt: skip


def numbered(folder: Path) -> Lake:
    ids = [n for n in range(1, 301) if n % 50]
    lines = (f"binance,ATOMUSDT,{T0 + n * 100_000},{T0},{i},sell,3,1\n" for n, i in enumerate(ids))
    return small_lake(folder, {}, {"a_trades.csv": HEADER + "".join(lines)})


def stated(folder: Path) -> Lake:
    rows = f"time,id,amount,balance\n{T0},1,5,105\n{T0 + 1},2,-1,104.5\n{T0 + 2},2,1,105.5\n"
    return tape_of(case_of(folder, {"statement.csv": rows}, STATEMENT)).lake


SAID = [
    (
        "phantom", passed,
        "phantom levels in the file: 1; the longest, 7.25 at 999.5 (bids), stood 50 s while all "
        "trades printed beyond it",
        "文件中的幽灵挂单：1 档；最久者为 999.5 处 7.25（买单），在全部成交均越过其价格后仍存留 "
        "50 秒",
    ),
    (
        "stale_side", still,
        "1 stretch in which one side stands still while the other moves; the worst: bids for 59 "
        "s from 21:20:30 (UTC), 59 moves of the other side, 48 seconds with trades that should "
        "have left a mark",
        "一侧静止而另一侧变动共 1 段；最甚者：买单自 21:20:30（UTC）起 59 秒，另一侧变动 59 次，"
        "其中 48 秒的成交本应使其变化",
    ),
    (
        "update_gaps", holed,
        "1 gap while trades went on, the longest 31 s from 21:20:39 (UTC)",
        "成交持续期间有 1 处空缺，最长 31 秒，始于 21:20:39（UTC）",
    ),
    (
        "bars", barred,
        "1 of 1 bars differ from the trades, the first at 2025-10-10 21:20:00 (UTC): prices in "
        "1, volume in 0, count in 0",
        "1 根 K 线中有 1 根与成交不符，首根为 2025-10-10 21:20:00（UTC）：价格 1 根、成交量 0 "
        "根、笔数 0 根",
    ),
    (
        "marks", marked,
        "1 mark bar moved with fewer than two updates; the first to look at: 2025-10-10 "
        "21:29:00 (UTC), 1 update",
        "1 根标记价 K 线在更新不足两次时变动；首先应看 2025-10-10 21:29:00（UTC），1 次更新",
    ),
    (
        "sources", sourced,
        "1 of 1 bars of 3 min have another low or high than the bars of 1 min in them, the "
        "first at 2025-10-10 21:20:00 (UTC): low 1.5 against 1, high 7 against 7",
        "1 根 3 min 的 K 线中有 1 根的低价或高价与其中的 1 min K 线不同，首根为 2025-10-10 "
        "21:20:00（UTC）：低 1.5 与 1，高 7 与 7",
    ),
    (
        "units", united,
        "the sizes only make sense as contracts of 100 coins; the tape takes them for 1",
        "数量只有按每张 100 币才讲得通，行情带按 1 计",
    ),
    (
        "id_holes", numbered,
        "5 of 299 trade ids are missing in 5 places, 5 of them from 21:20 to 21:50 (UTC); 5 of "
        "them between trades less than a second apart: scattered among trades on record, as ids "
        "of what is not published are",
        "299 个成交编号中缺 5 个，共 5 处，其中 5 个在 21:20 至 21:50（UTC）；5 个位于间隔不足一"
        "秒的两笔成交之间：散布于已记录成交之间，如未公布事项的编号",
    ),
    (
        "statement_rows", stated,
        "in 3 rows: 1 balance that does not close, 1 id given twice",
        "3 行中：1 处余额不能闭合，1 个编号重复",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "made", "en", "zh"), SAID, ids=[s[0] for s in SAID])
def test_the_words(tmp_path: Path, name: str, made: object, en: str, zh: str) -> None:
    assert callable(made)
    assert one(screened(name, made(tmp_path)), f"screen.{name}").params["said"] == [en, zh]
