from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import DeviceKey
from gateway.domain.people.errors import ChallengeRefused, CodeRefused
from gateway.ports.people import DeviceProofs, OneTimeCodes
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.spend_code import spend_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """`proof` is a compact JWS by the new key over the challenge's text."""

    jwk: Mapping[str, Any]
    proof: str
    code: str


async def enrol_device_key(
    given: Enrolment,
    *,
    user_id: UUID,
    uow: UnitOfWork,
    codes: OneTimeCodes,
    proofs: DeviceProofs,
    clock: Clock,
) -> DeviceKey:
    """Tie a key to a payer: they are signed in, show a fresh code, and the device holds the key."""
    now = clock.now()
    key_id, jwk = proofs.device_key(given.jwk)
    challenge = proofs.open_compact(given.proof, jwk).decode("utf-8", "replace")
    key = DeviceKey(id=key_id, user_id=user_id, public_jwk=jwk, enrolled_at=now)
    async with uow:
        account = await uow.accounts.get_for_update(user_id)
        step = await spend_code(account, given.code, uow=uow, codes=codes, now=now)
        if step is not None:
            if not await uow.device_keys.use_challenge(challenge, user_id=user_id, now=now):
                raise ChallengeRefused
            await uow.device_keys.add(key)
            await uow.audit.add(
                AuditEntry(
                    action="device_key.enrolled",
                    actor=f"user:{user_id}",
                    subject=f"device_key:{key.id}",
                )
            )
    if step is None:
        raise CodeRefused
    return key
