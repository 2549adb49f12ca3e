import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.db import Database
from chassis.transport import Delivery, Unprocessable
from services.payment.consumers import CONSUMERS
from services.payment.consumers.tools import Tools
from services.payment.domain.intents.payment_intent import FeeKind, PaymentIntent, Status
from tests.payment.contracts import EVENTS, said_types
from tests.payment.samples import new_id
from tests.payment.world import SqlWorld

FEE_REQUESTED = "dossier.fee_requested.v1"
CONFIRMED = "payment_intent.confirmed.v1"


def fee_requested() -> dict[str, Any]:
    """The example that the dossier service publishes with its schema."""
    schema = json.loads((EVENTS / f"{FEE_REQUESTED}.json").read_text("utf-8"))
    example: dict[str, Any] = schema["examples"][0]
    return example


def confirmed(intent: PaymentIntent, **changes: Any) -> dict[str, Any]:
    data = {
        "payment_intent_id": str(intent.id),
        "confirmation_id": str(new_id()),
        "evidence_id": str(new_id()),
        "method": "vietqr",
        "assurance": "password+totp+device-key",
        "amount_minor_units": intent.amount.minor_units,
        "currency": intent.amount.currency,
        "confirmed_at": "2026-11-23T05:00:30Z",
        **changes,
    }
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "type": CONFIRMED,
        "source": "gateway",
        "subject": str(intent.id),
        "time": "2026-11-23T05:00:30Z",
        "datacontenttype": "application/json",
        "data": data,
    }


@pytest.fixture
def world(database: Database) -> SqlWorld:
    return SqlWorld(database)


async def hear(world: SqlWorld, event: dict[str, Any]) -> None:
    tools = Tools(
        open_uow=world.uow,
        clock=world.clock,
        ids=world.ids,
        intent_lifetime=timedelta(hours=24),
        vietqr_provider="sandbox",
    )
    body = json.dumps(event).encode()
    await CONSUMERS.take(Delivery(type=event["type"], body=body, attempt=1), tools)


async def test_a_requested_fee_becomes_an_intent_under_the_same_id(world: SqlWorld) -> None:
    event = fee_requested()

    await hear(world, event)
    await hear(world, event)
    await hear(world, event | {"id": str(new_id())})

    intent = await world.get(UUID(event["data"]["fee_request_id"]))
    assert (intent.status, intent.dossier_code) == (Status.CREATED, "H19.25-261123-0001")
    assert [line.kind for line in intent.lines] == [FeeKind.LE_PHI]
    assert intent.amount.minor_units == 100_000


async def test_a_price_of_a_service_is_never_collected_here(world: SqlWorld) -> None:
    event = fee_requested()
    event["data"]["lines"][0]["kind"] = "gia_dich_vu"

    with pytest.raises(Unprocessable):
        await hear(world, event)


async def test_a_fee_that_does_not_add_up_is_parked(world: SqlWorld) -> None:
    event = fee_requested()
    event["data"]["amount_minor_units"] += 1

    with pytest.raises(Unprocessable, match="wrong_fee"):
        await hear(world, event)


async def test_a_confirmation_whose_call_was_lost_takes_effect_by_its_event(
    world: SqlWorld, database: Database
) -> None:
    intent = await world.opened()
    event = confirmed(intent)

    await hear(world, event)
    await hear(world, event)

    assert await world.status(intent.id) is Status.CONFIRMED
    assert await said_types(database) == ["payment.opened.v1"]


async def test_a_confirmation_of_another_amount_is_parked(world: SqlWorld) -> None:
    intent = await world.opened()

    with pytest.raises(Unprocessable, match="amount_mismatch"):
        await hear(world, confirmed(intent, amount_minor_units=1))
