"""What a responder says of one certificate (RFC 6960): asked for, and taken only if it will last.

A receipt cannot be mended once it is issued, so an answer is judged as its verifiers will judge it.
"""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.stamp_tokens import UNFIT

# The clock of a responder may be a little fast.
SKEW: Final = timedelta(minutes=1)
# How long an answer counts that does not say when there will be another.
LASTS: Final = timedelta(days=1)
DIGEST_BYTES_MIN: Final = 32


def responder_of(certificate: x509.Certificate) -> str | None:
    """Whom the authority of this certificate appointed to be asked about it."""
    try:
        named = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except UNFIT:
        return None
    places = [
        one.access_location.value
        for one in named.value
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]
    return next((one for one in places if one.startswith(("http://", "https://"))), None)


def question_about(one: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    # SHA-1 only names the certificate here, and every responder understands it (RFC 5019).
    asked = ocsp.OCSPRequestBuilder().add_certificate(one, issuer, hashes.SHA1())  # noqa: S303
    asked = asked.add_extension(x509.OCSPNonce(nonce), critical=False)
    return asked.build().public_bytes(Encoding.DER)


def require_good(
    raw: bytes, one: x509.Certificate, issuer: x509.Certificate, *, nonce: bytes, now: datetime
) -> datetime:
    """Until when the answer counts; raises SignerUnavailable."""
    try:
        response = ocsp.load_der_ocsp_response(raw)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise SignerUnavailable(f"a responder says {response.response_status.name.lower()}")
        _require_responder(response, issuer, now)
        (single,) = response.responses
        _require_about(single, one, issuer)
        _require_nonce(response, nonce)
    except InvalidSignature as error:
        raise SignerUnavailable("a responder's answer is not signed for its authority") from error
    except UNFIT as error:
        raise SignerUnavailable("a responder's answer cannot be read") from error
    if single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        raise SignerUnavailable("a certificate is revoked")
    if single.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise SignerUnavailable("a responder does not know a certificate")
    ends = single.next_update_utc or single.this_update_utc + LASTS
    if not single.this_update_utc - SKEW <= now < ends:
        raise SignerUnavailable("a responder's answer is not of now")
    return ends


def _require_responder(
    response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime
) -> None:
    """The authority itself, or one whom it appointed and whose own revocation need not be asked."""
    signer = issuer
    if response.certificates:
        (signer,) = response.certificates
    if signer != issuer:
        signer.verify_directly_issued_by(issuer)
        uses = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        signer.extensions.get_extension_for_class(x509.OCSPNoCheck)
        if ExtendedKeyUsageOID.OCSP_SIGNING not in uses:
            raise SignerUnavailable("a responder's certificate is not for answering")
        if not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
            raise SignerUnavailable("a responder's certificate is not valid now")
    digest, key = response.signature_hash_algorithm, signer.public_key()
    if digest is None or digest.digest_size < DIGEST_BYTES_MIN:
        raise SignerUnavailable("a responder signs weakly")
    if isinstance(key, EllipticCurvePublicKey):
        key.verify(response.signature, response.tbs_response_bytes, ECDSA(digest))
    elif isinstance(key, RSAPublicKey):
        key.verify(response.signature, response.tbs_response_bytes, PKCS1v15(), digest)
    else:
        raise SignerUnavailable("a responder's key is of no kind that counts")


def _require_about(
    single: ocsp.OCSPSingleResponse, one: x509.Certificate, issuer: x509.Certificate
) -> None:
    asked = ocsp.OCSPRequestBuilder().add_certificate(one, issuer, single.hash_algorithm).build()
    said = (single.serial_number, single.issuer_name_hash, single.issuer_key_hash)
    if said != (asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash):
        raise SignerUnavailable("a responder's answer is about another certificate")


def _require_nonce(response: ocsp.OCSPResponse, nonce: bytes) -> None:
    """Many responders answer from a store and repeat none; one that does must repeat ours."""
    try:
        said = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return
    if said != nonce:
        raise SignerUnavailable("a responder's answer is to another question")
