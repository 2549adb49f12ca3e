"""What a certificate says of the signatures that are checked by it."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from services.receipt.domain.signing.identity import SignatureAlgorithm, SigningIdentity


def identity_of(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()
) -> SigningIdentity:
    return SigningIdentity(
        holder=_holder(certificate),
        algorithm=_algorithm(certificate),
        certificate=certificate.public_bytes(Encoding.DER),
        chain=tuple(one.public_bytes(Encoding.DER) for one in chain),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )


def _holder(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _algorithm(certificate: x509.Certificate) -> SignatureAlgorithm:
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return SignatureAlgorithm.ECDSA_P256_SHA256
    if isinstance(key, RSAPublicKey):
        return SignatureAlgorithm.RSA_SHA256
    raise ValueError("receipts are signed with a P-256 or an RSA key")
