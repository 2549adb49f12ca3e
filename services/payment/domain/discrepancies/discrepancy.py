"""Money that is not exactly what was asked: named, owned, due, and never dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.payment.domain.discrepancies.worklist import Action, Asked, Resolution
from services.payment.domain.errors import IllegalTransition


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
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


# What is resolved opens again when a provider contradicts what it was resolved by.
ALLOWED: Final[Mapping[DiscrepancyStatus, frozenset[DiscrepancyStatus]]] = {
    DiscrepancyStatus.OPEN: frozenset({DiscrepancyStatus.ASSIGNED, DiscrepancyStatus.RESOLVED}),
    DiscrepancyStatus.ASSIGNED: frozenset({DiscrepancyStatus.OPEN, DiscrepancyStatus.RESOLVED}),
    DiscrepancyStatus.RESOLVED: frozenset({DiscrepancyStatus.OPEN}),
}
UNRESOLVED: Final = frozenset({DiscrepancyStatus.OPEN, DiscrepancyStatus.ASSIGNED})


class OwnerRole(StrEnum):
    CASHIER = "cashier"
    ACCOUNTANT = "accountant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Whose desk a case lands on, how long they have, and whether paying back is proposed."""

    owner_role: OwnerRole
    within: timedelta
    action: Action
    refund: bool


HANDLING: Final[Mapping[Reason, Handling]] = {
    # Part of a fee is not the fee: it goes back whole, and so does what was too much.
    Reason.UNDERPAID: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=3), action=Action.REFUND, refund=True
    ),
    Reason.OVERPAID: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=3), action=Action.REFUND, refund=True
    ),
    Reason.WRONG_CURRENCY: Handling(
        owner_role=OwnerRole.ACCOUNTANT, within=timedelta(days=3), action=Action.REFUND, refund=True
    ),
    # The money lies in an account that is not this fee's: first find out whose it is.
    Reason.WRONG_PAYEE: Handling(
        owner_role=OwnerRole.ACCOUNTANT,
        within=timedelta(days=2),
        action=Action.ASK_PROVIDER,
        refund=False,
    ),
    Reason.SECOND_PAYMENT: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), action=Action.REFUND, refund=True
    ),
    Reason.LATE_PAYMENT: Handling(
        owner_role=OwnerRole.CASHIER,
        within=timedelta(days=2),
        action=Action.APPLY_TO_INTENT,
        refund=True,
    ),
    Reason.PAYMENT_AFTER_CANCELLATION: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), action=Action.REFUND, refund=True
    ),
    # Nobody knows yet whom it could be paid back to.
    Reason.UNKNOWN_REFERENCE: Handling(
        owner_role=OwnerRole.ACCOUNTANT,
        within=timedelta(days=5),
        action=Action.ASK_PROVIDER,
        refund=False,
    ),
    Reason.UNCONFIRMED_PAYMENT: Handling(
        owner_role=OwnerRole.CASHIER, within=timedelta(days=2), action=Action.REFUND, refund=True
    ),
    # The provider says two things of one movement of money: one of them is in the books.
    Reason.CONTRADICTORY_NOTICE: Handling(
        owner_role=OwnerRole.ACCOUNTANT,
        within=timedelta(days=2),
        action=Action.ASK_PROVIDER,
        refund=False,
    ),
    # Authentic, and nobody here can tell what it says: money may stand behind it.
    Reason.UNREADABLE_NOTICE: Handling(
        owner_role=OwnerRole.ACCOUNTANT,
        within=timedelta(days=1),
        action=Action.ASK_PROVIDER,
        refund=False,
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
    # Whose account the money came to, where it names no fee.
    account_agency_code: str | None = None
    assignee: str | None = None
    asked: Asked | None = None
    resolution: Resolution | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    applied_to_intent_id: UUID | None = None
    # What refunds, a fee and clearing have taken of what was received; storage alone changes it.
    refunded_minor_units: int = 0
    applied_minor_units: int = 0
    cleared_minor_units: int = 0

    @property
    def proposed_action(self) -> Action:
        if self.proposed_intent_id is not None:
            return Action.APPLY_TO_INTENT
        return HANDLING[self.reason].action

    @property
    def held(self) -> Money:
        """What still waits in suspense for a decision."""
        if not self.holds_money:
            return Money.zero(self.received.currency)
        used = self.refunded_minor_units + self.applied_minor_units + self.cleared_minor_units
        return Money(self.received.minor_units - used, self.received.currency)

    def is_overdue(self, now: datetime) -> bool:
        return self.status in UNRESOLVED and self.due_at < now

    def move_to(self, status: DiscrepancyStatus) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(f"Discrepancy {self.id}", current=self.status, wanted=status)
        return replace(self, status=status)

    def resolve(self, resolution: Resolution, *, by: str, at: datetime) -> Self:
        return replace(
            self.move_to(DiscrepancyStatus.RESOLVED),
            resolution=resolution,
            resolved_by=by,
            resolved_at=at,
            asked=None,
        )

    @property
    def holds_money(self) -> bool:
        """Whether what was received waits in suspense for a decision."""
        return self.reason not in HOLDS_NO_MONEY
