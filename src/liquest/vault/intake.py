"""From paths to sources: every regular file once, named by the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, Text
from ..problems import ASIDE, UNREAD, Problem
from ..run.disk import whole

_CHUNK = 1 << 20
_LINK = Text(
    "is a link to a folder; links to folders are not followed: name the folder itself as a source",
    "是指向文件夹的链接；不跟随此类链接，请直接以该文件夹为来源",
)


@dataclass(frozen=True)
class Source:
    """A file of the case: `name` is how the case speaks of it, `sha256` its identity."""

    name: str
    path: Path
    size: int
    sha256: str


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, read in pieces."""
    total = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            total.update(chunk)
    return total.hexdigest()


def walk(root: Path, *, links: bool = False) -> Iterator[Path]:
    """Regular files below `root` (or `root` itself), sorted; hidden names are left out.

    A link to a file counts once under its own name. Links to folders are not followed, so a
    loop of links ends by itself; with `links` they are yielded too, as are links that lead
    nowhere, for `take_in` to report. Pipes and devices are passed over.
    """
    if root.is_file():
        yield root
        return
    if not root.exists():
        raise InputError(
            Text("there is no such file or folder", "文件或文件夹不存在"),
            where=str(root),
            remedy=Text("Check the path.", "请检查路径。"),
        )
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        linked = [f for f in folders if links and Path(folder, f).is_symlink()]
        for name in sorted((*files, *linked)):
            path = Path(folder, name)
            wanted = path.is_file() or (links and path.is_symlink())
            if wanted and not name.startswith("."):
                yield path


class Digests:
    """Digests kept between runs: a file is hashed again when its size, one of its times or its
    inode changed. (The time of change cannot be set back as the time of writing can.)"""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[object]] = {}
        self._changed = False
        if path.exists():
            try:
                known = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                known = {}
            self._known = known if isinstance(known, dict) else {}

    def of(self, path: Path) -> str:
        """The digest of `path`, from memory where the file stands untouched."""
        state = path.stat()
        mark: list[object] = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
        known = self._known.get(str(path))
        if known is not None and known[:-1] == mark:
            return str(known[-1])
        found = digest(path)
        self._known[str(path)] = [*mark, found]
        self._changed = True
        return found

    def save(self) -> None:
        """Write what was learnt, if anything."""
        if self._changed:
            with whole(self._path) as out:
                json.dump(self._known, out, indent=0)
            self._changed = False


def take_in(
    files: Iterable[tuple[str, Path]], digests: Digests
) -> tuple[list[Source], list[Problem]]:
    """Sources of (name, path) pairs; the same bytes under two names count once."""
    sources: list[Source] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name, path in files:
        if path.is_dir():
            problems.append(Problem("link-not-followed", ASIDE, _LINK, path=name))
            continue
        try:
            sha = digests.of(path)
            size = path.stat().st_size
        except OSError as error:
            problems.append(
                Problem(
                    "unreadable",
                    UNREAD,
                    Text(f"cannot be opened: {error.strerror}", f"无法打开：{error.strerror}"),
                    path=name,
                )
            )
            continue
        if sha in seen:
            problems.append(
                Problem(
                    "same-file",
                    "kept",
                    Text(
                        f"holds the same bytes as {seen[sha]}; read once",
                        f"与 {seen[sha]} 内容完全相同，只读取一次",
                    ),
                    path=name,
                    source=sha,
                )
            )
            continue
        seen[sha] = name
        sources.append(Source(name, path, size, sha))
    return sources, problems
