"""What the slip says: every word of the paper a citizen takes home, before it is drawn."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from chassis.canonical import canonical_json, sha256_hex
from chassis.clock import VIETNAM
from chassis.money import Money
from services.dossier.domain.banks import BANK_NAMES
from services.dossier.domain.catalog import Channel, DayKind, FeeKind, Unit
from services.dossier.domain.dossier import Applicant, Dossier, ProcedureSeen
from services.dossier.domain.errors import SlipNotReady
from services.dossier.domain.fee import ChargedLine
from services.dossier.domain.fee_request import FeeRequest, PaymentStatus
from services.dossier.domain.qr_payload import read_qr

CHANNEL_NAMES: Final[Mapping[Channel, str]] = {
    Channel.ONLINE: "Trực tuyến",
    Channel.COUNTER: "Trực tiếp",
    Channel.POST: "Bưu chính công ích",
}
KIND_NAMES: Final[Mapping[FeeKind, str]] = {FeeKind.PHI: "Phí", FeeKind.LE_PHI: "Lệ phí"}
UNIT_NAMES: Final[Mapping[Unit, str]] = {
    Unit.DOSSIER: "hồ sơ",
    Unit.PAGE: "trang",
    Unit.COPY: "bản",
    Unit.CERTIFICATE: "giấy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    name: str
    kind: str
    legal_basis: str
    exemption: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPayment:
    """How to pay with any bank or wallet. The picture holds exactly `qr_payload`."""

    qr_payload: str
    bank: str
    account_number: str
    account_name: str
    amount: str
    purpose: str
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    code: str
    agency: str
    agency_address: str
    agency_phone: str
    applicant: str
    applicant_address: str
    applicant_phone: str
    procedure: str
    procedure_code: str
    channel: str
    # Local year, month and day: the date of the document, and the same in its metadata.
    received_on: tuple[int, int, int]
    received_at: str
    processing_time: str
    lines: tuple[SlipLine, ...]
    total: str
    is_due: bool
    payment: SlipPayment | None
    paid_at: str
    lookup_url: str

    @property
    def content(self) -> dict[str, object]:
        return asdict(self)

    @property
    def content_sha256(self) -> str:
        """Names this paper: another payload, or a fee paid meanwhile, is another paper."""
        return sha256_hex(canonical_json(self.content))


def write_slip(
    dossier: Dossier,
    applicant: Applicant,
    fee_request: FeeRequest | None,
    *,
    now: datetime,
    lookup_url: str,
) -> Slip:
    """Refuses while a fee is due and there is no living code to pay it with."""
    local = dossier.submitted_at.astimezone(VIETNAM)
    paid_at = fee_request.paid_at if fee_request else None
    return Slip(
        code=dossier.code,
        agency=dossier.agency.name,
        agency_address=dossier.agency.address,
        agency_phone=dossier.agency.phone or "",
        applicant=applicant.full_name,
        applicant_address=applicant.address or "",
        applicant_phone=applicant.phone or "",
        procedure=dossier.procedure.name,
        procedure_code=dossier.procedure.code,
        channel=CHANNEL_NAMES[dossier.channel],
        received_on=(local.year, local.month, local.day),
        received_at=_moment(dossier.submitted_at),
        processing_time=_processing_time(dossier.procedure),
        lines=tuple(_line(line) for line in dossier.fee.lines),
        total=_amount(dossier.fee.total),
        is_due=dossier.fee.is_due,
        payment=_payment(fee_request, now=now) if fee_request else None,
        paid_at=_moment(paid_at) if paid_at else "",
        lookup_url=lookup_url,
    )


def _payment(request: FeeRequest, *, now: datetime) -> SlipPayment | None:
    if request.status is PaymentStatus.SUCCEEDED:
        return None
    if request.status in (PaymentStatus.EXPIRED, PaymentStatus.CANCELLED):
        raise SlipNotReady.payment_expired()
    if request.code is None:
        raise SlipNotReady.awaiting_confirmation()
    if now >= request.code.expires_at:
        raise SlipNotReady.payment_expired()
    facts = read_qr(request.code.qr_payload)
    bank = BANK_NAMES.get(facts.bank_bin)
    return SlipPayment(
        qr_payload=request.code.qr_payload,
        bank=f"{bank} (BIN {facts.bank_bin})" if bank else f"BIN {facts.bank_bin}",
        account_number=facts.account_number,
        account_name=request.payee.account_name,
        amount=_amount(Money(facts.amount)),
        purpose=facts.purpose or facts.bill_number or request.code.bill_reference,
        expires_at=_moment(request.code.expires_at),
    )


def _line(line: ChargedLine) -> SlipLine:
    exemption = ""
    if line.exempt_percent:
        full = _amount(line.full_amount)
        exemption = f"Giảm {line.exempt_percent}% của {full} đồng: {line.exemption_name}"
    return SlipLine(
        name=line.name,
        kind=KIND_NAMES[line.kind],
        legal_basis=line.legal_basis,
        exemption=exemption,
        quantity=f"{line.quantity:,} {UNIT_NAMES[line.unit]}".replace(",", "."),
        amount=_amount(line.amount),
    )


def _processing_time(procedure: ProcedureSeen) -> str:
    if procedure.processing_days is None:
        return "Theo quy định của thủ tục"
    if procedure.processing_days == 0:
        return "Trong ngày làm việc"
    kind = "ngày làm việc" if procedure.processing_day_kind is DayKind.WORKING else "ngày"
    return f"{procedure.processing_days} {kind}"


def _amount(money: Money) -> str:
    return f"{money.minor_units:,}".replace(",", ".")


def _moment(instant: datetime) -> str:
    local = instant.astimezone(VIETNAM)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d/%m/%Y}"
