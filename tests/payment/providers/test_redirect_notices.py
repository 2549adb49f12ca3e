"""Notices of VNPAY, VNPT Pay and the national platform, and what each hears in answer."""

import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from chassis.money import Money
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    Reception,
    Verdict,
)
from tests.gateway.schemes.recorded_notices import recorded
from tests.payment.providers.redirect_samples import SECRET, adapter
from tests.payment.samples import FEE

NAMES = ("vnpay", "vnptpay", "national")
EACH = pytest.mark.parametrize("name", NAMES)


def raw(name: str, **changes: str | None) -> bytes:
    """The recorded notice with fields changed. Whoever reads it has had its signature checked."""
    parts = recorded(name).parts
    said = dict(parse_qsl(parts.query)) if parts.query else json.loads(parts.body)
    said = {key: value for key, value in {**said, **changes}.items() if value is not None}
    return urlencode(said).encode() if parts.query else json.dumps(said).encode()


def read(name: str, body: bytes, **facts: str) -> ProviderNotice:
    reading = adapter(name, **facts).read_notice
    assert reading is not None
    return reading(body)


def answered(name: str, reception: Reception) -> Any:
    answering = adapter(name).answer
    assert answering is not None
    verdict = Verdict(
        status="kept",
        payment_intent_id=None,
        provider_reference="1",
        discrepancy=None,
        reception=reception,
    )
    answer = answering(raw(name), verdict)
    assert answer is not None
    assert (answer.status, answer.media_type) == (200, "application/json")
    return json.loads(answer.body)


@EACH
def test_a_recorded_notice_is_read(name: str) -> None:
    notice = read(name, raw(name))

    assert (notice.outcome, notice.amount, notice.failure) == (Outcome.SUCCEEDED, FEE, None)
    assert notice.provider_reference in {"14422574", "880001", "GD0001"}
    assert notice.order_reference in {"DEV0001", "dvcH1925260601000120261123090000"}
    assert notice.paid_at.isoformat() == "2026-11-23T09:00:00+07:00"


@pytest.mark.parametrize(
    ("name", "fact"),
    [("vnpay", "tmn_code"), ("vnptpay", "merchant_service_id"), ("national", "partner_code")],
)
def test_another_merchants_money_is_not_for_us(name: str, fact: str) -> None:
    assert read(name, raw(name)).is_for_us
    assert not read(name, raw(name), **{fact: "OTHER"}).is_for_us
    assert read(name, raw(name), **{fact: ""}).is_for_us


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("00", "00", "succeeded"),
        ("24", "02", "failed"),
        ("51", "02", "failed"),
        ("99", "02", "failed"),
        ("24", None, "failed"),
        ("07", "00", "pending"),
        ("07", "07", "pending"),
        ("00", "07", "pending"),
        ("00", "01", "pending"),
        ("00", "04", "unknown"),
        ("00", "02", "unknown"),
        ("24", "00", "unknown"),
        ("00", "05", "unknown"),
        ("00", "06", "unknown"),
        ("00", "09", "unknown"),
        ("00", None, "unknown"),
        (None, "00", "unknown"),
        ("00", "0", "unknown"),
        ("0", "00", "unknown"),
        ("99", None, "unknown"),
    ],
)
def test_vnpay_has_paid_only_where_both_codes_say_so(
    code: str | None, status: str | None, outcome: str
) -> None:
    said = raw("vnpay", vnp_ResponseCode=code, vnp_TransactionStatus=status)

    assert read("vnpay", said).outcome == outcome


def test_a_failure_says_why() -> None:
    def why(code: str) -> str | None:
        return read(
            "vnpay", raw("vnpay", vnp_ResponseCode=code, vnp_TransactionStatus="02")
        ).failure

    assert why("24") == "cancelled_by_payer"
    assert why("51") == "insufficient_funds"
    assert why("88") == "vnpay_88"
    assert read("vnptpay", raw("vnptpay", RESPONSE_CODE="24")).failure == "vnptpay_24"
    assert read("national", raw("national", MaLoi="24")).failure == "national_24"


def test_a_failure_needs_no_transaction() -> None:
    notice = read(
        "vnpay",
        raw("vnpay", vnp_ResponseCode="24", vnp_TransactionStatus="02", vnp_TransactionNo="0"),
    )

    assert (notice.provider_reference, notice.outcome) == ("DEV0001", Outcome.FAILED)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("vnpay", "vnp_Amount"),
        ("vnpay", "vnp_TxnRef"),
        ("vnpay", "vnp_TransactionNo"),
        ("vnpay", "vnp_PayDate"),
        ("vnptpay", "AMOUNT"),
        ("vnptpay", "MERCHANT_ORDER_ID"),
        ("vnptpay", "VNPTPAY_TRANSACTION_ID"),
        ("vnptpay", "PAY_DATE"),
        ("national", "SoTien"),
        ("national", "MaThamChieu"),
        ("national", "MaGiaoDich"),
        ("national", "ThoiGianGD"),
    ],
)
@pytest.mark.parametrize("value", ["Nguyễn Văn A", " ", "9" * 200])
def test_a_refusal_names_the_field_and_quotes_nothing(name: str, field: str, value: str) -> None:
    with pytest.raises(UnreadableNotice) as refusal:
        read(name, raw(name, **{field: value}))

    assert refusal.value.field == field
    assert "Nguyễn" not in str(refusal.value)


@pytest.mark.parametrize("amount", ["15000050", "0", "-15000000", "15000000.00", "", "1_0"])
def test_vnpays_hundredths_make_whole_dong_or_nothing(amount: str) -> None:
    with pytest.raises(UnreadableNotice):
        read("vnpay", raw("vnpay", vnp_Amount=amount))


def test_another_currency_is_told_as_it_is() -> None:
    assert read("vnptpay", raw("vnptpay", CURRENCY_CODE="USD")).amount == Money(150_000, "USD")
    assert read("national", raw("national", MaTienTe="USD")).amount == Money(150_000, "USD")


@pytest.mark.parametrize(
    "query",
    [b"", b"a;b", b"vnp_Amount=1&vnp_Amount=2", b"%ff=%ff", b"\xff", b"&".join([b"a=b"] * 99)],
)
def test_a_query_with_two_meanings_is_not_read(query: bytes) -> None:
    with pytest.raises(UnreadableNotice):
        read("vnpay", query)


@pytest.mark.parametrize("name", ["vnptpay", "national"])
@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b'{"a":1,"a":2}', b"\xff", b'{"a":"\\ud800"}']
)
def test_a_body_with_two_meanings_is_not_read(name: str, body: bytes) -> None:
    with pytest.raises(UnreadableNotice):
        read(name, body)


def test_vnpay_hears_its_own_table() -> None:
    assert {one: answered("vnpay", one) for one in Reception} == {
        Reception.RECORDED: {"RspCode": "00", "Message": "Confirm Success"},
        Reception.UNKNOWN_REFERENCE: {"RspCode": "01", "Message": "Order not found"},
        Reception.ALREADY_FINAL: {"RspCode": "02", "Message": "Order already confirmed"},
        Reception.WRONG_AMOUNT: {"RspCode": "04", "Message": "Invalid amount"},
    }


def test_vnpt_pay_hears_an_answer_that_we_signed() -> None:
    assert answered("vnptpay", Reception.RECORDED) == {
        "RESPONSE_CODE": "00",
        "DESCRIPTION": "Success",
        "MERCHANT_SERVICE_ID": "1001",
        "MERCHANT_ORDER_ID": "DEV0001",
        "CREATE_DATE": "20261123090000",
        "SECURE_CODE": "4a4540d65eac0970b7244167cbe47a6952c259c5a463c83111bed5de4a31ca54",
    }


def test_the_national_platform_hears_an_answer_that_we_signed_and_no_echo() -> None:
    said = answered("national", Reception.RECORDED)

    assert said == {
        "MaLoi": "00",
        "MoTaLoi": "Thanh cong",
        "MaDoiTac": "DEVTINH",
        "MaThamChieu": "dvcH1925260601000120261123090000",
        "ThoiGianGD": "20261123090000",
        "MaXacThuc": "da28f4a0ec81fd422bfe4afed1886620f6c9bdf129a24510a7dd65c582638f64",
    }
    assert said["MaXacThuc"] != json.loads(raw("national"))["MaXacThuc"]


@pytest.mark.parametrize("reception", Reception)
@pytest.mark.parametrize("name", ["vnptpay", "national"])
def test_every_answer_is_signed_over_what_it_says(name: str, reception: Reception) -> None:
    said = answered(name, reception)
    digest = said.pop("SECURE_CODE" if name == "vnptpay" else "MaXacThuc")

    assert digest == hashlib.sha256("|".join([*said.values(), SECRET]).encode()).hexdigest()
    heard = {Reception.RECORDED, Reception.ALREADY_FINAL}
    assert (next(iter(said.values())) == "00") == (reception in heard)
