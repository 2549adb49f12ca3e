from typing import Final

from chassis.clock import Clock
from services.payment.domain.events import PaymentExpiredV1
from services.payment.ports.unit_of_work import UnitOfWork

BATCH_MAX: Final = 100


async def expire_unconfirmed_payments(*, uow: UnitOfWork, clock: Clock) -> int:
    """Expire fees that nobody confirmed in time; they had no code, so no provider need be asked.

    Bounded: what is left over waits for the next turn.
    """
    now = clock.now()
    async with uow:
        due_by = await uow.pauses.deadline_time(now)
        expired = await uow.intents.expire_unconfirmed(now=due_by, limit=BATCH_MAX)
        for intent in expired:
            await uow.outbox.add(
                PaymentExpiredV1.of(intent, expired_at=now), subject=str(intent.id)
            )
    return len(expired)
