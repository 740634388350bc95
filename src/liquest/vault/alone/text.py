"""What is said, and the text forms that are checked: canonical JSON, keys, signed notes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any, NamedTuple

from .ed25519 import ed25519_valid

Words = tuple[str, str]
NONE: Words = ("", "")


class Found(NamedTuple):
    """One check: what was looked at, one of five words, and why, in English and Chinese."""

    name: str
    subject: str
    status: str
    assumption: Words
    detail: Words


class Broken(Exception):
    """Two things that must agree do not; the words of it in both languages."""

    def __init__(self, en: str, zh: str, expected: str = "", got: str = "") -> None:
        if expected or got:
            en, zh = f"{en}: expected {expected}, got {got}", f"{zh}：应为 {expected}，实为 {got}"
        super().__init__(en)
        self.words = (en, zh)


def canonical(value: Any) -> str:
    """RFC 8785 for values without floats: keys sorted by UTF-16."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(k)}:{canonical(value[k])}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return _text(value)


_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
in_order = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True
).encode


def parse(line: str) -> Any:
    """JSON without floats and without a key twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise ValueError("a key stands twice")
        return made

    def refuse(text: str) -> Any:
        raise ValueError(f"a float: {text}")

    return json.loads(line, object_pairs_hook=once, parse_float=refuse, parse_constant=refuse)


def checked_id(line: str, what: Words) -> dict[str, Any]:
    """The object of a line whose id is the SHA-256 of the rest of it."""
    try:
        data = parse(line)
        claimed = data.pop("id")
        # Below U+E000 the order of code points is that of UTF-16, and C sorts faster.
        form = in_order(data) if max(line) < "\ue000" else canonical(data)
        made = hashlib.sha256(form.encode()).hexdigest()
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise Broken(f"{what[0]} is not readable", f"{what[1]}无法读取", "an object with an id",
                     str(error)[:100]) from None  # fmt: skip
    if made != claimed:
        raise Broken(f"{what[0]} does not have the id it claims", f"{what[1]}编号与内容不符",
                     str(claimed)[:80], made)  # fmt: skip
    data["id"] = claimed
    return data  # type: ignore[no-any-return]


def b64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


class Key(NamedTuple):
    """A public key `name+hash+base64(01 ‖ key)`."""

    name: str
    hash: bytes
    public: bytes

    @classmethod
    def of(cls, vkey: str) -> Key:
        parts = vkey.strip().split("+", 2)
        raw = b64(parts[2]) if len(parts) == 3 else b""
        if len(raw) != 33 or raw[0] != 1 or vkey != vkey.strip() + "\n":
            raise Broken("this is no public key", "这不是公钥", "name+hash+key", vkey.strip()[:80])
        made = hashlib.sha256(parts[0].encode() + b"\n" + raw).digest()[:4]
        if made.hex() != parts[1]:
            raise Broken("the public key does not fit its hash", "公钥与其散列不符", parts[1],
                         made.hex())  # fmt: skip
        return cls(parts[0], made, raw[1:])


def signed_text(note: bytes, key: Key) -> str:
    """The text of a note with exactly one signature, by that key."""
    try:
        text, _, tail = note.decode("utf-8").rpartition("\n\n")
    except UnicodeDecodeError:
        text, tail = "", ""
    found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\n", tail)
    raw = b64(found[2]) if found else b""
    if found is None or len(raw) != 68:
        raise Broken("this is no signed note", "这不是签名文本", "text, blank line, one signature",
                     repr(note[-60:]))  # fmt: skip
    if found[1] != key.name or raw[:4] != key.hash:
        raise Broken("signed by another key", "签名出自另一把密钥", f"{key.name}+{key.hash.hex()}",
                     f"{found[1]}+{raw[:4].hex()}")  # fmt: skip
    if not ed25519_valid(key.public, (text + "\n").encode(), raw[4:]):
        raise Broken("the signature does not fit the text", "签名与内容不符", "a valid signature",
                     raw[4:20].hex() + "…")  # fmt: skip
    return text + "\n"
