"""One try to collect an intent with one provider, and when to ask that provider about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.payment.domain.errors import IllegalTransition
from services.payment.domain.intents.method import Method


class AttemptStatus(StrEnum):
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"


# Not knowing is not failing: from `unknown` only a provider's usable answer leads on.
ALLOWED: Final[Mapping[AttemptStatus, frozenset[AttemptStatus]]] = {
    AttemptStatus.PENDING: frozenset(
        {AttemptStatus.UNKNOWN, AttemptStatus.SUCCEEDED, AttemptStatus.EXPIRED}
    ),
    AttemptStatus.UNKNOWN: frozenset(
        {AttemptStatus.PENDING, AttemptStatus.SUCCEEDED, AttemptStatus.EXPIRED}
    ),
    AttemptStatus.SUCCEEDED: frozenset(),
    AttemptStatus.EXPIRED: frozenset(),
}
LIVE: Final = frozenset({AttemptStatus.PENDING, AttemptStatus.UNKNOWN})

# Providers stop repeating a notice after minutes or hours, so silence means: ask.
ENQUIRY_DELAYS: Final = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAttempt:
    id: UUID
    payment_intent_id: UUID
    method: Method
    provider: str
    bill_reference: str
    started_at: datetime
    expires_at: datetime
    next_enquiry_at: datetime
    enquiries: int = 0
    status: AttemptStatus = AttemptStatus.PENDING

    def move_to(self, status: AttemptStatus) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(
                f"Payment attempt {self.id}", current=self.status, wanted=status
            )
        return replace(self, status=status)

    def is_overdue(self, now: datetime) -> bool:
        return now >= self.expires_at


def next_enquiry(*, now: datetime, enquiries: int, expires_at: datetime) -> datetime:
    """Ever more seldom; and once exactly at the deadline, because nothing expires unasked."""
    then = now + ENQUIRY_DELAYS[min(enquiries, len(ENQUIRY_DELAYS) - 1)]
    return min(then, expires_at) if now < expires_at else then
