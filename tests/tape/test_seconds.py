"""seconds: one-second bars of hand-made trades, exactly."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _cases import T0, TICKS, case_of, rows_of, tape_of, tick
from liquest.clock import DAY, HOUR, SECOND
from liquest.tape import seconds as module
from liquest.tape.lake import Lake
from liquest.tape.seconds import make_seconds, plan_seconds

TRADES = [
    (100, "2.5", "1"), (200, "2.7", "2"), (200, "2.4", "3"), (999_999, "2.6", "4"),
    (1_000_000, "2.4", "5"), (1_500_000, "2.4", "6"), (3_000_001, "2.3", "7"),
]  # fmt: skip


def seconds_of(folder: Path, lines: list[str], more: str = "") -> list[dict[str, Any]]:
    return rows_of(
        tape_of(case_of(folder, {"a.csv": TICKS + "".join(lines)}, more)).lake, "seconds"
    )


def made(trades: list[tuple[int, str, str]], **more: Any) -> list[str]:
    return [tick(i, p, a, at=at, **more) for i, (at, p, a) in enumerate(trades, start=1)]


def test_hand_made_trades_give_exact_bars(tmp_path: Path) -> None:
    first, second, third = seconds_of(tmp_path, made(TRADES))
    assert [r["ts"] - T0 for r in (first, second, third)] == [0, SECOND, 3 * SECOND]
    ohlc = [first[c] for c in ("open", "high", "low", "close")]
    assert ohlc == [Decimal(v) for v in ("2.5", "2.7", "2.4", "2.6")]
    assert (first["n"], first["volume"], first["notional"]) == (
        4, 10, Decimal("2.5") + Decimal("5.4") + Decimal("7.2") + Decimal("10.4"),
    )  # fmt: skip
    assert (first["low_ts"], first["high_ts"]) == (T0 + 200, T0 + 200)
    assert (first["low_n"], first["low_volume"]) == (1, 3)
    assert (first["row_no"], first["row_last"]) == (2, 5)


def test_what_stands_at_the_low_is_counted_at_exactly_that_price(tmp_path: Path) -> None:
    _, second, _ = seconds_of(tmp_path, made(TRADES))
    assert (second["low"], second["low_n"], second["low_volume"]) == (Decimal("2.4"), 2, 11)
    assert (second["high"], second["high_n"], second["high_volume"]) == (Decimal("2.4"), 2, 11)
    assert second["low_ts"] == T0 + SECOND


def test_open_and_close_go_by_time_though_the_file_runs_backwards(tmp_path: Path) -> None:
    lines = made([t for t in TRADES if t[1] != "2.7"])
    forwards = seconds_of(tmp_path / "a", lines)
    backwards = sorted(seconds_of(tmp_path / "b", lines[::-1]), key=lambda r: r["ts"])
    for there, back in zip(forwards, backwards, strict=True):
        assert [there[c] for c in ("ts", "open", "high", "low", "close", "n", "volume")] == [
            back[c] for c in ("ts", "open", "high", "low", "close", "n", "volume")
        ]


def test_trades_of_one_moment_open_and_close_by_their_rows(tmp_path: Path) -> None:
    (bar,) = seconds_of(
        tmp_path, made([(5, "2", "1"), (5, "4", "1"), (5, "1", "1"), (5, "3", "1")])
    )
    assert (bar["open"], bar["close"]) == (2, 3)


def test_aggregate_trades_count_for_all_that_they_stand_for(tmp_path: Path) -> None:
    rows = "".join(f"{i},2.5,1,{9 * i},{9 * i + i},{T0 // 1000 + i},true,true\n" for i in (1, 2))
    case = case_of(tmp_path, {"ATOMUSDT-spot-aggTrades-2025-10-10.csv": rows})
    (bar,) = rows_of(tape_of(case).lake, "seconds")
    assert (bar["n"], bar["low_n"]) == (5, 5)


def test_inverse_contracts_in_coins_and_dollars(tmp_path: Path) -> None:
    """Also where a trade has more contracts than any of the first rows."""
    perp = {"market": "binance-delivery", "symbol": "ATOMUSD_PERP"}
    trades = [(i, "2.5", "40") for i in range(1, 250)] + [(SECOND, "2.5", "5000000")]
    small, large = seconds_of(tmp_path, made(trades, **perp))
    assert (small["notional"], small["volume"]) == (249 * 400, 249 * 160)
    assert (large["notional"], large["volume"]) == (50_000_000, 20_000_000)


def test_contracts_of_unknown_size_have_no_volume(tmp_path: Path) -> None:
    swap = {"market": "okex-swap", "symbol": "FIL-USDT-SWAP"}
    (bar,) = seconds_of(tmp_path, made(TRADES[:2], **swap))
    assert (bar["n"], bar["volume"], bar["notional"]) == (2, None, None)


def test_two_sources_of_one_day_are_two_parts_with_their_own_rows(tmp_path: Path) -> None:
    files = {"a.csv": TICKS + tick(1, at=0), "b.csv": TICKS + tick(2, at=10)}
    lake = tape_of(case_of(tmp_path, files)).lake
    assert {p.source for p in lake.of("seconds")} == {p.source for p in lake.of("trades")}
    assert [(r["ts"], r["n"]) for r in rows_of(lake, "seconds")] == [(T0, 1), (T0, 1)]


def test_a_busy_day_in_pieces_is_the_day_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trades = [(i * 97 * SECOND // 2 - 21 * HOUR, f"2.{i % 7}", "1") for i in range(300)]
    whole = seconds_of(tmp_path / "whole", made(trades))
    monkeypatch.setattr(module, "BUSY", 40)
    case = case_of(tmp_path / "pieces", {"a.csv": TICKS + "".join(made(trades))})
    lake = tape_of(case).lake
    assert len(lake.of("seconds")) > 1
    assert rows_of(lake, "seconds") == whole


def test_pieces_cover_the_day_without_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tape_of(case_of(tmp_path, {"a.csv": TICKS + "".join(made(TRADES))})).lake
    for busy in (1, 2, 3, 7):
        monkeypatch.setattr(module, "BUSY", busy)
        tasks = plan_seconds(Lake(lake.root, lake.of("trades")))
        assert [t.start for t in tasks[1:]] == [t.end for t in tasks[:-1]]
        assert (tasks[0].start, tasks[-1].end) == (T0 // DAY * DAY, T0 // DAY * DAY + DAY)
        assert all(t.start % SECOND == 0 for t in tasks)


def test_a_piece_without_a_trade_is_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tape_of(case_of(tmp_path, {"a.csv": TICKS + tick(1, at=0)})).lake
    monkeypatch.setattr(module, "BUSY", 1)
    first, second = plan_seconds(Lake(lake.root, lake.of("trades")))
    parts = [make_seconds(first), make_seconds(second)]
    assert parts[0] is None and parts[1] is not None and parts[1].rows == 1
    assert not list(lake.root.rglob("*.part"))


def test_an_empty_lake_has_no_seconds(tmp_path: Path) -> None:
    assert plan_seconds(Lake(tmp_path, ())) == []
