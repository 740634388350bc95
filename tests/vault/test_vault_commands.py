"""The verbs as they are typed: output, exit codes, both languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from _vaults import empty_case, old, sealed_case
from typer.testing import CliRunner, Result

from liquest.cli import app
from liquest.errors import LiquestError, UsageError
from liquest.vault.store import Vault

VERBS = ("seal", "verify", "bundle", "custody", "redact")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed_case(tmp_path_factory.mktemp("commands") / "case")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def lines(done: Result) -> list[dict[str, object]]:
    assert done.exit_code == 0, (done.output, done.exception)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb: str) -> None:
    done = run(verb, "--help")
    assert done.exit_code == 0 and "Example" in done.output and f"liquest {verb}" in done.output


def test_seal(tmp_path: Path) -> None:
    root = empty_case(tmp_path / "case")
    old(tmp_path / "d" / "a.csv", b"1")
    old(tmp_path / "d" / "nothing", b"")
    said = lines(
        run("seal", root, tmp_path / "d", "--json", "--collector", "李", "--method", "export",
            "--source", "okx", "--note", "n", "--url", "https://x")
    )  # fmt: skip
    assert [s["source"] for s in said] == ["okx/d/a.csv", "okx/d/nothing"]
    assert (said[0]["collector"], said[0]["method"], said[0]["url"]) == (
        "李",
        "export",
        "https://x",
    )
    done = run("seal", root, tmp_path / "d", "--source", "okx", "--lang", "zh")
    assert "（空文件）" in done.output and "日志 3 行" not in done.output
    assert Vault.open(root).items()[0].collector == "李"


def test_seal_private(tmp_path: Path) -> None:
    root = empty_case(tmp_path / "case")
    file = old(tmp_path / "s.csv", b"uid,x\n1,2\n")
    item = lines(run("seal", root, file, "--private", "--json"))[0]
    assert str(item["transform"]).startswith("age:")
    assert lines(run("verify", root, "--json"))


def test_verify(case: Path, tmp_path: Path) -> None:
    found = lines(run("verify", case, "--json"))
    assert {f["status"] for f in found} == {"valid", "valid with assumption", "pending"}
    done = run("verify", case, "--lang", "zh")
    assert done.exit_code == 0 and "附条件有效" in done.output and "前提" in done.output
    key = case / "vault" / "key.pub"
    assert "if liquest" not in run("verify", case, "--key", key, "--lang", "en").output
    root = tmp_path / "case"
    shutil.copytree(case, root)
    (root / "vault" / "log" / "entries").write_bytes(b"")
    broken = run("verify", root, "--lang", "en")
    assert broken.exit_code == 5
    assert "expected" in broken.output and "got" in broken.output


def test_verify_against_an_earlier_checkpoint(case: Path, tmp_path: Path) -> None:
    """The earlier checkpoint of a log that went on is continued; that of a fork is not."""
    seen = tmp_path / "seen"
    shutil.copy(case / "vault" / "checkpoints" / "000000000005", seen)
    target = tmp_path / "b.zip"
    assert run("bundle", case, target).exit_code == 0
    for place in (case, target):
        assert run("verify", place, "--earlier", seen).exit_code == 0
    root = tmp_path / "case"
    shutil.copytree(case, root)
    Vault.open(root).put(b"one way", source="x")
    Vault.open(root).checkpoint()
    shutil.copy(root / "vault" / "checkpoints" / "000000000008", seen)
    other = tmp_path / "other"
    shutil.copytree(case, other)
    Vault.open(other).put(b"another way", source="x")
    Vault.open(other).checkpoint()
    for place, words in ((other, "a fork"), (case, "shorter than what was signed")):
        done = run("verify", place, "--earlier", seen, "--lang", "en")
        assert done.exit_code == 5 and words in done.output


def test_bundle(case: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    said = lines(run("bundle", case, target, "--json"))[0]
    assert said["fresh"] is True and said["path"] == str(target)
    assert "Already there" in run("bundle", case, target, "--lang", "en").output
    assert run("verify", target).exit_code == 0


def test_custody(case: Path) -> None:
    said = lines(run("custody", case, "--json"))
    assert len(said) == 7 and {s["depth"] for s in said} == {0, 1}
    for lang, words in (("en", "existence, not truth"), ("zh", "不证明真实")):
        done = run("custody", case, "--lang", lang)
        assert done.exit_code == 0 and words in done.output and "Li Wei" in done.output


def test_redact(tmp_path: Path) -> None:
    root = empty_case(tmp_path / "case")
    file = old(tmp_path / "s.csv", b"uid,x\n1,2\n")
    run("seal", root, file, "--private")
    out = tmp_path / "public.csv"
    said = lines(run("redact", root, "s.csv", "--fields", "uid", "--out", out, "--json"))[0]
    assert said["cells"] == 1 and b"withheld:" in out.read_bytes()
    done = run("redact", root, "--check", out, "--lang", "en")
    assert done.exit_code == 0 and "follows from the sealed original" in done.output
    assert run("verify", root).exit_code == 0
    refused = run("redact", root, "s.csv", "--out", out)
    assert isinstance(refused.exception, UsageError)


@pytest.mark.parametrize(
    "arguments",
    [("verify", "/nowhere"), ("custody", "/nowhere"), ("bundle", "/nowhere", "/tmp/x.zip"),
     ("seal", "/nowhere", "/tmp"), ("redact", "/nowhere", "--check", "/nowhere")],
)  # fmt: skip
def test_what_is_not_there(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, LiquestError)
    assert done.exception.what.zh
