"""An OpenTimestamps calendar for tests only, its made-up Bitcoin chain, and its lies."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

from _loopback import Answer, Asked
from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

EASY = 0x207FFFFF
"""nBits of the regression test network: every other hash is below the target."""


def mined(previous: bytes, root: bytes, at: int) -> bytes:
    """An 80-byte header with its proof of work."""
    nonce = 0
    while True:
        raw = b"".join(
            (
                (1).to_bytes(4, "little"), previous, root, at.to_bytes(4, "little"),
                EASY.to_bytes(4, "little"), nonce.to_bytes(4, "little"),
            )
        )  # fmt: skip
        if double(raw)[31] < 0x7F:
            return raw
        nonce += 1


def double(raw: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()


def serialized(stamp: Timestamp | DetachedTimestampFile) -> bytes:
    context = BytesSerializationContext()
    stamp.serialize(context)
    return bytes(context.getbytes())


class Calendar:
    """Answers /digest at once and /timestamp/… once `mine` has been called."""

    def __init__(self, *, fault: str = "") -> None:
        self.fault = fault
        self.url = ""
        self.asked = 0
        self.headers: list[bytes] = [mined(bytes(32), bytes(32), 1_231_006_505)]
        self._waiting: dict[bytes, int | None] = {}

    def mine(self) -> int:
        """A block for what waits; its height."""
        height = len(self.headers)
        waiting = [m for m, at in self._waiting.items() if at is None]
        for msg in waiting:
            stamp = Timestamp(msg)
            root = self._climbed(stamp, height).msg
            at = 1_700_000_000 + 600 * len(self.headers)
            self._waiting[msg] = len(self.headers)
            self.headers.append(mined(double(self.headers[-1]), root, at))
        return height

    def write_headers(self, path: Path, *, as_json: bool = False) -> Path:
        """The chain as a file that a verifier brings along."""
        if as_json:
            path.write_text(json.dumps({str(i): h.hex() for i, h in enumerate(self.headers)}))
        else:
            path.write_bytes(b"".join(self.headers))
        return path

    def __call__(self, asked: Asked) -> Answer:
        self.asked += 1
        fixed = {
            "busy": Answer(b"later", 503),
            "html": Answer(b"<html>welcome</html>"),
            "empty": Answer(b""),
            "garbage": Answer(bytes(range(1, 120))),
            "huge": Answer(b"\x08" * 50_000),
            "deep": Answer(b"\x08" * 9_000),
            "wide": Answer(b"\xff\x08\x00" * 3_000),
            "long-argument": Answer(b"\xf0\xff\xff\xff\xff\x7f" + b"a" * 100),
        }
        if self.fault in fixed:
            return fixed[self.fault]
        if self.fault == "slow":
            time.sleep(3)
        if asked.method == "POST" and asked.path == "/digest":
            return self._submitted(asked.body)
        return self._upgraded(bytes.fromhex(asked.path.rpartition("/")[2]))

    def _submitted(self, digest: bytes) -> Answer:
        stamp = Timestamp(digest)
        if self.fault == "another-file":
            other = DetachedTimestampFile(OpSHA256(), Timestamp(b"\x22" * 32))
            other.timestamp.attestations.add(PendingAttestation(self.url))
            return Answer(serialized(other))
        last = stamp.ops.add(OpPrepend(b"salt")).ops.add(OpSHA256())
        home = "http://elsewhere.invalid" if self.fault == "elsewhere" else self.url
        last.attestations.add(PendingAttestation(home))
        self._waiting.setdefault(last.msg, None)
        body = serialized(stamp)
        return Answer(body + b"more" if self.fault == "trailing" else body)

    def _upgraded(self, msg: bytes) -> Answer:
        height = self._waiting.get(msg)
        if height is None:
            return Answer(b"Pending confirmation in Bitcoin blockchain", 404)
        stamp = Timestamp(msg)
        if self.fault == "another-digest":
            # The path of some other commitment: it ends in no block of the chain.
            stamp = Timestamp(b"\x33" * 32)
            self._climbed(stamp, height + 7)
            return Answer(serialized(stamp))
        if self.fault == "short-root":
            stamp.ops.add(OpAppend(b"x")).attestations.add(BitcoinBlockHeaderAttestation(height))
            return Answer(serialized(stamp))
        self._climbed(stamp, height)
        return Answer(serialized(stamp))

    def _climbed(self, stamp: Timestamp, height: int) -> Timestamp:
        top = stamp.ops.add(OpAppend(b"left%d" % height)).ops.add(OpSHA256()).ops.add(OpSHA256())
        top.attestations.add(BitcoinBlockHeaderAttestation(height))
        return top
