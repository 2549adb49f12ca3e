"""Who looks at a page, in which language, and where they want to go afterwards."""

import re
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from gateway.domain.people.account import SESSION_COOKIE, Account, Session
from gateway.domain.people.errors import SessionRefused
from gateway.pages.page_tools import PageTools
from gateway.use_cases.people.find_session import find_session

LANGUAGES: Final = ("vi", "en")
LANGUAGE_COOKIE: Final = "lephi-language"
HOME: Final = "/account"
# The same paths that a federated sign-in comes back to: ours, without escapes, query or host.
LOCAL_PATH: Final = re.compile(r"/[A-Za-z0-9_-][A-Za-z0-9_/-]{0,198}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`account` and `session` come together, or not at all."""

    language: str
    path: str
    session: Session | None = None
    account: Account | None = None


def language_of(request: Request) -> str:
    """What was chosen on a page; else Vietnamese, unless the browser asks for English first."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    asked = request.headers.get("accept-language", "")
    return "en" if asked.strip().lower().startswith("en") else "vi"


def next_of(request: Request) -> str:
    """Where to go after signing in; anything but a path of ours is the account page."""
    given = request.query_params.get("next", "")
    return given if LOCAL_PATH.fullmatch(given) and "//" not in given else HOME


async def visitor_of(request: Request, tools: PageTools) -> Visitor:
    language, path = language_of(request), request.url.path
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return Visitor(language=language, path=path)
    try:
        session = await find_session(token, uow=tools.new_uow(), at=tools.clock.now())
    except SessionRefused:
        return Visitor(language=language, path=path)
    async with tools.new_uow() as uow:
        account = await uow.accounts.get(session.user_id)
    return Visitor(language=language, path=path, session=session, account=account)
