"""What the receipt house announces."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from chassis.events import EventData
from services.receipt.domain.receipts.receipt import Receipt


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
        issued_at = receipt.require_issued()
        return cls(
            receipt_id=receipt.id,
            payment_intent_id=receipt.fee.payment_intent_id,
            dossier_id=receipt.fee.dossier_id,
            dossier_code=receipt.fee.dossier_code,
            reference=receipt.fee.reference,
            client_id=receipt.fee.client_id,
            agency_code=receipt.collecting_body.agency_code,
            kind=receipt.kind,
            form_code=receipt.number.series.form_code,
            symbol=receipt.number.series.symbol,
            number=receipt.number.number,
            printed_number=receipt.number.printed,
            amount_minor_units=receipt.amount.minor_units,
            currency=receipt.amount.currency,
            issued_at=issued_at,
            xml_sha256=receipt.xml_sha256 or "",
            lookup_code=receipt.lookup_code,
            part=receipt.part,
            parts=receipt.parts,
            payer_sealed=receipt.payer_sealed,
        )
