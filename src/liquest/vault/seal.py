"""`liquest seal` and the sealing that `investigate` does by itself.

Names are judged before the first byte is read: one bad name, and nothing is sealed.
Sealing goes on where it was stopped: what the log holds already is only hashed.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from ..errors import InputError, LiquestError, Text, UnreadableFile, UsageError
from ..problems import KEPT, Problem
from ..run.progress import Progress, shown
from .intake import Source, digest, walk
from .items import Item, canonical
from .store import TOOL, Data, Fields, Vault
from .withheld import SAID, known_version, must_withhold, original_of, seal_withheld

_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing: a name would not read as it is."""


def collector() -> str:
    """Who seals: LIQUEST_COLLECTOR, else the name of the account."""
    try:
        return os.environ.get("LIQUEST_COLLECTOR") or getpass.getuser()
    except (KeyError, OSError):
        return ""


def named_files(paths: Iterable[Path], prefix: str = "") -> list[tuple[str, Path]]:
    """(name, path) of every file below `paths`, in the order given.

    A file in a folder is named FOLDER/inner/path, without what lies above the folder.
    Raises InputError for a name that cannot stand in a manifest as it reads.
    """
    found: list[tuple[str, Path]] = []
    for root in paths:
        for path in walk(root):
            inner = path.relative_to(root) if path != root else Path()
            name = (Path(root.resolve().name) / inner).as_posix()
            name = f"{prefix.rstrip('/')}/{name}" if prefix else name
            if why := refused_name(name):
                raise InputError(
                    Text(f"a name is refused: {why.en}", f"拒绝该文件名：{why.zh}"),
                    where=ascii(str(path)),
                    remedy=Text("Rename the file, then seal it.", "请重命名后再封存。"),
                )
            found.append((name, path))
    if not found:
        raise UsageError(Text("there is nothing to seal", "没有可封存的文件"))
    return found


def refused_name(name: str) -> Text | None:
    """Why a name cannot stand in a manifest; None when it can."""
    for char in name:
        kind = unicodedata.category(char)
        if kind == "Cs":
            return Text("it is not valid UTF-8", "不是合法的 UTF-8")
        if kind in ("Cc", "Zl", "Zp") or char in _BIDI:
            return Text(f"it holds the control character U+{ord(char):04X}",
                        f"含有控制字符 U+{ord(char):04X}")  # fmt: skip
    if ".." in name.split("/"):
        return Text("it leaves its folder", "越出所在文件夹")
    return None


def seal_paths(
    vault: Vault, paths: Iterable[Path], progress: Progress, fields: Fields, prefix: str = ""
) -> Iterator[Item]:
    """Seal files and folders; yields each item once it is acknowledged, then signs the log.

    Raises InputError for a name or a file that is refused; what was yielded stays sealed.
    """
    files = named_files(paths, prefix)
    sealed = {(i.source, i.size) for i in vault.items() if not i.parent}
    versions = {i.source for i in vault.items() if original_of(i)}
    with shown(progress, Text("Sealing", "封存"), len(files)):
        # Files that may be sealed already are only hashed, so that a run that was
        # stopped does not copy everything once more.
        for maybe, group in groupby(files, lambda f: _may_be_sealed(f, sealed, versions)):
            todo: list[tuple[str, Path]] = []
            for name, path in group:
                known = _known(vault, digest(path), name) if maybe else None
                if known is None and must_withhold(path):
                    progress.step(name)
                    yield seal_withheld(vault, path, digest(path), {**fields, "source": name})
                elif known is None:
                    todo.append((name, path))
                else:
                    progress.step(name)
                    yield known
            entries: list[tuple[Data, Fields]] = [
                (path, {**fields, "source": name}) for name, path in todo
            ]
            for item in vault.put_each(entries):
                progress.step(item.source)
                yield item
    vault.checkpoint()


def _may_be_sealed(
    file: tuple[str, Path], sealed: Collection[tuple[str, int]], versions: Collection[str]
) -> bool:
    return file[0] in versions or (file[0], _size(file[1])) in sealed


def _known(vault: Vault, sha256: str, name: str) -> Item | None:
    """What stands in the log for a file: its own item, or its version without credentials."""
    return vault.known(sha256, name) or known_version(vault, sha256, name)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        # Gone since it was listed: reading it will say so.
        return -1


def seal_sources(
    root: Path, sources: Iterable[Source], derived: Iterable[tuple[str, str, Any]],
    progress: Progress,
) -> list[Problem]:  # fmt: skip
    """Seal what a run has read, and record what it made of it; sign when anything is new.

    `derived` holds (SHA-256 of the source, transform, catalog): the catalog goes in as
    canonical JSON, a child of its source, so that a later run that makes something else
    of the same bytes is seen. What cannot be sealed becomes a problem and stops nothing.
    """
    try:
        vault = Vault.open(root)
    except LiquestError as error:
        return [_not_sealed("", "", error)]
    problems: list[Problem] = []
    parents: dict[str, Item] = {}
    fresh = bool(vault.log.size and not vault.signed())
    who: Fields = {"collector": collector(), "method": "investigate", "tool": TOOL}
    todo: list[Source] = []
    for source in sources:
        known = _known(vault, source.sha256, source.name)
        if known is not None:
            parents[source.sha256] = known
            problems += [_said(source)] if original_of(known) else []
        elif must_withhold(source.path):
            fresh |= _withheld(vault, source, who, parents, problems)
        else:
            todo.append(source)
    with shown(progress, Text("Sealing", "封存"), len(todo)):
        for source, item in zip(todo, _each(vault, todo, who, problems), strict=True):
            progress.step(source.name)
            if item is None:
                continue
            fresh = True
            parents[item.sha256] = item
            if item.sha256 != source.sha256:
                problems.append(_changed(source))
    children: list[tuple[Data, Fields]] = []
    for sha, transform, catalog in derived:
        parent = parents.get(sha)
        raw = canonical(catalog)
        if parent is None or _recorded(vault, raw, parent, transform):
            continue
        said: Fields = {
            **who, "source": parent.source, "parent": parent.id, "transform": transform,
            "media_type": "application/json",
        }  # fmt: skip
        children.append((raw, said))
    try:
        if children:
            vault.put_many(children)
            fresh = True
        if fresh:
            vault.checkpoint()
    except LiquestError as error:
        problems.append(_not_sealed("", "", error))
    return problems


def _withheld(
    vault: Vault, source: Source, who: Fields, parents: dict[str, Item], problems: list[Problem]
) -> bool:
    """Seal a source with credentials; False and a problem where that cannot be done."""
    try:
        said: Fields = {**who, "source": source.name}
        parents[source.sha256] = seal_withheld(vault, source.path, source.sha256, said)
    except (LiquestError, OSError) as error:
        kept = error if isinstance(error, LiquestError) else UnreadableFile(
            Text(f"cannot be read: {error}", f"无法读取：{error}")
        )  # fmt: skip
        problems.append(_not_sealed(source.name, source.sha256, kept))
        return False
    problems.append(_said(source))
    return True


def _said(source: Source) -> Problem:
    return Problem(
        "credentials-withheld", KEPT,
        SAID,
        path=source.name, source=source.sha256, count=0,
    )  # fmt: skip


def _each(
    vault: Vault, todo: list[Source], who: Fields, problems: list[Problem]
) -> Iterator[Item | None]:
    """Items of sources, in order; None and a problem for one that cannot be sealed.

    Many are sealed at once, but one bad file spoils its whole batch: then one by one.
    """
    entries: list[tuple[Data, Fields]] = [(s.path, {**who, "source": s.name}) for s in todo]
    done = 0
    try:
        for item in vault.put_each(entries):
            done += 1
            yield item
    except InputError:
        for source, entry in zip(todo[done:], entries[done:], strict=True):
            try:
                yield vault.put_many([entry])[0]
            except InputError as error:
                problems.append(_not_sealed(source.name, source.sha256, error))
                yield None


def _recorded(vault: Vault, raw: bytes, parent: Item, transform: str) -> bool:
    sha = hashlib.sha256(raw).hexdigest()
    known = vault.known(sha, parent.source, parent=parent.id, transform=transform)
    return known is not None


def _not_sealed(name: str, sha: str, error: LiquestError) -> Problem:
    return Problem(
        "not-sealed", KEPT, Text(f"not sealed: {error.what.en}", f"未封存：{error.what.zh}"),
        path=name, source=sha, count=0,
    )  # fmt: skip


def _changed(source: Source) -> Problem:
    return Problem(
        "changed", KEPT,
        Text("the file changed between reading and sealing; run again",
             "文件在读取与封存之间发生变化，请重新运行"),
        path=source.name, source=source.sha256, count=0,
    )  # fmt: skip
