"""Where money and receipts disagree: each settled fee has its receipts, each receipt its fee."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.payment.domain.intents.payment_intent import FeeKind, FeeLine

# A receipt is promised within this time of the settlement.
PATIENCE: Final = timedelta(seconds=5)
RECEIPTED: Final = frozenset({FeeKind.PHI, FeeKind.LE_PHI})


class GapReason(StrEnum):
    NO_RECEIPT = "no_receipt"
    NO_SETTLED_FEE = "no_settled_fee"
    TOO_MANY_RECEIPTS = "too_many_receipts"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptNote:
    """What we hear of a receipt: that it is, and of which payment."""

    receipt_id: UUID
    payment_intent_id: UUID
    agency_code: str
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAndReceipts:
    """A payment, and how many receipts we heard of. `settled_at` is null while nothing is."""

    payment_intent_id: UUID
    agency_code: str
    settled_at: datetime | None
    expected: int
    heard: int

    @property
    def reason(self) -> GapReason | None:
        """Null when money and receipts agree."""
        if self.settled_at is None:
            return GapReason.NO_SETTLED_FEE if self.heard else None
        if self.heard < self.expected:
            return GapReason.NO_RECEIPT
        return GapReason.TOO_MANY_RECEIPTS if self.heard > self.expected else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptGap:
    id: UUID
    payment_intent_id: UUID
    agency_code: str
    reason: GapReason
    expected: int
    heard: int
    settled_at: datetime | None
    found_at: datetime
    closed_at: datetime | None = None


def receipts_expected(lines: Iterable[FeeLine], *, agency_code: str) -> int:
    """One of each agency and kind that has a charge above zero."""
    return len(
        {
            (line.agency_code or agency_code, line.kind)
            for line in lines
            if line.kind in RECEIPTED and line.amount.minor_units > 0
        }
    )
