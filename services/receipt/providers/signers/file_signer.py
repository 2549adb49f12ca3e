"""A key in a file, parsed once and held: parsing costs more than signing. For development."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from chassis.keys import load_private_key
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.certificates import identity_of

KINDS = (EllipticCurvePrivateKey, RSAPrivateKey)


class FileSigner:
    def __init__(
        self,
        key: object,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate] = (),
    ) -> None:
        if not isinstance(key, KINDS):
            raise TypeError("receipts are signed with a P-256 or an RSA key")
        if certificate.public_key() != key.public_key():
            raise ValueError("the receipt signer's certificate belongs to another key")
        self._key = key
        self._identity = identity_of(certificate, chain)

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        return cls.from_pem(directory / "signer.key.pem", directory / "signer.pem")

    @classmethod
    def from_pem(cls, key: Path, certificate: Path, chain: Path | None = None) -> Self:
        return cls(
            load_private_key(key),
            x509.load_pem_x509_certificate(certificate.read_bytes()),
            x509.load_pem_x509_certificates(chain.read_bytes()) if chain else (),
        )

    @classmethod
    def from_pkcs12(
        cls, file: Path, password: bytes, chain: Sequence[x509.Certificate] = ()
    ) -> Self:
        """What the file holds beside its own certificate is the chain, unless one is given."""
        held = load_pkcs12(file.read_bytes(), password)
        if held.cert is None:
            raise ValueError("the file holds no certificate")
        others = [one.certificate for one in held.additional_certs]
        return cls(held.key, held.cert.certificate, chain or others)

    @property
    def identity(self) -> SigningIdentity:
        return self._identity

    async def sign(self, content: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(content, PKCS1v15(), hashes.SHA256())
        return self._key.sign(content, ECDSA(hashes.SHA256()))


class OneSigner:
    """The same for every collecting body, as in development."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def of(self, agency_code: str) -> Signer:
        return self._signer
