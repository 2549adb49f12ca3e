import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.errors import Refused
from gateway.authentication.schemes.momo import SIGNED
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import RefundOutcome
from services.payment.providers.adapter import RefusedByProvider, UnusableReply
from services.payment.providers.momo import (
    ABOUT_THE_REQUEST,
    answer,
    create_request,
    query_request,
    read_created,
    read_notice,
    read_query,
    read_refund,
    refund_query_request,
    refund_request,
)
from tests.gateway.schemes.recorded_notices import recorded, written
from tests.payment.providers.scripted import (
    CALL,
    SECRET,
    URL,
    a_question,
    a_refund,
    a_reply,
    an_order,
    config,
    said_in,
)
from tests.payment.providers.street import RECEIVED
from tests.payment.samples import FEE, NOON

CONFIG = config(
    "momo",
    facts={"partner_code": "MOMODEV1"},
    secrets={"secret_key": SECRET, "access_key": "DEVACCESSKEY"},
)
ORDER = an_order("LP0123456789-1", Method.MOMO)
NOTICE = recorded("momo")
MILLISECONDS = 1795410000000
ANSWER = {"partnerCode": "MOMODEV1", "orderId": ORDER.order_reference, "resultCode": 0}
QUERIED = {**ANSWER, "amount": 150_000, "transId": 4088878653, "responseTime": MILLISECONDS}
REFUNDED = {**ANSWER, "orderId": "RF01", "amount": 50_000, "transId": 4088900001}


def notice_with(**changes: Any) -> bytes:
    return NOTICE.with_body(**changes).body


def test_the_recorded_ipn_is_read() -> None:
    notice = read_notice(CONFIG, NOTICE.parts.body)

    assert (notice.order_reference, notice.provider_reference) == ("DEV0001", "4088878653")
    assert (notice.amount, notice.outcome) == (FEE, Outcome.SUCCEEDED)
    assert notice.paid_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert notice.is_for_us
    assert notice.failure is None


@pytest.mark.parametrize("field", SIGNED)
def test_an_ipn_with_any_signed_field_altered_is_refused(field: str) -> None:
    said = json.loads(NOTICE.parts.body)
    other = said[field] + 1 if isinstance(said[field], int) else f"{said[field]}x"

    with pytest.raises(Refused):
        NOTICE.verify(NOTICE.with_body(**{field: other}))


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (0, Outcome.SUCCEEDED),
        (9000, Outcome.PENDING),
        (1000, Outcome.PENDING),
        (7002, Outcome.PENDING),
        (1006, Outcome.FAILED),
        (1001, Outcome.FAILED),
        (-1, Outcome.FAILED),
        (31337, Outcome.FAILED),
    ],
)
def test_only_result_0_is_money_and_what_is_under_way_is_not_over(
    code: int, outcome: Outcome
) -> None:
    notice = read_notice(CONFIG, notice_with(resultCode=code))

    assert notice.outcome is outcome
    assert notice.failure == (str(code) if outcome is Outcome.FAILED else None)


def test_an_ipn_for_another_merchant_is_not_for_us() -> None:
    assert not read_notice(CONFIG, notice_with(partnerCode="MOMODEV2")).is_for_us


def test_a_payment_that_never_began_has_no_number_but_ours() -> None:
    assert read_notice(CONFIG, notice_with(transId=0)).provider_reference == "DEV0001"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 150000.0},
        {"amount": "150000"},
        {"amount": -150000},
        {"amount": 0},
        {"amount": True},
        {"amount": 10**16},
        {"transId": 1.5},
        {"resultCode": "0"},
        {"resultCode": False},
        {"orderId": "a b"},
        {"orderId": "\u0000"},
        {"responseTime": 10**18},
        {"responseTime": None},
    ],
)
def test_an_ipn_that_is_no_plain_statement_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableNotice) as refused:
        read_notice(CONFIG, notice_with(**changes))

    assert refused.value.field == next(iter(changes))


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'{"a":1,"a":2}', b"null"])
def test_what_is_no_ipn_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableNotice):
        read_notice(CONFIG, raw)


def test_an_ipn_is_answered_by_204_without_a_word() -> None:
    said_back = answer(NOTICE.parts.body, RECEIVED)

    assert (said_back.status, said_back.body) == (204, b"")


def test_an_order_is_signed_over_the_list_that_momo_publishes() -> None:
    request = create_request(CONFIG, ORDER, CALL)

    said = said_in(request)
    assert request.url == f"{URL}/v2/gateway/api/create"
    # Computed with openssl, from the list as the document has it.
    assert said["signature"] == "57a48b3d27be33026c056aaddfc0734182df5dfabeab1e3395afac45e3c3ed62"
    assert (said["amount"], said["orderExpireTime"], said["lang"]) == (150_000, 15, "vi")
    assert "accessKey" not in said


def test_each_method_asks_for_its_own_page() -> None:
    asked = {
        method: said_in(create_request(CONFIG, replace(ORDER, method=method), CALL))
        for method in (Method.MOMO, Method.DOMESTIC_CARD)
    }

    assert asked[Method.MOMO]["requestType"] == "captureWallet"
    assert asked[Method.DOMESTIC_CARD]["requestType"] == "payWithATM"


def test_the_other_requests_are_signed_over_their_lists() -> None:
    refund = a_refund(ORDER.order_reference, "4088878653")
    requests = [
        query_request(CONFIG, a_question(ORDER.order_reference), CALL),
        refund_request(CONFIG, refund, CALL),
        refund_query_request(CONFIG, refund, CALL),
    ]

    assert [said_in(request)["signature"] for request in requests] == [
        "aea673f5a9670aef0388f58e2d14ab2d6516727d6875083b1939ade892bfd7ff",
        "41a21879e4dee1ccc4d141202cc93eeff8fc67fadb6875b9b5c8421a89b207f5",
        "82dfc42a8f8faf0a8c732d1709f2fc00d856977a23c8aeae1414ac99cb8fb3fd",
    ]


def test_an_order_that_momo_takes_leads_to_its_page() -> None:
    page = "https://payment.momo.vn/v2/gateway/pay?t=abc"
    reply = a_reply({**ANSWER, "amount": 150_000, "payUrl": page})

    assert read_created(CONFIG, ORDER, reply).pay_url == page


def test_an_order_that_momo_refuses_is_refused_with_its_code() -> None:
    with pytest.raises(RefusedByProvider) as refused:
        read_created(CONFIG, ORDER, a_reply({**ANSWER, "resultCode": 22}))

    assert refused.value.reason == "22"


@pytest.mark.parametrize(
    "said",
    [
        {**ANSWER},
        {**ANSWER, "payUrl": "javascript:alert(1)"},
        {**ANSWER, "payUrl": "https://momo.vn/a", "amount": 1},
        {**ANSWER, "payUrl": "https://momo.vn/a", "orderId": "another"},
        {**ANSWER, "payUrl": "https://momo.vn/a", "partnerCode": "another"},
        b"<html>",
    ],
)
def test_an_answer_about_something_else_makes_no_checkout(said: Any) -> None:
    with pytest.raises(UnusableReply):
        read_created(CONFIG, ORDER, a_reply(said))


@pytest.mark.parametrize(
    ("code", "outcome", "told"),
    [
        (0, Outcome.SUCCEEDED, 1),
        (9000, Outcome.PENDING, 1),
        (1006, Outcome.FAILED, 1),
    ],
)
def test_an_enquiry_says_what_the_code_says(code: int, outcome: Outcome, told: int) -> None:
    answer = read_query(
        CONFIG, a_question(ORDER.order_reference), a_reply({**QUERIED, "resultCode": code})
    )

    assert (answer.outcome, len(answer.notices), answer.evidence_level) == (outcome, told, "P3")
    assert answer.notices[0].amount == FEE
    assert answer.notices[0].paid_at == NOON


def test_an_order_that_failed_before_a_payment_began_is_told_of_by_our_name() -> None:
    said = {**QUERIED, "resultCode": 1005, "transId": 0}

    answer = read_query(CONFIG, a_question(ORDER.order_reference), a_reply(said))

    (notice,) = answer.notices
    assert (notice.outcome, notice.failure) == (Outcome.FAILED, "1005")
    assert notice.provider_reference == ORDER.order_reference


def test_an_order_that_momo_does_not_know_is_nothing_to_tell_of() -> None:
    said = {**ANSWER, "resultCode": 42, "responseTime": MILLISECONDS}

    answer = read_query(CONFIG, a_question(ORDER.order_reference), a_reply(said))

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


def test_an_order_that_nobody_paid_has_no_notice() -> None:
    said = {**QUERIED, "resultCode": 1000, "transId": 0}

    answer = read_query(CONFIG, a_question(ORDER.order_reference), a_reply(said))

    assert (answer.outcome, answer.notices) == (Outcome.PENDING, ())


@pytest.mark.parametrize("code", sorted(ABOUT_THE_REQUEST))
def test_a_code_about_the_request_says_nothing_of_the_money(code: int) -> None:
    reply = a_reply({**QUERIED, "resultCode": code})
    refund = a_refund(ORDER.order_reference, "4088878653")

    with pytest.raises(UnusableReply):
        read_query(CONFIG, a_question(ORDER.order_reference), reply)
    with pytest.raises(UnusableReply):
        read_refund(CONFIG, refund, a_reply({**REFUNDED, "resultCode": code}))


@pytest.mark.parametrize(
    "changes",
    [
        {"orderId": "another"},
        {"partnerCode": "another"},
        {"transId": 0},
        {"amount": 0},
        {"amount": 150000.0},
        {"responseTime": "now"},
    ],
)
def test_an_enquiry_about_something_else_tells_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableReply):
        read_query(CONFIG, a_question(ORDER.order_reference), a_reply({**QUERIED, **changes}))


@pytest.mark.parametrize("status", [302, 400, 500])
def test_another_status_tells_nothing(status: int) -> None:
    reply = a_reply(QUERIED, status=status)

    with pytest.raises(UnusableReply):
        read_query(CONFIG, a_question(ORDER.order_reference), reply)


def test_momo_is_not_asked_without_an_order() -> None:
    with pytest.raises(UnusableReply):
        query_request(CONFIG, a_question(None), CALL)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (0, RefundOutcome.SUCCEEDED),
        (7002, RefundOutcome.PENDING),
        (1080, RefundOutcome.FAILED),
        (42, RefundOutcome.FAILED),
    ],
)
def test_a_refund_ends_as_its_code_says(code: int, outcome: RefundOutcome) -> None:
    refund = a_refund(ORDER.order_reference, "4088878653")

    answer = read_refund(CONFIG, refund, a_reply({**REFUNDED, "resultCode": code}))

    assert (answer.outcome, answer.provider_reference) == (outcome, "4088900001")


def test_a_refund_is_found_by_our_name_among_those_of_a_payment() -> None:
    refund = a_refund(ORDER.order_reference, "4088878653")
    parts = [
        {"orderId": "RF00", "amount": 50_000, "resultCode": 0, "transId": 1},
        {"orderId": "RF01", "amount": 50_000, "resultCode": 1080, "transId": 2},
    ]

    answer = read_refund(CONFIG, refund, a_reply({**REFUNDED, "refundTrans": parts}))

    assert (answer.outcome, answer.provider_reference) == (RefundOutcome.FAILED, "2")


def test_a_refund_of_another_amount_is_not_known_to_be_ours() -> None:
    refund = a_refund(ORDER.order_reference, "4088878653")

    with pytest.raises(UnusableReply):
        read_refund(CONFIG, refund, a_reply({**REFUNDED, "amount": 50_001}))
    with pytest.raises(UnusableReply):
        read_refund(CONFIG, refund, a_reply({**REFUNDED, "orderId": "RF02"}))


def test_a_repeat_of_a_refund_has_the_same_request_id() -> None:
    refund = a_refund(ORDER.order_reference, "4088878653")
    later = replace(CALL, request_id="another")

    one, other = (refund_request(CONFIG, refund, call) for call in (CALL, later))

    assert one == other
    assert written(said_in(one)["requestId"]) == b'"RF01"'
