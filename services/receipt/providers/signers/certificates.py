"""What a certificate says of the signatures that are checked by it."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SignatureAlgorithm, SigningIdentity

RSA_BITS_MIN = 2048
# A verifier follows no more.
CHAIN_MAX = 4


def identity_of(
    certificate: x509.Certificate, others: Sequence[x509.Certificate] = ()
) -> SigningIdentity:
    """`others` in any order; of them those are kept that lead from the certificate upwards, without
    the root: a verifier knows that by itself. Raises ValueError for what nobody signs with."""
    return SigningIdentity(
        holder=_holder(certificate),
        algorithm=_algorithm(certificate),
        certificate=certificate.public_bytes(Encoding.DER),
        chain=tuple(one.public_bytes(Encoding.DER) for one in _upwards(certificate, others)),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )


def require_fits(certificate: x509.Certificate, content: bytes, signature: bytes) -> None:
    """What came from outside is looked at before it is used; raises SignerUnavailable."""
    key = certificate.public_key()
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, content, PKCS1v15(), hashes.SHA256())
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, content, ECDSA(hashes.SHA256()))
        else:
            raise SignerUnavailable("its key is of no kind that is used here")
    except InvalidSignature as error:
        raise SignerUnavailable("what it signed does not fit its certificate") from error


def _upwards(
    certificate: x509.Certificate, others: Sequence[x509.Certificate]
) -> Sequence[x509.Certificate]:
    between, chain = [one for one in others if one.issuer != one.subject], [certificate]
    while above := next((one for one in between if _issued(one, chain[-1])), None):
        between.remove(above)
        chain.append(above)
    if len(chain) > 1 + CHAIN_MAX:
        raise ValueError(f"more than {CHAIN_MAX} authorities stand between it and the root")
    return chain[1:]


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _holder(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _algorithm(certificate: x509.Certificate) -> SignatureAlgorithm:
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return SignatureAlgorithm.ECDSA_P256_SHA256
    if isinstance(key, RSAPublicKey) and key.key_size >= RSA_BITS_MIN:
        return SignatureAlgorithm.RSA_SHA256
    raise ValueError("receipts are signed with a P-256 key or an RSA key of 2048 bits or more")
