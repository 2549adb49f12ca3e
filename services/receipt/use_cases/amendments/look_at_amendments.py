from collections.abc import Sequence
from uuid import UUID

from chassis.duties import Reach
from services.receipt.domain.amendments.amendment import Amendment
from services.receipt.domain.amendments.errors import AmendmentNotFound
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.amendments import AmendmentFilter
from services.receipt.use_cases.amendments.tools import AmendTools


async def list_amendments(wanted: AmendmentFilter, *, tools: AmendTools) -> Sequence[Amendment]:
    async with tools.open_uow() as uow:
        return await uow.amendments.list_page(wanted)


async def get_amendment(
    amendment_id: UUID, *, reach: Reach, tools: AmendTools
) -> tuple[Amendment, Receipt]:
    """And the receipt that it is about."""
    async with tools.open_uow() as uow:
        amendment = await uow.amendments.get(amendment_id)
        if not reach.covers(client_id=None, agency_code=amendment.agency_code):
            raise AmendmentNotFound
        receipt = await uow.receipts.find(amendment.receipt_id)
    if receipt is None:
        raise AmendmentNotFound
    return amendment, receipt
