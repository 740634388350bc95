"""RFC 3161: a time-stamping authority signs the SHA-256 of the checkpoint and its clock.

Stored: request.tsq, response.tsr (both as sent and received) and chain.pem, from the
signer up to its root. The nonce of the request ties the answer to it. What remains to be
trusted is the root certificate, so a token is valid with that assumption, unless the
verifier gave that very root with --roots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from ...clock import format_time
from ...errors import Text
from ..check import INVALID, Check
from . import certificates
from .ber import octet_strings
from .config import ProveConfig, Trust
from .stored import CHECKPOINT, Made, Stored
from .targets import Target, Verdict, assuming, invalid, quoted, unsupported, valid
from .wire import Wire, host_of, refused

KIND = "rfc3161"
REQUEST, RESPONSE, CHAIN, ROOT = "request.tsq", "response.tsr", "chain.pem", "root.pem"

_LIMIT = 1 << 20
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True)
class Authority:
    """A time-stamping authority by its URL."""

    source: str
    roots: tuple[x509.Certificate, ...] = ()
    kind: str = KIND

    def obtain(self, checkpoint: bytes, old: Stored | None, wire: Wire) -> Iterator[Made]:
        """One token, verified before it is kept; a token in BER is kept as unsupported."""
        del old
        request = (
            TimestampRequestBuilder()
            .data(checkpoint)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        answer = wire.post(
            self.source, request.as_bytes(), limit=_LIMIT,
            headers={
                "Content-Type": "application/timestamp-query",
                "Accept": "application/timestamp-reply",
            },
        )  # fmt: skip
        try:
            made, facts = self._kept(request.as_bytes(), answer, wire)
        except certificates.MALFORMED as error:
            words = str(error)[:120] or type(error).__name__
            raise refused(
                self.source, f"its answer cannot be read: {words}", f"应答无法读取：{words}"
            ) from None
        verdict = _verdict(made, request.nonce, checkpoint, self.roots)
        if verdict.status == INVALID:
            raise refused(self.source, verdict.detail.en, verdict.detail.zh)
        yield Made(made, {**facts, "nonce": str(request.nonce)})

    def _kept(
        self, request: bytes, answer: bytes, wire: Wire
    ) -> tuple[dict[str, bytes], dict[str, str]]:
        """Files and facts of an answer, with the chain up to its root as far as it is known."""
        made = {REQUEST: request, RESPONSE: answer, CHAIN: b"", ROOT: b""}
        response = _decoded(answer)
        if response is None:
            return made, {}
        _granted(response, self.source)
        signer = _signer(response)
        if signer is not None:
            known = certificates.completed(signer, [*_embedded(response), *self.roots], wire)
            chain = next(certificates.chains(signer, known), None)
            way = chain or certificates.longest(signer, known)
            made[CHAIN] = certificates.pem(way)
            made[ROOT] = certificates.pem(way[-1:]) if chain else b""
        return made, {"gen_time": _time(response)}


def targets(config: ProveConfig) -> list[Target]:
    roots = tuple(certificates.read_roots(config.trust.roots))
    return [Authority(url, roots) for url in dict.fromkeys(config.tsa)]


def verify(stored: Stored, checkpoint: bytes, trust: Trust) -> Check:
    """Offline: status, imprint, nonce, signature, certificate at that time, key usage."""
    files = {name: stored.file(name) for name in (REQUEST, RESPONSE, CHAIN, ROOT)}
    text = str(stored.facts.get("nonce", ""))
    nonce = int(text) if text.isascii() and text.isdigit() and len(text) < 60 else None
    roots = tuple(certificates.read_roots(trust.roots))
    return _verdict(files, nonce, checkpoint, roots).check(KIND, stored.subject)


def commands(stored: Stored) -> list[str]:
    """`openssl ts -verify` over the stored files."""
    folder = stored.path
    line = f"openssl ts -verify -data {quoted(folder.parent / CHECKPOINT)}"
    line += f" -in {quoted(folder / RESPONSE)}"
    if not stored.files.get(ROOT):
        return [f"{line} -CAfile ROOT.pem  # the root of {host_of(stored.source)}"]
    return [f"{line} -CAfile {quoted(folder / ROOT)} -untrusted {quoted(folder / CHAIN)}"]


def _verdict(
    files: dict[str, bytes],
    nonce: int | None,
    checkpoint: bytes,
    roots: tuple[x509.Certificate, ...],
) -> Verdict:
    digest = hashlib.sha256(checkpoint).digest()
    response = _decoded(files[RESPONSE])
    if response is None:
        return _not_der(files[RESPONSE], digest)
    try:
        status = response.status
        imprint = response.tst_info.message_imprint
        if status != 0:
            return invalid(
                Text("the authority did not grant the token", "时间戳机构未签发"),
                expected="status 0", got=f"status {status}",
            )  # fmt: skip
        if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != digest:
            return invalid(
                Text("the token is for something else", "时间戳针对的是其他内容"),
                expected=f"SHA-256 {digest.hex()}",
                got=f"{imprint.hash_algorithm.dotted_string} {imprint.message.hex()}",
            )
        if nonce is None or response.tst_info.nonce != nonce:
            return invalid(
                Text("the token answers another request", "时间戳应答的是另一请求"),
                expected=f"nonce {nonce}", got=f"nonce {response.tst_info.nonce}",
            )  # fmt: skip
        return _signed(response, digest, nonce, files, roots)
    except certificates.MALFORMED as error:
        return invalid(
            Text("the token cannot be read", "时间戳无法读取"),
            expected="a time-stamp token", got=str(error)[:120] or type(error).__name__,
        )  # fmt: skip


def _signed(
    response: TimeStampResponse,
    digest: bytes,
    nonce: int,
    files: dict[str, bytes],
    roots: tuple[x509.Certificate, ...],
) -> Verdict:
    signer = _signer(response)
    if signer is None:
        return invalid(
            Text("the token does not hold its signer's certificate", "时间戳不含签发者证书"),
            expected="the certificate that was asked for", got="none",
        )  # fmt: skip
    if (fault := _unfit(signer, response)) is not None:
        return fault
    stored = [*certificates.from_pem(files[CHAIN]), *certificates.from_pem(files[ROOT])]
    pool = certificates.unique([*roots, *_embedded(response), *stored])
    own = {certificates.fingerprint(c) for c in roots}
    ways = sorted(
        certificates.chains(signer, pool),
        key=lambda way: certificates.fingerprint(way[-1]) not in own,
    )
    why = ""
    for way in ways:
        builder = VerifierBuilder(roots=[way[-1]], intermediates=list(way[1:-1]), nonce=nonce)
        try:
            builder.build().verify(response, digest)
        except VerificationError as error:
            why = why or _reason(str(error))
            continue
        at = _time(response)
        en = f"{certificates.title(signer)} says it existed at {at}"
        zh = f"{certificates.title(signer)} 证明其在 {at} 已存在"
        name = certificates.title(way[-1])
        sha = certificates.fingerprint(way[-1])
        if sha in own:
            return valid(f"{en}; root {name}", f"{zh}；根证书 {name}")
        return assuming(
            Text(
                f"the root certificate {name}, SHA-256 {sha}, is to be trusted",
                f"信任根证书 {name}，SHA-256 {sha}",
            ),
            en, zh,
        )  # fmt: skip
    if not ways:
        top = certificates.longest(signer, pool)[-1]
        return unsupported(
            f"the root certificate is not at hand: {top.issuer.rfc4514_string()}; "
            "give it with --roots",
            f"缺少根证书：{top.issuer.rfc4514_string()}；请用 --roots 提供",
        )
    return invalid(
        Text("the signature of the token does not hold", "时间戳签名无效"),
        expected="a signature up to a root", got=why,
    )  # fmt: skip


def _unfit(signer: x509.Certificate, response: TimeStampResponse) -> Verdict | None:
    """Why this certificate may not sign at that time (RFC 3161, 2.3), named exactly."""
    at = response.tst_info.gen_time
    first, last = signer.not_valid_before_utc, signer.not_valid_after_utc
    if not first <= at <= last:
        return invalid(
            Text("the certificate was not valid at that time", "证书在该时刻无效"),
            expected=f"{first.isoformat()} to {last.isoformat()}", got=at.isoformat(),
        )  # fmt: skip
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        found = sorted(o.dotted_string for o in usage.value) + ["critical"] * usage.critical
    except x509.ExtensionNotFound:
        found = ["none"]
    wanted = [ExtendedKeyUsageOID.TIME_STAMPING.dotted_string, "critical"]
    if found != wanted:
        return invalid(
            Text("the certificate is not one for time stamps", "证书并非时间戳专用"),
            expected=f"extended key usage {' '.join(wanted)}", got=" ".join(found),
        )  # fmt: skip
    return None


def _not_der(raw: bytes, digest: bytes) -> Verdict:
    strings = octet_strings(raw)
    if strings is None:
        return invalid(
            Text("this is no time-stamp response", "这不是时间戳应答"),
            expected="DER", got=f"{len(raw)} bytes that do not parse",
        )  # fmt: skip
    if digest not in strings:
        return invalid(
            Text("the token is for something else", "时间戳针对的是其他内容"),
            expected=f"SHA-256 {digest.hex()}", got="no such digest in it",
        )  # fmt: skip
    return unsupported(
        "the token is BER and not the strict DER that the library reads; openssl may read it",
        "该时间戳为 BER 编码，库只接受严格 DER；可用 openssl 验证",
    )


def _decoded(raw: bytes) -> TimeStampResponse | None:
    try:
        return decode_timestamp_response(raw)
    except certificates.MALFORMED:
        return None


def _granted(response: TimeStampResponse, url: str) -> None:
    if response.status != 0:
        try:
            said = "; ".join(response.status_string)[:160]
        except certificates.MALFORMED:
            said = ""
        raise refused(
            url,
            f"did not grant a token (status {response.status}) {said}".strip(),
            f"未签发时间戳（状态 {response.status}）{said}",
        )


def _embedded(response: TimeStampResponse) -> list[x509.Certificate]:
    # A set of raw certificates: sorted, so that the result is the same on every run.
    raw = sorted(bytes(c) for c in response.signed_data.certificates)
    return [x509.load_der_x509_certificate(c) for c in raw]


def _signer(response: TimeStampResponse) -> x509.Certificate | None:
    """The certificate that the one SignerInfo names."""
    try:
        infos = list(response.signed_data.signer_infos)
        for certificate in _embedded(response):
            if len(infos) == 1 and (certificate.issuer, certificate.serial_number) == (
                infos[0].issuer,
                infos[0].serial_number,
            ):
                return certificate
    except certificates.MALFORMED:
        return None
    return None


def _time(response: TimeStampResponse) -> str:
    return format_time(int(response.tst_info.gen_time.timestamp()) * 1_000_000, digits=0)


def _reason(message: str) -> str:
    """The library's message without the stack that OpenSSL appends."""
    return message.split(": ErrorStack")[0][:160]
