from datetime import date

from chassis.clock import Clock
from services.payment.domain.ledger.day import last_day_over
from services.payment.ports.unit_of_work import UnitOfWork


async def close_ledger_days(*, uow: UnitOfWork, clock: Clock) -> list[date]:
    """Add up each day that is over, once, so that a balance never reads all of history."""
    closed: list[date] = []
    while True:
        now = clock.now()
        async with uow:
            day = await uow.ledger.close_next_day(last=last_day_over(now), at=now)
        if day is None:
            return closed
        closed.append(day)
