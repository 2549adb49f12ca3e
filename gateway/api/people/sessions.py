from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from gateway.api.dependencies import SessionDep, ToolsDep, UowDep
from gateway.api.people.cookies import AsCookie, came_by_cookie, forget, tell
from gateway.api.people.schemas import (
    CurrentSessionBody,
    ListedSessionBody,
    OpenSessionBody,
    SessionBody,
)
from gateway.use_cases.people.close_session import (
    close_other_sessions,
    close_own_session,
    close_session,
)
from gateway.use_cases.people.list_sessions import list_sessions
from gateway.use_cases.people.open_session import Credentials, open_session
from gateway.use_cases.people.rotate_session import rotate_session

router = APIRouter(prefix="/v1/sessions", tags=["payers"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_session(
    body: OpenSessionBody,
    response: Response,
    uow: UowDep,
    tools: ToolsDep,
    cookie: AsCookie = False,
) -> SessionBody:
    """Sign in with password and one-time code. Five wrong tries lock either a while.

    With a recovery code instead, the session sets up a new code generator or passkey and does
    nothing else.
    """
    given = Credentials(
        username=body.username,
        password=body.password.get_secret_value(),
        code=body.totp,
        recovery_code=body.recovery_code,
    )
    opened = await open_session(given, uow=uow, tools=tools.account)
    return tell(opened, response, cookie=cookie)


@router.get("")
async def get_sessions(
    session: SessionDep, uow: UowDep, tools: ToolsDep
) -> list[ListedSessionBody]:
    """Where the same person is signed in just now, the latest first, fifty at most."""
    found = await list_sessions(session.user_id, uow=uow, at=tools.clock.now())
    return [ListedSessionBody.of(one, current=session) for one in found]


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def delete_other_sessions(session: SessionDep, uow: UowDep, tools: ToolsDep) -> None:
    """Sign out everywhere else."""
    await close_other_sessions(session, uow=uow, at=tools.clock.now())


@router.get("/current")
async def get_session(session: SessionDep) -> CurrentSessionBody:
    return CurrentSessionBody.of(session)


@router.delete("/current", status_code=status.HTTP_204_NO_CONTENT)
async def delete_session(
    session: SessionDep, response: Response, uow: UowDep, tools: ToolsDep
) -> None:
    """Sign out: the token is refused from now on."""
    await close_session(session, uow=uow, at=tools.clock.now())
    forget(response)


@router.post("/current/rotation", status_code=status.HTTP_201_CREATED)
async def post_rotation(
    request: Request, response: Response, session: SessionDep, uow: UowDep, tools: ToolsDep
) -> SessionBody:
    """A new token; the old one ends, but for ten seconds' grace to requests under way.

    The old one used later than that ends the whole sign-in: somebody copied it.
    """
    opened = await rotate_session(session, uow=uow, clock=tools.clock, ids=tools.ids)
    return tell(opened, response, cookie=came_by_cookie(request))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_own_session(id: UUID, session: SessionDep, uow: UowDep, tools: ToolsDep) -> None:
    """Sign out on another device; refused there from the next request on."""
    await close_own_session(id, by=session, uow=uow, at=tools.clock.now())
