from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.schemas import AMOUNT_MAX
from services.receipt.api.outside.schemas import Line
from services.receipt.domain.receipts.fee import Delegate
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.life import Closing, SeriesLife, SeriesState
from services.receipt.domain.series.registration import (
    Contact,
    Registration,
    RegistrationContent,
    RegistrationKind,
    RegistrationState,
    Sending,
    SigningCertificate,
    TaxOffice,
)
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.use_cases.series.plan_series import SeriesPlan

AgencyCode = Annotated[str, Field(min_length=1, max_length=32)]
FormCode = Annotated[str, Field(min_length=1, max_length=10, examples=["01BLP0-001"])]
TaxCode = Annotated[str, StringConstraints(pattern=r"^\d{10}(-\d{3})?$")]
FORMS_MAX = 10


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SeriesNameBody(_Asked):
    agency_code: AgencyCode
    form_code: FormCode
    symbol: Annotated[str, Field(min_length=1, max_length=25, examples=["AA-26E"])]

    def to_series(self) -> ReceiptSeries:
        return ReceiptSeries(
            agency_code=self.agency_code, form_code=self.form_code, symbol=self.symbol
        )


class ClosingSeriesBody(SeriesNameBody):
    reason: Line


class SeriesPlanBody(_Asked):
    """`face_value`, in đồng, for forms 02… whose receipts have it printed."""

    agency_code: AgencyCode
    year: Annotated[int, Field(ge=2000, le=2099)]
    form_code: FormCode = "01BLP0-001"
    letters: Annotated[str, Field(min_length=2, max_length=2, examples=["KT"])]
    face_value: Annotated[int | None, Field(ge=1, le=AMOUNT_MAX)] = None

    def to_plan(self) -> SeriesPlan:
        return SeriesPlan(
            agency_code=self.agency_code,
            year=self.year,
            form_code=self.form_code,
            letters=self.letters,
            face_value=self.face_value,
        )


class SeriesBody(BaseModel):
    """A series that the platform numbers itself. `platform` in the place of a person is nobody's
    decision: the first receipt, the last number, the end of the year."""

    agency_code: str
    form_code: str
    symbol: str
    year: int
    face_value: int | None
    state: SeriesState
    last_number: int
    planned_at: datetime
    planned_by: str
    opened_at: datetime | None
    opened_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    closing: Closing | None
    reason: str | None

    @classmethod
    def of(cls, life: SeriesLife) -> Self:
        return cls(
            agency_code=life.series.agency_code,
            form_code=life.series.form_code,
            symbol=life.series.symbol,
            year=life.year,
            face_value=life.face_value,
            state=life.state,
            last_number=life.last_number,
            planned_at=life.planned_at,
            planned_by=life.planned_by,
            opened_at=life.opened_at,
            opened_by=life.opened_by,
            closed_at=life.closed_at,
            closed_by=life.closed_by,
            closing=life.closing,
            reason=life.reason,
        )


class TaxOfficeBody(_Asked):
    name: Line
    code: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]


class ContactBody(_Asked):
    name: Line
    address: Line
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+ ().-]{6,32}$")]
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


class CertificateBody(BaseModel):
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime


class RegistrationDraftBody(_Asked):
    """The certificates are those that sign for the agency now."""

    agency_code: AgencyCode
    kind: RegistrationKind
    agency_name: Line
    tax_code: TaxCode
    tax_office: TaxOfficeBody
    contact: ContactBody
    forms: Annotated[list[FormCode], Field(min_length=1, max_length=FORMS_MAX)]
    sending: Sending = Sending.DIRECT

    def to_content(self, certificates: tuple[SigningCertificate, ...]) -> RegistrationContent:
        return RegistrationContent(
            kind=self.kind,
            agency_name=self.agency_name,
            tax_code=self.tax_code,
            tax_office=TaxOffice(**self.tax_office.model_dump()),
            contact=Contact(**self.contact.model_dump()),
            forms=tuple(dict.fromkeys(self.forms)),
            sending=self.sending,
            certificates=certificates,
        )


class AnswerBody(_Asked):
    """`answer`: the number of the tax office's notice, or why it refused."""

    accepted: bool
    on: date
    answer: Line


class RegistrationBody(BaseModel):
    id: UUID
    agency_code: str
    state: RegistrationState
    kind: RegistrationKind
    forms: list[str]
    certificates: list[CertificateBody]
    drafted_at: datetime
    drafted_by: str
    submitted_on: date | None
    answered_on: date | None
    answer: str | None

    @classmethod
    def of(cls, one: Registration) -> Self:
        return cls(
            id=one.id,
            agency_code=one.agency_code,
            state=one.state,
            kind=one.content.kind,
            forms=list(one.content.forms),
            certificates=[
                CertificateBody(
                    issuer=each.issuer,
                    serial=each.serial,
                    valid_from=each.valid_from,
                    valid_to=each.valid_to,
                )
                for each in one.content.certificates
            ],
            drafted_at=one.drafted_at,
            drafted_by=one.drafted_by,
            submitted_on=one.submitted_on,
            answered_on=one.answered_on,
            answer=one.answer,
        )


class DelegateBody(_Asked):
    """`agency_code` when it is an agency here, and so signs with its own key."""

    name: Line
    tax_code: TaxCode
    address: Line
    agreement: Line
    agency_code: AgencyCode | None = None

    def to_delegate(self) -> Delegate:
        return Delegate(**self.model_dump())


class DelegationDraftBody(_Asked):
    agency_code: AgencyCode
    delegate: DelegateBody
    purpose: Line
    notified_on: date
    valid_from: date
    valid_to: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to must not be before valid_from")
        return self


class DelegationBody(DelegationDraftBody):
    id: UUID
    added_at: datetime
    added_by: str
    # The first day on which it is not in force any more, when it was ended.
    ended_on: date | None
    ended_by: str | None

    @classmethod
    def of(cls, one: Delegation) -> Self:
        return cls(
            id=one.id,
            agency_code=one.agency_code,
            delegate=DelegateBody.model_construct(
                name=one.delegate.name,
                tax_code=one.delegate.tax_code,
                address=one.delegate.address,
                agreement=one.delegate.agreement,
                agency_code=one.delegate.agency_code,
            ),
            purpose=one.purpose,
            notified_on=one.notified_on,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            added_at=one.added_at,
            added_by=one.added_by,
            ended_on=one.ended_on,
            ended_by=one.ended_by,
        )
