"""A loopback server with the layout of public archives, and every fault a line can have."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from liquest.fetch.pacing import Limits
from liquest.fetch.web import Web, make_client


@dataclass
class Fault:
    """What one answer does instead of serving the file.

    `status` alone answers with it; `cut` ends the connection after so many bytes of the body,
    `stall` keeps still for so many seconds there; `then` runs before the answer.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    stall: float = 0.0
    plain: bool = False
    chunked: bool = False
    drip: float = 0.0
    then: Callable[[], None] | None = None


@dataclass
class Served:
    body: bytes
    etag: str
    modified: str = "Sat, 11 Oct 2025 02:11:04 GMT"


class ArchiveServer:
    """Files by path (without the leading slash), faults by path, and what was asked."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.extra_keys: list[str] = []
        self.page = 1000
        self.generation = 1
        self.next_marker = True
        self.pause = 0.0
        self.head_status = 0
        self.answers: dict[str, bytes] = {}
        self.lock = threading.Lock()
        handler = type("Bound", (_Handler,), {"archive": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.http.block_on_close = False
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def put(self, key: str, body: bytes, *, checksum: bool = False, etag: str = "") -> None:
        """Publish a file, with its checksum beside it if asked."""
        digest = hashlib.md5(body).hexdigest()
        self.files[key] = Served(body, etag or f'"{digest}"')
        if checksum:
            line = f"{hashlib.sha256(body).hexdigest()}  {key.rsplit('/', 1)[-1]}\n"
            self.put(key + ".CHECKSUM", line.encode())

    def fail(self, key: str, *faults: Fault) -> None:
        self.faults.setdefault(key, []).extend(faults)

    def times(self, key: str, method: str = "GET") -> int:
        """How often a file was asked for."""
        return sum(m == method and p == key for m, p, _ in self.asked)

    def headers(self, key: str) -> list[dict[str, str]]:
        return [h for m, p, h in self.asked if p == key and m == "GET"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    archive: ArchiveServer

    def log_message(self, format: str, *args: Any) -> None:
        del format, args

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except ConnectionError:
            self.close_connection = True

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        parts = urlsplit(self.path)
        key = unquote(parts.path).lstrip("/")
        archive = self.archive
        with archive.lock:
            headers = {k.lower(): v for k, v in self.headers.items()}
            archive.asked.append((self.command, key, headers))
            queue = archive.faults.get(key, [])
            fault = queue.pop(0) if queue and body else Fault()
        if archive.head_status and not body:
            fault = Fault(status=archive.head_status)
        if fault.then is not None:
            fault.then()
        if fault.status:
            self._send(fault.status, b"", fault.headers, body=body)
            return
        if key in archive.answers:
            self._send(200, archive.answers[key], {}, body=body)
        elif key not in archive.files and "prefix=" in parts.query:
            self._send(200, _xml(archive, parse_qs(parts.query)), {}, body=body)
        elif key not in archive.files and (key.endswith("/") or not key):
            page = _html(archive, key)
            self._send(200 if page else 404, page, {}, body=body)
        elif key not in archive.files:
            self._send(404, b"not here", {}, body=body)
        else:
            self._file(archive.files[key], fault, body=body)

    def _file(self, served: Served, fault: Fault, *, body: bool) -> None:
        headers = {"Last-Modified": served.modified, **fault.headers}
        if served.etag != "none":
            headers["ETag"] = served.etag
        data, status = served.body, 200
        asked = self.headers.get("Range", "")
        fresh = self.headers.get("If-Range", "") in (served.etag, served.modified)
        if asked and fresh and not fault.plain:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(data):
                self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"}, body=body)
                return
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            data, status = data[start:], 206
        self._send(status, data, headers, body=body, fault=fault)

    def _send(
        self,
        status: int,
        data: bytes,
        headers: dict[str, str],
        *,
        body: bool,
        fault: Fault | None = None,
    ) -> None:
        fault = fault or Fault()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if fault.chunked:
            self.send_header("Connection", "close")
            self.close_connection = True
        elif "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not body:
            return
        if fault.drip:
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(fault.drip)
            return
        stop = len(data) if fault.cut is None else min(fault.cut, len(data))
        step = 1 << 14
        for at in range(0, stop, step):
            self.wfile.write(data[at : min(at + step, stop)])
            if self.archive.pause:
                self.wfile.flush()
                time.sleep(self.archive.pause)
        self.wfile.flush()
        if fault.stall:
            time.sleep(fault.stall)
        if fault.cut is not None or fault.stall:
            self.close_connection = True


def _xml(archive: ArchiveServer, query: dict[str, list[str]]) -> bytes:
    prefix = query["prefix"][0] if "prefix" in query else ""
    delimiter = query.get("delimiter", [""])[0]
    after = query.get("marker", query.get("continuation-token", [""]))[0]
    names: dict[str, Served | None] = {}
    for key in [*archive.files, *archive.extra_keys]:
        if key.startswith(prefix) or key in archive.extra_keys:
            inner = key.removeprefix(prefix)
            if delimiter and delimiter in inner:
                names[prefix + inner.split(delimiter)[0] + delimiter] = None
            else:
                names[key] = archive.files.get(key, Served(b"", '"x"'))
    rest = [n for n in sorted(names) if n > after]
    page, more = rest[: archive.page], len(rest) > archive.page
    lines = [f"<IsTruncated>{str(more).lower()}</IsTruncated>"]
    if more and archive.generation == 2:
        lines.append(f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>")
    elif more and archive.next_marker:
        lines.append(f"<NextMarker>{escape(page[-1])}</NextMarker>")
    for name in page:
        served = names[name]
        if served is None:
            lines.append(f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>")
        else:
            lines.append(
                f"<Contents><Key>{escape(name)}</Key><ETag>{escape(served.etag)}</ETag>"
                f"<Size>{len(served.body)}</Size></Contents>"
            )
    xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="{xmlns}">'
        f"{''.join(lines)}</ListBucketResult>"
    ).encode()


def _html(archive: ArchiveServer, folder: str) -> bytes:
    names = {
        key.removeprefix(folder).split("/")[0] + ("/" if "/" in key.removeprefix(folder) else "")
        for key in archive.files
        if key.startswith(folder)
    } | set(archive.extra_keys)
    if not names:
        return b""
    links = "".join(f'<li><a href="{escape(n)}">{escape(n)}</a></li>' for n in sorted(names))
    return f'<html><body><a href="../">../</a><ul>{links}</ul></body></html>'.encode()


class FakeTime:
    """A clock that only moves when somebody sleeps; dice that always show the middle."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_760_000_000.0 + self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds

    def random(self) -> float:
        return 0.5


def fast_web(server: ArchiveServer, clock: FakeTime | None = None, **limits: Any) -> Web:
    """A client that waits for nothing, and loads no certificates."""
    bounds = Limits(**{"concurrency": 3, "attempts": 4, "stall": 5.0, "reserve_bytes": 0, **limits})
    return Web(
        bounds, time=clock or FakeTime(), rates={server.host: 1e9},
        client=make_client(bounds, verify=False),
    )  # fmt: skip


def zipped(name: str, text: str, *, level: int = 6) -> bytes:
    """A zip of one file, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2025, 10, 11, 0, 0, 0)), text,
                         zipfile.ZIP_DEFLATED, level)  # fmt: skip
    return out.getvalue()


def gzipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


TRADES_KEY = "data/spot/daily/trades/{0}/{0}-trades-{1}.zip"
KLINES_KEY = "data/spot/daily/klines/{0}/1m/{0}-1m-{1}.zip"


def trades(rows: int, start: int = 1) -> str:
    """Spot trades as Binance publishes them: no header, microseconds."""
    lines = []
    for n in range(start, start + rows):
        time_us = 1_760_131_200_000_000 + n * 1000
        price, size = f"{3 + n % 7 / 1000:.8f}", f"{n % 13 + 1}.00000000"
        lines.append(
            f"{n},{price},{size},{n}.00000000,{time_us},{'True' if n % 2 else 'False'},True"
        )
    return "\n".join(lines) + "\n"


def publish_binance(
    server: ArchiveServer, symbols: list[str], days: list[str], *, rows: int = 50
) -> list[str]:
    """Trades of symbols and days with checksums; their keys."""
    keys: list[str] = []
    for symbol in symbols:
        for day in days:
            key = TRADES_KEY.format(symbol, day)
            name = key.rsplit("/", 1)[-1].replace(".zip", ".csv")
            server.put(key, zipped(name, trades(rows, start=len(keys) * 1000 + 1)), checksum=True)
            keys.append(key)
    return keys


def loads(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
