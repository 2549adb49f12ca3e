from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from services.receipt.domain.outside.errors import FindingNotFound
from services.receipt.domain.outside.finding import Finding
from services.receipt.ports.unit_of_work import UnitOfWork


async def close_finding(
    finding_id: UUID, *, by: str, note: str, reach: Reach, uow: UnitOfWork, clock: Clock
) -> Finding:
    """An accountant says how it was settled. Closed twice, the first word stands; what is found
    again is a finding of its own."""
    async with uow:
        finding = await uow.outside_findings.get_for_update(finding_id)
        # What is of no one agency is for whoever has a duty at all.
        agency = finding.agency_code
        if agency is not None and not reach.covers(client_id=None, agency_code=agency):
            raise FindingNotFound
        if finding.closed_at is not None:
            return finding
        closed = finding.close(at=clock.now(), by=by, note=note)
        await uow.outside_findings.close(closed)
        return closed
