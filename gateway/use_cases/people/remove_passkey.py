from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Session
from gateway.domain.people.errors import LastFactor, PasskeyNotFound
from gateway.domain.people.passkey import Passkey
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.register_passkey import short


async def list_passkeys(user_id: UUID, *, uow: UnitOfWork) -> Sequence[Passkey]:
    async with uow:
        return await uow.passkeys.list_of(user_id)


async def remove_passkey(
    session: Session, credential_id: str, *, uow: UnitOfWork, at: datetime
) -> None:
    """Not the last way in; and whoever is signed in elsewhere, perhaps with it, is signed out."""
    async with uow:
        account = await uow.accounts.get_for_update(session.user_id)
        known = await uow.passkeys.list_of(account.id)
        if credential_id not in {one.id for one in known}:
            raise PasskeyNotFound
        other_ways = len(known) > 1 or account.signs_in_with_password
        if not other_ways and not await uow.federated_identities.list_of(account.id):
            raise LastFactor
        await uow.passkeys.remove(credential_id, user_id=account.id)
        await uow.sessions.end_others(account.id, kept=session.family_id, at=at)
        await uow.audit.add(
            AuditEntry(
                action="passkey.removed",
                actor=f"user:{account.id}",
                subject=f"user:{account.id}",
                details={"credential": short(credential_id)},
            )
        )
