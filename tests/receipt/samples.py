"""One paid fee, its payer, and receipts made of it, for the tests of every room."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.money import Money
from services.receipt.domain.receipts.fee import CollectingBody, FeeLine, Kind, PaidFee, Payer
from services.receipt.domain.receipts.receipt import Receipt, Status
from services.receipt.domain.series.series import ReceiptNumber, ReceiptRule, ReceiptSeries

NOON: Final = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
RECEIPT_ID: Final = UUID("01990000-0000-7000-8000-0000000000a1")
INTENT_ID: Final = UUID("01990000-0000-7000-8000-0000000000b1")
DOSSIER_ID: Final = UUID("01990000-0000-7000-8000-0000000000c1")
SECRET: Final[Mapping[str, Any]] = {
    "full_name": "Nguyễn Thị Ánh Nguyệt",
    "identity_number": "075188012345",
    "address": "12 đường Cách Mạng Tháng Tám, phường Trấn Biên, tỉnh Đồng Nai",
    "email": "nguyet@example.vn",
    "phone": "0900000001",
}
PAYER: Final = Payer.of(SECRET)

RULE: Final = ReceiptRule(
    valid_from=date(2026, 7, 1),
    valid_to=None,
    title="Biên lai thu phí, lệ phí",
    form_code="01BLP0-001",
    symbol_letters="AA",
    number_width=8,
    legal_basis="Nghị định số 254/2026/NĐ-CP",
)
SERIES: Final = ReceiptSeries(agency_code="H19.25", form_code="01BLP0-001", symbol="AA-26E")
BODY: Final = CollectingBody(
    agency_code="H19.25",
    name="Văn phòng Đăng ký đất đai tỉnh Đồng Nai",
    address="520 đường Đồng Khởi, phường Tam Hiệp, tỉnh Đồng Nai",
    tax_code="3600123456",
    phone="0251 3822 222",
    valid_from=date(2025, 7, 1),
    valid_to=None,
)


OTHER_BODY: Final = replace(
    BODY, agency_code="H19.31", name="Sở Tư pháp tỉnh Đồng Nai", tax_code="3600654321"
)


def line(
    kind: str = "le_phi", amount: int = 100_000, name: str = "", agency_code: str = "H19.25"
) -> FeeLine:
    names = {
        "phi": "Phí thẩm định hồ sơ cấp giấy chứng nhận quyền sử dụng đất",
        "le_phi": "Lệ phí cấp giấy chứng nhận quyền sử dụng đất",
        "gia_dich_vu": "Giá dịch vụ đo đạc",
    }
    return FeeLine(
        line_code={"phi": "P-001", "le_phi": "LP-001"}.get(kind, "DV-001"),
        name=name or names[kind],
        kind=kind,
        quantity=1,
        amount=Money(amount),
        legal_basis="Nghị quyết số 21/2024/NQ-HĐND",
        agency_code=agency_code,
    )


def paid_fee(
    *lines: FeeLine,
    intent_id: UUID = INTENT_ID,
    payer_sealed: str = "sealed",
    client_id: str = "portal-demo",
) -> PaidFee:
    lines = lines or (line("phi", 1_134_567), line("le_phi", 100_000))
    return PaidFee(
        payment_intent_id=intent_id,
        dossier_id=DOSSIER_ID,
        dossier_code="H19.25-261123-0001",
        procedure_code="1.012756",
        procedure_name="Đăng ký đất đai lần đầu đối với đất được Nhà nước giao để quản lý",
        agency_code="H19.25",
        client_id=client_id,
        amount=Money(sum(one.amount.minor_units for one in lines)),
        method="vietqr",
        provider="sandbox",
        provider_reference="FT26327000000001",
        paid_at=NOON,
        lines=lines,
        payer_sealed=payer_sealed,
    )


def paid_bill(
    *lines: FeeLine, intent_id: UUID = INTENT_ID, payer_sealed: str = "sealed"
) -> PaidFee:
    """A fee that a biller asked for: of no dossier, under the biller's own name."""
    return replace(
        paid_fee(*lines, intent_id=intent_id, payer_sealed=payer_sealed),
        dossier_id=None,
        dossier_code=None,
        procedure_code=None,
        procedure_name=None,
        reference="HP-2026/11-000123",
    )


def receipt(
    *lines: FeeLine, kind: Kind = Kind.LE_PHI, issued: bool = False, number: int = 17
) -> Receipt:
    fee = paid_fee(*lines) if lines else paid_fee()
    made = Receipt(
        id=RECEIPT_ID,
        number=ReceiptNumber(series=SERIES, number=number, width=8),
        kind=kind,
        lines=tuple(one for one in fee.lines if one.kind == kind),
        fee=fee,
        collecting_body=BODY,
        rule=RULE,
        lookup_code="Zm9vYmFyYmF6cXV4MTIzNA",
        part=2,
        parts=2,
        numbered_at=NOON,
    )
    if not issued:
        return made
    assert made.status is Status.NUMBERED
    return made.issue(at=NOON, xml_sha256="0" * 64)
