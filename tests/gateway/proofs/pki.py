"""Authorities of a test: roots, certificates, revocation lists, and what is signed with them."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)
from cryptography.x509.oid import NameOID

from chassis.canonical import canonical_json
from tests.gateway.payer import encode

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
TYPE = "lephi-fee-intent+jws"


def usage(*used: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in used for name in USES})


def name_of(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Signer:
    """A certificate, its key, and the certificates between it and a root."""

    certificate: x509.Certificate
    key: Key
    between: tuple[x509.Certificate, ...] = ()

    @property
    def id(self) -> str:
        return hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return (self.certificate, *self.between)

    def jws(self, payload: bytes, *, algorithm: str = "ES256", **changes: Any) -> str:
        header: dict[str, Any] = {
            "alg": algorithm,
            "b64": False,
            "crit": ["b64"],
            "typ": TYPE,
            "x5c": [b64encode(one.public_bytes(Encoding.DER)).decode() for one in self.chain],
            **changes,
        }
        kept = {name: value for name, value in header.items() if value is not None}
        protected = encode(canonical_json(kept))
        signature = self.sign(algorithm, f"{protected}.".encode() + payload)
        return f"{protected}..{encode(signature)}"

    def sign(self, algorithm: str, signed: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
            size = (self.key.key_size + 7) // 8
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if algorithm.startswith("PS"):
            salted = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
            return self.key.sign(signed, salted, hashes.SHA256())
        digest = hashes.SHA1() if algorithm == "RS1" else hashes.SHA256()
        return self.key.sign(signed, padding.PKCS1v15(), digest)

    def cms(self, payload: bytes, *, attached: bool = False) -> str:
        options = [PKCS7Options.Binary]
        if not attached:
            options.append(PKCS7Options.DetachedSignature)
        builder = PKCS7SignatureBuilder().set_data(payload)
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        for one in self.between:
            builder = builder.add_certificate(one)
        return b64encode(builder.sign(Encoding.DER, options)).decode()


@dataclass
class Authority:
    """A root, or an authority below one."""

    name: str
    key: Key = field(default_factory=ec_key)
    above: "Authority | None" = None
    at: datetime = NOW
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        issuer = self.above or self
        self.certificate = (
            self._builder(self.name, self.key)
            .issuer_name(name_of(issuer.name))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
            .sign(issuer.key, hashes.SHA256())
        )

    @property
    def path(self) -> tuple[x509.Certificate, ...]:
        return () if self.above is None else (self.certificate, *self.above.path)

    def issue(
        self,
        name: str = "NGUYEN VAN AN",
        *,
        key: Key | None = None,
        uses: Iterable[str] = ("digital_signature", "content_commitment"),
        purposes: Iterable[x509.ObjectIdentifier] = (),
        valid: tuple[timedelta, timedelta] = (timedelta(days=-1), timedelta(days=365)),
    ) -> Signer:
        held = key or ec_key()
        builder = (
            self._builder(name, held, valid=valid)
            .issuer_name(name_of(self.name))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        if used := tuple(uses):
            builder = builder.add_extension(usage(*used), critical=True)
        if wanted := list(purposes):
            builder = builder.add_extension(x509.ExtendedKeyUsage(wanted), critical=False)
        return Signer(builder.sign(self.key, hashes.SHA256()), held, self.path)

    def revocation_list(
        self,
        *revoked: Signer,
        at: datetime | None = None,
        lasting: timedelta = timedelta(days=7),
        key: Key | None = None,
    ) -> bytes:
        said = at or self.at
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(name_of(self.name))
            .last_update(said)
            .next_update(said + lasting)
        )
        for one in revoked:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(one.certificate.serial_number)
                .revocation_date(said)
            )
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key or self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _builder(
        self,
        name: str,
        key: Key,
        *,
        valid: tuple[timedelta, timedelta] = (timedelta(days=-1), timedelta(days=3650)),
    ) -> x509.CertificateBuilder:
        public = key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(name_of(name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at + valid[0])
            .not_valid_after(self.at + valid[1])
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )


def trust(folder: Path, roots: Mapping[str, Authority]) -> None:
    """Put roots and their empty revocation lists where a gateway looks for them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, root in roots.items():
        pem = root.certificate.public_bytes(Encoding.PEM)
        (folder / f"{name}.pem").write_bytes(pem)
        (folder / f"{name}.crl").write_bytes(root.revocation_list())
