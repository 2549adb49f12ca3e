from datetime import date, time
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from chassis.money import Money
from chassis.schemas import MoneyBody
from services.catalog.domain.agency import Agency
from services.catalog.domain.fee_line import Channel, FeeKind, FeeLine, PayerType, Unit
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.payment_method import (
    FeeBearer,
    PaymentMethodNotice,
    Place,
)
from services.catalog.domain.procedure import DayKind, Level, Procedure


class CollectionAccountBody(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class AgencyBody(BaseModel):
    code: str
    name: str
    address: str
    tax_code: str
    phone: str | None
    collection_account: CollectionAccountBody
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, agency: Agency) -> Self:
        account = agency.collection_account
        return cls(
            code=agency.code,
            name=agency.name,
            address=agency.address,
            tax_code=agency.tax_code,
            phone=agency.phone,
            collection_account=CollectionAccountBody(
                bank_bin=account.bank_bin,
                account_number=account.account_number,
                account_name=account.account_name,
            ),
            valid_from=agency.period.valid_from,
            valid_to=agency.period.valid_to,
        )


class ProcedureBody(BaseModel):
    """`processing_days` 0 is the same day, null by case. `valid_to` is the last day it holds."""

    code: str
    name: str
    agency_codes: list[str]
    level: Level
    processing_days: int | None
    processing_day_kind: DayKind
    illustrative: bool
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, procedure: Procedure) -> Self:
        return cls(
            code=procedure.code,
            name=procedure.name,
            agency_codes=list(procedure.agency_codes),
            level=procedure.level,
            processing_days=procedure.processing_days,
            processing_day_kind=procedure.processing_day_kind,
            illustrative=procedure.illustrative,
            valid_from=procedure.period.valid_from,
            valid_to=procedure.period.valid_to,
        )


class TierBody(BaseModel):
    """The price of each unit up to and including `up_to`; null is all the rest."""

    up_to: int | None
    unit_amount: MoneyBody


class ExemptionBody(BaseModel):
    group_code: str
    name: str
    percent: int


class FeeLineBody(BaseModel):
    line_code: str
    name: str
    kind: FeeKind
    case_code: str
    case_name: str
    payer_type: PayerType
    channel: Channel
    unit: Unit
    tiers: list[TierBody]
    cap: MoneyBody | None
    legal_basis: str
    exemptions: list[ExemptionBody]
    illustrative: bool

    @classmethod
    def of(cls, line: FeeLine) -> Self:
        return cls(
            line_code=line.line_code,
            name=line.name,
            kind=line.kind,
            case_code=line.case_code,
            case_name=line.case_name,
            payer_type=line.payer_type,
            channel=line.channel,
            unit=line.unit,
            tiers=[
                TierBody(
                    up_to=tier.up_to,
                    unit_amount=_money(tier.unit_amount_minor_units, line.currency),
                )
                for tier in line.tiers
            ],
            cap=None
            if line.cap_minor_units is None
            else _money(line.cap_minor_units, line.currency),
            legal_basis=line.legal_basis,
            exemptions=[
                ExemptionBody(group_code=one.group_code, name=one.name, percent=one.percent)
                for one in line.exemptions
            ],
            illustrative=line.illustrative,
        )


class FeesBody(BaseModel):
    """The fees that hold `on` the day asked for."""

    procedure_code: str
    on: date
    schedule_id: UUID
    valid_from: date
    valid_to: date | None
    lines: list[FeeLineBody]
    explanation_vi: str
    explanation_en: str

    @classmethod
    def of(cls, schedule: FeeSchedule, *, on: date) -> Self:
        return cls(
            procedure_code=schedule.procedure_code,
            on=on,
            schedule_id=schedule.id,
            valid_from=schedule.period.valid_from,
            valid_to=schedule.period.valid_to,
            lines=[FeeLineBody.of(line) for line in schedule.lines],
            explanation_vi=schedule.explanation_vi,
            explanation_en=schedule.explanation_en,
        )


class BrandBody(BaseModel):
    """A bank or card scheme that takes part; `bin` is how the interbank network calls a bank."""

    code: str
    name: str
    bin: str | None


class OpeningBody(BaseModel):
    """From `opens` until `closes`, in Vietnam's time, on these weekdays; 1 is Monday."""

    days: list[int]
    opens: time
    closes: time


class PaymentMethodBody(BaseModel):
    """`limit` null: only the payer's bank limits. No `openings`: at any time that `hours` says.

    `illustrative`: the figures are samples, until a contract with a provider names them.
    """

    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: FeeBearer
    limit: MoneyBody | None
    minimum: MoneyBody | None
    hours: str
    openings: list[OpeningBody]
    places: list[Place]
    brands: list[BrandBody]
    illustrative: bool

    @classmethod
    def of(cls, method: PaymentMethodNotice) -> Self:
        limit, minimum = method.limit_minor_units, method.minimum_minor_units
        return cls(
            code=method.code,
            name_vi=method.name_vi,
            name_en=method.name_en,
            explanation_vi=method.explanation_vi,
            explanation_en=method.explanation_en,
            fee_bearer=method.fee_bearer,
            limit=None if limit is None else _money(limit, method.currency),
            minimum=None if minimum is None else _money(minimum, method.currency),
            hours=method.hours,
            openings=[
                OpeningBody(days=list(one.days), opens=one.opens, closes=one.closes)
                for one in method.openings
            ],
            places=list(method.places),
            brands=[BrandBody(code=one.code, name=one.name, bin=one.bin) for one in method.brands],
            illustrative=method.illustrative,
        )


class PaymentMethodsBody(BaseModel):
    items: list[PaymentMethodBody]


def _money(minor_units: int, currency: str) -> MoneyBody:
    return MoneyBody.of(Money(minor_units, currency))
