"""The signature algorithms that certificates may use: by the name they have in a JWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.domain.confirming.errors import CertificateRefused, ProofMalformed, ProofRefused

# Shorter keys are broken; longer ones cost more to check than one caller may ask of us.
RSA_BITS_MIN: Final = 2048
RSA_BITS_MAX: Final = 8192
CURVES: Final[Mapping[str, type[SECP256R1] | type[SECP384R1]]] = {
    "ES256": SECP256R1,
    "ES384": SECP384R1,
}


@dataclass(frozen=True, slots=True)
class Algorithm:
    scheme: str
    digest: hashes.HashAlgorithm


# No SHA-1 and nothing without a digest: what is not in the table does not verify.
ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "RS256": Algorithm("pkcs1", hashes.SHA256()),
    "RS384": Algorithm("pkcs1", hashes.SHA384()),
    "RS512": Algorithm("pkcs1", hashes.SHA512()),
    "PS256": Algorithm("pss", hashes.SHA256()),
    "PS384": Algorithm("pss", hashes.SHA384()),
    "PS512": Algorithm("pss", hashes.SHA512()),
    "ES256": Algorithm("ecdsa", hashes.SHA256()),
    "ES384": Algorithm("ecdsa", hashes.SHA384()),
}


def key_class(key: CertificatePublicKeyTypes) -> str:
    """`rsa-2048`, `ec-secp256r1`…; raises CertificateRefused for what is too weak or unknown."""
    if isinstance(key, RSAPublicKey):
        if not RSA_BITS_MIN <= key.key_size <= RSA_BITS_MAX:
            raise CertificateRefused("its RSA key is too short or too long")
        return f"rsa-{key.key_size}"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1 | SECP384R1):
        return f"ec-{key.curve.name}"
    raise CertificateRefused("its key is of no kind that is taken")


def check_signature(
    name: str, key: CertificatePublicKeyTypes, signature: bytes, signed: bytes
) -> None:
    """ECDSA signatures are in DER here. Raises ProofMalformed or ProofRefused."""
    algorithm = ALGORITHMS.get(name)
    if algorithm is None:
        raise ProofMalformed("its algorithm is none that is taken")
    digest = algorithm.digest
    try:
        if algorithm.scheme == "ecdsa" and isinstance(key, EllipticCurvePublicKey):
            if isinstance(key.curve, CURVES[name]):
                key.verify(signature, signed, ECDSA(digest))
                return
        elif algorithm.scheme == "pkcs1" and isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), digest)
            return
        elif algorithm.scheme == "pss" and isinstance(key, RSAPublicKey):
            salted = PSS(mgf=MGF1(digest), salt_length=digest.digest_size)
            key.verify(signature, signed, salted, digest)
            return
    except InvalidSignature as error:
        raise ProofRefused from error
    raise ProofMalformed("its algorithm is not one of the certificate's key")


def der_of_raw(name: str, raw: bytes) -> bytes:
    """A JWS writes r and s one after the other (RFC 7518, section 3.4)."""
    size = CURVES[name]().key_size // 8
    if len(raw) != 2 * size:
        raise ProofMalformed("its signature has the wrong length")
    return encode_dss_signature(int.from_bytes(raw[:size]), int.from_bytes(raw[size:]))
