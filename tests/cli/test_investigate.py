"""liquest investigate and measure: the whole way, its exit codes, and what a full disk leaves."""

from __future__ import annotations

import gzip
import random
import re
import shutil
from pathlib import Path

import pytest

from _cases import TICKS, case_of, state_of, tick, ticks
from _cli import WIDE, liquest, refused, remount, small_disk
from liquest.findings import read_findings


def crash(market: str, symbol: str, low: str) -> str:
    """A minute of trades with one low in the middle."""
    prices = ["4.05", "3.9", "2.5", low, "3.1", "3.6"]
    return TICKS + "".join(
        tick(i, prices[i % 6], at=i * 700_000, market=market, symbol=symbol) for i in range(1, 80)
    )


FILES = {
    "binance.csv": crash("binance", "ATOMUSDT", "0.001"),
    "coinbase.csv": crash("coinbase", "ATOM-USD", "1.234"),
    "gemini.csv": crash("gemini", "ATOMUSD", "1.5"),
}


@pytest.fixture(scope="module")
def done_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was investigated once; tests must not change it."""
    folder = tmp_path_factory.mktemp("done")
    case_of(folder, FILES)
    assert liquest("investigate", folder).code == 0
    return folder


def ids(out: Path) -> dict[str, list[str]]:
    return {
        p.stem: [f.id for f in read_findings(p)]
        for p in sorted((out / "findings").glob("*.jsonl"))
        if not p.name.endswith(".problems.jsonl")
    }


def test_the_whole_way(tmp_path: Path) -> None:
    case_of(tmp_path, FILES)
    done = liquest("investigate", tmp_path)
    assert done.code == 0, done.err
    assert "Dossier:" in done.out and (tmp_path / "out" / "dossier" / "index.html").is_file()
    row = next(line for line in done.out.splitlines() if "ATOMUSDT" in line)
    for cell in ("ATOM", "binance", "spot", "0.001", "USDT", "21:20:02.100"):
        assert cell in row.split()
    assert "3 sources · 3 instruments · 237 rows" in done.out


def test_in_chinese(done_case: Path) -> None:
    done = liquest("investigate", done_case, "--lang", "zh")
    assert done.code == 0
    assert all(word in done.out for word in ("窗口内最低价", "来源 3", "卷宗"))


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    case_of(tmp_path, FILES)
    first, again = (liquest("investigate", tmp_path, "--json").json[0] for _ in range(2))
    assert first["changed"] is True and again["changed"] is False
    assert {**first, "changed": False} == again
    assert set(first) >= {
        "sources", "instruments", "rows", "findings", "problems", "complete", "dossier",
    }  # fmt: skip


def test_the_tables_fit_100_columns_and_cut_no_number(done_case: Path) -> None:
    for words in (["investigate"], ["findings"], ["measure"]):
        done = liquest(*words[:1], done_case)
        assert max(map(len, done.out.splitlines())) <= 100
        assert not re.search(r"\d…|\d\.\.\.", done.out)
        assert "21:20:02.100" in done.out


def test_one_after_the_other_finds_the_same(tmp_path: Path, done_case: Path) -> None:
    shutil.copytree(done_case / "data", tmp_path / "data")
    shutil.copy(done_case / "case.toml", tmp_path)
    assert liquest("investigate", tmp_path, "--executor", "inline").code == 0
    assert ids(tmp_path / "out") == ids(done_case / "out")


def test_processes_find_the_same(tmp_path: Path, done_case: Path) -> None:
    words = ("measure", done_case, "low", "--out", tmp_path / "out", "--json")
    done = liquest(*words, "--executor", "processes", "--workers", "2")
    assert [one["id"] for one in done.json] == ids(done_case / "out")["low"]


def test_a_truncated_source_is_told_by_the_exit_code_and_the_rest_is_there(
    tmp_path: Path,
) -> None:
    random.seed(7)
    text = TICKS + "".join(tick(i, f"2.{random.randrange(10**9)}") for i in range(1, 3000))
    packed = gzip.compress(text.encode())
    case_of(tmp_path, {**FILES, "cut.csv.gz": packed[: len(packed) // 2]})
    done = liquest("investigate", tmp_path, env=WIDE)
    assert done.code == 3
    assert "data/cut.csv.gz" in done.out and "whole lines" in done.out
    assert (tmp_path / "out" / "dossier" / "index.html").is_file()
    assert liquest("investigate", tmp_path).code == 3
    numbers = liquest("investigate", tmp_path, "--json")
    assert numbers.code == 3 and numbers.json[0]["complete"] is False


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (["investigate", "nowhere"], "nowhere"),
        (["measure", "nowhere"], "nowhere"),
        (["findings", "nowhere"], "nowhere"),
        (["investigate", "CASE", "--executor", "ray"], "'ray'"),
        (["measure", "CASE", "lowest"], "'lowest'"),
        (["measure", "CASE", "low", "--from", "noon"], "'noon'"),
        (["measure", "CASE", "low", "--from", "2025-10-11", "--to", "2025-10-10"], "asked"),
        (["findings", "CASE", "--window", "crush"], "'crush'"),
    ],
)
def test_what_is_not_there_is_refused(done_case: Path, words: list[str], fact: str) -> None:
    refused(liquest(*(str(done_case) if w == "CASE" else w for w in words)), 2, fact)


@pytest.mark.parametrize(
    ("more", "fact"),
    [
        ("[measures.lowest]\nx = 1\n", "'lowest'"),
        ("[measures.low]\nmax_ages = 1\n", "'max_ages'"),
        ('[measures.low]\nwindows = ["crush"]\n', "'crush'"),
        ("[[source]]\npath = 'gone'\n", "gone"),
        ("[extra]\n", "extra"),
        ("[windows.b]\nfrom = 'x'\nto = 'y'\n", "[windows.b]"),
    ],
)
def test_a_case_that_contradicts_itself_is_refused(tmp_path: Path, more: str, fact: str) -> None:
    case_of(tmp_path, FILES)
    with (tmp_path / "case.toml").open("a", encoding="utf-8") as toml:
        toml.write(more)
    refused(liquest("investigate", tmp_path), 2, fact)


def test_an_unknown_option_is_a_matter_of_usage(done_case: Path) -> None:
    assert liquest("investigate", done_case, "--fast").code == 2
    assert liquest("investigate").code == 2
    assert liquest("--version").out.startswith("liquest ")


def test_measures_in_a_window_of_ones_own(done_case: Path) -> None:
    before = state_of(done_case / "out" / "findings")
    done = liquest(
        "measure", done_case, "low", "--from", "2025-10-11T05:20:30", "--to",
        "2025-10-11T05:20:40", "--tz", "UTC+8", "--json",
    )  # fmt: skip
    found = done.json
    assert done.code == 0 and {f["name"].split(".")[0] for f in found} == {"low"}
    assert {f["window"]["from"] for f in found} == {"2025-10-10T21:20:30.000000Z"}
    assert state_of(done_case / "out" / "findings") == before


@pytest.mark.parametrize("verb", ["investigate", "measure"])
def test_an_output_below_a_file_is_refused(done_case: Path, tmp_path: Path, verb: str) -> None:
    (tmp_path / "file").write_text("x")
    refused(liquest(verb, done_case, "--out", tmp_path / "file" / "x"), 4, "file", "--out")
    assert (tmp_path / "file").read_text() == "x"


def test_a_read_only_output_is_refused(done_case: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "16m") as disk:
        (disk / "out").mkdir()
        remount(disk, "ro")
        refused(liquest("investigate", done_case, "--out", disk / "out"), 4, "cannot be written")
        assert list((disk / "out").iterdir()) == []


def test_an_output_that_became_read_only_is_refused(done_case: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64m") as disk:
        shutil.copytree(done_case / "out", disk / "out")
        (disk / "out" / "findings" / "low.key").unlink()
        remount(disk, "ro")
        refused(liquest("investigate", done_case, "--out", disk / "out"), 4, "cannot be written")


def half_written(out: Path) -> list[str]:
    """What no finished or refused run may leave."""
    return [
        p.relative_to(out).as_posix()
        for p in out.rglob("*")
        if p.suffix in {".new", ".part", ".tmp"} or p.name in {".tmp", "plain", "staged.parquet"}
    ]


def many() -> dict[str, str]:
    """Files whose numbers hardly shrink when they are packed."""
    random.seed(7)
    return {
        f"{symbol}.csv": TICKS + "".join(
            tick(i, f"2.{random.randrange(10**12):012d}", f"{random.random():.12f}", symbol=symbol)
            for i in range(1, 20_000)
        )
        for symbol in ("ATOM-USD", "DOT-USD", "SKY-USD")
    }  # fmt: skip


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_a_disk_that_fills_up_is_refused_and_the_run_goes_on_with_space(
    tmp_path: Path, executor: str
) -> None:
    case_of(tmp_path, many())
    words = ("investigate", tmp_path, "--out")
    with small_disk(tmp_path / "disk", "18m") as disk:
        done = liquest(*words, disk / "out", "--executor", executor, "--workers", "2")
        refused(done, 4, "disk is full", "磁盘空间不足", "--out")
        assert half_written(disk / "out") == []
        remount(disk, "size=128m")
        assert liquest(*words, disk / "out").code == 0
        assert liquest(*words, tmp_path / "other").code == 0
        assert ids(disk / "out") == ids(tmp_path / "other")


@pytest.mark.parametrize("stage", ["lake/seconds", "findings", "dossier", "problems.jsonl"])
def test_a_disk_that_is_full_at_any_stage(done_case: Path, tmp_path: Path, stage: str) -> None:
    with small_disk(tmp_path / "disk", "16m") as disk:
        out = disk / "out"
        shutil.copytree(done_case / "out", out)
        path = out / stage
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        ballast = disk / "ballast"
        with pytest.raises(OSError), ballast.open("wb", buffering=0) as full:
            while True:
                full.write(bytes(4096))
        done = liquest("investigate", done_case, "--out", out)
        refused(done, 4, "disk is full", "磁盘空间不足")
        assert half_written(out) == []
        ballast.unlink()
        assert liquest("investigate", done_case, "--out", out).code == 0
        assert ids(out) == ids(done_case / "out")


def test_a_case_of_nothing_but_junk_has_an_empty_dossier(tmp_path: Path) -> None:
    case_of(tmp_path, {"notes.txt": "nothing", "empty.csv": ""})
    done = liquest("investigate", tmp_path)
    assert done.code == 0 and "0 rows" in done.out
    found = liquest("findings", tmp_path, "--json").json
    assert not [one for one in found if one["inputs"] or "at" in one]
    assert (tmp_path / "out" / "dossier" / "index.html").is_file()


def test_a_link_to_itself_ends_and_is_unread(tmp_path: Path) -> None:
    case_of(tmp_path, {"a.csv": ticks(3)})
    (tmp_path / "data" / "x.csv").symlink_to(tmp_path / "data" / "x.csv")
    (tmp_path / "data" / "up").symlink_to(tmp_path)
    done = liquest("investigate", tmp_path, env=WIDE)
    assert done.code == 3 and "data/x.csv" in done.out
