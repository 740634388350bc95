"""Bitcoin block headers that the verifier brings along: 80 bytes each.

Either raw records from block 0 on (what `bitcoin-cli getblockheader HASH false` prints,
joined), or JSON {height: hex} for single blocks. A header commits to the Merkle root of
its block and carries its own proof of work; that it is in the chain remains assumed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ...errors import InputError, Text

SIZE = 80
_LARGEST_JSON = 64 << 20


class Header(NamedTuple):
    """One block header, still in its 80 bytes."""

    raw: bytes

    @property
    def id(self) -> str:
        """The block hash as explorers print it, byte-reversed."""
        return hashlib.sha256(hashlib.sha256(self.raw).digest()).digest()[::-1].hex()

    @property
    def merkle_root(self) -> bytes:
        return self.raw[36:68]

    @property
    def previous(self) -> bytes:
        return self.raw[4:36]

    @property
    def time(self) -> int:
        """Seconds since 1970, as the miner set it: right within about two hours."""
        return int.from_bytes(self.raw[68:72], "little")

    @property
    def worked(self) -> bool:
        """Whether the hash is below the target that the header itself names (nBits)."""
        bits = int.from_bytes(self.raw[72:76], "little")
        size, mantissa = bits >> 24, bits & 0x7FFFFF
        if bits & 0x800000 or not 0 < size <= 32:
            return False
        return int(self.id, 16) <= mantissa << 8 * max(0, size - 3) >> 8 * max(0, 3 - size)


class Headers:
    """Headers by height, from a file; raises InputError when it holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._some: Mapping[int, bytes] | None = None
        try:
            with path.open("rb") as stream:
                start = stream.read(64)
            size = path.stat().st_size
            if start.lstrip()[:1] == b"{":
                if size > _LARGEST_JSON:
                    raise ValueError("too large for JSON; give raw 80-byte records")
                table = json.loads(path.read_text(encoding="utf-8"))
                self._some = {int(h): bytes.fromhex(str(x)) for h, x in table.items()}
                if any(len(raw) != SIZE for raw in self._some.values()):
                    raise ValueError("a header is not 80 bytes")
            elif not size or size % SIZE:
                raise ValueError(f"{size} bytes are no whole number of 80-byte headers")
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(
                Text(f"no block headers can be read: {error}", f"无法读取区块头：{error}"),
                where=str(path),
                remedy=Text(
                    "Give 80-byte headers from block 0 on, or JSON {height: hex}.",
                    "请提供自 0 号区块起的 80 字节区块头，或 JSON {高度: 十六进制}。",
                ),
            ) from None

    def at(self, height: int) -> Header | None:
        """The header of a block, None when the file does not reach it."""
        if self._some is not None:
            raw = self._some.get(height, b"")
        else:
            with self._path.open("rb") as stream:
                stream.seek(height * SIZE)
                raw = stream.read(SIZE)
        return Header(raw) if len(raw) == SIZE else None

    def linked(self, height: int) -> bool:
        """Whether the header names the one before it, where the file has that one."""
        header, before = self.at(height), self.at(height - 1) if height else None
        if header is None or before is None:
            return True
        return header.previous == bytes.fromhex(before.id)[::-1]
