from collections.abc import Sequence
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.worklist import EventKind
from services.payment.domain.events import PaymentDiscrepancyOverdueV1
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.discrepancies.work_on_case import Workshop, remember_ourselves

BATCH_MAX: Final = 100


async def name_overdue_discrepancies(
    *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> tuple[Sequence[Discrepancy], int]:
    """Cases whose deadline has passed, each named once, and how many there are in all."""
    shop = Workshop(uow=uow, clock=clock, ids=ids)
    async with uow:
        now = clock.now()
        late = await uow.discrepancies.claim_overdue(now=now, limit=BATCH_MAX)
        for case in late:
            await remember_ourselves(case.id, EventKind.OVERDUE, shop=shop)
            event = PaymentDiscrepancyOverdueV1.of(case)
            await uow.outbox.add(event, subject=str(case.id))
        return late, await uow.discrepancies.count_overdue(now=now)
