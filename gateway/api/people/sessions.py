from fastapi import APIRouter, status

from gateway.api.dependencies import SessionDep, ToolsDep, UowDep
from gateway.api.people.schemas import OpenSessionBody, SessionBody
from gateway.use_cases.people.close_session import close_session
from gateway.use_cases.people.open_session import Credentials, open_session

router = APIRouter(prefix="/v1/sessions", tags=["payers"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_session(body: OpenSessionBody, uow: UowDep, tools: ToolsDep) -> SessionBody:
    """Sign in with password and one-time code. Five wrong tries lock the account a while."""
    given = Credentials(
        username=body.username, password=body.password.get_secret_value(), code=body.totp
    )
    return SessionBody.of(await open_session(given, uow=uow, tools=tools.account))


@router.delete("/current", status_code=status.HTTP_204_NO_CONTENT)
async def delete_session(session: SessionDep, uow: UowDep, tools: ToolsDep) -> None:
    """Sign out: the token is refused from now on."""
    await close_session(session, uow=uow, at=tools.clock.now())
