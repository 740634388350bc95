"""phantom, crossed, stale_side, update_gaps: planted faults found, sound books left alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _books import (
    Fault,
    Level,
    Shot,
    World,
    book_csv,
    crossed,
    frozen,
    phantom,
    screened,
    shot,
    strengths,
)
from _cases import case_of, tape_of
from _ticks import HEADER, T0, Tick, one, pick, small_lake
from liquest.clock import SECOND
from liquest.measures import _book
from liquest.tape.lake import Lake

D = Decimal
MARKET = "binance-futures"


def worlds(folder: Path, *made: World) -> Lake:
    """One file of books and one of trades, the instruments S0USDT, S1USDT …"""
    books: list[str] = []
    tapes: list[str] = []
    for number, world in enumerate(made):
        text = world.book(MARKET, f"S{number}USDT").splitlines(keepends=True)
        books += text if not books else text[1:]
        tapes += world.tape(MARKET, f"S{number}USDT").splitlines(keepends=True)[1:]
    files = {f"{MARKET}_book_snapshot_25.csv": "".join(books),
             f"{MARKET}_trades.csv": HEADER + "".join(tapes)}  # fmt: skip
    return small_lake(folder, {}, files)


def test_a_phantom_bid_is_found_with_price_size_and_time(tmp_path: Path) -> None:
    # The price falls by a tick a second; the bid at 999.5 stays in the file.
    world = World(seconds=60, drift=-1).faulty(0, 60, phantom("bid", "999.5", "7.25"))
    lake = small_lake(tmp_path, {}, world.files())
    found = screened("phantom", lake)
    result = one(found, "screen.phantom")
    assert (result.value, result.params["strength"]) == (1, "impossible")
    level = one(found, "screen.phantom.level")
    told = [level.params[n] for n in ("side", "price", "size")]
    assert told == ["bid", D("999.5"), D("7.25")]
    assert level.at is not None and isinstance(level.value, Decimal)
    begun = (level.at - T0) // SECOND
    # Trades had all passed it within half a minute, and it stood to the end.
    assert 1 < begun < 30 and level.value == 59 - begun
    assert result.params["said"][0].startswith(
        "phantom levels in the file: 1; the longest, 7.25 at 999.5 (bids), stood "
    )
    assert "a fault of the matching engine: had" in result.params["does_not_follow"][0]


def test_an_ask_below_a_rising_market_too(tmp_path: Path) -> None:
    world = World(seconds=60, drift=1).faulty(5, 60, phantom("ask", "1001.5", "0.5"))
    level = one(
        screened("phantom", small_lake(tmp_path, {}, world.files())), "screen.phantom.level"
    )
    assert level.params["side"] == "ask" and level.params["price"] == D("1001.5")


def test_a_quote_that_is_passed_for_a_moment_is_no_phantom(tmp_path: Path) -> None:
    shots = [shot(n, "100x5 99x5", "101x5") for n in range(60)]
    trades = [Tick(f"{n}.4", "98" if 20 <= n < 22 else "100") for n in range(60)]
    files = {"a.csv": book_csv("binance", "ATOMUSDT", shots, 3)}
    lake = small_lake(tmp_path, {("binance", "ATOMUSDT"): trades}, files)
    assert strengths("phantom", screened("phantom", lake)) == {"ATOMUSDT": "sound"}


def test_a_phantom_across_pieces_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seconds=90, drift=-1).faulty(0, 90, phantom("bid", "999.5", "7.25"))
    lake = small_lake(tmp_path, {}, world.files())
    whole = one(screened("phantom", lake), "screen.phantom.level")
    monkeypatch.setattr(_book, "BUSY", 30)
    cut = one(
        screened(
            "phantom",
            lake,
        ),
        "screen.phantom.level",
    )
    assert (cut.value, cut.at) == (whole.value, whole.at)


def test_crossed_and_locked_spells_to_the_microsecond(tmp_path: Path) -> None:
    shots = [
        shot("0", "100x1", "101x1"), shot("1.5", "102x1", "101x1"), shot("3.25", "100x1", "101x1"),
        shot("5", "101x1", "101x1"), shot("5.5", "100x1", "101x1"),
    ]  # fmt: skip
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("coinbase", "ATOM-USD", shots, 1)})
    result = one(screened("crossed", lake), "screen.crossed")
    assert (result.value, result.unit, result.at) == (D("1.75"), "s", T0 + 3 * SECOND // 2)
    assert result.params["strength"] == "impossible" and result.params["locked"] == D("0.5")
    assert [i.first for i in result.inputs if i.role == "extreme"] == [3]
    assert result.params["said"] == [
        "the bid stood above the ask for 1.75 s in all, longest 1.75 s from 21:20:01; the bid "
        "stood at the ask for 0.5 s in all, longest 0.5 s from 21:20:05 (UTC)",
        "买一高于卖一共 1.75 秒，最长 1.75 秒，始于 21:20:01；买一等于卖一共 0.5 秒，最长 0.5 秒，"
        "始于 21:20:05（UTC）",
    ]


@pytest.mark.parametrize(
    ("shots", "strength"),
    [
        (["0 100x1 101x1", "1 102x1 101x1", "1.2 100x1 101x1"], "hint"),
        (["0 100x1 101x1", "1 101x1 101x1", "3 100x1 101x1"], "strong"),
        (["0 100x1,99x1,99.5x1 101x1"], "impossible"),
        (["0 100x1,99x1 101x1,101x2"], "impossible"),
        (["0 100x1,99x1 101x1", "1  101x1", "2 100x1 "], "sound"),
    ],
)
def test_how_strong_a_crossing_is(tmp_path: Path, shots: list[str], strength: str) -> None:
    made = [shot(at, b.replace(",", " "), a.replace(",", " "))
            for at, b, a in (s.split(" ") for s in shots)]  # fmt: skip
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("coinbase", "ATOM-USD", made, 3)})
    assert strengths("crossed", screened("crossed", lake)) == {"ATOM-USD": strength}


def test_a_side_that_stands_still_under_trades(tmp_path: Path) -> None:
    world = World(seconds=120)
    still = list(world.shots[30].bids)
    world.faulty(30, 90, frozen("bid", still))
    found = screened("stale_side", small_lake(tmp_path, {}, world.files()))
    spell = one(found, "screen.stale_side.spell")
    assert (spell.at, spell.value) == (T0 + 30 * SECOND, 59)
    assert spell.params["side"] == "bid" and spell.params["other_moves"] >= 50
    result = one(found, "screen.stale_side")
    assert result.value == 59 and result.params["strength"] == "strong"
    # Without trades nothing says that it should have moved.
    quiet = small_lake(tmp_path / "quiet", {}, {"a.csv": world.book()})
    assert strengths("stale_side", screened("stale_side", quiet)) == {"BTCUSDT": "hint"}


def test_a_gap_counts_where_trades_went_on(tmp_path: Path) -> None:
    world = World(seconds=120)
    world.shots = [s for s in world.shots if not 40 <= s.at < 70]
    lake = small_lake(tmp_path, {}, world.files())
    found = screened("update_gaps", lake)
    gap = one(found, "screen.update_gaps.gap")
    assert (gap.value, gap.at) == (31, T0 + 39 * SECOND)
    assert one(found, "screen.update_gaps").params["strength"] == "strong"
    quiet = small_lake(tmp_path / "quiet", {}, {"a.csv": world.book()})
    assert strengths("update_gaps", screened("update_gaps", quiet)) == {"BTCUSDT": "sound"}


def changes(ids: list[int], begins: tuple[int, ...] = (0,)) -> str:
    return "time,symbol,u,snap,side,price,size\n" + "".join(
        f"{T0 + n * 2 * SECOND},ATOMUSDT,{u},{int(n in begins)},buy,{100 + n % 3},1\n"
        for n, u in enumerate(ids)
    )


MAP = """
[[map]]
files = "*diff*"
record = "increments"
venue = "binance"
symbol_column = "symbol"
columns = { ts = "time", update_id = "u", snapshot = "snap", side = "side", price = "price", size = "size" }
"""  # noqa: E501


@pytest.mark.parametrize(
    ("ids", "begins", "strength", "told"),
    [
        (list(range(300)), (0,), "sound", (0, 0, 0)),
        ([*range(200), *range(205, 305)], (0,), "strong", (5, 0, 0)),
        ([*range(200), 150, *range(201, 305)], (0,), "strong", (50, 1, 0)),
        (list(range(300)), (0, 100), "hint", (0, 0, 1)),
        # Ids that jump all the time are not consecutive: no loss follows from a jump.
        (list(range(0, 900, 3)), (0,), "sound", (0, 0, 0)),
    ],
)
def test_update_ids(
    tmp_path: Path, ids: list[int], begins: tuple[int, ...], strength: str,
    told: tuple[int, int, int],
) -> None:  # fmt: skip
    lake = tape_of(case_of(tmp_path, {"diff.csv": changes(ids, begins)}, MAP)).lake
    found = [f for f in screened("update_gaps", lake, longest="100000")
             if f.subject["price"] == "change"]  # fmt: skip
    (result,) = found
    assert result.params["strength"] == strength
    assert tuple(result.params[n] for n in ("missing_ids", "backwards", "begun_anew")) == told


def test_sound_books_raise_no_alarm(tmp_path: Path) -> None:
    """False alarms: none in 16 sound markets, of any screen of books."""
    made = [World(seed=n, seconds=80, drift=(n % 3) - 1) for n in range(16)]
    lake = worlds(tmp_path, *made)
    for name in ("phantom", "crossed", "stale_side", "update_gaps"):
        assert set(strengths(name, screened(name, lake)).values()) == {"sound"}, name


def planted(number: int) -> tuple[str, Fault, World]:
    """A fault that the screen of that name should find, in a market of its own."""
    world = World(seed=100 + number, seconds=100, drift=-1)
    kind = ("phantom", "crossed", "stale_side")[number % 3]
    if kind == "phantom":
        return kind, phantom("bid", "999", str(1 + number)), world
    if kind == "crossed":
        return kind, crossed("0.3"), world
    return kind, frozen("ask", list(world.shots[40].asks)), world


def test_planted_faults_are_not_missed(tmp_path: Path) -> None:
    """Misses: none of 24 faults of half a minute and more."""
    made = [planted(n) for n in range(24)]
    lake = worlds(tmp_path, *(w.faulty(40, 90, fault) for _, fault, w in made))
    for name in ("phantom", "crossed", "stale_side"):
        found = strengths(name, screened(name, lake))
        wanted = {f"S{n}USDT" for n, (kind, _, _) in enumerate(made) if kind == name}
        assert wanted <= {i for i, strength in found.items() if strength != "sound"}, name


def test_a_book_can_be_unsound_in_more_than_one_way(tmp_path: Path) -> None:
    def both(one_shot: Shot) -> None:
        phantom("bid", "999.5", "3")(one_shot)

    world = World(seconds=60, drift=-1).faulty(0, 60, both)
    lake = small_lake(tmp_path, {}, world.files())
    # A bid above the market crosses the asks as well.
    assert strengths("crossed", screened("crossed", lake))["BTCUSDT"] == "impossible"
    assert len(pick(screened("phantom", lake), "screen.phantom.level")) == 1
    assert Level(D("999.5"), D(3)) in world.shots[50].bids


def test_best_quotes_are_screened_like_books(tmp_path: Path) -> None:
    world = World(seconds=60, drift=-1).faulty(0, 60, phantom("bid", "999.5", "7.25"))
    lines = [
        f"{MARKET},BTCUSDT,{s.ts},{s.ts},{s.asks[0].size},{s.asks[0].price},{s.bids[0].price},"
        f"{s.bids[0].size}\n"
        for s in world.shots
    ]
    names = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n"
    files = {"quotes.csv": names + "".join(lines), "a_trades.csv": world.tape()}
    lake = small_lake(tmp_path, {}, files)
    assert one(screened("phantom", lake), "screen.phantom.level").params["price"] == D("999.5")
    assert strengths("crossed", screened("crossed", lake)) == {"BTCUSDT": "impossible"}
    assert strengths("update_gaps", screened("update_gaps", lake)) == {"BTCUSDT": "sound"}
    # With one level on record a bid that nothing takes looks like a side that stands still.
    assert strengths("stale_side", screened("stale_side", lake)) == {"BTCUSDT": "strong"}
