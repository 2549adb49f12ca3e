from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Response, status
from pydantic import BaseModel, Field, StringConstraints

from gateway.api.dependencies import SessionDep, ToolsDep, UowDep, UserIdDep
from gateway.api.people.cookies import AsCookie, tell
from gateway.api.people.schemas import SessionBody
from gateway.api.schemas import RequestBody
from gateway.domain.people.passkey import Passkey
from gateway.use_cases.people.open_passkey_session import (
    offer_passkey_login,
    open_passkey_session,
)
from gateway.use_cases.people.register_passkey import (
    offer_passkey_registration,
    register_passkey,
)
from gateway.use_cases.people.remove_passkey import list_passkeys, remove_passkey

router = APIRouter(prefix="/v1", tags=["payers"])

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
CredentialId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,1364}$")]
Credential = Annotated[
    dict[str, Any],
    Field(max_length=12, description="What `PublicKeyCredential.toJSON()` gives"),
]


class OfferRegistrationBody(RequestBody):
    """`payment` asks for a passkey that may also confirm payments (Secure Payment Confirmation)."""

    payment: bool = False


class RegisterPasskeyBody(RequestBody):
    name: Name
    credential: Credential


class PasskeySessionBody(RequestBody):
    credential: Credential


class PasskeyBody(BaseModel):
    """`backed_up`: the device's maker keeps a copy, so losing the device does not lose it."""

    id: str
    name: str
    transports: list[str]
    aaguid: str
    backed_up: bool
    payment: bool
    created_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        return cls(
            id=passkey.id,
            name=passkey.name,
            transports=list(passkey.transports),
            aaguid=passkey.aaguid,
            backed_up=passkey.backed_up,
            payment=passkey.payment,
            created_at=passkey.created_at,
            used_at=passkey.used_at,
        )


@router.post("/passkey-registrations", status_code=status.HTTP_201_CREATED)
async def post_passkey_registration(
    body: OfferRegistrationBody, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> Mapping[str, Any]:
    """For `PublicKeyCredential.parseCreationOptionsFromJSON`; good for five minutes, once."""
    return await offer_passkey_registration(
        session, payment=body.payment, uow=uow, tools=tools.passkey
    )


@router.post("/passkeys", status_code=status.HTTP_201_CREATED)
async def post_passkey(
    body: RegisterPasskeyBody, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> PasskeyBody:
    """Keep what the authenticator made."""
    made = await register_passkey(session, body.name, body.credential, uow=uow, tools=tools.passkey)
    return PasskeyBody.of(made)


@router.get("/passkeys")
async def get_passkeys(user_id: UserIdDep, uow: UowDep) -> list[PasskeyBody]:
    """Oldest first; ten at most."""
    return [PasskeyBody.of(one) for one in await list_passkeys(user_id, uow=uow)]


@router.delete("/passkeys/{id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_passkey(
    id: CredentialId, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> None:
    """Never the last way to sign in; whoever is signed in elsewhere is signed out."""
    await remove_passkey(session, id, uow=uow, at=tools.clock.now())


@router.post("/passkey-logins", status_code=status.HTTP_201_CREATED)
async def post_passkey_login(uow: UowDep, tools: ToolsDep) -> Mapping[str, Any]:
    """For `PublicKeyCredential.parseRequestOptionsFromJSON`; no user name is asked."""
    return await offer_passkey_login(uow=uow, tools=tools.passkey)


@router.post("/passkey-sessions", status_code=status.HTTP_201_CREATED)
async def post_passkey_session(
    body: PasskeySessionBody,
    response: Response,
    uow: UowDep,
    tools: ToolsDep,
    cookie: AsCookie = False,
) -> SessionBody:
    """Sign in with a passkey."""
    opened = await open_passkey_session(body.credential, uow=uow, tools=tools.passkey)
    return tell(opened, response, cookie=cookie)
