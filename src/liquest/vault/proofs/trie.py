"""The Merkle-Patricia trie over a block's transactions (yellow paper, appendix D).

Keys are the RLP of the index, values the encoded transactions; the root of all of them
stands in the block header. `prove` gives the nodes from the root to one value,
`value_at` walks them and raises ValueError when a hash on the way does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .rlp import Item, decode, encode, keccak, number

EMPTY_ROOT = keccak(encode(b""))

Nibbles = tuple[int, ...]


def prove(values: Sequence[bytes], index: int) -> tuple[bytes, list[bytes]]:
    """(root, nodes from the root down to the value at `index`)."""
    if not 0 <= index < len(values):
        raise ValueError("no such index")
    items = [(_nibbles(_key(i)), value) for i, value in enumerate(values)]
    nodes: dict[bytes, bytes] = {}
    top = encode(_node(sorted(items), 0, nodes))
    nodes[keccak(top)] = top
    path: list[bytes] = []
    value_at(keccak(top), index, nodes.values(), path)
    return keccak(top), path


def value_at(
    root: bytes, index: int, nodes: Iterable[bytes], path: list[bytes] | None = None
) -> bytes:
    """The value at `index` below `root`; `path` collects the nodes that were needed."""
    known = {keccak(node): node for node in nodes}
    rest = _nibbles(_key(index))
    reference: Item = root
    while True:
        if isinstance(reference, bytes):
            if reference not in known:
                raise ValueError(f"no node has the hash {reference.hex()[:64] or '-'}")
            if path is not None:
                path.append(known[reference])
            node = decode(known[reference])
        else:
            node = reference
        if isinstance(node, bytes):
            raise ValueError("a node is no list")
        if len(node) == 17:
            if not rest:
                return _bytes(node[16])
            reference, rest = node[rest[0]], rest[1:]
            continue
        if len(node) != 2:
            raise ValueError("a node has a wrong number of fields")
        piece, leaf = _unpacked(_bytes(node[0]))
        if rest[: len(piece)] != piece:
            raise ValueError("the path leads to another key")
        rest = rest[len(piece) :]
        if leaf:
            if rest:
                raise ValueError("the path ends early")
            return _bytes(node[1])
        if not piece:
            raise ValueError("an extension leads nowhere")
        reference = node[1]


def _node(items: list[tuple[Nibbles, bytes]], depth: int, nodes: dict[bytes, bytes]) -> Item:
    if len(items) == 1:
        key, value = items[0]
        return [_packed(key[depth:], True), value]
    first, last = items[0][0], items[-1][0]
    shared = depth
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return [_packed(first[depth:shared], False), _reference(_node(items, shared, nodes), nodes)]
    slots: list[Item] = [b""] * 17
    for nibble in range(16):
        below = [item for item in items if len(item[0]) > depth and item[0][depth] == nibble]
        if below:
            slots[nibble] = _reference(_node(below, depth + 1, nodes), nodes)
    slots[16] = next((value for key, value in items if len(key) == depth), b"")
    return slots


def _reference(node: Item, nodes: dict[bytes, bytes]) -> Item:
    raw = encode(node)
    if len(raw) < 32:
        return node
    nodes[keccak(raw)] = raw
    return keccak(raw)


def _key(index: int) -> bytes:
    return encode(number(index))


def _nibbles(data: bytes) -> Nibbles:
    return tuple(half for byte in data for half in (byte >> 4, byte & 15))


def _packed(nibbles: Nibbles, leaf: bool) -> bytes:
    flag = 2 * leaf + len(nibbles) % 2
    whole = (flag, *nibbles) if len(nibbles) % 2 else (flag, 0, *nibbles)
    return bytes(16 * a + b for a, b in zip(whole[::2], whole[1::2], strict=True))


def _unpacked(data: bytes) -> tuple[Nibbles, bool]:
    nibbles = _nibbles(data)
    if not nibbles or nibbles[0] > 3:
        raise ValueError("a path has no known form")
    return nibbles[1:] if nibbles[0] & 1 else nibbles[2:], nibbles[0] >= 2


def _bytes(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise ValueError("bytes were expected")
    return item
