"""What is handed to counsel: the claims that consented, with evidence ids and personal files.

One zip archive, encrypted for the age recipient of counsel when one is given:

    README.txt            what this is, in both languages
    claims.csv            pseudonym, class, loss, status, evidence ids (no cell runs as a formula)
    claims.json           the same with the full records that the schemes read
    files/C-XXXXXX/NN-…   personal files, only when they are asked for

Invariant: a claim without consent to "counsel" is not in it, and the step of the register names
how many were and the digest of the archive.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import pyrage

from ...errors import Text, UsageError
from ...findings import plain
from ...run.disk import writing
from . import personal, steps
from . import record as records
from .database import changing
from .register import COUNSEL, WITHDRAWN, Claim, Register

COLUMNS = ("id", "class", "loss", "currency", "status", "evidence", "files", "made_at")
README = """Claims handed to counsel from a register of Liquest, under pseudonyms, with consent.
Losses are forced losses in dollars as stated; what they rest on are the evidence ids (SHA-256
of sealed items). What identifies a person lies in files/ alone.

从 Liquest 登记册提供给律师的申索，均为化名并经本人同意。损失为所述被强制平仓的损失（美元），
依据为证据编号（封存条目的 SHA-256）。可识别个人身份的内容只在 files/ 中。
"""
_SAFE = re.compile(r"[^\w.\-\u4e00-\u9fff]+")
_FIXED = (2025, 1, 1, 0, 0, 0)


class Handed(NamedTuple):
    """What was written."""

    path: Path
    claims: int
    left_out: int
    sha256: str
    encrypted: bool


def hand_over(register: Register, path: Path, *, to: str = "", with_files: bool = False) -> Handed:
    """Write the archive; raises UsageError without consent, or for a recipient that is none."""
    recipient = _recipient(to) if to else None
    claims = [c for c in register.claims() if c.status != WITHDRAWN]
    chosen = [c for c in claims if COUNSEL in c.consent]
    if not chosen:
        raise UsageError(
            Text("no claim has consent to be handed to counsel", "没有申索同意提供给律师"),
            where=str(register.path),
            remedy=Text(
                "Ask the claimants: liquest register consent ID counsel",
                "请征求申索人同意：liquest register consent 编号 counsel",
            ),
        )
    data = _archive(register, chosen, with_files=with_files)
    if recipient is not None:
        data = bytes(pyrage.encrypt(data, [recipient]))
    digest = hashlib.sha256(data).hexdigest()
    with writing(path.parent):
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
        fresh.replace(path)
    with changing(register.connection):
        steps.note(register.connection, "handed to counsel", detail=f"{len(chosen)} {digest}")
    return Handed(path, len(chosen), len(claims) - len(chosen), digest, recipient is not None)


def _archive(register: Register, chosen: list[Claim], *, with_files: bool) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, data: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, _FIXED), data)

        put("README.txt", README.encode())
        put("claims.csv", ("\ufeff" + _table(chosen)).encode())
        full = [json.loads(records.write(register.claimant(c.id))) for c in chosen]
        put("claims.json", json.dumps(full, ensure_ascii=False, indent=1).encode())
        for claim in chosen if with_files else ():
            for one in personal.files(register, claim.id):
                # Names come from outside: no path of theirs leaves the folder of the claim.
                name = _SAFE.sub("_", one.name).strip(".") or "file"
                put(f"files/{claim.id}/{one.number:02d}-{name}",
                    personal.content(register, claim.id, one.number))  # fmt: skip
    return held.getvalue()


def _table(chosen: list[Claim]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for one in chosen:
        rows.writerow([
            one.id, one.category, "" if one.loss is None else plain(one.loss), one.currency,
            one.status, " ".join(one.evidence), one.files, one.made_at,
        ])  # fmt: skip
    return text.getvalue()


def _recipient(to: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(to)
    except pyrage.RecipientError:
        raise UsageError(
            Text(f"'{to[:60]}' is no age recipient", f"“{to[:60]}”不是 age 接收方公钥"),
            remedy=Text(
                "Ask counsel for a key that begins with age1.", "请向律师索取以 age1 开头的公钥。"
            ),
        ) from None
