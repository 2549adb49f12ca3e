from collections.abc import Sequence
from uuid import UUID

from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.intents.start_attempt import ATTEMPTS_MAX


async def list_attempts(intent_id: UUID, *, uow: UnitOfWork) -> Sequence[PaymentAttempt]:
    async with uow:
        return await uow.attempts.list_of_intent(intent_id, limit=ATTEMPTS_MAX)
