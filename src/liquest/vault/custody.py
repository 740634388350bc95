"""The chain of custody: who did what, when, with which tool, to which item.

Read from the log alone, in its order; what was made from an item stands below it. Two
times are kept apart, as the Berkeley Protocol (153-167) asks: when an item was taken, as
the collector's clock says, and before when the log that holds it existed, as others say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import Text
from . import proofs
from .check import INVALID, Check
from .items import Item
from .proofs.stored import digest_of
from .store import Vault

MEANING = Text(
    "The time of collection is what the collector's clock said. A checkpoint's proof of time "
    "shows that the bytes existed before a moment and have not changed since: anchoring "
    "proves existence, not truth. It does not show that what the bytes say is so.",
    "收集时间由收集者的时钟给出。检查点的时间证明表明字节在某一时刻之前已经存在且此后未被改动："
    "锚定证明存在，不证明真实，并不表明字节所述属实。",
)


class Step(NamedTuple):
    """One entry: an item, how deep below its origin, and the checkpoint that first covers it."""

    item: Item
    depth: int
    line: int
    checkpoint: int | None
    anchors: tuple[Check, ...]

    def json(self) -> dict[str, Any]:
        """The step as one JSON object."""
        return {
            **self.item.json(), "depth": self.depth, "line": self.line,
            "checkpoint": self.checkpoint,
            "anchors": [
                {"proof": a.subject, "status": a.status, "detail": list(a.detail)}
                for a in self.anchors
            ],
        }  # fmt: skip


def custody(vault: Vault) -> list[Step]:
    """Every item in the order of the log, children right below their parents."""
    items = vault.items()
    lines = {item.id: number for number, item in enumerate(items, 1)}
    below: dict[str, list[Item]] = {}
    for item in items:
        below.setdefault(item.parent if item.parent in lines else "", []).append(item)
    points = [(int(path.name), path.name, note) for path, note in vault.checkpoints()]
    proven = _proven(vault, {name: note for _, name, note in points})

    def steps(parent: str, depth: int) -> Iterator[Step]:
        for item in below.get(parent, []):
            line = lines[item.id]
            size, anchors = _covering(line, points, proven)
            yield Step(item, depth, line, size, anchors)
            yield from steps(item.id, depth + 1)

    return list(steps("", 0))


def _proven(vault: Vault, points: dict[str, bytes]) -> dict[str, list[Check]]:
    """Checks of trusted time by the checkpoint that they are about."""
    found: dict[str, list[Check]] = {}
    for check in proofs.verify_all(vault.root, points):
        if check.status != INVALID:
            found.setdefault(check.subject.partition("/")[0], []).append(check)
    shelves = {digest_of(note)[:16]: name for name, note in points.items()}
    return {shelves[shelf]: checks for shelf, checks in found.items() if shelf in shelves}


def _covering(
    line: int, points: list[tuple[int, str, bytes]], proven: dict[str, list[Check]]
) -> tuple[int | None, tuple[Check, ...]]:
    """The first checkpoint that covers a line, and the proofs of the first proven one."""
    covering = [(size, name) for size, name, _ in points if size >= line]
    anchors = next((tuple(proven[n]) for _, n in covering if n in proven), ())
    return (covering[0][0] if covering else None), anchors
