"""Officers see the payments and discrepancies of their agencies and no other row."""

from dataclasses import replace

import pytest

from chassis.auth import Caller
from tests.payment.api.conftest import Door
from tests.payment.api.test_payment_api import BANK, INTENTS, NOTICES
from tests.payment.samples import notice_facts
from tests.payment.world import SqlWorld

HERE = Caller(
    subject="officer",
    kind="user",
    scopes=frozenset({"payment.read"}),
    roles=frozenset({"accountant"}),
    agencies=frozenset({"H19.25"}),
)
THERE = replace(HERE, subject="there", agencies=frozenset({"H01", "H19"}))
NOWHERE = replace(HERE, subject="nowhere", agencies=frozenset())
EVERYWHERE = replace(HERE, subject="auditor", agencies=frozenset({"*"}))
CITIZEN = replace(HERE, subject="citizen", roles=frozenset(), agencies=frozenset())


async def listed(door: Door, path: str, caller: Caller) -> list[str]:
    answer = await door.get(path, caller)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_an_officer_lists_the_intents_of_their_agencies(world: SqlWorld, door: Door) -> None:
    here = str((await world.opened()).id)
    there = str((await world.opened(agency_code="H01")).id)

    assert await listed(door, INTENTS, HERE) == [here]
    assert await listed(door, INTENTS, THERE) == [there]
    assert await listed(door, INTENTS, NOWHERE) == []
    assert set(await listed(door, INTENTS, EVERYWHERE)) == {here, there}
    assert (await door.get(INTENTS, CITIZEN)).status_code == 403


@pytest.mark.parametrize(
    ("caller", "status"),
    [(HERE, 200), (EVERYWHERE, 200), (THERE, 404), (NOWHERE, 404), (CITIZEN, 200)],
    ids=lambda one: getattr(one, "subject", ""),
)
async def test_an_officer_sees_no_intent_of_another_agency_and_a_citizen_the_one_they_pay(
    world: SqlWorld, door: Door, caller: Caller, status: int
) -> None:
    intent = await world.opened()

    assert (await door.get(f"{INTENTS}/{intent.id}", caller)).status_code == status


async def test_discrepancies_are_the_agencys_and_those_of_nobody_are_for_all_agencies_alone(
    world: SqlWorld, door: Door
) -> None:
    for agency in ("H19.25", "H01"):
        intent = await world.confirmed(agency_code=agency)
        await door.post(NOTICES, BANK, notice_facts(intent.bill_reference, amount=1))
    await door.post(NOTICES, BANK, notice_facts("LP0000000000"))

    here, there = [await listed(door, "/v1/discrepancies", who) for who in (HERE, THERE)]
    everything = await listed(door, "/v1/discrepancies", EVERYWHERE)

    assert (len(here), len(there), len(everything)) == (1, 1, 3)
    assert not set(here) & set(there)
    assert await listed(door, "/v1/discrepancies", NOWHERE) == []
    assert (await door.get("/v1/discrepancies", CITIZEN)).status_code == 403
