from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StrictInt

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.payment.consumers.tools import Tools
from services.payment.domain.intents.payment_intent import FeeKind, FeeLine, Payee, PaymentIntent
from services.payment.use_cases.intents.open_payment import open_payment


class RequestedLine(BaseModel):
    line_code: str
    name: str
    # The price of a service is no state fee: a dossier never asks for one.
    kind: Literal[FeeKind.PHI, FeeKind.LE_PHI]
    quantity: int
    amount_minor_units: StrictInt
    legal_basis: str


class RequestedPayee(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class FeeRequested(EventData):
    """What we read of dossier.fee_requested.v1."""

    fee_request_id: UUID
    dossier_id: UUID
    dossier_code: Annotated[str, Field(max_length=50)]
    procedure_code: Annotated[str, Field(max_length=50)]
    procedure_name: str
    agency_code: Annotated[str, Field(max_length=50)]
    agency_name: str
    client_id: Annotated[str, Field(max_length=100)]
    lines: list[RequestedLine]
    amount_minor_units: StrictInt
    currency: Annotated[str, Field(pattern="^VND$")]
    payee: RequestedPayee
    payer_sealed: str
    due_at: AwareDatetime


async def on_fee_requested(event: Envelope[FeeRequested], tools: Tools) -> None:
    """A fee that a dossier asks for becomes an obligation to collect, under the same id."""
    fee = event.data
    await open_payment(
        PaymentIntent(
            id=fee.fee_request_id,
            dossier_id=fee.dossier_id,
            dossier_code=fee.dossier_code,
            procedure_code=fee.procedure_code,
            procedure_name=fee.procedure_name,
            agency_code=fee.agency_code,
            agency_name=fee.agency_name,
            client_id=fee.client_id,
            lines=tuple(_line(line, fee.currency) for line in fee.lines),
            amount=Money(fee.amount_minor_units, fee.currency),
            payee=Payee(
                bank_bin=fee.payee.bank_bin,
                account_number=fee.payee.account_number,
                account_name=fee.payee.account_name,
            ),
            payer_sealed=fee.payer_sealed,
            created_at=event.time,
            expires_at=fee.due_at,
        ),
        lifetime=tools.intent_lifetime,
        caused_by=event.id,
        uow=tools.open_uow(),
        clock=tools.clock,
    )


def _line(line: RequestedLine, currency: str) -> FeeLine:
    return FeeLine(
        line_code=line.line_code,
        name=line.name,
        kind=line.kind,
        quantity=line.quantity,
        amount=Money(line.amount_minor_units, currency),
        legal_basis=line.legal_basis,
    )
