import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.testing import FakeIds, FrozenClock
from gateway.domain.confirming.confirmation import Status
from gateway.domain.confirming.errors import NotConfirmable
from gateway.domain.confirming.fee_intent import PayableFee
from gateway.use_cases.confirming.open_confirmation import (
    OpenedConfirmation,
    OpeningTools,
    Wanted,
    open_confirmation,
)
from tests.gateway.fakes import FakePayments, FakeTexts, FakeUnitOfWork
from tests.gateway.proofs.fakes import session_of
from tests.gateway.samples import ACCOUNT, NOW, PAYABLE, PAYER, PAYMENT


async def opened(uow: FakeUnitOfWork, fee: PayableFee = PAYABLE) -> OpenedConfirmation:
    uow.accounts.accounts[PAYER] = ACCOUNT
    tools = OpeningTools(
        payments=FakePayments(fee),
        texts=FakeTexts(),
        audience="https://gateway.example",
        clock=FrozenClock(NOW),
        ids=FakeIds(),
    )
    return await open_confirmation(
        PAYMENT, Wanted(method="vietqr"), session=session_of(), uow=uow, tools=tools
    )


async def test_the_bytes_to_sign_say_the_fee_as_payment_states_it() -> None:
    found = await opened(FakeUnitOfWork())

    assert json.loads(found.confirmation.intent_bytes) == found.intent
    assert found.intent["amount"] == "150000"
    assert found.intent["payer"] == ACCOUNT.pairwise_id("H19.25")
    assert found.confirmation.shown_text == "150000 VND"
    assert found.confirmation.expires_at == NOW + timedelta(minutes=5)


async def test_a_confirmation_never_outlives_its_fee() -> None:
    soon = NOW + timedelta(seconds=10)

    found = await opened(FakeUnitOfWork(), replace(PAYABLE, expires_at=soon))

    assert found.confirmation.expires_at == soon
    assert found.intent["exp"] == soon.isoformat()


async def test_a_newer_confirmation_replaces_the_older() -> None:
    uow = FakeUnitOfWork()
    older = await opened(uow)
    uow.confirmations.confirmations = {older.confirmation.id: older.confirmation}

    await uow.confirmations.supersede_open(PAYMENT, user_id=PAYER)

    assert uow.confirmations.confirmations[older.confirmation.id].status is Status.SUPERSEDED


async def test_what_is_not_waiting_cannot_be_confirmed() -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(NotConfirmable):
        await opened(uow, replace(PAYABLE, status="succeeded"))

    assert uow.confirmations.confirmations == {}
