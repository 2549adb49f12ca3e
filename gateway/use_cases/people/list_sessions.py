from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.domain.people.account import Session
from gateway.ports.unit_of_work import UnitOfWork


async def list_sessions(user_id: UUID, *, uow: UnitOfWork, at: datetime) -> Sequence[Session]:
    """Where somebody is signed in just now, the latest first, fifty at most."""
    async with uow:
        return await uow.sessions.list_open_of(user_id, now=at)
