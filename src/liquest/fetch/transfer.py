"""A wanted file → its bytes, verified against what the venue publishes of them."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import Text
from ..problems import KEPT, Problem
from . import wanted as files
from .checksum import published
from .download import Download, Got
from .failures import Absent, Mismatch
from .names import media_type
from .wanted import Record, Wanted
from .web import Web


@dataclass(frozen=True)
class Companion:
    """A small document that belongs to a file and is sealed before it."""

    key: str
    url: str
    body: bytes
    media_type: str
    note: str = ""


@dataclass
class Obtained:
    """A whole file, ready to be sealed. `done` removes it from the part folder."""

    path: Path
    record: Record
    method: str
    media_type: str
    companions: list[Companion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    leftovers: list[Path] = field(default_factory=list)

    def done(self) -> None:
        for path in (self.path, *self.leftovers):
            path.unlink(missing_ok=True)


class Source(Protocol):
    """Gets files of one scheme (http, ccxt)."""

    def obtain(self, wanted: Wanted, folder: Path) -> Obtained: ...


class Transfer:
    """Files over HTTP. With `verify` the published checksum is asked for and must fit."""

    def __init__(self, web: Web, *, verify: bool = True) -> None:
        self._web = web
        self._verify = verify

    def obtain(self, wanted: Wanted, folder: Path) -> Obtained:
        """The file in `folder`; raises Absent, Refused, Mismatch, Unreachable."""
        download = Download(self._web, folder, wanted.url)
        got = download.take()
        problems: list[Problem] = []
        text, told = "", ""
        if wanted.checksum and self._verify:
            text, told = self._published(wanted, problems)
            if told and told != got.sha256:
                # The venue may have replaced the file between the two requests.
                download.forget()
                got = download.take()
                text, told = self._published(wanted, problems)
            if told and told != got.sha256:
                raise self._reject(wanted, folder, download, got, told)
        if not told and self._verify and not sound(got.path):
            first = got.sha256
            download.forget()
            got = download.take()
            problems.append(_broken(wanted, same=first == got.sha256))
        if wanted.etag and got.etag and wanted.etag.strip('"') != got.etag.strip('"'):
            problems.append(_changed(wanted, got))
        record = files.of(
            wanted, etag=got.etag, last_modified=got.last_modified, published_sha256=told,
            resumed=str(got.resumed or ""),
            more=f"served by {got.served_by}" if got.served_by else "",
        )  # fmt: skip
        companions = []
        if told:
            note = files.of(wanted, checksum_of=got.sha256).note()
            companions.append(
                Companion(wanted.key + ".CHECKSUM", wanted.checksum, text.encode(), "text/plain",
                          note)
            )  # fmt: skip
        method = "HTTP GET; published SHA-256 verified" if told else "HTTP GET"
        return Obtained(
            got.path, record, method, media_type(wanted.name), companions, problems,
            [got.path.with_suffix(".json")],
        )  # fmt: skip

    def _published(self, wanted: Wanted, problems: list[Problem]) -> tuple[str, str]:
        """The text and the digest in it; ("", "") with a problem where the venue has none."""
        try:
            text = self._web.text(wanted.checksum)
        except Absent:
            problems.append(
                Problem(
                    "no-checksum", KEPT,
                    Text("the venue publishes no checksum beside it", "交易场所未公布其校验和"),
                    path=wanted.source,
                )
            )  # fmt: skip
            return "", ""
        try:
            return text, published(text, wanted.name, wanted.checksum)
        except Mismatch as error:
            return text, error.what.en

    def _reject(
        self, wanted: Wanted, folder: Path, download: Download, got: Got, told: str
    ) -> Mismatch:
        """Keep the bytes aside with the reason; they are never sealed."""
        error = Mismatch(
            wanted.url, published=told, got=got.sha256,
            reason=None if len(told) == 64 else Text(told, "校验和文件内容无效：" + told),
        )  # fmt: skip
        aside = folder / f"{got.sha256[:12]}.{wanted.name}.rejected"
        got.path.replace(aside)
        why = {
            "url": wanted.url, "source": wanted.source, "sha256": got.sha256, "size": got.size,
            "published": told, "etag": got.etag, "last_modified": got.last_modified,
            "reason": list(error.what),
        }  # fmt: skip
        aside.with_name(aside.name + ".json").write_text(
            json.dumps(why, ensure_ascii=False, indent=1), encoding="utf-8"
        )
        download.forget()
        return error


def sound(path: Path) -> bool:
    """False when a gzip or zip archive does not unpack with its own check sums."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    try:
        if magic.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as packed:
                while packed.read(1 << 20):
                    pass
        elif magic.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                return archive.testzip() is None
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False
    return True


def _broken(wanted: Wanted, *, same: bool) -> Problem:
    if same:
        text = Text(
            "the archive is broken as the venue serves it; sealed as it came",
            "交易场所提供的压缩文件本身已损坏；按原样封存",
        )
    else:
        text = Text(
            "the archive came broken and was fetched a second time",
            "首次下载的压缩文件已损坏，已重新下载",
        )
    return Problem("archive-broken", KEPT, text, path=wanted.source)


def _changed(wanted: Wanted, got: Got) -> Problem:
    return Problem(
        "changed-since-listing", KEPT,
        Text(
            f"it changed between listing and download: ETag {wanted.etag} became {got.etag}",
            f"文件在列表与下载之间发生变化：ETag 由 {wanted.etag} 变为 {got.etag}",
        ),
        path=wanted.source, source=got.sha256,
    )  # fmt: skip
