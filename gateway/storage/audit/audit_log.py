from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.canonical import canonical_json
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.storage.audit.tables import AUDIT_PENDING

ADD = insert(AUDIT_PENDING)


class SqlAuditLog:
    def __init__(self, connection: AsyncConnection, *, clock: Clock, ids: Ids) -> None:
        self._connection = connection
        self._clock = clock
        self._ids = ids

    async def add(self, entry: AuditEntry) -> None:
        await self._connection.execute(ADD, audit_row(entry, clock=self._clock, ids=self._ids))


def audit_row(entry: AuditEntry, *, clock: Clock, ids: Ids) -> dict[str, Any]:
    """For whoever writes it in one statement with what it tells of."""
    id, now = ids.new(), clock.now()
    record = {
        "id": str(id),
        "at": now.isoformat(),
        "action": entry.action,
        "actor": entry.actor,
        "subject": entry.subject,
        "details": dict(entry.details),
    }
    return {"id": id, "record": canonical_json(record), "recorded_at": now}
