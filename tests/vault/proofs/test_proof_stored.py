"""Proof folders: whole or absent, every byte accounted for; the wire; the configuration."""

from __future__ import annotations

import errno
import importlib
import json
import os
import pkgutil
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from _chain import SIGNER
from _loopback import Answer, Asked, serve
from _sealed import Sealed, checkpoint_of

from liquest.errors import CaseError, InputError, IntegrityError, OutputError, UsageError
from liquest.vault import proofs
from liquest.vault.check import INVALID, UNSUPPORTED
from liquest.vault.proofs import config_of, evm_codec, read_config, verify_all
from liquest.vault.proofs.stored import (
    Made,
    Stored,
    digest_of,
    keep,
    name_of,
    open_shelf,
    read,
    versions,
)
from liquest.vault.proofs.wire import NotThere, Wire, check_url

SOURCE = "https://example.org/tsr"


@pytest.fixture
def vault(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path / "vault")


def put(vault: Sealed, kind: str = "rfc3161", source: str = SOURCE) -> Stored:
    shelf = open_shelf(vault.proofs_dir, vault.checkpoint())
    made = Made({"a.bin": b"bytes", "empty": b""}, {"nonce": "1", "large": 2**53 - 1})
    return keep(shelf, name_of(kind, source), kind, source, digest_of(vault.checkpoint()), made)


def test_what_was_kept_is_read_back(vault: Sealed) -> None:
    made = put(vault)
    assert read(made.path) == made
    assert made.path.parent.name == digest_of(vault.checkpoint())[:16]
    assert (made.path.parent / "checkpoint").read_bytes() == vault.checkpoint()


def test_a_replacement_leaves_one_version(vault: Sealed) -> None:
    first, second = put(vault), put(vault)
    assert second.path.name == first.path.name + "~2"
    assert not first.path.exists()
    assert put(vault).path.name == first.path.name + "~3"
    assert [len(g) for g in versions(second.path.parent).values()] == [1]


def test_the_highest_version_counts_when_a_run_was_killed_in_between(vault: Sealed) -> None:
    old = put(vault)
    (old.path.parent / (old.path.name + "~10")).mkdir()
    (old.path.parent / (old.path.name + "~9")).mkdir()
    (group,) = versions(old.path.parent).values()
    assert [p.name.partition("~")[2] for p in group] == ["", "9", "10"]


def test_a_replaced_version_that_a_killed_run_left_is_cleared(vault: Sealed) -> None:
    old = put(vault)
    shelf, name = old.path.parent, old.path.name
    bytes_ = {p.name: p.read_bytes() for p in old.path.iterdir()}
    put(vault)
    old.path.mkdir()
    for file, content in bytes_.items():
        (old.path / file).write_bytes(content)
    open_shelf(vault.proofs_dir, vault.checkpoint())
    assert [p.name for p in versions(shelf)[name]] == [f"{name}~2"]
    # A later version that is broken takes nothing with it.
    (shelf / f"{name}~3").mkdir()
    open_shelf(vault.proofs_dir, vault.checkpoint())
    assert len(versions(shelf)[name]) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: (p / "a.bin").write_bytes(b"bytez"), "altered"),
        (lambda p: (p / "a.bin").unlink(), "got nothing"),
        (lambda p: (p / "proof.json").unlink(), "got nothing"),
        (lambda p: (p / "proof.json").write_bytes(b"{}"), "readable proof.json"),
        (lambda p: (p / "proof.json").write_bytes(b"[" * 100_000), "readable proof.json"),
        (lambda p: (p / "more").write_bytes(b""), "also more"),
        (lambda p: (p / "proof.json").write_text(
            json.dumps(json.loads((p / "proof.json").read_text()), indent=1)), "sum"),
        (lambda p: ((p / "empty").unlink(), (p / "empty").symlink_to("/etc/hostname")), "altered"),
    ],
)  # fmt: skip
def test_altered_folders_are_refused(vault: Sealed, change: Any, words: str) -> None:
    made = put(vault)
    change(made.path)
    with pytest.raises(IntegrityError, match=words):
        read(made.path)
    (check,) = verify_all(vault.root, {"now": vault.checkpoint()})
    assert check.status == INVALID
    assert words in check.detail.en


def resummed(path: Path, **changes: Any) -> None:
    """proof.json with other fields and a sum that fits."""
    from hashlib import sha256

    record = {**json.loads((path / "proof.json").read_bytes()), **changes}
    record.pop("sum")
    record["sum"] = sha256(rfc8785.dumps(record)).hexdigest()
    (path / "proof.json").write_bytes(rfc8785.dumps(record))


def test_file_names_stay_in_the_folder(vault: Sealed) -> None:
    made = put(vault)
    (made.path / "empty").unlink()
    (made.path / "a.bin").unlink()
    resummed(made.path, files={"../checkpoint": digest_of(vault.checkpoint())})
    with pytest.raises(IntegrityError, match="plain file names"):
        read(made.path)


def test_other_formats_and_kinds_are_unsupported(vault: Sealed) -> None:
    made = put(vault, "smoke-signal")
    (check,) = verify_all(vault.root, {"now": vault.checkpoint()})
    assert (check.status, check.name) == (UNSUPPORTED, "smoke")
    resummed(made.path, format="liquest-proof/9")
    (check,) = verify_all(vault.root, {"now": vault.checkpoint()})
    assert check.status == UNSUPPORTED
    assert "liquest-proof/9" in check.detail.en


def test_under_another_name_or_checkpoint(vault: Sealed) -> None:
    made = put(vault)
    moved = made.path.rename(made.path.with_name("rfc3161-other"))
    (check,) = verify_all(vault.root, {"now": vault.checkpoint()})
    assert (check.status, "under another name" in check.detail.en) == (INVALID, True)
    resummed(moved, checkpoint="00" * 32)
    (check,) = verify_all(vault.root, {"now": vault.checkpoint()})
    assert f"expected {digest_of(vault.checkpoint())}, got {'00' * 32}" in check.detail.en
    (moved.parent / "checkpoint").write_bytes(checkpoint_of(13))
    (check,) = verify_all(vault.root, {"now": vault.checkpoint()})
    assert "the proven checkpoint has been altered" in check.detail.en


def test_a_folder_that_cannot_be_written(vault: Sealed) -> None:
    vault.root.mkdir()
    (vault.root / "proofs").write_bytes(b"a file")
    with pytest.raises(OutputError, match="cannot be stored"):
        put(vault)


def test_a_full_disk_leaves_nothing_half_done(
    vault: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = put(vault)
    calls = 0

    def full(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="No space left"):
            put(vault)
    assert sorted(p.name for p in made.path.parent.iterdir()) == ["checkpoint", made.path.name]
    assert read(made.path) == made


def test_two_runs_at_once_do_not_disturb_each_other(vault: Sealed) -> None:
    put(vault)
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(lambda _: put(vault), range(40)))) == 40
    open_shelf(vault.proofs_dir, vault.checkpoint())
    (group,) = versions(vault.shelf).values()
    assert len(group) == 1
    assert read(group[0])
    assert not list(vault.shelf.glob(".tmp-*"))


def test_names_are_readable_and_differ() -> None:
    one, two = name_of("ots", "https://a.example:8/x?y"), name_of("ots", "https://a.example:8/x!y")
    assert one.startswith("ots-a.example-8-x-y-")
    assert one != two
    assert name_of("ots", "http://" + "界" * 300).isascii()
    assert len(name_of("ots", "http://" + "a" * 300)) < 60


def test_the_wire_tries_again_and_follows_its_limits(vault: Sealed) -> None:
    seen: list[str] = []

    def respond(asked: Asked) -> Answer:
        seen.append(asked.path)
        if asked.path == "/twice":
            return Answer(b"ok" if seen.count("/twice") == 3 else b"no", 200 if
                          seen.count("/twice") == 3 else 429)  # fmt: skip
        if asked.path == "/rpc":
            return Answer(b'{"error": {"message": "no\\u001b such thing"}}')
        return Answer(b"<b>\x1b[31mred", 404 if asked.path == "/none" else 400)

    with serve(respond) as url, Wire(timeout=1, attempts=3, backoff=0.01) as wire:
        assert wire.get(url + "/twice", limit=10) == b"ok"
        with pytest.raises(NotThere):
            wire.get(url + "/none", limit=10)
        with pytest.raises(InputError, match="HTTP 400") as raised:
            wire.get(url + "/bad", limit=10)
        assert "\x1b" not in raised.value.what.en
        with pytest.raises(InputError, match="eth_x: no") as raised:
            wire.call(url + "/rpc", "eth_x", [])
        assert "\x1b" not in raised.value.what.en
    assert seen.count("/bad") == 1


@pytest.mark.parametrize("url", ["", "ftp://a", "https://", "file:///etc/passwd", "http://a\nb"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError):
        check_url(url)


def test_configuration(tmp_path: Path) -> None:
    plain = config_of({}, tmp_path)
    assert len(plain.tsa) >= 2
    assert len(plain.calendars) >= 2
    assert (plain.evm, plain.arweave) == (None, None)
    (tmp_path / "case.toml").write_text(
        '[prove]\ntsa = ["https://a.example"]\ncalendars = []\nroots = "roots"\ntimeout = 5\n'
        '[prove.evm]\nrpc = "https://b.example"\nkey_file = "key"\n'
        '[prove.arweave]\ngateway = "https://c.example"\nwallet = "/w"\n'
    )
    made = read_config(tmp_path)
    assert (made.tsa, made.calendars, made.timeout) == (("https://a.example",), (), 5.0)
    assert made.evm is not None
    assert (made.evm.chain_id, made.evm.key_file) == (56, tmp_path / "key")
    assert made.arweave is not None
    assert made.arweave.wallet == Path("/w")
    assert made.trust.roots == tmp_path / "roots"


@pytest.mark.parametrize(
    "table",
    [
        {"tsas": []}, {"tsa": "https://a"}, {"timeout": "5"}, {"evm": {"rpc": "https://a"}},
        {"evm": {"rpc": "https://a", "key_file": "k", "gas": 1}}, {"arweave": {}},
    ],
)  # fmt: skip
def test_configuration_that_is_refused(tmp_path: Path, table: dict[str, Any]) -> None:
    with pytest.raises(CaseError, match="prove"):
        config_of(table, tmp_path)


def test_public_names_are_sorted_and_there() -> None:
    assert proofs.__all__ == sorted(proofs.__all__)
    # Also once every file of the folder is imported: none of them may shadow a function.
    for info in pkgutil.iter_modules(proofs.__path__):
        importlib.import_module(f"{proofs.__name__}.{info.name}")
    assert not [n for n in proofs.__all__ if isinstance(getattr(proofs, n), types.ModuleType)]


def test_a_delegating_transaction_is_rebuilt() -> None:
    """EIP-7702, as eth-account signs it and a node would show it."""
    account = SIGNER.from_key("0x" + "11" * 32)
    consent = account.sign_authorization({"chainId": 56, "address": "0x" + "22" * 20, "nonce": 7})
    signed = account.sign_transaction(
        {
            "type": 4, "chainId": 56, "nonce": 0, "to": account.address, "value": 0, "gas": 90_000,
            "maxFeePerGas": 5, "maxPriorityFeePerGas": 1, "data": b"x",
            "authorizationList": [consent],
        }
    )  # fmt: skip
    table = {
        "type": "0x4", "chainId": "0x38", "nonce": "0x0", "to": account.address.lower(),
        "value": "0x0", "gas": hex(90_000), "maxFeePerGas": "0x5", "maxPriorityFeePerGas": "0x1",
        "input": "0x78", "accessList": [],
        "authorizationList": [
            {
                "chainId": "0x38", "address": "0x" + "22" * 20, "nonce": "0x7",
                "yParity": hex(consent.y_parity), "r": hex(consent.r), "s": hex(consent.s),
            }
        ],
        "yParity": hex(signed.v), "r": hex(signed.r), "s": hex(signed.s),
        "hash": "0x" + bytes(signed.hash).hex(),
    }  # fmt: skip
    assert evm_codec.transaction_of(table) == bytes(signed.raw_transaction)
    with pytest.raises(ValueError, match="does not have its hash"):
        evm_codec.transaction_of({**table, "nonce": "0x1"})
    with pytest.raises(ValueError, match="type 127"):
        evm_codec.transaction_of({**table, "type": "0x7f"})
