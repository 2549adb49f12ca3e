"""The receipt service, as the public look-up page needs it: asked as anybody may ask it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from chassis.auth import Caller
from chassis.canonical import canonical_json
from chassis.money import Money
from gateway.domain.checks.errors import ChecksAreBusy
from gateway.domain.checks.question import ByAmount, Question
from gateway.domain.checks.receipt_found import (
    CheckedFile,
    CheckedItem,
    CheckedReceipt,
    FoundLine,
    FoundReceipt,
    LinkedReceipt,
)
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import UpstreamAnswer
from gateway.providers.service_calls import ServiceCalls

SERVICE: Final = "receipt"
ANYBODY: Final = Caller(subject="public", kind="public")
LOOKUPS: Final = "/v1/receipt-lookups"
FILES: Final = "/v1/receipt-checks"
AS_JSON: Final[Mapping[str, str]] = {"content-type": "application/json"}
AS_BYTES: Final[Mapping[str, str]] = {"content-type": "application/octet-stream"}


class _AmountBody(BaseModel):
    amount: int
    currency: str

    def to_money(self) -> Money:
        return Money(self.amount, self.currency)


class _NameBody(BaseModel):
    name: str


class _LineBody(BaseModel):
    name: str
    quantity: int
    amount: _AmountBody


class _LinkedBody(BaseModel):
    relation: str
    form_code: str
    symbol: str
    printed_number: str


class _RefundBody(BaseModel):
    amount: _AmountBody


class _FoundBody(BaseModel):
    form_code: str
    symbol: str
    printed_number: str
    kind: str
    agency: _NameBody
    payer_masked: str
    amount: _AmountBody
    amount_in_words: str
    lines: list[_LineBody]
    numbered_at: datetime
    issued_at: datetime | None
    signed_by: str | None
    xml_path: str | None
    pdf_path: str | None
    standing: str
    linked: list[_LinkedBody]
    refund: _RefundBody | None

    def to_found(self) -> FoundReceipt:
        plain = self.model_dump(exclude={"agency", "amount", "lines", "linked", "refund"})
        return FoundReceipt(
            **plain,
            agency_name=self.agency.name,
            amount=self.amount.to_money(),
            lines=tuple(
                FoundLine(name=one.name, quantity=one.quantity, amount=one.amount.to_money())
                for one in self.lines
            ),
            linked=_links(self.linked),
            refunded=self.refund.amount.to_money() if self.refund else None,
        )


class _ItemBody(BaseModel):
    name: str
    valid: bool
    detail: str


class _SignaturesBody(BaseModel):
    valid: bool | None
    items: list[_ItemBody]


class _CheckedReceiptBody(BaseModel):
    form_code: str
    symbol: str
    printed_number: str
    kind: str
    agency: _NameBody
    amount: _AmountBody
    issued_at: datetime | None
    standing: str
    linked: list[_LinkedBody]

    def to_checked(self) -> CheckedReceipt:
        return CheckedReceipt(
            **self.model_dump(exclude={"agency", "amount", "linked"}),
            agency_name=self.agency.name,
            amount=self.amount.to_money(),
            linked=_links(self.linked),
        )


class _FileBody(BaseModel):
    form: str
    sha256: str
    origin: str
    signatures: _SignaturesBody
    receipt: _CheckedReceiptBody | None

    def to_checked(self) -> CheckedFile:
        return CheckedFile(
            form=self.form,
            sha256=self.sha256,
            origin=self.origin,
            signed_well=self.signatures.valid,
            items=tuple(CheckedItem(**one.model_dump()) for one in self.signatures.items),
            receipt=self.receipt.to_checked() if self.receipt else None,
        )


Body = TypeVar("Body", bound=BaseModel)


class ReceiptLookups:
    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    async def find(self, question: Question) -> FoundReceipt | None:
        if isinstance(question, ByAmount):
            body = canonical_json({"code": question.code, "amount": question.amount})
            answer = await self._post(LOOKUPS, body, AS_JSON)
        else:
            asked = {
                "form_code": question.form_code,
                "symbol": question.symbol,
                "number": question.number,
                "code": question.code,
            }
            answer = await self._calls.call(
                SERVICE, "GET", f"{LOOKUPS}?{urlencode(asked)}", caller=ANYBODY, headers={}
            )
        # 422: what no receipt can be called is no receipt either.
        if answer.status in (404, 422):
            return None
        return _read(_FoundBody, answer).to_found()

    async def check(self, file: bytes) -> CheckedFile | None:
        answer = await self._post(FILES, file, AS_BYTES)
        if answer.status in (413, 422):
            return None
        if answer.status == 503 and answer.header("retry-after"):
            raise ChecksAreBusy
        return _read(_FileBody, answer).to_checked()

    async def _post(self, target: str, body: bytes, headers: Mapping[str, str]) -> UpstreamAnswer:
        return await self._calls.call(
            SERVICE, "POST", target, caller=ANYBODY, headers=headers, body=body
        )


def _read(wanted: type[Body], answer: UpstreamAnswer) -> Body:
    if answer.status != 200:
        raise UpstreamUnavailable(SERVICE)
    try:
        return wanted.model_validate_json(answer.body)
    except ValidationError as error:
        raise UpstreamUnavailable(SERVICE) from error


def _links(bodies: list[_LinkedBody]) -> tuple[LinkedReceipt, ...]:
    return tuple(LinkedReceipt(**one.model_dump()) for one in bodies)
