"""What is written reads back as the very same accounts; what is damaged costs its accounts only."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from _made_accounts import SYMBOLS, TIERS, accounts, read
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError, LiquestError, OutputError
from liquest.replay.accounts import LONG, Account, Position, Wallet, contract
from liquest.replay.positions import read_positions
from liquest.replay.positions_columns import ALIASES, COLUMNS, column, likely
from liquest.replay.positions_writer import write_positions


def unique(made: list[Account]) -> list[Account]:
    return list({one.id: one for one in made}.values())


@given(st.lists(accounts(), max_size=6).map(unique))
@settings(max_examples=120, deadline=None)
def test_written_accounts_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, made: list[Account]
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    assert write_positions(path, iter(made)) == len(made)
    found, problems = read_positions(path, tiers=TIERS, classes=("fund-a", "自营"))
    assert problems == []
    assert found == made


@given(accounts())
@settings(max_examples=60)
def test_no_cell_runs_as_a_formula(tmp_path_factory: pytest.TempPathFactory, one: Account) -> None:
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    write_positions(path, [one])
    with path.open(encoding="utf-8", newline="") as text:
        for cells in csv.reader(text):
            for cell in cells:
                assert not cell.startswith(("=", "@", "+", "\t", "\r"))
                assert not cell.startswith("-") or Decimal(cell) < 0


NAMES = SYMBOLS[:3]
PLAIN = [
    Account(
        f"a{i}",
        tuple(Position(contract(s), LONG, Decimal(9 + i), Decimal(9)) for s in NAMES[: 1 + i % 3]),
        (Wallet("USDT", Decimal(50)),), note="n",
    )
    for i in range(6)
]  # fmt: skip
BYTES = st.binary(max_size=6) | st.sampled_from(
    [b'"', b",", b"\n", b"\r\n", b"\x00", b"\xff", b";", b" ", b"-", b"=", b"1e9", b"\xe4\xbb\xb7"]
)


@given(st.lists(st.tuples(st.integers(0, 700), BYTES, st.booleans()), min_size=1, max_size=3))
@settings(max_examples=500, deadline=None)
def test_accounts_without_a_damaged_row_are_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes, bool]]
) -> None:
    """Damage below the header: an account is as written, set aside, or named in a damaged row."""
    folder = tmp_path_factory.getbasetemp()
    write_positions(folder / "sound.csv", PLAIN)
    header, _, sound = (folder / "sound.csv").read_bytes().partition(b"\n")
    data = sound
    for at, new, insert in changes:
        at %= len(data)
        data = data[:at] + new + data[at if insert else at + len(new) :]
    rows = sound.splitlines()
    whole = {
        one.id
        for one in PLAIN
        if [r for r in rows if r.startswith(one.id.encode() + b",")]
        == [r for r in data.splitlines() if r.startswith(one.id.encode() + b",")]
    }
    try:
        found, problems = read(folder, header + b"\n" + data)
    except LiquestError:
        return  # the whole file is no text any more
    kept = {one.id: one for one in found}
    named = {p.sample for p in problems if p.code == "account-aside"}
    for one in PLAIN:
        if one.id in whole:
            assert kept.get(one.id) == one or one.id in named
        else:
            assert one.id not in kept.keys() & named


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before", encoding="utf-8")

    def failing() -> Iterator[Account]:
        yield PLAIN[0]
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        write_positions(path, failing())
    assert path.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError):
        write_positions(tmp_path / "file" / "out.csv", PLAIN)


@pytest.mark.parametrize("word", ["普通", "regulr", "vip3", "maker"])
def test_a_class_that_reads_as_another_is_not_written(tmp_path: Path, word: str) -> None:
    one = Account("a", PLAIN[0].positions, PLAIN[0].wallets, category=word)
    with pytest.raises(InputError):
        write_positions(tmp_path / "out.csv", [one])
    assert list(tmp_path.iterdir()) == []


def test_every_column_is_known_by_its_own_name() -> None:
    assert {column(name) for name in COLUMNS} == set(COLUMNS)
    assert set(ALIASES.values()) == set(COLUMNS)
    assert likely("levrage") == "leverage" and likely("unrealized pnl") is None
