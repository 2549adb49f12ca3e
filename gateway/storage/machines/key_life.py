"""What surrounds a key: the challenges it came in by, and its history."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.machines.client import KeyState
from gateway.domain.machines.key_registration import KeyAction, KeyChallenge, KeyEvent
from gateway.storage.machines.tables import CLIENT_KEY_EVENT, KEY_CHALLENGE


class SqlKeyChallenges:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, challenge: KeyChallenge) -> None:
        row = {
            "text": challenge.text,
            "client_id": challenge.client_id,
            "expires_at": challenge.expires_at,
        }
        await self._connection.execute(insert(KEY_CHALLENGE), row)

    async def count_open(self, client_id: str, *, now: datetime) -> int:
        asked = (
            select(func.count())
            .select_from(KEY_CHALLENGE)
            .where(KEY_CHALLENGE.c.client_id == client_id, KEY_CHALLENGE.c.expires_at > now)
        )
        return int(await self._connection.scalar(asked) or 0)

    async def use(self, text: str, *, client_id: str, now: datetime) -> bool:
        """The database decides who is first: the row is there to be deleted once."""
        done = await self._connection.execute(
            delete(KEY_CHALLENGE).where(
                KEY_CHALLENGE.c.text == text,
                KEY_CHALLENGE.c.client_id == client_id,
                KEY_CHALLENGE.c.expires_at > now,
            )
        )
        return done.rowcount == 1

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        expired = (
            select(KEY_CHALLENGE.c.text)
            .where(KEY_CHALLENGE.c.expires_at < expired_before)
            .limit(limit)
        )
        done = await self._connection.execute(
            delete(KEY_CHALLENGE).where(KEY_CHALLENGE.c.text.in_(expired))
        )
        return done.rowcount


class SqlKeyHistory:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, event: KeyEvent) -> None:
        row = {
            "id": event.id,
            "key_id": event.key_id,
            "action": event.action.value,
            "actor": event.actor,
            "at": event.at,
            "state": event.state.value,
            "reason": event.reason,
        }
        await self._connection.execute(insert(CLIENT_KEY_EVENT), row)

    async def list_of(self, key_id: str, *, limit: int) -> Sequence[KeyEvent]:
        asked = (
            select(CLIENT_KEY_EVENT)
            .where(CLIENT_KEY_EVENT.c.key_id == key_id)
            .order_by(CLIENT_KEY_EVENT.c.at, CLIENT_KEY_EVENT.c.id)
            .limit(limit)
        )
        return [
            KeyEvent(
                id=row.id,
                key_id=row.key_id,
                action=KeyAction(row.action),
                actor=row.actor,
                at=row.at,
                state=KeyState(row.state),
                reason=row.reason,
            )
            for row in await self._connection.execute(asked)
        ]
