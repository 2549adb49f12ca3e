from dataclasses import replace
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import AlreadyConfirmed, AmountMismatch, IllegalTransition
from services.payment.domain.events import PaymentOpenedV1
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.method import Method
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

    Whichever way the payer chose, the code is there as well: whoever scans it agrees at their own
    bank. A further way to pay needs a confirmation of its own. A reference that is taken by chance
    breaks the transaction; asking again draws another.
    """
    async with uow:
        intent = await uow.intents.get(intent_id)
        if intent.status is not Status.CREATED and intent.confirmation is not None:
            return await _agree_to_another_way(intent, confirmation, uow=uow)
        opened = _with_code(intent, confirmation, ids)
        if not await uow.intents.save_confirmed(opened):
            intent = await uow.intents.get(intent_id)
            # Another won: the same confirmation said twice, one that came first, or the deadline.
            if intent.confirmation is None:
                raise IllegalTransition(
                    f"Payment intent {intent_id}", current=intent.status, wanted=Status.CONFIRMED
                )
            return await _agree_to_another_way(intent, confirmation, uow=uow)
        await uow.intents.add_confirmed_method(intent_id, confirmation)
        await uow.attempts.add(
            code_attempt(opened, provider=provider, number=1, tools=(clock, ids))
        )
        await uow.outbox.add(PaymentOpenedV1.of(opened), subject=str(intent_id))
        return opened


def code_attempt(
    intent: PaymentIntent, *, provider: str, number: int, tools: tuple[Clock, Ids]
) -> PaymentAttempt:
    """The code is a try to collect the fee by itself: its provider is asked what it brought."""
    clock, ids = tools
    if intent.bill_reference is None:
        raise ValueError("an intent without a reference has no code")
    now = clock.now()
    return PaymentAttempt(
        id=ids.new(),
        payment_intent_id=intent.id,
        number=number,
        method=Method.VIETQR,
        provider=provider,
        bill_reference=intent.bill_reference,
        started_at=now,
        expires_at=intent.expires_at,
        next_enquiry_at=next_enquiry(now=now, enquiries=0, expires_at=intent.expires_at),
    )


def _with_code(intent: PaymentIntent, confirmation: Confirmation, ids: Ids) -> PaymentIntent:
    reference = intent.bill_reference or new_bill_reference(ids.token())
    return intent.confirm(
        confirmation,
        bill_reference=reference,
        qr_payload=collection_code(intent, reference),
    )


async def _agree_to_another_way(
    intent: PaymentIntent, confirmation: Confirmation, *, uow: UnitOfWork
) -> PaymentIntent:
    """The intent as a confirmation leaves it, whatever came later."""
    agreed = await uow.intents.find_confirmation(intent.id, confirmation.method)
    as_confirmed = replace(intent, status=Status.CONFIRMED, payment=None, refunded_minor_units=0)
    if agreed == confirmation.id:
        return as_confirmed
    if agreed is not None or intent.status is not Status.CONFIRMED:
        raise AlreadyConfirmed(intent.id)
    if confirmation.amount != intent.amount:
        raise AmountMismatch(expected=intent.amount, received=confirmation.amount)
    if not await uow.intents.add_confirmed_method(intent.id, confirmation):
        raise AlreadyConfirmed(intent.id)
    return as_confirmed
