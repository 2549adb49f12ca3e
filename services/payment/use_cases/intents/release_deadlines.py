from services.payment.domain.intents.pause import Pause
from services.payment.ports.unit_of_work import UnitOfWork


async def release_deadlines(pause: Pause, *, uow: UnitOfWork) -> int:
    """Let the clocks run again: every fee that waits has as much longer as the pause lasted.

    Once for a pause, however often its end is said. The answer: how many fees were put off.
    """
    async with uow:
        return await uow.pauses.put_off(pause) if await uow.pauses.end(pause) else 0
