from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chassis.errors import Refused
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.errors import UnknownProvider, WeakEvidence
from services.payment.domain.intents.payment_attempt import AttemptStatus
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.ledger.accounts import SUSPENSE_OF_DISCREPANCIES
from services.payment.domain.notices.provider_notification import Verdict
from services.payment.ports.providers import Capability
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.notices.record_notification import Arrival, record_notification
from tests.payment.fakes import FakeProvider, FakeUnitOfWork
from tests.payment.samples import (
    NOON,
    a_confirmation,
    an_intent,
    new_id,
    notice_bytes,
    notice_facts,
)

IDS = FakeIds()


async def with_confirmed() -> tuple[FakeUnitOfWork, PaymentIntent]:
    intent = an_intent()
    uow = FakeUnitOfWork(intent)
    confirmed = await confirm_payment(
        intent.id,
        a_confirmation(),
        provider="sandbox",
        uow=uow,
        clock=FrozenClock(NOON),
        ids=IDS,
    )
    uow.recorded.events.clear()
    return uow, confirmed


def arrival(facts: Mapping[str, Any], **changes: Any) -> Arrival:
    values: dict[str, Any] = {
        "provider": "sandbox",
        "raw": notice_bytes(facts),
        "client_id": "bank-sandbox",
        "evidence_id": str(new_id()),
        "evidence_level": "P1",
    }
    return Arrival(**values | changes)


async def record(uow: FakeUnitOfWork, arrived: Arrival) -> Verdict:
    return await record_notification(
        arrived,
        providers={"sandbox": FakeProvider()},
        uow=uow,
        clock=FrozenClock(NOON),
        ids=IDS,
    )


def balances(uow: FakeUnitOfWork) -> dict[str, int]:
    sums: dict[str, int] = {}
    for entry in (entry for one in uow.fake_ledger.rows for entry in one.entries):
        sign = 1 if entry.direction == "debit" else -1
        sums[entry.account] = sums.get(entry.account, 0) + sign * entry.amount.minor_units
    return sums


async def test_an_exact_notice_settles_the_intent_and_moves_the_ledger() -> None:
    uow, intent = await with_confirmed()
    facts = notice_facts(intent.bill_reference)

    verdict = await record(uow, arrival(facts))

    assert verdict == Verdict(
        status="settled",
        payment_intent_id=intent.id,
        provider_reference=facts["provider_reference"],
        discrepancy=None,
    )
    assert uow.fake_intents.rows[intent.id].status is Status.SUCCEEDED
    assert [one.status for one in uow.fake_attempts.rows.values()] == [AttemptStatus.SUCCEEDED]
    assert balances(uow) == {
        "provider:sandbox:clearing": 150_000,
        "agency:H19.25:phi": -100_000,
        "agency:H19.25:le_phi": -50_000,
    }
    (event,) = uow.recorded.events
    said = event.model_dump()
    assert event.type == "payment.succeeded.v1"
    assert (said["evidence_level"], said["method"]) == ("P1", "vietqr")
    assert said["payer_sealed"] == intent.payer_sealed
    assert sum(line["amount_minor_units"] for line in said["lines"]) == 150_000


async def test_the_raw_notice_and_its_evidence_are_kept() -> None:
    uow, intent = await with_confirmed()
    arrived = arrival(notice_facts(intent.bill_reference))

    await record(uow, arrived)

    (kept,) = uow.fake_notifications.rows
    assert (kept.raw, kept.evidence_id) == (arrived.raw, arrived.evidence_id)


async def test_a_notice_said_often_is_answered_alike_and_announced_once() -> None:
    uow, intent = await with_confirmed()
    facts = notice_facts(intent.bill_reference)
    under_another_id = facts | {"notice_id": str(new_id()), "purpose": "CT TU 0011"}

    answers = [await record(uow, arrival(said)) for said in (facts, facts, under_another_id)]

    assert answers[0] == answers[1] == answers[2]
    assert uow.recorded.types == ["payment.succeeded.v1"]
    assert len(uow.fake_ledger.rows) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 149_000}, Reason.UNDERPAID),
        ({"currency": "USD"}, Reason.WRONG_CURRENCY),
        ({"account_number": "0011004000112"}, Reason.WRONG_PAYEE),
        ({"bill_number": "LP0000000000", "purpose": "?"}, Reason.UNKNOWN_REFERENCE),
        ({"bill_number": None, "purpose": None}, Reason.UNKNOWN_REFERENCE),
    ],
)
async def test_money_that_does_not_fit_is_kept_and_settles_nothing(
    change: dict[str, Any], reason: Reason
) -> None:
    uow, intent = await with_confirmed()
    facts = notice_facts(intent.bill_reference) | change

    verdict = await record(uow, arrival(facts))
    again = await record(uow, arrival(facts | {"notice_id": "another"}))

    assert again == verdict
    assert (verdict.status, verdict.discrepancy) == ("kept", reason)
    (found,) = uow.fake_discrepancies.rows
    assert (found.reason, found.received.minor_units) == (reason, facts["amount"])
    assert uow.recorded.types == ["payment.discrepancy_found.v1"]
    assert balances(uow) == {
        "provider:sandbox:clearing": facts["amount"],
        SUSPENSE_OF_DISCREPANCIES: -facts["amount"],
    }
    assert uow.fake_intents.rows[intent.id].status is Status.CONFIRMED
    is_unknown = reason is Reason.UNKNOWN_REFERENCE
    assert (found.payment_intent_id is None) == is_unknown
    assert (found.client_id is None) == is_unknown


async def test_wrong_money_first_does_not_keep_the_right_money_from_settling() -> None:
    uow, intent = await with_confirmed()

    await record(uow, arrival(notice_facts(intent.bill_reference, amount=1_000)))
    verdict = await record(uow, arrival(notice_facts(intent.bill_reference)))

    assert verdict.status == "settled"
    assert balances(uow)[SUSPENSE_OF_DISCREPANCIES] == -1_000


async def test_a_second_payment_is_kept_beside_the_first() -> None:
    uow, intent = await with_confirmed()
    await record(uow, arrival(notice_facts(intent.bill_reference)))

    verdict = await record(uow, arrival(notice_facts(intent.bill_reference)))

    assert (verdict.status, verdict.discrepancy) == ("kept", Reason.SECOND_PAYMENT)
    assert sum(balances(uow).values()) == 0
    (found,) = uow.fake_discrepancies.rows
    assert found.proposed_refund == intent.amount


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.EXPIRED, Reason.LATE_PAYMENT),
        (Status.CANCELLED, Reason.PAYMENT_AFTER_CANCELLATION),
    ],
)
async def test_money_for_an_ended_intent_is_kept(status: Status, reason: Reason) -> None:
    uow, intent = await with_confirmed()
    uow.fake_intents.rows[intent.id] = intent.move_to(status)

    verdict = await record(uow, arrival(notice_facts(intent.bill_reference)))

    assert (verdict.status, verdict.discrepancy) == ("kept", reason)
    assert uow.fake_intents.rows[intent.id].status is status


async def test_money_before_the_confirmation_is_kept_and_opens_nothing() -> None:
    intent = an_intent()
    uow = FakeUnitOfWork(intent)
    facts = notice_facts(None, purpose=f"nop le phi {intent.dossier_code}")

    verdict = await record(uow, arrival(facts))

    assert verdict.discrepancy is Reason.UNCONFIRMED_PAYMENT
    assert verdict.payment_intent_id == intent.id
    assert uow.fake_intents.rows[intent.id].status is Status.CREATED


async def test_money_that_names_its_confirmed_dossier_alone_settles() -> None:
    uow, intent = await with_confirmed()
    facts = notice_facts(None, purpose=f"nop le phi {intent.dossier_code}")

    assert (await record(uow, arrival(facts))).status == "settled"


async def test_money_that_names_two_fees_is_not_guessed_at() -> None:
    uow, intent = await with_confirmed()
    other = replace(an_intent(), bill_reference="LP9876543210", status=Status.CONFIRMED)
    uow.fake_intents.rows[other.id] = other
    facts = notice_facts(None, purpose=f"{intent.bill_reference} va {other.bill_reference}")

    assert (await record(uow, arrival(facts))).discrepancy is Reason.UNKNOWN_REFERENCE


@pytest.mark.parametrize("outcome", ["failed", "pending"])
async def test_a_notice_of_no_success_is_kept_and_a_later_success_settles(outcome: str) -> None:
    uow, intent = await with_confirmed()
    facts = notice_facts(intent.bill_reference, outcome=outcome)

    kept = await record(uow, arrival(facts))
    settled = await record(uow, arrival(facts | {"outcome": "succeeded"}))

    assert (kept.status, kept.discrepancy) == ("kept", None)
    assert settled.status == "settled"
    contradicted = [Reason.CONTRADICTORY_NOTICE] if outcome == "failed" else []
    assert [found.reason for found in uow.fake_discrepancies.rows] == contradicted


async def test_losing_the_step_to_another_notice_makes_a_second_payment() -> None:
    uow, intent = await with_confirmed()
    step = uow.fake_intents.save_succeeded

    async def overtaken(intent: PaymentIntent, *, at: datetime) -> bool:
        assert intent.payment is not None
        first = replace(intent, payment=replace(intent.payment, provider_reference="FT-FIRST"))
        uow.fake_intents.rows[intent.id] = first
        return await step(intent, at=at)

    uow.fake_intents.save_succeeded = overtaken  # type: ignore[method-assign]

    verdict = await record(uow, arrival(notice_facts(intent.bill_reference)))

    assert (verdict.status, verdict.discrepancy) == ("kept", Reason.SECOND_PAYMENT)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"provider": "acme"}, UnknownProvider),
        ({"evidence_level": None}, WeakEvidence),
        ({"evidence_level": "P4"}, WeakEvidence),
        ({"evidence_level": "P3", "client_id": "portal-demo"}, WeakEvidence),
        ({"client_id": "portal-demo"}, WeakEvidence),
        ({"client_id": None}, WeakEvidence),
    ],
)
async def test_only_the_provider_itself_proved_well_enough_is_heard(
    change: dict[str, Any], error: type[Refused]
) -> None:
    uow, intent = await with_confirmed()

    with pytest.raises(error):
        await record(uow, arrival(notice_facts(intent.bill_reference), **change))

    assert uow.fake_notifications.rows == []


async def test_a_notice_proved_by_a_jws_settles_at_once() -> None:
    uow, intent = await with_confirmed()

    verdict = await record(uow, arrival(notice_facts(intent.bill_reference), evidence_level="P2"))

    assert verdict.status == "settled"


async def test_a_weakly_proved_notice_is_kept_and_settles_nothing() -> None:
    uow, intent = await with_confirmed()
    weak = arrival(notice_facts(intent.bill_reference), evidence_level="P3")

    verdicts = [await record(uow, weak) for _ in range(2)]

    assert [one.status for one in verdicts] == ["kept", "kept"]
    assert verdicts[0].payment_intent_id == intent.id
    assert uow.fake_intents.rows[intent.id].status is Status.CONFIRMED
    assert (balances(uow), uow.recorded.events, uow.fake_discrepancies.rows) == ({}, [], [])
    (kept,) = uow.fake_notifications.rows
    assert (kept.raw, kept.evidence_level) == (weak.raw, "P3")


async def test_a_weak_word_does_not_stand_in_the_way_of_the_same_word_well_proved() -> None:
    uow, intent = await with_confirmed()
    facts = notice_facts(intent.bill_reference)

    for level, status in (("P3", "kept"), ("P1", "settled"), ("P3", "kept")):
        assert (await record(uow, arrival(facts, evidence_level=level))).status == status


async def test_no_provider_can_have_a_weak_word_settle() -> None:
    uow, intent = await with_confirmed()
    trusting = FakeProvider(settling_evidence_levels=frozenset({"P1", "P3"}))

    verdict = await record_notification(
        arrival(notice_facts(intent.bill_reference), evidence_level="P3"),
        providers={"sandbox": trusting},
        uow=uow,
        clock=FrozenClock(NOON),
        ids=IDS,
    )

    assert verdict.status == "kept"


async def test_a_weak_word_of_a_provider_that_cannot_be_asked_is_refused() -> None:
    uow, intent = await with_confirmed()
    silent = FakeProvider(capabilities=frozenset({Capability.NOTIFIES}))

    with pytest.raises(WeakEvidence):
        await record_notification(
            arrival(notice_facts(intent.bill_reference), evidence_level="P3"),
            providers={"sandbox": silent},
            uow=uow,
            clock=FrozenClock(NOON),
            ids=IDS,
        )
