from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from services.payment.domain.errors import IllegalTransition, UnknownPaymentIntent
from services.payment.domain.events import PaymentCancelledV1
from services.payment.domain.intents.payment_attempt import AttemptStatus
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.ports.unit_of_work import UnitOfWork


async def cancel_payment(
    intent_id: UUID, *, reach: Reach, uow: UnitOfWork, clock: Clock
) -> PaymentIntent:
    """Ask for the fee no longer. Cancelling twice is cancelling once; what is paid stays paid.

    Money that is on its way nevertheless is kept, and proposed to be paid back.
    """
    async with uow:
        intent = await uow.intents.get(intent_id)
        if not reach.covers(client_id=intent.client_id, agency_code=intent.agency_code):
            raise UnknownPaymentIntent(intent_id)
        if await uow.intents.save_cancelled(intent_id):
            now = clock.now()
            await uow.attempts.end_live(intent_id, AttemptStatus.CANCELLED, at=now)
            await uow.outbox.add(
                PaymentCancelledV1.of(intent, cancelled_at=now), subject=str(intent_id)
            )
        cancelled = await uow.intents.get(intent_id)
        if cancelled.status is not Status.CANCELLED:
            raise IllegalTransition(
                f"Payment intent {intent_id}", current=cancelled.status, wanted=Status.CANCELLED
            )
        return cancelled
