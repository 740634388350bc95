"""A small case with everything that a bundle can hold, and the checks of it."""

from __future__ import annotations

import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path

from opentimestamps.core.notary import PendingAttestation
from opentimestamps.core.op import OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

from liquest.findings import Finding, Input, write_findings
from liquest.run.progress import Silent
from liquest.vault.bundle import bundle
from liquest.vault.proofs.stored import Made, digest_of, keep, name_of, open_shelf
from liquest.vault.results import seal_results
from liquest.vault.seal import seal_paths
from liquest.vault.store import Vault

CASE = """[case]
name = "small"
[windows.crash]
from = "2025-10-10T21:10:00Z"
to = "2025-10-10T21:40:00Z"
"""
CALENDAR = "https://calendar.test"


def old(path: Path, data: bytes) -> Path:
    """A file that was not touched just now, so that sealing reads it once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (1_760_000_000, 1_760_000_000))
    return path


def empty_case(root: Path) -> Path:
    """A case folder with nothing sealed."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "case.toml").write_text(CASE, encoding="utf-8")
    return root


def sealed_case(root: Path) -> Path:
    """Two seals, so two checkpoints; a proof of time; findings and a dossier."""
    empty_case(root)
    for n in range(4):
        old(root / "data" / f"{n}.csv", f"ts,price\n{n},0.{n}\n".encode() * 20)
    old(root / "data" / "nothing.txt", b"")
    vault = Vault.open(root)
    list(seal_paths(vault, [root / "data"], Silent(), {"collector": "Li Wei", "note": "注"}))
    sources = [item.sha256 for item in vault.items()]
    parent = vault.items()[0]
    vault.put(b'[{"rows":20}]', source=parent.source, parent=parent.id, transform="tape/trades")
    out = root / "out"
    (out / "findings").mkdir(parents=True)
    (out / "dossier").mkdir()
    found = [
        Finding("low", {"venue": "okx", "n": str(n)}, Decimal(n) / 10, "USDT", "low@1",
                inputs=(Input(sources[n], 1, 20),), count=20)
        for n in range(4)
    ]  # fmt: skip
    write_findings(out / "findings" / "low.jsonl", found)
    (out / "findings" / "low.problems.jsonl").write_text("", encoding="utf-8")
    (out / "methods.json").write_text(json.dumps({"low@1": {}}), encoding="utf-8")
    (out / "problems.jsonl").write_text("{}\n", encoding="utf-8")
    (out / "inventory.json").write_text("[]", encoding="utf-8")
    (out / "dossier" / "index.html").write_text("<p>卷宗</p>", encoding="utf-8")
    seal_results(root, out)
    _promise(vault)
    return root


def _promise(vault: Vault) -> None:
    """A timestamp that a calendar has promised: it can be judged without a network."""
    note = vault.checkpoint()
    whole = DetachedTimestampFile(OpSHA256(), Timestamp(hashlib.sha256(note).digest()))
    whole.timestamp.attestations.add(PendingAttestation(CALENDAR))
    context = BytesSerializationContext()
    whole.serialize(context)
    shelf = open_shelf(vault.proofs_dir, note)
    made = Made({"checkpoint.ots": context.getbytes()}, {"calendar": CALENDAR})
    keep(shelf, name_of("ots", CALENDAR), "ots", CALENDAR, digest_of(note), made)


def made_bundle(root: Path, target: Path) -> Path:
    """The bundle of a sealed case."""
    return bundle(root, root / "out", target, Silent()).path
