import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.errors import Refused
from chassis.money import Money
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import OrderSeed
from services.payment.providers.adapter import RefusedByProvider, Reply, UnusableReply
from services.payment.providers.payos import (
    _signed_text,
    create_request,
    enquiry_request,
    order_reference,
    read_created,
    read_enquiry,
    read_notice,
)
from services.payment.providers.reading import hmac_sha256_hex
from tests.gateway.schemes.recorded_notices import recorded, written
from tests.payment.providers.scripted import (
    BILL,
    CALL,
    SECRET,
    URL,
    a_question,
    a_reply,
    an_order,
    config,
    said_in,
)
from tests.payment.samples import FEE, NOON

CONFIG = config(
    "payos",
    facts={"client_id": "lephi", "account_number": "12345678"},
    secrets={"checksum_key": SECRET, "api_key": "AN-API-KEY"},
)
ORDER = an_order("6255498164026261", Method.VIETQR)
NOTICE = recorded("payos")
DATA = json.loads(NOTICE.parts.body)["data"]
# The example of PayOS's own page about signatures, with the key that stands there.
PUBLISHED_KEY = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675"
PUBLISHED: dict[str, Any] = {
    "code": "00",
    "desc": "success",
    "success": True,
    "data": {
        "orderCode": 123,
        "amount": 3000,
        "description": "VQRIO123",
        "accountNumber": "12345678",
        "reference": "TF230204212323",
        "transactionDateTime": "2023-02-04 18:25:00",
        "currency": "VND",
        "paymentLinkId": "124c33293c43417ab7879e14c8d9eb18",
        "code": "00",
        "desc": "Thành công",
        "counterAccountBankId": "",
        "counterAccountBankName": "",
        "counterAccountName": "",
        "counterAccountNumber": "",
        "virtualAccountName": "",
        "virtualAccountNumber": "",
    },
    "signature": "412e915d2871504ed31be63c8f62a149a4410d34c4c42affc9006ef9917eaa03",
}
CREATED: dict[str, Any] = {
    "bin": "970422",
    "accountNumber": "VQRQ0001",
    "accountName": "SO TU PHAP",
    "amount": 150_000,
    "description": BILL,
    "orderCode": 6255498164026261,
    "currency": "VND",
    "paymentLinkId": "124c33293c43417ab7879e14c8d9eb18",
    "expiredAt": None,
    "status": "PENDING",
    "checkoutUrl": "https://pay.payos.vn/web/124c33293c43417ab7879e14c8d9eb18",
    "qrCode": "00020101021238",
}
TRANSFER: dict[str, Any] = {
    "reference": "FT26327000001",
    "amount": 150_000,
    "accountNumber": "12345678",
    "description": BILL,
    "transactionDateTime": "2026-11-23T12:00:00+07:00",
    "virtualAccountName": None,
    "virtualAccountNumber": "VQRQ0001",
    "counterAccountName": "NGUYỄN VĂN A",
}
ASKED: dict[str, Any] = {
    "id": "124c33293c43417ab7879e14c8d9eb18",
    "orderCode": 6255498164026261,
    "amount": 150_000,
    "amountPaid": 150_000,
    "amountRemaining": 0,
    "status": "PAID",
    "createdAt": "2026-11-23T11:59:00+07:00",
    "transactions": [TRANSFER],
    "cancellationReason": None,
    "canceledAt": None,
}


def signed(data: dict[str, Any], **changes: Any) -> Reply:
    """Signed by a second writing of the rule; `changes` come in after that."""
    words = []
    for name in sorted(data):
        value = data[name]
        if isinstance(value, list):
            value = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        words.append(f"{name}={'' if value is None else value}")
    signature = hmac_sha256_hex(SECRET, "&".join(words))
    said = {"code": "00", "desc": "success", "data": {**data, **changes}, "signature": signature}
    return a_reply(said)


def notice_with(**changes: Any) -> bytes:
    data = {name: value for name, value in {**DATA, **changes}.items() if value != "left out"}
    return written({"data": data, "signature": ""})


def test_the_published_example_is_accepted_and_read() -> None:
    verify = SCHEMES["payos"].verify
    assert verify is not None
    raw = written(PUBLISHED)

    verify(Parts(body=raw, received_at=NOON), Material(secrets={"checksum_key": PUBLISHED_KEY}))
    notice = read_notice(CONFIG, raw)

    assert (notice.order_reference, notice.provider_reference) == ("123", "TF230204212323")
    assert (notice.amount, notice.alias_account) == (Money(3_000), None)
    assert notice.paid_at == datetime(2023, 2, 4, 11, 25, tzinfo=UTC)


def test_the_published_example_is_signed_as_we_read_answers() -> None:
    text = _signed_text(PUBLISHED["data"])

    assert hmac_sha256_hex(PUBLISHED_KEY, text) == PUBLISHED["signature"]


def test_the_recorded_webhook_is_read() -> None:
    notice = read_notice(CONFIG, NOTICE.parts.body)

    assert (notice.order_reference, notice.provider_reference) == ("123", "TF230204212323")
    assert (notice.amount, notice.outcome, notice.is_for_us) == (FEE, Outcome.SUCCEEDED, True)
    assert notice.paid_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert notice.purpose == "DVC0001 Nop le phi"


@pytest.mark.parametrize("field", sorted(DATA))
def test_a_webhook_with_any_field_altered_is_refused(field: str) -> None:
    value = DATA[field]
    other = value + 1 if isinstance(value, int) else f"{value}x"

    with pytest.raises(Refused):
        NOTICE.verify(NOTICE.with_body(data={**DATA, field: other}))


def test_a_webhook_of_another_account_is_not_for_us() -> None:
    assert not read_notice(CONFIG, notice_with(accountNumber="87654321")).is_for_us


def test_a_webhook_that_says_another_code_is_no_money() -> None:
    assert read_notice(CONFIG, notice_with(code="01")).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 150000.0},
        {"amount": "150000"},
        {"amount": -1},
        {"amount": 0},
        {"orderCode": 2**53},
        {"orderCode": 0},
        {"orderCode": "123"},
        {"reference": ""},
        {"reference": "left out"},
        {"description": "a\u0000b"},
        {"transactionDateTime": "yesterday"},
        {"transactionDateTime": "0001-01-01 00:00:00"},
        {"currency": "vnd"},
    ],
)
def test_a_webhook_that_is_no_plain_statement_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableNotice):
        read_notice(CONFIG, notice_with(**changes))


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"data":null}', b'{"data":[]}', b"\xff"])
def test_what_is_no_webhook_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableNotice):
        read_notice(CONFIG, raw)


def test_an_order_is_named_by_a_number_that_a_double_holds() -> None:
    seeds = [
        OrderSeed(bill_reference=f"LP{bill:010d}", number=number, started_at=NOON)
        for bill in range(2_000)
        for number in range(1, 6)
    ]

    codes = [int(order_reference(seed)) for seed in seeds]

    assert len(set(codes)) == len(seeds)
    assert all(0 < code < 2**53 for code in codes)
    assert order_reference(replace(seeds[0], bill_reference=BILL)) == ORDER.order_reference


def test_an_order_is_signed_over_its_five_fields() -> None:
    request = create_request(CONFIG, ORDER)

    said = said_in(request)
    assert request.url == f"{URL}/v2/payment-requests"
    assert (request.headers["x-client-id"], request.headers["x-api-key"]) == ("lephi", "AN-API-KEY")
    # Computed with openssl, from the five fields in the order of their names.
    assert said["signature"] == "6247e21acef9beba80cd80c0445c1527218fce24e0d863b3f598521ce43d46ee"
    assert (said["orderCode"], said["description"]) == (6255498164026261, BILL)
    assert said["expiredAt"] == int(ORDER.expires_at.timestamp())


def test_a_link_leads_to_its_page_and_to_an_account_of_its_own() -> None:
    checkout = read_created(CONFIG, ORDER, signed(CREATED))

    assert checkout.pay_url == CREATED["checkoutUrl"]
    assert checkout.alias_account == "VQRQ0001"


def test_the_channels_own_account_names_no_order() -> None:
    own = {**CREATED, "accountNumber": "12345678"}

    assert read_created(CONFIG, ORDER, signed(own)).alias_account is None


def test_an_order_that_payos_refuses_is_refused_with_its_code() -> None:
    with pytest.raises(RefusedByProvider) as refused:
        read_created(CONFIG, ORDER, a_reply({"code": "231", "desc": "", "data": None}))

    assert refused.value.reason == "231"


@pytest.mark.parametrize("field", sorted(CREATED))
def test_a_link_with_any_signed_field_altered_is_not_believed(field: str) -> None:
    value = CREATED[field]
    other = value + 1 if isinstance(value, int) else f"{value}x"

    with pytest.raises(UnusableReply, match="signature"):
        read_created(CONFIG, ORDER, signed(CREATED, **{field: other}))


@pytest.mark.parametrize("changes", [{"orderCode": 7}, {"amount": 1}, {"checkoutUrl": "x"}])
def test_a_link_of_another_order_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableReply):
        read_created(CONFIG, ORDER, signed({**CREATED, **changes}))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("PAID", Outcome.SUCCEEDED),
        ("UNDERPAID", Outcome.PENDING),
        ("PENDING", Outcome.PENDING),
        ("PROCESSING", Outcome.PENDING),
        ("CANCELLED", Outcome.FAILED),
        ("EXPIRED", Outcome.FAILED),
    ],
)
def test_an_enquiry_says_what_the_status_says_and_every_credit(
    status: str, outcome: Outcome
) -> None:
    came = [{**TRANSFER, "amount": 50_000}, {**TRANSFER, "reference": "FT2"}]
    data = {**ASKED, "status": status, "transactions": came}

    answer = read_enquiry(CONFIG, a_question(ORDER.order_reference), signed(data))

    assert (answer.outcome, answer.evidence_level) == (outcome, "P3")
    assert [one.amount for one in answer.notices] == [Money(50_000), FEE]
    assert {one.alias_account for one in answer.notices} == {"VQRQ0001"}
    assert {one.paid_at for one in answer.notices} == {NOON}


@pytest.mark.parametrize("field", sorted(ASKED))
def test_an_enquiry_with_any_field_altered_tells_nothing(field: str) -> None:
    value = ASKED[field]
    other: Any = value + 1 if isinstance(value, int) else f"{value}x"
    if field == "transactions":
        other = [{**TRANSFER, "amount": 149_000}]

    with pytest.raises(UnusableReply, match="signature"):
        read_enquiry(CONFIG, a_question(ORDER.order_reference), signed(ASKED, **{field: other}))


@pytest.mark.parametrize(
    "changes",
    [
        {"orderCode": 7},
        {"status": "SOMETHING"},
        {"transactions": []},
        {"transactions": [{**TRANSFER, "amount": 1.5}]},
        {"transactions": None},
    ],
)
def test_an_enquiry_about_something_else_tells_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableReply):
        read_enquiry(CONFIG, a_question(ORDER.order_reference), signed({**ASKED, **changes}))


def test_a_link_that_ended_unpaid_is_told_of_as_over() -> None:
    data = {**ASKED, "status": "CANCELLED", "transactions": []}

    (notice,) = read_enquiry(CONFIG, a_question(ORDER.order_reference), signed(data)).notices

    assert (notice.outcome, notice.failure) == (Outcome.FAILED, "cancelled")
    assert (notice.order_reference, notice.amount) == (ORDER.order_reference, FEE)


def test_a_link_that_does_not_exist_brings_nothing() -> None:
    reply = a_reply({"code": "101", "desc": "Mã thanh toán không tồn tại", "data": None})

    answer = read_enquiry(CONFIG, a_question(ORDER.order_reference), reply)

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


@pytest.mark.parametrize(
    "said",
    [
        {"code": "401", "desc": "", "data": None},
        {"code": "00", "data": ASKED},
        {"code": "00", "data": ASKED, "signature": ""},
        {"code": "00", "data": ASKED, "signature": 7},
        {"code": "00", "data": {"a": "\ud800"}, "signature": "0"},
        {"code": "00", "data": None, "signature": ""},
        {"code": 0},
        {},
        [],
    ],
)
def test_an_answer_that_is_not_signed_tells_nothing(said: Any) -> None:
    reply = a_reply(json.dumps(said).encode())

    with pytest.raises(UnusableReply):
        read_enquiry(CONFIG, a_question(ORDER.order_reference), reply)


@pytest.mark.parametrize("order_reference", [None, "abc", "../admin"])
def test_payos_is_asked_by_a_number_alone(order_reference: str | None) -> None:
    with pytest.raises(UnusableReply):
        enquiry_request(CONFIG, a_question(order_reference), CALL)
