"""Requests as a venue may be asked them: paced, retried, bounded, on its own hosts.

Bytes are taken as the server sends them (`Accept-Encoding: identity`, no decoding), so a
.csv.gz stays what the venue published. A redirect to another host is refused unless the
venue's configuration or the user allows that host.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx

from .. import __version__
from ..errors import Text
from .failures import Absent, Refused, Stopped, Unreachable
from .pacing import Gates, Limits, RealTime, Time, backoff, retry_after

T = TypeVar("T")

AGENT = f"liquest/{__version__}"
_HOPS = 5
_TOTAL_ATTEMPTS = 500
"""Attempts on one file, those that got further included."""
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_AGAIN = (408, 418, 425, 429, 500, 502, 503, 504)


class Again(Exception):
    """This attempt failed in a way that may pass; `wait` is what the server asked for."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


@dataclass(frozen=True)
class Meta:
    """What the headers say. `size` is None where the server does not tell."""

    size: int | None
    etag: str
    last_modified: str


def meta_of(response: httpx.Response) -> Meta:
    """The headers that matter for evidence."""
    length = response.headers.get("content-length", "")
    return Meta(
        int(length) if length.isascii() and length.isdecimal() else None,
        response.headers.get("etag", "").strip()[:256],
        response.headers.get("last-modified", "").strip()[:64],
    )


def make_client(limits: Limits, *, verify: bool = True) -> httpx.Client:
    """A client that decodes and follows nothing by itself."""
    return httpx.Client(
        verify=verify,
        timeout=httpx.Timeout(limits.stall, connect=limits.connect, pool=None),
        limits=httpx.Limits(max_connections=max(4, 2 * limits.concurrency)),
        headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
        follow_redirects=False,
    )


class Web:
    """One client for all hosts of a run; safe to use from several threads."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        time: Time | None = None,
        rates: Mapping[str, float] | None = None,
        allowed: frozenset[str] = frozenset(),
        client: httpx.Client | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.stop = threading.Event()
        self.time = time or RealTime(self.stop)
        self._gates = Gates(self.time, rates or {})
        self._allowed = allowed
        self._client = client or make_client(self.limits)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def text(self, url: str) -> str:
        """A small document; raises Absent, Refused (too large), Unreachable."""

        def once() -> str:
            with self.open("GET", url) as response:
                body = b"".join(self.bounded(response, self.limits.text_bytes))
            return body.decode("utf-8", errors="replace")

        return self.persist(url, once)

    def head(self, url: str) -> Meta:
        """The headers of a file; size None where the host does not answer HEAD."""

        def once() -> Meta:
            with self.open("HEAD", url) as response:
                return meta_of(response)

        return self.persist(url, once)

    def persist(self, url: str, once: Callable[[], T], reached: Callable[[], int] = lambda: 0) -> T:
        """The result of `once`, tried until the attempts are used up.

        An attempt that `reached` further than all before it starts the count anew: a line
        that is cut every few seconds still brings a large file to its end.
        """
        failed = 0
        best = 0
        host = _host(url)
        for total in range(1, _TOTAL_ATTEMPTS + 1):
            if self.stop.is_set():
                raise Stopped(url)
            try:
                return once()
            except Again as problem:
                why, wait = problem.why, problem.wait
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise _unfit(url, str(error)) from None
            except httpx.TransportError as error:
                why, wait = f"{type(error).__name__}: {error}"[:200], None
                if "CERTIFICATE_VERIFY_FAILED" in why:
                    raise _unfit(url, why) from None
            failed = 1 if reached() > best else failed + 1
            best = max(best, reached())
            if failed >= self.limits.attempts or total == _TOTAL_ATTEMPTS:
                raise Unreachable(url, total, why)
            pause = backoff(failed, self.limits, self.time.random())
            if wait is not None:
                if wait > self.limits.longest_retry_after:
                    raise Unreachable(url, total, f"{why}; Retry-After {wait:.0f} s")
                # A host that asks for a pause gets it from every thread.
                self._gates.hold(host, wait)
                pause = max(pause, wait)
            self.time.sleep(pause)
        raise Unreachable(url, _TOTAL_ATTEMPTS, "")

    @contextmanager
    def open(
        self, method: str, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """The answer with status 200, 206 or 416, its body unread; redirects are followed
        where they are allowed."""
        current = httpx.URL(url)
        if current.scheme not in ("http", "https") or not current.host:
            raise _unfit(url, f"'{current.scheme}' is not http or https")
        for _ in range(_HOPS + 1):
            self._gates.enter(_netloc(current))
            request = self._client.build_request(method, current, headers=dict(headers or {}))
            response = self._client.send(request, stream=True)
            try:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    current = self._target(url, current, response.headers["location"])
                    continue
                self._judge(url, response)
                yield response
                return
            finally:
                response.close()
        raise _unfit(url, f"more than {_HOPS} redirects")

    def _target(self, url: str, current: httpx.URL, location: str) -> httpx.URL:
        target = current.join(location)
        downgraded = current.scheme == "https" and target.scheme != "https"
        elsewhere = _netloc(target) != _netloc(current) and not (
            {_netloc(target), target.host} & self._allowed
        )
        if downgraded or elsewhere or target.scheme not in ("http", "https"):
            raise Refused(
                Text(
                    f"the venue redirects to another host: {target.scheme}://{_netloc(target)}",
                    f"交易场所将请求转向其他主机：{target.scheme}://{_netloc(target)}",
                ),
                where=url,
                remedy=Text(
                    f"If that host is the venue's own: --allow-host {_netloc(target)}",
                    f"若确属该交易场所，请加 --allow-host {_netloc(target)}",
                ),
            )
        return target

    def _judge(self, url: str, response: httpx.Response) -> None:
        status = response.status_code
        if status in (200, 206, 416):
            return
        if status in _GONE:
            raise Absent(url, status)
        if status in _AGAIN:
            wait = retry_after(response.headers.get("retry-after"), self.time.wall())
            raise Again(f"HTTP {status}", wait)
        if response.request.method == "HEAD" and status in (405, 501):
            # Headers of an answer about the method say nothing about the file.
            response.headers.pop("content-length", None)
            return
        raise Refused(
            Text(f"the venue answers HTTP {status}", f"交易场所返回 HTTP {status}"),
            where=url,
            remedy=Text(
                "401, 403 and 451 often mean that the venue bars your region: use a base URL "
                "that you may reach, with --base.",
                "401、403、451 通常表示该地区受限：请用 --base 指定可访问的地址。",
            ),
        )

    def bounded(self, response: httpx.Response, limit: int) -> Iterator[bytes]:
        """The raw body in pieces; raises Refused once it is longer than `limit` bytes."""
        url = str(response.request.url)
        told = meta_of(response).size
        if told is not None and told > limit:
            raise too_large(url, told, limit)
        got = 0
        for piece in response.iter_raw():
            got += len(piece)
            if got > limit:
                raise too_large(url, got, limit)
            if self.stop.is_set():
                raise Stopped(url)
            yield piece


def too_large(url: str, size: int, limit: int) -> Refused:
    """The refusal of an answer beyond its bound."""
    return Refused(
        Text(
            f"the answer is larger than allowed: {size:,} of {limit:,} bytes",
            f"返回内容超出上限：{size:,} / {limit:,} 字节",
        ),
        where=url,
        remedy=Text("Raise it with --max-file if it is sound.", "确认无误后可用 --max-file 放宽。"),
    )


def _unfit(url: str, why: str) -> Refused:
    return Refused(
        Text(f"this address cannot be used: {why}", f"该地址无法使用：{why}"),
        where=url,
        remedy=Text("Check the base URL.", "请检查基础地址。"),
    )


def _netloc(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")


def _host(url: str) -> str:
    try:
        return _netloc(httpx.URL(url))
    except httpx.InvalidURL:
        return url
