from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.events import PaymentOpenedV1
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.payment_attempt import PaymentAttempt, next_enquiry
from services.payment.domain.intents.payment_intent import Confirmation, PaymentIntent, Status
from services.payment.domain.qr.collection_code import collection_code
from services.payment.ports.unit_of_work import UnitOfWork


async def confirm_payment(
    intent_id: UUID,
    confirmation: Confirmation,
    *,
    provider: str,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> PaymentIntent:
    """Give a confirmed fee its code. The same confirmation gets the same answer, whenever it asks.

    A reference that is taken by chance breaks the transaction; asking again draws another.
    """
    async with uow:
        intent = await uow.intents.get(intent_id)
        confirmed = intent.confirmed_by(confirmation.id)
        if confirmed is not None:
            return confirmed
        bill_reference = new_bill_reference(ids.token())
        opened = intent.confirm(
            confirmation,
            bill_reference=bill_reference,
            qr_payload=collection_code(intent, bill_reference),
        )
        if not await uow.intents.save_confirmed(opened):
            return _confirmed_meanwhile(await uow.intents.get(intent_id), confirmation.id)
        now = clock.now()
        attempt = PaymentAttempt(
            id=ids.new(),
            payment_intent_id=intent_id,
            method=confirmation.method,
            provider=provider,
            bill_reference=bill_reference,
            started_at=now,
            expires_at=opened.expires_at,
            next_enquiry_at=next_enquiry(now=now, enquiries=0, expires_at=opened.expires_at),
        )
        await uow.attempts.add(attempt)
        await uow.outbox.add(PaymentOpenedV1.of(opened), subject=str(intent_id))
        return opened


def _confirmed_meanwhile(intent: PaymentIntent, confirmation_id: UUID) -> PaymentIntent:
    """Another won: the same confirmation said twice, one that came first, or the deadline."""
    confirmed = intent.confirmed_by(confirmation_id)
    return intent.move_to(Status.CONFIRMED) if confirmed is None else confirmed
