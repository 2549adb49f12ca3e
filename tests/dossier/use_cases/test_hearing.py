"""What the service makes of the news it hears, whatever the order and however often."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import permutations
from uuid import UUID

import pytest

from chassis.testing import FrozenClock
from services.dossier.domain.errors import QrDoesNotFit
from services.dossier.domain.fee_request import PaymentStatus
from services.dossier.domain.state import State
from services.dossier.use_cases.keep_agency import keep_agency
from services.dossier.use_cases.keep_fee_schedule import keep_fee_schedule
from services.dossier.use_cases.keep_procedure import keep_procedure
from services.dossier.use_cases.record_payment_expired import record_payment_expired
from services.dossier.use_cases.record_payment_opened import record_payment_opened
from services.dossier.use_cases.record_payment_succeeded import record_payment_succeeded
from services.dossier.use_cases.record_receipt_issued import record_receipt_issued
from tests.dossier.fakes import FakeUnitOfWork, Memory
from tests.dossier.samples import (
    AGENCY,
    CODE,
    DOSSIER,
    FEE_REQUEST,
    MORNING,
    PROCEDURE,
    SCHEDULE,
    receipt,
    vietqr,
)

WAITING = replace(DOSSIER, state=State.PAYMENT_REQUIRED, steps_made=1)
CLOCK = FrozenClock(MORNING)
News = Callable[[FakeUnitOfWork], Awaitable[None]]


def waiting() -> FakeUnitOfWork:
    return FakeUnitOfWork(
        Memory(dossiers={WAITING.id: WAITING}, fee_requests={FEE_REQUEST.id: FEE_REQUEST})
    )


async def opened(uow: FakeUnitOfWork) -> None:
    await record_payment_opened(FEE_REQUEST.id, code=CODE, caused_by=UUID(int=11), uow=uow)


async def succeeded(uow: FakeUnitOfWork) -> None:
    await record_payment_succeeded(
        FEE_REQUEST.id, paid_at=MORNING, caused_by=UUID(int=12), uow=uow, clock=CLOCK
    )


async def first_receipt(uow: FakeUnitOfWork) -> None:
    await record_receipt_issued(receipt(1), caused_by=UUID(int=13), uow=uow, clock=CLOCK)


async def second_receipt(uow: FakeUnitOfWork) -> None:
    await record_receipt_issued(receipt(2), caused_by=UUID(int=14), uow=uow, clock=CLOCK)


async def expired(uow: FakeUnitOfWork) -> None:
    await record_payment_expired(FEE_REQUEST.id, at=MORNING, caused_by=UUID(int=15), uow=uow)


ALL: tuple[News, ...] = (opened, succeeded, first_receipt, second_receipt)


@pytest.mark.parametrize("news", list(permutations(ALL)))
async def test_in_every_order_the_dossier_ends_at_work_by_the_same_two_steps(
    news: tuple[News, ...],
) -> None:
    uow = waiting()

    for hear in news:
        await hear(uow)

    steps = uow.memory.steps[WAITING.id]
    assert [(step.from_state, step.to_state) for step in steps] == [(6, 2), (2, 4)]
    assert uow.outbox.types == ["dossier.state_changed.v1"] * 2
    assert uow.memory.fee_requests[FEE_REQUEST.id].status is PaymentStatus.SUCCEEDED
    assert uow.memory.fee_requests[FEE_REQUEST.id].code == CODE


async def test_news_heard_again_has_no_effect() -> None:
    uow = waiting()
    for hear in ALL:
        await hear(uow)
    before = uow.memory.snapshot()

    for hear in ALL:
        await hear(uow)

    assert uow.memory.snapshot() == before


async def test_the_same_fact_under_another_event_id_moves_nothing_either() -> None:
    uow = waiting()
    for hear in ALL:
        await hear(uow)

    await record_payment_succeeded(
        FEE_REQUEST.id, paid_at=MORNING, caused_by=UUID(int=99), uow=uow, clock=CLOCK
    )
    await record_receipt_issued(receipt(2), caused_by=UUID(int=98), uow=uow, clock=CLOCK)

    assert len(uow.memory.steps[WAITING.id]) == 2
    assert len(uow.memory.receipts) == 2


async def test_an_expired_payment_leaves_the_dossier_waiting() -> None:
    uow = waiting()

    await opened(uow)
    await expired(uow)

    assert uow.memory.dossiers[WAITING.id].state is State.PAYMENT_REQUIRED
    assert uow.memory.fee_requests[FEE_REQUEST.id].status is PaymentStatus.EXPIRED


@pytest.mark.parametrize("hear", [*ALL, expired])
async def test_a_bill_without_a_dossier_is_somebody_elses(hear: News) -> None:
    uow = FakeUnitOfWork()

    await hear(uow)

    assert (uow.memory.receipts, uow.memory.fee_requests, uow.outbox.events) == ({}, {}, [])


async def test_a_code_that_pays_somebody_else_is_not_kept() -> None:
    uow = waiting()
    crooked = replace(CODE, qr_payload=vietqr(1))

    with pytest.raises(QrDoesNotFit):
        await record_payment_opened(FEE_REQUEST.id, code=crooked, caused_by=UUID(int=11), uow=uow)

    assert uow.memory.fee_requests[FEE_REQUEST.id].code is None


async def test_the_catalogs_facts_are_copied_once_for_each_event() -> None:
    uow = FakeUnitOfWork(Memory(agencies=[], procedures=[], schedules=[]))

    for _ in range(2):
        await keep_agency(AGENCY, published_at=MORNING, caused_by=UUID(int=1), uow=uow)
        await keep_procedure(PROCEDURE, published_at=MORNING, caused_by=UUID(int=1), uow=uow)
        await keep_fee_schedule(SCHEDULE, published_at=MORNING, caused_by=UUID(int=1), uow=uow)

    assert uow.memory.agencies == [AGENCY]
    assert uow.memory.procedures == [PROCEDURE]
    assert uow.memory.schedules == [SCHEDULE]
