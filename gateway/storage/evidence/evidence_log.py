from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.evidence.errors import TooMuchEvidence
from gateway.domain.evidence.record import Evidence, EvidenceKind, EvidenceLink
from gateway.storage.audit.audit_log import SqlAuditLog
from gateway.storage.evidence.tables import EVIDENCE, EVIDENCE_LINK
from gateway.storage.inserting import insert_once

EVIDENCE_OF_PAYMENT_MAX = 1000
ADD = insert(EVIDENCE)
OF_PAYMENT = (
    select(EVIDENCE)
    .where(
        or_(
            EVIDENCE.c.payment_intent_id == bindparam("payment_intent_id"),
            EVIDENCE.c.id.in_(
                select(EVIDENCE_LINK.c.evidence_id).where(
                    EVIDENCE_LINK.c.payment_intent_id == bindparam("payment_intent_id")
                )
            ),
        )
    )
    .order_by(EVIDENCE.c.recorded_at, EVIDENCE.c.id)
    .limit(EVIDENCE_OF_PAYMENT_MAX + 1)
)


class SqlEvidence:
    def __init__(self, connection: AsyncConnection, *, audit: SqlAuditLog) -> None:
        self._connection = connection
        self._audit = audit

    async def add(self, evidence: Evidence) -> None:
        """Its entry in the audit log is written here, so that nobody can forget it."""
        await self._connection.execute(ADD, evidence_row(evidence))
        await self._audit.add(evidence.audit_entry())

    async def link(self, link: EvidenceLink) -> None:
        row = {
            "evidence_id": link.evidence_id,
            "payment_intent_id": link.payment_intent_id,
            "dossier_id": link.dossier_id,
            "linked_at": link.linked_at,
        }
        await insert_once(self._connection, EVIDENCE_LINK, row)

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Evidence]:
        asked = {"payment_intent_id": payment_intent_id}
        found = (await self._connection.execute(OF_PAYMENT, asked)).all()
        # A bundle that silently leaves something out would prove less than it says.
        if len(found) > EVIDENCE_OF_PAYMENT_MAX:
            raise TooMuchEvidence(EVIDENCE_OF_PAYMENT_MAX)
        return [_entity(row) for row in found]


def _entity(row: Row[Any]) -> Evidence:
    return Evidence(
        id=row.id,
        kind=EvidenceKind(row.kind),
        recorded_at=row.recorded_at,
        record=row.record,
        body=row.body,
        client_id=row.client_id,
        payment_intent_id=row.payment_intent_id,
        signature_base=row.signature_base,
        shown_text=row.shown_text,
    )


def evidence_row(evidence: Evidence) -> dict[str, Any]:
    return {
        "id": evidence.id,
        "kind": evidence.kind.value,
        "recorded_at": evidence.recorded_at,
        "client_id": evidence.client_id,
        "payment_intent_id": evidence.payment_intent_id,
        "record": dict(evidence.record),
        "body": evidence.body,
        "signature_base": evidence.signature_base,
        "shown_text": evidence.shown_text,
    }
