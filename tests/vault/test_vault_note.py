"""Signed notes: the text form to the byte, and every way in which one does not hold."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from liquest.errors import IntegrityError, UsageError
from liquest.vault.alone.text import Broken, Key, signed_text
from liquest.vault.note import (
    Checkpoint,
    Signer,
    Verifier,
    make_key,
    read_key,
    read_public,
    split_note,
)

SEED = bytes(range(32))
SIGNER = Signer("liquest/test/01", SEED)
POINT = Checkpoint("liquest/test/01", 12, bytes(range(100, 132)))
GOLDEN = (
    "liquest/test/01\n12\nZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=\n\n"
    "— liquest/test/01 WktcRL5Z42zw5SfGudEjVtoKSdHWt7jZx33p2"
    "W5R3oWJs0kHX5or8wuxnA4+OzIa6neiQltteUKnb64LXKM7VCRszwM=\n"
)

# The example of the C2SP signed-note specification, signed by a Go implementation.
PEER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PEER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
).encode()


def test_golden() -> None:
    note = SIGNER.sign(POINT.text())
    assert SIGNER.verifier.verify(note) == POINT.text()
    assert Checkpoint.of(POINT.text()) == POINT
    assert SIGNER.sign(POINT.text()) == note
    assert note.decode() == GOLDEN


def test_a_note_of_another_implementation() -> None:
    assert Verifier.of(PEER_KEY).verify(PEER_NOTE).startswith("If you think")
    assert signed_text(PEER_NOTE, Key.of(PEER_KEY + "\n")).startswith("If you think")


def test_keys_travel_as_text() -> None:
    assert Verifier.of(SIGNER.verifier.vkey()) == SIGNER.verifier
    assert Signer.of(SIGNER.text()) == SIGNER
    assert "0" * 8 not in repr(SIGNER) and SIGNER.text() not in repr(SIGNER)


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n.replace(b"12", b"13"),
        lambda n: n.replace("—".encode(), b"--"),
        lambda n: n[:-1],
        lambda n: n[:-4] + b"AAA\n",
        lambda n: n.replace(b"\n\n", b"\n"),
        lambda n: n + b"x",
        lambda n: b"\xff" + n,
        lambda n: b"\r" + n,
        lambda n: b"",
        lambda n: n.replace("— liquest/test/01".encode(), "— liquest/test/02".encode()),
    ],
)
def test_changed_notes_are_refused_by_both(change: object) -> None:
    assert callable(change)
    note = change(SIGNER.sign(POINT.text()))
    with pytest.raises(IntegrityError) as refused:
        SIGNER.verifier.verify(note)
    assert refused.value.expected and refused.value.got
    with pytest.raises(Broken):
        signed_text(note, Key.of(SIGNER.verifier.vkey() + "\n"))


def test_the_same_key_under_another_name_is_another_key() -> None:
    note = Signer("other", SEED).sign(POINT.text())
    with pytest.raises(IntegrityError, match="another key"):
        SIGNER.verifier.verify(note)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n-1\nAAAA\n", "a\n01\nAAAA\n", "a\n1\nAAAA\n", "a\nx\n" + "A" * 44]
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(IntegrityError):
        Checkpoint.of(text)


@pytest.mark.parametrize(
    "vkey",
    ["", "a+b", "a b+00000000+AAAA", SIGNER.verifier.vkey().replace("+", "+0", 1),
     SIGNER.verifier.vkey()[:-1], "x" + SIGNER.verifier.vkey()],
)  # fmt: skip
def test_what_is_no_key(vkey: str) -> None:
    with pytest.raises(IntegrityError):
        Verifier.of(vkey)
    with pytest.raises(Broken):
        Key.of(vkey + "\n")


def test_key_files(tmp_path: Path) -> None:
    made = make_key(tmp_path, "liquest/case/1")
    assert read_key(tmp_path) == made
    assert read_public(tmp_path) == made.verifier
    if os.name == "posix":
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert base64.b64encode(b"\1" + made.verifier.public).decode() in made.verifier.vkey()


def test_a_wrong_key_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path, "a")
    (tmp_path / "key").write_text(Signer.make("a").text())
    with pytest.raises(IntegrityError, match="wrong key") as refused:
        read_key(tmp_path)
    assert refused.value.expected.startswith("a+")
    (tmp_path / "key").write_text("something\n")
    with pytest.raises(IntegrityError, match="private key"):
        read_key(tmp_path)
    (tmp_path / "key").unlink()
    with pytest.raises(UsageError):
        read_key(tmp_path)
    (tmp_path / "key.pub").unlink()
    with pytest.raises(IntegrityError, match="missing"):
        read_public(tmp_path)


def test_a_note_may_hold_blank_lines() -> None:
    note = SIGNER.sign("a\n\nb\n")
    assert split_note(note)[0] == "a\n\nb\n"
    assert SIGNER.verifier.verify(note) == "a\n\nb\n"
