"""One file of mark prices that a user gives: where its text lies, and whose prices they are.

    BTCUSDT-1m-2025-10-10.zip      the symbol stands in the name
    XRPUSDT=C:/marks.csv           or before the path

A file is a CSV, or a zip of one. It is used whole or not at all: a price left out would move a
breach unseen, so a row at fault is refused by its number.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError, Text, UnknownFormat, UnreadableFile, UsageError
from ...replay.positions_text import TextFile, text_file

LIMIT = 256 << 20
"""Bytes of a file, unpacked: a month of seconds has more, the day of an event a tenth."""
_SYMBOL = re.compile(
    r"(?<![A-Z0-9])([A-Z0-9]{1,20}(?:(?:USDT|USDC)(?:_\d{6})?|USD_PERP|USD_\d{6}))(?![A-Z0-9])"
)
_GIVEN = re.compile(r"([A-Za-z0-9]{2,24}(?:_(?:PERP|perp|\d{6}))?)=(.+)")
_TABLES = (".csv", ".txt")
_CONTRACT = re.compile(r"\w{2,32}")
_KEEP = Text(
    "Keep the rows of the hours in question, or give several files.",
    "请只保留相关时段的行，或拆分为多个文件。",
)


@dataclass(frozen=True)
class Given:
    """A file and the contract whose mark prices it holds. Raises UsageError for no symbol."""

    symbol: str
    path: Path

    def __post_init__(self) -> None:
        if not _CONTRACT.fullmatch(self.symbol):
            raise _nameless(str(self.path))

    @classmethod
    def of(cls, text: str | Path) -> Given:
        """From `SYMBOL=path`, or from a path whose name holds one symbol."""
        pair = _GIVEN.fullmatch(str(text))
        if pair is not None and not Path(text).exists():
            return cls(pair[1].upper(), Path(pair[2]))
        path = Path(text)
        found = set(_SYMBOL.findall(path.name.upper()))
        if len(found) != 1:
            raise _nameless(str(text))
        return cls(found.pop(), path)


@contextmanager
def text_of(path: Path) -> Iterator[tuple[TextFile, str]]:
    """The text of a file and the name to call it by (its member's too, in a zip).

    Raises UnreadableFile for what is broken, too large or locked, UnknownFormat for what is no
    table.
    """
    try:
        packed = path.is_file() and zipfile.is_zipfile(path)
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        packed, size = False, 0  # What is wrong with it, reading it says.
    if size > LIMIT:
        raise _too_large(str(path))
    if not packed:
        with _named(str(path)):
            text = text_file(path)
        yield text, str(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        member = Path(folder) / "member.csv"
        name = _unpack(path, member)
        with _named(name):
            text = text_file(member)
        yield text, name


def _unpack(path: Path, member: Path) -> str:
    """The one CSV of a zip, written to `member`; the name to call it by."""
    try:
        with zipfile.ZipFile(path) as archive:
            tables = [i for i in archive.infolist() if i.filename.lower().endswith(_TABLES)]
            if len(tables) != 1:
                raise UnknownFormat(
                    Text(
                        f"the zip holds {len(tables)} tables of prices, one is expected",
                        f"压缩包内有 {len(tables)} 个价格表，应只有一个",
                    ),
                    where=str(path),
                    remedy=Text("Unpack it and give the CSV.", "请解压后提供 CSV 文件。"),
                )
            if tables[0].file_size > LIMIT:
                raise _too_large(str(path))
            with archive.open(tables[0]) as packed:
                data = packed.read(LIMIT + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _broken(path, Text(str(error), "文件损坏")) from None
    except RuntimeError:  # How zipfile says that a password is needed.
        raise _broken(path, Text("a password is needed", "需要密码")) from None
    if len(data) > LIMIT:
        raise _too_large(str(path))
    member.write_bytes(data)
    return f"{path}/{Path(tables[0].filename).name}"


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors of the reader of tables, about prices instead of positions and under `name`."""
    try:
        yield
    except (UnknownFormat, UnreadableFile) as error:
        what = Text(
            error.what.en.replace("table of positions", "table of prices"),
            error.what.zh.replace("持仓表", "价格表"),
        )
        raise type(error)(what, where=name, remedy=error.remedy) from None


def _too_large(name: str) -> UnreadableFile:
    mib = LIMIT >> 20
    return UnreadableFile(
        Text(f"the file has more than {mib} MiB of prices", f"价格文件超过 {mib} MiB"),
        where=name, remedy=_KEEP,
    )  # fmt: skip


def _broken(path: Path, why: Text) -> UnreadableFile:
    return UnreadableFile(
        Text(f"the zip cannot be unpacked ({why.en})", f"压缩包无法解压（{why.zh}）"),
        where=str(path),
        remedy=Text(
            "Fetch it again, or unpack it and give the CSV.", "请重新下载，或解压后提供 CSV 文件。"
        ),
    )  # fmt: skip


def _nameless(text: str) -> UsageError:
    return UsageError(
        Text(
            "the file name does not say which contract these mark prices are of",
            "文件名未注明这些标记价格属于哪个合约",
        ),
        where=text,
        remedy=Text(
            f"Write it before the path: XRPUSDT={text or 'marks.csv'}",
            f"请在路径前写明：XRPUSDT={text or 'marks.csv'}",
        ),
    )


def at_fault(name: str, row: int, what: Text, remedy: Text) -> InputError:
    """The error of one row."""
    return InputError(what, where=f"{name}:{row}", remedy=remedy)
