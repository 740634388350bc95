"""The register: claims by pseudonym, with class, loss, evidence, status and consent.

A pseudonym is drawn at random (C-7F3K9Q), never made from a uid. One account is entered once:
its tag under the register's key tells. Every change is a step in the chain. What a claimant
has not consented to is not done: no claim goes into sums without "aggregate", none to counsel
without "counsel".
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from ...errors import InputError, Text, UsageError
from ...findings import plain
from ...rules.claimant import Claimant
from . import record as records
from . import steps
from .database import changing, create, open_
from .key import Key, make_key, read_key

RECEIVED, REVIEWED, VERIFIED, DISPUTED, SETTLED, WITHDRAWN = (
    "received", "reviewed", "verified", "disputed", "settled", "withdrawn",
)  # fmt: skip
STATUSES: Mapping[str, Text] = {
    RECEIVED: Text("received", "已收到"), REVIEWED: Text("reviewed", "已初审"),
    VERIFIED: Text("verified", "已核实"), DISPUTED: Text("disputed", "有争议"),
    SETTLED: Text("settled", "已了结"), WITHDRAWN: Text("withdrawn", "已撤回"),
}  # fmt: skip
_NEXT = {
    RECEIVED: (REVIEWED, DISPUTED, WITHDRAWN), REVIEWED: (VERIFIED, DISPUTED, WITHDRAWN),
    VERIFIED: (SETTLED, DISPUTED, WITHDRAWN), DISPUTED: (REVIEWED, VERIFIED, WITHDRAWN),
    SETTLED: (DISPUTED,), WITHDRAWN: (),
}  # fmt: skip

AGGREGATE, COUNSEL = "aggregate", "counsel"
PURPOSES: Mapping[str, Text] = {
    AGGREGATE: Text("counted in sums that are told", "计入对外公布的汇总"),
    COUNSEL: Text("handed to counsel", "提供给律师"),
}
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U


@dataclass(frozen=True)
class Claim:
    """One row of the register; `loss` None where none is stated. `files` counts personal files."""

    id: str
    category: str
    loss: Decimal | None
    currency: str
    status: str
    evidence: tuple[str, ...]
    consent: tuple[str, ...]
    files: int
    made_at: str


@dataclass(frozen=True)
class Register:
    """An open register. Take it from `opened` or `made`, which close it again."""

    path: Path
    connection: sqlite3.Connection
    key: Key

    def claims(self) -> list[Claim]:
        """All, in the order of their pseudonyms."""
        return [
            self._claim(row) for row in self.connection.execute("SELECT * FROM claim ORDER BY id")
        ]

    def claim(self, id_: str) -> Claim:
        """One; raises UsageError for a pseudonym that is not there."""
        row = self.connection.execute("SELECT * FROM claim WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise UsageError(
                Text(f"there is no claim {id_}", f"没有编号为 {id_} 的申索"), where=str(self.path),
                remedy=Text("List them: liquest register list", "查看：liquest register list"),
            )  # fmt: skip
        return self._claim(row)

    def _claim(self, row: sqlite3.Row) -> Claim:
        id_ = row["id"]
        return Claim(
            id_, row["category"], None if row["loss"] is None else Decimal(row["loss"]),
            row["currency"], row["status"],
            self._column("SELECT item FROM evidence WHERE claim = ? ORDER BY item", id_),
            self._column("SELECT purpose FROM consent WHERE claim = ? ORDER BY purpose", id_),
            int(self._column("SELECT count(*) FROM personal_file WHERE claim = ?", id_)[0]),
            row["made_at"],
        )  # fmt: skip

    def _column(self, query: str, id_: str) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in self.connection.execute(query, (id_,)))

    def claimant(self, id_: str) -> Claimant:
        """What the schemes read of a claim, under its pseudonym."""
        self.claim(id_)
        row = self.connection.execute(
            "SELECT record, category FROM claim WHERE id = ?", (id_,)
        ).fetchone()
        if row["record"] is None:
            return Claimant(id_, row["category"])
        return records.read(self.key.decrypt(row["record"], id_), id_)

    def claimants(self, purpose: str = "") -> Iterator[Claimant]:
        """Every claim that is not withdrawn, those with consent to a purpose if one is named."""
        for claim in self.claims():
            if claim.status != WITHDRAWN and (not purpose or purpose in claim.consent):
                yield self.claimant(claim.id)

    def add(
        self, given: Claimant, *, account: tuple[str, str] | None = None,
        evidence: tuple[str, ...] = (), consent: tuple[str, ...] = (),
    ) -> Claim:  # fmt: skip
        """Enter a claim under a new pseudonym; `account` is (venue, uid), which is not kept.

        Raises InputError when the account is entered already.
        """
        for purpose in consent:
            _known(purpose, PURPOSES, Text("purpose", "用途"))
        tag = None if account is None else self.key.tag(*account)
        id_ = self._fresh()
        one = replace(given, id=id_)
        loss = one.loss
        with changing(self.connection):
            query = "SELECT id FROM claim WHERE account_tag = ?"
            row = self.connection.execute(query, (tag,)).fetchone()
            if tag is not None and row is not None:
                twin = row["id"]
                raise InputError(
                    Text(f"this account is entered as {twin}", f"该账户已登记为 {twin}"),
                    where=str(self.path),
                    remedy=Text(
                        f"Bring that claim up to date: liquest register update {twin}",
                        f"请更新该申索：liquest register update {twin}",
                    ),
                )  # fmt: skip
            self.connection.execute(
                "INSERT INTO claim VALUES (?, ?, ?, 'USDT', ?, ?, ?, ?)",
                (id_, one.category, None if loss is None else plain(loss), RECEIVED, tag,
                 self.key.encrypt(records.write(one)), steps.stamp()),
            )  # fmt: skip
            steps.note(self.connection, "added", id_, one.category)
            self._put(id_, evidence, consent)
        return self.claim(id_)

    def update(self, id_: str, given: Claimant) -> Claim:
        """Replace what a claim states; its pseudonym, status and consent stay."""
        self._open(id_)
        one = replace(given, id=id_)
        loss = one.loss
        with changing(self.connection):
            self.connection.execute(
                "UPDATE claim SET category = ?, loss = ?, record = ? WHERE id = ?",
                (one.category, None if loss is None else plain(loss),
                 self.key.encrypt(records.write(one)), id_),
            )  # fmt: skip
            steps.note(self.connection, "updated", id_, "" if loss is None else plain(loss))
        return self.claim(id_)

    def support(self, id_: str, item: str, note: str = "") -> None:
        """Name a piece of evidence (an item of the vault, by SHA-256) for a claim."""
        self._open(id_)
        with changing(self.connection):
            self._put(id_, (item,), (), note)

    def agree(self, id_: str, purpose: str, *, given: bool) -> None:
        """Consent given, or taken back."""
        self._open(id_)
        _known(purpose, PURPOSES, Text("purpose", "用途"))
        with changing(self.connection):
            if given:
                self._put(id_, (), (purpose,))
                return
            self.connection.execute(
                "DELETE FROM consent WHERE claim = ? AND purpose = ?", (id_, purpose)
            )
            steps.note(self.connection, "consent taken back", id_, purpose)

    def set_status(self, id_: str, status: str, note: str = "") -> Claim:
        """The next state of a claim; raises UsageError for one that does not follow."""
        now = self.claim(id_).status
        _known(status, STATUSES, Text("status", "状态"))
        if status not in _NEXT[now]:
            words = ", ".join(_NEXT[now]) or "–"
            raise UsageError(
                Text(f"a claim that is {now} does not become {status}",
                     f"“{STATUSES[now].zh}”的申索不能变为“{STATUSES[status].zh}”"),
                where=id_,
                remedy=Text(f"It may become: {words}.", f"可变为：{words}。"),
            )  # fmt: skip
        with changing(self.connection):
            self.connection.execute("UPDATE claim SET status = ? WHERE id = ?", (status, id_))
            steps.note(self.connection, status, id_, note)
        return self.claim(id_)

    def erase(self, id_: str) -> None:
        """Take a claim out with all its files; the steps keep the pseudonym and no more."""
        self.claim(id_)
        with changing(self.connection):
            self.connection.execute("DELETE FROM claim WHERE id = ?", (id_,))
            steps.note(self.connection, "erased", id_)

    def _open(self, id_: str) -> None:
        if self.claim(id_).status == WITHDRAWN:
            raise UsageError(
                Text(f"the claim {id_} is withdrawn", f"申索 {id_} 已撤回"), where=str(self.path),
                remedy=Text("Enter it anew, or erase it.", "请重新登记，或将其删除。"),
            )  # fmt: skip

    def _put(
        self, id_: str, evidence: tuple[str, ...], consent: tuple[str, ...], note: str = ""
    ) -> None:
        for item in evidence:
            self.connection.execute(
                "INSERT OR REPLACE INTO evidence VALUES (?, ?, ?)", (id_, _digest(item), note)
            )
            steps.note(self.connection, "evidence", id_, item)
        for purpose in consent:
            self.connection.execute(
                "INSERT OR IGNORE INTO consent VALUES (?, ?, ?)", (id_, purpose, steps.stamp())
            )
            steps.note(self.connection, "consent", id_, purpose)

    def _fresh(self) -> str:
        """A pseudonym that never was in use here, also not by a claim that was erased."""
        used = {step.claim for step in steps.steps(self.connection)}
        while True:
            id_ = "C-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
            if id_ not in used:
                return id_


@contextmanager
def made(path: Path) -> Iterator[Register]:
    """A new register with its key."""
    key = make_key(path)
    with closing(create(path)) as connection:
        with changing(connection):
            steps.note(connection, "made")
        yield Register(path, connection, key)


@contextmanager
def opened(path: Path) -> Iterator[Register]:
    """The register of a file and the key beside it."""
    with closing(open_(path)) as connection:
        yield Register(path, connection, read_key(path))


def _digest(item: str) -> str:
    if len(item) != 64 or not set(item) <= set("0123456789abcdef"):
        raise UsageError(
            Text(f"'{item[:40]}' is no evidence id", f"“{item[:40]}”不是证据编号"),
            remedy=Text(
                "Give the SHA-256 of a sealed item: liquest custody CASE lists them.",
                "请填写封存条目的 SHA-256：用 liquest custody 案件 查看。",
            ),
        )  # fmt: skip
    return item


def _known(word: str, known: Mapping[str, Text], what: Text) -> None:
    if word not in known:
        raise UsageError(
            Text(f"'{word}' is no {what.en}", f"没有“{word}”这一{what.zh}"),
            remedy=Text(f"Choose from: {', '.join(known)}.", f"可选：{'、'.join(known)}。"),
        )
