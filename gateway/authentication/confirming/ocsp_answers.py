"""Who may answer for an issuer, and about which certificate an answer speaks (RFC 6960)."""

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.authentication.confirming.algorithms import key_class

STRONG = ("sha256", "sha384", "sha512")


def responder_key_of(
    response: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime
) -> RSAPublicKey | EllipticCurvePublicKey | None:
    """The key that signed the answer, if it is the issuer's or one the issuer made for this.

    Raises InvalidSignature for an answer that nobody of them signed.
    """
    digest = response.signature_hash_algorithm
    if digest is None or digest.name not in STRONG:
        return None
    for one in (issuer, *response.certificates[:3]):
        if one is not issuer and not _is_delegated(one, issuer, at):
            continue
        key = one.public_key()
        key_class(key)
        signed, signature = response.tbs_response_bytes, response.signature
        if isinstance(key, RSAPublicKey) and _is_responder(response, one):
            key.verify(signature, signed, PKCS1v15(), digest)
            return key
        if isinstance(key, EllipticCurvePublicKey) and _is_responder(response, one):
            key.verify(signature, signed, ECDSA(digest))
            return key
    return None


def speaks_of(
    one: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    """Whether a single answer is about this certificate of this issuer."""
    name = one.hash_algorithm.name
    if name not in (*STRONG, "sha1"):
        return False
    # SHA-1 only names the issuer here; what is said is signed with a strong digest.
    named = hashlib.new(name, issuer.subject.public_bytes(), usedforsecurity=False).digest()
    return one.serial_number == certificate.serial_number and one.issuer_name_hash == named


def _is_responder(response: ocsp.OCSPResponse, one: x509.Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == one.subject
    digest = x509.SubjectKeyIdentifier.from_public_key(one.public_key()).digest
    return response.responder_key_hash == digest


def _is_delegated(one: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    purposes = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    one.verify_directly_issued_by(issuer)
    held = one.not_valid_before_utc <= at <= one.not_valid_after_utc
    return held and ExtendedKeyUsageOID.OCSP_SIGNING in purposes
