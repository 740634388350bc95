"""liquest new: files in, a case out, or a clear refusal and nothing left behind."""

from __future__ import annotations

import gzip
import io
import random
import tomllib
import zipfile
from pathlib import Path

import pytest

from _cases import T0, TICKS, tick, ticks
from _cli import WIDE, liquest, refused, remount, small_disk
from liquest.clock import DAY, parse_time


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two files of ticks and one of something else."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text(ticks(60))
    (folder / "b.csv.gz").write_bytes(gzip.compress(ticks(30, symbol="DOT-USD").encode()))
    (folder / "notes.txt").write_text("nothing here\n")
    return folder


def window_of(case: Path) -> tuple[int, int]:
    table = tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))
    (window,) = table["windows"].values()
    return parse_time(window["from"]), parse_time(window["to"])


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_a_case_of_ones_own_files(tmp_path: Path, data: Path) -> None:
    done = liquest("new", tmp_path / "case", data, env=WIDE)
    assert done.code == 0, done.err
    for word in ("tick-trades", "coinbase:spot:ATOM-USD", "coinbase:spot:DOT-USD", "60", "30"):
        assert word in done.out
    assert "notes.txt" in done.out and "not taken for market data" in done.out
    assert "liquest investigate" in done.out
    assert (tmp_path / "case" / "case.toml").is_file()


def test_in_chinese(tmp_path: Path, data: Path) -> None:
    done = liquest("new", tmp_path / "case", data, "--lang", "zh")
    for word in ("文件识别结果", "未识别为行情数据", "时间窗", "已写入", "下一步"):
        assert word in done.out


def test_the_window_is_where_the_data_are(tmp_path: Path, data: Path) -> None:
    liquest("new", tmp_path / "case", data)
    assert window_of(tmp_path / "case") == (T0, T0 + 1_000_000)


def test_times_are_taken_in_the_zone_that_is_given(tmp_path: Path, data: Path) -> None:
    times = ("--from", "2025-10-11T05:10", "--to", "2025-10-11T05:40", "--tz", "UTC+8")
    done = liquest("new", tmp_path / "case", data, *times)
    assert window_of(tmp_path / "case") == (
        parse_time("2025-10-10T21:10:00Z"),
        parse_time("2025-10-10T21:40:00Z"),
    )
    assert "2025-10-10 21:10:00" in done.out and "2025-10-11 05:10:00" in done.out


def test_a_time_is_kept_to_the_microsecond(tmp_path: Path, data: Path) -> None:
    times = ("--from", "2025-10-10T21:20:00.000500Z", "--to", "2025-10-10T21:20:00.050001Z")
    liquest("new", tmp_path / "case", data, *times)
    assert window_of(tmp_path / "case") == (T0 + 500, T0 + 50_001)


def test_no_day_is_missing_that_nobody_asked_for(tmp_path: Path, data: Path) -> None:
    done = liquest("new", tmp_path / "case", data)
    assert "1970" not in done.out and "no trades" not in done.out


def test_what_each_file_was_taken_for_as_json(tmp_path: Path, data: Path) -> None:
    lines = {one["file"]: one for one in liquest("new", tmp_path / "case", data, "--json").json}
    assert {Path(n).name for n in lines} == {"a.csv", "b.csv.gz", "notes.txt"}
    one = lines[str(data / "a.csv")]
    assert (one["format"], one["record"], one["rows"], one["read"]) == (
        "tick-trades", "trades", 60, True,
    )  # fmt: skip
    assert one["instruments"] == ["coinbase:spot:ATOM-USD"] and len(one["sha256"]) == 64
    (problem,) = lines[str(data / "notes.txt")]["problems"]
    assert problem["code"] == "unknown-format"


def test_files_in_the_case_are_named_from_there(tmp_path: Path, data: Path) -> None:
    liquest("new", tmp_path, data)
    table = tomllib.loads((tmp_path / "case.toml").read_text(encoding="utf-8"))
    assert [s["path"] for s in table["source"]] == ["data"]


def test_a_case_around_its_own_data_is_stable(tmp_path: Path, data: Path) -> None:
    assert liquest("new", data, data).code == 0
    first = liquest("investigate", data, "--json").json[0]
    again = liquest("investigate", data, "--json").json[0]
    assert first["sources"] == again["sources"] == 3 and again["changed"] is False


def test_a_case_is_not_written_over(tmp_path: Path, data: Path) -> None:
    liquest("new", tmp_path / "case", data)
    before = (tmp_path / "case" / "case.toml").read_bytes()
    refused(liquest("new", tmp_path / "case", data), 2, str(tmp_path / "case"))
    assert (tmp_path / "case" / "case.toml").read_bytes() == before


BAD = {
    "no such file": (["gone"], [], 2, "gone"),
    "elsewhere": (["data"], ["--from", "2024-01-01", "--to", "2024-01-02"], 2, "2025-10-10"),
    "reversed": (["data"], ["--from", "2025-10-11", "--to", "2025-10-10"], 2, "ends before"),
    "no time": (["data"], ["--from", "noon"], 2, "'noon'"),
    "no zone": (["data"], ["--from", "2025-10-10", "--tz", "Mars"], 2, "'Mars'"),
    "no executor": (["data"], ["--executor", "ray"], 2, "'ray'"),
    "nothing to read": (["data/notes.txt"], [], 2, "notes.txt"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_refusal_leaves_nothing_behind(tmp_path: Path, data: Path, bad: str) -> None:
    files, options, code, fact = BAD[bad]
    before = names(tmp_path)
    case = tmp_path / "deep" / "er" / "case"
    refused(liquest("new", case, *(tmp_path / f for f in files), *options), code, fact)
    assert names(tmp_path) == before


def test_a_refusal_leaves_what_was_there(tmp_path: Path, data: Path) -> None:
    """A folder named out of one's own is not Liquest's to remove."""
    case = tmp_path / "work"
    (case / "out" / "tape").mkdir(parents=True)
    (case / "out" / "mine.txt").write_text("mine")
    (case / "out" / "tape" / "reel.txt").write_text("mine")
    before = names(tmp_path)
    refused(liquest("new", case, data, "--from", "2024-01-01", "--to", "2024-01-02"), 2)
    assert [n for n in before if n not in names(tmp_path)] == []
    assert not (case / "out" / "lake").exists()


def test_a_truncated_archive_is_told_by_the_exit_code_and_the_rest_is_there(
    tmp_path: Path, data: Path
) -> None:
    random.seed(7)
    text = TICKS + "".join(tick(i, str(random.random())[:12]) for i in range(1, 3000))
    packed = gzip.compress(text.encode())
    (data / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    done = liquest("new", tmp_path / "case", data, env=WIDE)
    assert done.code == 3 and "cut.csv.gz" in done.out and "whole lines" in done.out
    assert (tmp_path / "case" / "case.toml").is_file()
    cut = next(
        one for one in liquest("new", tmp_path / "b", data, "--json").json
        if one["file"].endswith("cut.csv.gz")
    )  # fmt: skip
    assert cut["rows"] > 1000 and cut["problems"][0]["effect"] == "unread"


def test_a_loop_of_links_ends_and_is_told(tmp_path: Path, data: Path) -> None:
    (data / "loop").symlink_to(data)
    done = liquest("new", tmp_path / "case", data, env=WIDE)
    assert done.code == 0 and "loop" in done.out and "not followed" in done.out


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("two.zip", b"", ("2 data files", "2 个数据文件")),
        ("x.zst", b"\x28\xb5\x2f\xfd" + bytes(30), ("zstd -d", "不支持")),
        ("x.csv.gz", b"\x1f\x8b\x08" + bytes(9), ("cannot be unpacked", "无法解开")),
    ],
)
def test_an_unreadable_file_among_good_ones(
    tmp_path: Path, data: Path, name: str, content: bytes, words: tuple[str, str]
) -> None:
    if name == "two.zip":
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for inner in ("a.csv", "b.csv"):
                archive.writestr(inner, ticks(2))
        content = made.getvalue()
    (data / name).write_bytes(content)
    for lang, word in zip(("en", "zh"), words, strict=True):
        done = liquest("new", tmp_path / lang, data, "--lang", lang, env=WIDE)
        assert done.code == 3 and name in done.out and word in done.out


def test_a_case_below_a_file_cannot_be_written(tmp_path: Path, data: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(liquest("new", tmp_path / "file" / "case", data), 4, str(tmp_path / "file"))


def test_a_full_disk_leaves_nothing_and_a_larger_one_works(tmp_path: Path) -> None:
    random.seed(7)
    text = TICKS + "".join(
        tick(i, f"2.{random.randrange(10**9):09d}", f"{random.random():.9f}")
        for i in range(1, 60_000)
    )
    (tmp_path / "big.csv").write_text(text)
    with small_disk(tmp_path / "disk", "20m") as disk:
        case = disk / "case"
        refused(liquest("new", case, tmp_path / "big.csv"), 4, "disk is full", "磁盘空间不足")
        assert names(disk) == []
        remount(disk, "size=64m")
        assert liquest("new", case, tmp_path / "big.csv").code == 0
        assert (case / "case.toml").is_file()


def test_strange_names_harm_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "[bold] 数据 \x1b[31m"
    folder.mkdir()
    evil = "[/b]\x1b]0;x\x07-[/USD]"
    (folder / "[red]a[1].csv").write_text(
        TICKS + tick(1) + tick(2, symbol="[/b]-[/USD]") + tick(3, symbol=evil) + tick(4, at=DAY)
    )
    case = tmp_path / "[case] 1 [b"
    made = liquest("new", case, folder, env=WIDE)
    done = liquest("investigate", case, env=WIDE)
    shown = liquest("findings", case, env=WIDE)
    assert (made.code, done.code, shown.code) == (0, 0, 0), (made.err, done.err, shown.err)
    assert "\x1b" not in made.out + done.out + shown.out
    assert "[/b]-[/USD]" in shown.out
