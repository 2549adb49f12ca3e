"""What authorities said of certificates when a receipt was signed: a list, or one answer (OCSP).

Both are signed by whoever says them and by nobody else, so each is taken in one spelling only.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from asn1crypto import algos, crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.verifier.anchors import UNREADABLE
from deploy.verifier.verdict import Broken, require

# Between the clocks of a signer, a time stamper and an authority.
SKEW: Final = timedelta(minutes=5)
# How long an answer counts that does not say when there will be another.
LASTS: Final = timedelta(days=1)
ALGORITHMS: Final = tuple(
    f"{digest}_{kind}" for digest in ("sha256", "sha384", "sha512") for kind in ("rsa", "ecdsa")
)


def require_unlisted(
    raw: bytes, issuer: x509.Certificate, certificates: Sequence[x509.Certificate], at: datetime
) -> None:
    listed, spelled = x509.load_der_x509_crl(raw), crl.CertificateList.load(raw, strict=True)
    inner, outer = spelled["tbs_cert_list"]["signature"], spelled["signature_algorithm"]
    genuine = (
        listed.issuer == issuer.subject
        and listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
        and inner.dump() == outer.dump()
        and spelled.dump(force=True) == raw
    )
    require(genuine, "a revocation list is not its authority's")
    ends = listed.next_update_utc
    current = ends is not None and listed.last_update_utc - SKEW <= at < ends
    require(current, "a revocation list was not in force when the receipt was signed")
    for one in certificates:
        entry = listed.get_revoked_certificate_by_serial_number(one.serial_number)
        if entry is None or one.issuer != issuer.subject:
            continue
        require(entry.revocation_date_utc > at, "a certificate was revoked before it signed")


def is_about(raw: bytes, one: x509.Certificate, issuer: x509.Certificate) -> bool:
    single = _only(_response(raw))
    asked = ocsp.OCSPRequestBuilder().add_certificate(one, issuer, single.hash_algorithm).build()
    said = (single.serial_number, single.issuer_name_hash, single.issuer_key_hash)
    return said == (asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash)


def responders_of(raw: bytes) -> Sequence[bytes]:
    try:
        response = ocsp.load_der_ocsp_response(raw)
        return [one.public_bytes(Encoding.DER) for one in response.certificates]
    except UNREADABLE as error:
        raise Broken("an OCSP answer cannot be read") from error


def require_good(raw: bytes, issuer: x509.Certificate, at: datetime) -> None:
    response = _response(raw)
    _require_one_spelling(raw)
    responder = _responder(response, issuer, at)
    digest, key = response.signature_hash_algorithm, responder.public_key()
    if digest is None:
        raise Broken("an OCSP answer is signed weakly")
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, PKCS1v15(), digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ECDSA(digest))
        else:
            raise Broken("a responder's key is of no kind that counts")
    except InvalidSignature as error:
        raise Broken("an OCSP answer is not signed by its responder") from error
    single = _only(response)
    good = single.certificate_status is ocsp.OCSPCertStatus.GOOD
    require(good, "an OCSP answer does not call a certificate good")
    ends = single.next_update_utc or single.this_update_utc + LASTS
    current = single.this_update_utc - SKEW <= at < ends
    require(current, "an OCSP answer was not in force when the receipt was signed")


def _response(raw: bytes) -> ocsp.OCSPResponse:
    response = ocsp.load_der_ocsp_response(raw)
    successful = response.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    require(successful, "an OCSP answer is a refusal")
    return response


def _only(response: ocsp.OCSPResponse) -> ocsp.OCSPSingleResponse:
    found = list(response.responses)
    require(len(found) == 1, "an OCSP answer is about more than one certificate")
    return found[0]


def _responder(
    response: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime
) -> x509.Certificate:
    """The authority itself, or one whom it appointed, and whom it said never to ask about."""
    brought = response.certificates
    require(len(brought) <= 1, "an OCSP answer brings more than its responder")
    if not brought or brought[0] == issuer:
        return issuer
    one = brought[0]
    try:
        one.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE) as error:
        raise Broken("a responder is appointed by another authority") from error
    try:
        uses = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        one.extensions.get_extension_for_class(x509.OCSPNoCheck)
    except x509.ExtensionNotFound as error:
        raise Broken("a responder is not appointed as one") from error
    require(ExtendedKeyUsageOID.OCSP_SIGNING in uses, "a responder is not appointed as one")
    valid = one.not_valid_before_utc <= at <= one.not_valid_after_utc
    require(valid, "a responder's certificate was not valid when the receipt was signed")
    return one


def _require_one_spelling(raw: bytes) -> None:
    """What is under no signature: the names of algorithms, and how the parts are put together."""
    spelled = asn1_ocsp.OCSPResponse.load(raw, strict=True)
    basic: Any = spelled["response_bytes"]["response"].parsed
    known = [algos.SignedDigestAlgorithm({"algorithm": name}).dump() for name in ALGORITHMS]
    require(
        basic["signature_algorithm"].dump() in known and spelled.dump(force=True) == raw,
        "an OCSP answer is spelled in another way than it was given",
    )
