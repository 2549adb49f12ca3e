"""Money that a customer of this bank has sent, and how the bank is told to misbehave about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.errors import Invalid
from deploy.sandbox_providers.order import RefundBehaviour

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


class UnreadableCode(Invalid):
    code = "unreadable_qr"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This bank cannot read the code: {reason}",
            vi="Ngân hàng không đọc được mã QR này.",
            field="qr",
        )


class AmountMissing(Invalid):
    code = "amount_missing"

    def __init__(self) -> None:
        super().__init__(
            "The code names no amount, so the payer must.",
            vi="Mã QR không có số tiền, người nộp phải nhập.",
            field="amount",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPayment:
    provider_reference: str
    bank_bin: str
    account_number: str
    bill_number: str
    purpose: str
    amount: int
    paid_at: datetime
    behaviour: Behaviour = Behaviour.NORMAL
    delay_seconds: float = 0.0
    refund_behaviour: RefundBehaviour = RefundBehaviour.NORMAL
    alias_account: str = ""

    def facts(self) -> dict[str, Any]:
        """What this bank says of the payment, in a notice and in an answer to an enquiry alike."""
        alias = {"alias_account": self.alias_account} if self.alias_account else {}
        return {
            **alias,
            "provider_reference": self.provider_reference,
            "bill_number": self.bill_number,
            "purpose": self.purpose,
            "bank_bin": self.bank_bin,
            "account_number": self.account_number,
            "amount": self.amount,
            "currency": CURRENCY,
            "outcome": "succeeded",
            "paid_at": self.paid_at.isoformat(timespec="milliseconds"),
        }

    def notice(self, notice_id: UUID) -> dict[str, Any]:
        return {"notice_id": str(notice_id), **self.facts()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An account that takes the money of one fee alone."""

    alias_account: str
    order_reference: str
    bill_number: str
    amount: int
    bank_bin: str
    account_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRefund:
    """`paid_by` names the payment that it gives back of."""

    refund_reference: str
    paid_by: str
    amount: int
    status: str
    provider_reference: str
    to_account: str
    failure: str

    def facts(self) -> dict[str, Any]:
        return {
            "refund_reference": self.refund_reference,
            "status": self.status,
            "amount": self.amount,
            "currency": CURRENCY,
            "provider_reference": self.provider_reference,
            "failure": self.failure or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One posting of one notice: the other side's status, or none when nobody answered."""

    notice_id: UUID
    provider_reference: str
    sent_at: datetime
    status: int | None
    answer: str

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def wrong_amount(amount: int) -> int:
    return amount - WRONG_BY if amount > WRONG_BY else amount + WRONG_BY
