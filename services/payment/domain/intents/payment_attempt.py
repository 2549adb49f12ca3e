"""One try to collect an intent with one provider, and when to ask that provider about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.payment.domain.errors import IllegalTransition
from services.payment.domain.intents.method import Flow, Method


class AttemptStatus(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_ENDS: Final = frozenset(
    {
        AttemptStatus.SUCCEEDED,
        AttemptStatus.FAILED,
        AttemptStatus.EXPIRED,
        AttemptStatus.CANCELLED,
    }
)
# Not knowing is not failing: from `unknown` only a provider's usable answer leads on. Money
# outranks a failure: a provider that said no and then took the money after all has taken it.
ALLOWED: Final[Mapping[AttemptStatus, frozenset[AttemptStatus]]] = {
    AttemptStatus.CREATED: _ENDS | {AttemptStatus.PENDING, AttemptStatus.UNKNOWN},
    AttemptStatus.PENDING: _ENDS | {AttemptStatus.UNKNOWN},
    AttemptStatus.UNKNOWN: _ENDS | {AttemptStatus.PENDING},
    AttemptStatus.SUCCEEDED: frozenset(),
    AttemptStatus.FAILED: frozenset({AttemptStatus.SUCCEEDED}),
    AttemptStatus.EXPIRED: frozenset(),
    AttemptStatus.CANCELLED: frozenset(),
}
LIVE: Final = frozenset({AttemptStatus.CREATED, AttemptStatus.PENDING, AttemptStatus.UNKNOWN})

# Providers stop repeating a notice after minutes or hours, so silence means: ask.
ENQUIRY_DELAYS: Final = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)


# A page of a provider is not kept open longer; the code on the slip lives as long as the fee.
REDIRECT_LIFETIME: Final = timedelta(minutes=15)
# Unknown for longer than this, a person has to look.
UNKNOWN_ALARM_AFTER: Final = timedelta(hours=24)
FAILURE_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAttempt:
    """`order_reference` is what the provider calls it, where it was told of it; `alias_account`
    an account that takes this fee alone. `number` counts the attempts of an intent."""

    id: UUID
    payment_intent_id: UUID
    number: int
    method: Method
    provider: str
    bill_reference: str
    started_at: datetime
    expires_at: datetime
    next_enquiry_at: datetime
    order_reference: str | None = None
    bank_code: str | None = None
    pay_url: str | None = None
    alias_account: str | None = None
    failure: str | None = None
    enquiries: int = 0
    status: AttemptStatus = AttemptStatus.PENDING

    def move_to(self, status: AttemptStatus) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(
                f"Payment attempt {self.id}", current=self.status, wanted=status
            )
        return replace(self, status=status)

    def started(self, *, pay_url: str | None, alias_account: str | None) -> Self:
        """The provider has told where to pay."""
        return replace(
            self.move_to(AttemptStatus.PENDING), pay_url=pay_url, alias_account=alias_account
        )

    def failed(self, failure: str) -> Self:
        return replace(self.move_to(AttemptStatus.FAILED), failure=failure[:FAILURE_LENGTH_MAX])

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    def is_overdue(self, now: datetime) -> bool:
        return now >= self.expires_at


def attempt_deadline(flow: Flow, *, now: datetime, intent_expires_at: datetime) -> datetime:
    if flow is Flow.REDIRECT:
        return min(now + REDIRECT_LIFETIME, intent_expires_at)
    return intent_expires_at


def next_enquiry(*, now: datetime, enquiries: int, expires_at: datetime) -> datetime:
    """Ever more seldom; and once exactly at the deadline, because nothing expires unasked."""
    then = now + ENQUIRY_DELAYS[min(enquiries, len(ENQUIRY_DELAYS) - 1)]
    return min(then, expires_at) if now < expires_at else then
