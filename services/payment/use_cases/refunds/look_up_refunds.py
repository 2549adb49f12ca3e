from collections.abc import Sequence
from uuid import UUID

from chassis.duties import Reach
from chassis.ports import SealingPort
from services.payment.domain.refunds.errors import UnknownRefund
from services.payment.domain.refunds.refund import Refund
from services.payment.ports.providers import RefundAccount
from services.payment.ports.refunds import RefundFilter
from services.payment.ports.unit_of_work import Reading
from services.payment.use_cases.refunds.sealed_account import account_of


async def list_refunds(wanted: RefundFilter, *, reading: Reading) -> Sequence[Refund]:
    async with reading:
        return await reading.refunds.list_page(wanted)


async def get_refund(
    refund_id: UUID, *, reach: Reach, seals: SealingPort, reading: Reading
) -> tuple[Refund, RefundAccount | None]:
    """One refund and the account it goes to; what the reach does not cover is as good as none."""
    async with reading:
        refund = await reading.refunds.get(refund_id)
    source = refund.source
    if not reach.covers(client_id=source.client_id, agency_code=source.agency_code):
        raise UnknownRefund
    return refund, account_of(refund, seals)
