from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.people.federation import (
    IDENTITIES_MAX,
    FederatedIdentity,
    FederationLogin,
)
from gateway.storage.inserting import insert_once
from gateway.storage.people.tables import FEDERATED_IDENTITY, FEDERATION_LOGIN


class SqlFederatedIdentities:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_login(self, login: FederationLogin) -> None:
        row = {
            "state_digest": login.state_digest,
            "federation": login.federation,
            "user_id": login.user_id,
            "expires_at": login.expires_at,
        }
        await self._connection.execute(insert(FEDERATION_LOGIN), row)

    async def use_login(
        self, state_digest: str, *, federation: str, now: datetime
    ) -> FederationLogin | None:
        login = FEDERATION_LOGIN.c
        used = await self._connection.execute(
            update(FEDERATION_LOGIN)
            .where(login.state_digest == state_digest, login.federation == federation)
            .where(login.used_at.is_(None), login.expires_at > now)
            .values(used_at=now)
            .returning(login.user_id, login.expires_at)
        )
        row = used.one_or_none()
        if row is None:
            return None
        return FederationLogin(
            state_digest=state_digest,
            federation=federation,
            user_id=row.user_id,
            expires_at=row.expires_at,
        )

    async def forget_logins(self, *, expired_before: datetime, limit: int) -> int:
        login = FEDERATION_LOGIN.c
        expired = select(login.state_digest).where(login.expires_at < expired_before).limit(limit)
        done = await self._connection.execute(
            delete(FEDERATION_LOGIN).where(login.state_digest.in_(expired))
        )
        return done.rowcount

    async def find(self, issuer: str, subject: str) -> FederatedIdentity | None:
        identity = FEDERATED_IDENTITY.c
        known = select(FEDERATED_IDENTITY).where(
            identity.issuer == issuer, identity.subject == subject
        )
        row = (await self._connection.execute(known)).one_or_none()
        return None if row is None else _entity(row)

    async def link_once(self, identity: FederatedIdentity) -> bool:
        row = {
            "issuer": identity.issuer,
            "subject": identity.subject,
            "user_id": identity.user_id,
            "linked_at": identity.linked_at,
        }
        return await insert_once(self._connection, FEDERATED_IDENTITY, row)

    async def list_of(self, user_id: UUID) -> Sequence[FederatedIdentity]:
        mine = (
            select(FEDERATED_IDENTITY)
            .where(FEDERATED_IDENTITY.c.user_id == user_id)
            .order_by(FEDERATED_IDENTITY.c.linked_at)
            .limit(IDENTITIES_MAX)
        )
        return [_entity(row) for row in await self._connection.execute(mine)]


def _entity(row: Row[Any]) -> FederatedIdentity:
    return FederatedIdentity(
        issuer=row.issuer, subject=row.subject, user_id=row.user_id, linked_at=row.linked_at
    )
