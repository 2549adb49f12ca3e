from chassis.clock import Clock
from services.payment.domain.intents.payment_attempt import UNKNOWN_ALARM_AFTER
from services.payment.ports.unit_of_work import UnitOfWork


async def count_unknown_attempts(*, uow: UnitOfWork, clock: Clock) -> int:
    """Attempts of which nothing is known for so long that a person has to look."""
    async with uow:
        return await uow.attempts.count_unknown(before=clock.now() - UNKNOWN_ALARM_AFTER)
