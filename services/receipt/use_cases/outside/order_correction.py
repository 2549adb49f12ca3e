"""What is corrected of an outside receipt is corrected by its issuer, under a key of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.outside.issue import (
    OutsideIssue,
    Wanted,
    key_of_correction,
)
from services.receipt.domain.receipts.fee import FeeLine
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """`lines` are all of a replacement's, the difference of an increase or decrease, and the
    unchanged ones of a word about information or a cancellation."""

    amendment_id: UUID
    receipt_id: UUID
    wanted: Wanted
    lines: Sequence[FeeLine]
    payer_sealed: str = field(repr=False)
    reason: str


async def order_correction(
    correction: Correction, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> OutsideIssue:
    """In the caller's own transaction, beside the decision that it follows from; the worker asks
    the issuer after the commit. Ordered twice, the first order stands."""
    before = await uow.outside.find_of_amendment(correction.amendment_id)
    if before is not None:
        return before
    original = await uow.outside.find_of_receipt(correction.receipt_id)
    if original is None:
        raise ReceiptNotFound
    now = clock.now()
    order = OutsideIssue(
        id=ids.new(),
        issuer=original.issuer,
        key=key_of_correction(correction.amendment_id),
        wanted=correction.wanted,
        fee=original.fee,
        agency_code=original.agency_code,
        kind=original.kind,
        part=original.part,
        parts=original.parts,
        lines=correction.lines,
        payer_sealed=correction.payer_sealed,
        corrects_id=correction.receipt_id,
        amendment_id=correction.amendment_id,
        reason=correction.reason,
        due_at=now,
        ordered_at=now,
    )
    await uow.outside.add([order])
    return order
