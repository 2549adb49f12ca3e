from datetime import datetime
from uuid import UUID

from gateway.domain.evidence.record import EvidenceLink
from gateway.ports.unit_of_work import UnitOfWork


async def link_evidence(
    evidence_id: UUID,
    *,
    payment_intent_id: UUID,
    dossier_id: UUID | None,
    uow: UnitOfWork,
    at: datetime,
) -> None:
    """Note which payment a recorded request was about, once a service has told us."""
    async with uow:
        await uow.evidence.link(
            EvidenceLink(
                evidence_id=evidence_id,
                payment_intent_id=payment_intent_id,
                dossier_id=dossier_id,
                linked_at=at,
            )
        )
