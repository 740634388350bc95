"""The vault of a case: objects, manifest, log, checkpoints and the keys, below CASE/vault.

    objects/ab/cdef…     sealed bytes under their digest
    log/                 the manifest lines in an append-only Merkle log
    checkpoints/000…012  signed notes, one a size at which the log was signed
    key, key.pub         Ed25519; `key` is 0600 and never leaves the vault
    proofs/              trusted time for the checkpoints
    identity             age key for private items, 0600; never leaves the vault

Invariant: an item is acknowledged only after its object is on disk under its name, so
every line of the log stands on bytes that are there.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, Unpack
from urllib.parse import quote

from .. import __version__
from ..errors import IntegrityError, Text, UsageError
from ..run.executor import default_workers
from . import now as clock
from .disk import writing
from .items import Item
from .log import Log
from .media import media_type
from .note import Checkpoint, Signer, Verifier, make_key, read_key, read_public
from .objects import Objects, Taken

TOOL = f"liquest {__version__}"
_BATCH = 128
"""Items that are acknowledged together."""

Data = Path | BinaryIO | bytes
Key = tuple[str, str, str, str, str]


class Fields(TypedDict, total=False):
    """What the caller says about an item; the rest follows from its bytes."""

    media_type: str
    source: str
    url: str
    method: str
    tool: str
    collected_at: str
    collector: str
    parent: str
    transform: str
    note: str


class Vault:
    """The vault in folder `root`. Use `Vault.open` to get one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = Objects(root / "objects")
        self.log = Log(root / "log")
        self._known: dict[Key, Item] = {}
        self._read = 0

    @classmethod
    def open(cls, case_root: Path, *, write: bool = True) -> Vault:
        """The vault of a case; made when there is none, unless only to be read.

        Raises UsageError when there is nothing to read, IntegrityError when the log is
        damaged, the key is not that of key.pub, or a checkpoint knows more than the log.
        """
        root = case_root / "vault"
        if not write:
            made = cls(root) if (root / "log").is_dir() else None
            if made is None or not (made.log.size or (root / "key.pub").exists()):
                raise UsageError(
                    Text("nothing is sealed here yet", "这里尚未封存任何内容"), where=str(root),
                    remedy=Text(f"Run: liquest seal {case_root} PATH…",
                                f"请先运行：liquest seal {case_root} 路径…"),
                )  # fmt: skip
            return made
        with writing(root):
            (root / "log").mkdir(parents=True, exist_ok=True)
            made = cls(root)
            made.log.create()
            made.objects.create()
            for name in ("checkpoints", "proofs"):
                (root / name).mkdir(exist_ok=True)
            with made.log.writing():
                if not (root / "key").exists() and not made.log.size:
                    make_key(root, _origin(case_root))
        if (root / "key").exists():
            read_key(root)
        made._agrees()
        return made

    @property
    def proofs_dir(self) -> Path:
        """Where proofs of trusted time lie."""
        return self.root / "proofs"

    @property
    def verifier(self) -> Verifier:
        """The public key, whose name is the origin of the log."""
        return read_public(self.root)

    def path_of(self, sha256: str) -> Path:
        """Where the sealed bytes of that digest lie."""
        return self.objects.path_of(sha256)

    def items(self) -> list[Item]:
        """Every item in the order of the log, each checked against its id."""
        self.log.refresh()
        return [Item.of(line) for line in self.log.lines()]

    def put(self, path: Data, *, again: bool = False, **fields: Unpack[Fields]) -> Item:
        """Seal bytes; returns their item, the one that is there if nothing about it is new.

        With `again`, a new line is written in any case: the same bytes, seen once more.
        """
        return next(self.put_each([(path, fields)], again=again))

    def put_many(
        self, entries: Iterable[tuple[Data, Fields]], *, again: bool = False
    ) -> list[Item]:
        """Seal many; returns their items in order."""
        return list(self.put_each(entries, again=again))

    def put_each(
        self, entries: Iterable[tuple[Data, Fields]], *, again: bool = False
    ) -> Iterator[Item]:
        """Seal many, yielding each item once it is acknowledged, in batches."""
        todo = iter(entries)
        with ThreadPoolExecutor(default_workers(), thread_name_prefix="seal") as pool:
            while batch := list(islice(todo, _BATCH)):
                with writing(self.root):
                    if len(batch) == 1:
                        taken = [self.objects.add(batch[0][0])]
                    else:
                        taken = list(pool.map(self.objects.add, [data for data, _ in batch]))
                    self.objects.sync()
                    made = [_item(data, t, f) for (data, f), t in zip(batch, taken, strict=True)]
                    made = self._append(made, again=again)
                yield from made

    def _append(self, made: list[Item], *, again: bool) -> list[Item]:
        """Lines for what is new; returns the items as they stand in the log."""
        with self.log.writing():
            self._learn()
            fresh: list[Item] = []
            stand: list[Item] = []
            for item in made:
                known = None if again else self._known.get(key_of(item))
                if known is None:
                    self._known[key_of(item)] = item
                    fresh.append(item)
                stand.append(known or item)
            self.log.append([item.line() for item in fresh])
            self._read = self.log.state.bytes
            return stand

    def known(
        self, sha256: str, source: str, *, parent: str = "", transform: str = "", url: str = ""
    ) -> Item | None:
        """The item that says just this, if it is sealed and its bytes are there."""
        self._learn()
        found = self._known.get((sha256, source, url, parent, transform))
        return found if found is not None and self.path_of(sha256).exists() else None

    def find(self, name: str) -> Item:
        """The one item whose id begins with `name`, or whose source it is (the newest).

        Raises UsageError when there is none, or more than one by id.
        """
        items = self.items()
        by_source = [i for i in items if i.source == name and not i.parent]
        found = by_source[-1:] or [i for i in items if name and i.id.startswith(name.lower())]
        if len(found) != 1:
            raise UsageError(
                Text(
                    f"{len(found)} items are called '{name}'",
                    f"名为“{name}”的条目有 {len(found)} 个",
                ),
                remedy=Text(
                    "List them with: liquest custody CASE", "请用 liquest custody 案件 查看。"
                ),
            )
        return found[0]

    def _learn(self) -> None:
        """Take in lines that came since; ids are checked by `items` and by verification."""
        with self.log.writing():
            for line in self.log.lines(self._read):
                data = json.loads(line)
                del data["id"]
                item = Item(**data)
                self._known.setdefault(key_of(item), item)
            self._read = self.log.state.bytes

    def checkpoint(self) -> bytes:
        """The signed note over the log as it stands; the same bytes for the same log.

        Raises IntegrityError when an older checkpoint does not agree with the log: a fork.
        """
        signer = read_key(self.root)
        with writing(self.root), self.log.writing():
            self._agrees()
            point = Checkpoint(signer.name, self.log.size, self.log.root())
            note = signer.sign(point.text())
            path = self.root / "checkpoints" / f"{point.size:012d}"
            if not path.exists():
                fresh = self.root / "checkpoints" / ".new"
                fresh.write_bytes(note)
                fresh.replace(path)
            return note

    def signed(self) -> bool:
        """Whether the log as it stands has a checkpoint."""
        return (self.root / "checkpoints" / f"{self.log.size:012d}").exists()

    def checkpoints(self) -> list[tuple[Path, bytes]]:
        """The signed notes that are kept, smallest first."""
        folder = self.root / "checkpoints"
        paths = sorted(p for p in folder.glob("*") if not p.name.startswith("."))
        return [(p, p.read_bytes()) for p in paths]

    def signer(self) -> Signer:
        """The private key; IntegrityError when it is not that of key.pub."""
        return read_key(self.root)

    def _agrees(self) -> None:
        """Refuse a log that its newest checkpoint contradicts."""
        for path, note in self.checkpoints()[-1:]:
            signer = self.verifier
            point = Checkpoint.of(signer.verify(note, str(path)), str(path))
            check_agreement(point, signer.name, self.log, str(path))


def check_agreement(point: Checkpoint, origin: str, log: Log, where: str) -> None:
    """Raise IntegrityError unless the log continues what the checkpoint signed."""
    if point.origin != origin:
        raise IntegrityError(
            Text("the checkpoint is of another log", "检查点属于另一个日志"),
            expected=origin, got=point.origin, where=where,
        )  # fmt: skip
    if point.size > log.size:
        raise IntegrityError(
            Text("the log is shorter than what was signed", "日志短于已签名的长度"),
            expected=f"at least {point.size} lines", got=f"{log.size} lines", where=where,
        )  # fmt: skip
    root = log.root(point.size)
    if root != point.root:
        raise IntegrityError(
            Text(
                f"a fork: two logs of {origin} disagree about the first {point.size} lines",
                f"日志分叉：{origin} 的两个日志在前 {point.size} 行上不一致",
            ),
            expected=f"root {point.root.hex()}", got=f"root {root.hex()}", where=where,
        )  # fmt: skip


def key_of(item: Item) -> Key:
    """What makes an item the same as another, whenever and by whomever it was taken."""
    return item.sha256, item.source, item.url, item.parent, item.transform


def _item(data: Data, taken: Taken, fields: Mapping[str, Any]) -> Item:
    said = dict(fields)
    name = data.name if isinstance(data, Path) else ""
    source = said.get("source") or name
    usual = {
        "source": source, "media_type": media_type(source, taken.size), "url": "",
        "method": "file", "tool": TOOL, "collector": "",
        "collected_at": said.get("collected_at") or clock.now(),
    }  # fmt: skip
    given = {key: value for key, value in said.items() if value}
    return Item(sha256=taken.sha256, size=taken.size, **{**usual, **given})


def _origin(case_root: Path) -> str:
    """A name for the log of a new case: readable, without spaces, no two alike."""
    name = quote(case_root.resolve().name, safe="") or "case"
    return f"liquest/{name}/{secrets.token_hex(4)}"
