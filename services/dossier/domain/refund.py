"""What the payment house told us of a fee on its way back: shown where the dossier is tracked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.money import Money


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    refund_id: UUID
    fee_request_id: UUID
    amount: Money
    status: RefundStatus
    requested_at: datetime
    ended_at: datetime | None = None
