"""What the API of the payment service says and hears."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.money import Money
from chassis.schemas import MoneyBody
from services.payment.domain.discrepancy import Discrepancy, DiscrepancyStatus, OwnerRole, Reason
from services.payment.domain.ledger import Balance
from services.payment.domain.payment_intent import FeeKind, FeeLine, Method, PaymentIntent, Status
from services.payment.domain.provider_notification import Verdict


class AgencyBody(BaseModel):
    code: str
    name: str


class PayeeBody(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class FeeLineBody(BaseModel):
    line_code: str
    name: str
    kind: FeeKind
    quantity: int
    amount: MoneyBody
    legal_basis: str

    @classmethod
    def of(cls, line: FeeLine) -> Self:
        return cls(
            line_code=line.line_code,
            name=line.name,
            kind=line.kind,
            quantity=line.quantity,
            amount=MoneyBody.of(line.amount),
            legal_basis=line.legal_basis,
        )


class PaymentIntentBody(BaseModel):
    """`qr_payload` is there while paying makes sense: from the confirmation to the end.

    `assurance` says by which kind of proof the payer agreed.
    """

    id: UUID
    dossier_id: UUID
    dossier_code: str
    client_id: str
    agency: AgencyBody
    payee: PayeeBody
    lines: list[FeeLineBody]
    amount: MoneyBody
    status: Status
    created_at: datetime
    expires_at: datetime
    bill_reference: str | None
    qr_payload: str | None
    assurance: str | None
    paid_at: datetime | None

    @classmethod
    def of(cls, intent: PaymentIntent) -> Self:
        payee = intent.payee
        return cls(
            id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            client_id=intent.client_id,
            agency=AgencyBody(code=intent.agency_code, name=intent.agency_name),
            payee=PayeeBody(
                bank_bin=payee.bank_bin,
                account_number=payee.account_number,
                account_name=payee.account_name,
            ),
            lines=[FeeLineBody.of(line) for line in intent.lines],
            amount=MoneyBody.of(intent.amount),
            status=intent.status,
            created_at=intent.created_at,
            expires_at=intent.expires_at,
            bill_reference=intent.bill_reference,
            qr_payload=intent.qr_payload if intent.status is Status.CONFIRMED else None,
            assurance=intent.confirmation.assurance if intent.confirmation else None,
            paid_at=intent.payment.paid_at if intent.payment else None,
        )


class ConfirmationBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    confirmation_id: UUID
    evidence_id: Annotated[str, Field(min_length=1, max_length=100)]
    method: Method
    amount: MoneyBody
    assurance: Annotated[str, Field(min_length=1, max_length=100)]


class VerdictBody(BaseModel):
    """`settled`: the fee is paid by this money. `kept`: the notice is safe and settled nothing."""

    status: Literal["settled", "kept"]
    payment_intent_id: UUID | None
    provider_reference: str
    discrepancy: Reason | None

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        return cls(
            status=verdict.status,
            payment_intent_id=verdict.payment_intent_id,
            provider_reference=verdict.provider_reference,
            discrepancy=verdict.discrepancy,
        )


class AnyMoneyBody(BaseModel):
    """Money as it arrived, in whatever currency."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        return None if money is None else cls(amount=money.minor_units, currency=money.currency)


class DiscrepancyBody(BaseModel):
    id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    reason: Reason
    status: DiscrepancyStatus
    owner_role: OwnerRole
    expected: AnyMoneyBody | None
    received: AnyMoneyBody
    proposed_refund: AnyMoneyBody | None
    provider: str
    provider_reference: str
    found_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, found: Discrepancy) -> Self:
        return cls(
            id=found.id,
            payment_intent_id=found.payment_intent_id,
            client_id=found.client_id,
            reason=found.reason,
            status=found.status,
            owner_role=found.owner_role,
            expected=AnyMoneyBody.of(found.expected),
            received=AnyMoneyBody(
                amount=found.received.minor_units, currency=found.received.currency
            ),
            proposed_refund=AnyMoneyBody.of(found.proposed_refund),
            provider=found.provider,
            provider_reference=found.provider_reference,
            found_at=found.found_at,
            due_at=found.due_at,
        )


class BalanceBody(BaseModel):
    account: str
    currency: str
    balance_minor_units: Annotated[int, Field(description="Debits less credits.")]

    @classmethod
    def of(cls, balance: Balance) -> Self:
        return cls(
            account=balance.account,
            currency=balance.currency,
            balance_minor_units=balance.minor_units,
        )


class BalancesBody(BaseModel):
    items: list[BalanceBody]
