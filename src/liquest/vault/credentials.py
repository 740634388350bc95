"""Credentials in a text, and the text without them.

Logs of trading programs hold what signs their requests: API keys, signatures, secrets,
passphrases, listen keys, bearer tokens, cookies, passwords. `Withholding` puts
`[withheld KIND N]` in the place of each, N counting the distinct values of the text, so that
two keys remain two and a reader still sees which request used which. Everything else stays
as it is, line ends included: row numbers hold for both versions.

A value is told by the name in front of it; without a name, by a shape that nothing else has
(a private key, a JSON web token, the 64 mixed letters and digits of a Binance key). A value
that was found once is withheld wherever it stands. The rules err on the safe side: what looks
like a key behind a name for one goes, even if it is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

RULES = "credentials-1"
"""Changes with the rules: which rules a published text was made with."""
CHUNK = 1 << 24
SIGNATURE = "signature"
_EXCERPT = 4096
"""Characters of a text that are looked through for an excerpt of it."""
_LONG = 12
"""A value of at least so many bytes is withheld wherever it stands."""
_MOST_KNOWN = 64
"""Values that are looked for everywhere; a text with more is one of keys throughout."""


class Place(NamedTuple):
    """Bytes `start` to `end` are a credential of a kind."""

    start: int
    end: int
    kind: str


class Stream(Protocol):
    """What is asked of an open file."""

    def read1(self, size: int, /) -> bytes: ...


def _names(*many: str) -> list[bytes]:
    """Names in lower case; one of several words joined by nothing, _ or -."""
    return list(dict.fromkeys(sep.join(n.split()).encode() for n in many for sep in ("", "_", "-")))


_NAMED: tuple[tuple[str, int, list[bytes]], ...] = (
    ("api-key", 8, _names("api key", "api key id", "access key", "access key id", "api密钥")),
    (SIGNATURE, 16, _names("signature", "sign", "apisign")),
    (
        "secret", 8,
        _names("secret", "secret key", "secret access key", "apisecret", "apisecretkey",
               "clientsecret", "appsecret", "private key", "mnemonic", "seed phrase"),
    ),
    ("secret", 6, _names("密钥", "签名")),
    (
        "password", 3,
        _names("passphrase", "apipassphrase", "password", "passwd", "pwd", "密码", "口令"),
    ),
    ("listen-key", 16, _names("listen key")),
    (
        "token", 16,
        _names("token", "accesstoken", "refreshtoken", "csrftoken", "sessiontoken", "idtoken",
               "bottoken", "authtoken", "session id", "p20t", "device info",
               "bnc uuid"),
    ),
    (
        "one-time-code", 4,
        _names("otp", "totp", "2fa", "2fa code", "google code", "sms code", "email code",
               "verification code", "验证码"),
    ),
    ("authorization", 3, _names("authorization", "cookie")),
)  # fmt: skip
"""(kind, bytes that its value has at least, names). A name begins a word: behind a - or _ it
may go on another, so that OK-ACCESS-SIGN and BINANCE_API_KEY are found as well."""
_LINES = ("authorization",)
"""Kinds whose value goes on to the closing quote or to the end of the line."""
_HEADER_NAMES = rb"(?:[a-z0-9]+-)*(?:%s)" % b"|".join(
    re.escape(n) for _, _, names in _NAMED for n in sorted(names, key=len, reverse=True)
)

_BREAK = rb"""(?:\\*["'])?\s*(?:=>|[:=]|%3[Dd]|\xef\xbc\x9a)\s*"""
_QUOTED = rb"""(?P<quote>\\*["'])(?P<inner>(?:(?!(?P=quote))[^\r\n]){1,8192})(?P=quote)"""
_VALUE = re.compile(rb"""%s(?:%s|(?P<bare>[^\s"'\\,;&|<>()\[\]{}]{1,8192}))""" % (_BREAK, _QUOTED))
_LINE_VALUE = re.compile(
    rb"""%s(?:%s|(?P<bare>(?:(?!\\?["'])[^\r\n]){1,8192}))""" % (_BREAK, _QUOTED)
)
_DIGITS = re.compile(rb"[0-9]{4,8}")
_SHAPES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    (
        "private-key",
        re.compile(
            rb"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?P<v>.{1,16384}?)"
            rb"-----END [A-Z ]{0,32}PRIVATE KEY-----",
            re.DOTALL,
        ),
    ),
    (
        "cookie",
        re.compile(
            rb'"name"\s*:\s*"[^"\r\n]{1,256}"\s*,\s*"value"\s*:\s*"(?P<v>[^"\r\n]{1,8192})"'
            rb'(?=[^{}]{0,512}"(?:httpOnly|expires|sameSite)")'
        ),
    ),
    (
        "header",
        re.compile(
            rb'"name"\s*:\s*"(?:(?i:%s))"\s*,\s*"value"\s*:\s*"(?P<v>(?:[^"\\\r\n]|\\.){1,8192})"'
            % _HEADER_NAMES
        ),
    ),
    ("listen-key", re.compile(rb"/ws/(?P<v>[A-Za-z0-9]{48,96})(?![A-Za-z0-9])")),
    ("password", re.compile(rb"://[^\s/:@\"']{1,64}:(?P<v>[^\s/@\"']{3,256})@")),
    ("token", re.compile(rb"(?P<v>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})")),
)  # fmt: skip
"""Values that are told by what stands around them, or by themselves."""
_RUN = re.compile(rb"[A-Za-z0-9_-]{35,}")
_KEY = re.compile(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])")
_BOT = re.compile(rb"(?<![0-9])[0-9]{8,10}:$")
_OURS = re.compile(rb"\[?withheld ?[a-z-]* ?[0-9]*\]?$")
_OPEN_KEY = re.compile(rb"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----")
_SHUT_KEY = re.compile(rb"-----END [A-Z ]{0,32}PRIVATE KEY-----")


def places(text: bytes) -> Iterator[Place]:
    """Every credential of the text, by rule; the same bytes may come more than once."""
    low = text.lower()
    for kind, least, names in _NAMED:
        for name in names:
            yield from _named(text, low, kind, least, name)
    for kind, shape in _SHAPES:
        for found in shape.finditer(text):
            if not _OURS.match(found["v"]):
                yield Place(found.start("v"), found.end("v"), kind)
    yield from _runs(text)


def _named(text: bytes, low: bytes, kind: str, least: int, name: bytes) -> Iterator[Place]:
    """Values that follow a name, which begins a word."""
    form = _LINE_VALUE if kind in _LINES else _VALUE
    at = low.find(name)
    while at >= 0:
        after = at + len(name)
        if not (at and text[at - 1 : at].isalnum()) and (found := form.match(text, after)):
            part = "inner" if found["bare"] is None else "bare"
            value = found[part]
            sound = len(value) >= least and not _OURS.match(value)
            if sound and (kind != "one-time-code" or _DIGITS.fullmatch(value)):
                yield Place(found.start(part), found.end(part), kind)
        at = low.find(name, after)


def _runs(text: bytes) -> Iterator[Place]:
    """Long runs of letters and digits that are keys by themselves."""
    for run in _RUN.finditer(text):
        for found in _KEY.finditer(text, run.start(), run.end()):
            value = found[0]
            # A hash in hexadecimal has letters of one case only.
            if all(re.search(kind, value) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]")):
                yield Place(found.start(), found.end(), "key")
        before = _BOT.search(text, max(0, run.start() - 12), run.start())
        if before and run.end() - run.start() == 35:
            yield Place(before.start(), run.end(), "token")


class Withholding:
    """The values that were found in a text, with the label of each."""

    def __init__(self) -> None:
        self.labels: dict[bytes, bytes] = {}
        self.count = 0

    def learn(self, text: bytes) -> list[Place]:
        """Note what of `text` is a credential; the earlier in the text, the lower its number.
        A signature is of one request only and gets no number."""
        found = sorted(places(text), key=lambda p: (p.start, -p.end))
        for place in found:
            value = text[place.start : place.end]
            if place.kind != SIGNATURE and value not in self.labels:
                number = len(self.labels) + 1
                self.labels[value] = f"[withheld {place.kind} {number}]".encode()
        return found

    def apply(self, text: bytes) -> bytes:
        """The text without credentials. What `learn` was not told of is learnt first."""
        spans = [(p.start, p.end, p.kind) for p in self.learn(text)]
        everywhere = [v for v in self.labels if len(v) >= _LONG][:_MOST_KNOWN]
        for value in everywhere:
            spans += [(s, s + len(value), "") for s in _found(text, value)]
        out, at = [], 0
        for start, end, kind in sorted(spans, key=lambda s: (s[0], -s[1])):
            if start < at:
                # Within one that is withheld already; what sticks out goes with it.
                at = max(at, end)
                continue
            value = text[start:end]
            label = self.labels.get(value, f"[withheld {kind}]".encode())
            out += [text[at:start], label + b"\n" * value.count(b"\n")]
            self.count += 1
            at = end
        return b"".join((*out, text[at:]))


def _found(text: bytes, value: bytes) -> Iterator[int]:
    at = text.find(value)
    while at >= 0:
        yield at
        at = text.find(value, at + len(value))


def without(text: str) -> str:
    """A piece of text without credentials: for whatever is shown of a source."""
    raw = text.encode("utf-8", errors="surrogateescape")
    return Withholding().apply(raw).decode("utf-8", errors="surrogateescape")


def excerpt(text: str, most: int = 200) -> str:
    """The beginning of a text without credentials, at most `most` characters of it; withheld
    first and cut then, so that no piece of a key is left at the end."""
    return without(text[:_EXCERPT])[:most]


def chunks(stream: Stream) -> Iterator[bytes]:
    """A text in pieces of whole lines; a private key is in one piece with itself."""
    rest = b""
    while piece := stream.read1(CHUNK):
        rest += piece
        if len(rest) < CHUNK:
            continue
        cut = rest.rfind(b"\n") + 1
        opened = [m.start() for m in _OPEN_KEY.finditer(rest, 0, cut)]
        if opened and not _SHUT_KEY.search(rest, opened[-1], cut):
            cut = opened[-1]
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def holds_any(pieces: Iterable[bytes]) -> bool:
    """Whether any of the pieces holds a credential."""
    return any(next(places(piece), None) is not None for piece in pieces)


def write_without(source: Callable[[], Iterator[bytes]], target: Path) -> Withholding:
    """Write the text without credentials to `target`; `source` gives its pieces, twice."""
    seen = Withholding()
    for piece in source():
        seen.learn(piece)
    with target.open("wb") as out:
        for piece in source():
            out.write(seen.apply(piece))
    return seen
