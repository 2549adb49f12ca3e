"""Evidence before the effect, once for each notice, on a real database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import func, select

from chassis.db import Database
from chassis.errors import Unauthenticated
from chassis.ids import SystemIds
from gateway.authentication.callbacks.provider_checks import ProviderCallbacks
from gateway.authentication.machines.key_cache import KeyCache
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.evidence import REPEAT_KNOWN_FOR
from gateway.domain.callbacks.registration import ProviderRegistration
from gateway.domain.machines.signed_request import Arrival
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.machines.tables import NONCE
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.callbacks.admit_provider_notification import (
    Admitted,
    admit_provider_notification,
)
from gateway.use_cases.sweep import sweep
from tests.gateway.schemes.conftest import INSIDE, NETWORK
from tests.gateway.schemes.recorded_notices import AT, clock, recorded

PARTS = recorded("momo").parts
ARRIVAL = Arrival(
    method="POST",
    target="/v1/provider-notifications/momo",
    headers=(),
    body=PARTS.body,
    received_at=AT,
    source=INSIDE,
)
MOMO = ProviderRegistration(
    provider="momo",
    scheme="momo",
    client_id="bank-momo",
    secrets=recorded("momo").material.secrets,
    networks=(ip_network(NETWORK),),
)


class Gate:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.callbacks = ProviderCallbacks(
            {"momo": MOMO},
            SCHEMES,
            KeyCache(self.uow, clock=clock()),
            public_origin="https://lephi.example/",
        )

    def uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=clock(), ids=SystemIds())

    async def admit(self, arrival: Arrival = ARRIVAL) -> Admitted:
        return await admit_provider_notification(
            arrival, MOMO, callbacks=self.callbacks, uow=self.uow(), ids=SystemIds()
        )

    async def counts(self) -> tuple[int, int]:
        async with self.database.read() as connection:
            kept = await connection.scalar(select(func.count()).select_from(EVIDENCE))
            used = await connection.scalar(select(func.count()).select_from(NONCE))
        return kept or 0, used or 0


@pytest.fixture
async def gate(database: Database) -> Gate:
    return Gate(database)


async def test_the_same_notice_at_once_and_later_is_one_evidence(gate: Gate) -> None:
    at_once = await asyncio.gather(*(gate.admit() for _ in range(5)))
    later = await gate.admit(replace(ARRIVAL, received_at=AT + timedelta(hours=1)))

    assert len({one.evidence_id for one in (*at_once, later)}) == 1
    assert await gate.counts() == (1, 1)


async def test_a_refused_notice_leaves_nothing(gate: Gate) -> None:
    with pytest.raises(Unauthenticated):
        await gate.admit(replace(ARRIVAL, body=PARTS.body.replace(b"150000", b"150001")))

    assert await gate.counts() == (0, 0)


async def test_a_notice_is_known_for_longer_than_providers_repeat_it(gate: Gate) -> None:
    first = await gate.admit()
    for time, left in ((REPEAT_KNOWN_FOR, 1), (REPEAT_KNOWN_FOR + timedelta(minutes=1), 0)):
        await sweep(uow=gate.uow(), at=AT + time)
        assert (await gate.counts())[1] == left

    again = await gate.admit()

    assert again.evidence_id != first.evidence_id


async def test_the_record_says_where_and_how(gate: Gate) -> None:
    await gate.admit()

    async with gate.database.read() as connection:
        record = await connection.scalar(select(EVIDENCE.c.record)) or {}
    assert record["target_uri"] == "https://lephi.example/v1/provider-notifications/momo"
    assert set(record) == {
        "provider",
        "scheme",
        "evidence_level",
        "client_id",
        "key_id",
        "signature",
        "received_at",
        "method",
        "target_uri",
        "headers",
        "source",
    }


async def test_a_bank_is_known_by_its_code(gate: Gate) -> None:
    uow = gate.uow()
    async with uow:
        assert not await uow.clients.has_provider("momo")
