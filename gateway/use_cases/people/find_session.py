from datetime import datetime

from chassis.canonical import sha256_hex
from gateway.domain.people.account import Session
from gateway.domain.people.errors import SessionRefused
from gateway.ports.unit_of_work import UnitOfWork


async def find_session(token: str, *, uow: UnitOfWork, at: datetime) -> Session:
    """Whose session this is; asked anew for every request, so that a revoked one ends at once."""
    async with uow:
        session = await uow.sessions.find_open(sha256_hex(token.encode()), now=at)
    if session is None:
        raise SessionRefused
    return session
