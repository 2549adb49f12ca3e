from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from chassis.money import Money
from chassis.schemas import MoneyBody
from services.payment.api.counter.fields import (
    AgencyCode,
    ApprovalCode,
    BatchNo,
    CounterForm,
    Desk,
    DrawerName,
    Reason,
    Reference,
    TerminalId,
)
from services.payment.domain.counter.cash_drawer import CashDrawer, Difference, DrawerStatus
from services.payment.domain.counter.payments import (
    CardScheme,
    CashPayment,
    PosBatch,
    PosPayment,
    PosSlip,
)


class OpenDrawerBody(CounterForm):
    """`float` is what lies in the drawer for giving change; it comes out of the agency's safe."""

    agency_code: AgencyCode
    desk: Desk
    drawer: DrawerName
    float: MoneyBody


class CloseDrawerBody(CounterForm):
    """`counted` is all that lies in the drawer, float and fees; a difference needs its reason."""

    counted: MoneyBody
    reason: Reason | None = None


class SignOffBody(CounterForm):
    """`received`: what the accountant has counted and taken over."""

    received: MoneyBody


class CashPaymentForm(CounterForm):
    """`tendered` is what the payer handed over."""

    drawer_id: UUID
    tendered: MoneyBody


class PosPaymentForm(CounterForm):
    """As the terminal's slip says it. No card number: one is refused wherever it stands."""

    terminal_id: TerminalId
    batch_no: BatchNo
    approval_code: ApprovalCode
    card_scheme: CardScheme
    reference: Reference
    amount: MoneyBody

    def slip(self) -> PosSlip:
        return PosSlip(
            terminal_id=self.terminal_id,
            batch_no=self.batch_no,
            approval_code=self.approval_code,
            card_scheme=self.card_scheme,
            reference=self.reference,
        )


class SignedMoneyBody(BaseModel):
    """An amount that may be below zero."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        return None if money is None else cls(amount=money.minor_units, currency=money.currency)


class CashDrawerBody(BaseModel):
    """`expected` is float and fees; `difference` is counted less expected."""

    id: UUID
    agency_code: str
    desk: str
    drawer: str
    officer: str
    status: DrawerStatus
    float: MoneyBody
    taken: MoneyBody
    payments: int
    expected: MoneyBody
    opened_at: datetime
    counts: int
    counted: MoneyBody | None
    counted_at: datetime | None
    verdict: Difference | None
    difference: SignedMoneyBody | None
    reason: str | None
    signed_by: str | None
    signed_at: datetime | None

    @classmethod
    def of(cls, drawer: CashDrawer) -> Self:
        count, difference = drawer.last_count, drawer.difference
        return cls(
            id=drawer.id,
            agency_code=drawer.agency_code,
            desk=drawer.desk,
            drawer=drawer.drawer,
            officer=drawer.officer,
            status=drawer.status,
            float=MoneyBody.of(drawer.float_given),
            taken=MoneyBody.of(drawer.taken),
            payments=drawer.payments,
            expected=MoneyBody.of(drawer.expected),
            opened_at=drawer.opened_at,
            counts=count.number if count else 0,
            counted=MoneyBody.of(count.counted) if count else None,
            counted_at=count.counted_at if count else None,
            verdict=drawer.verdict,
            difference=SignedMoneyBody.of(difference),
            reason=count.reason if count else None,
            signed_by=drawer.signed_by,
            signed_at=drawer.signed_at,
        )


class CashPaymentBody(BaseModel):
    """`change` is what the officer gives back."""

    id: UUID
    payment_intent_id: UUID
    drawer_id: UUID
    officer: str
    amount: MoneyBody
    tendered: MoneyBody
    change: MoneyBody
    provider_reference: str
    paid_at: datetime

    @classmethod
    def of(cls, payment: CashPayment) -> Self:
        return cls(
            id=payment.id,
            payment_intent_id=payment.payment_intent_id,
            drawer_id=payment.drawer_id,
            officer=payment.request.officer,
            amount=MoneyBody.of(payment.amount),
            tendered=MoneyBody.of(payment.tendered),
            change=MoneyBody.of(payment.change),
            provider_reference=payment.provider_reference,
            paid_at=payment.paid_at,
        )


class PosPaymentBody(BaseModel):
    """`kept`: the slip's money is safe and paid no fee; `discrepancy` says why."""

    id: UUID
    payment_intent_id: UUID
    officer: str
    terminal_id: str
    batch_no: str
    approval_code: str
    card_scheme: CardScheme
    reference: str
    amount: MoneyBody
    provider_reference: str
    paid_at: datetime
    status: Literal["settled", "kept"]
    discrepancy: str | None

    @classmethod
    def of(cls, payment: PosPayment) -> Self:
        slip = payment.slip
        return cls(
            id=payment.id,
            payment_intent_id=payment.payment_intent_id,
            officer=payment.request.officer,
            terminal_id=slip.terminal_id,
            batch_no=slip.batch_no,
            approval_code=slip.approval_code,
            card_scheme=slip.card_scheme,
            reference=slip.reference,
            amount=MoneyBody.of(payment.amount),
            provider_reference=slip.provider_reference,
            paid_at=payment.paid_at,
            status="settled" if payment.discrepancy is None else "kept",
            discrepancy=payment.discrepancy,
        )


class PosBatchBody(BaseModel):
    """What one terminal's batch comes to."""

    terminal_id: str
    batch_no: str
    agency_code: str
    payments: int
    total: MoneyBody
    first_at: datetime
    last_at: datetime

    @classmethod
    def of(cls, batch: PosBatch) -> Self:
        return cls(
            terminal_id=batch.terminal_id,
            batch_no=batch.batch_no,
            agency_code=batch.agency_code,
            payments=batch.payments,
            total=MoneyBody.of(batch.total),
            first_at=batch.first_at,
            last_at=batch.last_at,
        )
