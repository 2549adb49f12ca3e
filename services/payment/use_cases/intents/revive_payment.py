from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from chassis.ids import Ids
from services.payment.domain.errors import (
    IllegalTransition,
    RevivalTooShort,
    UnknownPaymentIntent,
)
from services.payment.domain.events import PaymentRevivedV1
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.intents.confirm_payment import code_attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Revival:
    """Until when the fee shall be payable again, and who reports what its code brings."""

    expires_at: datetime
    lifetime: timedelta
    provider: str


async def revive_payment(
    intent_id: UUID,
    revival: Revival,
    *,
    reach: Reach,
    uow: UnitOfWork,
    tools: tuple[Clock, Ids],
) -> PaymentIntent:
    """Let an expired fee be paid after all: same intent, same reference, same code.

    Its payer agreed to this fee and amount, and not to a deadline, so a confirmation stands.
    """
    clock, _ids = tools
    now = clock.now()
    expires_at = min(revival.expires_at, now + revival.lifetime)
    if expires_at <= now:
        raise RevivalTooShort
    async with uow:
        intent = await uow.intents.get(intent_id)
        if not reach.covers(client_id=intent.client_id, agency_code=intent.agency_code):
            raise UnknownPaymentIntent(intent_id)
        revived = intent.revive(expires_at=expires_at)
        if not await uow.intents.save_revived(revived):
            raise IllegalTransition(
                f"Payment intent {intent_id}", current="no longer expired", wanted=revived.status
            )
        if revived.status is Status.CONFIRMED:
            number = await uow.attempts.last_number(intent_id) + 1
            await uow.attempts.add(
                code_attempt(revived, provider=revival.provider, number=number, tools=tools)
            )
        await uow.outbox.add(PaymentRevivedV1.of(revived), subject=str(intent_id))
        return revived
