from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.payment.domain.discrepancies.discrepancy import OwnerRole
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.day import SettlementDay
from services.payment.domain.settlements.difference import (
    Difference,
    DifferenceKind,
    DifferenceState,
    DifferenceStep,
    OursKind,
    Side,
    Step,
)
from services.payment.domain.settlements.file import FileFormat, FileState, SettlementFile
from services.payment.domain.settlements.remittance import Remittance, RemittanceStatus
from services.payment.domain.settlements.row import BadLine, BadLineReason
from services.payment.use_cases.settlements.reconcile_provider import Reconciled

ProviderName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
Reason = Annotated[str, Field(min_length=5, max_length=1000)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DayOfProviderBody(_Given):
    provider: ProviderName
    on: date


class ReasonBody(_Given):
    reason: Reason


class SendBody(_Given):
    bank_bin: Annotated[str, Field(pattern=r"^[0-9]{3,8}$")]
    account_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,30}$")]

    def to_account(self) -> BankAccount:
        return BankAccount(self.bank_bin, self.account_number)


class ConfirmBody(_Given):
    treasury_reference: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]


class SettlementFileBody(BaseModel):
    id: UUID
    provider: str
    format: FileFormat
    name: str
    sha256: str
    size_bytes: int
    signed: bool
    state: FileState
    lines_read: int
    rows: int
    bad_lines: int
    refusal: str | None
    period_first: date | None
    period_last: date | None
    loaded_by: str
    started_at: datetime
    loaded_at: datetime | None

    @classmethod
    def of(cls, file: SettlementFile) -> Self:
        return cls(
            id=file.id,
            provider=file.provider,
            format=file.format,
            name=file.name,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            signed=file.signed_by is not None,
            state=file.state,
            lines_read=file.lines_read,
            rows=file.rows,
            bad_lines=file.bad_lines,
            refusal=file.refusal,
            period_first=file.period.first if file.period else None,
            period_last=file.period.last if file.period else None,
            loaded_by=file.loaded_by,
            started_at=file.started_at,
            loaded_at=file.loaded_at,
        )


class BadLineBody(BaseModel):
    line: int
    reason: BadLineReason
    raw: Annotated[str, Field(description="As UTF-8; bytes that are none are shown escaped.")]

    @classmethod
    def of(cls, bad: BadLine) -> Self:
        return cls(
            line=bad.line, reason=bad.reason, raw=bad.raw.decode("utf-8", "backslashreplace")
        )


class RunBody(BaseModel):
    provider: str
    on: date
    files: Annotated[int, Field(description="How many were matched for the first time.")]
    opened: int
    explained: int
    still_open: int

    @classmethod
    def of(cls, run: Reconciled) -> Self:
        return cls(
            provider=run.provider,
            on=run.on,
            files=run.files,
            opened=run.opened,
            explained=run.explained,
            still_open=run.still_open,
        )


class SideBody(BaseModel):
    amount: int | None
    currency: str | None
    status: str | None
    fee: int | None

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(amount=side.amount, currency=side.currency, status=side.status, fee=side.fee)


class DifferenceBody(BaseModel):
    id: UUID
    provider: str
    on: date
    kind: DifferenceKind
    state: DifferenceState
    provider_reference: str
    theirs: SideBody
    ours: SideBody
    ours_kind: OursKind | None
    ours_id: UUID | None
    agency_code: str | None
    file_id: UUID | None
    line: int | None
    owner_role: OwnerRole
    found_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, found: Difference) -> Self:
        subject = found.subject
        return cls(
            id=found.id,
            provider=subject.provider,
            on=subject.on,
            kind=found.kind,
            state=found.state,
            provider_reference=subject.provider_reference,
            theirs=SideBody.of(found.theirs),
            ours=SideBody.of(found.ours),
            ours_kind=subject.ours_kind,
            ours_id=subject.ours_id,
            agency_code=subject.agency_code,
            file_id=subject.file_id,
            line=subject.line,
            owner_role=found.owner_role,
            found_at=found.found_at,
            due_at=found.due_at,
        )


class StepBody(BaseModel):
    step: Step
    by: str | None
    reason: str | None
    at: datetime
    theirs_amount: int | None
    theirs_status: str | None
    ours_amount: int | None
    ours_status: str | None

    @classmethod
    def of(cls, step: DifferenceStep) -> Self:
        return cls(
            step=step.step,
            by=step.by,
            reason=step.reason,
            at=step.at,
            theirs_amount=step.theirs.amount,
            theirs_status=step.theirs.status,
            ours_amount=step.ours.amount,
            ours_status=step.ours.status,
        )


class DifferenceHistoryBody(BaseModel):
    difference: DifferenceBody
    history: list[StepBody]


class SettlementDayBody(BaseModel):
    id: UUID
    provider: str
    on: date
    payments: int
    payments_amount: int
    refunds: int
    refunds_amount: int
    fees: int
    currency: str
    differences_signed_off: int
    closed_by: str
    closed_at: datetime

    @classmethod
    def of(cls, day: SettlementDay) -> Self:
        totals = day.totals
        return cls(
            id=day.id,
            provider=day.provider,
            on=day.on,
            payments=totals.payments,
            payments_amount=totals.payments_minor_units,
            refunds=totals.refunds,
            refunds_amount=totals.refunds_minor_units,
            fees=totals.fees_minor_units,
            currency=totals.currency,
            differences_signed_off=day.differences_signed_off,
            closed_by=day.closed_by,
            closed_at=day.closed_at,
        )


class DoneBody(BaseModel):
    step: RemittanceStatus
    by: str
    at: datetime


class RemittanceBody(BaseModel):
    id: UUID
    agency_code: str
    kind: FeeKind
    number: int
    amount: int
    currency: str
    status: RemittanceStatus
    done: list[DoneBody]
    treasury_reference: str | None
    cancel_reason: str | None

    @classmethod
    def of(cls, remittance: Remittance) -> Self:
        return cls(
            id=remittance.id,
            agency_code=remittance.agency_code,
            kind=remittance.kind,
            number=remittance.number,
            amount=remittance.amount.minor_units,
            currency=remittance.amount.currency,
            status=remittance.status,
            done=[
                DoneBody(step=step, by=done.by, at=done.at)
                for step, done in remittance.done.items()
            ],
            treasury_reference=remittance.treasury_reference,
            cancel_reason=remittance.cancel_reason,
        )


class RemittancesBody(BaseModel):
    items: list[RemittanceBody]
