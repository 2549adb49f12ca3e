from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.machines.errors import ClientNotFound, TooManyChallenges
from gateway.domain.machines.key_registration import (
    CHALLENGE_BYTES,
    CHALLENGES_OPEN_MAX,
    KeyChallenge,
)
from gateway.ports.unit_of_work import UnitOfWork


async def challenge_client_key(
    client_id: str, *, actor: str, uow: UnitOfWork, clock: Clock, ids: Ids
) -> KeyChallenge:
    """Text for a client's new key to sign, within ten minutes and once."""
    now = clock.now()
    challenge = KeyChallenge.of(client_id, token=ids.token(CHALLENGE_BYTES), now=now)
    async with uow:
        if await uow.clients.find(client_id, for_update=True) is None:
            raise ClientNotFound
        if await uow.key_challenges.count_open(client_id, now=now) >= CHALLENGES_OPEN_MAX:
            raise TooManyChallenges(CHALLENGES_OPEN_MAX)
        await uow.key_challenges.add(challenge)
        await uow.audit.add(
            AuditEntry(action="client_key.challenged", actor=actor, subject=f"client:{client_id}")
        )
    return challenge
