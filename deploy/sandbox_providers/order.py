"""What a played provider knows of one payment, and how it is told to misbehave about it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

CURRENCY: Final = "VND"
# A payer who mistypes leaves out a thousand; a fee below that is overpaid instead.
WRONG_BY: Final = 1_000


class Behaviour(StrEnum):
    NORMAL = "normal"
    LATE = "late"
    TWICE = "twice"
    WRONG_AMOUNT = "wrong_amount"
    BAD_SIGNATURE = "bad_signature"
    SILENT = "silent"


class RefundBehaviour(StrEnum):
    """`lost_answer`: done, and the caller never hears so. `dead`: neither done nor answered."""

    NORMAL = "normal"
    REFUSED = "refused"
    LOST_ANSWER = "lost_answer"
    DEAD = "dead"
    PENDING = "pending"


class OrderStatus(StrEnum):
    CREATED = "created"
    PAID = "paid"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOrder:
    """`facts` are what this provider's own protocol wants said again later."""

    provider: str
    order_reference: str
    amount: int
    description: str
    return_url: str
    created_at: datetime
    status: OrderStatus = OrderStatus.CREATED
    provider_reference: str = ""
    paid_amount: int = 0
    paid_at: datetime | None = None
    behaviour: Behaviour = Behaviour.NORMAL
    refund_behaviour: RefundBehaviour = RefundBehaviour.NORMAL
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRefund:
    provider: str
    refund_reference: str
    order_reference: str
    amount: int
    status: str
    provider_reference: str
    made_at: datetime


def wrong_amount(amount: int) -> int:
    return amount - WRONG_BY if amount > WRONG_BY else amount + WRONG_BY
