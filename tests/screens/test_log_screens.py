"""The log screens on planted faults: what is found, where, how strong, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from _log_cases import held
from _log_faults import ATOM, LATER, MARKET, MS, Line, attempt
from _planted_logs import OVERLOADED, stamp
from _ticks import T0, Tick, one, pick, small_lake
from liquest.clock import DAY, SECOND
from liquest.errors import CaseError
from liquest.findings import Finding
from liquest.logs.store import EMPTY
from liquest.measures import Context, run
from liquest.params import with_defaults
from liquest.run.executor import Executor, Inline, Processes, Threads
from liquest.screens import screen, screens
from liquest.screens._result import HINT, SOUND, STRONG
from liquest.screens.log_regular import commonest_of
from liquest.tape.lake import Lake

D = Decimal
ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
NAMES = tuple(name for name in screens() if name.startswith("log_"))
NO_LAKE = Lake(Path(), ())


def text(lines: Sequence[Line]) -> str:
    return "".join(f"{stamp(us)} - bot - {words}\n" for us, words in lines)


def screened(
    name: str, folder: Path, lines: Sequence[Line] | Mapping[str, Sequence[Line]],
    lake: Lake = NO_LAKE, executor: Executor | None = None, **params: Any,
) -> list[Finding]:  # fmt: skip
    """The findings of a screen; it must have no problems."""
    files = lines if isinstance(lines, Mapping) else {"bot.log": lines}
    logs = held(folder, {n: text(x) for n, x in files.items()}, ZONE).logs
    chosen = screen(name)
    given = with_defaults(f"screens.{name}", chosen.DEFAULTS, params)
    found, problems = run(chosen, Context(lake, {}, given, logs), executor or Inline())
    assert problems == []
    return found


def ticking(count: int, step: int = SECOND, words: str = "INFO - step {}") -> list[Line]:
    return [(T0 + n * step, words.replace("{}", str(n))) for n in range(count)]


def result(found: Sequence[Finding], name: str, **subject: str) -> tuple[str, object, list[int]]:
    """Strength, value, and the rows that decide."""
    single = one(found, f"screen.{name}", **subject)
    rows = [i.first for i in single.inputs if i.role == "extreme"]
    return str(single.params["strength"]), single.value, rows


# -- log_clock ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "count", "strength"),
    [(50, 1, SOUND), (51, 1, HINT), (999, 9, HINT), (1000, 4, HINT), (1000, 5, STRONG)],
)
def test_a_clock_that_steps_back(tmp_path: Path, back: int, count: int, strength: str) -> None:
    lines = ticking(100)
    for n in range(count):
        place = 10 + 10 * n
        lines.insert(place, (lines[place - 1][0] - back * MS, "INFO - late"))
    found = screened("log_clock", tmp_path, lines)
    rows = [11] if strength != SOUND else []
    assert result(found, "log_clock") == (strength, count if rows else 0, rows)
    if rows:
        assert one(found, "screen.log_clock").params["largest"] == D(back) / 1000


def test_a_change_of_zone_that_the_reading_has_settled_is_no_step(tmp_path: Path) -> None:
    lines = [(us + (8 * 3600 * SECOND if n % 4 < 2 else 0), w) for n, (us, w) in
             enumerate(ticking(40))]  # fmt: skip
    assert result(screened("log_clock", tmp_path, lines), "log_clock") == (SOUND, 0, [])


def test_two_clients_in_one_file_are_compared_each_with_itself(tmp_path: Path) -> None:
    lines = [
        (T0 + n * SECOND - (5 * SECOND if n % 2 else 0), f"INFO - client={'ab'[n % 2]} x{n}")
        for n in range(40)
    ]
    assert result(screened("log_clock", tmp_path, lines), "log_clock")[0] == SOUND


# -- log_regular ----------------------------------------------------------------------------


def waits(count: int, wait: int, odd: int = 0, timer: bool = False) -> list[Line]:
    """Answers after `wait` ms, `odd` of them 7 ms later; requests by a timer or by chance."""
    lines: list[Line] = []
    for n in range(count):
        sent = T0 + n * SECOND + (0 if timer else n * n * 7919 % 500 * MS) + 3 * MS
        late = (wait + 7 if n < odd else wait) * MS
        lines += attempt(f"w{n}", sent, sent + late, "order accepted")
    return sorted(lines)


@pytest.mark.parametrize(
    ("lines", "strength", "share"),
    [
        (waits(40, 35), STRONG, D(1)),
        (waits(40, 35, odd=4), STRONG, D("0.9")),
        (waits(40, 35, odd=5), HINT, D("0.875")),
        (waits(40, 35, odd=20), HINT, D("0.5")),
        (waits(19, 35), SOUND, D(1)),
        (waits(40, 9), SOUND, D(1)),
    ],
    ids=["all", "nine in ten", "less", "half", "too few", "too short"],
)
def test_waits_that_are_the_same(
    tmp_path: Path, lines: list[Line], strength: str, share: Decimal
) -> None:
    found = screened("log_regular", tmp_path, lines)
    assert result(found, "log_regular.wait")[:2] == (strength, share)
    whole = one(found, "screen.log_regular")
    assert whole.params["strength"] == strength
    assert one(found, "screen.log_regular.interval").params["strength"] == SOUND


def test_a_timer_is_a_hint_and_its_reason_says_so(tmp_path: Path) -> None:
    lines = waits(40, 35, timer=True)
    for n in range(1, len(lines), 2):
        lines[n] = (lines[n][0] + n * n * 31 % 200 * MS, lines[n][1])
    found = screened("log_regular", tmp_path, lines)
    assert result(found, "log_regular.interval")[:2] == (HINT, D(1))
    assert one(found, "screen.log_regular.wait").params["strength"] == SOUND
    whole = one(found, "screen.log_regular")
    assert whole.params["commonest_ms"] == 1000
    assert whole.params["innocent"] == [
        "a timer of the program's own sends at even intervals; then the interval is no latency of "
        "the venue",
        "程序自身的定时器按固定间隔发送；此时该间隔不代表交易所延迟",
    ]


def test_a_clock_of_whole_seconds_is_not_judged(tmp_path: Path) -> None:
    lines: list[Line] = []
    for n in range(40):
        lines += attempt(f"w{n}", T0 + 3 * n * SECOND, T0 + (3 * n + 1) * SECOND, "order accepted")
    said = one(screened("log_regular", tmp_path, lines), "screen.log_regular").params
    assert said["strength"] == SOUND and "whole seconds" in said["said"][0]


@given(st.lists(st.integers(0, 5000), max_size=30))
def test_the_commonest_value_is_that_of_a_slow_count(values: list[int]) -> None:
    ms, share, at = commonest_of(np.array(values, dtype=np.int64))
    rounded = [(v + 500) // 1000 for v in values]
    if not values:
        assert (ms, share, at) == (0, 0.0, 0)
        return
    best = max(rounded.count(r) for r in rounded)
    assert ms == min(r for r in rounded if rounded.count(r) == best)
    assert (share, at) == (best / len(values), rounded.index(ms))


# -- log_repeats ----------------------------------------------------------------------------


@pytest.mark.parametrize(("times", "strength"), [(2, SOUND), (3, HINT), (50, HINT)])
def test_lines_that_stand_there_twice(tmp_path: Path, times: int, strength: str) -> None:
    lines = [line for n, line in enumerate(ticking(60)) for _ in range(1 + (n < times))]
    found = screened("log_repeats", tmp_path, lines)
    assert result(found, "log_repeats.same") == (strength, times, [2])
    assert one(found, "screen.log_repeats").params["strength"] == strength


@pytest.mark.parametrize(("pairs", "strength"), [(2, SOUND), (3, HINT), (9, HINT), (10, STRONG)])
def test_a_passage_that_stands_there_again(tmp_path: Path, pairs: int, strength: str) -> None:
    lines = ticking(60)
    lines += [(us + 600_123 * MS, words) for us, words in lines[20 : 20 + pairs]]
    found = screened("log_repeats", tmp_path, lines)
    assert result(found, "log_repeats.moved") == (strength, pairs, [21, 61])
    assert one(found, "screen.log_repeats.moved").params["apart_ms"] == 600_123
    assert one(found, "screen.log_repeats").value == pairs


def test_heartbeats_and_a_queue_sent_again_at_its_own_times_are_sound(tmp_path: Path) -> None:
    lines = ticking(50, words="INFO - heartbeat")
    again = [(us + 60 * SECOND + n * n * MS, w) for n, (us, w) in enumerate(ticking(40)[:20])]
    found = screened("log_repeats", tmp_path, [*lines, *ticking(40), *again])
    assert one(found, "screen.log_repeats.moved").params["strength"] == SOUND


# -- log_wording ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "strength", "early"),
    [(0, STRONG, 3), (2, STRONG, 3), (4, HINT, 3), (11, HINT, 3), (13, SOUND, 0)],
)
def test_a_text_before_its_time(tmp_path: Path, days: int, strength: str, early: int) -> None:
    """Announced on 2025-10-14, served from 2025-10-23; the log begins on 2025-10-10."""
    lines = [(us + days * DAY, w) for us, w in ticking(3, words=f"ERROR - order failed {LATER}")]
    found = screened("log_wording", tmp_path, lines)
    assert result(found, "log_wording") == (strength, early, [1] if early else [])
    if early:
        (told,) = one(found, "screen.log_wording").params["texts"]
        assert (told["announced"], told["served_from"]) == ("2025-10-14", "2025-10-23")
        assert LATER.startswith('{"code":-1008,"msg":"' + told["wording"])


def test_the_text_of_its_own_day_is_sound(tmp_path: Path) -> None:
    lines = ticking(3, words=f"ERROR - order failed {OVERLOADED}")
    assert result(screened("log_wording", tmp_path, lines), "log_wording") == (SOUND, 0, [])


# -- log_prices -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return small_lake(tmp_path_factory.mktemp("tape"), {ATOM: MARKET})


def filled(trades: Sequence[Tick], prices: Sequence[str], ahead: int = 0) -> list[Line]:
    return [
        (t.ts + ahead, f"INFO - binance usdm order filled symbol=ATOMUSDT price={p} "
                       f"quantity={t.amount} side=SELL")
        for t, p in zip(trades, prices, strict=True)
    ]  # fmt: skip


INSIDE = [t for t in MARKET if 0 <= t.ts - T0 < 100 * SECOND][::12]


@pytest.mark.parametrize(
    ("off", "strength"), [(0, SOUND), (1, HINT), (2, HINT), (12, HINT), (13, STRONG)]
)
@pytest.mark.parametrize("ahead", [0, 45])
def test_fills_away_from_the_tape(
    tmp_path: Path, lake: Lake, off: int, strength: str, ahead: int
) -> None:
    prices = [str(D(t.price) * (2 if n < off else 1)) for n, t in enumerate(INSIDE)]
    found = screened("log_prices", tmp_path, filled(INSIDE, prices, ahead * SECOND), lake)
    single = one(found, "screen.log_prices")
    assert len(INSIDE) == 25 and single.params["judged"] == 25
    # With too few right ones left the clock is not known, and the band is wider.
    assert result(found, "log_prices") == (strength, off, list(range(1, min(off, 5) + 1)))
    assert single.caveats == (() if off < 12 else ("clock-unaligned",))


def test_without_a_clock_everything_in_reach_counts(tmp_path: Path, lake: Lake) -> None:
    prices = [str(D(t.price) * 2) for t in INSIDE]
    found = screened("log_prices", tmp_path, filled(INSIDE, prices, 45 * SECOND), lake)
    assert result(found, "log_prices")[:2] == (STRONG, 25)
    single = one(found, "screen.log_prices")
    assert single.caveats == ("clock-unaligned",) and "within 300 s" in single.params["said"][0]
    far = screened("log_prices", tmp_path / "far", filled(INSIDE, prices, 20 * DAY), lake)
    assert result(far, "log_prices")[:2] == (SOUND, 0) and far[0].params["judged"] == 0


def test_the_band_is_what_was_traded_near_and_the_slack(tmp_path: Path, lake: Lake) -> None:
    trade = INSIDE[10]
    near = [t for t in MARKET if trade.ts // SECOND - 5 <= t.ts // SECOND <= trade.ts // SECOND + 5]
    low = min(D(t.price) for t in near)
    right = [*filled(INSIDE[:10], [t.price for t in INSIDE[:10]])]
    for price, strength in ((low * D("0.9991"), SOUND), (low * D("0.9989"), HINT)):
        lines = [*right, *filled([trade], [f"{price:.6f}"])]
        found = screened("log_prices", tmp_path / strength, lines, lake)
        assert result(found, "log_prices")[0] == strength
        if strength == HINT:
            (shown,) = one(found, "screen.log_prices").params["shown"]
            assert (shown["row"], shown["low"]) == (11, low)


def test_another_market_and_a_log_without_fills_are_not_judged(tmp_path: Path, lake: Lake) -> None:
    other = [(us, w.replace("ATOM", "DOT")) for us, w in filled(INSIDE, ["1"] * len(INSIDE))]
    found = screened("log_prices", tmp_path, {"a.log": other, "b.log": ticking(30)}, lake)
    assert [(f.params["judged"], f.params["strength"]) for f in found] == [(0, SOUND)]


# -- all of them ----------------------------------------------------------------------------

SAID = {
    "log_clock": (
        [*ticking(9), (T0, "INFO - x")],
        "times step back in 1 place, by 8 s at most", "时间倒退 1 处，最多 8 s",
    ),
    "log_regular": (
        waits(20, 35), "100.0 % of 20 waits are 35 ms to the millisecond",
        "20 个等待时间中有 100.0% 恰为 35 毫秒",
    ),
    "log_repeats": (
        [*ticking(60), *((us + 300 * SECOND, w) for us, w in ticking(10))],
        "10 texts stand there twice, 300,000 ms apart",
        "10 条文本各出现两次，相隔均为 300,000 毫秒",
    ),
    "log_wording": (
        ticking(2, words=f"ERROR - order failed {LATER}"),
        "2 lines with a text served only from 2025-10-23 (announced 2025-10-14)",
        "2 行含有自 2025-10-23 起才使用的文本（公告于 2025-10-14）",
    ),
    "log_prices": (
        filled(INSIDE, [t.price for t in INSIDE[:-1]] + ["9"]),
        "1 of 25 fills lie outside of what the tape traded within 5 s",
        "25 笔成交中有 1 笔超出行情前后 5 秒的成交范围",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_words(tmp_path: Path, lake: Lake, name: str) -> None:
    lines, en, zh = SAID[name]
    params = one(screened(name, tmp_path, lines, lake), f"screen.{name}").params
    assert params["said"] == [en, zh] and params["strength"] != SOUND
    for key in ("innocent", "does_not_follow"):
        assert len(params[key]) == 2 and any("\u4e00" <= c <= "\u9fff" for c in params[key][1])


@pytest.mark.parametrize("name", NAMES)
def test_every_executor_finds_the_same_and_ids_hold(tmp_path: Path, lake: Lake, name: str) -> None:
    files = {"a.log": SAID[name][0], "b.log": ticking(30), "c.log": waits(30, 40)}
    found = screened(name, tmp_path, files, lake)
    assert found and len({f.id for f in found}) == len(found)
    for executor in (Threads(2), Processes(2)):
        again = screened(name, tmp_path, files, lake, executor)
        assert [f.json() for f in again] == [f.json() for f in found]
    assert {f.subject["log"] for f in pick(found, f"screen.{name}")} >= {"data/a.log"}


@pytest.mark.parametrize("name", NAMES)
def test_a_case_without_logs_has_no_results(name: str) -> None:
    given = with_defaults(f"screens.{name}", screen(name).DEFAULTS, {})
    assert run(screen(name), Context(NO_LAKE, {}, given, EMPTY), Inline()) == ([], [])


@pytest.mark.parametrize(
    ("name", "key"),
    [("log_clock", "tolerance"), ("log_regular", "least"), ("log_repeats", "pairs"),
     ("log_wording", "days"), ("log_prices", "seconds")],
)  # fmt: skip
def test_a_parameter_that_is_no_number_is_refused(tmp_path: Path, name: str, key: str) -> None:
    given: dict[str, Any] = {key: "many"}
    with pytest.raises(CaseError, match=key):
        screened(name, tmp_path, ticking(5), **given)
