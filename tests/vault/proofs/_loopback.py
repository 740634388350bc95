"""A loopback HTTP server in a thread, port 0: what every local counterpart stands on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    """One request as the counterpart sees it."""

    method: str
    path: str
    body: bytes


class Answer(NamedTuple):
    """What the counterpart answers."""

    body: bytes
    status: int = 200
    kind: str = "application/octet-stream"


Respond = Callable[[Asked], Answer]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client killed in mid-request is part of the tests, not news."""


@contextmanager
def serve(respond: Respond) -> Iterator[str]:
    """The base URL of a server that answers with `respond`."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            answer = respond(Asked(self.command, self.path, self.rfile.read(size)))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = _do

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
