from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import HANDLING, OwnerRole, Reason
from services.payment.domain.errors import UnbalancedLedger, WrongFee
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import Payment, PaymentIntent, Status
from services.payment.domain.ledger.accounts import clearing
from services.payment.domain.ledger.transaction import (
    Direction,
    LedgerEntry,
    LedgerTransaction,
    settlement,
    suspense,
)
from services.payment.domain.notices.judgement import Effect, discrepancy_of, judge
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Source,
)
from tests.payment.samples import FEE, NOON, PAYEE, an_intent, new_id

BOOK, OTHER = "provider:sandbox:clearing", "suspense:discrepancy"
BILL = "LP0123456789"


def a_notice(**changes: Any) -> ProviderNotice:
    facts: dict[str, Any] = {
        "notice_id": str(new_id()),
        "provider_reference": "FT1",
        "bill_number": BILL,
        "purpose": BILL,
        "bank_bin": PAYEE.bank_bin,
        "account_number": PAYEE.account_number,
        "amount": FEE,
        "outcome": Outcome.SUCCEEDED,
        "paid_at": NOON,
    }
    return ProviderNotice(**facts | changes)


def a_notification(notice: ProviderNotice) -> ProviderNotification:
    return ProviderNotification(
        id=new_id(),
        provider="sandbox",
        source=Source.NOTICE,
        notice=notice,
        raw=b"{}",
        proof=None,
        evidence_id=None,
        evidence_level="P1",
        received_at=NOON,
    )


def paid_by(reference: str) -> PaymentIntent:
    payment = Payment(
        method=Method.VIETQR,
        provider="sandbox",
        provider_reference=reference,
        evidence_level="P1",
        paid_at=NOON,
    )
    return an_intent(status=Status.SUCCEEDED, payment=payment)


CONFIRMED = an_intent(status=Status.CONFIRMED, bill_reference=BILL)


def test_an_exact_notice_settles_a_confirmed_intent() -> None:
    assert judge(a_notice(), provider="sandbox", intent=CONFIRMED).effect is Effect.SETTLE


def test_money_outranks_the_clock() -> None:
    late = a_notice(paid_at=CONFIRMED.expires_at + timedelta(days=1))

    assert judge(late, provider="sandbox", intent=CONFIRMED).effect is Effect.SETTLE


@pytest.mark.parametrize(
    ("notice", "intent", "reason"),
    [
        (a_notice(), None, Reason.UNKNOWN_REFERENCE),
        (a_notice(amount=Money(149_999)), CONFIRMED, Reason.UNDERPAID),
        (a_notice(amount=Money(150_001)), CONFIRMED, Reason.OVERPAID),
        (a_notice(amount=Money(150_000, "USD")), CONFIRMED, Reason.WRONG_CURRENCY),
        (a_notice(bank_bin="970405"), CONFIRMED, Reason.WRONG_PAYEE),
        (a_notice(account_number="9"), CONFIRMED, Reason.WRONG_PAYEE),
        (a_notice(), an_intent(), Reason.UNCONFIRMED_PAYMENT),
        (a_notice(), an_intent(status=Status.EXPIRED), Reason.LATE_PAYMENT),
        (a_notice(), an_intent(status=Status.CANCELLED), Reason.PAYMENT_AFTER_CANCELLATION),
        (a_notice(provider_reference="FT2"), paid_by("FT1"), Reason.SECOND_PAYMENT),
        (a_notice(amount=Money(1)), paid_by("FT1"), Reason.UNDERPAID),
    ],
)
def test_money_that_does_not_fit_is_named_for_its_reason(
    notice: ProviderNotice, intent: PaymentIntent | None, reason: Reason
) -> None:
    judged = judge(notice, provider="sandbox", intent=intent)

    assert (judged.effect, judged.reason) == (Effect.DISCREPANCY, reason)


def test_the_same_reference_said_again_is_a_repeat_and_another_providers_is_not() -> None:
    notice = a_notice(provider_reference="FT1")

    assert judge(notice, provider="sandbox", intent=paid_by("FT1")).effect is Effect.REPEAT
    assert judge(notice, provider="other", intent=paid_by("FT1")).reason is Reason.SECOND_PAYMENT


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.PENDING, Outcome.UNKNOWN])
@pytest.mark.parametrize("intent", [None, CONFIRMED, an_intent()])
def test_no_other_word_than_succeeded_ever_settles(
    outcome: Outcome, intent: PaymentIntent | None
) -> None:
    judged = judge(a_notice(outcome=outcome), provider="sandbox", intent=intent)

    assert (judged.effect, judged.reason) == (Effect.KEEP, None)


def test_a_fingerprint_forgets_the_notice_id_and_the_words_around_the_reference() -> None:
    one = a_notice()
    again = replace(
        one, notice_id="other", bill_number=None, purpose=f"CT {BILL}", paid_at=NOON + timedelta(1)
    )

    assert one.fingerprint == again.fingerprint
    for change in ({"amount": Money(1)}, {"outcome": Outcome.FAILED}, {"bank_bin": "1"}):
        assert a_notice(**change).fingerprint != one.fingerprint


@pytest.mark.parametrize("reason", list(Reason))
def test_every_discrepancy_has_an_owner_a_deadline_and_a_rule_for_paying_back(
    reason: Reason,
) -> None:
    found = discrepancy_of(
        a_notification(a_notice()), reason, id=new_id(), intent=CONFIRMED, found_at=NOON
    )

    assert found.owner_role in OwnerRole
    assert found.due_at > NOON
    assert found.proposed_refund == (FEE if HANDLING[reason].refund else None)


def test_a_settlement_owes_each_kind_of_fee_apart() -> None:
    posted = settlement(CONFIRMED, id=new_id(), collected_in=clearing("sandbox"), posted_at=NOON)

    assert [(one.account, one.direction, one.amount) for one in posted.entries] == [
        ("provider:sandbox:clearing", Direction.DEBIT, FEE),
        ("agency:H19.25:le_phi", Direction.CREDIT, Money(50_000)),
        ("agency:H19.25:phi", Direction.CREDIT, Money(100_000)),
    ]


def test_money_in_suspense_keeps_its_own_currency() -> None:
    notification = a_notification(a_notice(amount=Money(7, "USD")))
    found = discrepancy_of(
        notification, Reason.WRONG_CURRENCY, id=new_id(), intent=CONFIRMED, found_at=NOON
    )

    posted = suspense(found, id=new_id(), posted_at=NOON)

    assert {(one.account, one.amount) for one in posted.entries} == {
        ("provider:sandbox:clearing", Money(7, "USD")),
        ("suspense:discrepancy", Money(7, "USD")),
    }


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (LedgerEntry(BOOK, Direction.DEBIT, Money(1)),),
        (
            LedgerEntry(BOOK, Direction.DEBIT, Money(1)),
            LedgerEntry(OTHER, Direction.DEBIT, Money(1)),
        ),
        (
            LedgerEntry(BOOK, Direction.DEBIT, Money(1)),
            LedgerEntry(OTHER, Direction.CREDIT, Money(2)),
        ),
        (
            LedgerEntry(BOOK, Direction.DEBIT, Money(0)),
            LedgerEntry(OTHER, Direction.CREDIT, Money(0)),
        ),
        (
            LedgerEntry(BOOK, Direction.DEBIT, Money(1)),
            LedgerEntry(OTHER, Direction.CREDIT, Money(1, "USD")),
        ),
    ],
)
def test_a_ledger_transaction_out_of_balance_cannot_be_made(
    entries: tuple[LedgerEntry, ...],
) -> None:
    with pytest.raises(UnbalancedLedger):
        LedgerTransaction(id=new_id(), cause="x", posted_at=NOON, entries=entries)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(150_001)},
        {"lines": ()},
        {"lines": (replace(CONFIRMED.lines[0], quantity=0), CONFIRMED.lines[1])},
        {
            "lines": tuple(
                replace(line, amount=amount)
                for line, amount in zip(CONFIRMED.lines, (Money(150_001), Money(-1)), strict=True)
            )
        },
    ],
)
def test_a_fee_whose_lines_do_not_add_up_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WrongFee):
        an_intent(**change).check_fee()
