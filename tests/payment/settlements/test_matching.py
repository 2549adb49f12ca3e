"""A row finds its payment by order, and its refund by the provider's name for it or by ours."""

from typing import Any

from sqlalchemy import insert, update

from services.payment.storage.intents.tables import PAYMENT_ATTEMPT
from services.payment.storage.refunds.tables import REFUND
from tests.payment.samples import FEE, NOON, new_id
from tests.payment.settlements.desk import Desk, row_of


async def test_a_row_that_names_an_order_is_matched_to_what_was_paid_by_it(desk: Desk) -> None:
    desk.back_to_noon()
    intent = await desk.world.confirmed()
    desk.later()
    async with desk.world.database.begin() as connection:
        await connection.execute(
            update(PAYMENT_ATTEMPT)
            .where(PAYMENT_ATTEMPT.c.payment_intent_id == intent.id)
            .values(order_reference="ORDER01")
        )
    await desk.load_rows([row_of("FT1", order_reference="ORDER01")])

    await desk.reconcile()

    (case,) = await desk.differences()
    assert (case.kind, case.subject.ours_id) == ("status_differs", intent.id)


async def refunded(desk: Desk, **facts: Any) -> Any:
    (reference,) = await desk.have_paid(1)
    await desk.load_rows([row_of(reference)])
    refund = {
        "id": new_id(),
        "source_kind": "payment",
        "payment_intent_id": (await desk.payment_of(reference)),
        "agency_code": "H19.25",
        "amount_minor_units": 50_000,
        "currency": "VND",
        "lines": [],
        "provider": "sandbox",
        "payment_reference": reference,
        "paid_minor_units": FEE.minor_units,
        "paid_at": NOON,
        "reason": "hoàn một phần",
        "requested_by_kind": "user",
        "requested_by": "mai",
        "idempotency_key": "k" * 8,
        "request_fingerprint": "f",
        "requested_at": NOON,
        "status": "succeeded",
        "decided_by": "lan",
        "decided_at": NOON,
        "by_hand": False,
        "enquiries": 0,
        "ended_at": NOON,
        **facts,
    }
    async with desk.world.database.begin() as connection:
        await connection.execute(insert(REFUND), refund)
    return refund["id"]


async def test_a_refund_is_matched_by_the_providers_name_for_it(desk: Desk) -> None:
    await refunded(desk, provider_reference="RF1")
    await desk.load_rows([row_of("RF1", type="refund", amount=50_000)])

    await desk.reconcile()

    assert await desk.found() == {}
    assert await desk.row_states() == {"matched": 2}


async def test_a_refund_is_matched_by_our_name_and_its_facts_compared(desk: Desk) -> None:
    refund = await refunded(desk, provider_reference=None)
    await desk.load_rows(
        [
            row_of("RF1", type="refund", amount=40_000, order_reference=refund.hex),
            row_of("RF2", type="refund", amount=40_000, order_reference="of-nobody"),
        ]
    )

    await desk.reconcile()

    assert await desk.found() == {"amount_differs": 1, "missing_here": 1}


async def test_a_refund_that_no_row_speaks_of_is_missing_unless_paid_by_hand(desk: Desk) -> None:
    refund = await refunded(desk, provider_reference="RF1")
    await desk.reconcile()

    (case,) = await desk.differences()
    assert (case.kind, case.subject.ours_kind) == ("missing_at_provider", "refund")
    assert case.subject.ours_id == refund

    await desk.load_rows([row_of("RF1", type="refund", amount=50_000)])
    await desk.reconcile()
    assert await desk.found() == {}


async def test_what_was_paid_back_by_hand_is_in_no_file(desk: Desk) -> None:
    await refunded(desk, by_hand=True)

    await desk.reconcile()

    assert await desk.found() == {}
