"""The national payment platform (Cổng Dịch vụ công quốc gia), protocol 1.0.6.

INIT gives a page, the platform confirms, QUERY asks and GET_BILL fetches its own receipt. Times
are of 24 hours, each answer is signed by whoever gives it, and a digest is never echoed.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from chassis.canonical import load_json
from chassis.errors import Malformed
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    Reception,
    Verdict,
)
from services.payment.ports.providers import (
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
)
from services.payment.providers.adapter import (
    HELD_BY_BOTH,
    Adapter,
    CheckoutWay,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    RefusedByProvider,
    Reply,
    UnusableReply,
)
from services.payment.providers.compact_time import date_of, dated, read_time
from services.payment.providers.flat import (
    NAME,
    is_page,
    json_bytes,
    json_post,
    piped_digest,
    plain_text,
    read_amount,
    read_reply,
    require_piped,
    texts_of,
)
from services.payment.providers.flat import read_notice as read_fields

VERSION: Final = "1.0.6"
SIGNATURE: Final = "MaXacThuc"
OK: Final = "00"
INIT_OK: Final = "0"
# The platform's own list of services: fees and charges of public procedures.
FEES: Final = "2"
NAME_LENGTH_MAX: Final = 250
NOT_A_WORD: Final = re.compile(r"\W")
INITIATED: Final = (
    *("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan"),
    *("MaKenhThanhToan", "MaThietBi", "NgonNgu", "MaTienTe", "MaNganHang"),
    *("ThongTinGiaoDich", "ThoiGianGD", "Ip"),
)
ASKED: Final = ("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD")
CONFIRMED: Final = (
    *("LoaiBanTin", "MaLoi", "MaDoiTac", "MaThamChieu", "SoTien", "MaTienTe", "MaGiaoDich"),
    *("MaNganHang", "ThoiGianGD", "ThongTinGiaoDich"),
)
# As the confirmation, and what decides is signed as well. An answer signed otherwise tells nothing.
QUERY_ANSWERED: Final = (*CONFIRMED, "TrangThaiGD")
ANSWERED: Final = ("MaLoi", "MoTaLoi", "MaDoiTac", "MaThamChieu", "ThoiGianGD")
KINDS: Final[Mapping[FeeKind, str]] = {FeeKind.PHI: "Phi", FeeKind.LE_PHI: "LePhi"}
STATUSES: Final[Mapping[str, Outcome]] = {
    "1": Outcome.SUCCEEDED,
    "3": Outcome.PENDING,
    "4": Outcome.FAILED,
}
ANSWERS: Final[Mapping[Reception, tuple[str, str]]] = {
    Reception.RECORDED: (OK, "Thanh cong"),
    Reception.ALREADY_FINAL: (OK, "Da ghi nhan"),
    Reception.UNKNOWN_REFERENCE: ("01", "Khong tim thay giao dich"),
    Reception.WRONG_AMOUNT: ("04", "So tien khong hop le"),
}


def national(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=frozenset({Method.DOMESTIC_CARD, Method.INTERNET_BANKING}),
        read_notice=lambda raw: read_notice(config, raw),
        answer=lambda raw, verdict: answer(config, raw, verdict),
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, _call: init_request(config, order),
            read=read_init,
        ),
        enquiry=EnquiryWay(
            request=lambda question, _call: enquiry_request(config, question),
            read=lambda question, reply: read_enquiry(config, question, reply),
        ),
    )


def order_reference(seed: OrderSeed) -> str:
    bill = NOT_A_WORD.sub("", seed.bill_reference)
    return dated(f"dvc{bill}{seed.number:02d}", seed.started_at)


def init_request(config: ProviderConfig, order: CheckoutOrder) -> OutgoingRequest:
    fields = {
        "LoaiBanTin": "INIT",
        "PhienBan": VERSION,
        "MaDoiTac": config.facts.get("partner_code", ""),
        "MaThamChieu": order.order_reference,
        "SoTien": str(order.amount.minor_units),
        "LoaiHinhThanhToan": "PAY",
        "MaKenhThanhToan": "1",
        "MaThietBi": "1",
        "NgonNgu": "vi-VN",
        "MaTienTe": order.amount.currency,
        "MaNganHang": "PAYMENT",
        "ThongTinGiaoDich": _purpose(order),
        "ThoiGianGD": date_of(order.order_reference, order.started_at),
        "Ip": order.client_ip,
    }
    signature = piped_digest(fields, INITIATED, config.secrets["secret_key"])
    said = {**fields, "ThongTinBienLai": _receipt_facts(config, order), SIGNATURE: signature}
    return json_post(_address(config, "init"), said, _bearer(config))


def read_init(_order: CheckoutOrder, reply: Reply) -> Checkout:
    """The page stands in a JSON text inside the JSON; the platform signs neither."""
    said = read_reply(reply)
    code = said.get("error_code", "")
    if code and code != INIT_OK:
        raise RefusedByProvider(f"it answered {plain_text(code, length_max=10)}")
    try:
        message = texts_of(load_json(said.get("message", "").encode()))
    except (Malformed, ValueError) as error:
        raise UnusableReply(type(error).__name__) from error
    url = message.get("UrlThanhToan", "")
    if code != INIT_OK or not is_page(url):
        raise UnusableReply("no page to send the payer to")
    return Checkout(pay_url=url)


def read_notice(config: ProviderConfig, raw: bytes) -> ProviderNotice:
    said = read_fields(config.name, raw)
    outcome = Outcome.SUCCEEDED if said.get("MaLoi") == OK else Outcome.FAILED
    notice = _notice(config, said, outcome)
    if isinstance(notice, str):
        raise UnreadableNotice(config.name, notice)
    return notice


def answer(config: ProviderConfig, raw: bytes, verdict: Verdict) -> ProviderAnswer:
    """Signed by us, and dated as the notice is: a repeat of it gets the same bytes."""
    heard = read_fields(config.name, raw)
    code, description = ANSWERS[verdict.reception]
    said = {
        "MaLoi": code,
        "MoTaLoi": description,
        "MaDoiTac": heard.get("MaDoiTac", ""),
        "MaThamChieu": heard.get("MaThamChieu", ""),
        "ThoiGianGD": heard.get("ThoiGianGD", ""),
    }
    signature = piped_digest(said, ANSWERED, config.secrets["secret_key"])
    return ProviderAnswer(body=json_bytes({**said, SIGNATURE: signature}))


def enquiry_request(config: ProviderConfig, question: Question) -> OutgoingRequest:
    if question.order_reference is None:
        raise UnusableReply("it can be asked by our own reference alone")
    return _asked(config, "QUERY", question.order_reference, question.since)


def read_enquiry(config: ProviderConfig, question: Question, reply: Reply) -> EnquiryAnswer:
    said = read_reply(reply)
    require_piped(
        said,
        QUERY_ANSWERED,
        given=said.get(SIGNATURE, ""),
        secret=config.secrets["secret_key"],
    )
    if said.get("MaThamChieu") != question.order_reference or not _is_for_us(config, said):
        raise UnusableReply("about another order")
    outcome = STATUSES.get(said.get("TrangThaiGD", ""))
    if said.get("MaLoi") != OK or outcome is None:
        raise UnusableReply("no word about the payment")
    notice = _notice(config, said, outcome)
    if isinstance(notice, str) and outcome is Outcome.SUCCEEDED:
        raise UnusableReply(f"a success without its {notice}")
    return EnquiryAnswer(
        outcome=outcome,
        notices=() if isinstance(notice, str) else (notice,),
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def bill_request(config: ProviderConfig, reference: str, since: datetime) -> OutgoingRequest:
    """GET_BILL: the platform's own receipt of a payment."""
    return _asked(config, "GET_BILL", reference, since)


def read_bill(reply: Reply) -> bytes:
    """A PDF; the platform does not sign the answer, so it proves nothing."""
    if reply.status != httpx.codes.OK or not reply.body.startswith(b"%PDF-"):
        raise UnusableReply("no PDF")
    return reply.body


def _asked(
    config: ProviderConfig, message: str, reference: str, since: datetime
) -> OutgoingRequest:
    fields = {
        "LoaiBanTin": message,
        "PhienBan": VERSION,
        "MaDoiTac": config.facts.get("partner_code", ""),
        "MaThamChieu": reference,
        "ThoiGianGD": date_of(reference, since),
    }
    signature = piped_digest(fields, ASKED, config.secrets["secret_key"])
    address = _address(config, message.lower())
    return json_post(address, {**fields, SIGNATURE: signature}, _bearer(config))


def _receipt_facts(config: ProviderConfig, order: CheckoutOrder) -> Mapping[str, Any]:
    """What the platform prints. It knows its payer itself: we pass nobody's name on to it."""
    subject = order.subject
    procedure = subject.procedure_code if subject else ""
    name = subject.procedure_name[:NAME_LENGTH_MAX] if subject else ""
    payments = [(line.name, str(line.amount.minor_units)) for line in order.lines]
    return {
        "MaDichVu": FEES,
        "MaDVC": f"{procedure}.01" if procedure else "",
        "TenDVC": name,
        "MaTTHC": procedure,
        "TenTTHC": name,
        "MaDonVi": subject.agency_code if subject else "",
        "TenDonVi": subject.agency_name if subject else "",
        "MaHoSo": subject.dossier_code if subject else order.bill_reference,
        "TKThuHuong": subject.payee.account_number if subject else "",
        "MaNHThuHuong": subject.payee.bank_bin if subject else "",
        "TenTKThuHuong": subject.payee.account_name if subject else "",
        "HoTenNguoiNop": "",
        "SoCMNDNguoiNop": "",
        "DiaChiNguoiNop": "",
        "HuyenNguoiNop": "",
        "TinhNguoiNop": config.facts.get("province", ""),
        "NoiDungThanhToan": _purpose(order),
        "PhiLePhi": [
            {
                "LoaiPhiLePhi": KINDS[line.kind],
                "MaPhiLePhi": line.code,
                "TenPhiLePhi": line.name,
                "SoTien": str(line.amount.minor_units),
            }
            for line in order.lines
        ],
        "DSKhoanNop": [
            {"NoiDung": name, "SoTien": amount}
            for name, amount in payments or [(_purpose(order), str(order.amount.minor_units))]
        ],
    }


def _purpose(order: CheckoutOrder) -> str:
    named = order.subject.dossier_code if order.subject else order.bill_reference
    return f"THANH TOAN HO SO {plain_text(named)}"


def _notice(
    config: ProviderConfig, said: Mapping[str, str], outcome: Outcome
) -> ProviderNotice | str:
    """Or the name of the field that cannot be read. A failure need not have a transaction."""
    amount = read_amount(said.get("SoTien", ""), currency=said.get("MaTienTe", ""))
    reference = said.get("MaThamChieu", "")
    number = said.get("MaGiaoDich", "")
    if not number and outcome is not Outcome.SUCCEEDED:
        number = reference
    paid_at = read_time(said.get("ThoiGianGD", "") or reference[-14:])
    if amount is None:
        return "SoTien"
    if not NAME.fullmatch(reference):
        return "MaThamChieu"
    if not NAME.fullmatch(number):
        return "MaGiaoDich"
    if paid_at is None:
        return "ThoiGianGD"
    return ProviderNotice(
        provider_reference=number,
        order_reference=reference,
        amount=amount,
        outcome=outcome,
        paid_at=paid_at,
        purpose=said.get("ThongTinGiaoDich") or None,
        is_for_us=_is_for_us(config, said),
        failure=_failure(said) if outcome is Outcome.FAILED else None,
    )


def _failure(said: Mapping[str, str]) -> str:
    code = plain_text(said.get("MaLoi", ""), length_max=20)
    return "not_paid" if code in ("", OK) else f"national_{code}"


def _is_for_us(config: ProviderConfig, said: Mapping[str, str]) -> bool:
    """Where no partner is registered, none is compared."""
    ours = config.facts.get("partner_code", "")
    return not ours or said.get("MaDoiTac") == ours


def _address(config: ProviderConfig, message: str) -> str:
    """Provinces reach the platform through a bus of their own, each under other paths."""
    return config.url + config.facts.get(f"{message}_path", f"/{message}")


def _bearer(config: ProviderConfig) -> Mapping[str, str]:
    token = config.secrets.get("access_token")
    return {"authorization": f"Bearer {token}"} if token else {}
