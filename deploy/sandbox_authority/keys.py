"""What `lephi` made for development: the authorities' own keys, which no gateway ever holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

NAMES: Final = ("person-ca", "officer-ca", "tsa-ca")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    key: EllipticCurvePrivateKey
    certificate: x509.Certificate
    # Beside the root, where a gateway looks too: what is revoked here is revoked there.
    revoked_file: Path

    @classmethod
    def of(cls, keys_dir: Path, name: str) -> Self:
        folder = keys_dir / "trust" / name
        return cls(
            key=load_key(keys_dir / "sandbox-authority" / f"{name}.key.pem"),
            certificate=load_certificate(folder / "development.pem"),
            revoked_file=folder / "development.crl",
        )


def load_key(path: Path) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{path} is no P-256 key")
    return key


def load_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())
