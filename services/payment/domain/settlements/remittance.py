"""An order to pay an agency's fees of closed days to the State Treasury (Kho bạc Nhà nước)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.payment.domain.errors import IllegalTransition
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.settlements.bank_account import BankAccount


class RemittanceStatus(StrEnum):
    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


# Sent is with the bank: from there it only becomes certain.
ALLOWED: Final[Mapping[RemittanceStatus, frozenset[RemittanceStatus]]] = {
    RemittanceStatus.DRAFTED: frozenset({RemittanceStatus.APPROVED, RemittanceStatus.CANCELLED}),
    RemittanceStatus.APPROVED: frozenset({RemittanceStatus.SENT, RemittanceStatus.CANCELLED}),
    RemittanceStatus.SENT: frozenset({RemittanceStatus.CONFIRMED}),
    RemittanceStatus.CONFIRMED: frozenset(),
    RemittanceStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Done:
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """`number` counts the orders of an agency and kind; `done` says who took each step."""

    id: UUID
    agency_code: str
    kind: FeeKind
    number: int
    amount: Money
    done: Mapping[RemittanceStatus, Done]
    status: RemittanceStatus = RemittanceStatus.DRAFTED
    paid_from: BankAccount | None = None
    treasury_reference: str | None = None
    cancel_reason: str | None = None

    @property
    def drafted_by(self) -> str:
        return self.done[RemittanceStatus.DRAFTED].by

    def move_to(self, status: RemittanceStatus, done: Done) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(f"Remittance {self.id}", current=self.status, wanted=status)
        return replace(self, status=status, done={**self.done, status: done})


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What an agency has earned on closed days and not yet remitted, of one kind of fee."""

    agency_code: str
    kind: FeeKind
    amount: Money
