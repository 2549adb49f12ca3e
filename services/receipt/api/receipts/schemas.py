from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from chassis.schemas import MoneyBody
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import FeeLine, PaidFee
from services.receipt.domain.receipts.masking import masked_name
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.refund_note import RefundState


class CodeAndName(BaseModel):
    code: str
    name: str


class AgencyBody(CodeAndName):
    address: str
    tax_code: str


class FeeLineBody(BaseModel):
    line_code: str
    name: str
    quantity: int
    amount: MoneyBody
    legal_basis: str

    @classmethod
    def of(cls, line: FeeLine) -> Self:
        return cls(
            line_code=line.line_code,
            name=line.name,
            quantity=line.quantity,
            amount=MoneyBody.of(line.amount),
            legal_basis=line.legal_basis,
        )


class RefundedBody(BaseModel):
    """Noted beside the receipt; the files stay as they were signed."""

    state: RefundState
    amount: MoneyBody
    refunded_at: datetime

    @classmethod
    def of(cls, receipt: Receipt) -> Self | None:
        state, refunded = receipt.refund_state, receipt.refunded
        if state is None or refunded is None:
            return None
        return cls(state=state, amount=MoneyBody.of(refunded.amount), refunded_at=refunded.at)


class ReceiptBody(BaseModel):
    """A receipt as its owner sees it. Who paid stands in the files alone."""

    id: UUID
    payment_intent_id: UUID
    # Null for a bill that is of no dossier; `reference` is then what its biller calls it.
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None
    procedure: CodeAndName | None
    agency: AgencyBody
    kind: Literal["phi", "le_phi"]
    form_code: str
    symbol: str
    number: int
    printed_number: str
    amount: MoneyBody
    amount_in_words: str
    lines: Sequence[FeeLineBody]
    part: int
    parts: int
    status: Literal["numbered", "issued"]
    numbered_at: datetime
    issued_at: datetime | None
    xml_sha256: str | None
    lookup_code: str
    refund: RefundedBody | None

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        fee, number, body = receipt.fee, receipt.number, receipt.collecting_body
        return cls(
            id=receipt.id,
            payment_intent_id=fee.payment_intent_id,
            dossier_id=fee.dossier_id,
            dossier_code=fee.dossier_code,
            reference=fee.reference,
            procedure=_procedure(fee),
            agency=AgencyBody(
                code=body.agency_code,
                name=body.name,
                address=body.address,
                tax_code=body.tax_code,
            ),
            kind=receipt.kind.value,
            form_code=number.series.form_code,
            symbol=number.series.symbol,
            number=number.number,
            printed_number=number.printed,
            amount=MoneyBody.of(receipt.amount),
            amount_in_words=amount_in_words(receipt.amount.minor_units),
            lines=[FeeLineBody.of(line) for line in receipt.lines],
            part=receipt.part,
            parts=receipt.parts,
            status=receipt.status.value,
            numbered_at=receipt.numbered_at,
            issued_at=receipt.issued_at,
            xml_sha256=receipt.xml_sha256,
            lookup_code=receipt.lookup_code,
            refund=RefundedBody.of(receipt),
        )


def _procedure(fee: PaidFee) -> CodeAndName | None:
    if fee.procedure_code is None:
        return None
    return CodeAndName(code=fee.procedure_code, name=fee.procedure_name or "")


class LookupBody(BaseModel):
    """What anybody who holds the code may see: enough to compare with a paper in hand."""

    form_code: str
    symbol: str
    number: int
    printed_number: str
    kind: Literal["phi", "le_phi"]
    agency: CodeAndName
    payer_masked: str
    amount: MoneyBody
    amount_in_words: str
    issued_at: datetime
    xml_sha256: str
    xml_path: str
    pdf_path: str
    state: Literal["issued", "partly_refunded", "refunded"]
    refund: RefundedBody | None

    @classmethod
    def of(cls, receipt: Receipt, *, payer_name: str) -> Self:
        number, body = receipt.number, receipt.collecting_body
        files = f"/v1/receipt-lookups/{receipt.lookup_code}"
        return cls(
            form_code=number.series.form_code,
            symbol=number.series.symbol,
            number=number.number,
            printed_number=number.printed,
            kind=receipt.kind.value,
            agency=CodeAndName(code=body.agency_code, name=body.name),
            payer_masked=masked_name(payer_name),
            amount=MoneyBody.of(receipt.amount),
            amount_in_words=amount_in_words(receipt.amount.minor_units),
            issued_at=receipt.require_issued(),
            xml_sha256=receipt.xml_sha256 or "",
            xml_path=f"{files}/xml",
            pdf_path=f"{files}/pdf",
            state=receipt.refund_state.value if receipt.refund_state else "issued",
            refund=RefundedBody.of(receipt),
        )
