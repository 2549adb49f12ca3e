from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.people.account import CHALLENGE_LIFETIME, EnrolmentChallenge
from gateway.ports.unit_of_work import UnitOfWork

# The prefix keeps a signature over a challenge from ever being one over something else.
CHALLENGE_PREFIX = "lephi-device-enrolment."


async def challenge_device(
    user_id: UUID, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> EnrolmentChallenge:
    """Text that a new device key must sign within five minutes, once."""
    challenge = EnrolmentChallenge(
        text=CHALLENGE_PREFIX + ids.token(32),
        user_id=user_id,
        expires_at=clock.now() + CHALLENGE_LIFETIME,
    )
    async with uow:
        await uow.device_keys.add_challenge(challenge)
    return challenge
