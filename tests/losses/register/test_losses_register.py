"""The register: pseudonyms, one account once, states, consent, steps that cannot be changed."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from _register_claims import claimant, full

from liquest.errors import InputError, IntegrityError, UnreadableFile, UsageError
from liquest.losses.register import database, personal, record, steps
from liquest.losses.register.key import key_path, read_key
from liquest.losses.register.register import STATUSES, Register, made, opened

ITEM = "a" * 64


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with made(tmp_path / "committee.db") as one:
        yield one


def test_a_claim_gets_a_pseudonym_and_keeps_its_record(register: Register) -> None:
    given = full()
    account = ("binance", "12345678")
    one = register.add(given, account=account, evidence=(ITEM,), consent=("counsel",))
    assert one.id.startswith("C-") and one.id != given.id
    assert (one.loss, one.category, one.status) == (Decimal(1000), "contract", "received")
    assert one.evidence == (ITEM,) and one.consent == ("counsel",)
    assert register.claimant(one.id) == replace(given, id=one.id)


def test_nothing_in_the_file_names_the_account_or_tells_its_trades(
    register: Register, tmp_path: Path
) -> None:
    one = register.add(full(), account=("binance", "12345678"))
    secret = tmp_path / "trades 12345678.csv"
    secret.write_bytes(b"very personal")
    personal.attach(register, one.id, secret)
    register.connection.close()
    held = (tmp_path / "committee.db").read_bytes()
    for word in (b"12345678", b"very personal", b"ATOMUSDT", b"USDE", b"synthetic"):
        assert word not in held
    assert stat.S_IMODE((tmp_path / "committee.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(key_path(tmp_path / "committee.db").stat().st_mode) == 0o600


def test_one_account_is_entered_once(register: Register) -> None:
    one = register.add(claimant(), account=("binance", "1"))
    with pytest.raises(InputError, match=one.id):
        register.add(claimant("5"), account=("binance", "1"))
    register.add(claimant("5"), account=("okx", "1"))
    assert len(register.claims()) == 2


def test_a_refused_entry_leaves_nothing_behind(register: Register) -> None:
    before = len(steps.steps(register.connection))
    with pytest.raises(UsageError, match="no evidence id"):
        register.add(claimant(), evidence=("nonsense",))
    assert register.claims() == [] and len(steps.steps(register.connection)) == before


def test_personal_files_come_back_as_they_were(register: Register, tmp_path: Path) -> None:
    one = register.add(claimant())
    path = tmp_path / "合约交易历史.csv"
    path.write_bytes(bytes(range(256)))
    personal.attach(register, one.id, path)
    personal.attach(register, one.id, path)
    found = personal.files(register, one.id)
    assert [(f.number, f.name) for f in found] == [(1, path.name), (2, path.name)]
    assert found[0].commitment != found[1].commitment
    assert personal.content(register, one.id, 2) == bytes(range(256))
    with pytest.raises(UsageError, match="no file 3"):
        personal.content(register, one.id, 3)


def test_a_changed_file_is_found(register: Register, tmp_path: Path) -> None:
    one = register.add(claimant())
    path = tmp_path / "x.csv"
    path.write_bytes(b"first")
    personal.attach(register, one.id, path)
    other = register.key.encrypt(b"s" * 32 + b"other")
    register.connection.execute("UPDATE personal_file SET content = ?", (other,))
    with pytest.raises(IntegrityError, match="committed"):
        personal.content(register, one.id, 1)
    register.connection.execute("UPDATE personal_file SET content = ?", (b"junk",))
    with pytest.raises(IntegrityError, match="cannot be opened"):
        personal.content(register, one.id, 1)


def test_states_follow_each_other(register: Register) -> None:
    one = register.add(claimant())
    assert register.set_status(one.id, "reviewed").status == "reviewed"
    with pytest.raises(UsageError, match="does not become settled"):
        register.set_status(one.id, "settled")
    with pytest.raises(UsageError, match="no status"):
        register.set_status(one.id, "lost")
    register.set_status(one.id, "withdrawn", "asked to")
    for change in (
        lambda: register.set_status(one.id, "reviewed"),
        lambda: register.update(one.id, claimant("2")),
        lambda: register.agree(one.id, "counsel", given=True),
        lambda: register.support(one.id, ITEM),
    ):
        with pytest.raises(UsageError):
            change()
    assert list(register.claimants()) == []
    assert all(t.en and t.zh for t in STATUSES.values())


def test_consent_decides_who_is_read(register: Register) -> None:
    first = register.add(claimant("1"), consent=("aggregate",))
    register.add(claimant("2"))
    assert [c.id for c in register.claimants("aggregate")] == [first.id]
    register.agree(first.id, "aggregate", given=False)
    assert list(register.claimants("aggregate")) == []
    with pytest.raises(UsageError, match="no purpose"):
        register.agree(first.id, "sale", given=True)


def test_an_update_keeps_pseudonym_status_and_consent(register: Register) -> None:
    one = register.add(claimant("1"), consent=("aggregate",))
    register.set_status(one.id, "reviewed")
    two = register.update(one.id, claimant("7.5", "vip"))
    assert (two.id, two.status, two.consent) == (one.id, "reviewed", ("aggregate",))
    assert (two.loss, two.category) == (Decimal("7.5"), "vip")


def test_an_erased_claim_is_gone_from_the_bytes(register: Register, tmp_path: Path) -> None:
    one = register.add(claimant("31415.9265"), account=("binance", "9"))
    path = tmp_path / "x"
    path.write_bytes(b"x" * 5000)
    personal.attach(register, one.id, path)
    register.erase(one.id)
    with pytest.raises(UsageError, match="no claim"):
        register.claim(one.id)
    assert register.connection.execute("SELECT count(*) FROM personal_file").fetchone()[0] == 0
    register.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"31415.9265" not in (tmp_path / "committee.db").read_bytes()
    assert [s.what for s in steps.steps(register.connection, one.id)][-1] == "erased"
    register.add(claimant(), account=("binance", "9"))


def test_steps_can_neither_be_changed_nor_taken_out(register: Register) -> None:
    register.add(claimant())
    head = steps.check(register.connection)
    for query in ("UPDATE step SET detail = 'x'", "DELETE FROM step WHERE number = 1"):
        with pytest.raises(sqlite3.IntegrityError):
            register.connection.execute(query)
    assert steps.check(register.connection) == head


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE step SET detail = 'vip' WHERE number = 2",
        "DELETE FROM step WHERE number = 1",
        "UPDATE step SET at = '2020-01-01T00:00:00Z' WHERE number = 1",
        "UPDATE step SET number = 9 WHERE number = 2",
    ],
)
def test_steps_changed_behind_the_triggers_break_the_chain(register: Register, attack: str) -> None:
    register.add(claimant())
    register.add(claimant())
    for trigger in ("step_stays", "step_is_kept"):
        register.connection.execute(f"DROP TRIGGER {trigger}")
    register.connection.execute(attack)
    with pytest.raises(IntegrityError, match="changed or taken out"):
        steps.check(register.connection)


def test_a_register_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with made(path) as one:
        id_ = one.add(claimant()).id
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE release; PRAGMA user_version = 1;")
    connection.close()
    with opened(path) as one:
        assert database.version(one.connection) == len(database.migrations()) >= 2
        assert one.claim(id_).id == id_
        assert one.connection.execute("SELECT count(*) FROM release").fetchone()[0] == 0


def test_a_migration_that_fails_leaves_the_register_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.db"
    with made(path) as one:
        one.add(claimant())
        known = database.migrations()
        broken = [
            *known,
            (len(known) + 1, "CREATE TABLE extra (x); INSERT INTO nothing VALUES (1)"),
        ]
        monkeypatch.setattr(database, "migrations", lambda: broken)
        with pytest.raises(sqlite3.Error):
            database.migrate(one.connection, path)
        assert database.version(one.connection) == len(known)
        tables = one.connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'extra'")
        assert tables.fetchone()[0] == 0


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with made(path) as one:
        one.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="version 99"), opened(path):
        raise AssertionError


def test_what_is_no_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no register"), opened(tmp_path / "none.db"):
        raise AssertionError
    (tmp_path / "text.db").write_text("id,loss\n" * 400)
    with pytest.raises(UnreadableFile, match="no register"), opened(tmp_path / "text.db"):
        raise AssertionError
    sqlite3.connect(tmp_path / "other.db").executescript("CREATE TABLE x (y);")
    with pytest.raises(UnreadableFile, match="another SQLite"), opened(tmp_path / "other.db"):
        raise AssertionError
    with made(tmp_path / "r.db"):
        pass
    with pytest.raises(UsageError, match="key already"), made(tmp_path / "r.db"):
        raise AssertionError


def test_a_key_must_be_there_be_private_and_be_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with made(path) as one:
        id_ = one.add(claimant()).id
    key = key_path(path)
    key.chmod(0o644)
    with pytest.raises(InputError, match="may read the key"), opened(path):
        raise AssertionError
    key.chmod(0o600)
    with made(tmp_path / "other.db"):
        pass
    key.write_bytes(key_path(tmp_path / "other.db").read_bytes())
    with opened(path) as one, pytest.raises(IntegrityError, match="cannot be opened"):
        one.claimant(id_)
    key.write_text("nothing")
    with pytest.raises(IntegrityError, match="holds no key"), opened(path):
        raise AssertionError
    key.unlink()
    with pytest.raises(UsageError, match="not here"), opened(path):
        raise AssertionError


def test_a_key_does_not_print_itself(register: Register, tmp_path: Path) -> None:
    assert "SECRET" not in repr(register) and "SECRET" not in repr(read_key(register.path))


def test_records_come_back(tmp_path: Path) -> None:
    for one in (full(), claimant(""), claimant()):
        assert record.read(record.write(one), "x") == one
    for bad in (b"", b"{}", b'{"format": 2}', record.write(full()).replace(b"1000", b"-1")):
        with pytest.raises(IntegrityError):
            record.read(bad, "x")
