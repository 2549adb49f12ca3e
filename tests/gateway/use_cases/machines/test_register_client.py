from dataclasses import replace

import pytest

from gateway.domain.errors import IllegalTransition
from gateway.domain.machines.client import KeyState
from gateway.domain.machines.errors import KeyNotFound, KeyTaken
from gateway.use_cases.machines.register_client import register_client
from gateway.use_cases.machines.revoke_client_key import revoke_client_key
from tests.gateway.fakes import FakeUnitOfWork
from tests.gateway.samples import NOW, PORTAL, key_of


async def test_registering_twice_changes_nothing_not_even_a_revocation() -> None:
    uow = FakeUnitOfWork()
    key = await register_client(PORTAL, key_of(PORTAL), uow=uow, at=NOW)
    await revoke_client_key(key.id, uow=uow, at=NOW)

    again = await register_client(PORTAL, key_of(PORTAL), uow=uow, at=NOW)

    assert again.state is KeyState.REVOKED


async def test_a_key_belongs_to_one_client() -> None:
    uow = FakeUnitOfWork()
    await register_client(PORTAL, key_of(PORTAL), uow=uow, at=NOW)
    other = replace(PORTAL, id="portal-other")

    with pytest.raises(KeyTaken):
        await register_client(other, replace(key_of(PORTAL), client_id=other.id), uow=uow, at=NOW)


async def test_a_key_is_revoked_once_and_only_if_it_is_there() -> None:
    uow = FakeUnitOfWork()
    key = await register_client(PORTAL, key_of(PORTAL), uow=uow, at=NOW)
    await revoke_client_key(key.id, uow=uow, at=NOW)

    with pytest.raises(IllegalTransition):
        await revoke_client_key(key.id, uow=uow, at=NOW)
    with pytest.raises(KeyNotFound):
        await revoke_client_key("unknown", uow=uow, at=NOW)
