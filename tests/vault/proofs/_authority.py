"""A time-stamping authority for tests only (RFC 3161 over RFC 5652), with every way to be wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from _loopback import Answer, Asked
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate: x509.Certificate) -> bytes:
    """PEM of a certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM)


@dataclass
class Issuer:
    """A certificate authority: key and certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def root(cls, common: str = "Test Root") -> Issuer:
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(key, cls._build(common, key, _name(common), key, True, None, -DAY, 3650 * DAY))

    def intermediate(self, common: str = "Test Intermediate") -> Issuer:
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._build(
            common, key, self.certificate.subject, self.key, True, None, -DAY, 3000 * DAY
        )
        return Issuer(key, made)

    def leaf(
        self,
        common: str = "Test TSA",
        usage: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.TIME_STAMPING,),
        start: timedelta = -DAY,
        end: timedelta = 365 * DAY,
        critical: bool = True,
    ) -> Issuer:
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._build(
            common, key, self.certificate.subject, self.key, False,
            (usage, critical), start, end,
        )  # fmt: skip
        return Issuer(key, made)

    @staticmethod
    def _build(
        common: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        signer: ec.EllipticCurvePrivateKey,
        authority: bool,
        usage: tuple[tuple[x509.ObjectIdentifier, ...], bool] | None,
        start: timedelta,
        end: timedelta,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + start)
            .not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
            .add_extension(
                x509.KeyUsage(
                    not authority, False, False, False, False, authority, authority, False, False
                ),
                critical=True,
            )
        )
        if usage:
            made = made.add_extension(x509.ExtendedKeyUsage(usage[0]), critical=usage[1])
        return made.sign(signer, hashes.SHA256())


def indefinite(der: bytes) -> bytes:
    """The same value in BER: the outermost SEQUENCE with indefinite length (X.690 8.1.3.6)."""
    head = 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)
    return der[:1] + b"\x80" + der[head:] + b"\x00\x00"


class Authority:
    """Answers time-stamp requests. `fault` names the way in which an answer is wrong."""

    def __init__(self, root: Issuer | None = None, *, fault: str = "", deep: bool = False) -> None:
        self.root = root or Issuer.root()
        self.fault = fault
        self.asked = 0
        issuer = self.root.intermediate() if deep else self.root
        self.between = [issuer.certificate] if deep else []
        if fault == "expired":
            self.signer = issuer.leaf(start=-20 * DAY, end=-10 * DAY)
        elif fault == "not-yet-valid":
            self.signer = issuer.leaf(start=10 * DAY)
        elif fault == "wrong-eku":
            self.signer = issuer.leaf(usage=(ExtendedKeyUsageOID.CODE_SIGNING,))
        elif fault == "mixed-eku":
            self.signer = issuer.leaf(
                usage=(ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)
            )
        elif fault == "eku-not-critical":
            self.signer = issuer.leaf(critical=False)
        else:
            self.signer = issuer.leaf()

    def __call__(self, asked: Asked) -> Answer:
        self.asked += 1
        if self.fault == "busy":
            return Answer(b"later", 503)
        if self.fault == "gone":
            return Answer(b"<html>no such page</html>", 404, "text/html")
        if self.fault == "html":
            return Answer(b"<html>welcome</html>", kind="text/html")
        if self.fault == "huge":
            return Answer(b"\x30" * 3_000_000)
        body = self.answer(asked.body)
        if self.fault == "truncated":
            body = body[: len(body) // 2]
        return Answer(body, kind="application/timestamp-reply")

    def answer(self, request: bytes) -> bytes:
        """TimeStampResp for a TimeStampReq, both DER."""
        if self.fault == "rejected":
            return bytes.fromhex("3017301502010230100c0e6e6f207375636820706f6c696379")
        asked = tsp.TimeStampReq.load(request)
        imprint = asked["message_imprint"]
        if self.fault == "wrong-imprint":
            imprint = tsp.MessageImprint(
                {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\x11" * 32}
            )
        nonce = asked["nonce"].native
        if self.fault == "wrong-nonce":
            nonce += 1
        info = tsp.TSTInfo(
            {
                "version": "v1", "policy": "1.3.6.1.4.1.99999.1", "message_imprint": imprint,
                "serial_number": self.asked or 1,
                "gen_time": datetime.now(UTC).replace(microsecond=0), "nonce": nonce,
            }
        )  # fmt: skip
        token = self._signed(info.dump())
        whole = bytes(
            tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
        )
        return indefinite(whole) if self.fault == "ber" else whole

    def _signed(self, content: bytes) -> cms.ContentInfo:
        certificate = _der(self.signer.certificate)
        loaded = asn1x509.Certificate.load(certificate)
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
                {
                    "type": "signing_certificate_v2",
                    "values": [{"certs": [{"cert_hash": hashlib.sha256(certificate).digest()}]}],
                },
            ]
        )
        signature = self.signer.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        if self.fault == "bad-signature":
            other = ec.generate_private_key(ec.SECP256R1())
            signature = other.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        chain = [self.signer.certificate, *self.between]
        if self.fault == "no-certificates":
            chain = []
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [sha256],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [
                    cms.CertificateChoices("certificate", asn1x509.Certificate.load(_der(c)))
                    for c in chain
                ],
                "signer_infos": [
                    {
                        "version": "v1",
                        "sid": cms.IssuerAndSerialNumber(
                            {"issuer": loaded.issuer, "serial_number": loaded.serial_number}
                        ),
                        "digest_algorithm": sha256,
                        "signed_attrs": attributes,
                        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                        "signature": signature,
                    }
                ],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})
