"""Each signed request counts once, across all gateways."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import func, select

from chassis.db import Database
from chassis.message_signatures import CALLBACK
from chassis.migrations import upgrade_async
from gateway.ports.upstream import UpstreamRequest
from gateway.storage.evidence.tables import EVIDENCE, EVIDENCE_LINK
from gateway.storage.machines.tables import NONCE
from gateway.use_cases.sweep import sweep
from tests.gateway.conftest import MIGRATIONS
from tests.gateway.crafting import craft
from tests.gateway.world import (
    ORIGIN,
    PAYMENT_INTENT_ID,
    Signed,
    World,
    about_payment,
    json_answer,
    make_world,
    settings_for,
)

NOTIFICATIONS = ("POST", "/v1/provider-notifications/sandbox")
NOTICED = {
    "status": "settled",
    "payment_intent_id": PAYMENT_INTENT_ID,
    "provider_reference": "FT1",
    "discrepancy": None,
}


async def count(world: World, table: object) -> int:
    async with world.database.read() as connection:
        found = await connection.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]
        return int(found or 0)


async def test_a_write_sent_twice_is_refused_the_second_time(world: World) -> None:
    request = world.dossier()

    first = await world.send(request)
    again = await world.send(request)

    assert first.status_code == 200
    assert (again.status_code, again.json()["code"]) == (401, "nonce_reused")
    assert len(world.upstream.requests) == 1
    assert await count(world, EVIDENCE) == 1


async def test_a_read_sent_twice_is_refused_the_second_time(world: World) -> None:
    request = world.read("/v1/dossiers")

    assert (await world.send(request)).status_code == 200
    assert (await world.send(request)).status_code == 401
    assert len(world.upstream.requests) == 1


async def test_the_same_order_signed_anew_goes_through(world: World) -> None:
    assert (await world.send(world.dossier())).status_code == 200
    assert (await world.send(world.dossier())).status_code == 200
    assert await count(world, EVIDENCE) == 2


async def test_a_nonce_used_for_other_words_is_refused(world: World) -> None:
    nonce = "a-nonce-that-is-used-twice"

    first = await world.send(craft(world, parameters={"nonce": nonce}))
    other = await world.send(
        craft(world, parameters={"nonce": nonce}, body=b'{"procedure_code":"2.002"}')
    )

    assert first.status_code == 200
    assert (other.status_code, other.json()["code"]) == (401, "nonce_reused")
    assert len(world.upstream.requests) == 1


async def test_a_banks_identical_repeat_is_the_same_evidence_and_answer(world: World) -> None:
    world.upstream.answers[NOTIFICATIONS] = about_payment(json_answer(NOTICED))
    request = world.notification()

    first = await world.send(request)
    assert "lephi-payment-intent" not in first.headers
    again = await world.send(request)

    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert await count(world, EVIDENCE) == await count(world, EVIDENCE_LINK) == 1
    one, two = (evidence_of(sent) for sent in world.upstream.requests)
    assert one == two


async def test_a_banks_nonce_with_other_words_is_refused(world: World) -> None:
    nonce = "a-nonce-that-is-used-twice"
    signer = world.signer("bank-sandbox")
    answers = []
    for body in (b'{"amount":150000}', b'{"amount":1}'):
        headers = signer.headers(
            "POST", ORIGIN + NOTIFICATIONS[1], body, shape=CALLBACK, nonce=nonce
        )
        signed = Signed(*NOTIFICATIONS, list(headers.items()), body)
        answers.append((await world.send(signed)).status_code)

    assert answers == [200, 401]
    assert len(world.upstream.requests) == 1


async def test_a_nonce_is_forgotten_only_when_no_signature_could_carry_it(world: World) -> None:
    request = world.dossier()
    await world.send(request)
    tools = world.app.state.tools

    for seconds, left in ((89, 1), (2, 0)):
        world.clock.advance(timedelta(seconds=seconds))
        await sweep(uow=tools.new_uow(), at=world.clock.now())
        assert await count(world, NONCE) == left
        assert (await world.send(request)).status_code == 401


@pytest.fixture
async def two_worlds(postgresql_url: str, var_dir: object) -> AsyncIterator[tuple[World, World]]:
    """Two gateways, each with its own connections, on one database."""
    settings = settings_for(postgresql_url, var_dir)  # type: ignore[arg-type]
    await upgrade_async(postgresql_url, MIGRATIONS)
    databases = [Database.open(postgresql_url) for _ in range(2)]
    worlds = [await make_world(settings, database) for database in databases]
    yield worlds[0], worlds[1]
    for world, database in zip(worlds, databases, strict=True):
        await world.http.aclose()
        await database.close()


@pytest.mark.integration
async def test_two_gateways_given_the_same_write_at_once_accept_it_once(
    two_worlds: tuple[World, World],
) -> None:
    left, right = two_worlds
    for number in range(10):
        request = left.dossier(key=f"order-{number:04}")

        answers = await asyncio.gather(*(world.send(request) for world in (left, right, left)))

        assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    assert len(left.upstream.requests) + len(right.upstream.requests) == 10
    assert await count(left, EVIDENCE) == 10


@pytest.mark.integration
async def test_two_gateways_given_the_same_notice_at_once_keep_one_evidence(
    two_worlds: tuple[World, World],
) -> None:
    request = two_worlds[0].notification()

    answers = await asyncio.gather(*(world.send(request) for world in two_worlds))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert await count(two_worlds[0], EVIDENCE) == 1
    sent = [*two_worlds[0].upstream.requests, *two_worlds[1].upstream.requests]
    assert len({evidence_of(one) for one in sent}) == 1


def evidence_of(request: UpstreamRequest) -> str:
    token = dict(request.headers)["authorization"].removeprefix("Bearer ")
    return str(jwt.decode(token, options={"verify_signature": False})["ev"])
