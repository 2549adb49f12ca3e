"""Certificates of licensed authorities, and what may be signed with them."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.domain.confirming.errors import CertificateNotBound

# An account may have one at each of several authorities, and old ones beside new ones.
CERTIFICATES_MAX: Final = 10
# An older word on revocation is no word (trust rule of the counter, applied to everybody).
REVOCATION_AGE_MAX: Final = timedelta(hours=24)


class Authority(StrEnum):
    """Whose roots must stand behind a certificate."""

    PERSON = "person"
    OFFICER = "officer"


class SignatureForm(StrEnum):
    JWS = "jws"
    CMS = "cms"


@dataclass(frozen=True, slots=True)
class CertifiedSignature:
    """Detached: JWS (compact, `b64: false`, with x5c) or CMS (DER in base64)."""

    form: SignatureForm
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Whose certificate a signature was found to be by. `chain` is DER, leaf first, root last."""

    certificate_id: str
    chain: tuple[bytes, ...]
    subject: str
    algorithm: str
    key_class: str
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationAnswer:
    """What an authority said about one certificate: a CRL or an OCSP answer, as it came (DER)."""

    form: str
    certificate_id: str
    der: bytes
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCertificate:
    """`id` is the SHA-256 (hex) of the certificate."""

    id: str
    user_id: UUID
    authority: Authority
    der: bytes
    subject: str
    not_after: datetime
    bound_at: datetime
    removed_at: datetime | None = None

    def require_of(self, user_id: UUID, authority: Authority) -> None:
        held = self.user_id == user_id and self.authority is authority
        if not held or self.removed_at is not None:
            raise CertificateNotBound


@dataclass(frozen=True, slots=True)
class CertifiedMaterial:
    """Signature, chain and revocation, as evidence keeps them."""

    given: CertifiedSignature
    signatory: Signatory
    revocation: tuple[RevocationAnswer, ...]

    def describe(self) -> Mapping[str, Any]:
        return {
            "signature_form": self.given.form.value,
            "signature": self.given.value,
            "certificate_sha256": self.signatory.certificate_id,
            "chain": [b64encode(one).decode() for one in self.signatory.chain],
            "algorithm": self.signatory.algorithm,
            "key_class": self.signatory.key_class,
            "revocation": [
                {
                    "form": one.form,
                    "certificate_sha256": one.certificate_id,
                    "der": b64encode(one.der).decode(),
                    "said_at": one.said_at.isoformat(),
                }
                for one in self.revocation
            ],
        }
