"""Things to begin a test with."""

from binascii import crc_hqx
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.money import Money
from services.dossier.domain.catalog import (
    ANY,
    Agency,
    Channel,
    CollectionAccount,
    DayKind,
    Exemption,
    FeeKind,
    FeeLine,
    FeeSchedule,
    PayerType,
    Procedure,
    Tier,
    Unit,
)
from services.dossier.domain.dossier import AgencySeen, Applicant, Dossier, ProcedureSeen
from services.dossier.domain.fee import ChargedLine, Fee, FeeQuestion
from services.dossier.domain.fee_request import FeeRequest, PaymentCode
from services.dossier.domain.filing import Filing
from services.dossier.domain.receipt import Receipt

# 09:15 on 23 November 2026 in Vietnam.
MORNING: Final = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
IN_FORCE_FROM: Final = date(2025, 7, 1)

ACCOUNT: Final = CollectionAccount(
    bank_bin="970436",
    account_number="0011004000111",
    account_name="VAN PHONG DANG KY DAT DAI DONG NAI",
)
AGENCY: Final = Agency(
    agency_code="H19.25",
    name="Văn phòng Đăng ký đất đai tỉnh Đồng Nai",
    address="Phường Trấn Biên, tỉnh Đồng Nai",
    phone="0251 1022",
    account=ACCOUNT,
    valid_from=IN_FORCE_FROM,
    valid_to=None,
)
PROCEDURE: Final = Procedure(
    procedure_code="1.012784",
    name="Tách thửa hoặc hợp thửa đất",
    agency_codes=("H19.25", "H19.26"),
    processing_days=12,
    processing_day_kind=DayKind.WORKING,
    valid_from=IN_FORCE_FROM,
    valid_to=None,
)


def fee_line(
    line_code: str,
    unit_amount: int,
    *,
    kind: FeeKind = FeeKind.LE_PHI,
    unit: Unit = Unit.DOSSIER,
    channel: str = ANY,
    **others: object,
) -> FeeLine:
    line = FeeLine(
        line_code=line_code,
        name=f"Khoản thu {line_code}",
        kind=kind,
        case_code=ANY,
        case_name="Mọi trường hợp",
        payer_type=ANY,
        channel=channel,
        unit=unit,
        tiers=(Tier(up_to=None, unit_amount_minor_units=unit_amount),),
        cap_minor_units=None,
        currency="VND",
        legal_basis="Nghị quyết 21/2024/NQ-HĐND",
    )
    return replace(line, **others)  # type: ignore[arg-type]  # Named by the tests, checked there.


def schedule(*lines: FeeLine, valid_from: date = IN_FORCE_FROM) -> FeeSchedule:
    return FeeSchedule(
        schedule_id=UUID(int=valid_from.toordinal()),
        procedure_code=PROCEDURE.procedure_code,
        valid_from=valid_from,
        valid_to=None,
        lines=lines,
    )


POOR: Final = Exemption(group_code="ho-ngheo", name="Hộ nghèo", percent=100)
SCHEDULE: Final = schedule(
    fee_line("le-phi", 100_000, exemptions=(POOR,)),
    fee_line("phi", 1_250_000, kind=FeeKind.PHI),
)
QUESTION: Final = FeeQuestion(channel=Channel.ONLINE, payer_type=PayerType.PERSON)
APPLICANT: Final = Applicant(
    full_name="Nguyễn Thị Ánh Tuyết",
    identity_number="075184001234",
    address="Số 12, đường Nguyễn Ái Quốc, phường Trảng Dài, tỉnh Đồng Nai",
    email="tuyet@example.vn",
    phone="0912 345 678",
)
FILING: Final = Filing(
    client_id="portal-demo",
    idempotency_key="filing-0001",
    request_fingerprint="f" * 64,
    procedure_code=PROCEDURE.procedure_code,
    agency_code=AGENCY.agency_code,
    question=QUESTION,
    applicant=APPLICANT,
)

LE_PHI: Final = ChargedLine(
    line_code="le-phi",
    name="Lệ phí cấp giấy chứng nhận quyền sử dụng đất",
    kind=FeeKind.LE_PHI,
    unit=Unit.CERTIFICATE,
    quantity=2,
    full_amount=Money(200_000),
    exempt_percent=50,
    exemption_name="Hộ cận nghèo",
    amount=Money(100_000),
    legal_basis="Nghị quyết 21/2024/NQ-HĐND",
)
PHI: Final = ChargedLine(
    line_code="phi",
    name="Phí thẩm định hồ sơ",
    kind=FeeKind.PHI,
    unit=Unit.DOSSIER,
    quantity=1,
    full_amount=Money(1_250_000),
    exempt_percent=0,
    exemption_name=None,
    amount=Money(1_250_000),
    legal_basis="Luật Phí và lệ phí 97/2015/QH13",
)
DOSSIER: Final = Dossier(
    id=UUID(int=1),
    code="H19.25-261123-0001",
    client_id="portal-demo",
    procedure=ProcedureSeen(
        code=PROCEDURE.procedure_code,
        name=PROCEDURE.name,
        processing_days=12,
        processing_day_kind=DayKind.WORKING,
    ),
    agency=AgencySeen(
        code=AGENCY.agency_code,
        name=AGENCY.name,
        address=AGENCY.address,
        phone=AGENCY.phone,
    ),
    channel=Channel.ONLINE,
    payer_type=PayerType.PERSON,
    case_code=None,
    fee=Fee(lines=(LE_PHI, PHI)),
    submitted_at=MORNING,
)
FEE_REQUEST: Final = FeeRequest(
    id=UUID(int=2),
    dossier_id=DOSSIER.id,
    amount=DOSSIER.fee.total,
    payee=ACCOUNT,
    due_at=MORNING + timedelta(days=10),
)


def field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def with_crc(body: str) -> str:
    body += "6304"
    return f"{body}{crc_hqx(body.encode(), 0xFFFF):04X}"


def vietqr(
    amount: int = 1_350_000,
    *,
    account: CollectionAccount = ACCOUNT,
    currency: str = "704",
    purpose: str = "LP7K2M9QX4",
) -> str:
    beneficiary = field("00", account.bank_bin) + field("01", account.account_number)
    return with_crc(
        field("00", "01")
        + field("01", "12")
        + field(
            "38", field("00", "A000000727") + field("01", beneficiary) + field("02", "QRIBFTTA")
        )
        + field("52", "9399")
        + field("53", currency)
        + field("54", str(amount))
        + field("58", "VN")
        + field("59", "VAN PHONG DANG KY DAT DAI")
        + field("62", field("01", "LP7K2M9QX4") + field("08", purpose))
    )


CODE: Final = PaymentCode(
    bill_reference="LP7K2M9QX4",
    qr_payload=vietqr(),
    expires_at=MORNING + timedelta(days=1),
)


def receipt(part: int = 1, parts: int = 2, *, fee_request_id: UUID = FEE_REQUEST.id) -> Receipt:
    return Receipt(
        receipt_id=UUID(int=100 + part),
        fee_request_id=fee_request_id,
        kind="le_phi" if part == 1 else "phi",
        form_code="01BLP0-001",
        symbol="AA-26E",
        number=part,
        lookup_code=f"LOOK{part}",
        amount=Money(100_000 if part == 1 else 1_250_000),
        issued_at=MORNING + timedelta(minutes=5),
        part=part,
        parts=parts,
    )
