"""A correction of a receipt: one person asks for it, another one decides.

Nothing that was signed changes. A replacement or an adjustment is a receipt of its own, numbered on
its own day; a cancellation is a note beside the receipt. Each is told to the tax office, on form
04/SS-CTĐT.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.receipt.domain.amendments.errors import (
    CancelNeedsRefund,
    IllegalAmendmentTransition,
    NotAmendable,
)
from services.receipt.domain.receipts.fee import FeeLine
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.refund_note import RefundState
from services.receipt.domain.receipts.standing import Corrected, ReceiptType


class AmendmentType(StrEnum):
    REPLACEMENT = "replacement"
    INCREASE = "increase"
    DECREASE = "decrease"
    INFORMATION = "information"
    CANCELLATION = "cancellation"


class AmendmentState(StrEnum):
    WAITING = "waiting"
    # Approved, and its outside issuer is being asked.
    ORDERED = "ordered"
    APPROVED = "approved"
    REJECTED = "rejected"


ALLOWED: Final[Mapping[AmendmentState, frozenset[AmendmentState]]] = {
    AmendmentState.WAITING: frozenset(
        {AmendmentState.APPROVED, AmendmentState.ORDERED, AmendmentState.REJECTED}
    ),
    # Rejected after all when its issuer refuses.
    AmendmentState.ORDERED: frozenset({AmendmentState.APPROVED, AmendmentState.REJECTED}),
    AmendmentState.APPROVED: frozenset(),
    AmendmentState.REJECTED: frozenset(),
}

ADJUSTMENTS: Final = frozenset(
    {AmendmentType.INCREASE, AmendmentType.DECREASE, AmendmentType.INFORMATION}
)
# A replaced or cancelled receipt takes nothing more, an adjustment is never corrected itself, and
# what was corrected in one way is corrected in the same way again.
MAY: Final[Mapping[tuple[ReceiptType, Corrected | None], frozenset[AmendmentType]]] = {
    (ReceiptType.ORIGINAL, None): frozenset(AmendmentType),
    (ReceiptType.ORIGINAL, Corrected.ADJUSTED): ADJUSTMENTS | {AmendmentType.CANCELLATION},
    (ReceiptType.REPLACEMENT, None): frozenset(
        {AmendmentType.REPLACEMENT, AmendmentType.CANCELLATION}
    ),
}
BECOMES: Final[Mapping[AmendmentType, Corrected]] = {
    AmendmentType.REPLACEMENT: Corrected.REPLACED,
    AmendmentType.CANCELLATION: Corrected.CANCELLED,
    **dict.fromkeys(ADJUSTMENTS, Corrected.ADJUSTED),
}


class CancelGround(StrEnum):
    """A receipt is cancelled because the money went back, or because the service failed."""

    REFUNDED = "refunded"
    SERVICE_FAILED = "service_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Told to the tax office: numbers of an agency's year, from 1 and without a gap."""

    year: int
    number: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """`lines`: all of a replacement's; of an increase or decrease the difference; of a word about
    information what they are called now; none of a cancellation. `payer_sealed` where it differs.
    """

    id: UUID
    receipt_id: UUID
    agency_code: str
    type: AmendmentType
    reason: str
    lines: Sequence[FeeLine]
    asked_by: str
    asked_at: datetime
    ground: CancelGround | None = None
    payer_sealed: str | None = field(default=None, repr=False)
    state: AmendmentState = AmendmentState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    # Why it was rejected.
    note: str | None = None
    result_id: UUID | None = None
    notice: Notice | None = None

    def require_fits(self, receipt: Receipt) -> None:
        """Raises unless the receipt, as it stands, may be corrected in this way."""
        receipt.require_issued()
        if self.type not in MAY.get((receipt.type, receipt.corrected), frozenset()):
            raise NotAmendable(self.type, receipt_type=receipt.type, corrected=receipt.corrected)
        paid_back = receipt.refund_state is RefundState.REFUNDED
        if self.ground is CancelGround.REFUNDED and not paid_back:
            raise CancelNeedsRefund

    def reject(self, *, by: str, at: datetime, note: str) -> Self:
        rejected = self._become(AmendmentState.REJECTED)
        return replace(rejected, decided_by=by, decided_at=at, note=note)

    def order(self, *, by: str, at: datetime) -> Self:
        return replace(self._become(AmendmentState.ORDERED), decided_by=by, decided_at=at)

    def approve(self, *, by: str, at: datetime, result_id: UUID | None, notice: Notice) -> Self:
        return replace(
            self._become(AmendmentState.APPROVED),
            decided_by=by,
            decided_at=at,
            result_id=result_id,
            notice=notice,
        )

    def _become(self, wanted: AmendmentState) -> Self:
        if wanted not in ALLOWED[self.state]:
            raise IllegalAmendmentTransition(current=self.state, wanted=wanted)
        return replace(self, state=wanted)
