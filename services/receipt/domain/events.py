"""What the receipt house announces."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from chassis.events import EventData
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.standing import ReceiptType


class ReceiptIssuedV1(EventData):
    type: ClassVar[str] = "receipt.issued.v1"

    receipt_id: UUID
    payment_intent_id: UUID
    # Null for a bill that is of no dossier; `reference` is then what its biller calls it.
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None
    client_id: str
    agency_code: str
    kind: str
    form_code: str
    symbol: str
    number: int
    printed_number: str
    amount_minor_units: int
    currency: str
    issued_at: datetime
    xml_sha256: str
    lookup_code: str
    part: int
    parts: int
    payer_sealed: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls.model_validate(_issued(receipt))


class _CorrectionV1(ReceiptIssuedV1):
    """A receipt of its own, about the one that it names. Why, only people read."""

    # What the two below have in common is no event by itself.
    type: ClassVar[str] = ""

    correction: str
    corrects_id: UUID
    corrects_form_code: str
    corrects_symbol: str
    corrects_printed_number: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        corrects = receipt.corrects
        assert corrects is not None, "only a correction corrects"
        return cls.model_validate(
            _issued(receipt)
            | {
                "correction": receipt.type.value,
                "corrects_id": corrects.id,
                "corrects_form_code": corrects.form_code,
                "corrects_symbol": corrects.symbol,
                "corrects_printed_number": corrects.printed_number,
            }
        )


class ReceiptReplacedV1(_CorrectionV1):
    """The one that it names does not count any more."""

    type: ClassVar[str] = "receipt.replaced.v1"


class ReceiptAdjustedV1(_CorrectionV1):
    """It is read beside the one that it names."""

    type: ClassVar[str] = "receipt.adjusted.v1"


class ReceiptCancelledV1(EventData):
    type: ClassVar[str] = "receipt.cancelled.v1"

    receipt_id: UUID
    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None
    client_id: str
    agency_code: str
    kind: str
    form_code: str
    symbol: str
    printed_number: str
    amount_minor_units: int
    currency: str
    cancelled_at: datetime
    payer_sealed: str

    @classmethod
    def of(cls, receipt: Receipt, *, at: datetime) -> Self:
        fee, series = receipt.fee, receipt.number.series
        return cls(
            receipt_id=receipt.id,
            payment_intent_id=fee.payment_intent_id,
            dossier_id=fee.dossier_id,
            dossier_code=fee.dossier_code,
            reference=fee.reference,
            client_id=fee.client_id,
            agency_code=receipt.collecting_body.agency_code,
            kind=receipt.kind,
            form_code=series.form_code,
            symbol=series.symbol,
            printed_number=receipt.number.printed,
            amount_minor_units=receipt.amount.minor_units,
            currency=receipt.amount.currency,
            cancelled_at=at,
            payer_sealed=receipt.payer_sealed,
        )


def announcement_of(receipt: Receipt) -> ReceiptIssuedV1:
    """What is said once its signed form is stored."""
    match receipt.type:
        case ReceiptType.ORIGINAL:
            return ReceiptIssuedV1.of(receipt)
        case ReceiptType.REPLACEMENT:
            return ReceiptReplacedV1.of(receipt)
        case _:
            return ReceiptAdjustedV1.of(receipt)


def _issued(receipt: Receipt) -> dict[str, Any]:
    return {
        "receipt_id": receipt.id,
        "payment_intent_id": receipt.fee.payment_intent_id,
        "dossier_id": receipt.fee.dossier_id,
        "dossier_code": receipt.fee.dossier_code,
        "reference": receipt.fee.reference,
        "client_id": receipt.fee.client_id,
        "agency_code": receipt.collecting_body.agency_code,
        "kind": receipt.kind,
        "form_code": receipt.number.series.form_code,
        "symbol": receipt.number.series.symbol,
        "number": receipt.number.number,
        "printed_number": receipt.number.printed,
        "amount_minor_units": receipt.amount.minor_units,
        "currency": receipt.amount.currency,
        "issued_at": receipt.require_issued(),
        "xml_sha256": receipt.xml_sha256 or "",
        "lookup_code": receipt.lookup_code,
        "part": receipt.part,
        "parts": receipt.parts,
        "payer_sealed": receipt.payer_sealed,
    }
