from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.errors import UnknownDiscrepancy
from services.payment.domain.discrepancies.worklist import CaseEvidence, HistoryEvent
from services.payment.ports.discrepancies import Sight
from services.payment.ports.unit_of_work import Reading

EVENTS_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    case: Discrepancy
    evidence: CaseEvidence
    history: Sequence[HistoryEvent]


async def get_discrepancy(discrepancy_id: UUID, *, sight: Sight, reading: Reading) -> CaseFile:
    """A case with the word it is about and its latest history. Out of sight is not there."""
    async with reading:
        case = await reading.discrepancies.get(discrepancy_id)
        if not sight.covers(case):
            raise UnknownDiscrepancy
        return CaseFile(
            case=case,
            evidence=await reading.discrepancies.get_evidence(discrepancy_id),
            history=await reading.discrepancies.list_events(discrepancy_id, limit=EVENTS_MAX),
        )
