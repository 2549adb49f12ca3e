"""What the receipt house told us: enough to name each receipt, and to know when none is missing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.money import Money


class Standing(StrEnum):
    """What the receipt house said of it since. What was replaced or cancelled counts no more."""

    VALID = "valid"
    ADJUSTED = "adjusted"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    receipt_id: UUID
    fee_request_id: UUID
    kind: str
    form_code: str
    symbol: str
    number: int
    lookup_code: str
    amount: Money
    issued_at: datetime
    # Part 1 of 2 and part 2 of 2: a payment of phí and lệ phí has a receipt for each.
    part: int
    parts: int
    standing: Standing = Standing.VALID


def is_complete(receipts: tuple[Receipt, ...]) -> bool:
    if not receipts:
        return False
    return {receipt.part for receipt in receipts} >= set(range(1, receipts[0].parts + 1))
