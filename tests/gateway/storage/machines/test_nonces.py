"""A first use leaves its nonce, its evidence and one audit entry; a second leaves nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select, text

from chassis.canonical import canonical_json, sha256_hex
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.migrations import upgrade_async
from chassis.testing import FrozenClock
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.domain.machines.signed_request import SignedRequest
from gateway.ports.machines import NonceScope, NonceUse
from gateway.storage.audit.tables import AUDIT_PENDING
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.machines.driver_admission import DriverAdmission
from gateway.storage.machines.tables import NONCE
from gateway.storage.unit_of_work import SqlUnitOfWork
from tests.gateway.conftest import MIGRATIONS
from tests.gateway.samples import ARRIVAL, PORTAL, signed_by

IDS = SystemIds()


def evidence_of(request: SignedRequest) -> Evidence:
    return Evidence.of_request(
        request, id=IDS.new(), kind=EvidenceKind.DOSSIER_SUBMISSION, arrival=ARRIVAL
    )


def new_uow(database: Database) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, clock=FrozenClock(), ids=IDS)


def new_scope(database: Database) -> NonceScope:
    """As the doors have it: on PostgreSQL the driver, else a unit of work."""
    if database.dialect == "postgresql":
        return DriverAdmission(database, clock=FrozenClock(), ids=IDS)
    return new_uow(database)


async def claim(
    database: Database,
    request: SignedRequest,
    evidence: Evidence,
    *,
    scope: NonceScope | None = None,
) -> NonceUse | None:
    async with scope or new_scope(database) as opened:
        return await opened.nonces.claim_with_evidence(
            request, NonceUse(sha256_hex(request.signature_base), evidence.id), evidence
        )


async def rows(database: Database, table: Any) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(select(table))).all())


async def test_a_first_use_is_kept_with_its_evidence_and_one_audit_entry(
    database: Database,
) -> None:
    request = signed_by(PORTAL)
    evidence = evidence_of(request)

    assert await claim(database, request, evidence) is None

    (nonce,), (kept,), (noted,) = [
        await rows(database, table) for table in (NONCE, EVIDENCE, AUDIT_PENDING)
    ]
    assert (nonce.nonce, nonce.evidence_id, kept.id) == ("n", evidence.id, evidence.id)
    assert (kept.body, kept.signature_base) == (ARRIVAL.body, b"base")
    said = json.loads(noted.record)
    assert (said["action"], said["actor"]) == ("evidence.recorded", "client:portal-demo")
    assert said["subject"] == f"evidence:{evidence.id}"
    assert said["details"] == {"kind": "dossier-submission", "sha256": evidence.digest}


async def test_a_second_use_names_the_first_and_leaves_nothing(database: Database) -> None:
    request = signed_by(PORTAL)
    first = evidence_of(request)
    await claim(database, request, first)

    again = await claim(database, replace(request, signature_base=b"x"), evidence_of(request))

    assert again == NonceUse(sha256_hex(b"base"), first.id)
    for table in (NONCE, EVIDENCE, AUDIT_PENDING):
        assert len(await rows(database, table)) == 1


async def test_of_many_at_once_one_is_first(database: Database) -> None:
    request = signed_by(PORTAL)

    uses = await asyncio.gather(*(claim(database, request, evidence_of(request)) for _ in range(8)))

    assert sum(use is None for use in uses) == 1
    (kept,) = await rows(database, EVIDENCE)
    assert {use.evidence_id for use in uses if use is not None} == {kept.id}
    assert len(await rows(database, AUDIT_PENDING)) == 1


async def test_evidence_added_otherwise_is_noted_too(database: Database) -> None:
    evidence = evidence_of(signed_by(PORTAL))
    uow = new_uow(database)
    async with uow:
        await uow.evidence.add(evidence)

    (noted,) = await rows(database, AUDIT_PENDING)
    assert json.loads(noted.record)["details"]["sha256"] == evidence.digest


async def test_the_digest_is_the_same_for_what_is_read_back(database: Database) -> None:
    evidence = replace(
        evidence_of(signed_by(PORTAL)), payment_intent_id=UUID(int=7), shown_text="150.000 ₫"
    )
    uow = new_uow(database)
    async with uow:
        await uow.evidence.add(evidence)
        (read,) = await uow.evidence.list_of_payment(UUID(int=7))

    assert read.digest == evidence.digest


def test_the_digest_is_over_these_facts_and_no_others() -> None:
    evidence = replace(evidence_of(signed_by(PORTAL)), shown_text="text")
    facts = {
        "id": str(evidence.id),
        "kind": "dossier-submission",
        "recorded_at": "2026-11-23T02:00:00+00:00",
        "record": dict(evidence.record),
        "body_sha256": sha256_hex(ARRIVAL.body),
        "signature_base_sha256": sha256_hex(b"base"),
        "shown_sha256": sha256_hex(b"text"),
    }

    assert evidence.digest == sha256_hex(canonical_json(facts))
    for other in (
        replace(evidence, id=UUID(int=1)),
        replace(evidence, kind=EvidenceKind.CLIENT_REQUEST),
        replace(evidence, body=b"{}"),
        replace(evidence, record={}),
        replace(evidence, signature_base=None),
        replace(evidence, shown_text=None),
    ):
        assert other.digest != evidence.digest


@pytest.fixture
async def postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    await upgrade_async(postgresql_url, MIGRATIONS)
    opened = Database.open(postgresql_url)
    yield opened
    await opened.close()


@pytest.mark.integration
async def test_the_driver_and_a_unit_of_work_leave_the_same_rows(postgresql: Database) -> None:
    by_driver, by_uow = signed_by(PORTAL), replace(signed_by(PORTAL), nonce="m")
    await claim(postgresql, by_driver, evidence_of(by_driver))
    await claim(postgresql, by_uow, evidence_of(by_uow), scope=new_uow(postgresql))

    for table, differing in (
        (NONCE, {"nonce", "evidence_id"}),
        (EVIDENCE, {"id"}),
        (AUDIT_PENDING, {"id", "record"}),
    ):
        first, second = [
            {name: value for name, value in row._mapping.items() if name not in differing}
            for row in await rows(postgresql, table)
        ]
        assert first == second


@pytest.mark.integration
async def test_nonce_evidence_and_audit_entry_come_together_or_not_at_all(
    postgresql: Database,
) -> None:
    request, other = signed_by(PORTAL), replace(signed_by(PORTAL), nonce="m")
    evidence = evidence_of(request)
    await claim(postgresql, request, evidence)

    with pytest.raises(asyncpg.UniqueViolationError):
        await claim(postgresql, other, replace(evidence_of(other), id=evidence.id))

    for table in (NONCE, EVIDENCE, AUDIT_PENDING):
        assert len(await rows(postgresql, table)) == 1
    # The connection went back to the pool in order: the next request finds it usable.
    assert await claim(postgresql, other, evidence_of(other)) is None


@pytest.mark.integration
async def test_a_request_given_up_half_way_leaves_no_broken_connection(
    postgresql: Database,
) -> None:
    held = postgresql.engine
    async with held.begin() as locking:
        await locking.execute(text("LOCK TABLE nonce IN ACCESS EXCLUSIVE MODE"))
        request = signed_by(PORTAL)
        waiting = asyncio.create_task(claim(postgresql, request, evidence_of(request)))
        await asyncio.sleep(0.2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert await claim(postgresql, request, evidence_of(request)) is None
