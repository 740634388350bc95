"""Certificates of time-stamping authorities: from the signer up to a root (RFC 5280)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

from ...errors import InputError, LiquestError, Text
from .wire import Wire

_LONGEST = 6
_LIMIT = 1 << 20

MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the libraries raise at damaged certificates and tokens; most are no ValueError."""

Chain = tuple[x509.Certificate, ...]


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER, hex: what names a certificate."""
    return hashlib.sha256(der(certificate)).hexdigest()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def pem(certificates: Iterable[x509.Certificate]) -> bytes:
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


def title(certificate: x509.Certificate) -> str:
    """The subject, on one line."""
    return certificate.subject.rfc4514_string() or "(no subject)"


def from_pem(raw: bytes) -> list[x509.Certificate]:
    """Certificates of a PEM file; raises ValueError."""
    return x509.load_pem_x509_certificates(raw) if raw.strip() else []


def read_roots(path: Path | None) -> list[x509.Certificate]:
    """Certificates of a PEM file or of every *.pem, *.crt and *.cer of a folder."""
    if path is None:
        return []
    if path.is_dir():
        names = {".pem", ".crt", ".cer"}
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in names)
    else:
        files = [path]
    found: list[x509.Certificate] = []
    for file in files:
        try:
            raw = file.read_bytes()
            if b"-----BEGIN" in raw:
                found += from_pem(raw)
            else:
                found.append(x509.load_der_x509_certificate(raw))
        except (OSError, *MALFORMED) as error:
            raise InputError(
                Text(f"no certificate can be read: {error}", f"无法读取证书：{error}"),
                where=str(file),
                remedy=Text("Give PEM files with root certificates.", "请提供 PEM 根证书。"),
            ) from None
    return found


def self_signed(certificate: x509.Certificate) -> bool:
    return _issued(certificate, certificate)


def chains(leaf: x509.Certificate, pool: Sequence[x509.Certificate]) -> Iterator[Chain]:
    """Every way from `leaf` to a self-signed certificate of `pool`, the leaf first.

    Names and signatures only; dates and purposes are left to the verifying library.
    """
    for path in _paths((leaf,), pool):
        if self_signed(path[-1]):
            yield path


def longest(leaf: x509.Certificate, pool: Sequence[x509.Certificate]) -> Chain:
    """The longest way up from `leaf`, whether it ends at a root or not."""
    return max(_paths((leaf,), pool), key=len)


def _paths(path: Chain, pool: Sequence[x509.Certificate]) -> Iterator[Chain]:
    ends = True
    if len(path) < _LONGEST and not self_signed(path[-1]):
        for issuer in pool:
            if issuer not in path and _issued(path[-1], issuer):
                ends = False
                yield from _paths((*path, issuer), pool)
    if ends:
        yield path


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except MALFORMED:
        return False
    return True


def unique(certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    return list({fingerprint(c): c for c in certificates}.values())


def completed(
    leaf: x509.Certificate, pool: Sequence[x509.Certificate], wire: Wire
) -> list[x509.Certificate]:
    """`pool` and what it takes to reach a root: from Mozilla's list, or where AIA points.

    Tokens rarely carry their root. Fetched certificates add nothing to the trust: what
    they signed is checked, and the root is named as an assumption.
    """
    known = unique(pool)
    for _ in range(_LONGEST):
        if next(chains(leaf, known), None):
            break
        top = longest(leaf, known)[-1]
        found = _public(top) or _fetched(top, wire)
        if not found:
            break
        known = unique([*known, *found])
    return known


def _public(certificate: x509.Certificate) -> list[x509.Certificate]:
    """Issuers among the roots that Mozilla publishes."""
    name = certificate.issuer.public_bytes()
    blocks = Path(certifi.where()).read_text(encoding="utf-8").split("-----BEGIN CERTIFICATE-----")
    found = []
    for block in blocks[1:]:
        raw = base64.b64decode(block.partition("-----END")[0])
        # Most of them are not looked at: some are old enough to draw warnings.
        if name in raw:
            found.append(x509.load_der_x509_certificate(raw))
    return [c for c in found if _issued(certificate, c)]


def _fetched(certificate: x509.Certificate, wire: Wire) -> list[x509.Certificate]:
    """Issuers by the authority information access of RFC 5280, 4.2.2.1."""
    try:
        access = certificate.extensions.get_extension_for_oid(
            ExtensionOID.AUTHORITY_INFORMATION_ACCESS
        ).value
    except (x509.ExtensionNotFound, *MALFORMED):
        return []
    if not isinstance(access, x509.AuthorityInformationAccess):
        return []
    for entry in access:
        place = entry.access_location
        if entry.access_method != AuthorityInformationAccessOID.CA_ISSUERS or not isinstance(
            place, x509.UniformResourceIdentifier
        ):
            continue
        try:
            raw = wire.get(place.value, limit=_LIMIT)
            found = _any_form(raw)
        except (LiquestError, *MALFORMED):
            continue
        if issuers := [c for c in found if _issued(certificate, c)]:
            return issuers
    return []


def _any_form(raw: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in raw:
        return from_pem(raw)
    try:
        return [x509.load_der_x509_certificate(raw)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(raw)
