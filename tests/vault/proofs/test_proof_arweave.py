"""Arweave data items: built, signed, uploaded to a local bundler, verified offline."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from _arweave import Bundler
from _loopback import serve
from _sealed import Sealed, checkpoint_of, config
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.run.progress import Silent
from liquest.vault.check import ASSUMING, INVALID, PENDING, UNSUPPORTED, Check
from liquest.vault.proofs import ProveConfig, Trust, arweave, prove, verify_all, verify_commands
from liquest.vault.proofs.config import ArweaveConfig
from liquest.vault.proofs.stored import Stored, read

PEM = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)


@pytest.fixture
def vault(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path / "vault")


@pytest.fixture
def wallet(tmp_path: Path) -> Path:
    path = tmp_path / "wallet.pem"
    path.write_bytes(PEM)
    return path


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 4096)


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def jwk(key: rsa.RSAPrivateKey, *, short: bool = False) -> str:
    private = key.private_numbers()
    public = private.public_numbers
    table = {"kty": "RSA", "n": number(public.n), "e": number(public.e), "d": number(private.d)}
    if not short:
        table |= {"p": number(private.p), "q": number(private.q)}
    return json.dumps(table)


def gateway(url: str, wallet: Path) -> ProveConfig:
    return config(arweave=ArweaveConfig(url, wallet))


def judged(vault: Sealed) -> list[Check]:
    return verify_all(vault.root, {"now": vault.checkpoint()})


def test_uploaded_and_verified(vault: Sealed, wallet: Path) -> None:
    bundler = Bundler()
    with serve(bundler) as url:
        done = prove(vault, gateway(url, wallet), Silent())
        again = prove(vault, gateway(url, wallet), Silent())
    (check,) = done.checks
    assert check.status == ASSUMING
    assert again.checks == done.checks == judged(vault)
    ((name, raw),) = bundler.items.items()
    assert f"Arweave holds the data item {name}" in check.assumption.en
    assert raw.endswith(vault.checkpoint())
    (line,) = verify_commands(vault.root)
    assert f"https://arweave.net/{name}" in line


def test_an_arweave_wallet_signs_type_one(
    vault: Sealed, tmp_path: Path, rsa_key: rsa.RSAPrivateKey
) -> None:
    path = tmp_path / "wallet.json"
    path.write_text(jwk(rsa_key))
    bundler = Bundler()
    with serve(bundler) as url:
        (check,) = prove(vault, gateway(url, path), Silent()).checks
    assert check.status == ASSUMING
    item = arweave.read_item(read(vault.proofs()[0]).files[arweave.ITEM])
    assert item.type == 1
    # Without anything of ours but the deep hash: the signature that Arweave expects.
    rsa_key.public_key().verify(
        item.signature, item.message, padding.PSS(padding.MGF1(hashes.SHA256()), 32),
        hashes.SHA256(),
    )  # fmt: skip


def test_a_jwk_without_primes_is_enough(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    path = tmp_path / "wallet.json"
    path.write_text(jwk(rsa_key, short=True))
    assert arweave.read_wallet(path).public_key() == rsa_key.public_key()


def test_deep_hash_step_by_step() -> None:
    """The definition written out flat, as in the Arweave yellow paper."""

    def sha(raw: bytes) -> bytes:
        return hashlib.sha384(raw).digest()

    one, two = sha(sha(b"blob1") + sha(b"a")), sha(sha(b"blob2") + sha(b"bc"))
    inner = sha(sha(b"list1") + two)
    assert arweave.deep_hash([b"a", [b"bc"]]) == sha(sha(sha(b"list2") + one) + inner)


def test_layout_byte_by_byte(vault: Sealed) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    item = arweave.make_item(b"data", [(b"n", b"v")], key)
    raw = item.pack()
    assert raw[:2] == b"\x02\x00"
    assert raw[66:98] == key.public_key().public_bytes_raw()
    assert raw[98:100] == b"\0\0"
    assert raw[100:116] == (1).to_bytes(8, "little") + (6).to_bytes(8, "little")
    assert raw[116:] == b"\x02\x02n\x02v\x00" + b"data"
    assert arweave.read_item(raw) == item
    assert item.signed()


@pytest.mark.parametrize(
    ("fault", "words"),
    [("down", "HTTP 502"), ("html", "names no id"), ("other-id", "not for")],
)
def test_a_gateway_that_fails_leaves_it_pending_and_is_tried_again(
    vault: Sealed, wallet: Path, fault: str, words: str
) -> None:
    bundler = Bundler(fault=fault)
    with serve(bundler) as url:
        done = prove(vault, gateway(url, wallet), Silent())
        assert words in done.problems[0].text.en
        assert [c.status for c in judged(vault)] == [PENDING]
        first = read(vault.proofs()[0]).files[arweave.ITEM]
        bundler.fault = ""
        prove(vault, gateway(url, wallet), Silent())
    assert [c.status for c in judged(vault)] == [ASSUMING]
    # The same item: Arweave takes it once.
    assert read(vault.proofs()[0]).files[arweave.ITEM] == first


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"n":"AQAB","e":"AQAB","d":"AQAB"}'])
def test_a_wallet_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wallet"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no wallet"):
        arweave.read_wallet(path)


def test_a_small_key_is_no_wallet(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    path.write_text(jwk(rsa.generate_private_key(65537, 1024)))
    with pytest.raises(UsageError, match="no wallet"):
        arweave.read_wallet(path)


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    folder = tmp_path_factory.mktemp("arweave")
    vault = Sealed(folder / "vault")
    (folder / "wallet.pem").write_bytes(PEM)
    with serve(Bundler()) as url:
        prove(vault, gateway(url, folder / "wallet.pem"), Silent())
    return vault


def forged(vault: Sealed, raw: bytes) -> Check:
    stored = read(vault.proofs()[0])
    files = {**stored.files, arweave.ITEM: raw}
    made = Stored(stored.path, stored.kind, stored.source, stored.checkpoint, files, stored.facts)
    return arweave.verify(made, vault.checkpoint(), Trust())


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_a_flipped_or_cut_item_is_never_valid(uploaded: Sealed, data: st.DataObject) -> None:
    raw = read(uploaded.proofs()[0]).files[arweave.ITEM]
    at, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
    bad = (
        raw[:at] if data.draw(st.booleans()) else raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]
    )
    assert forged(uploaded, raw).status == ASSUMING
    assert forged(uploaded, bad).status in {INVALID, UNSUPPORTED}


def test_for_another_root(uploaded: Sealed) -> None:
    check = arweave.verify(read(uploaded.proofs()[0]), checkpoint_of(99), Trust())
    assert check.status == INVALID
    assert hashlib.sha256(checkpoint_of(99)).hexdigest() in check.detail.en


def test_another_wallet_has_another_id(uploaded: Sealed) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
    item = arweave.make_item(uploaded.checkpoint(), [], other)
    assert "another id" in forged(uploaded, item.pack()).detail.en


def test_other_signature_types_are_unsupported(uploaded: Sealed) -> None:
    raw = read(uploaded.proofs()[0]).files[arweave.ITEM]
    assert forged(uploaded, b"\x03\x00" + raw[2:]).status == UNSUPPORTED


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=200), st.binary(max_size=200)), max_size=20))
def test_tags_come_back(tags: list[tuple[bytes, bytes]]) -> None:
    assert arweave.read_tags(arweave.write_tags(tags)) == tags


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120))
def test_garbage_tags_raise_value_error_only(raw: bytes) -> None:
    try:
        arweave.read_tags(raw)
        arweave.read_item(b"\x02\x00" + bytes(98) + raw)
    except (ValueError, NotImplementedError):
        pass
