"""Certificates of signers, as an authority gives them out for so long."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    generate_private_key as generate_rsa,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.receipt.samples import NOON

Key = EllipticCurvePrivateKey | RSAPrivateKey
HOLDER = "Sở Tư pháp tỉnh Đồng Nai"
USAGES = dict.fromkeys(
    ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
    False,
)


def p256() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def rsa() -> RSAPrivateKey:
    return generate_rsa(65537, 2048)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Authority:
    """A root, or one that stands below another."""

    key: EllipticCurvePrivateKey = field(default_factory=p256)
    called: str = "CA thử nghiệm"
    levels_below: int = 0
    above: "Authority | None" = None

    @cached_property
    def certificate(self) -> x509.Certificate:
        issuer = self.above or self
        since = NOON - timedelta(days=365)
        return (
            issuer._begin(name(self.called), self.key, since, 3650)
            .add_extension(
                x509.BasicConstraints(ca=True, path_length=self.levels_below), critical=True
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=False,
                    content_commitment=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    **USAGES,
                ),
                critical=True,
            )
            .sign(issuer.key, hashes.SHA256())
        )

    @property
    def chain(self) -> list[x509.Certificate]:
        """Itself and those above it, without the root."""
        return [self.certificate, *self.above.chain] if self.above else []

    @property
    def root(self) -> x509.Certificate:
        return self.above.root if self.above else self.certificate

    def certify(
        self, key: Key, *, since: datetime = NOON - timedelta(days=1), days: int = 365
    ) -> x509.Certificate:
        return (
            self._begin(name(HOLDER), key, since, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=True,
                    key_cert_sign=False,
                    crl_sign=False,
                    **USAGES,
                ),
                critical=True,
            )
            .sign(self.key, hashes.SHA256())
        )

    def certify_server(self, key: Key, *, called: str = "127.0.0.1") -> x509.Certificate:
        """For TLS, in the name of an address."""
        address = x509.IPAddress(ip_address("127.0.0.1"))
        now = datetime.now(UTC)  # TLS asks the machine, not a test's clock.
        return (
            self._begin(name(called), key, now - timedelta(days=1), 30)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _begin(
        self, subject: x509.Name, key: Key, since: datetime, days: int
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name(self.called))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(since + timedelta(days=days))
        )


def three_levels() -> Authority:
    """The lowest of a root, one below it, and one below that."""
    root = Authority(called="Gốc thử nghiệm", levels_below=2)
    middle = Authority(called="CA trung gian", levels_below=1, above=root)
    return Authority(above=middle)


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_pair(folder: Path, stem: str, key: Key, certificate: x509.Certificate) -> None:
    private = folder / f"{stem}.key.pem"
    private.touch(mode=0o600)
    private.write_bytes(key_pem(key))
    (folder / f"{stem}.pem").write_bytes(pem(certificate))
