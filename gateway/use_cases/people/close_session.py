from datetime import datetime
from uuid import UUID

from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Session
from gateway.domain.people.errors import SessionNotFound
from gateway.ports.unit_of_work import UnitOfWork


async def close_session(session: Session, *, uow: UnitOfWork, at: datetime) -> None:
    """Sign out: no token of this sign-in counts any more."""
    async with uow:
        if await uow.sessions.end_family(session.family_id, at=at):
            await _write_down(session, session.family_id, uow=uow)


async def close_own_session(family_id: UUID, *, by: Session, uow: UnitOfWork, at: datetime) -> None:
    """End one sign-in of the same person, on whatever device it is."""
    async with uow:
        if not await uow.sessions.end_family(family_id, at=at, user_id=by.user_id):
            raise SessionNotFound
        await _write_down(by, family_id, uow=uow)


async def close_other_sessions(by: Session, *, uow: UnitOfWork, at: datetime) -> int:
    """End every sign-in of this person but this one; says how many ended."""
    async with uow:
        ended = await uow.sessions.end_others(by.user_id, kept=by.family_id, at=at)
        for family_id in ended:
            await _write_down(by, family_id, uow=uow)
    return len(ended)


async def _write_down(by: Session, family_id: UUID, *, uow: UnitOfWork) -> None:
    await uow.audit.add(
        AuditEntry(
            action="session.ended",
            actor=f"user:{by.user_id}",
            subject=f"session:{family_id}",
        )
    )
