"""The Merkle tree of RFC 6962 / RFC 9162, as arithmetic on hashes: no files here.

A leaf hashes as SHA-256(00 ‖ line), a node as SHA-256(01 ‖ left ‖ right), so that no
node can pass for a leaf. The largest power of two smaller than the size splits a tree.
`stored_index` puts the hashes of all complete subtrees into one flat row, in the order
in which they become complete: appending a leaf only ever adds at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from ..errors import IntegrityError, Text

EMPTY = hashlib.sha256(b"").digest()
"""The root of a log of no lines."""

Stored = Callable[[int, int], bytes]
"""(level, index) of a complete subtree → its hash; level 0 are the leaves."""


def leaf_hash(line: bytes) -> bytes:
    """SHA-256(00 ‖ line)."""
    return hashlib.sha256(b"\0" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def stored_index(level: int, index: int) -> int:
    """Where the hash of the subtree `index` of `level` stands in the flat row."""
    for _ in range(level):
        index = 2 * index + 1
    place = level
    while index:
        place += index
        index >>= 1
    return place


def stored_count(size: int) -> int:
    """How many hashes the row of a log of `size` lines holds."""
    return sum(size >> level for level in range(size.bit_length()))


def _peaks(start: int, end: int) -> list[tuple[int, int]]:
    """Complete subtrees that cover leaves `start` to `end`, left to right."""
    found = []
    while start < end:
        level = (start & -start).bit_length() - 1 if start else end.bit_length()
        while start + (1 << level) > end:
            level -= 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_root(stored: Stored, start: int, end: int) -> bytes:
    """The root over leaves `start` to `end`, where `start` begins a subtree."""
    peaks = [stored(level, index) for level, index in _peaks(start, end)]
    if not peaks:
        return EMPTY
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_path(stored: Stored, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` in a log of `size` lines (RFC 9162, 2.1.3.1)."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(stored, middle, end))
            end = middle
        else:
            path.append(range_root(stored, start, middle))
            start = middle
    return path[::-1]


def consistency_path(stored: Stored, old: int, new: int) -> list[bytes]:
    """Nodes that show that the first `old` lines of `new` are the old log (2.1.4.1)."""
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(stored, middle, end))
            end = middle
        else:
            path.append(range_root(stored, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_root(stored, start, end))
    return path[::-1]


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162, 2.1.3.2); raises on a wrong length."""
    if not 0 <= index < size:
        raise _refused("the line is not in a log of this size", "该条目不在此长度的日志内",
                       f"index below {size}", str(index))  # fmt: skip
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(path) != inner + border:
        raise _refused("the inclusion proof has a wrong length", "包含证明的长度不对",
                       f"{inner + border} hashes", f"{len(path)} hashes")  # fmt: skip
    root = leaf
    for level, node in enumerate(path[:inner]):
        root = node_hash(node, root) if index >> level & 1 else node_hash(root, node)
    for node in path[inner:]:
        root = node_hash(node, root)
    return root


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise IntegrityError unless `leaf` (a leaf hash) is line `index` of the log of `root`."""
    found = root_of_path(leaf, index, size, path)
    if found != root:
        raise _refused("the inclusion proof leads to another root", "包含证明指向另一个根",
                       root.hex(), found.hex())  # fmt: skip


def verify_consistency(
    old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raise IntegrityError unless the log of `new_root` begins with that of `old_root`."""
    if not 0 <= old <= new:
        raise _refused("a log cannot shrink", "日志不能变短", f"at least {old} lines", f"{new}")
    if old in (0, new):
        if path:
            raise _refused("the consistency proof has a wrong length", "一致性证明的长度不对",
                           "0 hashes", f"{len(path)} hashes")  # fmt: skip
        wanted = new_root if old else EMPTY
        if old_root != wanted:
            raise _refused("two roots of one size differ: a fork", "同一长度的两个根不同：日志分叉",
                           wanted.hex(), old_root.hex())  # fmt: skip
        return
    nodes = list(path)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    if not nodes:
        raise _short()
    first = second = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise _short()
        if here & 1 or here == last:
            first, second = node_hash(node, first), node_hash(node, second)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            second = node_hash(second, node)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise _short()
    if first != old_root:
        raise _refused("the log does not begin with the older log: a fork",
                       "日志的开头不是旧日志：日志分叉", old_root.hex(), first.hex())  # fmt: skip
    if second != new_root:
        raise _refused(
            "the proof leads to another root: a fork, or a wrong proof",
            "证明指向另一个根：日志分叉或证明有误", new_root.hex(), second.hex(),
        )  # fmt: skip


def _short() -> IntegrityError:
    return _refused("the consistency proof has a wrong length", "一致性证明的长度不对",
                    "the path of these sizes", "another number of hashes")  # fmt: skip


def _refused(en: str, zh: str, expected: str, got: str) -> IntegrityError:
    return IntegrityError(Text(en, zh), expected=expected, got=got)
