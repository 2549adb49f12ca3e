"""Tokens for providers that fetch one before they send their notices, as vietqr.vn does."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from gateway.api.machines.tools import ArrivalDep, MachinesDep
from gateway.domain.callbacks.registration import TOKEN_SECONDS
from gateway.use_cases.callbacks.issue_provider_token import issue_provider_token

router = APIRouter(prefix="/v1/provider-notifications", tags=["provider-notifications"])


class ProviderTokenBody(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = TOKEN_SECONDS


@router.post("/{provider}/api/token_generate")
async def post_provider_token(
    provider: Annotated[str, Path(pattern="^[a-z0-9-]{1,32}$")],
    arrival: ArrivalDep,
    machines: MachinesDep,
    response: Response,
) -> ProviderTokenBody:
    """By HTTP Basic authentication with the name and password of the registration."""
    token = issue_provider_token(provider, arrival, callbacks=machines.callbacks)
    response.headers["Cache-Control"] = "no-store"
    return ProviderTokenBody(access_token=token)
