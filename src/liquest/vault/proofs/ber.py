"""Just enough BER (X.690) to tell a token in another encoding from a broken one.

RFC 3161 asks for DER and `rfc3161-client` insists on it; some authorities answer BER
all the same. Such a token is *unsupported*; bytes that are no BER either are *invalid*.
"""

from __future__ import annotations

_OCTETS = 0x04
_DEPTH = 40


def octet_strings(data: bytes) -> list[bytes] | None:
    """Every primitive OCTET STRING in one complete BER value, or None when it is no BER.

    Contents that are themselves BER are looked into, as the TSTInfo of a token is.
    """
    found: list[bytes] = []
    try:
        end = _walk(data, 0, len(data), 0, found)
    except (ValueError, IndexError):
        return None
    return found if end == len(data) else None


def _walk(data: bytes, at: int, end: int, depth: int, found: list[bytes]) -> int:
    """Position after the value at `at`."""
    if depth > _DEPTH:
        raise ValueError("too deep")
    if data[at] == _OCTETS | 0x20:
        # One string in pieces (X.690 8.7.3), as Java's encoders write it.
        pieces: list[bytes] = []
        at = _contents(data, at, end, depth, pieces)
        _found(b"".join(pieces), found)
        return at
    return _contents(data, at, end, depth, found)


def _contents(data: bytes, at: int, end: int, depth: int, found: list[bytes]) -> int:
    tag, length, start = _head(data, at, end)
    if length is None:
        if not tag & 0x20:
            raise ValueError("a primitive value needs its length")
        at = start
        while data[at : at + 2] != b"\0\0":
            at = _walk(data, at, end, depth + 1, found)
        return at + 2
    stop = start + length
    if stop > end:
        raise ValueError("longer than the whole")
    if tag & 0x20:
        at = start
        while at < stop:
            at = _walk(data, at, stop, depth + 1, found)
        return stop
    if tag == _OCTETS:
        _found(data[start:stop], found)
    return stop


def _found(content: bytes, found: list[bytes]) -> None:
    found.append(content)
    if content[:1] == b"\x30":
        found.extend(octet_strings(content) or ())


def _head(data: bytes, at: int, end: int) -> tuple[int, int | None, int]:
    """(tag, length or None when indefinite, where the contents start)."""
    if at + 2 > end:
        raise ValueError("cut off")
    tag = data[at]
    at += 1
    if tag & 0x1F == 0x1F:
        while data[at] & 0x80:
            at += 1
        at += 1
    first = data[at]
    at += 1
    if first < 0x80:
        return tag, first, at
    if first == 0x80:
        return tag, None, at
    size = first & 0x7F
    if size > 8 or at + size > end:
        raise ValueError("no such length")
    return tag, int.from_bytes(data[at : at + size], "big"), at + size
