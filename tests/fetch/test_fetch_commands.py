"""The verbs on the command line."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import typer
from _archive_server import (
    KLINES_KEY,
    TRADES_KEY,
    ArchiveServer,
    gzipped,
    loads,
    publish_binance,
    zipped,
)
from typer.testing import CliRunner, Result

from liquest.errors import CaseError, LiquestError, UsageError
from liquest.fetch import commands
from liquest.fetch.session import INCOMPLETE
from liquest.problems import read_problems
from liquest.vault.store import Vault

pytest_plugins = ("_archive_fixtures",)

app = typer.Typer(pretty_exceptions_enable=False)
commands.register(app)
KEY = TRADES_KEY.format("ATOMUSDT", "2025-10-10")


@pytest.fixture(autouse=True)
def _a_case(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(
        '[windows.w]\nfrom = "2025-10-10T21:10:00Z"\nto = "2025-10-10T21:40:00Z"\n'
    )


@app.callback()
def _root() -> None: ...


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words), env={"LIQUEST_LANG": "en", "COLUMNS": "100"})
    if isinstance(result.exception, LiquestError):
        raise result.exception
    assert result.exit_code == code, (result.exit_code, result.output, result.exception)
    return result


def binance(server: ArchiveServer, *more: str, code: int = 0) -> Result:
    return run(
        "fetch", "binance-vision", "--market", "spot", "--kind", "trades", "--dates", "2025-10-10",
        "--base", server.url, *more, code=code,
    )  # fmt: skip


def test_fetch_seals_into_the_case(server: ArchiveServer, tmp_path: Path) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT"], ["2025-10-10"])
    told = binance(server, "--symbols", "ATOM*,NOPE", "--case", str(tmp_path))
    assert "1 files sealed" in told.output and "1 absent" in told.output
    (item,) = [i for i in Vault.open(tmp_path).items() if i.url.endswith(".zip")]
    assert item.collector and item.method.endswith("verified") and "liquest" in item.tool
    problems = list(read_problems(tmp_path / "out" / "fetch.problems.jsonl"))
    assert [p.code for p in problems] == ["absent"]
    assert "1 were there" in binance(server, "--symbols", "ATOM*", "--case", str(tmp_path)).output


def test_json_tells_each_file_as_it_is_sealed(server: ArchiveServer, tmp_path: Path) -> None:
    publish_binance(server, ["ATOMUSDT", "BTCUSDT"], ["2025-10-10"])
    told = loads(binance(server, "--all-usdt", "--out", str(tmp_path / "o"), "--json").output)
    assert {t["sealed"].rsplit("/", 1)[-1] for t in told} == {
        "ATOMUSDT-trades-2025-10-10.zip", "BTCUSDT-trades-2025-10-10.zip"
    }  # fmt: skip
    assert (tmp_path / "o" / "binance-vision" / KEY).is_file()


def test_dry_run_takes_and_makes_nothing(server: ArchiveServer, tmp_path: Path) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    case = tmp_path
    told = binance(server, "--all-usdt", "--case", str(case), "--dry-run")
    assert "spot trades" in told.output and "total" in told.output
    assert [p.name for p in case.iterdir()] == ["case.toml"] and not server.times(KEY)
    rows = loads(binance(server, "--all-usdt", "--case", str(case), "--dry-run", "--json").output)
    assert [r["size"] for r in rows] == [len(server.files[KEY].body)]


def test_what_cannot_be_had_is_an_exit_code(server: ArchiveServer, tmp_path: Path) -> None:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    server.files[KEY].body += b"?"
    told = binance(server, "--all-usdt", "--case", str(tmp_path), code=INCOMPLETE)
    assert "1 failed" in told.output
    told = binance(server, "--all-usdt", "--case", str(tmp_path), "--json", code=INCOMPLETE)
    assert loads(told.output)[-1]["problem"]["code"] == "checksum-mismatch"


@pytest.mark.parametrize(
    "more",
    [
        (), ("--symbols", "A"), ("--out", "x"), ("--out", "x", "--symbols", "A", "--all-usdt"),
        ("--out", "x", "--symbols", "A", "--dates", "soon"),
    ],
)  # fmt: skip
def test_a_command_that_says_too_little(
    server: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError):
        binance(server, *more)
    assert [p.name for p in tmp_path.iterdir()] == ["case.toml"]


def test_a_folder_that_is_no_case_is_not_made_one(server: ArchiveServer, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no case"):
        binance(server, "--symbols", "A", "--case", str(tmp_path / "typo"))
    assert not (tmp_path / "typo").exists() and not server.asked
    with pytest.raises(UsageError, match="nothing is sealed"):
        run("recheck", str(tmp_path))
    assert not (tmp_path / "vault").exists()


def test_bybit_and_okx(server: ArchiveServer, tmp_path: Path) -> None:
    server.put("trading/ATOMUSDT/ATOMUSDT2025-10-10.csv.gz", gzipped("a,b\n1,2\n"))
    server.put("trades/daily/20251010/ATOM-USDT-SWAP-trades-2025-10-10.zip", zipped("a", "b"))
    common = ("--dates", "2025-10-10", "--base", server.url, "--case", str(tmp_path))
    assert "1 files sealed" in run("fetch", "bybit", "--symbols", "ATOM*", *common).output
    assert "1 files sealed" in run("fetch", "okx", "--symbols", "ATOM-USDT-SWAP", *common).output
    assert {i.source.split("/")[0] for i in Vault.open(tmp_path).items()} == {"bybit", "okx"}


def test_an_absence_stays_recorded_until_the_file_is_there(
    server: ArchiveServer, tmp_path: Path
) -> None:
    path = tmp_path / "out" / "fetch.problems.jsonl"
    case = ("--case", str(tmp_path))
    binance(server, "--symbols", "ATOMUSDT", *case)
    binance(server, "--symbols", "BTCUSDT", *case)
    assert len(list(read_problems(path))) == 2
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    binance(server, "--symbols", "ATOMUSDT", *case)
    assert ["BTCUSDT" in p.path for p in read_problems(path)] == [True]


def test_candles_without_ccxt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib, "import_module", _missing)
    with pytest.raises(UsageError, match="ccxt"):
        run("fetch", "candles", "--exchange", "x", "--symbols", "A/B", "--dates", "2025-10-10",
            "--case", str(tmp_path))  # fmt: skip


def _missing(name: str) -> object:
    raise ImportError(name)


@pytest.fixture
def event(server: ArchiveServer, tmp_path: Path) -> Path:
    publish_binance(server, ["ATOMUSDT"], ["2025-10-10"])
    (tmp_path / "fetch.toml").write_text(
        '[[take]]\narchive = "binance-vision"\nmarket = "spot"\nkinds = ["trades"]\n'
        'symbols = ["*USDT"]\ndates = "2025-10-10"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_event_says_the_size_and_asks(server: ArchiveServer, event: Path) -> None:
    base = f"binance-vision={server.url}"
    told = run("fetch", "event", str(event), "--base", base, code=1)
    assert "spot trades" in told.output and "--yes" in told.output
    assert not server.times(KEY) and not (event / "vault").exists()
    told = run("fetch", "event", str(event), "--base", base, "--yes", "--lang", "zh")
    assert told.output.index("将要下载") < told.output.index("新封存 1 个文件")
    assert "已封存" in run("fetch", "event", str(event), "--base", base, "--lang", "zh").output


def test_event_needs_a_list(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fetch\.toml"):
        run("fetch", "event", str(tmp_path))


def test_recheck_tells_what_changed(server: ArchiveServer, tmp_path: Path) -> None:
    key = KLINES_KEY.format("ATOMUSDT", "2025-10-10")

    def publish(low: str) -> None:
        line = f"1760131200000000,1.9,2.0,{low},1.95,10,1760131259999999,20,3,5,9,0\n"
        server.put(key, zipped("k.csv", line), checksum=True)

    publish("0.001")
    run("fetch", "binance-vision", "--market", "spot", "--kind", "klines", "--symbols", "ATOMUSDT",
        "--dates", "2025-10-10", "--base", server.url, "--case", str(tmp_path))  # fmt: skip
    publish("1.540")
    told = run("recheck", str(tmp_path), "--json")
    edited = [f for f in loads(told.output) if f["params"].get("column") == "low"]
    assert [(f["name"], f["value"], f["params"]["old"]) for f in edited] == [
        ("revision", "1.54", "0.001")
    ]
    kept = (tmp_path / "out" / "findings" / "revision.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["id"] for line in kept.splitlines()] == [
        f["id"] for f in loads(told.output)
    ]
    shown = run("recheck", str(tmp_path)).output
    assert "0.001 → 1.540" in " ".join(shown.split()) and "fetched again" in shown
    del server.files[key]
    assert "no longer" in " ".join(run("recheck", str(tmp_path)).output.split())


@pytest.mark.parametrize("verb", ["binance-vision", "bybit", "okx", "candles", "event", "recheck"])
def test_help_is_in_both_languages_with_an_example(verb: str) -> None:
    words = [verb] if verb == "recheck" else ["fetch", verb]
    text = run(*words, "--help").output
    assert "Example · 示例" in text and "liquest" in text
