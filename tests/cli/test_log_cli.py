"""Logs as they come, through every verb: fifty formats, cut lines, two zones, noise, secrets."""

from __future__ import annotations

import random
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from _cli import WIDE, liquest, refused
from _log_formats import FORMATS
from _planted_logs import OVERLOADED, T0, Plan, planted, stamp
from liquest.clock import HOUR, SECOND, parse_time

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aPE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
SIGN = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
LISTEN = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"
SECRETS = (KEY, SECRET, SIGN, LISTEN)
HEAD = "2025-10-10 20:56:30,000 - bot - INFO - "


def order_failed(seconds: int, tz: str) -> str:
    words = f"order failed symbol=ATOMUSDT side=SELL {OVERLOADED}"
    return f"{stamp(T0 + seconds * SECOND, tz)} - bot - ERROR - {words}"


def messy() -> bytes:
    """Every format in one file, lines cut in the middle, binary noise, and four secrets."""
    rng = random.Random(1)
    noise = [bytes(rng.randrange(256) for _ in range(80)).replace(b"\n", b" ") for _ in range(5)]
    lines = [line for _, line, _ in FORMATS.values()]
    lines += [
        f"{HEAD}sending order symbol=ATOMUSDT side=SELL X-MBX-APIKEY: {KEY} signature={SIGN}",
        f"{HEAD}POST https://fapi.binance.com/fapi/v1/order?symbol=ATOMUSDT&signature={SIGN} 503",
        f"{HEAD}client={KEY} wss://fstream.binance.com/ws/{LISTEN} listenKey={LISTEN}",
        f"apiKey={KEY} secret={SECRET} and no time in the line",
        '{"time":1760129782438,"level":"error","msg":"order fai', "2025-10-10 20:56:2",
    ]  # fmt: skip
    return b"\n".join([line.encode() for line in lines] + noise + [lines[0].encode(), b""])


def files() -> dict[str, bytes]:
    texts = {
        "bot.log": planted(Plan(seconds=600, onset=300), 3).text,
        "zones.log": "\n".join(order_failed(n, "UTC" if n % 4 < 2 else "UTC+8") for n in range(60)),
        "clock.log": "\n".join(order_failed(n, "UTC" if n < 30 else "UTC-1") for n in range(60)),
        "notes.txt": f"nothing to read, but apiKey={KEY}\n",
    }
    return {"all.log": messy(), **{name: text.encode() for name, text in texts.items()}}


def written(folder: Path) -> Path:
    folder.mkdir()
    for name, content in files().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of all of them in UTC, investigated once; tests must not change it."""
    root = tmp_path_factory.mktemp("desk")
    made = liquest("new", root / "case", written(root / "data"), env=WIDE)
    assert made.code == 0, made.err
    path = root / "case" / "case.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count('# tz = "UTC+8"') == 4
    path.write_text(text.replace('# tz = "UTC+8"', 'tz = "UTC"'), encoding="utf-8")
    done = liquest("investigate", root / "case", env=WIDE)
    assert done.code == 0, done.err
    return root / "case"


def shown(case: Path) -> bytes:
    """Everything that a run left to be shown: all below out/."""
    return b"".join(p.read_bytes() for p in sorted((case / "out").rglob("*")) if p.is_file())


def test_a_log_without_a_zone_is_a_case_that_asks_for_it(tmp_path: Path) -> None:
    data = tmp_path / "bot[1].log"
    data.write_text(planted(Plan(seconds=60), 1).text)
    done = liquest("new", tmp_path / "case", data, env=WIDE)
    assert done.code == 0, done.err
    assert "python-logging" in done.out and 'tz = "UTC+8" in a [[log]]' in done.out
    assert "not taken for market data" not in done.out and "says when" not in done.out
    said = liquest("new", tmp_path / "zh", data, "--lang", "zh", env=WIDE)
    assert "未注明时区" in said.out and "请在 case.toml 的 [[log]] 中写明" in said.out
    path = tmp_path / "case" / "case.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    span = table["windows"]["event"]
    assert parse_time(span["from"]) <= T0 - 14 * HOUR + SECOND
    assert parse_time(span["to"]) >= T0 + 14 * HOUR
    # With the # taken away it works.
    path.write_text(path.read_text(encoding="utf-8").replace('# tz = "UTC+8"', 'tz = "UTC+8"'))
    found = liquest("measure", tmp_path / "case", "errors", "availability", "--json")
    assert found.code == 0 and found.json
    assert all(f["subject"]["log"].endswith("bot[1].log") for f in found.json)


def test_a_log_without_a_year_asks_for_a_window(tmp_path: Path) -> None:
    data = tmp_path / "sys.log"
    line = "Oct 10 20:56:2{} host bot[1]: ERROR order failed symbol=ATOMUSDT +0000\n"
    data.write_text("".join(line.format(n) for n in range(4)))
    refused(liquest("new", tmp_path / "a", data, env=WIDE), 2, "sys.log", "no year", "未写年份")
    assert not (tmp_path / "a").exists()
    done = liquest("new", tmp_path / "a", data, "--from", "2025-10-10T20:00Z", env=WIDE)
    assert done.code == 0 and "syslog" in done.out


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "noise.log"
    data.write_bytes(random.Random(3).randbytes(5000))
    refused(liquest("new", tmp_path / "case", data, env=WIDE), 2, "noise.log")
    assert not (tmp_path / "case").exists()


def test_every_file_is_taken_for_what_it_is(case: Path) -> None:
    found: Counter[str] = Counter()
    for one in liquest("measure", case, "errors", "--json").json:
        if one["name"] == "errors.count" and one["subject"].get("code") == "-1008":
            found[one["subject"]["log"].rsplit("/", 1)[-1]] += int(one["value"])
    assert set(found) == {"all.log", "bot.log", "zones.log", "clock.log"}
    # Two access logs have a status and no code.
    assert found["all.log"] == len(FORMATS) - 2 + 1 and found["zones.log"] == 60


def test_two_zones_and_a_clock_change_are_said_with_their_rows(case: Path) -> None:
    said = (case / "out" / "problems.jsonl").read_text(encoding="utf-8").splitlines()
    zones = next(line for line in said if '"two-zones"' in line)
    assert "zones.log" in zones and "两个时区" in zones and '"rows": [3, 59]' in zones
    clock = next(line for line in said if '"clock-change"' in line)
    assert "clock.log" in clock and "时钟回拨" in clock and '"rows": [31, 31]' in clock


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_measures_name_log_and_class(case: Path, lang: str) -> None:
    names = ("errors", "onset", "availability", "latency", "retry_cost", "lanes", "clocks")
    done = liquest("measure", case, *names, "--lang", lang, env=WIDE)
    assert done.code == 0, done.err
    row = next(x for x in done.out.splitlines() if x.startswith("onset.at"))
    assert "bot.log" in row and "overload" in row and "20:5" in row
    words = {"en": "the log's clock was set", "zh": "日志时钟曾被调整"}
    assert words[lang] in done.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_screens_have_a_reason_beside_them(case: Path, lang: str) -> None:
    done = liquest("screen", case, "--lang", lang, env=WIDE)
    assert done.code == 0, done.err
    row = next(x for x in done.out.splitlines() if "log_clock" in x and "clock.log" in x)
    assert ("时间倒退" if lang == "zh" else "times step back") in row
    assert ("无恶意的解释" if lang == "zh" else "Innocent reason") in done.out
    for word in ("forged", "fake", "fabricat", "伪造", "造假"):
        assert word not in done.out


def test_no_secret_is_shown_anywhere(case: Path) -> None:
    out = shown(case)
    assert b"[withheld api-key 1]" in out
    printed = [
        liquest(*words, env=WIDE)
        for words in (("measure", case), ("screen", case), ("findings", case), ("custody", case))
    ]
    text = out + "".join(d.out + d.err for d in printed).encode()
    for secret in SECRETS:
        assert secret.encode() not in text and secret[:16].encode() not in text


def test_no_secret_is_sealed_as_public(tmp_path: Path, case: Path) -> None:
    done = liquest("seal", case, case.parent / "data", "--collector", "me", env=WIDE)
    assert done.code == 0, done.err
    objects = b"".join(p.read_bytes() for p in (case / "vault" / "objects").rglob("??/*"))
    bundle = tmp_path / "bundle.zip"
    assert liquest("bundle", case, bundle, env=WIDE).code == 0
    with zipfile.ZipFile(bundle) as packed:
        inside = b"".join(packed.read(name) for name in packed.namelist())
    assert b"[withheld signature]" in objects and b"[withheld signature]" in inside
    assert b"[withheld listen-key" in objects
    for secret in SECRETS:
        assert secret.encode() not in objects and secret.encode() not in inside
