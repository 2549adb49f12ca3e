"""What is particular to each scheme that works by a shared secret."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from chassis.canonical import sha256_hex
from chassis.errors import Malformed, Refused, Unauthenticated
from gateway.authentication.callbacks.reading import mac_hex
from gateway.domain.callbacks.notice import Material, Parts
from tests.gateway.schemes.recorded_notices import AT, SECRET, recorded, written

VNPAY = recorded("vnpay")
# Computed once without this code.
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


def vnpay(query: str) -> Parts:
    return replace(VNPAY.parts, query=query)


def test_vnpay_agrees_with_a_hash_computed_elsewhere() -> None:
    proof = VNPAY.verify(vnpay(f"{KNOWN_DATA}&vnp_SecureHash={KNOWN_HASH}"))

    assert proof.base.decode() == KNOWN_DATA


def test_vnpay_fields_in_any_order_without_the_empty_and_foreign_ones() -> None:
    fields = VNPAY.parts.query.split("&")
    more = ["vnp_SecureHashType=HMACSHA512", "vnp_Empty=", "utm=street"]

    for order in (fields[::-1], [*more, *fields]):
        assert VNPAY.verify(vnpay("&".join(order))).base == VNPAY.verify().base


@pytest.mark.parametrize(
    "more", ["&vnp_Amount=15000000", "&vnp_Amount=1", "&vnp_SecureHash=00", "&utm=1&utm=1"]
)
def test_vnpay_fields_that_come_twice_are_refused(more: str) -> None:
    with pytest.raises(Malformed, match="twice"):
        VNPAY.verify(vnpay(VNPAY.parts.query + more))


@pytest.mark.parametrize("query", ["", "vnp_SecureHash=", "a;b", "%ff=%ff", "&&", "a=b&" * 99])
def test_vnpay_queries_that_say_nothing_are_refused(query: str) -> None:
    with pytest.raises(Refused):
        VNPAY.verify(vnpay(query))


def test_vnpay_takes_no_body_and_no_long_query() -> None:
    with pytest.raises(Malformed):
        VNPAY.verify(replace(VNPAY.parts, body=b"{}"))
    with pytest.raises(Malformed, match="longer"):
        VNPAY.verify(vnpay(VNPAY.parts.query + "&utm=" + "x" * 4096))


def test_vnpay_leaves_out_no_signed_field() -> None:
    fields = VNPAY.parts.query.split("&")
    for left_out in fields:
        with pytest.raises(Unauthenticated):
            VNPAY.verify(vnpay("&".join(one for one in fields if one != left_out)))


def test_vnpt_pay_writes_its_digest_in_either_case() -> None:
    notice = recorded("vnptpay")
    code = json.loads(notice.parts.body)["SECURE_CODE"]

    assert notice.verify(notice.with_body(SECURE_CODE=code.upper())).base == notice.verify().base


@pytest.mark.parametrize(
    ("scheme", "signature", "left", "right"),
    [
        ("vnptpay", "SECURE_CODE", "MERCHANT_ORDER_ID", "AMOUNT"),
        ("national", "MaXacThuc", "MaThamChieu", "SoTien"),
    ],
)
def test_words_cannot_move_from_field_to_field_over_a_pipe(
    scheme: str, signature: str, left: str, right: str
) -> None:
    """Both bodies join to the same text, so the same digest would fit either."""
    notice = recorded(scheme)
    said = json.loads(notice.parts.body)
    moved = {**said, left: f"{said[left]}|{said[right]}", right: "1"}
    names = [name for name in said if name != signature]
    joined = "|".join(moved[name] for name in names)
    moved[signature] = sha256_hex(f"{joined}|{SECRET}".encode())

    with pytest.raises(Malformed, match="divides"):
        notice.verify(replace(notice.parts, body=written(moved)))


def test_the_last_field_may_hold_a_pipe() -> None:
    notice = recorded("national")
    said = {**json.loads(notice.parts.body), "ThongTinGiaoDich": "HO SO 1|2"}
    del said["MaXacThuc"]
    joined = "|".join(said.values())
    said["MaXacThuc"] = sha256_hex(f"{joined}|{SECRET}".encode())

    assert notice.verify(replace(notice.parts, body=written(said))).base == joined.encode()


@pytest.mark.parametrize(("scheme", "member"), [("momo", "orderInfo"), ("payos", "description")])
def test_a_value_that_reads_as_another_field_is_refused(scheme: str, member: str) -> None:
    notice = recorded(scheme)
    said = json.loads(notice.parts.body)
    (said["data"] if scheme == "payos" else said)[member] = "phi&orderType=other"

    with pytest.raises(Malformed, match="another field"):
        notice.verify(replace(notice.parts, body=written(said)))


def test_momo_needs_the_access_key_that_no_message_carries() -> None:
    notice = recorded("momo")

    with pytest.raises(Unauthenticated):
        notice.verify(
            material=Material(secrets={"secret_key": SECRET, "access_key": "ANOTHER-ONE"})
        )


def test_zalopay_signs_the_text_as_it_stands_and_it_must_mean_one_thing() -> None:
    notice = recorded("zalopay")
    for data in ('{"amount":1,"amount":2}', "no json"):
        body = written({"data": data, "mac": mac_hex(SECRET, data.encode())})
        with pytest.raises(Malformed):
            notice.verify(replace(notice.parts, body=body))


def test_zalopay_checks_with_key2_and_not_with_key1() -> None:
    notice = recorded("zalopay")
    turned = Material(secrets={"key1": SECRET, "key2": SECRET[::-1]})

    with pytest.raises(Unauthenticated):
        notice.verify(material=turned)


def test_payos_takes_null_as_nothing_and_ignores_what_stands_around_the_data() -> None:
    notice = recorded("payos")
    around = notice.with_body(code="00", desc="success", success=True)

    assert b"&counterAccountBankId=&" in notice.verify().base
    assert notice.verify(around).base == notice.verify().base
    assert '[{"name":"Lệ phí","quantity":1}]'.encode() in notice.verify().base


@pytest.mark.parametrize("data", [None, [], {}, "text", {"a=b": 1}, {"a&b": 1}])
def test_payos_data_of_another_form_is_refused(data: object) -> None:
    notice = recorded("payos")
    said = {**json.loads(notice.parts.body), "data": data}

    with pytest.raises(Malformed):
        notice.verify(replace(notice.parts, body=written(said)))


@pytest.mark.parametrize(("seconds", "is_taken"), [(300, True), (301, False)])
def test_sepay_counts_five_minutes_either_way(seconds: int, is_taken: bool) -> None:
    notice = recorded("sepay")
    for received_at in (AT + timedelta(seconds=seconds), AT - timedelta(seconds=seconds)):
        late = replace(notice.parts, received_at=received_at)
        if is_taken:
            assert notice.verify(late).signature
        else:
            with pytest.raises(Unauthenticated, match="too old"):
                notice.verify(late)


def test_sepay_by_key_alone_keeps_nothing_of_the_key() -> None:
    notice = recorded("sepay")
    by_key = Material(secrets={"api_key": SECRET})
    given = notice.with_header("authorization", f"Apikey {SECRET}")

    proof = notice.verify(given, by_key)

    assert (proof.signature, dict(proof.headers)) == ("", {})
    for wrong in (f"apikey {SECRET}", f"Bearer {SECRET}", SECRET, f"Apikey {SECRET}x", "Apikey "):
        with pytest.raises(Unauthenticated):
            notice.verify(notice.with_header("authorization", wrong), by_key)
    with pytest.raises(Unauthenticated):
        notice.verify(given, Material(secrets={"webhook_secret": SECRET[::-1]}))


def test_casso_is_understood_in_the_spelling_of_php_as_well() -> None:
    notice = recorded("casso")
    code = (
        "6e4cb82fa88301c1a736209738d003231f10c018d7689254339810c044b7a2a6"
        "3d5652d49df87009f73df737528a6bc64a71ee4dfe6b09017d768f184efe1004"
    )
    php = notice.with_header("x-casso-signature", f"t=1795399200000,v1={code}")

    proof = notice.verify(php)

    assert rb"n\u1ed9p l\u1ec7 ph\u00ed" in proof.base
    assert rb"VCB\/HN" in proof.base
    for form in (f"t=1,v1={code}", f"v1={code},t=1795399200000", f"v1={code}", code, f"{php} "):
        with pytest.raises(Unauthenticated):
            notice.verify(notice.with_header("x-casso-signature", form))


def test_casso_of_the_first_version_sends_a_token() -> None:
    notice = recorded("casso")
    by_token = Material(secrets={"secure_token": SECRET})

    assert notice.verify(notice.with_header("secure-token", SECRET), by_token).signature == ""
    for wrong in ("", SECRET[:-1], SECRET + " "):
        with pytest.raises(Unauthenticated):
            notice.verify(notice.with_header("secure-token", wrong), by_token)


def test_a_number_with_a_fraction_is_not_guessed_at() -> None:
    notice = recorded("momo")

    with pytest.raises(Malformed):
        notice.verify(notice.with_body(amount=150000.5))


def test_a_query_of_our_own_making_is_read_back() -> None:
    query = urlencode({"vnp_OrderInfo": "Nộp lệ phí & lệ phí", "vnp_Amount": "1"})
    fields = sorted(query.split("&"))
    code = mac_hex(SECRET, "&".join(fields).encode(), hashlib.sha512)

    assert VNPAY.verify(vnpay(f"{query}&vnp_SecureHash={code}")).signature == code
