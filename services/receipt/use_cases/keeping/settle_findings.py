from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from services.receipt.domain.keeping.errors import KeepingFindingNotFound
from services.receipt.domain.keeping.finding import KeepingFinding
from services.receipt.ports.keeping import FindingFilter, KeepingMeasures, OpenKeeping


async def list_keeping_findings(
    wanted: FindingFilter, *, open_keeping: OpenKeeping
) -> Sequence[KeepingFinding]:
    async with open_keeping() as keeping:
        return await keeping.findings.list_page(wanted)


async def close_keeping_finding(
    finding_id: UUID, *, by: str, note: str, reach: Reach, open_keeping: OpenKeeping, clock: Clock
) -> KeepingFinding:
    """An accountant says how it was settled. Closed twice, the first word stands; what is found
    again is a finding of its own."""
    async with open_keeping() as keeping:
        finding = await keeping.findings.get_for_update(finding_id)
        # What is of no one agency is for whoever has a duty at all.
        agency = finding.agency_code
        if agency is not None and not reach.covers(client_id=None, agency_code=agency):
            raise KeepingFindingNotFound
        if finding.closed_at is not None:
            return finding
        closed = finding.close(at=clock.now(), by=by, note=note)
        await keeping.findings.close(closed)
        return closed


async def measure_keeping(
    *, open_keeping: OpenKeeping, clock: Clock, check_within: timedelta
) -> KeepingMeasures:
    now = clock.now()
    async with open_keeping() as keeping:
        return await keeping.kept.measure(checked_before=now - check_within, now=now)
