"""The tree against known roots, a slow reference, and another implementation."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquest.errors import IntegrityError
from liquest.vault.alone.checks import roots
from liquest.vault.merkle import (
    EMPTY,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    range_root,
    stored_count,
    stored_index,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(h)
    for h in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
# The roots of the certificate-transparency test suite (merkle_tree_test.cc), sizes 0 to 8.
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def slow_root(lines: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\0" + lines[0]).digest()
    k = 1
    while k * 2 < len(lines):
        k *= 2
    return hashlib.sha256(b"\1" + slow_root(lines[:k]) + slow_root(lines[k:])).digest()


def slow_path(m: int, lines: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(lines) == 1:
        return []
    k = 1
    while k * 2 < len(lines):
        k *= 2
    if m < k:
        return [*slow_path(m, lines[:k]), slow_root(lines[k:])]
    return [*slow_path(m - k, lines[k:]), slow_root(lines[:k])]


def slow_proof(m: int, lines: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2, SUBPROOF."""
    if m == len(lines):
        return [] if whole else [slow_root(lines)]
    k = 1
    while k * 2 < len(lines):
        k *= 2
    if m <= k:
        return [*slow_proof(m, lines[:k], whole), slow_root(lines[k:])]
    return [*slow_proof(m - k, lines[k:], False), slow_root(lines[:k])]


class Row:
    """The stored hashes of a log of `lines`, in memory."""

    def __init__(self, lines: list[bytes]) -> None:
        self.hashes: list[bytes] = []
        levels: list[list[bytes]] = [[] for _ in range(len(lines).bit_length() + 1)]
        for line in lines:
            levels[0].append(leaf_hash(line))
            self.hashes.append(levels[0][-1])
            level = 0
            while len(levels[level]) % 2 == 0:
                levels[level + 1].append(node_hash(*levels[level][-2:]))
                level += 1
                self.hashes.append(levels[level][-1])

    def __call__(self, level: int, index: int) -> bytes:
        return self.hashes[stored_index(level, index)]


LINES = [b"line %d" % n for n in range(64)]
ROW = Row(LINES)


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    assert range_root(Row(LEAVES[:size]), 0, size).hex() == ROOTS[size]
    assert slow_root(LEAVES[:size]).hex() == ROOTS[size]
    assert roots(LEAVES[:size], [size])[size].hex() == ROOTS[size]


def test_row_is_dense() -> None:
    for size in range(65):
        row = Row(LINES[:size])
        assert len(row.hashes) == stored_count(size)
        places = {
            stored_index(level, index)
            for level in range(size.bit_length())
            for index in range(size >> level)
        }
        assert places == set(range(stored_count(size)))


@given(st.integers(1, 64), st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(ROW, index, size)
    root = range_root(ROW, 0, size)
    assert path == slow_path(index, LINES[:size])
    assert root == slow_root(LINES[:size]) == roots(LINES[:size], [size])[size]
    verify_inclusion(leaf_hash(LINES[index]), index, size, path, root)


def test_all_consistency_proofs() -> None:
    for new in range(65):
        for old in range(new + 1):
            path = consistency_path(ROW, old, new)
            if old:
                assert path == slow_proof(old, LINES[:new])
            verify_consistency(
                old, new, path, slow_root(LINES[:old]), slow_root(LINES[:new])
            )  # fmt: skip


@given(st.integers(2, 64), st.data())
def test_a_wrong_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(ROW, index, size), range_root(ROW, 0, size)
    leaf = leaf_hash(LINES[index])
    place = data.draw(st.integers(0, len(path) - 1))
    broken = [*path[:place], bytes(32), *path[place + 1 :]]
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    for wrong in (
        (leaf, index, size, broken, root),
        (leaf, index, size, path[:-1], root),
        (leaf, index, size, [*path, bytes(32)], root),
        (leaf, other, size, path, root),
        (leaf_hash(LINES[other]), index, size, path, root),
        (leaf, index, size, path, bytes(32)),
        (leaf, size, size, path, root),
        (leaf, -1, size, path, root),
    ):
        with pytest.raises(IntegrityError) as refused:
            verify_inclusion(*wrong)
        assert refused.value.expected and refused.value.got


@given(st.integers(2, 64), st.data())
def test_a_wrong_consistency_proof_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    path = consistency_path(ROW, old, new)
    first, second = slow_root(LINES[:old]), slow_root(LINES[:new])
    place = data.draw(st.integers(0, len(path) - 1))
    for wrong in (
        (old, new, [*path[:place], bytes(32), *path[place + 1 :]], first, second),
        (old, new, path[:-1], first, second),
        (old, new, [*path, bytes(32)], first, second),
        (old, new, [], first, second),
        (old, new, path, bytes(32), second),
        (old, new, path, first, bytes(32)),
        (new, old, path, first, second),
        (new, new, path, second, second),
        (new, new, [], first, second),
        (0, new, [], first, second),
    ):
        with pytest.raises(IntegrityError) as refused:
            verify_consistency(*wrong)
        assert refused.value.expected and refused.value.got


def test_two_logs_that_disagree_are_a_fork() -> None:
    with pytest.raises(IntegrityError, match="fork"):
        verify_consistency(3, 3, [], slow_root(LINES[:3]), slow_root(LINES[1:4]))
    with pytest.raises(IntegrityError, match="fork"):
        forked = Row([*LINES[:7], b"other", *LINES[8:]])
        path = consistency_path(forked, 8, 16)
        verify_consistency(8, 16, path, slow_root(LINES[:8]), range_root(forked, 0, 16))


def test_pymerkle_agrees() -> None:
    pymerkle = pytest.importorskip("pymerkle")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for line in LINES:
        tree.append_entry(line)
    for size in range(1, 65):
        assert tree.get_root(size) == range_root(ROW, 0, size)
    for index in (0, 1, 31, 40, 63):
        theirs = tree.prove_inclusion(index + 1, 64).path[1:]
        assert [bytes(h) for h in theirs] == inclusion_path(ROW, index, 64)
    assert range_root(ROW, 0, 0) == EMPTY
