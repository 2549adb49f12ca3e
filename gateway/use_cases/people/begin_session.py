from dataclasses import dataclass
from uuid import UUID

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import LIFETIMES, Acr, Holder
from gateway.ports.unit_of_work import UnitOfWork

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The token is told here once; we keep its digest."""

    token: str
    session: Session


async def begin_session(
    user_id: UUID, acr: Acr, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> OpenedSession:
    """Every way to sign in ends here, in its own transaction, with a token nobody knew before."""
    now = clock.now()
    on_duty = await uow.grants.list_live_of(user_id)
    lifetime = LIFETIMES[Holder.ON_DUTY if on_duty else Holder.CITIZEN]
    token = ids.token(TOKEN_BYTES)
    session_id = ids.new()
    session = Session(
        id=session_id,
        family_id=session_id,
        user_id=user_id,
        token_hash=sha256_hex(token.encode()),
        acr=acr,
        authenticated_at=now,
        opened_at=now,
        seen_at=now,
        idle_until=now + lifetime.idle,
        expires_at=now + lifetime.whole,
        grants=on_duty,
    )
    await uow.sessions.add(session)
    await uow.audit.add(
        AuditEntry(
            action="session.opened",
            actor=f"user:{user_id}",
            subject=f"session:{session_id}",
            details={"acr": acr.value},
        )
    )
    return OpenedSession(token, session)
