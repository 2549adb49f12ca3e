"""Whom a verifier trusts: given from outside, never taken from the file that is checked."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from deploy.verifier.verdict import Broken, Unreadable, require

Jwk = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    receipt_authorities: Sequence[x509.Certificate]
    person_authorities: Sequence[x509.Certificate] = ()
    officer_authorities: Sequence[x509.Certificate] = ()
    evidence_keys: Mapping[str, Jwk]
    clients: Mapping[str, Mapping[str, Jwk]]

    @classmethod
    def of(cls, said: Mapping[str, Any] | Path) -> Self:
        try:
            given = json.loads(said.read_bytes()) if isinstance(said, Path) else said
            receipts, persons, officers = (
                [x509.load_pem_x509_certificate(pem.encode()) for pem in given.get(name, [])]
                for name in ("receipt_ca", "person_ca", "officer_ca")
            )
        except (OSError, ValueError, AttributeError) as error:
            raise Unreadable(f"The anchors cannot be read: {error}") from error
        return cls(
            receipt_authorities=receipts,
            person_authorities=persons,
            officer_authorities=officers,
            evidence_keys=given.get("evidence_keys", {}),
            clients=given.get("clients", {}),
        )

    def authority_of(self, certificate: x509.Certificate) -> x509.Certificate:
        """Who vouches for a signer of documents; raises when nobody we trust does."""
        for authority in self.receipt_authorities:
            if _issued(authority, certificate):
                _require_purposes(certificate)
                return authority
        raise Broken("the signer's certificate is issued by nobody we trust")

    def require_receipt_signer(self, certificate: x509.Certificate, *, at: datetime) -> None:
        """The certificate must have been good when it signed. That instant is the signer's own
        word, as long as no time-stamping service stands behind it."""
        for one in (self.authority_of(certificate), certificate):
            good = one.not_valid_before_utc <= at <= one.not_valid_after_utc
            require(good, f"a certificate was not valid at the time of signing, {at.isoformat()}")


# What cryptography raises on a certificate that is not what it should be.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def load_certificate(der: bytes) -> x509.Certificate:
    try:
        with warnings.catch_warnings():
            # What is merely deprecated today must not make a certificate unreadable.
            warnings.simplefilter("ignore")
            return x509.load_der_x509_certificate(der)
    except UNREADABLE as error:
        raise Broken("the certificate cannot be read") from error


def holder_of(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except (*UNREADABLE, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca and usage.key_cert_sign


def _require_purposes(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (*UNREADABLE, x509.ExtensionNotFound) as error:
        raise Broken("the signer's certificate does not say what its key is for") from error
    fit = usage.digital_signature and usage.content_commitment
    require(fit, "the signer's certificate is not for signing documents")
