"""A session as a cookie that scripts cannot read, for our own pages."""

from typing import Annotated

from fastapi import Query, Request, Response

from gateway.api.people.schemas import SessionBody
from gateway.domain.people.account import SESSION_COOKIE
from gateway.use_cases.people.begin_session import OpenedSession

AsCookie = Annotated[
    bool, Query(description="For pages: the token comes in a cookie that scripts cannot read.")
]


def tell(opened: OpenedSession, response: Response, *, cookie: bool) -> SessionBody:
    if cookie:
        keep(response, opened)
    return SessionBody.of(opened, cookie=cookie)


def keep(response: Response, opened: OpenedSession) -> None:
    # No lifetime of its own: it goes with the browser's window, the session with its own end.
    response.set_cookie(
        SESSION_COOKIE, opened.token, path="/", secure=True, httponly=True, samesite="lax"
    )


def forget(response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def came_by_cookie(request: Request) -> bool:
    """The door takes a session from one place only, so what is not in the header is a cookie's."""
    return "authorization" not in request.headers
