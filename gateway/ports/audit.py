from typing import Protocol

from gateway.domain.audit.entry import AuditEntry


class AuditLog(Protocol):
    async def add(self, entry: AuditEntry) -> None:
        """Write down a change in the transaction that makes it; a place in the tree comes later."""
