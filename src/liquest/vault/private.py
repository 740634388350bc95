"""Private items: encrypted at rest, and still committed to.

The object of a private item is an age file for the X25519 identity in vault/identity
(0600, never bundled), so its name and manifest digest are those of the ciphertext and
every check of a vault or bundle works on it unchanged. Within, a salt of 32 bytes goes
before the plaintext, and the item's `transform` says "age:" and SHA-256(salt ‖ plaintext).

The digest of the plaintext alone is written nowhere: of a short statement it could be
guessed by trying. Whoever is given the plaintext and its salt can check it against the
commitment; nobody else learns more than the name, the size and the time. The name of a
private item does stand in the manifest: choose one that may be read.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import BinaryIO, Unpack

import pyrage

from ..errors import IntegrityError, Text, UnreadableFile, UsageError
from .disk import writing
from .items import Item
from .store import Fields, Vault

AGE = "age:"
_SALT = 32


def is_private(item: Item) -> bool:
    """Whether the item's object is a ciphertext of this form."""
    return item.transform.startswith(AGE)


def seal_private(vault: Vault, data: bytes, **fields: Unpack[Fields]) -> Item:
    """Seal `data` encrypted; the item that is there if it was sealed so before.

    A `transform` among the fields follows the commitment: "age:COMMITMENT TRANSFORM".
    """
    identity = _identity(vault, make=True)
    kind = fields.get("transform", "")
    for item in vault.items():
        same = item.source == fields.get("source") and item.parent == fields.get("parent", "")
        if same and is_private(item) and _kind(item) == kind and reveal(vault, item) == data:
            return item
    salted = secrets.token_bytes(_SALT) + data
    transform = f"{AGE}{hashlib.sha256(salted).hexdigest()} {kind}".strip()
    sealed = pyrage.encrypt(salted, [identity.to_public()])
    said: Fields = {**fields, "transform": transform, "media_type": "application/age"}
    return vault.put(sealed, **said)


def seal_private_file(vault: Vault, path: Path, **fields: Unpack[Fields]) -> Item:
    """Seal a file of any size encrypted, without holding it in memory. Unlike `seal_private`
    it does not look for an item of the same bytes: the caller knows that there is none."""
    identity = _identity(vault, make=True)
    salt = secrets.token_bytes(_SALT)
    with path.open("rb") as plain, tempfile.TemporaryDirectory(dir=vault.root) as folder:
        sealed = Path(folder) / "sealed"
        salted = _Salted(salt, plain)
        with sealed.open("wb") as out:
            pyrage.encrypt_io(salted, out, [identity.to_public()])
        kind = fields.get("transform", "")
        said: Fields = {
            **fields, "transform": f"{AGE}{salted.digest()} {kind}".strip(),
            "media_type": "application/age",
        }  # fmt: skip
        return vault.put(sealed, **said)


class _Salted:
    """A file behind its salt, hashed as it is read."""

    def __init__(self, salt: bytes, plain: BinaryIO) -> None:
        self._first, self._plain, self._total = salt, plain, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, the salt first."""
        piece, self._first = (self._first, b"") if self._first else (self._plain.read(size), b"")
        self._total.update(piece)
        return piece

    def digest(self) -> str:
        """SHA-256 of salt and file, once all was read."""
        return self._total.hexdigest()


def reveal(vault: Vault, item: Item) -> bytes:
    """The plaintext of a private item, held against its commitment.

    Raises UsageError without the identity, IntegrityError when the ciphertext is not for
    it or does not hold what was committed to.
    """
    identity = _identity(vault, make=False)
    try:
        salted: bytes = pyrage.decrypt(vault.path_of(item.sha256).read_bytes(), [identity])
    except pyrage.DecryptError as error:
        raise IntegrityError(
            Text("the private item cannot be decrypted", "私密条目无法解密"),
            expected="a ciphertext for the key in vault/identity", got=str(error),
            where=item.source,
        ) from None  # fmt: skip
    except OSError as error:
        raise UnreadableFile(
            Text("the sealed object is not there", "封存对象不存在"),
            where=str(vault.path_of(item.sha256)),
        ) from error
    committed = item.transform.removeprefix(AGE).split(" ")[0]
    if (got := hashlib.sha256(salted).hexdigest()) != committed:
        raise IntegrityError(
            Text("the private item is not what was committed to", "私密条目与承诺值不符"),
            expected=committed, got=got, where=item.source,
        )  # fmt: skip
    return salted[_SALT:]


def plaintext(vault: Vault, item: Item) -> bytes:
    """The bytes that an item stands for, private or not, held against its digest."""
    if is_private(item):
        return reveal(vault, item)
    data = vault.path_of(item.sha256).read_bytes()
    if (got := hashlib.sha256(data).hexdigest()) != item.sha256:
        raise IntegrityError(
            Text("a sealed object was changed", "封存对象被改动"),
            expected=item.sha256, got=got, where=item.source,
        )  # fmt: skip
    return data


def _kind(item: Item) -> str:
    return item.transform.partition(" ")[2]


def _identity(vault: Vault, *, make: bool) -> pyrage.x25519.Identity:
    path = vault.root / "identity"
    with vault.log.writing(), writing(vault.root):
        if make and not path.exists():
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            _write_secret(fresh, f"{pyrage.x25519.Identity.generate()}\n")
            fresh.replace(path)
    if not path.exists():
        raise UsageError(
            Text("the key that opens private items is not here", "打开私密条目的密钥不在这里"),
            where=str(path), remedy=Text("Restore vault/identity.", "请恢复 vault/identity。"),
        )  # fmt: skip
    try:
        return pyrage.x25519.Identity.from_str(path.read_text(encoding="utf-8").strip())
    except pyrage.IdentityError as error:
        raise IntegrityError(
            Text("vault/identity is no age identity", "vault/identity 不是 age 身份密钥"),
            expected="AGE-SECRET-KEY-1…", got=str(error), where=str(path),
        ) from None  # fmt: skip


def _write_secret(path: Path, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
