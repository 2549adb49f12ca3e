"""A key in a PEM file, parsed once and held: parsing costs more than signing. For development."""

from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from chassis.keys import load_private_key
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.certificates import identity_of


class FileSigner:
    def __init__(
        self, key: EllipticCurvePrivateKey | RSAPrivateKey, certificate: x509.Certificate
    ) -> None:
        if certificate.public_key() != key.public_key():
            raise ValueError("the receipt signer's certificate belongs to another key")
        self._key = key
        self._identity = identity_of(certificate)

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        key = load_private_key(directory / "signer.key.pem")
        if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
            raise TypeError("receipts are signed with a P-256 or an RSA key")
        certificate = x509.load_pem_x509_certificate((directory / "signer.pem").read_bytes())
        return cls(key, certificate)

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
