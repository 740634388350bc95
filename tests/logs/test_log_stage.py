"""The stage: only what changed is read, any executor gives the same, damage is named."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

from _log_cases import Held, held, log_case, read_logs, rows_of
from _planted_logs import T0, Plan, planted, stamp
from liquest.clock import SECOND
from liquest.logs import blocks, store
from liquest.run.executor import Processes, Threads

ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'
LINE = "2025-10-10 20:56:22,438 - bot - ERROR - order failed symbol=ATOMUSDT side=SELL"


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a log of a few lines has many."""
    monkeypatch.setattr(blocks, "BYTES", 700)
    monkeypatch.setattr(blocks, "LINES", 4)


def state_of(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in sorted(folder.rglob("*")) if p.is_file()}


def told(got: Held) -> list[dict[str, Any]]:
    return [*got.events, *got.attempts]


def test_a_second_run_reads_nothing(tmp_path: Path) -> None:
    case = log_case(tmp_path, {"bot.log": planted(Plan(seconds=30)).text, "notes.md": "x"}, ZONE)
    first = read_logs(case)
    before = state_of(case.root / "out" / "logs")
    again = read_logs(case)
    assert again == first and state_of(case.root / "out" / "logs") == before


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    files = {"a.log": planted(Plan(seconds=20), 1).text, "b.log": planted(Plan(seconds=20), 2).text}
    case = log_case(tmp_path, files, ZONE)
    first = read_logs(case)
    kept = {p for f in first.logs.files[:1] for p in f.parts}
    before = state_of(case.root / "out" / "logs")
    (case.root / "data" / "b.log").write_text(planted(Plan(seconds=25), 2).text)
    again = read_logs(case)
    after = state_of(case.root / "out" / "logs")
    assert all(after[p] == before[p] for p in kept)
    gone = {p for f in first.logs.files[1:] for p in (*f.parts, f.attempts)}
    assert not gone & set(after) and again.logs.files[1].rows > first.logs.files[1].rows


def test_a_part_that_is_gone_is_made_again(tmp_path: Path) -> None:
    case = log_case(tmp_path, {"bot.log": planted(Plan(seconds=20)).text}, ZONE)
    first = read_logs(case)
    (first.logs.root / first.logs.files[0].attempts).unlink()
    assert told(read_logs(case)) == told(first)


def test_every_executor_and_size_of_block_gives_the_same(
    tmp_path: Path, small_blocks: None
) -> None:
    files = {"a.log": planted(Plan(seconds=40), 1).text,
             "b.log": planted(Plan(seconds=40), 2, style="json").text}  # fmt: skip
    small = held(tmp_path / "small", files, ZONE)
    assert len(small.logs.files[0].parts) > 5
    threads = read_logs(log_case(tmp_path / "threads", files, ZONE), Threads(2))
    assert told(threads) == told(small) and threads.problems == small.problems


def test_processes_give_the_same(tmp_path: Path) -> None:
    files = {"a.log": planted(Plan(seconds=40), 1).text, "b.csv": "x"}
    one = held(tmp_path / "a", files, ZONE)
    other = read_logs(log_case(tmp_path / "b", files, ZONE), Processes(2))
    assert told(other) == told(one)
    assert [f.json() for f in other.logs.files] == [f.json() for f in one.logs.files]


def test_a_message_that_runs_over_the_end_of_a_block(tmp_path: Path, small_blocks: None) -> None:
    lines: list[str] = []
    for n in range(40):
        lines.append(f"{stamp(T0 + n * SECOND)} - bot - ERROR - order failed")
        lines += ["Traceback (most recent call last):"] if n % 3 == 0 else []
        lines += [f'  File "x.py", line {n}'] * (n % 5)
        lines += ['ccxt.base.errors.X: {"code":-1008}'] if n % 3 == 0 else []
    got = held(tmp_path, {"bot.log": "\n".join(lines)}, ZONE)
    assert len(got.logs.files[0].parts) > 10
    assert got.codes == [] and len(got.events) == 40
    assert [n for n, e in enumerate(got.events) if e.get("code") == -1008] == list(range(0, 40, 3))


def test_lines_cut_in_the_middle(tmp_path: Path) -> None:
    lines = [LINE, '{"time":1760129782438,"level":"error","msg":"order fai', LINE[:30],
             LINE[:9] + LINE, LINE]  # fmt: skip
    got = held(tmp_path, {"bot.log": "\n".join(lines)}, ZONE)
    assert got.column("row_no") == [1, 3, 5]
    assert [(p.code, p.first, p.sample) for p in got.problems] == [
        ("cut-line", 2, lines[1]), ("no-time", 4, lines[3]),
    ]  # fmt: skip


def test_binary_noise_between_lines(tmp_path: Path) -> None:
    rng = random.Random(7)
    noise = [bytes(rng.randrange(256) for _ in range(rng.randrange(1, 300))) for _ in range(50)]
    content = b"".join(LINE.encode() + b"\n" + n.replace(b"\n", b" ") + b"\n" for n in noise)
    got = held(tmp_path, {"bot.log": content}, ZONE)
    good = [e for e in got.events if e.get("symbol") == "ATOMUSDT"]
    assert len(good) == 50 and {e["ts"] for e in good} == {1_760_129_782_438_000}
    assert set(got.codes) <= {"garbage", "no-time", "cut-line"} and got.codes
    assert sum(p.count for p in got.problems) + len(got.events) <= 100


def test_a_line_without_end(tmp_path: Path) -> None:
    content = f"{LINE}\n{LINE} {'x' * 300_000}\n{LINE}"
    got = held(tmp_path, {"bot.log": content}, ZONE)
    assert got.column("row_no") == [1, 2, 3]


def test_windows_lines_and_utf_16(tmp_path: Path) -> None:
    text = f"{LINE}\r\n{LINE} 下单失败\r\n"
    for name, content in (("a", text.encode()), ("b", text.encode("utf-16")),
                          ("c", b"\xef\xbb\xbf" + text.encode()),
                          ("d", text.encode("gb18030"))):  # fmt: skip
        got = held(tmp_path / name, {"bot.log": content}, ZONE)
        assert got.column("row_no") == [1, 2], name
        assert got.column("kind") == ["refused"] * 2


def test_an_archive_that_is_cut_off(tmp_path: Path) -> None:
    text = "".join(
        f"{stamp(T0 + n * 1000)} - bot - ERROR - order failed {random.Random(n).random()}\n"
        for n in range(5000)
    )
    packed = gzip.compress(text.encode())
    got = held(tmp_path, {"bot.log.gz": packed[: len(packed) // 2]}, ZONE)
    assert "truncated" in got.codes and 1000 < len(got.events) < 5000


def test_events_are_those_of_a_window(tmp_path: Path) -> None:
    from liquest.clock import Window

    got = held(tmp_path, {"bot.log": planted(Plan(seconds=60)).text}, ZONE)
    span = Window("w", T0 + 10 * SECOND, T0 + 20 * SECOND)
    inside = rows_of(got.logs.events(span))
    assert inside and all(span.start <= e["ts"] < span.end for e in inside)
    assert rows_of(got.logs.events(Window("w", 0, 1))) == []


def test_a_part_explains_itself(tmp_path: Path) -> None:
    import duckdb

    got = held(tmp_path, {"bot.log": LINE}, ZONE)
    part = got.logs.root / got.logs.files[0].parts[0]
    told_ = dict(
        duckdb.execute(
            f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{part}')"
        ).fetchall()
    )
    assert told_["source_id"] == got.logs.files[0].source and "refused" in told_["coded"]


def test_no_logs_are_false() -> None:
    assert not store.EMPTY and store.EMPTY.taken == {}
    assert rows_of(store.EMPTY.events()) == rows_of(store.EMPTY.attempts()) == []


def test_two_logs_of_one_case(tmp_path: Path) -> None:
    files = {"a.log": planted(Plan(seconds=20), 1).text, "b.log": planted(Plan(seconds=20), 2).text}
    got = held(tmp_path, files, ZONE)
    assert [f.client for f in got.logs.files] == ["data/a.log", "data/b.log"]
    assert {e["source_id"] for e in got.events} == {f.source for f in got.logs.files}
    assert set(got.logs.taken.values()) == {("python-logging", f.rows) for f in got.logs.files}
