from dataclasses import replace

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Session
from gateway.domain.people.errors import SessionRotated
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.begin_session import TOKEN_BYTES, OpenedSession


async def rotate_session(
    session: Session, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> OpenedSession:
    """A new token for the same sign-in, with its ends as they were; of several only one wins."""
    now = clock.now()
    token = ids.token(TOKEN_BYTES)
    after = replace(
        session,
        id=ids.new(),
        token_hash=sha256_hex(token.encode()),
        opened_at=now,
        seen_at=now,
        idle_until=now + (session.idle_until - session.seen_at),
        rotated_at=None,
    )
    async with uow:
        if not await uow.sessions.rotate_away(session.id, at=now):
            raise SessionRotated
        await uow.sessions.add(after)
        await uow.audit.add(
            AuditEntry(
                action="session.rotated",
                actor=f"user:{session.user_id}",
                subject=f"session:{session.family_id}",
            )
        )
    return OpenedSession(token, after)
