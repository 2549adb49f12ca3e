"""The payment service, as the confirmation of a fee needs it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from chassis.auth import Caller
from chassis.canonical import canonical_json, load_json
from chassis.errors import Malformed
from chassis.money import Money
from gateway.domain.confirming.confirmation import Confirmation
from gateway.domain.confirming.errors import PaymentNotFound, PaymentRefused
from gateway.domain.confirming.fee_intent import FeeItem, PayableFee, Payee
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import UpstreamAnswer
from gateway.providers.service_calls import ServiceCalls

SERVICE = "payment"


class _AgencyBody(BaseModel):
    code: str
    name: str


class _PayeeBody(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class _AmountBody(BaseModel):
    amount: int
    currency: str


class _LineBody(BaseModel):
    line_code: str
    name: str
    amount: _AmountBody

    def to_item(self) -> FeeItem:
        return FeeItem(
            code=self.line_code,
            name=self.name,
            amount=Money(self.amount.amount, self.amount.currency),
        )


class _PaymentBody(BaseModel):
    """What we read of a payment intent; fields we do not name are ignored."""

    id: UUID
    dossier_code: str | None
    reference: str | None = None
    agency: _AgencyBody
    payee: _PayeeBody
    lines: list[_LineBody]
    amount: _AmountBody
    status: str
    expires_at: datetime

    def to_fee(self) -> PayableFee:
        return PayableFee(
            payment_intent_id=self.id,
            dossier_code=self.dossier_code,
            reference=self.reference,
            payee=Payee(
                code=self.agency.code,
                name=self.agency.name,
                bank_bin=self.payee.bank_bin,
                account_number=self.payee.account_number,
                account_name=self.payee.account_name,
            ),
            items=tuple(line.to_item() for line in self.lines),
            amount=Money(self.amount.amount, self.amount.currency),
            status=self.status,
            expires_at=self.expires_at,
        )


class PaymentService:
    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    async def get_fee(self, payment_intent_id: UUID) -> PayableFee:
        caller = Caller(subject="gateway", kind="service", scopes=frozenset({"payment.read"}))
        answer = await self._calls.call(
            SERVICE, "GET", f"/v1/payment-intents/{payment_intent_id}", caller=caller, headers={}
        )
        if answer.status == 404:
            raise PaymentNotFound
        if answer.status != 200:
            raise UpstreamUnavailable(SERVICE)
        try:
            return _PaymentBody.model_validate_json(answer.body).to_fee()
        except ValidationError as error:
            raise UpstreamUnavailable(SERVICE) from error

    async def confirm(self, confirmation: Confirmation) -> Mapping[str, Any]:
        """Safe to repeat: the payment service knows the confirmation by its id."""
        proof = confirmation.proof
        assert proof is not None
        caller = Caller(
            subject=str(confirmation.user_id),
            kind="user",
            scopes=frozenset({"payment.confirm"}),
            evidence_id=str(proof.evidence_id),
            assurance=proof.assurance,
        )
        body = canonical_json(
            {
                "confirmation_id": str(confirmation.id),
                "evidence_id": str(proof.evidence_id),
                "method": confirmation.method,
                "amount": {
                    "amount": confirmation.amount.minor_units,
                    "currency": confirmation.amount.currency,
                },
                "assurance": proof.assurance,
            }
        )
        answer = await self._calls.call(
            SERVICE,
            "POST",
            f"/v1/payment-intents/{confirmation.payment_intent_id}/confirmation",
            caller=caller,
            headers={"content-type": "application/json"},
            body=body,
        )
        if 400 <= answer.status < 500 and answer.status not in (408, 429):
            raise _refusal(answer)
        value = _object(answer)
        if answer.status != 200 or value is None:
            raise UpstreamUnavailable(SERVICE)
        return value


def _refusal(answer: UpstreamAnswer) -> PaymentRefused:
    problem = _object(answer) or {}
    english = str(problem.get("detail_en") or "The payment cannot be confirmed.")
    return PaymentRefused(
        f"{english} ({problem.get('code', answer.status)})", vi=str(problem.get("detail") or "")
    )


def _object(answer: UpstreamAnswer) -> dict[str, Any] | None:
    try:
        value = load_json(answer.body)
    except Malformed:
        return None
    return value if isinstance(value, dict) else None
