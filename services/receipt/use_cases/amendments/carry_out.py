"""What follows from an approved correction, in the transaction that makes it."""

from datetime import datetime

from chassis.clock import vietnam_date
from chassis.ids import Ids
from services.receipt.domain.amendments.amendment import (
    BECOMES,
    Amendment,
    AmendmentType,
    Notice,
)
from services.receipt.domain.events import ReceiptCancelledV1
from services.receipt.domain.receipts.fee import total_of
from services.receipt.domain.receipts.receipt import LOOKUP_CODE_BYTES, Receipt
from services.receipt.domain.receipts.standing import ReceiptType
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.series.take_numbers import Want, take_numbers


async def number_correction(
    amendment: Amendment, receipt: Receipt, *, now: datetime, uow: UnitOfWork, ids: Ids
) -> Receipt:
    """A receipt of today: under today's rule, body and series. The worker's pass signs it."""
    want = Want(agency_code=amendment.agency_code, amount=total_of(amendment.lines).minor_units)
    (taken,) = await take_numbers([want], uow=uow, now=now)
    return Receipt(
        id=ids.new(),
        number=taken.number,
        kind=receipt.kind,
        lines=tuple(amendment.lines),
        fee=receipt.fee,
        collecting_body=taken.body,
        rule=taken.rule,
        lookup_code=ids.token(LOOKUP_CODE_BYTES),
        part=receipt.part,
        parts=receipt.parts,
        numbered_at=taken.numbered_at,
        type=ReceiptType(amendment.type.value),
        corrects=receipt.as_corrected(),
        own_payer_sealed=amendment.payer_sealed or receipt.own_payer_sealed,
    )


async def carry_out(
    amendment: Amendment,
    receipt: Receipt,
    made: Receipt | None,
    *,
    by: str,
    at: datetime,
    uow: UnitOfWork,
) -> Amendment:
    """`made` is stored already; None for a cancellation, which is announced at once. A correction
    is announced with its signature."""
    today = vietnam_date(at)
    number = await uow.amendments.draw_notice_number(amendment.agency_code, today.year)
    approved = amendment.approve(
        by=by,
        at=at,
        result_id=made.id if made else None,
        notice=Notice(year=today.year, number=number, on=today),
    )
    await uow.amendments.save(approved)
    await uow.receipts.mark_corrected(receipt.id, BECOMES[amendment.type])
    if amendment.type is AmendmentType.CANCELLATION:
        await uow.receipts.mark_adjustments_cancelled(receipt.id)
        await uow.outbox.add(ReceiptCancelledV1.of(receipt, at=at), subject=str(receipt.id))
    return approved
