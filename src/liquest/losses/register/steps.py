"""What was done to the register, in a chain: each step names the digest of all before it.

chain_n = SHA-256(chain_{n−1} ‖ canonical JSON of step n). A step that was changed, or taken out
of the middle, breaks every later one; one cut off at the end does not show here, so the head of
the chain is printed by `liquest register check`, to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import NamedTuple

import rfc8785

from ...errors import IntegrityError, Text
from ...vault.now import now

START = "0" * 64


class Step(NamedTuple):
    """`claim` is empty for what concerns the register as a whole."""

    number: int
    at: str
    claim: str
    what: str
    detail: str
    chain: str


def stamp() -> str:
    """The present second, UTC."""
    return f"{now()[:19]}Z"


def note(connection: sqlite3.Connection, what: str, claim: str = "", detail: str = "") -> None:
    """Append a step; inside the transaction of what it tells of."""
    last = connection.execute("SELECT number, chain FROM step ORDER BY number DESC LIMIT 1")
    row = last.fetchone()
    number, before = (row["number"] + 1, row["chain"]) if row else (1, START)
    at = stamp()
    connection.execute(
        "INSERT INTO step VALUES (?, ?, ?, ?, ?, ?)",
        (number, at, claim, what, detail, _chain(before, number, at, claim, what, detail)),
    )


def steps(connection: sqlite3.Connection, claim: str | None = None) -> list[Step]:
    """All, or those of one claim, in order."""
    rows = connection.execute("SELECT * FROM step ORDER BY number")
    return [Step(*row) for row in rows if claim is None or row["claim"] == claim]


def check(connection: sqlite3.Connection) -> str:
    """The head of the chain; raises IntegrityError at the first step that does not follow."""
    before = START
    for place, one in enumerate(steps(connection), 1):
        expected = _chain(before, place, one.at, one.claim, one.what, one.detail)
        if one.number != place or one.chain != expected:
            raise IntegrityError(
                Text("a step of the register was changed or taken out", "登记册的步骤被改动或删除"),
                expected=expected, got=one.chain, where=f"step {place}",
                remedy=Text("Restore the register from a copy.", "请用备份恢复登记册。"),
            )  # fmt: skip
        before = one.chain
    return before


def _chain(before: str, number: int, at: str, claim: str, what: str, detail: str) -> str:
    body = rfc8785.dumps([number, at, claim, what, detail])
    return hashlib.sha256(before.encode() + body).hexdigest()
