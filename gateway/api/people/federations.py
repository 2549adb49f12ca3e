from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final

from fastapi import APIRouter, Cookie, Path, Query, Response, status
from pydantic import BaseModel, Field

from gateway.api.dependencies import ToolsDep, UowDep, UserIdDep
from gateway.api.people.cookies import keep
from gateway.api.people.schemas import SessionBody
from gateway.domain.people.errors import FederationRefused
from gateway.domain.people.federation import LOGIN_LIFETIME
from gateway.use_cases.people.begin_federation_login import BegunLogin, begin_federation_login
from gateway.use_cases.people.finish_federation_login import (
    ProviderAnswer,
    finish_federation_login,
)

router = APIRouter(prefix="/v1/federations", tags=["payers"])

LOGIN_COOKIE: Final = "__Host-lephi-login"
Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,32}$")]
Given = Annotated[str | None, Field(max_length=2048)]
LocalPath = Annotated[
    str | None,
    Query(
        pattern=r"^/([A-Za-z0-9_-][A-Za-z0-9_/-]{0,198})?$",
        description="Where on this site to go afterwards.",
    ),
]


class FederationBody(BaseModel):
    name: str
    title: str


class CallbackQuery(BaseModel):
    """What else a provider adds is none of our business."""

    state: Annotated[str | None, Field(max_length=256)] = None
    code: Given = None
    iss: Given = None
    error: Given = None


class LinkBody(BaseModel):
    """Send the browser to `url`; it comes back to link the account."""

    url: str


@router.get("")
async def get_federations(tools: ToolsDep) -> list[FederationBody]:
    """The houses whose accounts sign in here."""
    return [
        FederationBody(name=one.name, title=one.title)
        for one in tools.federation.federations.list_all()
    ]


@router.get("/{name}/login", status_code=status.HTTP_302_FOUND)
async def get_login(
    name: Name, uow: UowDep, tools: ToolsDep, return_to: LocalPath = None
) -> Response:
    """Off to the other house; only this browser can come back, within ten minutes."""
    begun = await begin_federation_login(name, user_id=None, uow=uow, tools=tools.federation)
    response = _redirect(begun.url)
    _remember(response, begun, return_to)
    return response


@router.post("/{name}/links", status_code=status.HTTP_201_CREATED)
async def post_link(
    name: Name,
    user_id: UserIdDep,
    response: Response,
    uow: UowDep,
    tools: ToolsDep,
    return_to: LocalPath = None,
) -> LinkBody:
    """Begin to link an account of the other house to the one that is signed in."""
    begun = await begin_federation_login(name, user_id=user_id, uow=uow, tools=tools.federation)
    _remember(response, begun, return_to)
    return LinkBody(url=begun.url)


@router.get("/{name}/callback", response_model=SessionBody | None)
async def get_callback(
    name: Name,
    response: Response,
    uow: UowDep,
    tools: ToolsDep,
    answer: Annotated[CallbackQuery, Query()],
    login: Annotated[str | None, Cookie(alias=LOGIN_COOKIE, max_length=512)] = None,
) -> Response | SessionBody | None:
    """Back from the other house: a session in a cookie, or, when asked for, a linked account."""
    secret, _dot, path = (login or "").partition(".")
    if answer.error is not None or answer.state is None or answer.code is None:
        raise FederationRefused("error" if answer.error else "state")
    given = ProviderAnswer(
        state=answer.state, code=answer.code, issuer=answer.iss, browser_secret=secret
    )
    opened = await finish_federation_login(name, given, uow=uow, tools=tools.federation)
    place = _place_of(path)
    told = _redirect(place) if place else response
    _forget(told)
    if opened is not None:
        keep(told, opened)
    if place:
        return told
    return None if opened is None else SessionBody.of(opened, cookie=True)


def _redirect(url: str) -> Response:
    return Response(status_code=status.HTTP_302_FOUND, headers={"location": url})


def _remember(response: Response, begun: BegunLogin, return_to: str | None) -> None:
    path = urlsafe_b64encode((return_to or "").encode()).rstrip(b"=").decode()
    response.set_cookie(
        LOGIN_COOKIE,
        f"{begun.browser_secret}.{path}",
        max_age=int(LOGIN_LIFETIME.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def _forget(response: Response) -> None:
    response.delete_cookie(LOGIN_COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def _place_of(encoded: str) -> str:
    """The cookie is the browser's own, and still only a path on this site is gone to."""
    try:
        place = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError:
        return ""
    clean = place.replace("/", "").replace("-", "").replace("_", "")
    local = place.startswith("/") and not place.startswith("//")
    return place if local and (clean == "" or (clean.isascii() and clean.isalnum())) else ""
