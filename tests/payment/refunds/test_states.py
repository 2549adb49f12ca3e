from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from chassis.money import Money
from services.payment.domain.errors import IllegalTransition
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.ledger.transaction import Direction
from services.payment.domain.refunds.errors import (
    AmountAvailableDiffers,
    LineRefundedAlready,
    LinesNeeded,
    NotPaidYet,
    RefundTooLarge,
    TooManyRefunds,
    WrongLines,
)
from services.payment.domain.refunds.postings import posting_of
from services.payment.domain.refunds.refund import (
    ALARM_AFTER,
    ALLOWED,
    AWAITED,
    OWED,
    RELEASED,
    Refund,
    RefundStatus,
    Report,
    Requester,
)
from services.payment.domain.refunds.shares import REFUNDS_MAX, check_available, shares
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind
from tests.payment.readme import drawn_states
from tests.payment.samples import NOON, new_id

PAID = Money(150_000)
LINES = (
    RefundLine(line_code="A", kind=FeeKind.PHI, agency_code="H19.25", amount=Money(100_000)),
    RefundLine(line_code="B", kind=FeeKind.LE_PHI, agency_code="H01", amount=Money(50_000)),
)
STEPS = {(start, end) for start, ends in ALLOWED.items() for end in ends}


def a_source(**changes: Any) -> RefundSource:
    id = new_id()
    facts: dict[str, Any] = {
        "kind": SourceKind.PAYMENT,
        "id": id,
        "payment_intent_id": id,
        "dossier_id": new_id(),
        "dossier_code": "H19.25-261123-0001",
        "client_id": "portal-demo",
        "agency_code": "H19.25",
        "paid": PAID,
        "refunded": Money.zero(),
        "lines": LINES,
        "provider": "sandbox",
        "provider_reference": "FT1",
        "order_reference": None,
        "paid_at": NOON,
    }
    return RefundSource(**facts | changes)


def a_refund(**changes: Any) -> Refund:
    facts: dict[str, Any] = {
        "id": new_id(),
        "source": a_source(),
        "amount": PAID,
        "lines": LINES,
        "reason": "nộp hai lần",
        "requester": Requester(kind="user", subject="hoa", idempotency_key="key-0001"),
        "fingerprint": "f",
        "requested_at": NOON,
    }
    return Refund(**facts | changes)


@pytest.mark.parametrize(("start", "end"), list(product(RefundStatus, RefundStatus)))
def test_a_refund_takes_the_steps_of_its_table_and_no_other(
    start: RefundStatus, end: RefundStatus
) -> None:
    refund = a_refund(status=start)

    if (start, end) in STEPS:
        assert refund.move_to(end).status is end
    else:
        with pytest.raises(IllegalTransition):
            refund.move_to(end)


def test_the_readme_draws_the_steps_of_a_refund() -> None:
    assert {(str(start), str(end)) for start, end in STEPS} in drawn_states()


def test_nothing_that_may_be_with_the_provider_can_be_withdrawn_or_rejected() -> None:
    for status in AWAITED:
        assert not ALLOWED[status] & {RefundStatus.WITHDRAWN, RefundStatus.REJECTED}
    assert all(not ALLOWED[status] for status in {RefundStatus.SUCCEEDED, *RELEASED})


@pytest.mark.parametrize(("start", "end"), sorted(STEPS))
def test_each_step_posts_what_keeps_the_books_right(start: RefundStatus, end: RefundStatus) -> None:
    moved = a_refund(status=end)

    posted = posting_of(moved, leaving=start, id=new_id(), posted_at=NOON)

    if end is RefundStatus.APPROVED:
        assert posted is not None
        assert [(one.account, one.direction) for one in posted.entries] == [
            ("agency:H01:le_phi", Direction.DEBIT),
            ("agency:H19.25:phi", Direction.DEBIT),
            ("refunds-payable:H01", Direction.CREDIT),
            ("refunds-payable:H19.25", Direction.CREDIT),
        ]
    elif end is RefundStatus.SUCCEEDED:
        assert posted is not None
        assert posted.cause == f"refund:{moved.id}:succeeded"
    elif end in RELEASED and start in OWED:
        assert posted is not None
        assert posted.cause == f"refund:{moved.id}:reversed"
    else:
        assert posted is None


def test_suspense_money_is_owed_out_of_suspense() -> None:
    refund = a_refund(status=RefundStatus.APPROVED, source=a_source(lines=()), lines=())

    posted = posting_of(refund, leaving=None, id=new_id(), posted_at=NOON)

    assert posted is not None
    assert [one.account for one in posted.entries] == [
        "suspense:discrepancy",
        "refunds-payable:H19.25",
    ]


@pytest.mark.parametrize(
    ("provider", "account"),
    [("vnpay", "provider:vnpay:clearing"), ("counter", "cash:H19.25:safe")],
)
def test_money_leaves_from_where_it_lies(provider: str, account: str) -> None:
    refund = a_refund(status=RefundStatus.SUCCEEDED, source=a_source(provider=provider))

    posted = posting_of(refund, leaving=RefundStatus.PENDING, id=new_id(), posted_at=NOON)

    assert posted is not None
    assert (posted.entries[-1].account, posted.entries[-1].direction) == (
        account,
        Direction.CREDIT,
    )
    assert posted.refund_id == refund.id


@pytest.mark.parametrize(
    ("wanted", "amount", "parts"),
    [
        ({}, 150_000, {"A": 100_000, "B": 50_000}),
        ({"A": 30_000}, 30_000, {"A": 30_000}),
        ({"A": 100_000, "B": 1}, 100_001, {"A": 100_000, "B": 1}),
        ({"A": 10, "B": 0}, 10, {"A": 10}),
    ],
)
def test_a_refund_is_shared_out_by_line(
    wanted: Mapping[str, int], amount: int, parts: Mapping[str, int]
) -> None:
    asked = {code: Money(part) for code, part in wanted.items()}

    found = shares(a_source(), Money(amount), asked, [])

    assert {line.line_code: line.amount.minor_units for line in found} == parts


def test_what_is_left_of_each_line_needs_no_naming() -> None:
    before = (replace(LINES[0], amount=Money(40_000)),)

    found = shares(a_source(refunded=Money(40_000)), Money(110_000), {}, [before])

    assert [line.amount.minor_units for line in found] == [60_000, 50_000]


@pytest.mark.parametrize(
    ("wanted", "amount", "error"),
    [
        ({}, 10, LinesNeeded),
        ({"C": 10}, 10, WrongLines),
        ({"A": 9}, 10, WrongLines),
        ({"B": 50_001}, 50_001, LineRefundedAlready),
        ({"A": -1, "B": 11}, 10, WrongLines),
    ],
)
def test_lines_that_do_not_fit_are_refused(
    wanted: Mapping[str, int], amount: int, error: type[Exception]
) -> None:
    asked = {code: Money(part) for code, part in wanted.items()}

    with pytest.raises(error):
        shares(a_source(), Money(amount), asked, [])


def test_a_payment_is_paid_back_in_so_many_parts_and_no_more() -> None:
    with pytest.raises(TooManyRefunds):
        shares(a_source(), Money(1), {"A": Money(1)}, [()] * REFUNDS_MAX)


@pytest.mark.parametrize(
    ("source", "amount", "seen", "error"),
    [
        ({"paid_at": None}, 1, 150_000, NotPaidYet),
        ({}, 1, 149_999, AmountAvailableDiffers),
        ({"refunded": Money(1)}, 1, 150_000, AmountAvailableDiffers),
        ({}, 150_001, 150_000, RefundTooLarge),
        ({}, 0, 150_000, RefundTooLarge),
        ({}, -1, 150_000, RefundTooLarge),
    ],
)
def test_what_cannot_go_back_is_refused(
    source: Mapping[str, Any], amount: int, seen: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_available(a_source(**source), Money(amount), seen=Money(seen))


def test_people_are_waited_for_when_no_provider_can_tell_or_none_did_for_a_day() -> None:
    sent = a_refund(status=RefundStatus.APPROVED).send(at=NOON)
    unknown = sent.wait(RefundStatus.UNKNOWN, asking=True)

    assert not unknown.waits_for_people(NOON + ALARM_AFTER - timedelta(seconds=1))
    assert unknown.waits_for_people(NOON + ALARM_AFTER)
    assert sent.wait(RefundStatus.UNKNOWN, asking=False).waits_for_people(NOON)
    assert not a_refund().waits_for_people(NOON + ALARM_AFTER)


def test_two_people_in_a_row_have_to_say_the_same() -> None:
    first = Report(succeeded=True, reference="FT1", by="binh", at=NOON)
    sent = a_refund(status=RefundStatus.UNKNOWN)
    told = replace(sent, report=first)

    assert not sent.is_ended_by(first)
    assert not told.is_ended_by(first)
    assert not told.is_ended_by(replace(first, by="dung", reference="FT2"))
    assert not told.is_ended_by(replace(first, by="dung", succeeded=False))
    assert told.is_ended_by(replace(first, by="dung"))
    assert replace(sent, by_hand=True).is_ended_by(first)
