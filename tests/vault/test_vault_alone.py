"""verify.py: one plain file, only the standard library, right about Ed25519."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.vault.alone import PARTS, source
from liquest.vault.alone.container import Zip, zip_central, zip_end, zip_local
from liquest.vault.alone.ed25519 import L, ed25519_valid

# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_rfc_8032_vectors(key: str, message: str, signature: str) -> None:
    public, text, signed = map(bytes.fromhex, (key, message, signature))
    assert ed25519_valid(public, text, signed)
    assert not ed25519_valid(public, text + b"x", signed)
    assert not ed25519_valid(public, text, signed[:-1])
    assert not ed25519_valid(public[:-1], text, signed)
    for place in (0, 31, 32, 63):
        changed = bytearray(signed)
        changed[place] ^= 1
        assert not ed25519_valid(public, text, bytes(changed))
    # S must be below the group's order: else one signature would have many forms.
    more = int.from_bytes(signed[32:], "little") + L
    if more < 1 << 256:
        assert not ed25519_valid(public, text, signed[:32] + more.to_bytes(32, "little"))


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_what_the_library_signs_is_valid(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    assert ed25519_valid(public, message, key.sign(message))
    assert not ed25519_valid(bytes([public[0] ^ 1]) + public[1:], message, key.sign(message))


@pytest.mark.parametrize(
    "raw", [b"\xff" * 32, b"\0" * 31 + b"\x80", (2**255 - 19).to_bytes(32, "little")]
)
def test_points_that_are_none(raw: bytes) -> None:
    assert not ed25519_valid(raw, b"", bytes(64))


def test_only_the_standard_library() -> None:
    tree = ast.parse(source(), feature_version=(3, 9))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add((node.module or "").split(".")[0])
    assert names - {"__future__"} <= set(sys.stdlib_module_names)


def test_nothing_is_defined_twice() -> None:
    tree = ast.parse(source())
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(names) == len(set(names))
    for part in PARTS:
        assert f"── {part} ".encode() in source()


def test_the_same_text_every_time() -> None:
    assert source() == source()
    assert source().startswith(b"#!/usr/bin/env python3\n")


@pytest.mark.parametrize("arguments", [["/nowhere"], ["a", "b"], ["--what"]])
def test_usage(arguments: list[str], tmp_path: Path) -> None:
    script = tmp_path / "verify.py"
    script.write_bytes(source())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), *arguments], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "verify.py BUNDLE.zip" in done.stderr


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(source())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "verify.py")], capture_output=True, text=True
    )
    assert done.returncode == 5
    assert "vault/key.pub is missing" in done.stdout


def test_large_members_and_many(tmp_path: Path) -> None:
    """The zip64 forms are those that zipfile reads; no test writes 4 GB of bytes."""
    path = tmp_path / "large.zip"
    size = 0x1_0000_0001
    with path.open("wb") as out:
        head = zip_local(b"large", 0, size)
        out.write(head)
        out.seek(size, os.SEEK_CUR)
        second = out.tell()
        out.write(zip_local(b"small", 0, 0))
        start = out.tell()
        out.write(zip_central(b"large", 0, size, 0) + zip_central(b"small", 0, 0, second))
        out.write(zip_end(2, start, out.tell() - start))
    box = Zip(path)
    assert box.sizes == {"large": size, "small": 0}
    with zipfile.ZipFile(path) as archive:
        assert [i.header_offset for i in archive.infolist()] == [0, second]
    assert b"PK\6\6" in zip_end(70_000, 0, 0) and b"PK\6\6" not in zip_end(7, 0, 0)
