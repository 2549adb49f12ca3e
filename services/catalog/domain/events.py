"""What the catalogue announces. A published version is never edited: a new shape is a v2."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import EventData
from services.catalog.domain.agency import Agency
from services.catalog.domain.fee_line import FeeLine
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.payment_method import Brand, Opening, PaymentMethodNotice
from services.catalog.domain.procedure import Procedure


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class CollectionAccountPart(_Part):
    bank_bin: str
    account_number: str
    account_name: str


class AgencyPublishedV1(EventData):
    type: ClassVar[str] = "agency.published.v1"

    agency_code: str
    name: str
    address: str
    tax_code: str
    phone: str | None
    collection_account: CollectionAccountPart
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, agency: Agency) -> Self:
        account = agency.collection_account
        return cls(
            agency_code=agency.code,
            name=agency.name,
            address=agency.address,
            tax_code=agency.tax_code,
            phone=agency.phone,
            collection_account=CollectionAccountPart(
                bank_bin=account.bank_bin,
                account_number=account.account_number,
                account_name=account.account_name,
            ),
            valid_from=agency.period.valid_from,
            valid_to=agency.period.valid_to,
        )


class ProcedurePublishedV1(EventData):
    type: ClassVar[str] = "procedure.published.v1"

    procedure_code: str
    name: str
    agency_codes: tuple[str, ...]
    level: str
    processing_days: int | None
    processing_day_kind: str
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, procedure: Procedure) -> Self:
        return cls(
            procedure_code=procedure.code,
            name=procedure.name,
            agency_codes=procedure.agency_codes,
            level=procedure.level,
            processing_days=procedure.processing_days,
            processing_day_kind=procedure.processing_day_kind,
            valid_from=procedure.period.valid_from,
            valid_to=procedure.period.valid_to,
        )


class TierPart(_Part):
    up_to: int | None
    unit_amount_minor_units: int


class ExemptionPart(_Part):
    group_code: str
    name: str
    percent: int


class FeeLinePart(_Part):
    line_code: str
    name: str
    kind: str
    case_code: str
    case_name: str
    payer_type: str
    channel: str
    unit: str
    tiers: tuple[TierPart, ...]
    cap_minor_units: int | None
    currency: str
    legal_basis: str
    exemptions: tuple[ExemptionPart, ...]

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
            tiers=tuple(
                TierPart(up_to=tier.up_to, unit_amount_minor_units=tier.unit_amount_minor_units)
                for tier in line.tiers
            ),
            cap_minor_units=line.cap_minor_units,
            currency=line.currency,
            legal_basis=line.legal_basis,
            exemptions=tuple(
                ExemptionPart(group_code=one.group_code, name=one.name, percent=one.percent)
                for one in line.exemptions
            ),
        )


class FeeSchedulePublishedV1(EventData):
    type: ClassVar[str] = "fee_schedule.published.v1"

    schedule_id: UUID
    procedure_code: str
    valid_from: date
    valid_to: date | None
    lines: tuple[FeeLinePart, ...]

    @classmethod
    def of(cls, schedule: FeeSchedule) -> Self:
        return cls(
            schedule_id=schedule.id,
            procedure_code=schedule.procedure_code,
            valid_from=schedule.period.valid_from,
            valid_to=schedule.period.valid_to,
            lines=tuple(FeeLinePart.of(line) for line in schedule.lines),
        )


class OpeningPart(_Part):
    days: tuple[int, ...]
    opens: str
    closes: str

    @classmethod
    def of(cls, opening: Opening) -> Self:
        return cls(
            days=opening.days,
            opens=opening.opens.isoformat("minutes"),
            closes=opening.closes.isoformat("minutes"),
        )


class BrandPart(_Part):
    code: str
    name: str
    bin: str | None

    @classmethod
    def of(cls, brand: Brand) -> Self:
        return cls(code=brand.code, name=brand.name, bin=brand.bin)


class PaymentMethodPart(_Part):
    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: str
    limit_minor_units: int | None
    currency: str
    hours: str
    minimum_minor_units: int | None
    openings: tuple[OpeningPart, ...]
    places: tuple[str, ...]
    brands: tuple[BrandPart, ...]
    illustrative: bool

    @classmethod
    def of(cls, method: PaymentMethodNotice) -> Self:
        return cls(
            code=method.code,
            name_vi=method.name_vi,
            name_en=method.name_en,
            explanation_vi=method.explanation_vi,
            explanation_en=method.explanation_en,
            fee_bearer=method.fee_bearer,
            limit_minor_units=method.limit_minor_units,
            currency=method.currency,
            hours=method.hours,
            minimum_minor_units=method.minimum_minor_units,
            openings=tuple(OpeningPart.of(one) for one in method.openings),
            places=tuple(place.value for place in method.places),
            brands=tuple(BrandPart.of(one) for one in method.brands),
            illustrative=method.illustrative,
        )


class PaymentMethodsPublishedV1(EventData):
    type: ClassVar[str] = "payment_methods.published.v1"

    methods: tuple[PaymentMethodPart, ...]

    @classmethod
    def of(cls, methods: Sequence[PaymentMethodNotice]) -> Self:
        return cls(methods=tuple(PaymentMethodPart.of(method) for method in methods))
