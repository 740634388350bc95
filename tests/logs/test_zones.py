"""Of which zone are times without offset: said, shown by the log itself, or not known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from _log_cases import Held, held
from _planted_logs import stamp
from liquest.clock import HOUR, MINUTE, SECOND, parse_time

T = parse_time("2025-10-10T20:56:00Z")
EIGHT = 8 * HOUR


def log(folder: Path, lines: Iterable[str], more: str = "") -> Held:
    return held(folder, {"bot.log": "".join(f"{line}\n" for line in lines)}, more)


def line(second: float, tz: str = "UTC+8", exchange: bool = False, words: str = "tick") -> str:
    us = T + int(second * SECOND)
    told = f" updateTime={(us - 20_000) // 1000}" if exchange else ""
    return f"{stamp(us, tz)} - bot - INFO - {words}{told}"


def given(tz: str) -> str:
    return f'[[log]]\nfiles = "*"\ntz = "{tz}"\n'


def test_a_zone_that_the_case_gives(tmp_path: Path) -> None:
    got = log(tmp_path, [line(0), line(1)], given("UTC+8"))
    assert got.column("ts") == [T, T + SECOND] and got.column("zone") == ["given"] * 2
    assert got.codes == [] and got.logs.files[0].offsets == (EIGHT,)


def test_an_offset_in_the_line_counts_before_anything(tmp_path: Path) -> None:
    lines = [
        "2025-10-11T04:56:00+08:00 INFO order placed",
        "2025-10-10T20:56:01Z INFO order placed",
    ]
    got = log(tmp_path, lines, given("UTC-3"))
    assert got.column("ts") == [T, T + SECOND] and got.column("zone") == ["written"] * 2


def test_exchange_times_show_the_zone(tmp_path: Path) -> None:
    got = log(tmp_path, [line(n, exchange=n % 3 == 0) for n in range(12)])
    assert got.column("ts") == [T + n * SECOND for n in range(12)]
    assert got.column("zone") == ["inferred"] * 12
    assert got.codes == ["assumption"] and "UTC+8" in got.problems[0].text.en
    assert got.logs.files[0].caveats == ("zone-inferred",)


def test_two_lines_do_not_show_a_zone(tmp_path: Path) -> None:
    got = log(tmp_path, [line(n, exchange=n < 2) for n in range(12)])
    assert not got.logs and got.codes == ["no-zone"]
    (one,) = got.logs.aside
    assert (one.format, one.first, one.last) == (
        "python-logging",
        T + EIGHT,
        one.first + 11 * SECOND,
    )
    assert got.logs.taken == {one.source: ("python-logging", 0)}


def test_without_any_zone_lines_are_set_aside(tmp_path: Path) -> None:
    lines = [line(0), "2025-10-10T20:56:01Z INFO order placed", line(2)]
    got = log(tmp_path, lines)
    assert got.column("row_no") == [2] and got.codes == ["no-zone"]
    (problem,) = got.problems
    assert (problem.count, problem.effect) == (2, "aside")
    assert "[[log]]" in problem.text.en and "[[log]]" in problem.text.zh


def test_the_log_itself_contradicts_the_case(tmp_path: Path) -> None:
    got = log(tmp_path, [line(n, exchange=True) for n in range(5)], given("UTC"))
    assert got.column("ts") == [T + n * SECOND for n in range(5)]
    assert got.codes == ["zone-contradicted"]
    assert "UTC+8" in got.problems[0].text.zh and got.column("zone")[0] == "inferred"


def test_lines_of_two_zones_in_one_file(tmp_path: Path) -> None:
    lines = [line(n, "UTC+8" if n % 4 < 2 else "UTC") for n in range(40)]
    got = log(tmp_path, lines, given("UTC+8"))
    assert got.column("ts") == [T + n * SECOND for n in range(40)]
    assert got.codes == ["two-zones"] and got.logs.files[0].caveats == ("clock-change",)
    assert got.logs.files[0].offsets == (0, EIGHT)


def test_two_zones_that_exchange_times_tell_apart(tmp_path: Path) -> None:
    lines = [line(n, "UTC" if n < 20 else "UTC+8", exchange=True) for n in range(40)]
    got = log(tmp_path, lines)
    assert got.column("ts") == [T + n * SECOND for n in range(40)]
    assert "clock-change" in got.codes and "exchange's own times" in got.problems[0].text.en


def test_a_clock_set_back_stands_as_it_is_written(tmp_path: Path) -> None:
    lines = [line(n, "UTC+8" if n < 10 else "UTC+7") for n in range(20)]
    got = log(tmp_path, lines, given("UTC+8"))
    assert got.column("ts")[9:11] == [T + 9 * SECOND, T + 10 * SECOND - HOUR]
    (problem,) = got.problems
    assert (problem.code, problem.first) == ("clock-change", 11)
    assert "1 h" in problem.text.en and "stands as it is written" in problem.text.en


def test_a_pause_of_hours_is_no_change_of_clock(tmp_path: Path) -> None:
    got = log(tmp_path, [line(0), line(1), line(8 * 3600 + 1), line(8 * 3600 + 2)], given("UTC+8"))
    assert got.codes == [] and got.column("ts")[2] == T + EIGHT + SECOND


def test_a_quarter_hour_zone(tmp_path: Path) -> None:
    us = T + 5 * HOUR + 45 * MINUTE
    lines = [
        f"{stamp(us + n * SECOND)} - bot - INFO - x updateTime={(T + n * SECOND) // 1000}"
        for n in range(5)
    ]
    got = log(tmp_path, lines)
    assert got.column("ts") == [T + n * SECOND for n in range(5)]
    assert "UTC+5:45" in got.problems[0].text.en
