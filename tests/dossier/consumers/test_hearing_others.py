"""Every event we hear, from the bytes its producer's contract shows to its effect here."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.canonical import canonical_json
from chassis.testing import FrozenClock
from chassis.transport import Delivery, Unprocessable
from services.dossier.consumers import CONSUMERS
from services.dossier.consumers.tools import Tools
from services.dossier.domain.fee_request import PaymentStatus
from services.dossier.domain.state import State
from tests.dossier.fakes import FakeUnitOfWork, Memory
from tests.dossier.samples import CODE, DOSSIER, FEE_REQUEST, MORNING, vietqr

CONTRACTS = Path(__file__).parents[3] / "contracts" / "events"
WAITING = replace(DOSSIER, state=State.PAYMENT_REQUIRED, steps_made=1)
OURS: Mapping[str, object] = {
    "payment_intent_id": str(FEE_REQUEST.id),
    "dossier_id": str(DOSSIER.id),
    "amount_minor_units": FEE_REQUEST.amount.minor_units,
}


def example(type: str, **data: object) -> dict[str, Any]:
    schema = json.loads((CONTRACTS / f"{type}.json").read_text("utf-8"))
    envelope: dict[str, Any] = schema["examples"][0]
    return {**envelope, "data": {**envelope["data"], **data}}


def waiting() -> FakeUnitOfWork:
    return FakeUnitOfWork(
        Memory(
            agencies=[],
            procedures=[],
            schedules=[],
            dossiers={WAITING.id: WAITING},
            fee_requests={FEE_REQUEST.id: FEE_REQUEST},
        )
    )


async def hear(uow: FakeUnitOfWork, envelope: Mapping[str, Any], *, id: int = 1) -> None:
    body = canonical_json({**envelope, "id": str(UUID(int=id))})
    delivery = Delivery(type=envelope["type"], body=body, attempt=1)
    await CONSUMERS.take(delivery, Tools(uow=lambda: uow, clock=FrozenClock(MORNING)))


async def test_what_the_catalog_publishes_becomes_our_copy() -> None:
    uow = waiting()
    types = ("agency.published.v1", "procedure.published.v1", "fee_schedule.published.v1")

    for id, type in enumerate(types):
        await hear(uow, example(type), id=id)

    agency, procedure, schedule = (example(type)["data"] for type in types)
    assert uow.memory.agencies[0].account.bank_bin == agency["collection_account"]["bank_bin"]
    assert uow.memory.agencies[0].valid_from == date.fromisoformat(agency["valid_from"])
    assert list(uow.memory.procedures[0].agency_codes) == procedure["agency_codes"]
    kept = uow.memory.schedules[0]
    assert [line.line_code for line in kept.lines] == [
        line["line_code"] for line in schedule["lines"]
    ]


async def test_an_opened_payment_gives_the_dossier_its_code() -> None:
    uow = waiting()

    await hear(uow, example("payment.opened.v1", **OURS, qr_payload=CODE.qr_payload))

    kept = uow.memory.fee_requests[FEE_REQUEST.id]
    assert kept.status is PaymentStatus.CONFIRMED
    assert kept.code is not None
    assert kept.code.qr_payload == CODE.qr_payload


async def test_a_payment_and_its_receipts_bring_the_dossier_to_work() -> None:
    uow = waiting()
    receipts = [
        example("receipt.issued.v1", **OURS, receipt_id=str(UUID(int=50 + n)), part=n, parts=2)
        for n in (1, 2)
    ]

    await hear(uow, receipts[0], id=1)
    await hear(uow, example("payment.succeeded.v1", **OURS), id=2)
    await hear(uow, receipts[1], id=3)
    await hear(uow, receipts[1], id=3)

    assert uow.memory.dossiers[WAITING.id].state is State.IN_PROGRESS
    assert len(uow.memory.receipts) == 2


async def test_a_replaced_receipt_is_listed_as_such_in_whatever_order_it_is_heard() -> None:
    first, second = str(UUID(int=50)), str(UUID(int=51))
    told = [
        example("receipt.issued.v1", **OURS, receipt_id=first),
        example("receipt.replaced.v1", **OURS, receipt_id=second, corrects_id=first),
        example("receipt.cancelled.v1", **OURS, receipt_id=second),
    ]
    for order in (told, told[::-1]):
        uow = waiting()
        for id, one in enumerate(order, start=1):
            await hear(uow, one, id=id)

        async with uow:
            listed = await uow.receipts.list_of(FEE_REQUEST.id)
        standings = {str(one.receipt_id): one.standing for one in listed}
        assert standings == {first: "replaced", second: "cancelled"}


async def test_an_expired_payment_closes_the_code() -> None:
    uow = waiting()

    await hear(uow, example("payment.expired.v1", **OURS))

    assert uow.memory.fee_requests[FEE_REQUEST.id].status is PaymentStatus.EXPIRED


async def test_a_code_for_another_amount_is_parked_and_not_retried() -> None:
    uow = waiting()

    with pytest.raises(Unprocessable, match="qr_does_not_fit"):
        await hear(uow, example("payment.opened.v1", **OURS, qr_payload=vietqr(1)))


@pytest.mark.parametrize("type", CONSUMERS.types)
async def test_bytes_that_make_no_event_are_parked(type: str) -> None:
    with pytest.raises(Unprocessable):
        await hear(waiting(), {"type": type, "data": {}})


async def test_a_cancelled_payment_is_asked_for_no_longer() -> None:
    uow = waiting()

    await hear(uow, example("payment.cancelled.v1", **OURS))

    assert uow.memory.fee_requests[FEE_REQUEST.id].status is PaymentStatus.CANCELLED


async def test_a_revived_payment_can_be_paid_again() -> None:
    uow = waiting()
    await hear(uow, example("payment.expired.v1", **OURS), id=1)

    await hear(uow, example("payment.revived.v1", **OURS), id=2)

    assert uow.memory.fee_requests[FEE_REQUEST.id].status is PaymentStatus.CREATED


NAMED: Mapping[str, object] = {"payment_intent_id": str(FEE_REQUEST.id)}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("type", "status"), [("refund.succeeded.v1", "succeeded"), ("refund.failed.v1", "failed")]
)
async def test_a_refund_is_shown_as_it_ended_in_whatever_order_its_news_come(
    type: str, status: str, order: tuple[int, int]
) -> None:
    uow = waiting()
    news = [example("refund.requested.v1", **NAMED), example(type, **NAMED)]

    for number in order:
        await hear(uow, news[number], id=number + 1)
        await hear(uow, news[number], id=number + 1)

    (refund,) = uow.memory.refunds.values()
    assert (refund.status, refund.ended_at is None) == (status, False)
    assert uow.memory.dossiers[WAITING.id].state is WAITING.state


async def test_refunds_of_bills_and_of_nameless_money_are_nothing_to_us() -> None:
    uow = waiting()

    await hear(uow, example("refund.requested.v1", payment_intent_id=None), id=1)
    await hear(uow, example("refund.requested.v1", payment_intent_id=str(UUID(int=9))), id=2)

    assert uow.memory.refunds == {}
