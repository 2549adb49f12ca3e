from services.payment.domain.intents.pause import Pause
from services.payment.ports.unit_of_work import UnitOfWork


async def hold_deadlines(pause: Pause, *, uow: UnitOfWork) -> None:
    """From its start no fee expires. Hearing it late, twice or after the end changes nothing."""
    async with uow:
        await uow.pauses.begin(pause)
