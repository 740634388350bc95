"""The least that `prove` asks of a vault: a signed checkpoint and a folder for proofs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from liquest.vault.note import Checkpoint, Signer
from liquest.vault.proofs.config import ProveConfig
from liquest.vault.proofs.stored import shelf_of

SEED = hashlib.sha256(b"a key for tests").digest()


def checkpoint_of(size: int) -> bytes:
    """A checkpoint as the vault signs it; the same bytes for the same size."""
    root = hashlib.sha256(b"root %d" % size).digest()
    return Signer("test.example/case", SEED).sign(
        Checkpoint("test.example/case", size, root).text()
    )


@dataclass
class Sealed:
    """A vault at `root` whose log has `size` items."""

    root: Path
    size: int = 12

    @property
    def proofs_dir(self) -> Path:
        return self.root / "proofs"

    def checkpoint(self) -> bytes:
        return checkpoint_of(self.size)

    @property
    def shelf(self) -> Path:
        return shelf_of(self.proofs_dir, self.checkpoint())

    def proofs(self) -> list[Path]:
        """The proof folders that count."""
        return sorted(p for p in self.shelf.iterdir() if p.is_dir() and p.name[0] != ".")


def config(**rest: object) -> ProveConfig:
    """A configuration without patience."""
    return ProveConfig(**{"timeout": 10.0, "attempts": 2, "backoff": 0.01, **rest})  # type: ignore[arg-type]
