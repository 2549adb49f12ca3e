from dataclasses import replace
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.refunds.errors import RefundChanged
from services.payment.domain.refunds.refund import Evidence, Refund, RefundStatus
from services.payment.ports.providers import (
    Capability,
    Provider,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.refunds.move_refund import move_refund

FAILURE_LENGTH_MAX: Final = 200
WAITING: Final = {
    RefundOutcome.PENDING: RefundStatus.PENDING,
    RefundOutcome.UNKNOWN: RefundStatus.UNKNOWN,
}


async def take_answer(
    refund: Refund,
    answer: RefundAnswer,
    provider: Provider,
    *,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> RefundStatus:
    """Store what a provider says of a refund. Whoever ended it meanwhile has ended it."""
    asking = Capability.ANSWERS_REFUND_ENQUIRIES in provider.capabilities
    heard = _with_evidence(refund, answer)
    if answer.outcome is RefundOutcome.SUCCEEDED:
        moved = heard.succeed(reference=answer.provider_reference, at=clock.now())
    elif answer.outcome is RefundOutcome.FAILED:
        failure = answer.failure and answer.failure[:FAILURE_LENGTH_MAX]
        moved = heard.fail(failure=failure, at=clock.now())
    else:
        moved = heard.wait(WAITING[answer.outcome], asking=asking)
    try:
        async with uow:
            await move_refund(moved, leaving=refund.status, uow=uow, clock=clock, ids=ids)
    except RefundChanged:
        return refund.status
    return moved.status


def order_of(refund: Refund) -> RefundOrder:
    source = refund.source
    if source.paid_at is None:
        raise ValueError("only money that came is sent back")
    return RefundOrder(
        refund_reference=refund.reference,
        order_reference=source.order_reference,
        provider_reference=source.provider_reference,
        paid=source.paid,
        amount=refund.amount,
        description=f"Hoan tra {refund.reference}",
        paid_at=source.paid_at,
        ordered_by=refund.decided_by or "lephi",
        ordered_at=refund.sending_at or refund.requested_at,
    )


def _with_evidence(refund: Refund, answer: RefundAnswer) -> Refund:
    if not answer.raw:
        return refund
    word = Evidence(raw=answer.raw, proof=answer.proof, level=answer.evidence_level)
    return replace(refund, evidence=word)
