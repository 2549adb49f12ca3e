import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from chassis.errors import Refused
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, Reception
from services.payment.ports.providers import OrderSeed, RefundOutcome
from services.payment.providers.adapter import OutgoingRequest, RefusedByProvider, UnusableReply
from services.payment.providers.zalopay import (
    ABOUT_THE_REQUEST,
    answer,
    create_request,
    order_reference,
    query_request,
    read_asked_refund,
    read_created,
    read_notice,
    read_query,
    read_refund,
    refund_query_request,
    refund_request,
)
from tests.gateway.schemes.recorded_notices import recorded, written
from tests.payment.providers.scripted import (
    BILL,
    CALL,
    SECRET,
    URL,
    a_question,
    a_refund,
    a_reply,
    an_order,
    config,
)
from tests.payment.providers.street import RECEIVED
from tests.payment.samples import FEE, NOON

CONFIG = config("zalopay", facts={"app_id": "2553"}, secrets={"key1": SECRET, "key2": SECRET})
ORDER = an_order("261123_LP0123456789-1", Method.ZALOPAY)
NOTICE = recorded("zalopay")
DATA = json.loads(json.loads(NOTICE.parts.body)["data"])
MILLISECONDS = 1795410000000
PAID = {
    "return_code": 1,
    "sub_return_code": 1,
    "amount": 150_000,
    "zp_trans_id": 261123000000389,
    "server_time": MILLISECONDS,
}


def notice_with(**changes: Any) -> bytes:
    data = {name: value for name, value in {**DATA, **changes}.items() if value is not None}
    return written({"data": json.dumps(data), "mac": "", "type": 1})


def form_of(request: OutgoingRequest) -> dict[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    return {name: value for name, (value,) in fields.items()}


def test_the_recorded_callback_is_read() -> None:
    notice = read_notice(CONFIG, NOTICE.parts.body)

    assert notice.order_reference == "261123_0001"
    assert notice.provider_reference == "261123000000389"
    assert (notice.amount, notice.outcome, notice.is_for_us) == (FEE, Outcome.SUCCEEDED, True)
    # It says no time, so the day of the order has to do: in Viet Nam, where the order was named.
    assert notice.paid_at == datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("field", sorted(DATA))
def test_a_callback_with_any_field_altered_is_refused(field: str) -> None:
    other = DATA[field] + 1 if isinstance(DATA[field], int) else f"{DATA[field]}x"
    data = json.dumps({**DATA, field: other}, separators=(",", ":"))

    with pytest.raises(Refused):
        NOTICE.verify(NOTICE.with_body(data=data))


def test_zalopays_own_time_counts_before_the_orders() -> None:
    raw = notice_with(server_time=MILLISECONDS, app_time=MILLISECONDS - 60_000)

    assert read_notice(CONFIG, raw).paid_at == NOON


def test_a_callback_for_another_app_is_not_for_us() -> None:
    assert not read_notice(CONFIG, notice_with(app_id=2554)).is_for_us


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 150000.0},
        {"amount": "150000"},
        {"amount": -1},
        {"amount": 0},
        {"zp_trans_id": 0},
        {"zp_trans_id": "x"},
        {"app_id": None},
        {"app_trans_id": "0001"},
        {"app_trans_id": "261199_0001"},
        {"app_trans_id": "261123_\u00e9"},
        {"server_time": 10**18},
    ],
)
def test_a_callback_that_is_no_plain_statement_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableNotice) as refused:
        read_notice(CONFIG, notice_with(**changes))

    assert refused.value.field == next(iter(changes))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b'{"data":{}}', b'{"data":""}', b'{"data":"[]"}', b'{"data":"\\ud800"}', b"\xff"],
)
def test_what_is_no_callback_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableNotice):
        read_notice(CONFIG, raw)


@pytest.mark.parametrize(
    ("reception", "said"),
    [
        (Reception.RECORDED, b'{"return_code":1,"return_message":"success"}'),
        (Reception.ALREADY_FINAL, b'{"return_code":2,"return_message":"duplicate"}'),
        (Reception.WRONG_AMOUNT, b'{"return_code":1,"return_message":"success"}'),
        (Reception.UNKNOWN_REFERENCE, b'{"return_code":1,"return_message":"success"}'),
    ],
)
def test_a_callback_is_answered_so_that_it_is_not_said_again(
    reception: Reception, said: bytes
) -> None:
    said_back = answer(NOTICE.parts.body, replace(RECEIVED, reception=reception))

    assert (said_back.status, said_back.body) == (200, said)


def test_an_order_is_named_by_the_day_in_viet_nam() -> None:
    late = NOON.replace(hour=17, minute=30)
    seeds = [OrderSeed(bill_reference=BILL, number=n, started_at=late) for n in (1, 2)]

    assert [order_reference(seed) for seed in seeds] == [
        f"261124_{BILL}-1",
        f"261124_{BILL}-2",
    ]


def test_an_order_is_signed_over_seven_fields() -> None:
    request = create_request(CONFIG, ORDER, CALL)

    form = form_of(request)
    assert request.url == f"{URL}/v2/create"
    # Computed with openssl, from the list as it is published.
    assert form["mac"] == "28a64c7c40b414a6584ae1e859e85be3a2ecbf97567708afc5859778b5f93aee"
    assert (form["app_time"], form["expire_duration_seconds"]) == (str(MILLISECONDS), "900")
    assert form["callback_url"] == CONFIG.notify_url


@pytest.mark.parametrize(
    ("method", "bank_code", "group"),
    [
        (Method.ZALOPAY, "zalopayapp", None),
        (Method.DOMESTIC_CARD, "", "ATM"),
        (Method.INTERNATIONAL_CARD, "CC", None),
    ],
)
def test_each_method_asks_for_its_own_banks(
    method: Method, bank_code: str, group: str | None
) -> None:
    form = form_of(create_request(CONFIG, replace(ORDER, method=method), CALL))

    assert form["bank_code"] == bank_code
    assert json.loads(form["embed_data"]).get("bankgroup") == group


def test_an_order_never_lives_shorter_than_zalopay_takes() -> None:
    ending = replace(ORDER, expires_at=NOON + timedelta(seconds=10))

    assert form_of(create_request(CONFIG, ending, CALL))["expire_duration_seconds"] == "300"


def test_the_other_requests_are_signed_over_their_lists() -> None:
    refund = a_refund(ORDER.order_reference, "261123000000389")
    requests = [
        query_request(CONFIG, a_question(ORDER.order_reference)),
        refund_request(CONFIG, refund, CALL),
        refund_query_request(CONFIG, refund, CALL),
    ]

    assert [form_of(request)["mac"] for request in requests] == [
        "20a9eff80d7b8a83536e92246fb7340cc8fbf29b6b7900aa3f07c6fd9ffc75ff",
        "57711a20181e2ca1c5548c4289eb2538b1ff40d6fc80e7b289c752ca88562497",
        "cc309bfa55e2a9ccfcc47e0f212b4ef58c0d1d2d167e5a1c35f6a52eaa8e3b05",
    ]


def test_a_refund_has_one_name_on_whatever_day_it_is_called_for() -> None:
    refund = a_refund(ORDER.order_reference, "261123000000389")
    later = replace(CALL, now=NOON + timedelta(days=3))

    names = {
        form_of(ask(CONFIG, refund, call))["m_refund_id"]
        for ask in (refund_request, refund_query_request)
        for call in (CALL, later)
    }

    assert names == {"261124_2553_RF01"}


def test_an_order_that_zalopay_takes_leads_to_its_page() -> None:
    reply = a_reply({"return_code": 1, "order_url": "https://qcgateway.zalopay.vn/openinapp?o=1"})

    checkout = read_created(ORDER, reply)

    assert checkout.pay_url == "https://qcgateway.zalopay.vn/openinapp?o=1"


def test_an_order_that_zalopay_refuses_is_refused_with_its_code() -> None:
    with pytest.raises(RefusedByProvider) as refused:
        read_created(ORDER, a_reply({"return_code": 2, "sub_return_code": -68}))

    assert refused.value.reason == "-68"


@pytest.mark.parametrize(
    "said",
    [
        {"return_code": 1},
        {"return_code": 3, "order_url": "https://zalopay.vn/a"},
        {"return_code": 1, "order_url": "ftp://zalopay.vn/a"},
        {"return_code": 1.0, "order_url": "https://zalopay.vn/a"},
        {"order_url": "https://zalopay.vn/a"},
    ],
)
def test_an_answer_that_says_no_page_makes_no_checkout(said: Any) -> None:
    with pytest.raises(UnusableReply):
        read_created(ORDER, a_reply(said))


@pytest.mark.parametrize(
    ("code", "outcome", "failure"),
    [(1, Outcome.SUCCEEDED, None), (2, Outcome.FAILED, "-217"), (3, Outcome.PENDING, None)],
)
def test_an_enquiry_says_what_the_code_says(
    code: int, outcome: Outcome, failure: str | None
) -> None:
    reply = a_reply({**PAID, "return_code": code, "sub_return_code": -217})

    answer = read_query(a_question(ORDER.order_reference), reply)

    assert (answer.outcome, answer.evidence_level) == (outcome, "P3")
    assert [(one.amount, one.paid_at, one.outcome) for one in answer.notices] == (
        [] if code == 3 else [(FEE, NOON, outcome)]
    )
    assert [one.failure for one in answer.notices] == ([] if code == 3 else [failure])


def test_an_order_that_failed_before_a_payment_began_is_told_of_by_our_name() -> None:
    said = {"return_code": 2, "sub_return_code": -54, "zp_trans_id": 0}

    (notice,) = read_query(a_question(ORDER.order_reference), a_reply(said)).notices

    assert notice.provider_reference == notice.order_reference == ORDER.order_reference
    assert (notice.outcome, notice.failure, notice.paid_at) == (Outcome.FAILED, "-54", NOON)


def test_an_order_that_zalopay_does_not_know_is_nothing_to_tell_of() -> None:
    said = {"return_code": 2, "sub_return_code": -101}

    answer = read_query(a_question(ORDER.order_reference), a_reply(said))

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


@pytest.mark.parametrize("sub", sorted(ABOUT_THE_REQUEST))
def test_a_code_about_the_request_says_nothing_of_the_money(sub: int) -> None:
    reply = a_reply({"return_code": 2, "sub_return_code": sub})

    for read in (lambda: read_query(a_question("x"), reply), _asked(reply)):
        with pytest.raises(UnusableReply):
            read()


def _asked(reply: Any) -> Any:
    return lambda: read_asked_refund(reply)


@pytest.mark.parametrize(
    "changes",
    [
        {"return_code": 7},
        {"amount": 0},
        {"amount": None},
        {"amount": 1.5},
        {"zp_trans_id": 0},
        {"zp_trans_id": "0"},
        {"zp_trans_id": ""},
        {"zp_trans_id": "x"},
    ],
)
def test_an_enquiry_that_names_no_payment_tells_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableReply):
        read_query(a_question(ORDER.order_reference), a_reply({**PAID, **changes}))


def test_zalopay_is_not_asked_without_an_order() -> None:
    with pytest.raises(UnusableReply):
        query_request(CONFIG, a_question(None))


@pytest.mark.parametrize(
    ("code", "called", "asked"),
    [
        (1, RefundOutcome.SUCCEEDED, RefundOutcome.SUCCEEDED),
        (2, RefundOutcome.UNKNOWN, RefundOutcome.FAILED),
        (3, RefundOutcome.PENDING, RefundOutcome.PENDING),
    ],
)
def test_a_refused_call_is_no_failed_refund_until_it_is_asked_about(
    code: int, called: RefundOutcome, asked: RefundOutcome
) -> None:
    reply = a_reply({"return_code": code, "sub_return_code": -1, "refund_id": 261124000001})

    answers = [read_refund(reply), read_asked_refund(reply)]

    assert [answer.outcome for answer in answers] == [called, asked]
    assert answers[1].provider_reference == "261124000001"
