from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.domain.audit.entry import AuditEntry
from gateway.domain.confirming.confirmation import Confirmation, ConfirmationProof, Status
from gateway.domain.confirming.errors import ConfirmationNotFound, ProofKindUnfit
from gateway.domain.confirming.events import PaymentIntentConfirmedV1
from gateway.domain.confirming.proof import PROOF_RULES, Proven
from gateway.domain.errors import UpstreamUnavailable
from gateway.domain.evidence.record import Evidence
from gateway.domain.people.account import Session
from gateway.domain.people.errors import CodeRefused
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.examine_claim import examine_claim
from gateway.use_cases.confirming.proving import (
    GivenProof,
    ProvingTools,
    Setting,
    fingerprint,
)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`payment` is None while the payment service is out of reach; the event will reach it."""

    confirmation: Confirmation
    payment: Mapping[str, Any] | None


async def prove_confirmation(
    confirmation_id: UUID,
    given: GivenProof,
    *,
    session: Session,
    uow: UnitOfWork,
    tools: ProvingTools,
) -> Confirmed:
    """Take somebody's agreement: proof, evidence and announcement in one transaction.

    The same proof given again is answered the same and has no further effect.
    """
    session.require(PROOF_RULES[given.kind].least_acr)
    claim, certified = given.claim(), None
    if claim is not None:
        certified = await examine_claim(
            claim, confirmation_id, session=session, uow=uow, tools=tools
        )
    async with uow:
        confirmation = await uow.confirmations.get_for_update(confirmation_id)
        if confirmation.user_id != session.user_id:
            raise ConfirmationNotFound
        account = await uow.accounts.get_for_update(session.user_id)
        if _is_repeat(given, confirmation):
            confirmed: Confirmation | None = confirmation
        else:
            setting = Setting(
                confirmation=confirmation,
                account=account,
                session=session,
                uow=uow,
                now=tools.clock.now(),
                certified=certified,
            )
            confirmed = await _confirm(given, setting, tools)
    if confirmed is None:
        raise CodeRefused
    try:
        return Confirmed(confirmed, await tools.payments.confirm(confirmed))
    except UpstreamUnavailable:
        # Committed already: payment_intent.confirmed.v1 tells the payment service instead.
        return Confirmed(confirmed, None)


async def _confirm(given: GivenProof, setting: Setting, tools: ProvingTools) -> Confirmation | None:
    """None for a wrong code, whose counting must be committed. All else that is wrong raises."""
    confirmation = setting.confirmation
    confirmation.require_open(setting.now)
    if PROOF_RULES[given.kind].role is not confirmation.role:
        raise ProofKindUnfit(confirmation.role)
    proven = await given.check(setting, tools)
    if proven is None:
        return None
    proof = ConfirmationProof(
        kind=given.kind,
        fingerprint=fingerprint(given),
        assurance=PROOF_RULES[given.kind].assurance,
        evidence_id=tools.ids.new(),
        confirmed_at=setting.now,
        device_key_id=proven.device_key_id,
    )
    confirmed = confirmation.confirm(proof)
    await _write_down(confirmed, proof, proven, uow=setting.uow)
    return confirmed


async def _write_down(
    confirmed: Confirmation, proof: ConfirmationProof, proven: Proven, *, uow: UnitOfWork
) -> None:
    await uow.evidence.add(Evidence.of_confirmation(confirmed, proof, proven))
    await uow.confirmations.confirm(confirmed)
    await uow.outbox.add(
        PaymentIntentConfirmedV1.of(confirmed, proof), subject=str(confirmed.payment_intent_id)
    )
    await uow.audit.add(
        AuditEntry(
            action="confirmation.given",
            actor=f"user:{confirmed.user_id}",
            subject=f"confirmation:{confirmed.id}",
            details={"kind": proof.kind.value, "evidence_id": str(proof.evidence_id)},
        )
    )


def _is_repeat(given: GivenProof, confirmation: Confirmation) -> bool:
    proof = confirmation.proof
    return (
        confirmation.status is Status.CONFIRMED
        and proof is not None
        and fingerprint(given) == proof.fingerprint
    )
