"""Money that came in and may go back: a settled fee, or money kept in suspense."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.money import Money
from services.payment.domain.intents.payment_intent import FeeKind


class SourceKind(StrEnum):
    PAYMENT = "payment"
    DISCREPANCY = "discrepancy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """A part of a payment by the line it was paid for; `agency_code` is whose line it is."""

    line_code: str
    kind: FeeKind
    agency_code: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSource:
    """What came in, as far as paying back needs to know; suspense money has no lines.

    `refunded` counts every refund that has not come to nothing, and what else suspense money was
    used for; None for `paid_at` means that no
    money has come yet. `order_reference` is how the provider was told of the payment.
    """

    kind: SourceKind
    id: UUID
    payment_intent_id: UUID | None
    dossier_id: UUID | None
    dossier_code: str | None
    client_id: str | None
    agency_code: str | None
    paid: Money
    refunded: Money
    lines: tuple[RefundLine, ...]
    provider: str
    provider_reference: str
    order_reference: str | None
    paid_at: datetime | None

    @property
    def available(self) -> Money:
        return self.paid - self.refunded
