"""What a run hands out, recorded in the log: the digest of the dossier as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..errors import LiquestError
from .intake import digest
from .items import Item, canonical
from .store import Vault

DOSSIER = "dossier/index.html"
_TRANSFORM = "results"


def seal_results(root: Path, out: Path) -> None:
    """Record the dossier below `out`, once for each content; a vault that cannot be written
    was reported when the sources were sealed."""
    path = out / DOSSIER
    body = {"name": DOSSIER, "sha256": digest(path), "size": path.stat().st_size}
    try:
        vault = Vault.open(root)
        before = vault.log.size
        vault.put(
            canonical(body), source=DOSSIER, transform=_TRANSFORM, method="investigate",
            media_type="application/json",
        )  # fmt: skip
        if vault.log.size > before or not vault.signed():
            vault.checkpoint()
    except LiquestError:
        return


def is_result(item: Item) -> bool:
    """Whether the item records what a run handed out, and is no evidence."""
    return item.transform == _TRANSFORM


def recorded(vault: Vault, items: Iterable[Item]) -> list[str]:
    """Digests of dossiers in the order in which they were written."""
    found = []
    for item in items:
        if is_result(item) and item.source == DOSSIER:
            path = vault.path_of(item.sha256)
            if path.exists():
                found.append(str(json.loads(path.read_bytes())["sha256"]))
    return found
