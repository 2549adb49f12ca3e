from uuid import UUID

from fastapi import APIRouter, status

from gateway.api.confirming.schemas import (
    ConfirmedBody,
    OpenConfirmationBody,
    OpenedConfirmationBody,
    ProofBody,
)
from gateway.api.dependencies import ToolsDep, UowDep, UserIdDep
from gateway.use_cases.confirming.open_confirmation import open_confirmation
from gateway.use_cases.confirming.prove_confirmation import GivenProof, prove_confirmation

router = APIRouter(prefix="/v1", tags=["confirmations"])


@router.post("/payment-intents/{id}/confirmations", status_code=status.HTTP_201_CREATED)
async def post_confirmation(
    id: UUID, body: OpenConfirmationBody, user_id: UserIdDep, uow: UowDep, tools: ToolsDep
) -> OpenedConfirmationBody:
    """State this fee for the payer to read and sign. A newer statement replaces an older one."""
    opened = await open_confirmation(
        id, user_id=user_id, method=body.method, uow=uow, tools=tools.opening
    )
    return OpenedConfirmationBody.of(opened)


@router.post("/confirmations/{id}/proof")
async def post_proof(
    id: UUID, body: ProofBody, user_id: UserIdDep, uow: UowDep, tools: ToolsDep
) -> ConfirmedBody:
    """Confirm exactly the stated fee. Sending the same proof again is answered the same."""
    confirmed = await prove_confirmation(
        id, GivenProof(body.jws, body.totp), user_id=user_id, uow=uow, tools=tools.proving
    )
    return ConfirmedBody.of(confirmed)
