"""Sums for the public tell nothing of one claimant, also when they are subtracted; counsel gets
what was consented to, and no more."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyrage
import pytest
from _register_claims import claimant
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.losses.register import personal, steps
from liquest.losses.register.counsel import hand_over
from liquest.losses.register.register import Register, made
from liquest.losses.register.release import band, release
from liquest.losses.suppression import Secrecy, tell

D = Decimal
SECRECY = Secrecy()


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with made(tmp_path / "committee.db") as one:
        yield one


amounts = st.lists(st.decimals("0", "1000000", places=2), max_size=12)


@settings(max_examples=400, deadline=None)
@given(
    groups=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), amounts, max_size=6),
    least=st.integers(3, 6),
    most=st.sampled_from([D("0.5"), D("0.8"), D("0.95")]),
)
def test_what_can_be_worked_out_is_safe(
    groups: dict[str, list[Decimal]], least: int, most: Decimal
) -> None:
    secrecy = Secrecy(least, most)
    told = tell(groups, secrecy)
    everyone = [a for g in groups.values() for a in g]
    for cell in told.cells:
        if cell.told:
            assert secrecy.safe(groups[cell.label])
            assert (cell.count, cell.amount) == (len(groups[cell.label]), sum(groups[cell.label]))
    if told.total.told:
        # The total less all told cells is known to everyone.
        shown = {c.label for c in told.cells if c.told}
        assert secrecy.safe([a for label, g in groups.items() if label not in shown for a in g])
        assert told.total.count == len(everyone)
    else:
        assert told.kept_back == len(groups) and not secrecy.safe(everyone)


def test_one_small_cell_takes_a_second_with_it() -> None:
    groups = {"a": [D(10)] * 9, "b": [D(1)] * 6, "c": [D(5)] * 2, "d": []}
    told = tell(groups, SECRECY)
    assert [c.label for c in told.cells if c.told] == ["a", "d"]
    assert told.total.amount == 106


def test_a_cell_that_is_one_claimant_is_kept_back() -> None:
    groups = {"a": [D(1)] * 5 + [D(1000)], "b": [D(300)] * 8}
    assert tell(groups, SECRECY).kept_back == 2
    assert tell({"a": [D(1)] * 5 + [D(1000)]}, SECRECY).total.amount is None


@pytest.mark.parametrize(("least", "most"), [(2, D("0.8")), (5, D(1)), (5, D("0.4"))])
def test_limits_that_protect_nobody_are_refused(least: int, most: Decimal) -> None:
    with pytest.raises(UsageError, match="protects nobody"):
        Secrecy(least, most)


def fill(register: Register, count: int, category: str = "contract") -> list[str]:
    return [
        register.add(claimant(str(100 + n), category), consent=("aggregate",)).id
        for n in range(count)
    ]


def test_a_release_counts_those_who_consented(register: Register) -> None:
    fill(register, 6)
    fill(register, 7, "vip")
    register.add(claimant("999"))
    one = release(register, SECRECY)
    cells = {c.label: (c.count, c.amount) for c in one.tables["class"].cells}
    assert cells == {"contract": (6, D(615)), "vip": (7, D(721))}
    assert one.tables["status"].total.count == 13 and one.fresh
    assert {c.label for c in one.tables["size"].cells} == {"100 – 1,000"}


def test_the_same_claimants_are_released_again_as_they_were(register: Register) -> None:
    fill(register, 6)
    first = release(register, SECRECY)
    again = release(register, SECRECY)
    assert (again.number, again.fresh) == (first.number, False)
    with pytest.raises(UsageError, match="other limits"):
        release(register, Secrecy(4))


def test_releases_that_could_be_subtracted_are_refused(register: Register) -> None:
    ids = fill(register, 8)
    release(register, SECRECY)
    fill(register, 2)
    with pytest.raises(UsageError, match="only 2 claims changed"):
        release(register, SECRECY)
    register.update(ids[0], claimant("500"))
    register.set_status(ids[1], "reviewed")
    with pytest.raises(UsageError, match="only 4 claims changed"):
        release(register, SECRECY)
    fill(register, 1)
    assert release(register, SECRECY).number == 2


def test_too_few_are_not_released(register: Register) -> None:
    fill(register, 4)
    with pytest.raises(UsageError, match="too few"):
        release(register, SECRECY)
    assert register.connection.execute("SELECT count(*) FROM release").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("loss", "word"),
    [("99.99", "< 100"), ("100", "100 – 1,000"), ("9999999", "1,000,000 – 10,000,000"),
     ("10000000", "≥ 10,000,000")],
)  # fmt: skip
def test_sizes_of_loss(loss: str, word: str) -> None:
    assert band(D(loss)) == word


def test_counsel_gets_the_claims_that_consented(register: Register, tmp_path: Path) -> None:
    one = register.add(claimant("12.5"), consent=("counsel",), evidence=("b" * 64,))
    register.add(claimant("7"), consent=("aggregate",))
    evil = tmp_path / "..%2f=cmd.csv"
    evil.write_bytes(b"data")
    personal.attach(register, one.id, evil)
    handed = hand_over(register, tmp_path / "out" / "counsel.zip", with_files=True)
    assert (handed.claims, handed.left_out, handed.encrypted) == (1, 1, False)
    with zipfile.ZipFile(handed.path) as archive:
        names = archive.namelist()
        assert all(".." not in n.split("/") and not n.startswith("/") for n in names)
        table = archive.read("claims.csv").decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(table))
        assert (row["id"], row["loss"], row["evidence"]) == (one.id, "12.5", "b" * 64)
        assert json.loads(archive.read("claims.json"))[0]["id"] == one.id
        (file,) = [n for n in names if n.startswith(f"files/{one.id}/01-")]
        assert archive.read(file) == b"data"
    assert steps.steps(register.connection)[-1].detail == f"1 {handed.sha256}"


def test_for_counsel_alone(register: Register, tmp_path: Path) -> None:
    register.add(claimant("12.5"), consent=("counsel",))
    identity = pyrage.x25519.Identity.generate()
    handed = hand_over(register, tmp_path / "c.age", to=str(identity.to_public()))
    assert handed.encrypted and b"claims.csv" not in handed.path.read_bytes()
    data = pyrage.decrypt(handed.path.read_bytes(), [identity])
    assert "files/" not in "".join(zipfile.ZipFile(io.BytesIO(data)).namelist())


def test_counsel_gets_nothing_without_consent_or_for_no_key(
    register: Register, tmp_path: Path
) -> None:
    register.add(claimant("7"))
    with pytest.raises(UsageError, match="no claim has consent"):
        hand_over(register, tmp_path / "c.zip")
    with pytest.raises(UsageError, match="no age recipient"):
        hand_over(register, tmp_path / "c.zip", to="ssh-rsa AAAA")
    assert not (tmp_path / "c.zip").exists()
