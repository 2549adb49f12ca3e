from uuid import UUID

from gateway.domain.confirming.certificate import CertifiedMaterial
from gateway.domain.confirming.confirmation import Status
from gateway.domain.confirming.errors import CertificateNotBound, ConfirmationNotFound
from gateway.domain.people.account import Session
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.proving import CertifiedClaim, ProvingTools


async def examine_claim(
    claim: CertifiedClaim,
    confirmation_id: UUID,
    *,
    session: Session,
    uow: UnitOfWork,
    tools: ProvingTools,
) -> CertifiedMaterial | None:
    """Signature, path and revocation, before the transaction that takes effect.

    An authority may take seconds to answer; no row is held meanwhile. None for a confirmation that
    was given already: there is nothing to examine, and a repeat is known by its fingerprint.
    """
    now = tools.clock.now()
    async with uow:
        confirmation = await uow.confirmations.get(confirmation_id)
    if confirmation.user_id != session.user_id:
        raise ConfirmationNotFound
    if confirmation.status is Status.CONFIRMED:
        return None
    confirmation.require_open(now)
    signatory = await tools.certificates.check(
        claim.signature, confirmation.intent_bytes, authority=claim.authority, at=now
    )
    async with uow:
        bound = await uow.certificates.find(signatory.certificate_id)
    if bound is None:
        raise CertificateNotBound
    # Before anybody else is asked: a stranger's certificate costs no authority a question.
    bound.require_of(session.user_id, claim.authority)
    answers = await tools.revocation.check(signatory.chain, authority=claim.authority, at=now)
    return CertifiedMaterial(claim.signature, signatory, tuple(answers))
