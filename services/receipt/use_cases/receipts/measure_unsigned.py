from chassis.clock import Clock
from services.receipt.ports.receipts import Unsigned
from services.receipt.ports.unit_of_work import UnitOfWork


async def measure_unsigned(*, uow: UnitOfWork, clock: Clock) -> Unsigned:
    """Receipts that should have been signed by now."""
    async with uow:
        return await uow.receipts.measure_unsigned(due_before=clock.now())
