"""What the bank's customers and its partners send and read."""

from typing import Any, Self

from pydantic import BaseModel, Field

from deploy.sandbox_bank.payment import Attempt, BankPayment, Behaviour
from deploy.sandbox_providers.order import RefundBehaviour

AMOUNT_MAX = 10**15


class PayBody(BaseModel):
    qr: str = Field(max_length=1024)
    # Stands in for the amount of the code, as when a payer changes it in the banking application.
    amount: int | None = Field(default=None, gt=0, le=AMOUNT_MAX)
    behaviour: Behaviour = Behaviour.NORMAL
    delay_seconds: float = Field(default=5.0, ge=0, le=3600)
    refund_behaviour: RefundBehaviour = RefundBehaviour.NORMAL


class TransferBody(BaseModel):
    account_number: str = Field(pattern=r"^[0-9A-Za-z]{1,50}$")
    bank_bin: str = Field(default="970436", pattern=r"^[0-9]{6,8}$")
    amount: int = Field(gt=0, le=AMOUNT_MAX)
    purpose: str = Field(default="", max_length=500)
    behaviour: Behaviour = Behaviour.NORMAL
    refund_behaviour: RefundBehaviour = RefundBehaviour.NORMAL


class NotifyBody(BaseModel):
    behaviour: Behaviour = Behaviour.NORMAL


class AttemptBody(BaseModel):
    notice_id: str
    sent_at: str
    status: int | None
    answer: str

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        return cls(
            notice_id=str(attempt.notice_id),
            sent_at=attempt.sent_at.isoformat(timespec="milliseconds"),
            status=attempt.status,
            answer=attempt.answer,
        )


class PaymentBody(BaseModel):
    provider_reference: str
    bill_number: str
    purpose: str
    bank_bin: str
    account_number: str
    alias_account: str = ""
    amount: int
    currency: str
    outcome: str
    paid_at: str
    behaviour: Behaviour
    attempts: list[AttemptBody]

    @classmethod
    def of(cls, payment: BankPayment, attempts: list[Attempt] | None = None) -> Self:
        said: dict[str, Any] = payment.facts()
        return cls(
            **said,
            behaviour=payment.behaviour,
            attempts=[AttemptBody.of(attempt) for attempt in attempts or []],
        )


class PaymentsBody(BaseModel):
    items: list[PaymentBody]


class AttemptsBody(BaseModel):
    items: list[AttemptBody]


class AccountBody(BaseModel):
    bank_bin: str
    account_number: str
    balance: int
    currency: str
