"""What every kind of proof is given to work with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from chassis.canonical import canonical_json, sha256_hex
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.confirming.certificate import (
    Authority,
    CertifiedMaterial,
    CertifiedSignature,
)
from gateway.domain.confirming.confirmation import Confirmation
from gateway.domain.confirming.errors import CertificateNotBound
from gateway.domain.confirming.proof import Factor, ProofKind, Proven
from gateway.domain.people.account import Account, Session
from gateway.ports.confirming import CertificateSignatures, Payments, RevocationChecks
from gateway.ports.people import DeviceProofs, OneTimeCodes, Passkeys
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvingTools:
    codes: OneTimeCodes
    proofs: DeviceProofs
    passkeys: Passkeys
    certificates: CertificateSignatures
    revocation: RevocationChecks
    payments: Payments
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The transaction in which a proof is checked: confirmation and account are held by it."""

    confirmation: Confirmation
    account: Account
    session: Session
    uow: UnitOfWork
    now: datetime
    certified: CertifiedMaterial | None = None

    @property
    def sign_in(self) -> Factor:
        session = self.session
        return Factor(name="session", at=session.authenticated_at, authenticator=session.acr.value)


class GivenProof(Protocol):
    """One kind of proof as it was handed in."""

    kind: ClassVar[ProofKind]

    def stated(self) -> Mapping[str, Any]:
        """All of it, for telling a repeat from another proof."""

    def claim(self) -> "CertifiedClaim | None":
        """The signature by a certificate that must be examined before the transaction."""

    async def check(self, setting: Setting, tools: ProvingTools) -> Proven | None:
        """Raises for whatever is wrong; None for a wrong code, whose counting must be committed."""


def fingerprint(given: GivenProof) -> str:
    return sha256_hex(canonical_json({"kind": given.kind.value, **given.stated()}))


@dataclass(frozen=True, slots=True)
class CertifiedClaim:
    signature: CertifiedSignature
    authority: Authority


async def prove_by_certificate(claim: CertifiedClaim, *, factor: str, setting: Setting) -> Proven:
    """What was examined, and that the certificate is still bound to whoever hands it in."""
    found = setting.certified
    if found is None or found.given != claim.signature:
        raise CertificateNotBound
    certificate_id = found.signatory.certificate_id
    bound = await setting.uow.certificates.find(certificate_id)
    if bound is None:
        raise CertificateNotBound
    bound.require_of(setting.account.id, claim.authority)
    signed = Factor(name=factor, at=setting.now, authenticator=certificate_id)
    return Proven(material=found.describe(), factors=(setting.sign_in, signed))
