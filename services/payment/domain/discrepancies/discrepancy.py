"""Money that is not exactly what was asked: named, owned, due, and never dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.money import Money


class Reason(StrEnum):
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_PAYEE = "wrong_payee"
    SECOND_PAYMENT = "second_payment"
    LATE_PAYMENT = "late_payment"
    PAYMENT_AFTER_CANCELLATION = "payment_after_cancellation"
    UNKNOWN_REFERENCE = "unknown_reference"
    UNCONFIRMED_PAYMENT = "unconfirmed_payment"
    CONTRADICTORY_NOTICE = "contradictory_notice"
    UNREADABLE_NOTICE = "unreadable_notice"


class DiscrepancyStatus(StrEnum):
    OPEN = "open"


class OwnerRole(StrEnum):
    CASHIER = "cashier"
    ACCOUNTANT = "accountant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Whose desk a case lands on, how long they have, and whether paying back is proposed."""

    owner_role: OwnerRole
    within: timedelta
    refund: bool


HANDLING: Final[Mapping[Reason, Handling]] = {
    # Part of a fee is not the fee: it goes back whole, and so does what was too much.
    Reason.UNDERPAID: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=3), refund=True
    ),
    Reason.OVERPAID: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=3), refund=True
    ),
    Reason.WRONG_CURRENCY: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=3), refund=True
    ),
    # The money lies in an account that is not this fee's: first find out whose it is.
    Reason.WRONG_PAYEE: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=2), refund=False
    ),
    Reason.SECOND_PAYMENT: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), refund=True
    ),
    Reason.LATE_PAYMENT: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), refund=True
    ),
    Reason.PAYMENT_AFTER_CANCELLATION: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), refund=True
    ),
    # Nobody knows yet whom it could be paid back to.
    Reason.UNKNOWN_REFERENCE: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=5), refund=False
    ),
    Reason.UNCONFIRMED_PAYMENT: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), refund=True
    ),
    # The provider says two things of one movement of money: one of them is in the books.
    Reason.CONTRADICTORY_NOTICE: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=2), refund=False
    ),
    # Authentic, and nobody here can tell what it says: money may stand behind it.
    Reason.UNREADABLE_NOTICE: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=1), refund=False
    ),
}
HOLDS_NO_MONEY: Final = frozenset({Reason.CONTRADICTORY_NOTICE, Reason.UNREADABLE_NOTICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    id: UUID
    notification_id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    agency_code: str | None
    reason: Reason
    expected: Money | None
    received: Money
    provider: str
    provider_reference: str
    found_at: datetime
    due_at: datetime
    owner_role: OwnerRole
    proposed_refund: Money | None
    status: DiscrepancyStatus = DiscrepancyStatus.OPEN
    # The one fee that this money would fit, for a person to judge; nothing moves by it.
    proposed_intent_id: UUID | None = None

    @property
    def holds_money(self) -> bool:
        """Whether what was received waits in suspense for a decision."""
        return self.reason not in HOLDS_NO_MONEY
