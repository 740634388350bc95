"""Arweave: the checkpoint itself as a signed data item (ANS-104), permanent once bundled.

    signature type   2 bytes, little-endian: 1 RSA-PSS 4096 (Arweave), 2 Ed25519
    signature, owner 512 + 512 bytes, or 64 + 32
    target, anchor   a presence byte each, 0 here
    tags             two counts of 8 bytes, then Avro: an array of (name, value)
    data             the bytes of the checkpoint

Signed is the deep hash (SHA-384 over the structure, arweave.org "deepHash") of
["dataitem", "1", type, owner, target, anchor, tags, data]; the id is the base64url of
SHA-256(signature). The item is stored before it is uploaded. The signature alone says who
signed; that the item is on Arweave, and so since when, remains the assumption.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ...errors import Text, UsageError
from ..check import Check
from .config import ArweaveConfig, ProveConfig, Trust
from .stored import CHECKPOINT, Made, Stored, digest_of
from .targets import Target, Verdict, assuming, invalid, pending, quoted, unsupported
from .wire import Wire, refused

KIND = "arweave"
ITEM, RECEIPT = "item.bin", "receipt.json"
RSA, ED25519 = 1, 2

_SIZES = {RSA: (512, 512), ED25519: (64, 32)}
"""(signature, owner) in bytes, by signature type."""
_LIMIT = 1 << 20
_MOST_TAGS, _TAG_BYTES = 128, 4096
_SIGN = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
_VERIFY = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
"""Arweave's libraries sign with different salt lengths; all of them are accepted there."""

Key: TypeAlias = rsa.RSAPrivateKey | Ed25519PrivateKey
Tags: TypeAlias = Sequence[tuple[bytes, bytes]]
Deep: TypeAlias = "bytes | list[Deep]"


class Item(NamedTuple):
    """A data item, taken apart."""

    type: int
    signature: bytes
    owner: bytes
    target: bytes
    anchor: bytes
    tags: bytes
    data: bytes

    @property
    def id(self) -> str:
        return _b64url(hashlib.sha256(self.signature).digest())

    @property
    def message(self) -> bytes:
        """What the signature covers."""
        return deep_hash(
            [
                b"dataitem", b"1", str(self.type).encode(), self.owner, self.target,
                self.anchor, self.tags, self.data,
            ]
        )  # fmt: skip

    def pack(self) -> bytes:
        counts = len(read_tags(self.tags)).to_bytes(8, "little")
        return b"".join(
            (
                self.type.to_bytes(2, "little"), self.signature, self.owner,
                _optional(self.target), _optional(self.anchor),
                counts, len(self.tags).to_bytes(8, "little"), self.tags, self.data,
            )
        )  # fmt: skip

    def signed(self) -> bool:
        """Whether the signature is the owner's over this item."""
        try:
            if self.type == ED25519:
                Ed25519PublicKey.from_public_bytes(self.owner).verify(self.signature, self.message)
            else:
                modulus = int.from_bytes(self.owner, "big")
                public = rsa.RSAPublicNumbers(65537, modulus).public_key()
                public.verify(self.signature, self.message, _VERIFY, hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def deep_hash(value: Deep) -> bytes:
    """SHA-384 over a structure of bytes and lists, as Arweave signs it."""
    if isinstance(value, bytes):
        tag = hashlib.sha384(b"blob%d" % len(value)).digest()
        return hashlib.sha384(tag + hashlib.sha384(value).digest()).digest()
    total = hashlib.sha384(b"list%d" % len(value)).digest()
    for part in value:
        total = hashlib.sha384(total + deep_hash(part)).digest()
    return total


def make_item(data: bytes, tags: Tags, key: Key) -> Item:
    """A signed data item."""
    if isinstance(key, Ed25519PrivateKey):
        made = Item(ED25519, b"", key.public_key().public_bytes_raw(), b"", b"",
                    write_tags(tags), data)  # fmt: skip
        return made._replace(signature=key.sign(made.message))
    owner = key.public_key().public_numbers().n.to_bytes(512, "big")
    made = Item(RSA, b"", owner, b"", b"", write_tags(tags), data)
    return made._replace(signature=key.sign(made.message, _SIGN, hashes.SHA256()))


def read_item(raw: bytes) -> Item:
    """The item in `raw`; raises ValueError, NotImplementedError at other signature types."""
    kind = int.from_bytes(raw[:2], "little")
    if kind not in _SIZES:
        raise NotImplementedError(f"signature type {kind}")
    signature_size, owner_size = _SIZES[kind]
    at = 2 + signature_size
    signature, owner = raw[2:at], raw[at : at + owner_size]
    at += owner_size
    target, at = _read_optional(raw, at)
    anchor, at = _read_optional(raw, at)
    if len(raw) < at + 16:
        raise ValueError("cut off")
    count, size = (int.from_bytes(raw[p : p + 8], "little") for p in (at, at + 8))
    at += 16
    if size > _TAG_BYTES or count > _MOST_TAGS or len(raw) < at + size:
        raise ValueError("more tags than allowed")
    tags = raw[at : at + size]
    if len(read_tags(tags)) != count:
        raise ValueError("the number of tags is not the one that is named")
    return Item(kind, signature, owner, target, anchor, tags, raw[at + size :])


def write_tags(tags: Tags) -> bytes:
    """Avro: one block of records of two byte strings, then the empty block."""
    if not tags:
        return b""
    body = b"".join(_zigzag(len(part)) + part for tag in tags for part in tag)
    return _zigzag(len(tags)) + body + b"\0"


def read_tags(raw: bytes) -> list[tuple[bytes, bytes]]:
    """The tags of an Avro array; raises ValueError."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(raw):
        count, at = _read_zigzag(raw, at)
        if count < 0:
            # A negative count is followed by the size of its block in bytes.
            count, (_, at) = -count, _read_zigzag(raw, at)
        if count == 0:
            break
        if count + len(found) > _MOST_TAGS:
            raise ValueError("more tags than allowed")
        for _ in range(count):
            name, at = _read_bytes(raw, at)
            value, at = _read_bytes(raw, at)
            found.append((name, value))
    if at != len(raw):
        raise ValueError("bytes after the tags")
    return found


@dataclass(frozen=True)
class Gateway:
    """A bundler's upload address."""

    config: ArweaveConfig
    kind: str = KIND

    @property
    def source(self) -> str:
        return self.config.gateway

    def obtain(self, checkpoint: bytes, old: Stored | None, wire: Wire) -> Iterator[Made]:
        """First the signed item, then the gateway's answer that names the same id."""
        if old is None:
            tags = [
                (b"Content-Type", b"text/plain"),
                (b"App-Name", b"Liquest"),
                (b"Checkpoint-SHA-256", digest_of(checkpoint).encode()),
            ]
            item = make_item(checkpoint, tags, read_wallet(self.config.wallet))
            made = Made({ITEM: item.pack()}, {"id": item.id})
            yield made
        else:
            made = Made(old.files, old.facts)
        raw = wire.post(
            self.source, made.files[ITEM], limit=_LIMIT,
            headers={"Content-Type": "application/octet-stream"},
        )  # fmt: skip
        try:
            named = json.loads(raw)["id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise refused(self.source, "its answer names no id", "应答未给出编号") from None
        if named != made.facts["id"]:
            raise refused(
                self.source, f"it answers for {str(named)[:60]!r}, not for {made.facts['id']}",
                f"应答的编号为 {str(named)[:60]!r}，而非 {made.facts['id']}",
            )  # fmt: skip
        yield Made({**made.files, RECEIPT: raw}, made.facts)


def read_wallet(path: Path) -> Key:
    """The key of a wallet: JWK (RSA 4096), or PEM (Ed25519 or RSA 4096)."""
    try:
        raw = path.read_bytes()
        key = (
            serialization.load_pem_private_key(raw, None)
            if raw.lstrip().startswith(b"-----BEGIN")
            else _jwk(json.loads(raw))
        )
    except (OSError, ValueError, TypeError, KeyError):
        # Without the cause: it may quote the key.
        key = None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and _arweave_size(key):
        return key
    raise UsageError(
        Text("no wallet can be read", "无法读取钱包"), where=str(path),
        remedy=Text(
            "Give an Arweave wallet (JWK, RSA 4096) or an Ed25519 key in PEM.",
            "请提供 Arweave 钱包（JWK，RSA 4096）或 PEM 格式的 Ed25519 密钥。",
        ),
    )  # fmt: skip


def targets(config: ProveConfig) -> list[Target]:
    return [Gateway(config.arweave)] if config.arweave else []


def verify(stored: Stored, checkpoint: bytes, trust: Trust) -> Check:
    """Offline: id, signature, and that the payload is the checkpoint."""
    del trust
    return _verdict(stored, checkpoint).check(KIND, stored.subject)


def commands(stored: Stored) -> list[str]:
    """Fetch the data by its id and compare it with the checkpoint."""
    return [
        f"curl -sL https://arweave.net/{stored.facts.get('id', '')}"
        f" | cmp - {quoted(stored.path.parent / CHECKPOINT)}"
    ]


def _verdict(stored: Stored, checkpoint: bytes) -> Verdict:
    try:
        item = read_item(stored.file(ITEM))
    except NotImplementedError as error:
        return unsupported(f"not known here: {error}", f"不支持：{error}")
    except ValueError as error:
        return invalid(
            Text("this is no data item", "这不是数据项"),
            expected="ANS-104", got=str(error)[:120],
        )  # fmt: skip
    if item.data != checkpoint:
        return invalid(
            Text("the data item is for something else", "数据项针对的是其他内容"),
            expected=f"SHA-256 {digest_of(checkpoint)}", got=digest_of(item.data),
        )  # fmt: skip
    if item.id != stored.facts.get("id"):
        return invalid(
            Text("the data item has another id", "数据项编号不符"),
            expected=str(stored.facts.get("id")), got=item.id,
        )  # fmt: skip
    if not item.signed():
        return invalid(
            Text("the signature of the data item does not hold", "数据项签名无效"),
            expected="a signature of its owner", got=item.signature.hex()[:32] + "…",
        )  # fmt: skip
    if RECEIPT not in stored.files:
        return pending(
            f"data item {item.id} is signed and not yet uploaded; run prove again",
            f"数据项 {item.id} 已签名，尚未上传；请再次运行 prove",
        )
    owner = _b64url(hashlib.sha256(item.owner).digest())
    return assuming(
        Text(f"Arweave holds the data item {item.id}", f"Arweave 上存有数据项 {item.id}"),
        f"signed by the wallet {owner}, accepted by {stored.source}",
        f"由钱包 {owner} 签名，{stored.source} 已受理",
    )


def _arweave_size(key: rsa.RSAPrivateKey) -> bool:
    # The owner field is the bare modulus, 512 bytes; the exponent goes without saying.
    return key.key_size == 4096 and key.public_key().public_numbers().e == 65537


def _jwk(table: Mapping[str, str]) -> rsa.RSAPrivateKey:
    def number(name: str) -> int:
        text = table[name]
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")

    n, e, d = number("n"), number("e"), number("d")
    if "p" in table and "q" in table:
        p, q = number("p"), number("q")
    else:
        p, q = rsa.rsa_recover_prime_factors(n, e, d)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(e, n),
    ).private_key()  # fmt: skip


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _optional(value: bytes) -> bytes:
    return b"\x01" + value if value else b"\0"


def _read_optional(raw: bytes, at: int) -> tuple[bytes, int]:
    flag = raw[at : at + 1]
    if flag == b"\0":
        return b"", at + 1
    if flag != b"\x01" or len(raw) < at + 33:
        raise ValueError("a presence byte is neither 0 nor 1")
    return raw[at + 1 : at + 33], at + 33


def _zigzag(value: int) -> bytes:
    value = value << 1 ^ value >> 63
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _read_zigzag(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 63, 7):
        if at >= len(raw):
            raise ValueError("cut off")
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value >> 1 ^ -(value & 1), at
    raise ValueError("a number is too long")


def _read_bytes(raw: bytes, at: int) -> tuple[bytes, int]:
    size, at = _read_zigzag(raw, at)
    if size < 0 or at + size > len(raw):
        raise ValueError("cut off")
    return raw[at : at + size], at + size
