"""A document as the lists and summaries have it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.receipt.domain.checks.shown_standing import ShownStanding, standing_of
from services.receipt.domain.receipts.receipt import CorrectedReceipt, Receipt
from services.receipt.domain.receipts.standing import ReceiptType


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: UUID
    agency_code: str
    form_code: str
    symbol: str
    number: int
    printed_number: str
    kind: str
    amount: int
    # What it adds to a sum.
    counted_amount: int
    type: ReceiptType
    corrects: CorrectedReceipt | None
    standing: ShownStanding
    numbered_at: datetime
    xml_sha256: str | None
    payment_intent_id: UUID
    dossier_code: str | None
    payer_sealed: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        series, fee = receipt.number.series, receipt.fee
        return cls(
            id=receipt.id,
            agency_code=series.agency_code,
            form_code=series.form_code,
            symbol=series.symbol,
            number=receipt.number.number,
            printed_number=receipt.number.printed,
            kind=receipt.kind.value,
            amount=receipt.amount.minor_units,
            counted_amount=receipt.counted_amount,
            type=receipt.type,
            corrects=receipt.corrects,
            standing=standing_of(receipt),
            numbered_at=receipt.numbered_at,
            xml_sha256=receipt.xml_sha256,
            payment_intent_id=fee.payment_intent_id,
            dossier_code=fee.dossier_code,
            payer_sealed=receipt.payer_sealed,
        )

    @property
    def place(self) -> tuple[str, str, int]:
        return self.form_code, self.symbol, self.number

    def said(self) -> dict[str, Any]:
        """For a summary, which names nobody who paid."""
        return self._correction() | {
            "amount": str(self.amount),
            "form_code": self.form_code,
            "kind": self.kind,
            "number": self.number,
            "numbered_at": self.numbered_at.isoformat(),
            "printed_number": self.printed_number,
            "standing": self.standing.value,
            "symbol": self.symbol,
            "xml_sha256": self.xml_sha256,
        }

    def _correction(self) -> dict[str, Any]:
        if self.corrects is None:
            return {}
        one = self.corrects
        return {
            "type": self.type.value,
            "corrects": f"{one.form_code} {one.symbol} {one.printed_number}",
        }
