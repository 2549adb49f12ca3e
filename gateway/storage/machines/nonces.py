from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Insert, Select, Table, bindparam, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import CTE

from gateway.domain.evidence.record import Evidence
from gateway.domain.machines.signed_request import SignedRequest
from gateway.ports.machines import NonceUse
from gateway.storage.audit.tables import AUDIT_PENDING
from gateway.storage.evidence.evidence_log import SqlEvidence
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.inserting import insert_once
from gateway.storage.machines.tables import NONCE

FIRST_USE = (
    select(NONCE.c.base_hash, NONCE.c.evidence_id)
    .where(NONCE.c.key_id == bindparam("key_id"))
    .where(NONCE.c.nonce == bindparam("nonce"))
)


class SqlNonces:
    def __init__(self, connection: AsyncConnection, *, evidence: SqlEvidence) -> None:
        self._connection = connection
        self._evidence = evidence

    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        """The database decides who was first: the key (key_id, nonce) is unique."""
        claimed = await self._connection.execute(
            CLAIM[self._connection.dialect.name], claim_values(request, use)
        )
        return None if claimed.rowcount == 1 else await self._first_use(request)

    async def claim_number(
        self, *, key_id: str, number: str, expires_at: datetime, use: NonceUse
    ) -> NonceUse | None:
        key = {"key_id": key_id, "nonce": number}
        row = {
            **key,
            "base_hash": use.base_hash,
            "evidence_id": use.evidence_id,
            "expires_at": expires_at,
        }
        if await insert_once(self._connection, NONCE, row):
            return None
        first = (await self._connection.execute(FIRST_USE, key)).one()
        return NonceUse(first.base_hash, first.evidence_id)

    async def claim_with_evidence(
        self, request: SignedRequest, use: NonceUse, evidence: Evidence
    ) -> NonceUse | None:
        first = await self.claim(request, use)
        if first is None:
            await self._evidence.add(evidence)
        return first

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        key = tuple_(NONCE.c.key_id, NONCE.c.nonce)
        expired = (
            select(NONCE.c.key_id, NONCE.c.nonce)
            .where(NONCE.c.expires_at < expired_before)
            .limit(limit)
        )
        done = await self._connection.execute(delete(NONCE).where(key.in_(expired)))
        return done.rowcount

    async def _first_use(self, request: SignedRequest) -> NonceUse:
        key = {"key_id": request.key.id, "nonce": request.nonce}
        first = (await self._connection.execute(FIRST_USE, key)).one()
        return NonceUse(first.base_hash, first.evidence_id)


def claim_values(request: SignedRequest, use: NonceUse) -> dict[str, Any]:
    return _named(
        NONCE,
        {
            "key_id": request.key.id,
            "nonce": request.nonce,
            "base_hash": use.base_hash,
            "evidence_id": use.evidence_id,
            "expires_at": request.expires_at,
        },
    )


def evidence_values(evidence: Mapping[str, Any], audit: Mapping[str, Any]) -> dict[str, Any]:
    return _named(EVIDENCE, evidence) | _named(AUDIT_PENDING, audit)


def _named(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{table.name}_{column}": value for column, value in row.items()}


def _asked(table: Table) -> dict[str, Any]:
    """Every column of the table: a value that nobody gives is an error, not a null."""
    return {one.name: bindparam(f"{table.name}_{one.name}", type_=one.type) for one in table.c}


def _only_if(claimed: CTE, table: Table) -> Insert:
    """One row, or none when the claim was not the first."""
    asked = _asked(table)
    row = select(*asked.values()).select_from(claimed)
    return postgresql_insert(table).from_select(list(asked), row)


def _claim_with_evidence() -> Select[int]:
    claimed = (
        postgresql_insert(NONCE)
        .values(_asked(NONCE))
        .on_conflict_do_nothing()
        .returning(NONCE.c.key_id)
        .cte("claimed")
    )
    kept = _only_if(claimed, EVIDENCE).cte("kept")
    noted = _only_if(claimed, AUDIT_PENDING).cte("noted")
    return select(func.count()).select_from(claimed).add_cte(kept, noted)


# Built once: to write the busiest statement anew for every request costs as much as to run it.
CLAIM: Final = {
    "postgresql": postgresql_insert(NONCE).values(_asked(NONCE)).on_conflict_do_nothing(),
    "sqlite": sqlite_insert(NONCE).values(_asked(NONCE)).on_conflict_do_nothing(),
}
CLAIM_WITH_EVIDENCE: Final = _claim_with_evidence()
