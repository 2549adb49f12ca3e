"""Whom a verifier trusts: given from outside, never taken from the file that is checked."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from deploy.verifier.encodings import instant_at
from deploy.verifier.verdict import Broken, Unreadable, require

Jwk = Mapping[str, Any]
BETWEEN_MAX: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    receipt_authorities: Sequence[x509.Certificate]
    person_authorities: Sequence[x509.Certificate] = ()
    officer_authorities: Sequence[x509.Certificate] = ()
    time_authorities: Sequence[x509.Certificate] = ()
    evidence_keys: Mapping[str, Jwk]
    # By client and key: a key alone, or `jwk` with `from`, `until` and `revoked_at`.
    clients: Mapping[str, Mapping[str, Jwk]]
    checkpoint_keys: Mapping[str, Jwk] = field(default_factory=dict)
    witness_keys: Mapping[str, Jwk] = field(default_factory=dict)
    # Trusted for nothing by themselves: each is vouched for by the next, the last by an anchor.
    between: Sequence[x509.Certificate] = ()

    @classmethod
    def of(cls, said: Mapping[str, Any] | Path) -> Self:
        try:
            given = json.loads(said.read_bytes()) if isinstance(said, Path) else said
            receipts, persons, officers, times = (
                [x509.load_pem_x509_certificate(pem.encode()) for pem in given.get(name, [])]
                for name in ("receipt_ca", "person_ca", "officer_ca", "tsa_ca")
            )
        except (OSError, ValueError, AttributeError) as error:
            raise Unreadable(f"The anchors cannot be read: {error}") from error
        return cls(
            receipt_authorities=receipts,
            person_authorities=persons,
            officer_authorities=officers,
            time_authorities=times,
            evidence_keys=given.get("evidence_keys", {}),
            clients=given.get("clients", {}),
            checkpoint_keys=given.get("checkpoint_keys", {}),
            witness_keys=given.get("witness_keys", {}),
        )

    def require_client_key(self, client_id: str, key_id: str, jwk: Jwk, *, at: datetime) -> None:
        """The key must be known as this client's, and must have counted at that moment."""
        entry = self.clients.get(client_id, {}).get(key_id)
        known = entry is not None and entry.get("jwk", entry) == jwk
        require(known, f"{client_id} is not known to have signed with this key")
        require_in_force(dict(entry or {}), at)

    def through(self, between: Sequence[x509.Certificate]) -> Self:
        """With the certificates that a document brings, from its signer's issuer upwards."""
        require(len(between) <= BETWEEN_MAX, "it brings more certificates than any signer has")
        return replace(self, between=tuple(between))

    def path_of(self, certificate: x509.Certificate) -> Sequence[x509.Certificate]:
        """The signer of a document, who vouches for it, and so on up to somebody we trust; raises
        when it does not lead there."""
        path = [certificate]
        for one in self.between:
            fit = _issued(one, path[-1], below=len(path) - 1)
            require(fit, "a certificate that it brings does not vouch for the one before")
            path.append(one)
        last, below = path[-1], len(path) - 1
        roots = [one for one in self.receipt_authorities if _issued(one, last, below=below)]
        known = any(one in self.receipt_authorities for one in self.between)
        require(bool(roots) or known, "the signer's certificate is issued by nobody we trust")
        path += roots[:1]
        _require_purposes(certificate)
        return path

    def authority_of(self, certificate: x509.Certificate) -> x509.Certificate:
        """Who vouches for a signer of documents; raises when nobody we trust does."""
        return self.path_of(certificate)[1]

    def require_receipt_signer(self, certificate: x509.Certificate, *, at: datetime) -> None:
        """The certificate must have been good when it signed. That instant is the signer's own
        word, as long as no time-stamping service stands behind it."""
        for one in reversed(self.path_of(certificate)):
            good = one.not_valid_before_utc <= at <= one.not_valid_after_utc
            require(good, f"a certificate was not valid at the time of signing, {at.isoformat()}")


def require_in_force(said: dict[str, Any], at: datetime) -> None:
    """`from`, `until`, `revoked_at`: what is not said does not bind."""
    since, until, revoked = (
        instant_at(said, name, "the key's entry") if said.get(name) is not None else None
        for name in ("from", "until", "revoked_at")
    )
    require(since is None or since <= at, "the key did not count yet")
    require(until is None or at < until, "the key's time was over")
    require(revoked is None or at < revoked, "the key was revoked before")


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


def _issued(authority: x509.Certificate, certificate: x509.Certificate, *, below: int) -> bool:
    """`below`: how many authorities stand between it and the signer."""
    try:
        certificate.verify_directly_issued_by(authority)
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except (*UNREADABLE, InvalidSignature, x509.ExtensionNotFound):
        return False
    deep_enough = constraints.path_length is None or constraints.path_length >= below
    return constraints.ca and usage.key_cert_sign and deep_enough


def _require_purposes(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (*UNREADABLE, x509.ExtensionNotFound) as error:
        raise Broken("the signer's certificate does not say what its key is for") from error
    fit = usage.digital_signature and usage.content_commitment
    require(fit, "the signer's certificate is not for signing documents")
