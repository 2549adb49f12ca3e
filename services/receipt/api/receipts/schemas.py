from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel

from chassis.schemas import MoneyBody
from services.receipt.domain.checks.linked_receipt import LinkedReceipt, Relation
from services.receipt.domain.checks.shown_standing import ShownStanding, standing_of
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import FeeLine, PaidFee
from services.receipt.domain.receipts.masking import masked_name
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.refund_note import RefundState
from services.receipt.domain.receipts.standing import ReceiptType


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


class CorrectsBody(BaseModel):
    """The receipt that this one replaces or adjusts. An adjustment's amount is the difference."""

    id: UUID
    form_code: str
    symbol: str
    printed_number: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self | None:
        one = receipt.corrects
        if one is None:
            return None
        return cls(
            id=one.id,
            form_code=one.form_code,
            symbol=one.symbol,
            printed_number=one.printed_number,
        )


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
    # Null: the platform itself; else whoever numbered and signed it for the agency.
    issuer: str | None
    type: ReceiptType
    corrects: CorrectsBody | None
    standing: ShownStanding
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
            issuer=receipt.issuer,
            type=receipt.type,
            corrects=CorrectsBody.of(receipt),
            standing=standing_of(receipt),
            refund=RefundedBody.of(receipt),
        )


def _procedure(fee: PaidFee) -> CodeAndName | None:
    if fee.procedure_code is None:
        return None
    return CodeAndName(code=fee.procedure_code, name=fee.procedure_name or "")


class LinkedBody(BaseModel):
    """A document in the same chain of corrections; its code is on its own paper."""

    relation: Relation
    form_code: str
    symbol: str
    printed_number: str

    @classmethod
    def of(cls, linked: LinkedReceipt) -> Self:
        return cls(
            relation=linked.relation,
            form_code=linked.form_code,
            symbol=linked.symbol,
            printed_number=linked.printed_number,
        )


class LookupLineBody(BaseModel):
    name: str
    quantity: int
    amount: MoneyBody


# `state` says the same as `standing` in the words it began with. A reader who knows only those
# meets a replaced or cancelled receipt as a word it does not know, and never as "issued".
STATES: Final[Mapping[ShownStanding, str]] = {
    ShownStanding.BEING_SIGNED: "numbered",
    ShownStanding.VALID: "issued",
}


class LookupBody(BaseModel):
    """What anybody who holds the code may see: enough to compare with a paper in hand.

    What is null comes with the signature: until then `standing` is `being_signed`.
    """

    form_code: str
    symbol: str
    number: int
    printed_number: str
    kind: Literal["phi", "le_phi"]
    agency: CodeAndName
    payer_masked: str
    amount: MoneyBody
    amount_in_words: str
    lines: Sequence[LookupLineBody]
    numbered_at: datetime
    issued_at: datetime | None
    signed_by: str | None
    xml_sha256: str | None
    xml_path: str | None
    pdf_path: str | None
    standing: ShownStanding
    state: Literal[
        "numbered", "issued", "replaced", "adjusted", "cancelled", "partly_refunded", "refunded"
    ]
    linked: Sequence[LinkedBody]
    refund: RefundedBody | None

    @classmethod
    def of(
        cls,
        receipt: Receipt,
        *,
        payer_name: str,
        signed_by: str | None,
        linked: Sequence[LinkedReceipt],
    ) -> Self:
        number, body, standing = receipt.number, receipt.collecting_body, standing_of(receipt)
        signed = standing is not ShownStanding.BEING_SIGNED
        files = f"/v1/receipt-lookups/{receipt.lookup_code}"
        return cls.model_validate(
            {
                "form_code": number.series.form_code,
                "symbol": number.series.symbol,
                "number": number.number,
                "printed_number": number.printed,
                "kind": receipt.kind.value,
                "agency": CodeAndName(code=body.agency_code, name=body.name),
                "payer_masked": masked_name(payer_name),
                "amount": MoneyBody.of(receipt.amount),
                "amount_in_words": amount_in_words(receipt.amount.minor_units),
                "lines": [
                    LookupLineBody(
                        name=one.name, quantity=one.quantity, amount=MoneyBody.of(one.amount)
                    )
                    for one in receipt.lines
                ],
                "numbered_at": receipt.numbered_at,
                "issued_at": receipt.issued_at,
                "signed_by": signed_by,
                "xml_sha256": receipt.xml_sha256,
                "xml_path": f"{files}/xml" if signed else None,
                "pdf_path": f"{files}/pdf" if signed else None,
                "standing": standing,
                "state": STATES.get(standing, standing.value),
                "linked": [LinkedBody.of(one) for one in linked],
                "refund": RefundedBody.of(receipt),
            }
        )
