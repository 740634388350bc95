"""The log on disk: what is acknowledged stays, what is torn goes, what is damaged is refused."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liquest.errors import IntegrityError, UsageError
from liquest.vault.log import EMPTY, Log, leaf_hash, rebuild, verify_consistency, verify_inclusion

LINES = [b'{"n":%d}' % n for n in range(23)]


def made(folder: Path, lines: list[bytes] = LINES) -> Log:
    log = Log(folder)
    log.create()
    log.append(lines)
    return log


def test_empty(tmp_path: Path) -> None:
    log = made(tmp_path, [])
    assert (log.size, log.root(), list(log.lines())) == (0, EMPTY, [])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 6), max_size=8))
def test_batches_make_no_difference(tmp_path: Path, batches: list[int]) -> None:
    folder = tmp_path / "-".join(map(str, batches))
    log, lines = made(folder, []), [b"%d" % n for n in range(sum(batches))]
    at = 0
    for count in batches:
        assert log.append(lines[at : at + count]) == at
        at += count
    whole = made(folder / "whole", lines)
    assert log.root() == whole.root()
    assert (folder / "hashes").read_bytes() == (folder / "whole" / "hashes").read_bytes()
    assert list(Log(folder).lines()) == lines
    log.check_tree()


def test_proofs_from_disk(tmp_path: Path) -> None:
    log = made(tmp_path)
    for size in range(1, 24):
        root = log.root(size)
        for index in range(size):
            path = log.inclusion(index, size)
            verify_inclusion(leaf_hash(LINES[index]), index, size, path, root)
        verify_consistency(size, 23, log.consistency(size), root, log.root())
    for wrong in (lambda: log.inclusion(23), lambda: log.root(24), lambda: log.consistency(5, 4)):
        with pytest.raises(UsageError):
            wrong()


@pytest.mark.parametrize("file", ["entries", "hashes"])
@pytest.mark.parametrize("tail", [b"x", b"\0" * 700, b'{"n":23}\n'])
def test_a_torn_tail_is_cut(file: str, tail: bytes, tmp_path: Path) -> None:
    log = made(tmp_path)
    root = log.root()
    with (tmp_path / file).open("ab") as out:
        out.write(tail)
    again = Log(tmp_path)
    assert (again.size, again.root(), list(again.lines())) == (23, root, LINES)
    again.append([b"more"])
    assert list(Log(tmp_path).lines()) == [*LINES, b"more"]
    assert Log(tmp_path).root() == made(tmp_path / "w", [*LINES, b"more"]).root()


@pytest.mark.parametrize("file", ["entries", "hashes"])
def test_acknowledged_data_that_is_gone_is_refused(file: str, tmp_path: Path) -> None:
    made(tmp_path)
    raw = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(raw[:-1])
    with pytest.raises(IntegrityError, match=file) as refused:
        Log(tmp_path)
    assert refused.value.expected and refused.value.got


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    made(tmp_path)
    state = tmp_path / "state"
    good = state.read_text()
    for text in ("", "{", "[]", '{"size":1}', good.replace('"size": 23', '"size": 22')):
        state.write_text(text)
        with pytest.raises(IntegrityError):
            Log(tmp_path)
    state.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        Log(tmp_path)
    state.write_text(good)
    assert Log(tmp_path).size == 23


def test_an_inner_hash_that_is_wrong_is_found(tmp_path: Path) -> None:
    log = made(tmp_path)
    raw = bytearray((tmp_path / "hashes").read_bytes())
    raw[64] ^= 1
    (tmp_path / "hashes").write_bytes(raw)
    with pytest.raises(IntegrityError):
        log.check_tree()


def test_a_line_break_is_refused(tmp_path: Path) -> None:
    log = made(tmp_path)
    with pytest.raises(UsageError):
        log.append([b"a\nb"])
    assert log.size == 23


def test_writers_take_turns(tmp_path: Path) -> None:
    made(tmp_path, [])

    def write(name: str) -> None:
        log = Log(tmp_path)
        for n in range(25):
            log.append([f"{name}{n}".encode()])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = list(Log(tmp_path).lines())
    assert sorted(lines) == sorted(f"{a}{n}".encode() for a in "abcd" for n in range(25))
    Log(tmp_path).check_tree()
    for name in "abcd":
        mine = [line for line in lines if line.startswith(name.encode())]
        assert mine == [f"{name}{n}".encode() for n in range(25)]


def test_rebuilt_from_lines_alone(tmp_path: Path) -> None:
    log = made(tmp_path / "a")
    again = rebuild(tmp_path / "b", (tmp_path / "a" / "entries").read_bytes())
    assert again.root() == log.root()
    assert json.loads((tmp_path / "b" / "state").read_text())["size"] == 23
