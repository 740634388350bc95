"""The key of a register: it opens what is encrypted, and tags accounts.

The key is an age X25519 identity in the file NAME.key beside the register, readable by its
owner only. Whoever has the register without the key sees pseudonyms, classes, sums and states,
and no more; whoever loses the key loses the rest. An account is tagged by HMAC-SHA256 of venue
and uid under a secret derived from the key, so that one account is not entered twice, and nine
digits cannot be guessed from the tag by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import pyrage

from ...errors import InputError, IntegrityError, Text, UsageError

SUFFIX = ".key"
SALT = 32


def key_path(register: Path) -> Path:
    """Where the key of a register lies."""
    return register.with_name(register.name + SUFFIX)


@dataclass(frozen=True, repr=False)
class Key:
    """An opened key; it never prints itself."""

    identity: pyrage.x25519.Identity

    def tag(self, venue: str, uid: str) -> str:
        """The tag of an account, 64 hex digits."""
        secret = hashlib.sha256(b"liquest register tag\0" + str(self.identity).encode()).digest()
        return hmac.new(secret, f"{venue}\0{uid}".encode(), hashlib.sha256).hexdigest()

    def encrypt(self, data: bytes) -> bytes:
        """An age file that only this key opens."""
        return bytes(pyrage.encrypt(data, [self.identity.to_public()]))

    def decrypt(self, data: bytes, where: str) -> bytes:
        """Raises IntegrityError for what this key does not open, or what was changed."""
        try:
            return bytes(pyrage.decrypt(data, [self.identity]))
        except pyrage.DecryptError as error:
            raise IntegrityError(
                Text("this cannot be opened with the register's key", "登记册密钥无法打开此内容"),
                expected="an age file for this key", got=str(error), where=where,
                remedy=Text(
                    "Restore the key file that was made with this register, or the register from "
                    "its last copy.",
                    "请恢复与本登记册同时生成的密钥文件，或用最近的备份恢复登记册。",
                ),
            ) from None  # fmt: skip


def make_key(register: Path) -> Key:
    """A new key; raises UsageError where one lies already."""
    path = key_path(register)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(
            Text("there is a key already", "密钥已存在"), where=str(path),
            remedy=Text(
                "It may be the key of a register that was moved: keep it, and choose another name.",
                "它可能属于已移走的登记册：请保留，并另选名称。",
            ),
        ) from None  # fmt: skip
    identity = pyrage.x25519.Identity.generate()
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(f"{identity}\n")
        out.flush()
        os.fsync(out.fileno())
    return Key(identity)


def read_key(register: Path) -> Key:
    """The key beside a register; raises UsageError where it is missing, InputError where
    others may read it."""
    path = key_path(register)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise UsageError(
            Text("the register's key is not here", "登记册的密钥不在此处"), where=str(path),
            remedy=Text(
                "Put the key file beside the register. Without it personal files stay closed.",
                "请将密钥文件放回登记册旁。没有密钥，个人文件无法打开。",
            ),
        ) from None  # fmt: skip
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            Text("others on this machine may read the key", "本机其他用户可以读取密钥"),
            where=str(path), remedy=Text(f"chmod 600 {path.name}", f"chmod 600 {path.name}"),
        )  # fmt: skip
    try:
        return Key(pyrage.x25519.Identity.from_str(text))
    except pyrage.IdentityError as error:
        raise IntegrityError(
            Text("the key file holds no key", "密钥文件内容无效"),
            expected="AGE-SECRET-KEY-1…", got=str(error), where=str(path),
            remedy=Text("Restore it from a copy.", "请用备份恢复。"),
        ) from None  # fmt: skip
