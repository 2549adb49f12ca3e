"""The collecting body's key and certificate, parsed once and held: parsing costs more than signing.
An HSM or a remote signing service would stand here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from chassis.keys import load_private_key


@dataclass(frozen=True, slots=True)
class SigningKey:
    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        key = load_private_key(directory / "signer.key.pem")
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("receipts are signed with a P-256 key")
        certificate = x509.load_pem_x509_certificate((directory / "signer.pem").read_bytes())
        if certificate.public_key() != key.public_key():
            raise ValueError("the receipt signer's certificate belongs to another key")
        return cls(key, certificate)

    @property
    def holder(self) -> str:
        """Who signs, as the certificate names them."""
        names = self.certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.certificate.subject.rfc4514_string()
