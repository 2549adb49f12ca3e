"""The payment and receipt services, as the page of a payment needs them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from chassis.auth import Caller
from chassis.money import Money
from gateway.domain.confirming.errors import PaymentNotFound
from gateway.domain.confirming.shown_payment import ShownLine, ShownPayment, ShownReceipt
from gateway.domain.confirming.shown_ways import ShownAttempt, ShownBrand, ShownMethod
from gateway.domain.errors import UpstreamUnavailable
from gateway.providers.service_calls import ServiceCalls

ISSUED: Final = "issued"
# Another receipt stands in its place, or none.
OVER: Final = frozenset({"replaced", "cancelled"})
ONLINE: Final = "online"
RECEIPT_READER: Final = Caller(
    subject="gateway", kind="service", scopes=frozenset({"receipt.read"})
)


class _AmountBody(BaseModel):
    amount: int
    currency: str

    def to_money(self) -> Money:
        return Money(self.amount, self.currency)


class _AgencyBody(BaseModel):
    code: str
    name: str


class _PayeeBody(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class _LineBody(BaseModel):
    name: str
    quantity: int
    amount: _AmountBody
    legal_basis: str


class _PaymentBody(BaseModel):
    dossier_code: str | None
    reference: str | None = None
    agency: _AgencyBody
    payee: _PayeeBody
    lines: list[_LineBody]
    amount: _AmountBody
    status: str
    expires_at: datetime
    bill_reference: str | None
    qr_payload: str | None
    assurance: str | None = None
    paid_at: datetime | None

    def to_shown(self) -> ShownPayment:
        return ShownPayment(
            dossier_code=self.dossier_code,
            reference=self.reference,
            agency_code=self.agency.code,
            agency_name=self.agency.name,
            account_name=self.payee.account_name,
            account_number=self.payee.account_number,
            bank_bin=self.payee.bank_bin,
            lines=tuple(
                ShownLine(
                    name=line.name,
                    quantity=line.quantity,
                    amount=line.amount.to_money(),
                    legal_basis=line.legal_basis,
                )
                for line in self.lines
            ),
            amount=self.amount.to_money(),
            status=self.status,
            expires_at=self.expires_at,
            bill_reference=self.bill_reference,
            qr_payload=self.qr_payload,
            assurance=self.assurance,
            paid_at=self.paid_at,
        )


class _ReceiptBody(BaseModel):
    kind: str
    printed_number: str
    lookup_code: str
    status: str
    standing: str = "valid"


class _ReceiptPage(BaseModel):
    items: list[_ReceiptBody]


class _BrandBody(BaseModel):
    code: str
    name: str


class _RefusalBody(BaseModel):
    vi: str
    en: str


class _MethodBody(BaseModel):
    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    places: list[str]
    brands: list[_BrandBody]
    refusal: _RefusalBody | None

    def to_shown(self) -> ShownMethod:
        refused = self.refusal
        return ShownMethod(
            code=self.code,
            name={"vi": self.name_vi, "en": self.name_en},
            explanation={"vi": self.explanation_vi, "en": self.explanation_en},
            refusal={"vi": refused.vi, "en": refused.en} if refused else {},
            brands=tuple(ShownBrand(code=one.code, name=one.name) for one in self.brands),
        )


class _MethodsBody(BaseModel):
    items: list[_MethodBody] = []


class _AttemptBody(BaseModel):
    method: str
    status: str
    # It becomes a link: nothing but a page may stand behind it.
    pay_url: Annotated[str | None, Field(pattern="^https?://")]
    alias_account: str | None


class _AttemptsBody(BaseModel):
    items: list[_AttemptBody] = []


Body = TypeVar("Body", bound=BaseModel)


class PaymentPageFacts:
    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    async def get(self, payment_intent_id: UUID, *, user_id: UUID) -> ShownPayment:
        """In the person's own name: the page shows no more than the API does."""
        target = f"/v1/payment-intents/{payment_intent_id}"
        return (await self._read(_PaymentBody, "payment", target, _payer(user_id))).to_shown()

    async def list_receipts(self, payment_intent_id: UUID) -> Sequence[ShownReceipt]:
        target = f"/v1/receipts?payment_intent_id={payment_intent_id}"
        listed = await self._read(_ReceiptPage, "receipt", target, RECEIPT_READER)
        return [
            ShownReceipt(
                kind=one.kind,
                printed_number=one.printed_number,
                lookup_code=one.lookup_code,
            )
            for one in listed.items
            if one.status == ISSUED and one.standing not in OVER
        ]

    async def list_methods(
        self, payment_intent_id: UUID, *, user_id: UUID
    ) -> Sequence[ShownMethod]:
        target = f"/v1/payment-intents/{payment_intent_id}/methods"
        offered = await self._read(_MethodsBody, "payment", target, _payer(user_id))
        return [one.to_shown() for one in offered.items if ONLINE in one.places]

    async def list_attempts(
        self, payment_intent_id: UUID, *, user_id: UUID
    ) -> Sequence[ShownAttempt]:
        target = f"/v1/payment-intents/{payment_intent_id}/attempts"
        tried = await self._read(_AttemptsBody, "payment", target, _payer(user_id))
        return [ShownAttempt(**one.model_dump()) for one in tried.items]

    async def _read(self, wanted: type[Body], service: str, target: str, caller: Caller) -> Body:
        answer = await self._calls.call(service, "GET", target, caller=caller, headers={})
        if answer.status == 404:
            raise PaymentNotFound
        if answer.status != 200:
            raise UpstreamUnavailable(service)
        try:
            return wanted.model_validate_json(answer.body)
        except ValidationError as error:
            raise UpstreamUnavailable(service) from error


def _payer(user_id: UUID) -> Caller:
    return Caller(subject=str(user_id), kind="user", scopes=frozenset({"payment.read"}))
