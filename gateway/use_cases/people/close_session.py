from datetime import datetime

from gateway.domain.people.account import Session
from gateway.ports.unit_of_work import UnitOfWork


async def close_session(session: Session, *, uow: UnitOfWork, at: datetime) -> None:
    async with uow:
        await uow.sessions.revoke(session.id, at=at)
