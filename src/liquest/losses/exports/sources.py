"""Where exports come from: files, folders and zips, each as bytes on the disk with a name.

A zip is opened with care: nothing is ever written under a name that stands in it, what it
unpacks to is bounded by count, size and ratio and counted as it comes, and a zip in a zip or one
with a password is named and left closed. A workbook is one source here, whatever sheets it has.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ...errors import InputError, Text, UnreadableFile
from ...problems import UNREAD, Problem
from .foreign import AGAIN, BROKEN, UNPACK, is_office, no_export

MOST_FILES = 2_000
"""Files of one account; a folder that holds more is not an account's."""
LARGEST = 2 << 30
"""Bytes of one file, and of one zip unpacked."""
RATIO = 200
"""A zip that unpacks to more than this many times its size is a bomb; exports pack 5 to 20."""
SMALL = 64 << 20
"""Bytes below which the ratio does not matter."""
_CHUNK = 1 << 20


class Merged(NamedTuple):
    """Cells that a workbook shows as one: rows and columns from 1, both ends within."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Source:
    """Bytes that may be an export. `name` is how a person knows it (`orders.zip: 1.csv`),
    `named` whether that person named the file itself: then a refusal is an error. Of a sheet of a
    workbook `path` and `size` are those of its transcript, `merged` its merged cells."""

    name: str
    path: Path
    sha256: str
    size: int
    named: bool
    merged: tuple[Merged, ...] | None = None

    @property
    def of_workbook(self) -> bool:
        """Whether it is a sheet of a workbook."""
        return self.merged is not None

    @property
    def file_name(self) -> str:
        """The last part of the name: where a venue writes the zone."""
        return PurePosixPath(self.name.replace("\\", "/").rpartition(": ")[2]).name


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[tuple[list[Source], list[Problem]]]:
    """Every file below `paths` in the order of their names, and what could not be opened.

    Raises UnreadableFile for a path that is not there and InputError for more than MOST_FILES.
    Files of zips stand in a temporary folder until the end.
    """
    with tempfile.TemporaryDirectory(prefix="liquest-exports-") as folder:
        sources: list[Source] = []
        problems: list[Problem] = []
        for path, shown, named in _files(paths):
            try:
                if zipfile.is_zipfile(path) and not is_office(path):
                    inner = Path(folder) / str(len(sources))
                    inner.mkdir(exist_ok=True)
                    sources += _members(path, inner, problems)
                else:
                    sources.append(_source(shown, path, named))
            except OSError as error:
                raise unreadable(path, error) from None
            except InputError as error:
                if named:
                    raise
                problems.append(unread(error, shown))
            if len(sources) > MOST_FILES:
                raise _many(path)
        yield sources, problems


def unread(error: InputError, name: str, sha256: str = "") -> Problem:
    """The problem that a refused file becomes when it was not named itself."""
    remedy = error.remedy or Text("", "")
    return Problem(
        "unread", UNREAD,
        Text(f"{error.what.en}. {remedy.en}".strip(), f"{error.what.zh}。{remedy.zh}"),
        name, sha256,
    )  # fmt: skip


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str, bool]]:
    """Each file, how it is shown, and whether it was named itself."""
    for path in paths:
        if not path.is_dir():
            yield path, path.name, True
            continue
        found = 0
        for inner in sorted(path.rglob("*")):
            parts = inner.relative_to(path).parts
            if any(part.startswith((".", "~$", "__MACOSX")) for part in parts):
                continue
            if inner.is_file():
                found += 1
                if found > MOST_FILES:
                    raise _many(path)
                yield inner, "/".join(parts), False


def _source(name: str, path: Path, named: bool) -> Source:
    size = path.stat().st_size
    if size > LARGEST:
        raise UnreadableFile(
            Text(f"the file has {size / 2**30:.1f} GiB", f"文件大小为 {size / 2**30:.1f} GiB"),
            where=name, remedy=SHORTER,
        )  # fmt: skip
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return Source(name, path, digest.hexdigest(), size, named)


def _members(archive: Path, folder: Path, problems: list[Problem]) -> Iterator[Source]:
    """The files of a zip, unpacked under numbers. Raises UnreadableFile for a bomb, a password
    or damage."""
    limit = max(SMALL, archive.stat().st_size * RATIO)
    spent = 0
    try:
        with zipfile.ZipFile(archive) as held:
            infos = [info for info in held.infolist() if not info.is_dir()]
            if len(infos) > MOST_FILES:
                raise _many(archive)
            for place, info in enumerate(infos):
                name = _member_name(info)
                if name.startswith((".", "~$")) or "__MACOSX" in info.filename:
                    continue
                if info.flag_bits & 0x1:
                    raise UnreadableFile(
                        Text("the zip has a password", "zip 压缩包设有密码"), where=archive.name,
                        remedy=Text("Unpack it and give the files.", "请解压后提供文件。"),
                    )  # fmt: skip
                path = folder / str(place)
                spent += _unpack(held, info, path, min(limit, LARGEST) - spent, archive)
                shown = f"{archive.name}: {name}"
                if zipfile.is_zipfile(path) and not is_office(path):
                    error = no_export(shown, Text("a zip in a zip", "压缩包中的压缩包"), UNPACK)
                    problems.append(unread(error, shown))
                    path.unlink()
                    continue
                yield _source(shown, path, False)
    except BROKEN:
        raise UnreadableFile(
            Text("the zip is damaged", "zip 压缩包已损坏"),
            where=archive.name,
            remedy=AGAIN,
        ) from None


def _unpack(
    held: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, left: int, archive: Path
) -> int:
    """Writes one member to `path`, at most `left` bytes; the bytes written."""
    written = 0
    with held.open(info) as stream, path.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            written += len(chunk)
            if written > left:
                raise UnreadableFile(
                    Text("the zip unpacks to far more than exports do",
                         "zip 解压后的大小远超正常导出文件"),
                    where=archive.name,
                    remedy=Text("Unpack it by hand and give the CSV files.",
                                "请手动解压后提供 CSV 文件。"),
                )  # fmt: skip
            out.write(chunk)
    return written


def _member_name(info: zipfile.ZipInfo) -> str:
    """The last part of a member's name. Zips of Chinese Windows write names in GBK."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = info.filename
    return PurePosixPath(name.replace("\\", "/")).name or "?"


SHORTER = Text(
    "Export a shorter time: the days around the event are enough.",
    "请缩短导出的时间范围：事件前后几天即可。",
)


def _many(path: Path) -> InputError:
    return InputError(
        Text(f"more than {MOST_FILES:,} files", f"文件超过 {MOST_FILES:,} 个"),
        where=str(path),
        remedy=Text("Give the folder of one account.", "请提供单个账户的文件夹。"),
    )


def unreadable(path: Path, error: OSError) -> UnreadableFile:
    """The refusal of a file that the system does not give."""
    return UnreadableFile(
        Text(f"it cannot be read ({error.strerror})", f"无法读取（{error.strerror}）"),
        where=str(path),
        remedy=Text("Check the path and its permissions.", "请检查路径与权限。"),
    )
