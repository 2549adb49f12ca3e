from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.people.errors import PasskeyTaken
from gateway.domain.people.passkey import (
    PASSKEYS_MAX,
    ChallengePurpose,
    Passkey,
    PasskeyChallenge,
)
from gateway.storage.inserting import insert_once
from gateway.storage.people.tables import PASSKEY, PASSKEY_CHALLENGE


class SqlPasskeys:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_challenge(self, challenge: PasskeyChallenge) -> None:
        row = {
            "text": challenge.text,
            "purpose": challenge.purpose.value,
            "user_id": challenge.user_id,
            "payment": challenge.payment,
            "expires_at": challenge.expires_at,
        }
        await self._connection.execute(insert(PASSKEY_CHALLENGE), row)

    async def use_challenge(
        self, text: str, *, purpose: ChallengePurpose, now: datetime
    ) -> PasskeyChallenge | None:
        challenge = PASSKEY_CHALLENGE.c
        used = await self._connection.execute(
            update(PASSKEY_CHALLENGE)
            .where(challenge.text == text, challenge.purpose == purpose.value)
            .where(challenge.used_at.is_(None), challenge.expires_at > now)
            .values(used_at=now)
            .returning(challenge.user_id, challenge.payment, challenge.expires_at)
        )
        row = used.one_or_none()
        if row is None:
            return None
        return PasskeyChallenge(
            text=text,
            purpose=purpose,
            user_id=row.user_id,
            payment=row.payment,
            expires_at=row.expires_at,
        )

    async def add(self, passkey: Passkey) -> None:
        row = {
            "id": passkey.id,
            "user_id": passkey.user_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "transports": list(passkey.transports),
            "aaguid": passkey.aaguid,
            "backup_eligible": passkey.backup_eligible,
            "backed_up": passkey.backed_up,
            "payment": passkey.payment,
            "name": passkey.name,
            "created_at": passkey.created_at,
        }
        if not await insert_once(self._connection, PASSKEY, row):
            raise PasskeyTaken

    async def find(self, credential_id: str) -> Passkey | None:
        known = select(PASSKEY).where(PASSKEY.c.id == credential_id)
        row = (await self._connection.execute(known)).one_or_none()
        return None if row is None else _entity(row)

    async def list_of(self, user_id: UUID) -> Sequence[Passkey]:
        known = (
            select(PASSKEY)
            .where(PASSKEY.c.user_id == user_id)
            .order_by(PASSKEY.c.created_at, PASSKEY.c.id)
            .limit(PASSKEYS_MAX)
        )
        return [_entity(row) for row in await self._connection.execute(known)]

    async def use(
        self, credential_id: str, sign_count: int, *, backed_up: bool, at: datetime
    ) -> bool:
        # Synced passkeys count nothing and always say zero (WebAuthn level 3, section 6.1.1).
        known = PASSKEY.c.sign_count
        believable = known < sign_count if sign_count else known == 0
        used = await self._connection.execute(
            update(PASSKEY)
            .where(PASSKEY.c.id == credential_id, believable)
            .values(sign_count=sign_count, backed_up=backed_up, used_at=at)
        )
        return used.rowcount == 1

    async def remove(self, credential_id: str, *, user_id: UUID) -> bool:
        removed = await self._connection.execute(
            delete(PASSKEY).where(PASSKEY.c.id == credential_id, PASSKEY.c.user_id == user_id)
        )
        return removed.rowcount == 1

    async def forget_challenges(self, *, expired_before: datetime, limit: int) -> int:
        challenge = PASSKEY_CHALLENGE.c
        expired = select(challenge.text).where(challenge.expires_at < expired_before).limit(limit)
        done = await self._connection.execute(
            delete(PASSKEY_CHALLENGE).where(challenge.text.in_(expired))
        )
        return done.rowcount


def _entity(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        user_id=row.user_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        transports=tuple(row.transports),
        aaguid=row.aaguid,
        backup_eligible=row.backup_eligible,
        backed_up=row.backed_up,
        payment=row.payment,
        name=row.name,
        created_at=row.created_at,
        used_at=row.used_at,
    )
