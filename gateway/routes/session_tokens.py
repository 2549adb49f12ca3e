"""Where a session's token comes in: the Authorization header, or our own page's cookie."""

from hmac import compare_digest
from typing import Final

from gateway.domain.machines.signed_request import Arrival
from gateway.domain.people.account import SESSION_COOKIE, Session
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import (
    ForgedRequest,
    RecoveryOnly,
    SessionRefused,
    TwoSessionsGiven,
)
from gateway.routes.route import Route

BEARER: Final = "Bearer "
CSRF_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Somebody who came in with a recovery code repairs their sign-in, and does nothing else.
OPENED_BY_RECOVERY: Final = frozenset(
    {
        ("POST", "/v1/accounts/current/totp"),
        ("POST", "/v1/accounts/current/totp-activations"),
        ("POST", "/v1/passkey-registrations"),
        ("POST", "/v1/passkeys"),
        ("GET", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions/current"),
    }
)


def session_given(arrival: Arrival) -> bool:
    return arrival.header("authorization") is not None or bool(_cookies(arrival))


def token_of(arrival: Arrival) -> tuple[str, bool]:
    """The token, and whether a cookie brought it."""
    given, cookies = arrival.header("authorization"), _cookies(arrival)
    if len(cookies) + (given is not None) > 1:
        raise TwoSessionsGiven
    if cookies:
        return cookies[0], True
    if given is None or not given.startswith(BEARER):
        raise SessionRefused
    return given.removeprefix(BEARER), False


def require_own_page(arrival: Arrival, session: Session, *, public_origin: str) -> None:
    """A browser sends cookies with whatever any page asks for; ours alone knows the token."""
    if arrival.method in SAFE:
        return
    origin = arrival.header("origin")
    site = arrival.header("sec-fetch-site")
    told = arrival.header(CSRF_HEADER) or ""
    if origin is not None and origin != public_origin:
        raise ForgedRequest
    if site is not None and site != "same-origin":
        raise ForgedRequest
    if origin is None and site is None:
        raise ForgedRequest
    if not compare_digest(told.encode(), session.csrf_token.encode()):
        raise ForgedRequest


def repairs_sign_in(session: Session, route: Route) -> bool:
    """Whether a recovery code opened the session; then raises unless the route is a repair."""
    if session.acr is not Acr.RECOVERY:
        return False
    if (route.method, route.path) not in OPENED_BY_RECOVERY:
        raise RecoveryOnly
    return True


def _cookies(arrival: Arrival) -> list[str]:
    pairs = (
        pair.strip().partition("=")
        for name, value in arrival.headers
        if name == "cookie"
        for pair in value.split(";")
    )
    return [value for name, _equals, value in pairs if name == SESSION_COOKIE]
