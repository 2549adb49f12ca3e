from dataclasses import replace

import pytest

from chassis.testing import FakeIds, FrozenClock
from gateway.domain.errors import IllegalTransition
from gateway.domain.machines.client import KEY_AGE_MAX, KeyState
from gateway.domain.machines.errors import KeyNotFound, KeyTaken
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.register_client import register_client
from gateway.use_cases.machines.revoke_client_key import revoke_client_key
from tests.gateway.fakes import FakeUnitOfWork
from tests.gateway.samples import NOW, PORTAL, key_of

CHANGE = KeyChange(
    actor="operator:an", clock=FrozenClock(NOW), ids=FakeIds(), reason="a laptop is lost"
)


async def test_an_operators_key_is_active_at_once_and_written_down() -> None:
    uow = FakeUnitOfWork()

    key = await register_client(PORTAL, key_of(PORTAL), change=CHANGE, uow=uow)

    assert (key.state, key.until) == (KeyState.ACTIVE, NOW + KEY_AGE_MAX)
    assert [event.action.value for event in uow.key_history.events] == ["registered"]
    assert [entry.action for entry in uow.audit.entries] == ["client_key.registered"]


async def test_registering_twice_changes_nothing_not_even_a_revocation() -> None:
    uow = FakeUnitOfWork()
    key = await register_client(PORTAL, key_of(PORTAL), change=CHANGE, uow=uow)
    await revoke_client_key(key.id, change=CHANGE, uow=uow)

    again = await register_client(PORTAL, key_of(PORTAL), change=CHANGE, uow=uow)

    assert again.state is KeyState.REVOKED
    assert len(uow.audit.entries) == 2


async def test_a_key_belongs_to_one_client() -> None:
    uow = FakeUnitOfWork()
    await register_client(PORTAL, key_of(PORTAL), change=CHANGE, uow=uow)
    other = replace(PORTAL, id="portal-other")

    with pytest.raises(KeyTaken):
        await register_client(
            other, replace(key_of(PORTAL), client_id=other.id), change=CHANGE, uow=uow
        )


async def test_a_key_is_revoked_once_and_only_if_it_is_there() -> None:
    uow = FakeUnitOfWork()
    key = await register_client(PORTAL, key_of(PORTAL), change=CHANGE, uow=uow)
    await revoke_client_key(key.id, change=CHANGE, uow=uow)

    with pytest.raises(IllegalTransition):
        await revoke_client_key(key.id, change=CHANGE, uow=uow)
    with pytest.raises(KeyNotFound):
        await revoke_client_key("unknown", change=CHANGE, uow=uow)


async def test_the_reason_stays_in_the_history_and_out_of_the_audit_log() -> None:
    uow = FakeUnitOfWork()
    key = await register_client(PORTAL, key_of(PORTAL), change=CHANGE, uow=uow)

    await revoke_client_key(key.id, change=CHANGE, uow=uow)

    assert uow.key_history.events[-1].reason == "a laptop is lost"
    assert "a laptop is lost" not in str(uow.audit.entries)
