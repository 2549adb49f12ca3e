"""A revoked key is refused by every gateway within five seconds, while both are in use."""

import asyncio
from time import monotonic

import pytest

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.keys import load_public_key, thumbprint
from chassis.message_signatures import READ
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.revoke_client_key import revoke_client_key
from tests.gateway.two_gateways import TwoGateways

TARGET = "/v1/dossiers"
EVERY_SECONDS = 0.2
BEFORE_SECONDS = 1.5
WATCHED_SECONDS = 7.0
PROMISED_SECONDS = 5.0


@pytest.mark.integration
async def test_no_gateway_takes_a_revoked_key_after_five_seconds(
    two_gateways: TwoGateways,
) -> None:
    seen: dict[str, list[tuple[float, int]]] = {url: [] for url in two_gateways.urls}
    stop = asyncio.Event()
    readers = [asyncio.create_task(_read_on(two_gateways, url, seen[url], stop)) for url in seen]
    await asyncio.sleep(BEFORE_SECONDS)

    await _revoke(two_gateways)
    revoked_at = monotonic()
    await asyncio.sleep(WATCHED_SECONDS)
    stop.set()
    await asyncio.gather(*readers)

    for url, answers in seen.items():
        accepted = [sent - revoked_at for sent, status in answers if status == 200]
        refused = [sent - revoked_at for sent, status in answers if status == 401]
        assert min(accepted) < 0
        assert len(accepted) + len(refused) == len(answers)
        print(f"{url}: last accepted {max(accepted):.2f} s after the revocation")
        assert max(accepted) <= PROMISED_SECONDS
        assert refused


async def _read_on(
    running: TwoGateways, url: str, answers: list[tuple[float, int]], stop: asyncio.Event
) -> None:
    signer = running.signer("portal-demo")
    while not stop.is_set():
        headers = signer.headers("GET", running.origin + TARGET, shape=READ)
        sent = monotonic()
        answer = await running.http.get(url + TARGET, headers=headers)
        answers.append((sent, answer.status_code))
        await asyncio.sleep(EVERY_SECONDS)


async def _revoke(running: TwoGateways) -> None:
    clock = SystemClock()
    ids = SystemIds(clock)
    path = running.settings.keys_dir / "clients" / "portal-demo.pub.pem"
    await revoke_client_key(
        thumbprint(load_public_key(path)),
        change=KeyChange(actor="operator:test", clock=clock, ids=ids, reason="a test"),
        uow=SqlUnitOfWork(running.database, clock=clock, ids=ids),
    )
