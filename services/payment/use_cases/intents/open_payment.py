from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from chassis.clock import Clock
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.qr.collection_code import collection_code
from services.payment.ports.unit_of_work import UnitOfWork


async def open_payment(
    intent: PaymentIntent, *, lifetime: timedelta, caused_by: UUID, uow: UnitOfWork, clock: Clock
) -> None:
    """Take note of a fee to collect: once, however often it is requested.

    The intent comes with the requester's deadline; it lives no longer than `lifetime` either.
    """
    intent.check_fee()
    # A payee that fits no code is refused now, not when the payer has confirmed.
    collection_code(intent, new_bill_reference(str(intent.id)))
    now = clock.now()
    opened = replace(intent, created_at=now, expires_at=min(intent.expires_at, now + lifetime))
    async with uow:
        if not await uow.inbox.claim(caused_by, "open_payment"):
            return
        if not await uow.intents.add_once(opened):
            (await uow.intents.get(intent.id)).check_same_request(opened)
