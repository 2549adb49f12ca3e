from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from chassis.schemas import MoneyBody
from services.receipt.api.receipts.schemas import CodeAndName, LinkedBody, RefundedBody
from services.receipt.domain.checks.linked_receipt import LinkedReceipt
from services.receipt.domain.checks.shown_standing import ShownStanding, standing_of
from services.receipt.domain.checks.verdict import CheckItem, FileVerdict, Origin
from services.receipt.domain.receipts.receipt import Receipt

LOOKUP_CODE = r"^[A-Za-z0-9_-]{16,64}$"


class LookupQuestion(BaseModel):
    """In a body, because addresses are kept by browsers and proxies and the code is a secret."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=LOOKUP_CODE, description="The look-up code on the receipt")]
    amount: Annotated[
        int, Field(ge=1, le=10**15, description="What the receipt is for, in whole đồng")
    ]


class CheckItemBody(BaseModel):
    name: str
    valid: bool
    detail: str

    @classmethod
    def of(cls, item: CheckItem) -> Self:
        return cls(name=item.name, valid=item.valid, detail=item.detail)


class SignaturesBody(BaseModel):
    """`valid` is null when nobody could judge; then `judged` is false."""

    judged: bool
    valid: bool | None
    items: Sequence[CheckItemBody]


class CheckedReceiptBody(BaseModel):
    """The receipt that the file is of, as it stands today. No code, no payer."""

    form_code: str
    symbol: str
    printed_number: str
    kind: Literal["phi", "le_phi"]
    agency: CodeAndName
    amount: MoneyBody
    issued_at: datetime | None
    standing: ShownStanding
    linked: Sequence[LinkedBody]
    refund: RefundedBody | None

    @classmethod
    def of(cls, receipt: Receipt, linked: Sequence[LinkedReceipt]) -> Self:
        number, body = receipt.number, receipt.collecting_body
        return cls(
            form_code=number.series.form_code,
            symbol=number.series.symbol,
            printed_number=number.printed,
            kind=receipt.kind.value,
            agency=CodeAndName(code=body.agency_code, name=body.name),
            amount=MoneyBody.of(receipt.amount),
            issued_at=receipt.issued_at,
            standing=standing_of(receipt),
            linked=[LinkedBody.of(one) for one in linked],
            refund=RefundedBody.of(receipt),
        )


class FileVerdictBody(BaseModel):
    """`issued`: byte for byte a file of ours. `signed`: not kept here, yet whole and signed by
    somebody trusted. `unknown`: neither; `signatures` says why."""

    form: Literal["xml", "pdf"]
    sha256: str
    origin: Origin
    signatures: SignaturesBody
    receipt: CheckedReceiptBody | None

    @classmethod
    def of(cls, verdict: FileVerdict, linked: Sequence[LinkedReceipt]) -> Self:
        judged = verdict.signatures
        return cls(
            form=verdict.form.value,
            sha256=verdict.sha256,
            origin=verdict.origin,
            signatures=SignaturesBody(
                judged=judged.judged,
                valid=judged.valid,
                items=[CheckItemBody.of(one) for one in judged.items],
            ),
            receipt=CheckedReceiptBody.of(verdict.receipt, linked) if verdict.receipt else None,
        )
