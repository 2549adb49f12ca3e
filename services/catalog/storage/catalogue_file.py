"""The file in which a province writes its catalogue, read strictly: no unknown or repeated key."""

from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.canonical import load_json
from chassis.errors import Malformed
from services.catalog.domain.agency import Agency, CollectionAccount
from services.catalog.domain.catalogue import Catalogue
from services.catalog.domain.errors import BadCatalogueFile
from services.catalog.domain.fee_line import (
    ANY_CASE,
    Channel,
    Exemption,
    FeeKind,
    FeeLine,
    PayerType,
    Tier,
    Unit,
)
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.payment_method import (
    Brand,
    FeeBearer,
    Opening,
    PaymentMethodNotice,
    Place,
)
from services.catalog.domain.period import Period
from services.catalog.domain.procedure import DayKind, Level, Procedure

FILE_BYTES_MAX: Final = 16 * 1024 * 1024
Text = Annotated[str, Field(max_length=2_000)]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class AgencyEntry(_Entry):
    code: str
    name: Text
    address: Text
    tax_code: str
    phone: Annotated[str, Field(max_length=32)] | None = None
    bank_bin: str
    account_number: str
    account_name: Text
    valid_from: date
    valid_to: date | None = None

    def to_domain(self) -> Agency:
        return Agency(
            code=self.code,
            name=self.name,
            address=self.address,
            tax_code=self.tax_code,
            phone=self.phone,
            collection_account=CollectionAccount(
                bank_bin=self.bank_bin,
                account_number=self.account_number,
                account_name=self.account_name,
            ),
            period=Period(self.valid_from, self.valid_to),
        )


class TierEntry(_Entry):
    up_to: int | None
    amount: int


class ExemptionEntry(_Entry):
    group_code: str
    name: Text
    percent: int


class LineEntry(_Entry):
    """A line has one flat `amount` or `tiers`. What it leaves out applies to everybody."""

    line_code: Annotated[str, Field(max_length=64)]
    name: Text
    kind: FeeKind
    case_code: Annotated[str, Field(max_length=64)] = ANY_CASE
    case_name: Text = "Mọi trường hợp"
    payer_type: PayerType = PayerType.ANY
    channel: Channel = Channel.ANY
    unit: Unit = Unit.DOSSIER
    amount: int | None = None
    tiers: Annotated[list[TierEntry], Field(max_length=20)] | None = None
    cap: int | None = None
    currency: Literal["VND"] = "VND"
    legal_basis: Text
    exemptions: Annotated[list[ExemptionEntry], Field(max_length=50)] = []
    illustrative: bool = False

    def to_domain(self, field: str) -> FeeLine:
        if (self.amount is None) == (self.tiers is None):
            raise BadCatalogueFile("a line has either an amount or tiers", field=field)
        tiers = self.tiers or []
        if self.amount is not None:
            tiers = [TierEntry(up_to=None, amount=self.amount)]
        return FeeLine(
            line_code=self.line_code,
            name=self.name,
            kind=self.kind,
            case_code=self.case_code,
            case_name=self.case_name,
            payer_type=self.payer_type,
            channel=self.channel,
            unit=self.unit,
            tiers=tuple(Tier(up_to=t.up_to, unit_amount_minor_units=t.amount) for t in tiers),
            cap_minor_units=self.cap,
            currency=self.currency,
            legal_basis=self.legal_basis,
            exemptions=tuple(
                Exemption(group_code=one.group_code, name=one.name, percent=one.percent)
                for one in self.exemptions
            ),
            illustrative=self.illustrative,
        )


class FeesEntry(_Entry):
    valid_from: date
    valid_to: date | None = None
    lines: Annotated[list[LineEntry], Field(max_length=100)]
    explanation_vi: Text = ""
    explanation_en: Text = ""

    def to_domain(self, procedure_code: str, field: str) -> FeeSchedule:
        return FeeSchedule(
            procedure_code=procedure_code,
            period=Period(self.valid_from, self.valid_to),
            lines=tuple(
                line.to_domain(f"{field}.lines.{index}") for index, line in enumerate(self.lines)
            ),
            explanation_vi=self.explanation_vi,
            explanation_en=self.explanation_en,
        )


class ProcedureEntry(_Entry):
    code: str
    name: Text
    agency_codes: Annotated[list[str], Field(max_length=500)]
    level: Level
    processing_days: int | None
    processing_day_kind: DayKind = DayKind.WORKING
    illustrative: bool = False
    valid_from: date
    valid_to: date | None = None
    fees: Annotated[list[FeesEntry], Field(max_length=100)] = []

    def to_domain(self) -> Procedure:
        return Procedure(
            code=self.code,
            name=self.name,
            agency_codes=tuple(self.agency_codes),
            level=self.level,
            processing_days=self.processing_days,
            processing_day_kind=self.processing_day_kind,
            illustrative=self.illustrative,
            period=Period(self.valid_from, self.valid_to),
        )


class OpeningEntry(_Entry):
    days: Annotated[list[int], Field(max_length=7)]
    opens: time
    closes: time


class BrandEntry(_Entry):
    code: Annotated[str, Field(max_length=32)]
    name: Text
    bin: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None


class PaymentMethodEntry(_Entry):
    code: Annotated[str, Field(max_length=32)]
    name_vi: Text
    name_en: Text
    explanation_vi: Text
    explanation_en: Text
    fee_bearer: FeeBearer
    limit: int | None
    currency: Literal["VND"] = "VND"
    hours: Text
    minimum: int | None = None
    openings: Annotated[list[OpeningEntry], Field(max_length=20)] = []
    places: Annotated[list[Place], Field(max_length=5)] = [Place.ONLINE]
    brands: Annotated[list[BrandEntry], Field(max_length=200)] = []
    illustrative: bool = False

    def to_domain(self) -> PaymentMethodNotice:
        return PaymentMethodNotice(
            code=self.code,
            name_vi=self.name_vi,
            name_en=self.name_en,
            explanation_vi=self.explanation_vi,
            explanation_en=self.explanation_en,
            fee_bearer=self.fee_bearer,
            limit_minor_units=self.limit,
            currency=self.currency,
            hours=self.hours,
            minimum_minor_units=self.minimum,
            openings=tuple(
                Opening(days=tuple(one.days), opens=one.opens, closes=one.closes)
                for one in self.openings
            ),
            places=tuple(self.places),
            brands=tuple(Brand(code=one.code, name=one.name, bin=one.bin) for one in self.brands),
            illustrative=self.illustrative,
        )


class PlannedMethodEntry(_Entry):
    """A way to pay that does not work yet: kept with the others, never published."""

    code: str
    name_vi: Text
    name_en: Text


class CatalogueFile(_Entry):
    note: Text = ""
    agencies: Annotated[list[AgencyEntry], Field(max_length=5_000)] = []
    procedures: Annotated[list[ProcedureEntry], Field(max_length=5_000)] = []
    payment_methods: Annotated[list[PaymentMethodEntry], Field(max_length=100)] | None = None
    planned_payment_methods: Annotated[list[PlannedMethodEntry], Field(max_length=100)] = []

    def to_domain(self) -> Catalogue:
        methods = self.payment_methods
        return Catalogue(
            agencies=tuple(entry.to_domain() for entry in self.agencies),
            procedures=tuple(entry.to_domain() for entry in self.procedures),
            fee_schedules=tuple(_schedules(self.procedures)),
            payment_methods=None if methods is None else tuple(m.to_domain() for m in methods),
        )


def _schedules(procedures: Sequence[ProcedureEntry]) -> list[FeeSchedule]:
    return [
        fees.to_domain(procedure.code, f"procedures.{p}.fees.{f}")
        for p, procedure in enumerate(procedures)
        for f, fees in enumerate(procedure.fees)
    ]


def parse_catalogue(raw: bytes) -> Catalogue:
    try:
        load_json(raw, limit_bytes=FILE_BYTES_MAX)
        return CatalogueFile.model_validate_json(raw).to_domain()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise BadCatalogueFile(f"{first['msg']}", field=field or None) from error
    except Malformed as error:
        if isinstance(error, BadCatalogueFile):
            raise
        raise BadCatalogueFile(error.message) from error


def read_catalogue(path: Path) -> Catalogue:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadCatalogueFile(f"{path}: {error.strerror}") from error
    return parse_catalogue(raw)
