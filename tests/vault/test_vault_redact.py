"""Private items and redacted versions."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from _vaults import empty_case
from hypothesis import given
from hypothesis import strategies as st

from liquest.errors import InputError, IntegrityError, UsageError
from liquest.vault.private import is_private, plaintext, reveal, seal_private
from liquest.vault.redact import WITHHELD, check, commitment, publish, redacted, salt_of
from liquest.vault.store import Vault

CSV = 'uid,time,balance\r\n7,2025-10-10T21:20:00Z,100.10\r\n7,2025-10-10T21:21:00Z,"0,5"\r\n'
SECRET = bytes(range(32))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(empty_case(tmp_path / "case"))


def test_private_items(vault: Vault) -> None:
    item = seal_private(vault, b"secret text", source="s.csv", collector="me")
    assert is_private(item) and item.media_type == "application/age"
    raw = vault.path_of(item.sha256).read_bytes()
    assert b"secret text" not in raw and hashlib.sha256(raw).hexdigest() == item.sha256
    assert hashlib.sha256(b"secret text").hexdigest() not in item.line().decode()
    assert reveal(vault, item) == plaintext(vault, item) == b"secret text"
    assert seal_private(vault, b"secret text", source="s.csv", collector="me") == item
    assert seal_private(vault, b"other text", source="s.csv", collector="me") != item
    assert (vault.root / "identity").stat().st_mode & 0o777 == 0o600


def test_a_private_item_without_its_identity(vault: Vault) -> None:
    item = seal_private(vault, b"secret text", source="s.csv")
    identity = vault.root / "identity"
    kept = identity.read_text()
    identity.unlink()
    with pytest.raises(UsageError, match="is not here"):
        reveal(vault, item)
    identity.write_text("something")
    with pytest.raises(IntegrityError, match="no age identity"):
        reveal(vault, item)
    identity.unlink()
    seal_private(Vault.open(vault.root.parent), b"x", source="new identity")
    with pytest.raises(IntegrityError, match="cannot be decrypted"):
        reveal(vault, item)
    identity.write_text(kept)
    assert reveal(vault, item) == b"secret text"


def test_csv_cells() -> None:
    made = redacted(CSV.encode(), ["uid", "balance"], SECRET)
    assert made.cells == 4
    rows = list(csv.reader(io.StringIO(made.data.decode(), newline="")))
    assert rows[0] == ["uid", "time", "balance"]
    assert [r[1] for r in rows[1:]] == ["2025-10-10T21:20:00Z", "2025-10-10T21:21:00Z"]
    assert rows[2][2] == WITHHELD + commitment(salt_of(SECRET, "3/2"), "0,5")
    # Equal cells do not look equal.
    assert rows[1][0] != rows[2][0]
    assert len({len(r[0]) for r in rows[1:]} | {len(r[2]) for r in rows[1:]}) == 1
    assert b"\r\n" in made.data and redacted(CSV.encode(), ["uid", "balance"], SECRET) == made


def test_json_is_kept_as_it_is_written() -> None:
    text = (
        '{"uid" : 7, "rows":[ {"balance":100.10,"n":1e5}, '
        '{"balance":{"usdt":"1"},"t":"é\\u00e9"} ]}\n'
    )
    made = redacted(text.encode(), ["uid", "balance"], SECRET).data.decode()
    found = json.loads(made)
    assert found["uid"] == WITHHELD + commitment(salt_of(SECRET, "/uid"), "7")
    assert found["rows"][0]["balance"] == WITHHELD + commitment(
        salt_of(SECRET, "/rows/0/balance"), "100.10"
    )
    assert '"n":1e5}, {' in made and '"t":"é\\u00e9"} ]}\n' in made
    assert "usdt" not in made


def test_json_lines() -> None:
    text = '{"a":1,"b":2}\n\n{"a":3,"b":4}\n'
    made = redacted(text.encode(), ["a"], SECRET).data.decode().split("\n")
    assert [json.loads(line)["b"] for line in made if line] == [2, 4]
    assert made[1] == "" and "3" not in json.loads(made[2])["a"][:9]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"hello", "neither CSV nor JSON"),
        (b"", "neither CSV nor JSON"),
        (b'{"a":1', "not JSON"),
        (b"a,b\n1\n", "has 1 cells"),
        (b"a,b\n1,2,3\n", "has 3 cells"),
        (b'a,b\n1,"2\n', "not CSV"),
    ],
)
def test_what_cannot_be_redacted(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        redacted(data, ["a"], SECRET)


def test_a_misspelt_field_publishes_nothing(vault: Vault) -> None:
    item = vault.put(CSV.encode(), source="s.csv")
    with pytest.raises(UsageError, match="'balanse'"):
        publish(vault, item, ["uid", "balanse"])
    assert vault.log.size == 1


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_cell_is_withheld_and_the_rest_survives(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([["a", "b", "c"], *rows])
    try:
        made = redacted(out.getvalue().encode(), ["b"], SECRET)
    except InputError:
        return
    found = list(csv.reader(io.StringIO(made.data.decode(), newline="")))
    assert [[r[0], r[2]] for r in found[1:]] == [[r[0], r[2]] for r in rows]
    assert all(r[1].startswith(WITHHELD) for r in found[1:])


@pytest.mark.parametrize("private", [False, True])
def test_published_versions_are_proven_to_derive(private: bool, vault: Vault) -> None:
    data = CSV.encode()
    item = seal_private(vault, data, source="s.csv") if private else vault.put(data, source="s.csv")
    made, sealed = publish(vault, item, ["balance"])
    assert sealed.parent == item.id and sealed.transform == "redact:balance"
    assert publish(vault, item, ["balance"]) == (made, sealed)
    assert vault.log.size == 3
    assert check(vault, made.data) == item
    with pytest.raises(IntegrityError, match="no published version"):
        check(vault, made.data + b"x")
    everything = b"".join(p.read_bytes() for p in (vault.root / "objects").glob("??/*"))
    assert private is (b"100.10" not in everything)


def test_a_version_that_does_not_follow_is_seen(vault: Vault) -> None:
    item = vault.put(CSV.encode(), source="s.csv")
    _, sealed = publish(vault, item, ["balance"])
    forged = b"uid,time,balance\r\n7,x,withheld:00\r\n"
    vault.put(forged, source="s.csv", parent=item.id, transform="redact:balance")
    with pytest.raises(IntegrityError, match="secret of a published version"):
        check(vault, forged)
    seal_private(
        vault, SECRET, source="s.csv", parent=item.id,
        transform=f"redact-secret:{hashlib.sha256(forged).hexdigest()}",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="does not follow"):
        check(vault, forged)
    assert sealed.sha256 != hashlib.sha256(forged).hexdigest()
