"""Where fetched bytes land: the vault of a case, or a plain folder.

`Sealer` is all that fetch asks of the vault, so that a folder can stand in for it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from ..errors import InputError, Text
from ..vault.intake import digest
from ..vault.now import now
from .names import unsafe

_SIDE = ".fetched.json"


class Sealed(Protocol):
    """What fetch reads of an item of the vault."""

    @property
    def sha256(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def source(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def collected_at(self) -> str: ...

    @property
    def note(self) -> str: ...


class Sealer(Protocol):
    """Keeps bytes for good: when `put` has returned, they are safe from a crash. With `again`
    the same bytes get a line of their own, seen once more."""

    def put(
        self,
        path: Path,
        *,
        source: str,
        url: str = "",
        method: str = "",
        tool: str = "",
        collector: str = "",
        note: str = "",
        media_type: str = "",
        again: bool = False,
    ) -> Sealed: ...

    def items(self) -> Iterable[Sealed]: ...

    def path_of(self, sha256: str) -> Path: ...


@dataclass(frozen=True)
class Kept:
    """A file of a plain folder, as its sidecar says."""

    sha256: str
    size: int
    source: str
    url: str
    collected_at: str
    note: str
    method: str = ""
    tool: str = ""
    collector: str = ""
    media_type: str = ""
    stands_at: str = ""


class Folder:
    """Plain files below `root`, each with a sidecar `NAME.fetched.json`.

    The sidecar is written last: a file without one was never acknowledged. Other bytes
    for a name that is taken stand beside it, under the beginning of their digest.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(
        self,
        path: Path,
        *,
        source: str,
        url: str = "",
        method: str = "",
        tool: str = "",
        collector: str = "",
        note: str = "",
        media_type: str = "",
        again: bool = False,
    ) -> Kept:
        del again
        if (why := unsafe(source)) is not None:
            raise InputError(why, where=ascii(source))
        sha = digest(path)
        place = self._root / source
        if place.exists() and digest(place) != sha:
            place = place.with_name(f"{sha[:12]}.{place.name}")
        kept = Kept(
            sha, path.stat().st_size, source, url, now(), note, method, tool, collector,
            media_type, place.relative_to(self._root).as_posix(),
        )  # fmt: skip
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.part")
        shutil.copyfile(path, part)
        _settle(part, place)
        part.write_text(json.dumps(asdict(kept), ensure_ascii=False, indent=1), encoding="utf-8")
        _settle(part, place.with_name(place.name + _SIDE))
        return kept

    def items(self) -> list[Kept]:
        found = []
        for side in sorted(self._root.rglob("*" + _SIDE)):
            try:
                kept = Kept(**json.loads(side.read_text(encoding="utf-8")))
            except (ValueError, TypeError):
                continue
            if (self._root / kept.stands_at).is_file():
                found.append(kept)
        return sorted(found, key=lambda k: (k.collected_at, k.source))

    def path_of(self, sha256: str) -> Path:
        for kept in self.items():
            if kept.sha256 == sha256:
                return self._root / kept.stands_at
        raise InputError(
            Text("no such file was fetched here", "此处没有该文件"), where=f"{self._root}: {sha256}"
        )


class Both:
    """Sealed in the first, laid out as plain files in the second."""

    def __init__(self, first: Sealer, second: Folder) -> None:
        self._first, self._second = first, second

    def put(
        self,
        path: Path,
        *,
        source: str,
        url: str = "",
        method: str = "",
        tool: str = "",
        collector: str = "",
        note: str = "",
        media_type: str = "",
        again: bool = False,
    ) -> Sealed:
        self._second.put(
            path, source=source, url=url, method=method, tool=tool, collector=collector,
            note=note, media_type=media_type,
        )  # fmt: skip
        return self._first.put(
            path, source=source, url=url, method=method, tool=tool, collector=collector,
            note=note, media_type=media_type, again=again,
        )  # fmt: skip

    def items(self) -> list[Sealed]:
        """What both hold; a file that one of them lacks is fetched again."""
        there = {(k.url, k.sha256) for k in self._second.items()}
        return [i for i in self._first.items() if (i.url, i.sha256) in there]

    def path_of(self, sha256: str) -> Path:
        return self._first.path_of(sha256)


def _settle(part: Path, place: Path) -> None:
    """Bytes to the disk, then the name."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.replace(place)
