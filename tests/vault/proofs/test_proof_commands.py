"""`liquest prove` on a sealed case: exit codes, both languages, JSON, what is said of failures."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import typer
from _authority import Authority, Issuer, pem
from _calendar import Calendar
from _chain import CHAIN_ID, Node
from _loopback import serve
from typer.testing import CliRunner

from liquest.errors import UsageError
from liquest.vault.proofs import verify_all
from liquest.vault.proofs.commands import register
from liquest.vault.store import Vault

ROOT = Issuer.root()


@pytest.fixture
def program() -> typer.Typer:
    app = typer.Typer(rich_markup_mode="rich")
    app.callback()(lambda: None)
    register(app)
    return app


@pytest.fixture
def case(tmp_path: Path) -> Path:
    root = tmp_path / "case"
    root.mkdir()
    (root / "case.toml").write_text(
        '[case]\nname = "t"\n[windows.crash]\nfrom = "2025-10-10T21:10:00Z"\n'
        'to = "2025-10-10T21:40:00Z"\n'
    )
    (root / "roots").mkdir()
    (root / "roots" / "root.pem").write_bytes(pem(ROOT.certificate))
    Vault.open(root).put(b"price,size\n1,2\n", media_type="text/csv", source="ticks.csv")
    return root


@pytest.fixture
def both() -> Iterator[list[str]]:
    """Options for a local authority and a local calendar."""
    with ExitStack() as stack:
        calendar = Calendar()
        calendar.url = stack.enter_context(serve(calendar))
        tsa = stack.enter_context(serve(Authority(ROOT)))
        yield ["--tsa", tsa, "--calendar", calendar.url]


def run(program: typer.Typer, case: Path, *options: str) -> Any:
    return CliRunner().invoke(program, ["prove", str(case), *options])


def test_both_obtained_is_zero(program: typer.Typer, case: Path, both: list[str]) -> None:
    done = run(program, case, *both, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "valid with assumption" not in done.output
    assert "rfc3161  unsupported" in done.output
    done = run(program, case, *both, "--roots", str(case / "roots"), "--lang", "en")
    assert done.exit_code == 0
    assert "rfc3161  valid" in done.output
    assert "ots  pending" in done.output
    assert "openssl ts -verify" in done.output
    assert "ots verify -f" in done.output
    vault = Vault.open(case)
    found = verify_all(vault.root, {"now": vault.checkpoint()})
    assert sorted(c.status for c in found) == ["pending", "unsupported"]


def test_chinese(program: typer.Typer, case: Path, both: list[str]) -> None:
    done = run(program, case, *both, "--roots", str(case / "roots"), "--lang", "zh")
    assert "有效" in done.output
    assert "待定" in done.output
    assert "不依赖本工具的验证命令" in done.output


def test_one_that_fails_is_three_and_named(
    program: typer.Typer, case: Path, both: list[str]
) -> None:
    with serve(Authority(ROOT, fault="expired")) as expired:
        done = run(program, case, *both, "--tsa", expired, "--lang", "en")
    assert done.exit_code == 3
    assert f"rfc3161 {expired}" in done.output
    assert "not valid at that time" in done.output
    assert "the others are not affected" in done.output


def test_json(program: typer.Typer, case: Path, both: list[str]) -> None:
    with serve(Authority(ROOT, fault="rejected")) as refusing:
        done = run(program, case, *both, "--tsa", refusing, "--json")
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert [line.get("status") for line in lines] == ["unsupported", "pending", None]
    assert lines[2]["problem"]["path"] == f"rfc3161 {refusing}"
    assert done.exit_code == 3


def test_upgrade(program: typer.Typer, case: Path) -> None:
    calendar = Calendar()
    with serve(calendar) as url, serve(Authority(ROOT)) as tsa:
        calendar.url = url
        options = ["--calendar", url, "--tsa", tsa, "--lang", "en"]
        run(program, case, *options)
        calendar.mine()
        # The log has grown since: older checkpoints are upgraded all the same.
        Vault.open(case).put(b"more", media_type="text/plain", source="more.txt")
        headers = calendar.write_headers(case / "headers.bin")
        done = run(program, case, *options, "--upgrade", "--headers", str(headers))
        assert done.exit_code == 0, done.output
        assert "valid with assumption" in done.output
        assert "assuming: the Bitcoin header 1" in done.output
        done = run(program, case, *options, "--upgrade")
    assert "Nothing is pending." in done.output


def test_an_anchor_by_options(
    program: typer.Typer, case: Path, both: list[str], tmp_path: Path
) -> None:
    node = Node()
    key = tmp_path / "key"
    key.write_text(node.key(0))
    with serve(node) as url, ThreadPoolExecutor(1) as miner:
        options = [*both, "--evm", url, "--key-file", str(key), "--chain-id", str(CHAIN_ID)]

        def go_on() -> None:
            # Three confirmations are waited for.
            while not node.sent:
                time.sleep(0.02)
            node.mine(3)

        mining = miner.submit(go_on)
        done = run(program, case, *options, "--lang", "en")
        mining.result(30)
    assert done.exit_code == 0, done.output
    assert "evm  valid with assumption" in done.output
    assert "is in the chain" in done.output


@pytest.mark.parametrize(
    "options", [["--evm", "http://a"], ["--key-file", "x"], ["--arweave", "http://a"],
                ["--wallet", "x"], ["--tsa", "not an address"]],
)  # fmt: skip
def test_options_that_do_not_fit(program: typer.Typer, case: Path, options: list[str]) -> None:
    done = run(program, case, *options)
    assert isinstance(done.exception, UsageError)
    assert done.exception.remedy is not None


def test_nothing_sealed_yet(program: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(
        '[windows.w]\nfrom = "2025-10-10T21:10:00Z"\nto = "2025-10-10T21:40:00Z"\n'
    )
    done = run(program, tmp_path)
    assert isinstance(done.exception, UsageError)
    assert "liquest seal" in str(done.exception)


def test_help_in_both_languages(program: typer.Typer) -> None:
    done = CliRunner().invoke(program, ["prove", "--help"], env={"COLUMNS": "120"})
    assert done.exit_code == 0
    for words in ("--tsa", "--calendar", "--upgrade", "Example · 示例", "时间戳机构"):
        assert words in done.output
