"""A time-stamping authority (RFC 3161) with a certificate for nothing else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.sandbox_authority.keys import load_certificate, load_key

# An arc for private use; nobody's policy.
POLICY: Final = "1.3.6.1.4.1.99999.1"
DIGESTS: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
GRANTED: Final = "granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStamper:
    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def from_directory(cls, keys_dir: Path) -> Self:
        folder = keys_dir / "sandbox-authority"
        return cls(
            key=load_key(folder / "tsa.key.pem"), certificate=load_certificate(folder / "tsa.pem")
        )

    def answer(self, asked: bytes, *, serial: int, now: datetime) -> bytes:
        """Raises ValueError or TypeError for what is no question."""
        question = tsp.TimeStampReq.load(asked, strict=True)
        imprint = question["message_imprint"]
        name = imprint["hash_algorithm"]["algorithm"].native
        if DIGESTS.get(name) != len(imprint["hashed_message"].native):
            raise ValueError("no digest that is stamped here")
        said: dict[str, Any] = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": serial,
            "gen_time": now.replace(microsecond=0),
        }
        if question["nonce"].native is not None:
            said["nonce"] = question["nonce"]
        return _said(
            {"status": {"status": GRANTED}, "time_stamp_token": self._token(tsp.TSTInfo(said))}
        )

    def _token(self, info: tsp.TSTInfo) -> cms.ContentInfo:
        der = self.certificate.public_bytes(Encoding.DER)
        mine, content = asn1_x509.Certificate.load(der), info.dump()
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(content).digest()),
                _attribute("signing_certificate_v2", _named(der)),
            ]
        )
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    {"issuer": mine.issuer, "serial_number": mine.serial_number},
                ),
                "digest_algorithm": sha256,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": self.key.sign(attributes.dump(), ECDSA(hashes.SHA256())),
            }
        )
        signed = {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [mine],
            "signer_infos": [signer],
        }
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _attribute(name: str, value: Any) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": name, "values": [value]})


def _named(der: bytes) -> dict[str, Any]:
    """SigningCertificateV2 (RFC 5035): SHA-256 is what its hash is unless it says otherwise."""
    return {"certs": [{"cert_hash": hashlib.sha256(der).digest()}]}


def _said(answer: dict[str, Any]) -> bytes:
    raw: bytes = tsp.TimeStampResp(answer).dump()
    return raw
