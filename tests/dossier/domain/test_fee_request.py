from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from services.dossier.domain.catalog import CollectionAccount
from services.dossier.domain.errors import QrDoesNotFit
from services.dossier.domain.fee_request import FeeRequest, PaymentStatus
from services.dossier.domain.qr_payload import read_qr
from tests.dossier.samples import ACCOUNT, CODE, FEE_REQUEST, MORNING, field, vietqr, with_crc


def test_a_code_that_pays_exactly_this_fee_is_kept() -> None:
    opened = FEE_REQUEST.opened_with(CODE)

    assert (opened.status, opened.code) == (PaymentStatus.CONFIRMED, CODE)


OTHER = CollectionAccount(bank_bin="970418", account_number="1", account_name="X")


@pytest.mark.parametrize(
    "payload",
    [
        vietqr(1_350_001),
        vietqr(account=OTHER),
        vietqr(account=replace(ACCOUNT, account_number="0011004000112")),
        vietqr(currency="840"),
        vietqr()[:-1] + "Z",
        vietqr()[:-4],
        "",
        # The check sum is right in these; the nesting is not.
        with_crc("000201" + "3899" + "00"),
        with_crc(field("00", "01") + field("00", "01")),
        with_crc("0002010x"),
        with_crc(field("00", "01") + field("38", field("00", "vn.airpay.www")) + "540510000"),
    ],
)
def test_a_code_that_would_pay_otherwise_is_refused(payload: str) -> None:
    with pytest.raises(QrDoesNotFit):
        FEE_REQUEST.opened_with(replace(CODE, qr_payload=payload))


def test_a_lower_case_check_sum_is_read_as_banks_read_it() -> None:
    facts = read_qr(vietqr()[:-4] + vietqr()[-4:].lower())

    assert (facts.amount, facts.purpose) == (1_350_000, "LP7K2M9QX4")


def test_the_first_code_stays() -> None:
    opened = FEE_REQUEST.opened_with(CODE)

    assert opened.opened_with(replace(CODE, bill_reference="ANOTHER")) == opened


def opened(request: FeeRequest) -> FeeRequest:
    return request.opened_with(CODE)


def paid(request: FeeRequest) -> FeeRequest:
    return request.paid(at=MORNING)


def expired(request: FeeRequest) -> FeeRequest:
    return request.expired(at=MORNING)


@pytest.mark.parametrize("news", list(permutations((opened, paid, expired))))
def test_in_whatever_order_the_news_comes_a_success_stands(news: tuple[object, ...]) -> None:
    request = FEE_REQUEST
    for hear in news + news:
        request = hear(request)  # type: ignore[operator]

    assert request == replace(
        FEE_REQUEST, status=PaymentStatus.SUCCEEDED, code=CODE, paid_at=MORNING
    )


def test_an_opening_heard_after_the_end_does_not_reopen() -> None:
    assert opened(expired(FEE_REQUEST)).status is PaymentStatus.EXPIRED


def revived(request: FeeRequest) -> FeeRequest:
    return request.revived(until=LATER)


LATER = CODE.expires_at + timedelta(days=2)


@pytest.mark.parametrize("news", list(permutations((opened, expired, revived))))
def test_in_whatever_order_the_news_comes_what_was_revived_can_be_paid(
    news: tuple[object, ...],
) -> None:
    request = FEE_REQUEST
    for hear in news + news:
        request = hear(request)  # type: ignore[operator]

    assert request.status is PaymentStatus.CONFIRMED
    assert request.code == replace(CODE, expires_at=LATER)


def test_a_revived_fee_expires_again_when_its_new_time_is_over() -> None:
    request = revived(expired(opened(FEE_REQUEST)))

    assert request.expired(at=LATER).status is PaymentStatus.EXPIRED


def test_nothing_revives_what_was_paid_or_cancelled() -> None:
    assert revived(paid(FEE_REQUEST)).status is PaymentStatus.SUCCEEDED
    assert revived(opened(FEE_REQUEST.cancelled())).status is PaymentStatus.CANCELLED
