from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.errors import MoneyUsed
from services.payment.domain.discrepancies.worklist import Resolution
from services.payment.domain.events import PaymentDiscrepancyResolvedV1
from services.payment.use_cases.discrepancies.work_on_case import Workshop


async def close_case(case: Discrepancy, resolution: Resolution, *, by: str, shop: Workshop) -> None:
    """Inside a running transaction: the case is resolved, and that is news."""
    resolved = case.resolve(resolution, by=by, at=shop.clock.now())
    if not await shop.uow.discrepancies.save_resolved(resolved):
        raise MoneyUsed(case.id)
    await shop.uow.outbox.add(PaymentDiscrepancyResolvedV1.of(resolved), subject=str(case.id))
