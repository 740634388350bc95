"""Recursive length prefix (Ethereum yellow paper, appendix B), and Keccak-256.

An item is bytes or a list of items. Decoding is strict: one canonical encoding for each
item, so that a hash over it names one thing only.
"""

from __future__ import annotations

from typing import TypeAlias

from Cryptodome.Hash import keccak as _keccak

Item: TypeAlias = "bytes | list[Item]"

_DEPTH = 32


def keccak(data: bytes) -> bytes:
    """Keccak-256 as Ethereum has it: not SHA3-256, the padding differs."""
    return _keccak.new(digest_bits=256, data=data).digest()


def encode(item: Item) -> bytes:
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    body = b"".join(encode(part) for part in item)
    return _prefix(len(body), 0xC0) + body


def decode(data: bytes) -> Item:
    """The one item that `data` is; raises ValueError."""
    item, end = _item(data, 0, 0)
    if end != len(data):
        raise ValueError("RLP: bytes after the end")
    return item


def fields(data: bytes) -> list[Item]:
    """The list that `data` is; raises ValueError."""
    item = decode(data)
    if isinstance(item, bytes):
        raise ValueError("RLP: a list was expected")
    return item


def number(value: int) -> bytes:
    """A whole number as RLP carries it: big-endian without leading zeros."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def integer(item: Item) -> int:
    """The number in an item; raises ValueError at a list or leading zeros."""
    if not isinstance(item, bytes) or item[:1] == b"\0" or len(item) > 32:
        raise ValueError("RLP: a number was expected")
    return int.from_bytes(item, "big")


def _prefix(size: int, base: int) -> bytes:
    if size < 56:
        return bytes([base + size])
    length = number(size)
    return bytes([base + 55 + len(length)]) + length


def _item(data: bytes, at: int, depth: int) -> tuple[Item, int]:
    if at >= len(data) or depth > _DEPTH:
        raise ValueError("RLP: cut off or too deep")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    base = 0x80 if first < 0xC0 else 0xC0
    size, start = first - base, at + 1
    if size > 55:
        width = size - 55
        start += width
        length = data[at + 1 : start]
        size = int.from_bytes(length, "big")
        if len(length) != width or length[:1] == b"\0" or size < 56:
            raise ValueError("RLP: a length is not in its shortest form")
    end = start + size
    if end > len(data):
        raise ValueError("RLP: cut off")
    if base == 0x80:
        if size == 1 and data[start] < 0x80:
            raise ValueError("RLP: a byte is not in its shortest form")
        return data[start:end], end
    items: list[Item] = []
    while start < end:
        item, start = _item(data, start, depth + 1)
        items.append(item)
    if start != end:
        raise ValueError("RLP: a list is longer than it says")
    return items, end
