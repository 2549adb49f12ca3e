from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from chassis.schemas import MoneyBody
from services.payment.domain.bills.bill_request import (
    DOSSIER_CODE_PATTERN,
    LINES_MAX,
    REFERENCE_PATTERN,
    BillRequest,
    RequestedLine,
    RequestedPayee,
    RequestedPayer,
)
from services.payment.domain.bills.texts import one_line
from services.payment.domain.intents.payment_intent import FeeKind

Code = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(one_line)]
Words = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(one_line)]
Reference = Annotated[str, Field(pattern=REFERENCE_PATTERN, examples=["HP-2026/11-000123"])]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BillLineBody(_Asked):
    """`agency_code` where the line is another agency's: one payment, split between several."""

    line_code: Code
    name: Words
    kind: FeeKind
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    amount: MoneyBody
    legal_basis: Words
    agency_code: Code | None = None

    def to_line(self) -> RequestedLine:
        return RequestedLine(
            line_code=self.line_code,
            name=self.name,
            kind=self.kind,
            quantity=self.quantity,
            amount=self.amount.to_money(),
            legal_basis=self.legal_basis,
            agency_code=self.agency_code,
        )


class BillPayerBody(_Asked):
    """Who owes it; whoever scans the code may pay. Kept sealed, and shown on the receipt alone."""

    full_name: Words
    identity_number: Code | None = None
    tax_code: Code | None = None
    address: Words | None = None
    email: Words | None = None
    phone: Code | None = None

    def to_payer(self) -> RequestedPayer:
        return RequestedPayer(**self.model_dump())


class BillPayeeBody(_Asked):
    bank_bin: Annotated[str, Field(pattern="^[0-9]{6,8}$")]
    account_number: Annotated[str, Field(pattern="^[A-Za-z0-9]{1,19}$")]


class OpenBillBody(_Asked):
    """`reference` is your own name for the bill, printed on it and used once.

    `amount` and `payee` may be left out; said, they must be the sum of the lines and the account
    that the agency published.
    """

    reference: Reference
    agency_code: Code
    lines: Annotated[list[BillLineBody], Field(min_length=1, max_length=LINES_MAX)]
    payer: BillPayerBody
    due_at: AwareDatetime
    amount: MoneyBody | None = None
    payee: BillPayeeBody | None = None
    dossier_id: UUID | None = None
    dossier_code: Annotated[str, Field(pattern=DOSSIER_CODE_PATTERN)] | None = None

    def to_request(self, client_id: str) -> BillRequest:
        return BillRequest(
            client_id=client_id,
            reference=self.reference,
            agency_code=self.agency_code,
            lines=tuple(line.to_line() for line in self.lines),
            payer=self.payer.to_payer(),
            due_at=self.due_at,
            amount=self.amount.to_money() if self.amount else None,
            payee=RequestedPayee(**self.payee.model_dump()) if self.payee else None,
            dossier_id=self.dossier_id,
            dossier_code=self.dossier_code,
        )
