"""The obligation to collect one amount, for a dossier or a bill; it survives failed tries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.payment.domain.errors import (
    AmountMismatch,
    IllegalTransition,
    NotPayable,
    PastDeadline,
    PaymentIntentDiffers,
    WrongFee,
)
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.source import Bill, Source


class Status(StrEnum):
    CREATED = "created"
    CONFIRMED = "confirmed"
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# Nobody is charged before confirming, so `created` never becomes `succeeded`. Money that arrives
# where this table has no step is kept as a Discrepancy, never refused and never guessed. What
# expired may be revived under the same reference, as what it was: confirmed or not.
ALLOWED: Final[Mapping[Status, frozenset[Status]]] = {
    Status.CREATED: frozenset({Status.CONFIRMED, Status.EXPIRED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.SUCCEEDED, Status.EXPIRED, Status.CANCELLED}),
    Status.SUCCEEDED: frozenset(),
    Status.EXPIRED: frozenset({Status.CREATED, Status.CONFIRMED, Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}


class FeeKind(StrEnum):
    """A state receipt is issued for the first two; a price of a service needs an invoice, which
    the biller makes."""

    PHI = "phi"
    LE_PHI = "le_phi"
    SERVICE_PRICE = "gia_dich_vu"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """`agency_code` and `agency_name` are given where the line is another agency's than the
    intent's: one payment, split between several."""

    line_code: str
    name: str
    kind: FeeKind
    quantity: int
    amount: Money
    legal_basis: str
    agency_code: str | None = None
    agency_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    bank_bin: str
    account_number: str
    account_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The payer's proved word: this fee, this amount, by this method."""

    id: UUID
    evidence_id: str
    method: Method
    amount: Money
    assurance: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The money that fulfilled the obligation, as its provider proved it."""

    method: Method
    provider: str
    provider_reference: str
    evidence_level: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """`dossier_*` and `procedure_*` are None where a bill is of no dossier."""

    id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    procedure_code: str | None
    procedure_name: str | None
    agency_code: str
    agency_name: str
    client_id: str
    lines: tuple[FeeLine, ...]
    amount: Money
    payee: Payee
    payer_sealed: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    status: Status = Status.CREATED
    confirmation: Confirmation | None = None
    bill_reference: str | None = None
    qr_payload: str | None = None
    payment: Payment | None = None
    # Set where a biller asked, and no dossier.
    bill: Bill | None = None
    # What refunds have taken of the amount; storage alone changes it.
    refunded_minor_units: int = 0

    @property
    def source(self) -> Source:
        return Source.DOSSIER if self.bill is None else Source.BILL

    @property
    def reference(self) -> str | None:
        """What the biller calls it."""
        return None if self.bill is None else self.bill.reference

    def move_to(self, status: Status) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(f"Payment intent {self.id}", current=self.status, wanted=status)
        return replace(self, status=status)

    def confirm(self, confirmation: Confirmation, *, bill_reference: str, qr_payload: str) -> Self:
        if confirmation.amount != self.amount:
            raise AmountMismatch(expected=self.amount, received=confirmation.amount)
        # An expired fee becomes `confirmed` by being revived, never by being confirmed late.
        if self.status is not Status.CREATED:
            raise IllegalTransition(
                f"Payment intent {self.id}", current=self.status, wanted=Status.CONFIRMED
            )
        if confirmation.confirmed_at >= self.expires_at:
            raise PastDeadline(self.id)
        return replace(
            self.move_to(Status.CONFIRMED),
            confirmation=confirmation,
            bill_reference=bill_reference,
            qr_payload=qr_payload,
        )

    def revive(self, *, expires_at: datetime) -> Self:
        """As it was before it expired: what its payer agreed to has not changed."""
        was = Status.CREATED if self.confirmation is None else Status.CONFIRMED
        return replace(self.move_to(was), expires_at=expires_at)

    def require_payable(self) -> None:
        if self.status is not Status.CONFIRMED:
            raise NotPayable(self.id, self.status)

    def succeed(self, payment: Payment) -> Self:
        return replace(self.move_to(Status.SUCCEEDED), payment=payment)

    def check_fee(self) -> None:
        """The lines must add up to the amount: a receipt is issued for each kind among them."""
        total = Money.zero(self.amount.currency)
        for line in self.lines:
            if line.quantity < 1 or line.amount.minor_units < 0:
                raise WrongFee(f"Line {line.line_code} has a negative amount or no quantity.")
            total += line.amount
        if total != self.amount or total.minor_units <= 0:
            raise WrongFee(f"The lines add up to {total}, but {self.amount} is asked.")

    def check_same_request(self, other: "PaymentIntent") -> None:
        """Raise when another request for this fee asks for something else."""
        if (self.dossier_id, self.amount, self.payee, self.lines) != (
            other.dossier_id,
            other.amount,
            other.payee,
            other.lines,
        ):
            raise PaymentIntentDiffers(self.id)
