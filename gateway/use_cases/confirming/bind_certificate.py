from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.confirming.certificate import (
    CERTIFICATES_MAX,
    Authority,
    BoundCertificate,
    CertifiedSignature,
)
from gateway.domain.confirming.errors import TooManyCertificates
from gateway.domain.people.account import CHALLENGE_LIFETIME, EnrolmentChallenge, Session
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import ChallengeRefused, RoleNeeded
from gateway.domain.people.roles import Role
from gateway.ports.confirming import CertificateSignatures, RevocationChecks
from gateway.ports.unit_of_work import UnitOfWork

# The prefix keeps a signature over a challenge from ever being one over a fee.
CHALLENGE_PREFIX = "lephi-certificate-binding."


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """`signature` is over the text of the challenge."""

    authority: Authority
    challenge: str
    signature: CertifiedSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingTools:
    certificates: CertificateSignatures
    revocation: RevocationChecks
    clock: Clock
    ids: Ids


async def challenge_certificate(
    session: Session, *, uow: UnitOfWork, tools: BindingTools
) -> EnrolmentChallenge:
    """Text that a certificate must sign within five minutes, once."""
    session.require(Acr.MFA)
    challenge = EnrolmentChallenge(
        text=CHALLENGE_PREFIX + tools.ids.token(32),
        user_id=session.user_id,
        expires_at=tools.clock.now() + CHALLENGE_LIFETIME,
    )
    async with uow:
        await uow.device_keys.add_challenge(challenge)
    return challenge


async def bind_certificate(
    given: Binding, *, session: Session, uow: UnitOfWork, tools: BindingTools
) -> BoundCertificate:
    """Tie a certificate to an account whose person has just shown to hold its key."""
    session.require(Acr.MFA)
    if given.authority is Authority.OFFICER:
        _require_officer(session)
    if not given.challenge.startswith(CHALLENGE_PREFIX):
        raise ChallengeRefused
    now = tools.clock.now()
    signatory = await tools.certificates.check(
        given.signature, given.challenge.encode(), authority=given.authority, at=now
    )
    await tools.revocation.check(signatory.chain, authority=given.authority, at=now)
    bound = BoundCertificate(
        id=signatory.certificate_id,
        user_id=session.user_id,
        authority=given.authority,
        der=signatory.chain[0],
        subject=signatory.subject,
        not_after=signatory.not_after,
        bound_at=now,
    )
    async with uow:
        # The account's row is held so that two bindings at once cannot pass the limit.
        await uow.accounts.get_for_update(session.user_id)
        if not await uow.device_keys.use_challenge(
            given.challenge, user_id=session.user_id, now=now
        ):
            raise ChallengeRefused
        if len(await uow.certificates.list_of(session.user_id)) >= CERTIFICATES_MAX:
            raise TooManyCertificates(CERTIFICATES_MAX)
        await uow.certificates.bind(bound)
        await uow.audit.add(certificate_entry("certificate.bound", bound.id, session.user_id))
    return bound


def certificate_entry(action: str, certificate_id: str, user_id: UUID) -> AuditEntry:
    return AuditEntry(
        action=action, actor=f"user:{user_id}", subject=f"certificate:{certificate_id}"
    )


def _require_officer(session: Session) -> None:
    if all(grant.role is not Role.COUNTER_OFFICER for grant in session.grants):
        raise RoleNeeded([Role.COUNTER_OFFICER])
