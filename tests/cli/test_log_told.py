"""What is in the way is said where it is met: by measure, screen, investigate and seal."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from _cli import WIDE, liquest
from _planted_logs import Plan, planted

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aPE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
REMEDY = {"en": 'tz = "UTC+8" in a [[log]]', "zh": '例如 tz = "UTC+8"'}


def plan(seconds: int = 300) -> bytes:
    return planted(Plan(seconds=seconds, onset=150), 3).text.encode()


def case_of(folder: Path, **files: bytes) -> Path:
    """A case made of these files, an underscore for the dot before their ending."""
    data = folder / "data"
    data.mkdir()
    for name, content in files.items():
        (data / name.replace("_", ".")).write_bytes(content)
    assert liquest("new", folder / "case", data).code in (0, 3)
    return folder / "case"


def zoned(case: Path) -> Path:
    """The zone filled in, as case.toml asks for it."""
    path = case / "case.toml"
    path.write_text(path.read_text("utf-8").replace("# tz =", "tz ="), encoding="utf-8")
    return case


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("verb", ["measure", "screen", "investigate"])
def test_a_log_that_waits_for_its_zone_says_so(tmp_path: Path, verb: str, lang: str) -> None:
    case = case_of(tmp_path, bot_log=plan())
    done = liquest(verb, case, "--lang", lang, env=WIDE)
    assert done.code == 0
    assert REMEDY[lang] in done.out and "bot.log" in done.out
    as_json = liquest(verb, case, "--json", env=WIDE)
    assert REMEDY["en"] not in as_json.out


@pytest.mark.parametrize("verb", ["measure", "screen", "investigate"])
def test_a_log_that_is_cut_off_ends_with_3_everywhere(tmp_path: Path, verb: str) -> None:
    packed = gzip.compress(plan())
    case = zoned(case_of(tmp_path, bot_log_gz=packed[: len(packed) * 2 // 3]))
    done = liquest(verb, case, env=WIDE)
    assert done.code == 3 and "the rest is lost" in done.out
    assert liquest(verb, case, "--json").code == 3


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    table = "下单时间,状态\n" + "".join(f"2025-10-11 04:5{n}:00,已拒绝\n" for n in range(9))
    case = zoned(case_of(tmp_path, bot_log=plan(), orders_csv=table.encode()))
    with (case / "case.toml").open("a", encoding="utf-8") as out:
        out.write('\n[[log]]\nfiles = "*orders.csv"\ntz = "UTC+8"\n'
                  'columns = { time = "委托时间", status = "状态" }\n')  # fmt: skip
    for verb in ("measure", "investigate"):
        done = liquest(verb, case, env=WIDE)
        assert done.code == 3 and "'委托时间'" in done.out and "下单时间" in done.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_case_of_logs_alone_shows_what_they_say(tmp_path: Path, lang: str) -> None:
    case = zoned(case_of(tmp_path, bot_log=plan()))
    done = liquest("investigate", case, "--lang", lang)
    assert done.code == 0
    assert "availability." in done.out and "onset." in done.out
    assert "Lows in" not in done.out and "最低价" not in done.out
    # The path of the dossier is as long as the folder of the test.
    told = [x for x in done.out.splitlines() if "│" not in x and tmp_path.name not in x]
    assert all(len(line) <= 100 for line in told)


@pytest.mark.parametrize(("lang", "said"), [("en", "sealed encrypted"), ("zh", "凭据已隐去")])
def test_sealing_says_that_credentials_were_withheld(tmp_path: Path, lang: str, said: str) -> None:
    case = zoned(case_of(tmp_path, bot_log=plan()))
    log = tmp_path / "key.log"
    log.write_bytes(f"2025-10-10 20:50:00,000 - bot - INFO - apiKey={KEY}\n".encode() + plan(20))
    plain = tmp_path / "plain.log"
    plain.write_bytes(plan(20))
    done = liquest("seal", case, log, plain, "--lang", lang)
    assert done.code == 0 and done.out.count(said) == 1 and KEY not in done.out
    assert done.out.index("key.log") < done.out.index(said) < done.out.index("plain.log")
    assert said not in liquest("seal", case, log, "--json").out


@pytest.mark.parametrize(("lang", "said"), [("en", "binary, not text"), ("zh", "二进制文件")])
def test_binary_files_are_called_binary(tmp_path: Path, lang: str, said: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    noise = random.Random(1).randbytes(3000)
    for name, content in (("a.bin", noise), ("b.pdf", b"%PDF-1.7\n" + noise), ("bot.log", plan()),
                          ("c.dat", b"abc\0" * 9), ("notes.txt", "随便写写\n".encode()),
                          ("color.txt", b"\x1b[31mred\x1b[0m words\n")):  # fmt: skip
        (data / name).write_bytes(content)
    done = liquest("new", tmp_path / "case", data, "--lang", lang, env=WIDE)
    assert [line.split()[0].rsplit("/", 1)[-1] for line in done.out.splitlines() if said in line] \
        == ["a.bin", "b.pdf", "c.dat"]  # fmt: skip
