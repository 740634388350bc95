"""A bundler's upload address for tests only: it checks items in its own way."""

from __future__ import annotations

import base64
import hashlib
import json

from _loopback import Answer, Asked


class Bundler:
    """Answers {id} for an item of signature type 1 or 2. `fault` names a lie."""

    def __init__(self, *, fault: str = "") -> None:
        self.fault = fault
        self.items: dict[str, bytes] = {}

    def __call__(self, asked: Asked) -> Answer:
        if self.fault == "down":
            return Answer(b"", 502)
        if self.fault == "html":
            return Answer(b"<html>hello</html>")
        size = {1: 512, 2: 64}[int.from_bytes(asked.body[:2], "little")]
        raw = hashlib.sha256(asked.body[2 : 2 + size]).digest()
        name = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        self.items[name] = asked.body
        if self.fault == "other-id":
            name = "A" * 43
        return Answer(json.dumps({"id": name, "timestamp": 1}).encode())
