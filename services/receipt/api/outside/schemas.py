from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.schemas import MoneyBody
from services.receipt.domain.outside.finding import Finding, FindingReason
from services.receipt.domain.outside.issue import OrderState, OutsideIssue, Wanted
from services.receipt.domain.receipts.fee import Kind

# One line of text, with nothing in it that cannot be printed.
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+$"
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=LINE)
]


class OutsideIssueBody(BaseModel):
    """A receipt that an outside issuer was asked for. Who paid stands in its files alone."""

    id: UUID
    issuer: str
    key: str
    wanted: Wanted
    payment_intent_id: UUID
    dossier_code: str | None
    reference: str | None
    agency_code: str
    kind: Kind
    amount: MoneyBody
    state: OrderState
    tries: int
    due_at: datetime | None
    asked_at: datetime | None
    refusal: str | None
    form_code: str | None
    symbol: str | None
    printed_number: str | None
    receipt_id: UUID | None
    ordered_at: datetime

    @classmethod
    def of(cls, issue: OutsideIssue) -> Self:
        told = issue.told
        return cls(
            id=issue.id,
            issuer=issue.issuer,
            key=issue.key,
            wanted=issue.wanted,
            payment_intent_id=issue.fee.payment_intent_id,
            dossier_code=issue.fee.dossier_code,
            reference=issue.fee.reference,
            agency_code=issue.agency_code,
            kind=issue.kind,
            amount=MoneyBody.of(issue.amount),
            state=issue.state,
            tries=issue.tries,
            due_at=issue.due_at,
            asked_at=issue.asked_at,
            refusal=issue.refusal,
            form_code=told.form_code if told else None,
            symbol=told.symbol if told else None,
            printed_number=told.printed if told else None,
            receipt_id=issue.receipt_id,
            ordered_at=issue.ordered_at,
        )


class OutsideFindingBody(BaseModel):
    """What does not fit between our books and an issuer's."""

    id: UUID
    issuer: str
    reason: FindingReason
    subject: str
    detail: str
    agency_code: str | None
    outside_issue_id: UUID | None
    found_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            id=finding.id,
            issuer=finding.issuer,
            reason=finding.reason,
            subject=finding.subject,
            detail=finding.detail,
            agency_code=finding.agency_code,
            outside_issue_id=finding.issue_id,
            found_at=finding.found_at,
            closed_at=finding.closed_at,
            closed_by=finding.closed_by,
            note=finding.note,
        )


class PayerWordsBody(BaseModel):
    """Who paid, in words that the issuer takes; what is left out is left out of the receipt."""

    model_config = ConfigDict(extra="forbid")

    full_name: Line
    identity_number: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")] | None = None
    address: Line | None = None

    def to_secret(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class AskAgainBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payer: PayerWordsBody | None = None


class ClosingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Line
