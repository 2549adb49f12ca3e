"""A captured request sent to two gateway processes at once has one effect."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from chassis.message_signatures import FEE_REQUEST
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.machines.tables import NONCE
from tests.gateway.two_gateways import TwoGateways
from tests.gateway.world import DOSSIER

CAPTURED: int = 1000
AT_ONCE: int = 16
NOTICES = "/v1/provider-notifications/sandbox"


async def rows(running: TwoGateways, table: object) -> int:
    async with running.database.read() as connection:
        found = await connection.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]
        return int(found or 0)


@pytest.mark.integration
async def test_a_thousand_captured_requests_have_one_effect_each(
    two_gateways: TwoGateways,
) -> None:
    signer = two_gateways.signer("portal-demo")
    gate = asyncio.Semaphore(AT_ONCE)

    async def replay(number: int) -> tuple[int, ...]:
        async with gate:
            headers = signer.headers(
                "POST",
                f"{two_gateways.origin}/v1/dossiers",
                DOSSIER,
                shape=FEE_REQUEST,
                extra={"idempotency-key": f"order-{number:06}"},
            )
            answers = await asyncio.gather(
                *(
                    two_gateways.http.post(url + "/v1/dossiers", content=DOSSIER, headers=headers)
                    for url in two_gateways.urls
                )
            )
        return tuple(sorted(answer.status_code for answer in answers))

    statuses = Counter(await asyncio.gather(*map(replay, range(CAPTURED))))

    assert statuses == {(200, 401): CAPTURED}
    keys = Counter(key for _method, _path, key, _body in two_gateways.service.calls)
    assert (len(keys), set(keys.values())) == (CAPTURED, {1})
    assert await rows(two_gateways, NONCE) == await rows(two_gateways, EVIDENCE) == CAPTURED
