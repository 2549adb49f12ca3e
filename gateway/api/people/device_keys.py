from fastapi import APIRouter, status

from gateway.api.dependencies import ToolsDep, UowDep, UserIdDep
from gateway.api.people.schemas import ChallengeBody, DeviceKeyBody, EnrolDeviceKeyBody
from gateway.use_cases.people.challenge_device import challenge_device
from gateway.use_cases.people.enrol_device_key import Enrolment, enrol_device_key

router = APIRouter(prefix="/v1", tags=["payers"])


@router.post("/device-key-challenges", status_code=status.HTTP_201_CREATED)
async def post_device_key_challenge(
    user_id: UserIdDep, uow: UowDep, tools: ToolsDep
) -> ChallengeBody:
    """Text for the new device key to sign, within five minutes and once."""
    challenge = await challenge_device(user_id, uow=uow, clock=tools.clock, ids=tools.ids)
    return ChallengeBody.of(challenge)


@router.post("/device-keys", status_code=status.HTTP_201_CREATED)
async def post_device_key(
    body: EnrolDeviceKeyBody, user_id: UserIdDep, uow: UowDep, tools: ToolsDep
) -> DeviceKeyBody:
    """Enrol a key that the device has just made and shown to hold."""
    key = await enrol_device_key(
        Enrolment(jwk=body.jwk, proof=body.proof, code=body.totp),
        user_id=user_id,
        uow=uow,
        codes=tools.codes,
        proofs=tools.proofs,
        clock=tools.clock,
    )
    return DeviceKeyBody.of(key)
