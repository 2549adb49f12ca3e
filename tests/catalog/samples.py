"""Small true-to-life entries to build tests from."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.catalog.domain.agency import Agency, CollectionAccount
from services.catalog.domain.catalogue import Catalogue
from services.catalog.domain.fee_line import Channel, FeeKind, FeeLine, PayerType, Tier, Unit
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.payment_method import FeeBearer, PaymentMethodNotice
from services.catalog.domain.period import Period
from services.catalog.domain.procedure import DayKind, Level, Procedure

SINCE = date(2025, 7, 1)

LAND_OFFICE = Agency(
    code="H19.25",
    name="Văn phòng Đăng ký đất đai",
    address="Đồng Nai",
    tax_code="0000000025",
    phone=None,
    collection_account=CollectionAccount(
        bank_bin="970436", account_number="0011004000111", account_name="VAN PHONG DANG KY DAT DAI"
    ),
    period=Period(SINCE),
)

SPLIT = Procedure(
    code="1.012784",
    name="Tách thửa hoặc hợp thửa đất",
    agency_codes=("H19.25",),
    level=Level.PARTIAL,
    processing_days=12,
    processing_day_kind=DayKind.WORKING,
    illustrative=False,
    period=Period(SINCE),
)

LINE = FeeLine(
    line_code="le_phi",
    name="Lệ phí cấp Giấy chứng nhận",
    kind=FeeKind.LE_PHI,
    case_code="any",
    case_name="Mọi trường hợp",
    payer_type=PayerType.ANY,
    channel=Channel.ANY,
    unit=Unit.DOSSIER,
    tiers=(Tier(up_to=None, unit_amount_minor_units=100_000),),
    cap_minor_units=None,
    currency="VND",
    legal_basis="Quyết định 2228/QĐ-UBND",
    exemptions=(),
    illustrative=False,
)

FEES = FeeSchedule(
    procedure_code="1.012784",
    period=Period(SINCE),
    lines=(LINE,),
    explanation_vi="",
    explanation_en="",
)

VIETQR = PaymentMethodNotice(
    code="vietqr",
    name_vi="Mã VietQR",
    name_en="VietQR code",
    explanation_vi="Quét mã.",
    explanation_en="Scan the code.",
    fee_bearer=FeeBearer.PAYER,
    limit_minor_units=None,
    currency="VND",
    hours="24/7",
)

CATALOGUE = Catalogue(
    agencies=(LAND_OFFICE,), procedures=(SPLIT,), fee_schedules=(FEES,), payment_methods=(VIETQR,)
)


def fees(*lines: FeeLine, since: date = SINCE, until: date | None = None) -> FeeSchedule:
    return replace(FEES, lines=lines or FEES.lines, period=Period(since, until))


def priced(amount: int, **changes: Any) -> FeeLine:
    return replace(LINE, tiers=(Tier(up_to=None, unit_amount_minor_units=amount),), **changes)


def only_fees(*schedules: FeeSchedule) -> Catalogue:
    return Catalogue(agencies=(), procedures=(), fee_schedules=schedules)


def procedures(count: int) -> tuple[Procedure, ...]:
    return tuple(
        replace(SPLIT, code=f"1.{number:06d}", name=f"Thủ tục số {number}")
        for number in range(1, count + 1)
    )
