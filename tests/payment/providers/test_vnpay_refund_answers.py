"""What VNPAY answers to a refund, believed to the letter."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from chassis.money import Money
from services.payment.ports.providers import RefundAnswer, RefundOrder, RefundOutcome
from services.payment.providers.adapter import RefundWay, UnusableReply
from tests.payment.providers.redirect_samples import ORDER, SECRET, adapter, reply
from tests.payment.samples import FEE, NOON

PART = RefundOrder(
    refund_reference="R0001",
    order_reference=ORDER,
    provider_reference="14422574",
    paid=FEE,
    amount=Money(50_000),
    description="Hoan phi",
    paid_at=NOON,
    ordered_by="ketoan",
    ordered_at=NOON,
)
# Its digest was computed with openssl.
UNDER_WAY = {
    "vnp_ResponseId": "RS2",
    "vnp_Command": "refund",
    "vnp_ResponseCode": "00",
    "vnp_Message": "Success",
    "vnp_TmnCode": "DEVTMN01",
    "vnp_TxnRef": ORDER,
    "vnp_Amount": "5000000",
    "vnp_BankCode": "NCB",
    "vnp_PayDate": "20261124090000",
    "vnp_TransactionNo": "14500001",
    "vnp_TransactionType": "03",
    "vnp_TransactionStatus": "05",
    "vnp_OrderInfo": "Hoan phi",
    "vnp_SecureHash": (
        "275d02668f22c90884e6018b54963702d42437c75c0db4a8fc20cd5b3c17c5af"
        "4f90da2854b7159d0a7aa3ea756caebf4bc25ba1be11b0665af4720a835b1d0d"
    ),
}


def way() -> RefundWay:
    found = adapter("vnpay").refund
    assert found is not None
    return found


def read(said: object) -> RefundAnswer:
    return way().read(PART, reply(said))


def resigned(*, tail: tuple[str, ...] = (), **changes: str) -> Mapping[str, str]:
    said = {**UNDER_WAY, **changes}
    del said["vnp_SecureHash"]
    text = "|".join([*said.values(), *tail])
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()
    return {**said, "vnp_SecureHash": digest}


def test_a_recorded_answer_is_read() -> None:
    answer = read(UNDER_WAY)

    assert (answer.outcome, answer.provider_reference) == (RefundOutcome.PENDING, "14500001")
    assert (answer.failure, answer.evidence_level) == (None, "P3")


def test_an_answer_with_any_signed_word_altered_tells_nothing() -> None:
    for name, value in UNDER_WAY.items():
        with pytest.raises(UnusableReply):
            read({**UNDER_WAY, name: f"{value}1"})
        with pytest.raises(UnusableReply):
            read({key: one for key, one in UNDER_WAY.items() if key != name})


def test_the_amount_is_hashed_as_it_was_received() -> None:
    """A widely used client divides it by a hundred first; such a digest is not VNPAY's."""
    divided = {**resigned(vnp_Amount="50000"), "vnp_Amount": "5000000"}

    with pytest.raises(UnusableReply):
        read(divided)


@pytest.mark.parametrize(
    ("code", "status", "outcome", "failure"),
    [
        ("00", "00", "succeeded", None),
        ("00", "05", "pending", None),
        ("00", "06", "pending", None),
        ("00", "", "pending", None),
        ("00", "09", "failed", "refused_by_bank"),
        ("02", "", "failed", "unknown_merchant"),
        ("03", "", "failed", "bad_request"),
        ("91", "", "failed", "unknown_transaction"),
        ("95", "", "failed", "refused"),
        ("97", "", "failed", "bad_signature"),
        ("94", "", "unknown", None),
        ("99", "", "unknown", None),
        ("", "", "unknown", None),
    ],
)
def test_each_code_is_read(code: str, status: str, outcome: str, failure: str | None) -> None:
    said = resigned(vnp_ResponseCode=code, vnp_TransactionStatus=status)
    try:
        answer = read(said)
    except UnusableReply:
        answer = RefundAnswer(outcome=RefundOutcome.UNKNOWN)

    assert (answer.outcome, answer.failure) == (outcome, failure)


@pytest.mark.parametrize(
    "changes", [{"vnp_Amount": "15000000"}, {"vnp_TxnRef": "OTHER"}, {"vnp_TxnRef": ""}]
)
def test_a_success_of_something_else_tells_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableReply):
        read(resigned(**{"vnp_TransactionStatus": "00", **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"vnp_TransactionType": "01"},
        {"vnp_Amount": "5000100"},
        {"vnp_TxnRef": "OTHER"},
        {"vnp_ResponseCode": "91"},
        # A third of it may go back three times, and nobody can tell which time this was.
        {},
    ],
)
def test_an_enquiry_that_may_mean_something_else_tells_nothing(changes: dict[str, Any]) -> None:
    reading = way().read_enquiry
    assert reading is not None
    said = resigned(tail=("", ""), **{"vnp_TransactionStatus": "00", **changes})

    with pytest.raises(UnusableReply):
        reading(PART, reply(said))


def test_an_enquiry_about_another_amount_tells_nothing() -> None:
    reading = way().read_enquiry
    assert reading is not None
    most = replace(PART, amount=Money(100_000))
    facts = {"vnp_TransactionStatus": "00"}
    said = resigned(tail=("", ""), vnp_Amount="10000000", **facts)
    other = resigned(tail=("", ""), vnp_Amount="9000000", **facts)

    assert reading(most, reply(said)).outcome is RefundOutcome.SUCCEEDED
    with pytest.raises(UnusableReply):
        reading(most, reply(other))
