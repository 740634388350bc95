"""OpenTimestamps: a calendar gathers hashes and puts their Merkle root into Bitcoin.

Stored: checkpoint.ots, a detached timestamp file of the checkpoint as the reference
client `ots` writes it (`ots verify -f checkpoint checkpoint.ots`). As that client does,
the hash is mixed with a random nonce before a calendar sees it. First the proof is
pending; hours later `upgrade` fetches the path to a block header. A calendar's answer is
only a path of operations: which block it ends in is decided by a header, so that is the
assumption that remains.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpSHA256
from opentimestamps.core.serialize import (
    BytesDeserializationContext,
    BytesSerializationContext,
    DeserializationError,
)
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

from ...clock import format_time
from ...errors import InputError, LiquestError, Text
from ..check import ASSUMING, INVALID, Check
from .config import ProveConfig, Trust, defaults
from .headers import Headers
from .stored import CHECKPOINT, Made, Stored
from .targets import Target, Verdict, assuming, invalid, pending, quoted, unsupported
from .wire import NotThere, Wire, host_of, printable, refused

KIND = "ots"
FILE = "checkpoint.ots"

_LIMIT = 10_000
"""Bytes of a calendar's answer, the limit of the reference client."""
_MOST_OPS = 2_000
_ACCEPT = {"Accept": "application/vnd.opentimestamps.v1"}
_MALFORMED = (
    DeserializationError, ValueError, TypeError, KeyError, AttributeError, AssertionError,
    NotImplementedError, OverflowError, RecursionError,
)  # fmt: skip
"""What the library raises at bytes that are no timestamp."""


@dataclass(frozen=True)
class Calendar:
    """A calendar or an aggregator by its URL."""

    source: str
    kind: str = KIND

    def obtain(self, checkpoint: bytes, old: Stored | None, wire: Wire) -> Iterator[Made]:
        """A pending timestamp; a pending one that is there already is left to `upgraded`."""
        if old is not None:
            return
        whole = DetachedTimestampFile(OpSHA256(), Timestamp(hashlib.sha256(checkpoint).digest()))
        nonced = whole.timestamp.ops.add(OpAppend(os.urandom(16))).ops.add(OpSHA256())
        url = f"{self.source.rstrip('/')}/digest"
        answer = wire.post(url, nonced.msg, limit=_LIMIT, headers=_ACCEPT)
        nonced.merge(_answered(url, answer, nonced.msg))
        yield Made({FILE: _serialized(whole)}, {"calendar": self.source})


def targets(config: ProveConfig) -> list[Target]:
    return [Calendar(url) for url in dict.fromkeys(config.calendars)]


def upgraded(stored: Stored, config: ProveConfig, wire: Wire) -> Made | None:
    """The timestamp with what its calendars have to add by now; None when they have nothing.

    Raises LiquestError when no calendar could be asked or an answer is not to be used;
    an answer that contradicts the given block headers is one of these.
    """
    whole = _read(stored.file(FILE))
    allowed = [*config.calendar_hosts, *defaults()["calendar_hosts"]]
    allowed += [urlsplit(u).netloc for u in (*config.calendars, stored.source)]
    changed, trouble = False, None
    for node, attestation in _nodes(whole.timestamp):
        if not isinstance(attestation, PendingAttestation):
            continue
        try:
            changed = _ask(node, attestation.uri, allowed, config, wire) or changed
        except NotThere:
            continue
        except LiquestError as error:
            trouble = trouble or error
    if not changed and trouble is not None:
        raise trouble
    return Made({FILE: _serialized(whole)}, stored.facts) if changed else None


def _ask(node: Timestamp, uri: str, allowed: list[str], config: ProveConfig, wire: Wire) -> bool:
    # The address comes from the calendar's first answer: it may not send us anywhere.
    if not any(fnmatchcase(urlsplit(uri).netloc, glob) for glob in allowed):
        raise refused(uri, "is not a calendar that may be asked", "不在允许的日历服务之列")
    url = f"{uri.rstrip('/')}/timestamp/{node.msg.hex()}"
    more = _answered(url, wire.get(url, limit=_LIMIT, headers=_ACCEPT), node.msg)
    found = list(more.all_attestations())
    if all(isinstance(a, PendingAttestation) for _, a in found):
        return False
    headers = Headers(config.trust.headers) if config.trust.headers else None
    for msg, attestation in found:
        if isinstance(attestation, BitcoinBlockHeaderAttestation):
            verdict = _bitcoin(msg, attestation.height, headers)
            if verdict.status == INVALID:
                raise refused(url, verdict.detail.en, verdict.detail.zh)
    node.merge(more)
    return True


def verify(stored: Stored, checkpoint: bytes, trust: Trust) -> Check:
    """Offline: the path from the checkpoint to a block's Merkle root, if there is one yet."""
    headers = Headers(trust.headers) if trust.headers else None
    return _verdict(stored.file(FILE), checkpoint, headers).check(KIND, stored.subject)


def commands(stored: Stored) -> list[str]:
    """`ots verify`, which asks a Bitcoin node of the reader's own."""
    folder = stored.path
    return [f"ots verify -f {quoted(folder.parent / CHECKPOINT)} {quoted(folder / FILE)}"]


def _verdict(raw: bytes, checkpoint: bytes, headers: Headers | None) -> Verdict:
    try:
        whole = _read(raw)
    except InputError as error:
        return invalid(
            Text("this is no OpenTimestamps file", "这不是 OpenTimestamps 文件"),
            expected="a detached timestamp", got=error.what.en,
        )  # fmt: skip
    digest = hashlib.sha256(checkpoint).digest()
    if not isinstance(whole.file_hash_op, OpSHA256) or whole.file_digest != digest:
        return invalid(
            Text("the timestamp is for something else", "时间戳针对的是其他内容"),
            expected=f"SHA-256 {digest.hex()}",
            got=f"{type(whole.file_hash_op).__name__[2:]} {whole.file_digest.hex()}",
        )
    found = list(whole.timestamp.all_attestations())
    blocks = sorted(
        (a.height, msg) for msg, a in found if isinstance(a, BitcoinBlockHeaderAttestation)
    )
    verdicts = [_bitcoin(msg, height, headers) for height, msg in blocks]
    # One that is wrong condemns the file; else the earliest block counts.
    for verdict in verdicts:
        if verdict.status != ASSUMING:
            return verdict
    if verdicts:
        return verdicts[0]
    waiting = sorted({a.uri for _, a in found if isinstance(a, PendingAttestation)})
    if waiting:
        at = ", ".join(host_of(uri) for uri in waiting)
        return pending(
            f"promised by {at}; run later: liquest prove CASE --upgrade",
            f"{at} 已受理；稍后运行：liquest prove 案件 --upgrade",
        )
    kinds = ", ".join(sorted({_kind(a) for _, a in found}))
    return unsupported(f"only attestations of other kinds: {kinds}", f"仅有其他类型的见证：{kinds}")


def _bitcoin(msg: bytes, height: int, headers: Headers | None) -> Verdict:
    what = Text("the path does not end in this block", "路径并不终于该区块")
    if len(msg) != 32 or height >= 1 << 32:
        return invalid(what, expected="a 32-byte Merkle root", got=f"{len(msg)} bytes")
    header = headers.at(height) if headers else None
    shown = msg[::-1].hex()
    if header is None or headers is None:
        return assuming(
            Text(
                f"Bitcoin block {height} has the Merkle root {shown}",
                f"比特币区块 {height} 的默克尔根为 {shown}",
            ),
            f"in Bitcoin block {height}, if that is its Merkle root",
            f"若该默克尔根属实，则记录于比特币区块 {height}",
        )
    if header.merkle_root != msg:
        return invalid(
            what, expected=f"Merkle root {header.merkle_root[::-1].hex()} of block {height}",
            got=shown,
        )  # fmt: skip
    if not header.worked or not headers.linked(height):
        return invalid(
            Text("this is no header of the chain", "该区块头不属于链"),
            expected="proof of work and the hash of the header before it",
            got=f"block {height}, hash {header.id}",
        )
    at = format_time(header.time * 1_000_000, digits=0)
    return assuming(
        Text(
            f"the Bitcoin header {height}, hash {header.id}, is in the chain",
            f"比特币区块头 {height}（{header.id}）在链上",
        ),
        f"existed before Bitcoin block {height} of {at}",
        f"在 {at} 的比特币区块 {height} 之前已存在",
    )


def _kind(attestation: object) -> str:
    tag = getattr(attestation, "TAG", None)
    name = type(attestation).__name__.removesuffix("Attestation")
    return f"{name} {tag.hex()}" if isinstance(tag, bytes) else name


def _read(raw: bytes) -> DetachedTimestampFile:
    try:
        context = BytesDeserializationContext(raw)
        return DetachedTimestampFile.deserialize(context)
    except _MALFORMED as error:
        words = printable(str(error))[:120] or type(error).__name__
        raise InputError(Text(words, words)) from None


def _answered(url: str, raw: bytes, msg: bytes) -> Timestamp:
    """The timestamp of `msg` in a calendar's answer, nothing before and nothing after it."""
    try:
        context = BytesDeserializationContext(raw)
        made = Timestamp.deserialize(context, msg)
        context.assert_eof()
    except _MALFORMED as error:
        words = str(error)[:120]
        raise refused(
            url, f"its answer is no timestamp: {words}", f"应答不是时间戳：{words}"
        ) from None
    if _operations(made) > _MOST_OPS:
        raise refused(url, "its answer has too many steps", "应答步骤过多")
    if not any(True for _ in made.all_attestations()):
        raise refused(url, "its answer attests nothing", "应答不含任何见证")
    return made


def _operations(stamp: Timestamp) -> int:
    return sum(1 + _operations(after) for after in stamp.ops.values())


def _nodes(stamp: Timestamp) -> list[tuple[Timestamp, object]]:
    """Every attestation with the node that it stands at."""
    found = [(stamp, a) for a in sorted(stamp.attestations)]
    for after in stamp.ops.values():
        found += _nodes(after)
    return found


def _serialized(whole: DetachedTimestampFile) -> bytes:
    context = BytesSerializationContext()
    whole.serialize(context)
    raw = bytes(context.getbytes())
    # An answer may nest just deep enough to be read alone but not within the file.
    _read(raw)
    return raw
