from datetime import datetime

from chassis.canonical import sha256_hex
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import ROTATION_GRACE, SEEN_EVERY
from gateway.domain.people.errors import SessionRefused
from gateway.ports.unit_of_work import UnitOfWork


async def find_session(token: str, *, uow: UnitOfWork, at: datetime) -> Session:
    """Whose session this is; asked anew for every request, so that a revoked one ends at once.

    A token that was rotated away and comes back later was copied: its whole sign-in ends.
    """
    async with uow:
        session = await uow.sessions.find_open(sha256_hex(token.encode()), now=at)
        if session is None:
            raise SessionRefused
        if session.rotated_at is None:
            await _note_use(session, uow=uow, at=at)
        copied = session.rotated_at is not None and at - session.rotated_at > ROTATION_GRACE
        if copied:
            await _end_family(session, uow=uow, at=at)
    if copied:
        raise SessionRefused
    return session


async def _note_use(session: Session, *, uow: UnitOfWork, at: datetime) -> None:
    if at >= session.idle_until:
        raise SessionRefused
    if at - session.seen_at >= SEEN_EVERY:
        idle = session.idle_until - session.seen_at
        await uow.sessions.note_use(session.id, at=at, idle_until=at + idle)


async def _end_family(session: Session, *, uow: UnitOfWork, at: datetime) -> None:
    if await uow.sessions.end_family(session.family_id, at=at):
        await uow.audit.add(
            AuditEntry(
                action="session.token_reused",
                actor=f"user:{session.user_id}",
                subject=f"session:{session.family_id}",
                details={"ended": "every token of this sign-in"},
            )
        )
