from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.canonical import canonical_json
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.storage.audit.tables import AUDIT_PENDING


class SqlAuditLog:
    def __init__(self, connection: AsyncConnection, *, clock: Clock, ids: Ids) -> None:
        self._connection = connection
        self._clock = clock
        self._ids = ids

    async def add(self, entry: AuditEntry) -> None:
        id, now = self._ids.new(), self._clock.now()
        record = {
            "id": str(id),
            "at": now.isoformat(),
            "action": entry.action,
            "actor": entry.actor,
            "subject": entry.subject,
            "details": dict(entry.details),
        }
        row = {"id": id, "record": canonical_json(record), "recorded_at": now}
        await self._connection.execute(insert(AUDIT_PENDING), row)
