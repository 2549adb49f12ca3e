"""What VNPAY, VNPT Pay and the national platform answer when asked: believed to the letter."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import EnquiryAnswer
from services.payment.providers.adapter import UnusableReply
from tests.payment.providers.redirect_samples import (
    PAID,
    SECRET,
    Answered,
    adapter,
    question,
    reply,
)
from tests.payment.samples import FEE

EACH = pytest.mark.parametrize("paid", PAID, ids=lambda one: one.provider)
STATUS = {
    "vnpay": "vnp_TransactionStatus",
    "vnptpay": "TRANSACTION_STATUS",
    "national": "TrangThaiGD",
}
OUTCOMES = {
    "vnpay": {"00": "succeeded", "01": "pending", "02": "failed", "07": "pending"},
    "vnptpay": {"00": "succeeded", "01": "pending", "02": "failed"},
    "national": {"1": "succeeded", "3": "pending", "4": "failed"},
}


def read(provider: str, said: object, **more: Any) -> EnquiryAnswer:
    way = adapter(provider).enquiry
    assert way is not None
    return way.read(question(provider, **more.pop("asked", {})), reply(said, **more))


def resigned(paid: Answered, **changes: str) -> Mapping[str, str]:
    """Changed, and signed again as its provider would: the fields stand in their signed order."""
    said = {**paid.success, **changes}
    del said[paid.signature]
    words = [*said.values()]
    if paid.provider == "vnpay":
        text = "|".join([*words, "", ""])
        digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()
    else:
        digest = hashlib.sha256("|".join([*words, SECRET]).encode()).hexdigest()
    return {**said, paid.signature: digest}


@EACH
def test_a_recorded_answer_is_read(paid: Answered) -> None:
    answer = read(paid.provider, paid.success)

    assert (answer.outcome, answer.evidence_level) == (Outcome.SUCCEEDED, "P3")
    (notice,) = answer.notices
    assert notice.amount == FEE
    assert notice.order_reference == question(paid.provider).order_reference
    assert notice.provider_reference in {"14422574", "880001", "GD0001"}
    # Five past three, and not in the night.
    assert notice.paid_at == datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


@EACH
def test_an_answer_with_any_signed_word_altered_tells_nothing(paid: Answered) -> None:
    for name, value in paid.success.items():
        for other in (f"{value}1", f"{value[:-1]}", ""):
            with pytest.raises(UnusableReply):
                read(paid.provider, {**paid.success, name: other})
        with pytest.raises(UnusableReply):
            read(paid.provider, {key: one for key, one in paid.success.items() if key != name})


@EACH
def test_a_signed_word_that_could_be_two_tells_nothing(paid: Answered) -> None:
    """Joined by pipes, `a|b` and `c` are signed like `a` and `b|c`."""
    memo = {"vnpay": "vnp_OrderInfo", "vnptpay": "ADDITIONAL_INFO", "national": "ThongTinGiaoDich"}

    with pytest.raises(UnusableReply):
        read(paid.provider, resigned(paid, **{memo[paid.provider]: "Nop phi|00"}))


@EACH
def test_each_status_is_read_and_no_other(paid: Answered) -> None:
    for code in ("00", "01", "02", "03", "04", "05", "06", "07", "09", "1", "2", "3", "4", "99"):
        said = resigned(paid, **{STATUS[paid.provider]: code})
        wanted = OUTCOMES[paid.provider].get(code, "unknown")
        try:
            outcome = read(paid.provider, said).outcome
        except UnusableReply:
            outcome = Outcome.UNKNOWN

        assert outcome == wanted, code


@EACH
def test_an_authentic_answer_about_another_order_or_merchant_tells_nothing(paid: Answered) -> None:
    merchant = {"vnpay": "vnp_TmnCode", "vnptpay": "MERCHANT_SERVICE_ID", "national": "MaDoiTac"}
    order = {"vnpay": "vnp_TxnRef", "vnptpay": "MERCHANT_ORDER_ID", "national": "MaThamChieu"}

    for name in (merchant[paid.provider], order[paid.provider]):
        with pytest.raises(UnusableReply, match="another"):
            read(paid.provider, resigned(paid, **{name: "OTHER"}))


@EACH
def test_a_success_without_its_facts_tells_nothing(paid: Answered) -> None:
    names = {
        "vnpay": ("vnp_Amount", "vnp_TransactionNo", "vnp_PayDate"),
        "vnptpay": ("AMOUNT", "VNPTPAY_TRANSACTION_ID"),
        "national": ("SoTien", "MaGiaoDich"),
    }
    for name in names[paid.provider]:
        with pytest.raises(UnusableReply):
            read(paid.provider, resigned(paid, **{name: ""}))


@EACH
@pytest.mark.parametrize("amount", ["0", "-15000000", "15000000.0", "1e7", "١٥٠٠٠٠٠٠", "15000001"])
def test_an_amount_is_whole_dong_in_plain_digits(paid: Answered, amount: str) -> None:
    name = {"vnpay": "vnp_Amount", "vnptpay": "AMOUNT", "national": "SoTien"}[paid.provider]
    if (paid.provider, amount) in {("vnptpay", "15000001"), ("national", "15000001")}:
        # There it is just another amount.
        assert read(paid.provider, resigned(paid, **{name: amount})).notices[0].amount != FEE
        return

    with pytest.raises(UnusableReply):
        read(paid.provider, resigned(paid, **{name: amount}))


@EACH
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"a":1,"a":2}', b"\xff", b'"x"'])
def test_garbage_tells_nothing(paid: Answered, body: bytes) -> None:
    with pytest.raises(UnusableReply):
        read(paid.provider, body)


@EACH
@pytest.mark.parametrize("status", [201, 302, 404, 500, 503])
def test_an_answer_under_another_status_tells_nothing(paid: Answered, status: int) -> None:
    with pytest.raises(UnusableReply):
        read(paid.provider, paid.success, status=status)


@EACH
def test_an_order_is_asked_about_by_its_name_alone(paid: Answered) -> None:
    way = adapter(paid.provider).enquiry
    assert way is not None

    with pytest.raises(UnusableReply):
        way.request(question(paid.provider, order_reference=None), None)  # type: ignore[arg-type]


def test_vnpay_that_never_saw_the_order_has_no_money_of_it() -> None:
    paid = PAID[0]
    code = dict.fromkeys((*paid.success,), "")
    code |= {"vnp_ResponseCode": "91", "vnp_Command": "querydr", "vnp_TmnCode": "DEVTMN01"}

    answer = read("vnpay", resigned(paid, **code))

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())
    with pytest.raises(UnusableReply):
        read("vnpay", resigned(paid, **{**code, "vnp_TxnRef": "OTHER"}))


@pytest.mark.parametrize("code", ["02", "03", "94", "97", "99"])
def test_vnpays_refusal_to_answer_is_no_answer(code: str) -> None:
    with pytest.raises(UnusableReply):
        read("vnpay", resigned(PAID[0], vnp_ResponseCode=code))


def test_vnpays_refunds_are_no_payments() -> None:
    paid = PAID[0]

    assert read("vnpay", resigned(paid, vnp_TransactionType="02")).outcome is Outcome.FAILED
    for kind, status in (("02", "05"), ("02", "09"), ("03", "00"), ("04", "00")):
        with pytest.raises(UnusableReply):
            read("vnpay", resigned(paid, vnp_TransactionType=kind, vnp_TransactionStatus=status))
