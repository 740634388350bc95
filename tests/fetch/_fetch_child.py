"""What is killed: one run of fetch in a process of its own. Imports little, so forks fast."""

from __future__ import annotations

import os
from pathlib import Path

from liquest.fetch.engine import Engine
from liquest.fetch.pacing import Limits
from liquest.fetch.sealing import Folder, Sealed, Sealer
from liquest.fetch.transfer import Transfer
from liquest.fetch.wanted import Plan
from liquest.fetch.web import Web, make_client
from liquest.vault.store import Vault

PRELOAD = [
    "liquest.fetch.engine", "liquest.fetch.transfer", "liquest.fetch.wanted", "liquest.vault.store",
    "anyio._backends", "httpcore._backends.sync", "certifi", "h11",
]  # fmt: skip


def open_sealer(kind: str, root: Path) -> Sealer:
    return Vault.open(root) if kind == "vault" else Folder(root / "out")


def fetch(url: str, root: Path, kind: str, plan: Plan, acknowledged: Path) -> None:
    """Fetch all of the plan; each acknowledgement is one write."""
    ack = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def landed(item: Sealed) -> None:
        os.write(ack, f"{item.url} {item.sha256}\n".encode())

    limits = Limits(concurrency=2, reserve_bytes=0)
    client = make_client(limits, verify=False)
    with Web(limits, rates={url.split("/")[2]: 1e9}, client=client) as web:
        Engine(web, {"http": Transfer(web)}, open_sealer(kind, root), root).run(plan, landed=landed)
    os.close(ack)
