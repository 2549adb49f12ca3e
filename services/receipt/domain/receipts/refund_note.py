"""That a fee went back, wholly or in part: noted beside the receipt, whose bytes never change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.money import Money
from services.receipt.domain.receipts.fee import Kind


class RefundState(StrEnum):
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNote:
    """One refund's part of one kind of fee: each kind has a receipt of its own."""

    refund_id: UUID
    payment_intent_id: UUID
    kind: Kind
    amount: Money
    refunded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """All that went back of a receipt's amount, and when the last of it did."""

    amount: Money
    at: datetime
