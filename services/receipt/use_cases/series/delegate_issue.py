"""Delegated issue begins and ends by what is written down here."""

from datetime import timedelta
from uuid import UUID

from chassis.clock import vietnam_date
from chassis.duties import Reach
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.errors import DelegationNotFound, DelegationOverlaps
from services.receipt.use_cases.series.tools import SeriesTools


async def delegate_issue(delegation: Delegation, *, tools: SeriesTools) -> Delegation:
    """From its first day on receipts name both and are signed by the delegate, if it signs here.

    Raises DelegationTooSoon, and DelegationOverlaps: on one day an agency has one delegate.
    """
    delegation.require_notice()
    async with tools.open_uow() as uow:
        # The agency's own row stands for its days: two people asking at once follow each other.
        await uow.delegations.hold(delegation.agency_code)
        for other in await uow.delegations.list_of(
            delegation.agency_code, from_day=delegation.valid_from
        ):
            if other.valid_from <= delegation.valid_to:
                raise DelegationOverlaps
        await uow.delegations.add(delegation)
    return delegation


async def end_delegation(
    delegation_id: UUID, *, by: str, reach: Reach, tools: SeriesTools
) -> Delegation:
    """From tomorrow on; what was issued in the meantime keeps both names."""
    tomorrow = vietnam_date(tools.clock.now()) + timedelta(days=1)
    async with tools.open_uow() as uow:
        delegation = await uow.delegations.get_for_update(delegation_id)
        if not reach.covers(client_id=None, agency_code=delegation.agency_code):
            raise DelegationNotFound
        ended = delegation.end(tomorrow, by=by)
        await uow.delegations.save(ended)
    return ended
