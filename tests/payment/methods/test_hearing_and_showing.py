import json
from datetime import timedelta
from typing import Any

import pytest

from chassis.auth import Caller
from chassis.db import Database
from chassis.money import Money
from chassis.transport import Delivery
from services.payment.consumers import CONSUMERS
from services.payment.consumers.tools import Tools
from services.payment.storage.unit_of_work import SqlReading
from tests.payment.api.conftest import Door, door, world
from tests.payment.contracts import EVENTS
from tests.payment.methods.samples import a_method, a_set
from tests.payment.samples import NOON, new_id
from tests.payment.world import SqlWorld

__all__ = ["door", "world"]

PUBLISHED = "payment_methods.published.v1"
CITIZEN = Caller(subject="citizen", kind="user", scopes=frozenset({"payment.read"}))
PORTAL = Caller(subject="portal-demo", kind="client", client_id="portal-demo")
STRANGER = Caller(subject="portal-other", kind="client", client_id="portal-other")


def published() -> dict[str, Any]:
    """The example that the catalogue publishes with its schema."""
    schema = json.loads((EVENTS / f"{PUBLISHED}.json").read_text("utf-8"))
    example: dict[str, Any] = schema["examples"][0]
    return example


async def hear(world: SqlWorld, event: dict[str, Any]) -> None:
    tools = Tools(
        open_uow=world.uow,
        clock=world.clock,
        ids=world.ids,
        intent_lifetime=timedelta(hours=24),
        vietqr_provider="sandbox",
    )
    body = json.dumps(event).encode()
    await CONSUMERS.take(Delivery(type=PUBLISHED, body=body, attempt=1), tools)


async def known(database: Database) -> list[str]:
    async with SqlReading(database) as reading:
        found = await reading.methods.find()
    return [method.code for method in found.methods] if found else []


async def test_what_was_kept_is_what_was_published(database: Database) -> None:
    world = SqlWorld(database)
    async with world.uow() as uow:
        await uow.methods.keep_newest(a_set(a_method("momo"), a_method("cash", limit=None)))

    async with SqlReading(database) as reading:
        assert await reading.methods.find() == a_set(a_method("momo"), a_method("cash", limit=None))


async def test_the_newest_set_stays_in_whatever_order_sets_are_heard(database: Database) -> None:
    world = SqlWorld(database)
    both = published()
    assert await known(database) == []

    await hear(world, both)
    withdrawn = both | {"id": str(new_id()), "time": "2026-11-23T03:00:00Z"}
    withdrawn["data"] = {"methods": both["data"]["methods"][:1]}
    await hear(world, withdrawn)
    await hear(world, both)

    assert await known(database) == ["vietqr"]


async def test_a_payer_is_shown_every_method_and_why_one_is_closed_to_them(
    world: SqlWorld, door: Door
) -> None:
    intent = await world.opened()
    async with world.uow() as uow:
        await uow.methods.keep_newest(
            a_set(a_method("momo"), a_method("zalopay", limit=Money(100_000)))
        )

    answer = await door.get(f"/v1/payment-intents/{intent.id}/methods", CITIZEN)

    assert answer.status_code == 200, answer.text
    momo, zalopay = answer.json()["items"]
    assert (momo["code"], momo["refusal"]) == ("momo", None)
    assert momo["limit"] == {"amount": 50_000_000, "currency": "VND"}
    assert momo["brands"] == [{"code": "VCB", "name": "Vietcombank", "bin": "970436"}]
    assert zalopay["refusal"]["code"] == "above_method_limit"
    assert "100.000 VND" in zalopay["refusal"]["vi"]


@pytest.mark.parametrize(("caller", "status"), [(PORTAL, 200), (STRANGER, 404)])
async def test_methods_are_shown_to_whoever_may_see_the_fee(
    world: SqlWorld, door: Door, caller: Caller, status: int
) -> None:
    intent = await world.opened(client_id="portal-demo", created_at=NOON)

    answer = await door.get(f"/v1/payment-intents/{intent.id}/methods", caller)

    assert answer.status_code == status
