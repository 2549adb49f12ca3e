from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import Refused
from chassis.money import Money
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.errors import (
    AlreadyConfirmed,
    AmountMismatch,
    IllegalTransition,
    PastDeadline,
    PaymentIntentDiffers,
    UnknownPaymentIntent,
    UnwritableQr,
    WrongFee,
)
from services.payment.domain.intents.payment_intent import Confirmation, PaymentIntent, Status
from services.payment.domain.qr.vietqr import read_qr
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.intents.expire_unconfirmed_payments import (
    expire_unconfirmed_payments,
)
from services.payment.use_cases.intents.open_payment import open_payment
from tests.payment.fakes import FakeUnitOfWork
from tests.payment.samples import NOON, PAYEE, a_confirmation, an_intent, new_id

DAY = timedelta(hours=24)


async def opened(intent: PaymentIntent, uow: FakeUnitOfWork, **more: Any) -> None:
    facts: dict[str, Any] = {
        "lifetime": DAY,
        "caused_by": new_id(),
        "clock": FrozenClock(NOON),
    } | more
    await open_payment(intent, uow=uow, **facts)


async def confirmed(
    intent: PaymentIntent, confirmation: Confirmation, uow: FakeUnitOfWork
) -> PaymentIntent:
    return await confirm_payment(
        intent.id,
        confirmation,
        provider="sandbox",
        uow=uow,
        clock=FrozenClock(NOON),
        ids=FakeIds(),
    )


async def test_a_requested_fee_waits_for_its_payers_confirmation() -> None:
    uow, intent = FakeUnitOfWork(), an_intent(expires_at=NOON + 10 * DAY)

    await opened(intent, uow)

    assert uow.fake_intents.rows[intent.id] == replace(
        intent, created_at=NOON, expires_at=NOON + DAY, status=Status.CREATED
    )
    assert uow.recorded.events == []


async def test_an_intent_lives_no_longer_than_its_dossier_allows() -> None:
    uow, intent = FakeUnitOfWork(), an_intent(expires_at=NOON + timedelta(hours=2))

    await opened(intent, uow)

    assert uow.fake_intents.rows[intent.id].expires_at == NOON + timedelta(hours=2)


async def test_a_fee_requested_twice_is_one_intent() -> None:
    uow, intent, event = FakeUnitOfWork(), an_intent(), new_id()

    await opened(intent, uow, caused_by=event)
    stored = uow.fake_intents.rows[intent.id]
    await opened(intent, uow, caused_by=event)
    await opened(intent, uow, caused_by=new_id(), clock=FrozenClock(NOON + DAY))

    assert uow.fake_intents.rows == {intent.id: stored}


async def test_the_same_fee_with_another_amount_is_refused() -> None:
    uow, intent = FakeUnitOfWork(), an_intent()
    await opened(intent, uow)
    dearer = replace(intent.lines[0], amount=Money(100_001))

    with pytest.raises(PaymentIntentDiffers):
        await opened(replace(intent, lines=(dearer, intent.lines[1]), amount=Money(150_001)), uow)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"amount": Money(1)}, WrongFee),
        ({"payee": replace(PAYEE, account_number="0011 004")}, UnwritableQr),
        ({"payee": replace(PAYEE, bank_bin="VCB")}, UnwritableQr),
    ],
)
async def test_a_fee_that_no_code_could_collect_is_refused_at_once(
    change: dict[str, Any], error: type[Refused]
) -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(error):
        await opened(an_intent(**change), uow)

    assert uow.fake_intents.rows == {}


async def test_a_confirmed_fee_gets_a_code_for_exactly_its_amount_and_payee() -> None:
    intent, confirmation = an_intent(), a_confirmation()
    uow = FakeUnitOfWork(intent)

    answer = await confirmed(intent, confirmation, uow)

    assert (answer.status, answer.confirmation) == (Status.CONFIRMED, confirmation)
    assert answer.bill_reference is not None
    assert answer.qr_payload is not None
    code = read_qr(answer.qr_payload)
    assert (code.bank_bin, code.account) == (PAYEE.bank_bin, PAYEE.account_number)
    assert (code.amount, code.currency, code.point_of_initiation) == (150_000, "704", "12")
    assert code.bill_number == code.purpose == answer.bill_reference
    assert code.merchant_name == "So Tu phap Dong Nai"


async def test_a_confirmed_fee_has_one_attempt_and_is_announced_with_its_code() -> None:
    intent = an_intent()
    uow = FakeUnitOfWork(intent)

    answer = await confirmed(intent, a_confirmation(), uow)

    (attempt,) = uow.fake_attempts.rows.values()
    assert (attempt.provider, attempt.bill_reference) == ("sandbox", answer.bill_reference)
    assert NOON < attempt.next_enquiry_at <= intent.expires_at
    (event,) = uow.recorded.events
    said = event.model_dump()
    assert event.type == "payment.opened.v1"
    assert (said["qr_payload"], said["expires_at"]) == (answer.qr_payload, intent.expires_at)


async def test_the_same_confirmation_gets_the_same_answer_whatever_came_later() -> None:
    intent, confirmation = an_intent(), a_confirmation()
    uow = FakeUnitOfWork(intent)
    first = await confirmed(intent, confirmation, uow)
    uow.fake_intents.rows[intent.id] = first.move_to(Status.EXPIRED)

    again = await confirmed(intent, replace(confirmation, confirmed_at=NOON + DAY), uow)

    assert again == first
    assert uow.recorded.types == ["payment.opened.v1"]


async def test_another_confirmation_of_a_confirmed_fee_is_refused() -> None:
    intent = an_intent()
    uow = FakeUnitOfWork(intent)
    await confirmed(intent, a_confirmation(), uow)

    with pytest.raises(AlreadyConfirmed):
        await confirmed(intent, a_confirmation(), uow)


@pytest.mark.parametrize(
    ("intent", "confirmation", "error"),
    [
        (an_intent(), a_confirmation(amount=Money(149_999)), AmountMismatch),
        (an_intent(), a_confirmation(amount=Money(150_000, "USD")), AmountMismatch),
        (an_intent(expires_at=NOON), a_confirmation(), PastDeadline),
        (an_intent(status=Status.EXPIRED), a_confirmation(), IllegalTransition),
        (an_intent(status=Status.CANCELLED), a_confirmation(), IllegalTransition),
    ],
)
async def test_a_confirmation_that_does_not_fit_opens_nothing(
    intent: PaymentIntent, confirmation: Confirmation, error: type[Refused]
) -> None:
    uow = FakeUnitOfWork(intent)

    with pytest.raises(error):
        await confirmed(intent, confirmation, uow)

    assert uow.fake_intents.rows[intent.id] == intent
    assert uow.recorded.events == []


async def test_an_unknown_fee_cannot_be_confirmed() -> None:
    with pytest.raises(UnknownPaymentIntent):
        await confirmed(an_intent(), a_confirmation(), FakeUnitOfWork())


async def test_a_confirmation_that_lost_a_race_is_told_who_won() -> None:
    intent, confirmation = an_intent(), a_confirmation()
    winner = intent.confirm(confirmation, bill_reference="LP0123456789", qr_payload="qr")

    class Raced(FakeUnitOfWork):
        """Between our look and our step, the same confirmation is stored by another."""

        async def __aenter__(self) -> "Raced":
            self.looks = 0
            self.fake_intents.get = self.look  # type: ignore[method-assign]
            return await super().__aenter__()

        async def look(self, intent_id: Any) -> PaymentIntent:
            self.looks += 1
            if self.looks == 1:
                self.fake_intents.rows[intent_id] = winner
                return intent
            return winner

    uow = Raced(intent)

    assert await confirmed(intent, confirmation, uow) == winner
    assert uow.recorded.events == []


async def test_what_nobody_confirmed_in_time_expires_in_batches() -> None:
    old = [an_intent(expires_at=NOON - timedelta(minutes=n)) for n in range(150)]
    waiting = an_intent(expires_at=NOON + timedelta(seconds=1))
    uow = FakeUnitOfWork(*old, waiting)
    clock = FrozenClock(NOON)

    counts = [await expire_unconfirmed_payments(uow=uow, clock=clock) for _ in range(3)]

    assert counts == [100, 50, 0]
    assert uow.recorded.types == ["payment.expired.v1"] * 150
    assert uow.fake_intents.rows[waiting.id].status is Status.CREATED
