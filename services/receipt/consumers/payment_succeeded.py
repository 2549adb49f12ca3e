from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.fee import FeeLine, PaidFee
from services.receipt.use_cases.receipts.number_receipts import Paid


class PaidLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    line_code: str
    name: str
    kind: str
    quantity: int = 1
    amount_minor_units: int
    legal_basis: str = ""
    agency_code: str | None = None


class PaymentSucceeded(EventData):
    """What we read of payment.succeeded.v1; fields we do not name are ignored."""

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None = None
    procedure_code: str | None
    procedure_name: str | None
    agency_code: str
    client_id: str
    amount_minor_units: int
    currency: str
    method: str
    provider: str
    provider_reference: str
    paid_at: datetime
    lines: Sequence[PaidLine]
    payer_sealed: str

    def to_fee(self) -> PaidFee:
        return PaidFee(
            payment_intent_id=self.payment_intent_id,
            dossier_id=self.dossier_id,
            dossier_code=self.dossier_code,
            reference=self.reference,
            procedure_code=self.procedure_code,
            procedure_name=self.procedure_name,
            agency_code=self.agency_code,
            client_id=self.client_id,
            amount=Money(self.amount_minor_units, self.currency),
            method=self.method,
            provider=self.provider,
            provider_reference=self.provider_reference,
            paid_at=self.paid_at,
            lines=tuple(
                FeeLine(
                    line_code=line.line_code,
                    name=line.name,
                    kind=line.kind,
                    quantity=line.quantity,
                    amount=Money(line.amount_minor_units, self.currency),
                    legal_basis=line.legal_basis,
                    agency_code=line.agency_code or self.agency_code,
                )
                for line in self.lines
            ),
            payer_sealed=self.payer_sealed,
        )


async def on_payment_succeeded(event: Envelope[PaymentSucceeded], tools: Tools) -> None:
    await tools.issuing.ask(Paid(fee=event.data.to_fee(), caused_by=event.id))
