"""What VNPAY, VNPT Pay and the national platform are sent, against digests computed elsewhere."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.ports.providers import OrderSeed, RefundOrder
from services.payment.providers.adapter import (
    Call,
    OutgoingRequest,
    RefusedByProvider,
    UnusableReply,
)
from services.payment.providers.compact_time import date_of, write_time
from services.payment.providers.flat import plain_text
from services.payment.providers.national import bill_request, read_bill
from services.payment.providers.vnpay_messages import mac, signed_text
from tests.payment.providers.redirect_samples import (
    NATIONAL_ORDER,
    ORDER,
    adapter,
    config,
    order,
    question,
    reply,
)
from tests.payment.providers.stage import BILL
from tests.payment.samples import FEE, NOON

CALL = Call(now=NOON, request_id="RQ1")
KNOWN_DATA = (
    "vnp_Amount=5000000&vnp_Command=pay&vnp_CreateDate=20260105090000&vnp_CurrCode=VND"
    "&vnp_IpAddr=127.0.0.1&vnp_Locale=vn&vnp_OrderInfo=Nop+le+phi+ho+so+01&vnp_OrderType=other"
    "&vnp_ReturnUrl=https%3A%2F%2Fdvc.example.vn%2Ftra-ve&vnp_TmnCode=DEVTMN01"
    "&vnp_TxnRef=DEV0001&vnp_Version=2.1.0"
)
KNOWN_HASH = (
    "16de659265b371fefcc6eed90359db65fd88fa826d490ed40734eba38e39c1fe"
    "429b44d38d2fdad4f7aa7e7c032085e72b2d97472981e50204656eebc01f0acf"
)


def pay(name: str, method: Method, **changes: Any) -> OutgoingRequest:
    way = adapter(name).checkout
    assert way is not None
    return way.request(order(name, method, **changes), CALL)


def ask(name: str, **changes: Any) -> OutgoingRequest:
    way = adapter(name).enquiry
    assert way is not None
    return way.request(question(name, **changes), CALL)


def body(request: OutgoingRequest) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(request.body)
    return said


def test_vnpay_signs_as_its_sample_was_signed() -> None:
    fields = dict(reversed(parse_qsl(KNOWN_DATA)))

    assert signed_text({**fields, "vnp_BankCode": ""}) == KNOWN_DATA
    assert mac(config("vnpay"), KNOWN_DATA) == KNOWN_HASH


def test_vnpays_page_is_asked_for_in_hundredths_and_local_time() -> None:
    request = pay("vnpay", Method.DOMESTIC_CARD)
    said = dict(parse_qsl(urlsplit(request.url).query))

    assert request.url.startswith(
        "https://provider.test/paymentv2/vpcpay.html?vnp_Amount=15000000&"
    )
    assert said.pop("vnp_SecureHash") == mac(config("vnpay"), signed_text(said))
    assert said == {
        "vnp_Amount": "15000000",
        "vnp_BankCode": "VNBANK",
        "vnp_Command": "pay",
        "vnp_CreateDate": "20261123120000",
        "vnp_CurrCode": "VND",
        "vnp_ExpireDate": "20261123121500",
        "vnp_IpAddr": "203.0.113.7",
        "vnp_Locale": "vn",
        "vnp_OrderInfo": "Nop phi H19.25-261123-0001",
        "vnp_OrderType": "other",
        "vnp_ReturnUrl": "https://dvc.example.vn/tra-ve",
        "vnp_TmnCode": "DEVTMN01",
        "vnp_TxnRef": ORDER,
        "vnp_Version": "2.1.0",
    }


@pytest.mark.parametrize(
    ("method", "named", "bank_code"),
    [
        (Method.DOMESTIC_CARD, None, "VNBANK"),
        (Method.DOMESTIC_CARD, "NCB", "NCB"),
        (Method.INTERNET_BANKING, None, "VNBANK"),
        (Method.INTERNET_BANKING, "VIETCOMBANK", "VIETCOMBANK"),
        (Method.INTERNATIONAL_CARD, "NCB", "INTCARD"),
        (Method.VIETQR, "NCB", "VNPAYQR"),
    ],
)
def test_vnpay_is_told_the_way_and_the_bank(
    method: Method, named: str | None, bank_code: str
) -> None:
    query = urlsplit(pay("vnpay", method, bank_code=named).url).query

    assert dict(parse_qsl(query))["vnp_BankCode"] == bank_code


def test_texts_are_plain_before_they_are_signed() -> None:
    assert plain_text("Nộp phí | Đồng Nai ~ #1") == "Nop phi Dong Nai 1"
    said = dict(parse_qsl(urlsplit(pay("vnpay", Method.VIETQR, description="Lệ phí*|").url).query))
    assert said["vnp_OrderInfo"] == "Le phi"
    assert body(pay("vnptpay", Method.VNPT_PAY, description="Lệ|phí"))["DESCRIPTION"] == "Le phi"


def test_vnpay_is_asked_and_paid_back_with_the_payments_own_time() -> None:
    asked = body(ask("vnpay"))
    way = adapter("vnpay").refund
    assert way is not None
    refund = RefundOrder(
        refund_reference="R0001",
        order_reference=ORDER,
        provider_reference="14422574",
        paid=FEE,
        amount=Money(50_000),
        description="Hoan phi",
        paid_at=NOON + timedelta(minutes=9),
        ordered_by="ketoan",
        ordered_at=NOON,
    )
    paid_back = body(way.request(refund, CALL))

    assert asked["vnp_SecureHash"] == (
        "81a6e5affea0fea9fbff2cd4e0b317614a018df31b40c54e415ff7e6ed30a68d"
        "34018f0f1ed794919a8268846edd60a9c3ba5c6603d736cab82f1d730440a82d"
    )
    assert paid_back["vnp_SecureHash"] == (
        "62a07d1847c0ff556a054069f3988c1ad019f50bb887287e153dcf49faf2e8e4"
        "fc1ee0878339544a5f5638530a873770c5e33c24074cdc46c852b73231fc1c93"
    )
    assert (paid_back["vnp_TransactionType"], paid_back["vnp_Amount"]) == ("03", "5000000")


def test_vnpt_pay_gets_a_signed_order() -> None:
    request = pay("vnptpay", Method.VNPT_PAY)

    assert request.url == "https://provider.test/pay_qrcode"
    assert request.headers["authorization"] == "Bearer KEY"
    said = body(request)
    assert said["SECURE_CODE"] == "de0ed19ccc947aad2f4ebbe4b40b9222534fba97b4e7db3eae4e32aff88e453b"
    assert said["MERCHANT_DATA"] == "https://dvc.example.vn/tra-ve"
    assert body(ask("vnptpay"))["SECURE_CODE"] == (
        "9952ccb8d805a537685456dc1ff95bb8af9315a4edb1521bc1e5a74da9147002"
    )


def test_the_national_platform_gets_phi_and_le_phi_as_two_lines() -> None:
    request = pay("national", Method.INTERNET_BANKING)
    said = body(request)
    facts = said["ThongTinBienLai"]

    assert request.url == "https://provider.test/init"
    assert said["MaXacThuc"] == "599f510af9f4be9a845670c282fd51b8a3e98cd64f7b0c5db3a8859f1602d60f"
    assert [(one["LoaiPhiLePhi"], one["SoTien"]) for one in facts["PhiLePhi"]] == [
        ("Phi", "100000"),
        ("LePhi", "50000"),
    ]
    assert [one["SoTien"] for one in facts["DSKhoanNop"]] == ["100000", "50000"]
    assert (facts["MaDVC"], facts["MaTTHC"]) == ("2.000488.01", "2.000488")
    assert facts["MaHoSo"] == "H19.25-261123-0001"
    assert facts["TKThuHuong"] == "0011004000111"
    # The payer's own name and number stay with us.
    assert {facts[name] for name in ("HoTenNguoiNop", "SoCMNDNguoiNop", "DiaChiNguoiNop")} == {""}


def test_an_order_without_lines_is_one_payment_of_the_whole() -> None:
    facts = body(pay("national", Method.DOMESTIC_CARD, lines=(), subject=None))["ThongTinBienLai"]

    assert facts["PhiLePhi"] == []
    assert facts["DSKhoanNop"] == [{"NoiDung": f"THANH TOAN HO SO {BILL}", "SoTien": "150000"}]


def test_a_long_procedures_name_is_cut() -> None:
    subject = order("national", Method.DOMESTIC_CARD).subject
    assert subject is not None
    long = type(subject)(
        dossier_code=subject.dossier_code,
        procedure_code=subject.procedure_code,
        procedure_name="Ư" * 300,
        agency_code=subject.agency_code,
        agency_name=subject.agency_name,
        payee=subject.payee,
    )

    facts = body(pay("national", Method.DOMESTIC_CARD, subject=long))["ThongTinBienLai"]

    assert len(facts["TenTTHC"]) == 250


def test_the_national_platform_is_asked_and_shows_its_own_receipt() -> None:
    asked = body(ask("national"))
    bill = bill_request(config("national"), NATIONAL_ORDER, NOON)

    assert asked["MaXacThuc"] == "4bbf1f424f720b68746eed06443fb845c21a0b93d27436ade3f20f6a743c1897"
    assert body(bill)["MaXacThuc"] == (
        "4bb6ac4fa2d117ca0dfed77cea746badaf50c842cb872cd42d5e0804d9f8d8e8"
    )
    assert read_bill(reply(b"%PDF-1.4 ...")) == b"%PDF-1.4 ..."
    for nothing in (reply(b"{}"), reply(b"%PDF-1.4", status=404)):
        with pytest.raises(UnusableReply):
            read_bill(nothing)


def test_a_province_may_reach_the_platform_by_paths_of_its_own() -> None:
    way = adapter("national", init_path="/dvc/v1/khoi-tao").checkout
    assert way is not None

    request = way.request(order("national", Method.DOMESTIC_CARD), CALL)

    assert request.url == "https://provider.test/dvc/v1/khoi-tao"


@pytest.mark.parametrize(
    ("name", "said", "error"),
    [
        ("vnptpay", {"RESPONSE_CODE": "02"}, RefusedByProvider),
        ("vnptpay", {"RESPONSE_CODE": "00"}, UnusableReply),
        ("vnptpay", {"RESPONSE_CODE": "00", "REDIRECT_URL": "javascript:1"}, UnusableReply),
        (
            "vnptpay",
            {"RESPONSE_CODE": "00", "REDIRECT_URL": "https://x/", "MERCHANT_ORDER_ID": "OTHER"},
            UnusableReply,
        ),
        ("vnptpay", {"REDIRECT_URL": "https://x/"}, UnusableReply),
        ("national", {"error_code": "1", "message": "x"}, RefusedByProvider),
        ("national", {"error_code": "0", "message": "x"}, UnusableReply),
        ("national", {"error_code": "0", "message": '{"UrlThanhToan":"ftp://x"}'}, UnusableReply),
        ("national", {"message": '{"UrlThanhToan":"https://x/"}'}, UnusableReply),
        ("national", b"<html>", UnusableReply),
    ],
)
def test_an_order_that_was_not_taken_has_no_page(
    name: str, said: object, error: type[Exception]
) -> None:
    way = adapter(name).checkout
    assert way is not None
    assert way.read is not None

    with pytest.raises(error):
        way.read(order(name, Method.DOMESTIC_CARD), reply(said))


@pytest.mark.parametrize("name", ["vnpay", "vnptpay", "national"])
def test_a_name_says_when_the_attempt_began_and_never_comes_twice(name: str) -> None:
    way = adapter(name).checkout
    assert way is not None
    times = [NOON, NOON + timedelta(seconds=1), NOON + timedelta(hours=12)]

    names = [
        way.order_reference(OrderSeed(bill_reference=BILL, number=number, started_at=at))
        for number in (1, 2, 12)
        for at in times
    ]

    assert len(set(names)) == 9
    assert all(one.isalnum() and len(one) <= 50 for one in names)
    # Twelve at noon and at midnight are different times.
    assert [date_of(one, NOON) for one in names[:3]] == [write_time(at) for at in times]
    assert date_of("DEV0001", NOON) == "20261123120000"
    assert write_time(NOON + timedelta(hours=3, minutes=5)) == "20261123150500"
