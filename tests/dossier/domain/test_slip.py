from dataclasses import replace
from datetime import timedelta

import pytest

from services.dossier.domain.catalog import DayKind
from services.dossier.domain.dossier import Dossier
from services.dossier.domain.errors import SlipNotReady
from services.dossier.domain.fee import Fee
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.slip import Slip, write_slip
from tests.dossier.samples import APPLICANT, CODE, DOSSIER, FEE_REQUEST, MORNING

OPENED = FEE_REQUEST.opened_with(CODE)


def written(request: FeeRequest | None, *, dossier: Dossier = DOSSIER, hours: int = 0) -> Slip:
    return write_slip(
        dossier,
        APPLICANT,
        request,
        now=MORNING + timedelta(hours=hours),
        lookup_url="https://dichvucong.example.vn",
    )


def test_an_opened_fee_is_shown_with_what_the_code_itself_says() -> None:
    slip = written(OPENED)

    assert slip.payment is not None
    assert slip.payment.qr_payload == CODE.qr_payload
    assert slip.payment.bank == "Vietcombank (BIN 970436)"
    assert slip.payment.account_number == "0011004000111"
    assert (slip.payment.amount, slip.total) == ("1.350.000", "1.350.000")
    assert slip.payment.purpose == "LP7K2M9QX4"
    assert slip.payment.expires_at == "09 giờ 15 phút, ngày 24/11/2026"
    assert slip.received_on == (2026, 11, 23)


def test_before_the_payer_has_confirmed_there_is_no_slip() -> None:
    with pytest.raises(SlipNotReady, match="not confirmed"):
        written(FEE_REQUEST)


@pytest.mark.parametrize(("request_", "hours"), [(OPENED.expired(at=MORNING), 0), (OPENED, 24)])
def test_a_dead_code_is_never_printed(request_: FeeRequest, hours: int) -> None:
    with pytest.raises(SlipNotReady, match="expired"):
        written(request_, hours=hours)


def test_a_paid_fee_is_shown_as_paid_and_without_a_code() -> None:
    slip = written(OPENED.paid(at=MORNING), hours=48)

    assert slip.payment is None
    assert slip.paid_at == "09 giờ 15 phút, ngày 23/11/2026"


def test_a_free_dossier_has_its_slip_at_once() -> None:
    slip = written(None, dossier=replace(DOSSIER, fee=Fee()))

    assert (slip.is_due, slip.payment, slip.paid_at, slip.total) == (False, None, "", "0")


def test_an_identity_number_is_not_printed() -> None:
    assert APPLICANT.identity_number
    assert APPLICANT.identity_number not in str(written(OPENED).content)


def test_another_payload_or_a_payment_makes_another_paper_and_time_does_not() -> None:
    papers = {
        written(OPENED).content_sha256,
        written(OPENED, hours=1).content_sha256,
        written(OPENED.paid(at=MORNING)).content_sha256,
    }

    assert len(papers) == 2


@pytest.mark.parametrize(
    ("days", "kind", "words"),
    [
        (12, DayKind.WORKING, "12 ngày làm việc"),
        (30, DayKind.CALENDAR, "30 ngày"),
        (0, DayKind.WORKING, "Trong ngày làm việc"),
        (None, DayKind.WORKING, "Theo quy định của thủ tục"),
    ],
)
def test_the_time_limit_is_said_in_words(days: int | None, kind: DayKind, words: str) -> None:
    procedure = replace(DOSSIER.procedure, processing_days=days, processing_day_kind=kind)

    slip = written(OPENED, dossier=replace(DOSSIER, procedure=procedure))

    assert slip.processing_time == words
