"""What only a database can show: who is first, and what cannot be changed afterwards."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from gateway.domain.machines.client import ClientKey, KeyState
from gateway.domain.machines.errors import TooManyKeys
from gateway.domain.machines.key_registration import KeyAction, KeyChallenge, KeyEvent
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.machines.approve_client_key import approve_client_key
from gateway.use_cases.machines.key_changes import KeyChange
from tests.gateway.samples import NOW, PORTAL, key_of

IDS = SystemIds()
CLOCK = FrozenClock(NOW)
CHALLENGE = KeyChallenge.of(PORTAL.id, token="t" * 43, now=NOW)
FULL_KEY = replace(
    key_of(PORTAL),
    registered_by="user:a",
    approved_at=NOW,
    approved_by="user:b",
    retires_at=NOW + timedelta(days=7),
    expires_at=NOW + timedelta(days=30),
    certificate_thumbprint="x" * 43,
    state=KeyState.RETIRING,
)


def uow_of(database: Database) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, clock=CLOCK, ids=IDS)


async def store(database: Database, *keys: ClientKey) -> None:
    async with uow_of(database) as uow:
        await uow.clients.add_once(
            replace(PORTAL, networks=("192.0.2.0/24",), splits_target=True), registered_at=NOW
        )
        for key in keys:
            await uow.clients.add_key_once(key)


async def test_all_that_is_known_of_client_and_key_comes_back(database: Database) -> None:
    await store(database, FULL_KEY)

    async with uow_of(database) as uow:
        found = await uow.clients.find_key(FULL_KEY.id, for_update=True)

    assert found is not None
    assert found.key == FULL_KEY
    assert (found.client.networks, found.client.splits_target) == (("192.0.2.0/24",), True)


async def test_overdue_keys_are_those_still_held_for_usable(database: Database) -> None:
    pending = replace(FULL_KEY, id="pending", state=KeyState.PENDING, retires_at=None)
    old = replace(key_of(PORTAL), id="old", registered_at=NOW - timedelta(days=365))
    await store(database, FULL_KEY, pending, old)

    async with uow_of(database) as uow:
        now = await uow.clients.list_overdue_keys(now=NOW, limit=10)
        later = await uow.clients.list_overdue_keys(now=NOW + timedelta(days=31), limit=10)

    assert [key.id for key in now] == ["old"]
    assert {key.id for key in later} == {"old", FULL_KEY.id}


async def test_a_challenge_is_used_by_one_of_many(database: Database) -> None:
    await store(database)
    async with uow_of(database) as uow:
        await uow.key_challenges.add(CHALLENGE)

    async def use() -> bool:
        async with uow_of(database) as uow:
            return await uow.key_challenges.use(CHALLENGE.text, client_id=PORTAL.id, now=NOW)

    assert sorted(await asyncio.gather(*(use() for _ in range(8)))) == [False] * 7 + [True]


async def test_an_id_of_a_token_is_claimed_by_one_of_many(database: Database) -> None:
    async def claim() -> bool:
        async with uow_of(database) as uow:
            return await uow.token_uses.claim("dpop:x", "jti", expires_at=NOW)

    assert sorted(await asyncio.gather(*(claim() for _ in range(8)))) == [False] * 7 + [True]


async def test_what_can_no_longer_come_is_forgotten(database: Database) -> None:
    await store(database)
    async with uow_of(database) as uow:
        await uow.key_challenges.add(CHALLENGE)
        await uow.token_uses.claim("dpop:x", "jti", expires_at=NOW)

    async with uow_of(database) as uow:
        too_early = await uow.key_challenges.forget(expired_before=NOW, limit=10)
        challenges = await uow.key_challenges.forget(
            expired_before=NOW + timedelta(hours=1), limit=10
        )
        uses = await uow.token_uses.forget(expired_before=NOW + timedelta(seconds=1), limit=10)

    assert (too_early, challenges, uses) == (0, 1, 1)


async def test_of_two_approvals_at_once_one_finds_the_client_full(database: Database) -> None:
    waiting = [
        replace(key_of(PORTAL), id=name, state=KeyState.PENDING, registered_by="user:a")
        for name in ("k1", "k2")
    ]
    await store(database, key_of(PORTAL), *waiting)
    change = KeyChange(actor="user:b", clock=CLOCK, ids=IDS)

    done = await asyncio.gather(
        *(approve_client_key(key.id, change=change, uow=uow_of(database)) for key in waiting),
        return_exceptions=True,
    )

    assert sorted(type(one) is TooManyKeys for one in done) == [False, True]


@pytest.mark.parametrize(
    "change", ["UPDATE client_key_event SET actor = 'nobody'", "DELETE FROM client_key_event"]
)
async def test_a_keys_history_cannot_be_changed(database: Database, change: str) -> None:
    await store(database, FULL_KEY)
    event = KeyEvent.of(FULL_KEY, KeyAction.REGISTERED, id=IDS.new(), actor="user:a", at=NOW)
    async with uow_of(database) as uow:
        await uow.key_history.add(event)

    with pytest.raises(DBAPIError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(text(change))

    async with uow_of(database) as uow:
        assert await uow.key_history.list_of(FULL_KEY.id, limit=10) == [event]
