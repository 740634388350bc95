"""Signed notes and checkpoints, in the text forms of C2SP signed-note and tlog-checkpoint.

    origin                      which log this is
    12                          how many lines it has
    base64 of the root hash

    — name base64(key hash ‖ Ed25519 signature)

The signature covers the text up to and with the line break before the blank line. A
public key travels as `name+key hash+base64(01 ‖ key)`; the key hash is the beginning of
SHA-256(name ‖ 0A ‖ 01 ‖ key), so that a key under another name is another key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..errors import IntegrityError, Text, UsageError

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


def _key_hash(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A public key under its name."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return _key_hash(self.name, self.public)

    def vkey(self) -> str:
        """The key as text, one line."""
        return f"{self.name}+{self.hash.hex()}+{_b64(_ED25519 + self.public)}"

    @classmethod
    def of(cls, vkey: str, where: str = "") -> Verifier:
        """The key of a vkey line; raises IntegrityError when it does not fit its own hash."""
        parts = vkey.removesuffix("\n").split("+", 2)
        raw = _decoded(parts[2]) if len(parts) == 3 else b""
        if len(raw) != 33 or raw[:1] != _ED25519 or not _good_name(parts[0]):
            raise _refused("this is no public key", "这不是公钥", "name+hash+base64(01 ‖ 32 bytes)",
                           vkey.strip()[:120], where)  # fmt: skip
        made = cls(parts[0], raw[1:])
        if made.hash.hex() != parts[1]:
            raise _refused("the public key does not fit its hash", "公钥与其散列不符",
                           parts[1], made.hash.hex(), where)  # fmt: skip
        return made

    def verify(self, note: bytes, where: str = "") -> str:
        """The text of a note that this key has signed; else IntegrityError."""
        text, signatures = split_note(note, where)
        ours = [raw for name, raw in signatures if name == self.name and raw[:4] == self.hash]
        if not ours:
            others = ", ".join(f"{name}+{raw[:4].hex()}" for name, raw in signatures)
            raise _refused("the note is signed by another key", "签名出自另一把密钥",
                           f"{self.name}+{self.hash.hex()}", others or "no signature",
                           where)  # fmt: skip
        for raw in ours:
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(raw[4:], text.encode())
            except (InvalidSignature, ValueError):
                raise _refused("the signature does not fit the text", "签名与内容不符",
                               f"a signature of {self.name} over this text",
                               raw[4:].hex()[:32] + "…", where) from None  # fmt: skip
        return text


@dataclass(frozen=True)
class Signer:
    """A private key under its name. Never printed, never bundled."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @classmethod
    def make(cls, name: str) -> Signer:
        """A new key."""
        key = Ed25519PrivateKey.generate()
        return cls(name, key.private_bytes_raw())

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        return Verifier(self.name, key.public_key().public_bytes_raw())

    def text(self) -> str:
        """The key file: PRIVATE+KEY+name+hash+base64(01 ‖ seed)."""
        return f"{_PRIVATE}{self.name}+{self.verifier.hash.hex()}+{_b64(_ED25519 + self.seed)}\n"

    @classmethod
    def of(cls, text: str, where: str = "") -> Signer:
        """The key of a key file."""
        parts = text.strip().removeprefix(_PRIVATE).split("+", 2)
        raw = _decoded(parts[2]) if len(parts) == 3 and text.startswith(_PRIVATE) else b""
        if len(raw) != 33 or raw[:1] != _ED25519:
            raise _refused("this is no private key", "这不是私钥", _PRIVATE + "name+hash+…",
                           "something else", where)  # fmt: skip
        made = cls(parts[0], raw[1:])
        if made.text() != text:
            raise _refused("the private key file was changed", "私钥文件被改动",
                           made.verifier.hash.hex(), parts[1][:16], where)  # fmt: skip
        return made

    def sign(self, text: str) -> bytes:
        """The signed note of `text`, which ends with a line break."""
        if not text.endswith("\n"):
            raise UsageError(Text("a note must end with a line break", "签名文本须以换行结尾"))
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n— {self.name} {_b64(self.verifier.hash + signature)}\n".encode()


class Checkpoint(NamedTuple):
    """A log's origin, size and root hash."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"

    @classmethod
    def of(cls, text: str, where: str = "") -> Checkpoint:
        """The checkpoint of a note's text."""
        lines = text.split("\n")
        if len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
            raise _refused("the note is no checkpoint", "该签名文本不是检查点",
                           "origin, size, root", repr(text[:120]), where)  # fmt: skip
        root = _decoded(lines[2])
        if len(root) != 32:
            raise _refused("the checkpoint's root is no SHA-256", "检查点的根不是 SHA-256",
                           "32 bytes in base64", lines[2][:60], where)  # fmt: skip
        return cls(lines[0], int(lines[1]), root)


def split_note(note: bytes, where: str = "") -> tuple[str, list[tuple[str, bytes]]]:
    """The text (with its last line break) and the (name, key hash ‖ signature) pairs."""
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        whole = ""
    head, blank, tail = whole.rpartition("\n\n")
    signatures: list[tuple[str, bytes]] = []
    for line in tail.removesuffix("\n").split("\n") if tail.endswith("\n") else []:
        found = _SIGNATURE.fullmatch(line)
        raw = _decoded(found[2]) if found else b""
        if found is None or len(raw) < 5:
            signatures = []
            break
        signatures.append((found[1], raw))
    if not blank or not signatures or any(c < " " and c != "\n" for c in whole):
        raise _refused("this is no signed note", "这不是签名文本",
                       "text, a blank line, signature lines", repr(whole[-120:]),
                       where)  # fmt: skip
    return head + "\n", signatures


def make_key(folder: Path, name: str) -> Signer:
    """A new key pair in `folder`: `key` (0600, never leaves it) and `key.pub`."""
    made = Signer.make(name)
    fresh = folder / "key.new"
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(made.text())
        out.flush()
        os.fsync(out.fileno())
    public = folder / "key.pub.new"
    public.write_text(made.verifier.vkey() + "\n", encoding="utf-8")
    # The private half goes last: its presence says that the pair is whole.
    public.replace(folder / "key.pub")
    fresh.replace(folder / "key")
    return made


def read_key(folder: Path) -> Signer:
    """The private key of `folder`; IntegrityError when it is not that of key.pub."""
    path = folder / "key"
    if not path.exists():
        raise UsageError(
            Text("the private key of this vault is not here", "此证据库的私钥不在这里"),
            where=str(path),
            remedy=Text(
                "Seal where the key is, or restore vault/key.",
                "请在有私钥处封存，或恢复 vault/key。",
            ),
        )  # fmt: skip
    signer = Signer.of(path.read_text(encoding="utf-8"), str(path))
    public = read_public(folder)
    if signer.verifier != public:
        raise _refused("the private key is not that of key.pub: a wrong key",
                       "私钥与 key.pub 不配对：密钥错误", public.vkey(), signer.verifier.vkey(),
                       str(path))  # fmt: skip
    return signer


def read_public(folder: Path) -> Verifier:
    """The public key of `folder`."""
    path = folder / "key.pub"
    if not path.exists():
        raise _refused(
            "the public key is missing", "缺少公钥", "key.pub", "no such file", str(path)
        )
    text = path.read_text(encoding="utf-8", errors="replace")
    found = Verifier.of(text, str(path))
    if text != f"{found.vkey()}\n":
        raise _refused("the public key file was changed", "公钥文件被改动", found.vkey(),
                       repr(text[-80:]), str(path))  # fmt: skip
    return found


def _good_name(name: str) -> bool:
    return bool(name) and not re.search(r"[\s+]", name)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    # One text a value: padding bits that decode to the same bytes are refused.
    return raw if _b64(raw) == text else b""


def _refused(en: str, zh: str, expected: str, got: str, where: str) -> IntegrityError:
    return IntegrityError(Text(en, zh), expected=expected, got=got, where=where)
