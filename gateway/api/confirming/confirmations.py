from uuid import UUID

from fastapi import APIRouter, status

from gateway.api.confirming.proofs import ProofBody
from gateway.api.confirming.schemas import (
    ConfirmedBody,
    OpenConfirmationBody,
    OpenedConfirmationBody,
    PasskeyOptionsBody,
)
from gateway.api.dependencies import SessionDep, ToolsDep, UowDep
from gateway.use_cases.confirming.offer_passkeys import offer_passkeys
from gateway.use_cases.confirming.open_confirmation import open_confirmation
from gateway.use_cases.confirming.prove_confirmation import prove_confirmation

router = APIRouter(prefix="/v1", tags=["confirmations"])


@router.post("/payment-intents/{id}/confirmations", status_code=status.HTTP_201_CREATED)
async def post_confirmation(
    id: UUID, body: OpenConfirmationBody, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> OpenedConfirmationBody:
    """State this fee for the payer to read and sign. A newer statement replaces an older one."""
    opened = await open_confirmation(
        id, body.wanted(), session=session, uow=uow, tools=tools.opening
    )
    return OpenedConfirmationBody.of(opened)


@router.post("/confirmations/{id}/passkey-options")
async def post_passkey_options(
    id: UUID, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> PasskeyOptionsBody:
    """What to ask the browser, so that a passkey of this payer signs exactly this fee."""
    offer = await offer_passkeys(id, session=session, uow=uow, tools=tools.proving)
    return PasskeyOptionsBody.of(offer)


@router.post("/confirmations/{id}/proof")
async def post_proof(
    id: UUID, body: ProofBody, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> ConfirmedBody:
    """Confirm exactly the stated fee. Sending the same proof again is answered the same.

    Without `kind` the body is one of `device-key`.
    """
    confirmed = await prove_confirmation(
        id, body.given(), session=session, uow=uow, tools=tools.proving
    )
    return ConfirmedBody.of(confirmed)
