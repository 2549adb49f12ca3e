from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from chassis.money import Money
from chassis.schemas import MoneyBody
from services.receipt.domain.checks.shown_standing import ShownStanding
from services.receipt.domain.reports.entry import Entry
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.reports.summary import Summary, SummaryState
from services.receipt.domain.reports.usage import SeriesUsage


class EntryBody(BaseModel):
    """A receipt in the register. `payer` is in initials unless the caller may know the name."""

    id: UUID
    agency_code: str
    form_code: str
    symbol: str
    number: int
    printed_number: str
    kind: str
    amount: MoneyBody
    standing: ShownStanding
    numbered_at: datetime
    xml_sha256: str | None
    payment_intent_id: UUID
    dossier_code: str | None
    payer: str

    @classmethod
    def of(cls, entry: Entry, payer: str) -> Self:
        return cls(
            id=entry.id,
            agency_code=entry.agency_code,
            form_code=entry.form_code,
            symbol=entry.symbol,
            number=entry.number,
            printed_number=entry.printed_number,
            kind=entry.kind,
            amount=MoneyBody.of(Money(entry.amount)),
            standing=entry.standing,
            numbered_at=entry.numbered_at,
            xml_sha256=entry.xml_sha256,
            payment_intent_id=entry.payment_intent_id,
            dossier_code=entry.dossier_code,
            payer=payer,
        )


class NumberBookBody(BaseModel):
    agency_code: str
    form_code: str
    symbol: str
    day: date
    first: int
    last: int
    count: int
    amount: int
    sha256: str
    previous_sha256: str | None
    drawn_up_at: datetime

    @classmethod
    def of(cls, book: NumberBook) -> Self:
        return cls(
            agency_code=book.series.agency_code,
            form_code=book.series.form_code,
            symbol=book.series.symbol,
            day=book.day,
            first=book.first,
            last=book.last,
            count=book.count,
            amount=book.amount,
            sha256=book.sha256,
            previous_sha256=book.previous_sha256,
            drawn_up_at=book.drawn_up_at,
        )


class SummaryBody(BaseModel):
    """A version of a day's summary. Nothing is sent anywhere by drawing it up."""

    agency_code: str
    day: date
    version: int
    state: SummaryState
    documents: int
    amount: int
    sha256: str
    drawn_up_at: datetime
    drawn_up_by: str

    @classmethod
    def of(cls, summary: Summary) -> Self:
        return cls(
            agency_code=summary.agency_code,
            day=summary.day,
            version=summary.version,
            state=summary.state,
            documents=summary.documents,
            amount=summary.amount,
            sha256=summary.sha256,
            drawn_up_at=summary.drawn_up_at,
            drawn_up_by=summary.drawn_up_by,
        )


class SeriesUsageBody(BaseModel):
    form_code: str
    symbol: str
    opened: bool
    first: int
    last: int
    count: int
    amount: int
    cancelled: int
    replaced: int

    @classmethod
    def of(cls, usage: SeriesUsage) -> Self:
        return cls(
            form_code=usage.series.form_code,
            symbol=usage.series.symbol,
            opened=usage.opened,
            first=usage.first,
            last=usage.last,
            count=usage.count,
            amount=usage.amount,
            cancelled=usage.cancelled,
            replaced=usage.replaced,
        )
