from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.machines.client import KeyState
from gateway.domain.machines.errors import KeyTaken
from gateway.domain.people.account import DeviceKey, EnrolmentChallenge
from gateway.storage.inserting import insert_once
from gateway.storage.people.tables import DEVICE_KEY, ENROLMENT_CHALLENGE


class SqlDeviceKeys:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_challenge(self, challenge: EnrolmentChallenge) -> None:
        row = {
            "text": challenge.text,
            "user_id": challenge.user_id,
            "expires_at": challenge.expires_at,
        }
        await self._connection.execute(insert(ENROLMENT_CHALLENGE), row)

    async def use_challenge(self, text: str, *, user_id: UUID, now: datetime) -> bool:
        challenge = ENROLMENT_CHALLENGE.c
        used = await self._connection.execute(
            update(ENROLMENT_CHALLENGE)
            .where(challenge.text == text, challenge.user_id == user_id)
            .where(challenge.used_at.is_(None), challenge.expires_at > now)
            .values(used_at=now)
        )
        return used.rowcount == 1

    async def add(self, key: DeviceKey) -> None:
        row = {
            "id": key.id,
            "user_id": key.user_id,
            "public_jwk": dict(key.public_jwk),
            "state": key.state.value,
            "enrolled_at": key.enrolled_at,
        }
        if not await insert_once(self._connection, DEVICE_KEY, row):
            raise KeyTaken

    async def find(self, key_id: str) -> DeviceKey | None:
        known = select(DEVICE_KEY).where(DEVICE_KEY.c.id == key_id)
        row = (await self._connection.execute(known)).one_or_none()
        if row is None:
            return None
        return DeviceKey(
            id=row.id,
            user_id=row.user_id,
            public_jwk=row.public_jwk,
            enrolled_at=row.enrolled_at,
            state=KeyState(row.state),
        )
