"""A captured request sent to two gateway processes at once has one effect."""

import asyncio
from collections import Counter
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from chassis.canonical import canonical_json
from chassis.message_signatures import CALLBACK, FEE_REQUEST, Shape
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.machines.tables import NONCE
from tests.gateway.two_gateways import TwoGateways
from tests.gateway.world import DOSSIER

CAPTURED: Final = 1000
AT_ONCE: Final = 16
NOTICES: Final = "/v1/provider-notifications/sandbox"


async def rows(running: TwoGateways, table: object) -> int:
    async with running.database.read() as connection:
        found = await connection.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]
        return int(found or 0)


async def both(
    running: TwoGateways, shape: Shape, client_id: str, path: str, *, key: str
) -> tuple[int, ...]:
    """One signed request, sent to both gateways at the same moment."""
    extra = {"idempotency-key": key} if shape is FEE_REQUEST else {}
    url = running.origin + path
    body = DOSSIER if shape is FEE_REQUEST else canonical_json({"notice_id": key})
    headers = running.signer(client_id).headers("POST", url, body, shape=shape, extra=extra)
    answers = await asyncio.gather(
        *(running.http.post(one + path, content=body, headers=headers) for one in running.urls)
    )
    return tuple(sorted(answer.status_code for answer in answers))


async def captured(running: TwoGateways, shape: Shape, client_id: str, path: str) -> Counter[Any]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> tuple[int, ...]:
        async with room:
            return await both(running, shape, client_id, path, key=f"order-{number:06}")

    return Counter(await asyncio.gather(*map(one, range(CAPTURED))))


@pytest.mark.integration
async def test_a_thousand_captured_requests_have_one_effect_each(
    two_gateways: TwoGateways,
) -> None:
    statuses = await captured(two_gateways, FEE_REQUEST, "portal-demo", "/v1/dossiers")

    assert statuses == {(200, 401): CAPTURED}
    keys = Counter(key for _method, _path, key, _body in two_gateways.service.calls)
    assert (len(keys), set(keys.values())) == (CAPTURED, {1})
    for table in (NONCE, EVIDENCE):
        assert await rows(two_gateways, table) == CAPTURED


@pytest.mark.integration
async def test_a_thousand_captured_notices_are_answered_twice_and_kept_once(
    two_gateways: TwoGateways,
) -> None:
    """The service behind is asked again, about the same evidence: it answers a repeat as before."""
    statuses = await captured(two_gateways, CALLBACK, "bank-sandbox", NOTICES)

    assert statuses == {(200, 200): CAPTURED}
    for table in (NONCE, EVIDENCE):
        assert await rows(two_gateways, table) == CAPTURED
