"""One file to the disk, however often the line is cut.

A download stands in the part folder as two files, named by the digest of its URL:

    ID.part     the bytes so far
    ID.json     {url, etag, last_modified, size}: whose bytes they are

It goes on with `Range` and `If-Range`, so a server whose file changed meanwhile sends it
whole and it starts anew; bytes of two versions never meet in one file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from ..errors import OutputError, Text
from ..vault.intake import digest
from .web import Again, Meta, Web, meta_of, too_large

_TRICKLE = 4096
"""Bytes in one stall time below which a connection is given up."""
_RANGE = re.compile(r"^bytes (\d+)-(\d+)/(\d+|\*)$")


@dataclass(frozen=True)
class Got:
    """A whole file in the part folder, on the disk."""

    path: Path
    size: int
    sha256: str
    etag: str
    last_modified: str
    resumed: int
    """How often it went on after a cut, in this run or after an earlier one."""
    served_by: str = ""
    """The address that an allowed redirect led to, "" without one."""


@dataclass(frozen=True)
class _State:
    """Whose bytes the part holds."""

    url: str
    etag: str
    last_modified: str
    size: int | None

    @property
    def validator(self) -> str:
        """For If-Range: a strong ETag, else the date; "" when there is neither."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified


def places(folder: Path, url: str) -> tuple[Path, Path]:
    """Where the bytes of a URL grow, and where it is written whose they are."""
    name = hashlib.sha256(url.encode()).hexdigest()[:32]
    return folder / f"{name}.part", folder / f"{name}.json"


class Download:
    """One URL on its way; `take` may be called again after a failure."""

    def __init__(self, web: Web, folder: Path, url: str) -> None:
        self._web = web
        self._url = url
        self.path, self._side = places(folder, url)
        self._resumed = 0
        self._served_by = ""

    def take(self) -> Got:
        """The whole file; raises Absent, Refused, Unreachable, OutputError (disk full)."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        meta = self._web.persist(self._url, self._once, self._have)
        with self.path.open("rb") as stream:
            os.fsync(stream.fileno())
        return Got(
            self.path, self._have(), digest(self.path), meta.etag, meta.last_modified,
            self._resumed, self._served_by,
        )  # fmt: skip

    def forget(self) -> None:
        """Remove what is in the part folder of this URL."""
        self.path.unlink(missing_ok=True)
        self._side.unlink(missing_ok=True)

    def _have(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _state(self) -> _State | None:
        try:
            state = _State(**json.loads(self._side.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return state if state.url == self._url and state.validator else None

    def _once(self) -> Meta:
        state, have = self._state(), self._have()
        if state is None or not have or (state.size is not None and have > state.size):
            self.forget()
            state, have = None, 0
        if state is not None and state.size == have:
            # Killed between the last byte and the seal: ask whether it is still the same.
            now = self._web.head(self._url)
            if now.size == have and (now.etag, now.last_modified) == (
                state.etag, state.last_modified,
            ):  # fmt: skip
                self._resumed += 1
                return now
            self.forget()
            state, have = None, 0
        headers = {}
        if state is not None:
            headers = {"Range": f"bytes={have}-", "If-Range": state.validator}
        with self._web.open("GET", self._url, headers) as response:
            served = str(response.request.url)
            self._served_by = served if served != str(httpx.URL(self._url)) else ""
            return self._receive(response, state, have)

    def _receive(self, response: httpx.Response, state: _State | None, have: int) -> Meta:
        meta = meta_of(response)
        if response.status_code == 416:
            self.forget()
            raise Again("HTTP 416: the server has fewer bytes than are here")
        whole: int | None = meta.size
        if response.status_code == 206:
            if state is None:
                raise Again("HTTP 206 although no range was asked for")
            found = _RANGE.match(response.headers.get("content-range", ""))
            same = (
                found is not None
                and int(found[1]) == have
                and (state.size is None or found[3] in ("*", str(state.size)))
                and meta.etag in ("", state.etag)
                and meta.last_modified in ("", state.last_modified)
            )
            if not same:
                self.forget()
                raise Again("the range that came belongs to another version")
            self._resumed += 1
            whole = state.size
            meta = Meta(whole, state.etag, state.last_modified)
        else:
            self.forget()
            have = 0
            self.path.touch()
            state = _State(self._url, meta.etag, meta.last_modified, whole)
            self._side.write_text(json.dumps(asdict(state)), encoding="utf-8")
        self._write(response, have, whole)
        return meta

    def _write(self, response: httpx.Response, have: int, whole: int | None) -> None:
        limits = self._web.limits
        if whole is not None and whole > limits.file_bytes:
            self.forget()
            raise too_large(self._url, whole, limits.file_bytes)
        self._room((whole or have) - have)
        with self.path.open("ab") as out:
            room = 256 << 20
            since, then = self._web.time.monotonic(), have
            for piece in self._web.bounded(response, limits.file_bytes - have):
                out.write(piece)
                have += len(piece)
                room -= len(piece)
                now = self._web.time.monotonic()
                if now - since > limits.stall:
                    if have - then < _TRICKLE:
                        raise Again(f"a trickle: {have - then} bytes in {now - since:.0f} s")
                    since, then = now, have
                if whole is None and room < 0:
                    self._room(0)
                    room = 256 << 20
        if whole is not None and have != whole:
            if have > whole:
                self.forget()
            raise Again(f"{have} of {whole} bytes came")

    def _room(self, needed: int) -> None:
        free = shutil.disk_usage(self.path.parent).free
        if free < needed + self._web.limits.reserve_bytes:
            raise OutputError(
                Text(
                    f"the disk is full: {needed:,} bytes are needed, {free:,} are free",
                    f"磁盘空间不足：需要 {needed:,} 字节，剩余 {free:,} 字节",
                ),
                where=str(self.path.parent),
                remedy=Text(
                    "Free some space; what has landed stays.", "请清理空间；已完成的部分会保留。"
                ),
            )
