"""How proofs speak with the outside: bounded in time, in size and in tries."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from ... import __version__
from ...errors import InputError, Text, UsageError

_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT = 30.0


class NotThere(InputError):
    """The counterpart answered 404: it knows nothing of what was asked for."""


class Wire:
    """One HTTP client for all counterparts; safe to use from several threads.

    `timeout` in seconds holds for connecting and for each silence, three times of it
    for a whole answer; `attempts` tries with `backoff`, doubled after each.
    """

    def __init__(self, *, timeout: float = 20.0, attempts: int = 3, backoff: float = 1.0) -> None:
        self._timeout = timeout
        self._attempts = max(1, attempts)
        self._backoff = backoff
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            follow_redirects=True,
            max_redirects=3,
            headers={"User-Agent": f"liquest/{__version__}"},
        )

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, url: str, *, limit: int, headers: Mapping[str, str] | None = None) -> bytes:
        """The body at `url`; raises InputError that names the counterpart."""
        return self._ask("GET", url, None, limit, headers)

    def post(
        self, url: str, body: bytes, *, limit: int, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body answered to `body`; raises InputError that names the counterpart."""
        return self._ask("POST", url, body, limit, headers)

    def call(self, url: str, method: str, params: list[Any], *, limit: int = 4 << 20) -> Any:
        """The result of a JSON-RPC 2.0 call; raises InputError with the node's message."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        raw = self.post(
            url, json.dumps(asked).encode(), limit=limit,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        try:
            answer = json.loads(raw)
            failed = answer.get("error")
            result = answer.get("result")
        except (ValueError, AttributeError, RecursionError):
            raise refused(url, "its answer is not JSON-RPC", "应答不是 JSON-RPC") from None
        if failed:
            words = failed.get("message", failed) if isinstance(failed, dict) else failed
            raise refused(url, f"{method}: {str(words)[:200]}", f"{method}：{str(words)[:200]}")
        return result

    def _ask(
        self, method: str, url: str, body: bytes | None, limit: int,
        headers: Mapping[str, str] | None,
    ) -> bytes:  # fmt: skip
        check_url(url)
        wait = self._backoff
        for left in reversed(range(self._attempts)):
            pause = wait
            try:
                with self._client.stream(method, url, content=body, headers=headers) as answer:
                    if answer.status_code in _AGAIN and left:
                        pause = _retry_after(answer.headers.get("Retry-After", ""), wait)
                    elif answer.status_code == 404:
                        raise NotThere(
                            Text(f"{host_of(url)} answers HTTP 404", f"{host_of(url)} 应答 404"),
                            where=url, remedy=Text("Check the URL.", "请检查网址。"),
                        )  # fmt: skip
                    elif answer.status_code // 100 != 2:
                        said = _said(answer)
                        raise refused(
                            url,
                            f"HTTP {answer.status_code} {said}".strip(),
                            f"HTTP {answer.status_code} {said}".strip(),
                        )
                    else:
                        return self._body(answer, url, limit)
            except httpx.HTTPError as error:
                if not left:
                    why = str(error) or type(error).__name__
                    raise refused(url, why, why) from None
            time.sleep(pause)
            wait *= 2
        raise AssertionError("unreachable: the last try returns or raises")

    def _body(self, answer: httpx.Response, url: str, limit: int) -> bytes:
        end = time.monotonic() + 3 * self._timeout
        got = bytearray()
        for piece in answer.iter_bytes():
            got += piece
            if len(got) > limit:
                raise refused(
                    url, f"its answer is longer than {limit:,} bytes", f"应答超过 {limit:,} 字节"
                )
            if time.monotonic() > end:
                raise refused(url, "its answer takes too long", "应答耗时过长")
        return bytes(got)


def host_of(url: str) -> str:
    """Host and port: how messages name a counterpart."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def check_url(url: str) -> None:
    """Raises UsageError unless `url` is http or https with a host."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
        good = good and all(" " < c < "\x7f" for c in url)
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            Text(f"{url!r} is no http or https address", f"{url!r} 不是 http(s) 地址"),
            remedy=Text("Write it as https://host/path.", "请写成 https://host/path。"),
        )


def refused(url: str, en: str, zh: str) -> InputError:
    """A counterpart could not be reached, or its answer is not to be used.

    Its own words may stand in the message: what steers a terminal is taken out.
    """
    host, en, zh = (printable(text) for text in (host_of(url), en, zh))
    return InputError(
        Text(f"{host}: {en}", f"{host}：{zh}"), where=url,
        remedy=Text(
            "Run the command again later, or name another one; the others are not affected.",
            "请稍后重试，或改用其他服务；其余证明不受影响。",
        ),
    )  # fmt: skip


def printable(text: str) -> str:
    """`text` on one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def _retry_after(text: str, wait: float) -> float:
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else wait


def _said(answer: httpx.Response) -> str:
    """The first words of an error page."""
    raw = b""
    for piece in answer.iter_bytes():
        raw += piece
        if len(raw) >= 160:
            break
    return raw[:160].decode("ascii", "replace").strip()
