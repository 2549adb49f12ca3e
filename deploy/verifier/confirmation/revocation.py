"""What authorities said of certificates when they signed: not more than a day before."""

import hashlib
from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.verifier.anchors import UNREADABLE
from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.verdict import Broken, require

AGE_MAX: Final = timedelta(hours=24)
SKEW: Final = timedelta(minutes=1)


def require_not_revoked(chain: Sequence[x509.Certificate], proof: Proof) -> None:
    """One answer kept for each certificate but the root."""
    kept = proof.said.get("revocation")
    if not isinstance(kept, list) or len(kept) != len(chain) - 1:
        raise Broken("what was said of revocation is not kept")
    for number, answer in enumerate(kept):
        one, issuer = chain[number], chain[number + 1]
        digest = hashlib.sha256(one.public_bytes(Encoding.DER)).hexdigest()
        if not isinstance(answer, dict) or answer.get("certificate_sha256") != digest:
            raise Broken("what was said of revocation is about another certificate")
        try:
            said, until = _said(answer, one, issuer, proof.confirmed_at)
        except InvalidSignature as error:
            raise Broken("what was said of revocation is not signed by its authority") from error
        except (x509.ExtensionNotFound, KeyError, *UNREADABLE) as error:
            raise Broken("what was said of revocation cannot be read") from error
        fresh = said - SKEW <= proof.confirmed_at <= said + AGE_MAX
        require(fresh, "what was said of revocation was not fresh")
        require(until is None or proof.confirmed_at <= until, "it had run out")


def _said(
    answer: dict[str, Any], one: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> tuple[datetime, datetime | None]:
    der = b64decode(answer["der"], validate=True)
    if answer["form"] == "crl":
        listed = x509.load_der_x509_crl(der)
        if not listed.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
            raise InvalidSignature
        # The count of unused bits before the signature is the one byte nothing else covers.
        if not der.endswith(b"\x00" + listed.signature):
            raise InvalidSignature
        require(listed.issuer == issuer.subject, "the revocation list is of another authority")
        found = listed.get_revoked_certificate_by_serial_number(one.serial_number)
        require(found is None, "the certificate was revoked")
        return listed.last_update_utc, listed.next_update_utc
    require(answer["form"] == "ocsp", "what was said of revocation is of no form that counts")
    response = ocsp.load_der_ocsp_response(der)
    _require_responder(response, issuer, at)
    for single in response.responses:
        if single.serial_number == one.serial_number:
            good = single.certificate_status is ocsp.OCSPCertStatus.GOOD
            require(good, "the certificate was revoked")
            return single.this_update_utc, single.next_update_utc
    raise Broken("the OCSP answer is about another certificate")


def _require_responder(response: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime) -> None:
    """Signed by the issuer, or by one whom the issuer made a responder."""
    signer = issuer
    for one in response.certificates[:1]:
        if one != issuer:
            one.verify_directly_issued_by(issuer)
            purposes = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            require(ExtendedKeyUsageOID.OCSP_SIGNING in purposes, "the responder is none")
            valid = one.not_valid_before_utc <= at <= one.not_valid_after_utc
            require(valid, "the responder was not valid")
            signer = one
    digest, key = response.signature_hash_algorithm, signer.public_key()
    if digest is None or digest.digest_size < 32:
        raise Broken("the OCSP answer is signed weakly")
    if isinstance(key, RSAPublicKey):
        key.verify(response.signature, response.tbs_response_bytes, PKCS1v15(), digest)
    elif isinstance(key, EllipticCurvePublicKey):
        key.verify(response.signature, response.tbs_response_bytes, ECDSA(digest))
    else:
        raise Broken("the responder's key is of no kind that counts")
