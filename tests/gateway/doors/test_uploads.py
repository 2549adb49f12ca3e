"""Files at the outer wall: signed like every write, larger than anything else, and few."""

from typing import Any

import pytest
from sqlalchemy import select

from chassis.message_signatures.shapes import FEE_REQUEST
from gateway.routes.money import BATCH_BYTES_MAX
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.world import ORIGIN, Signed, World

BATCHES, BILLS = "/v1/bill-batches", "/v1/payment-intents"
ROW = b'HP-0001,"H19.25",31/12/2026\n'


def signed(
    world: World, body: bytes, *, target: str = BATCHES, media_type: str = "text/csv"
) -> Signed:
    headers = world.signer("portal-demo").headers(
        "POST",
        ORIGIN + target,
        body,
        shape=FEE_REQUEST,
        extra={"idempotency-key": "file-0001", "content-type": media_type},
    )
    return Signed("POST", target, list(headers.items()), body)


async def evidence(world: World) -> list[Any]:
    async with world.database.read() as connection:
        return list((await connection.execute(select(EVIDENCE))).all())


async def test_a_file_reaches_its_service_as_it_is_and_is_kept_as_evidence(
    quick_world: World,
) -> None:
    file = ROW * 40_000

    answer = await quick_world.send(signed(quick_world, file))

    assert answer.status_code == 200
    (handed_on,) = quick_world.upstream.requests
    assert handed_on.body == file
    (kept,) = await evidence(quick_world)
    assert (kept.kind, kept.body) == ("biller-request", file)


async def test_a_file_above_its_limit_is_refused_and_leaves_nothing(quick_world: World) -> None:
    answer = await quick_world.send(signed(quick_world, b"x" * (BATCH_BYTES_MAX + 1)))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert quick_world.upstream.requests == []
    assert await evidence(quick_world) == []


async def test_where_no_file_is_taken_the_ordinary_limit_holds(quick_world: World) -> None:
    at_bills = await quick_world.send(signed(quick_world, ROW * 3_000, target=BILLS))
    below = await quick_world.send(signed(quick_world, ROW * 3_000, target=f"{BATCHES}/1/lines"))

    assert (at_bills.status_code, below.status_code) == (413, 413)


async def test_a_file_that_was_changed_on_its_way_is_refused(quick_world: World) -> None:
    request = signed(quick_world, ROW * 3_000)
    request.body = request.body.replace(b"31/12", b"30/12", 1)

    answer = await quick_world.send(request)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert quick_world.upstream.requests == []
    assert await evidence(quick_world) == []


@pytest.mark.parametrize("media_type", ["application/json", "Application/Vnd.X+JSON; charset=x"])
async def test_a_file_that_says_it_is_json_has_one_meaning(
    quick_world: World, media_type: str
) -> None:
    two_meanings = b'{"amount": 1, "amount": 2}'

    as_json = await quick_world.send(signed(quick_world, two_meanings, media_type=media_type))
    as_csv = await quick_world.send(signed(quick_world, two_meanings))

    assert (as_json.status_code, as_json.json()["code"]) == (400, "unreadable_json")
    assert as_csv.status_code == 200


async def test_no_other_route_takes_what_is_not_json(quick_world: World) -> None:
    answer = await quick_world.send(signed(quick_world, ROW, target=BILLS))

    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_json")
