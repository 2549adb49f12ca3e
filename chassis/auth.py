"""Tokens behind the gateway: minted for one request, checked on every route of every service.

A token is a JWS (ES256) by a known issuer for one audience, method, target and body digest, lives
seconds and is taken once. Each service says, in a table, who may call it and on whose behalf.
Whatever has no such token is refused before any route is looked at.

Used tokens are remembered by a process, not by all replicas of a service: at another replica a
token opens the very same request (method, target, body) once more within its 30 seconds, and
there idempotency keys and the constraints of the database stand behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.errors import Forbidden, Unauthenticated
from chassis.ids import Ids
from chassis.keys import load_private_key, load_public_key
from chassis.middleware import refuse
from chassis.problems import status_of
from chassis.single_use import MemoryFull, SingleUse

LIFETIME_SECONDS: Final = 30
SKEW_SECONDS: Final = 10
OPEN_PATHS: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
TYPE: Final = "lephi-internal+jwt"
# Nothing in the header may choose a key, an algorithm or an extension: it says these two things.
HEADER: Final = {"alg": "ES256", "typ": TYPE}
REQUIRED: Final = ("exp", "iat", "aud", "iss", "sub", "kind", "htm", "htu", "bd", "jti")
# Some thousand requests a second for the life of a token; about 40 MB when full.
USED_TOKENS_MAX: Final = 200_000

Kind = Literal["client", "user", "service", "public"]
# By issuer and by the kind of caller it may speak for: the scopes it may hand on. A kind that is
# not named is refused, and so is an issuer.
Callers = Mapping[str, Mapping[Kind, frozenset[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as the issuer of the token has established it."""

    subject: str
    kind: Kind
    client_id: str | None = None
    scopes: frozenset[str] = frozenset()
    evidence_id: str | None = None
    evidence_level: str | None = None
    assurance: str | None = None
    # An officer's duties, and the agencies they hold them for; `*` is every agency.
    roles: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()


class MissingScope(Forbidden):
    code = "missing_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}.", vi=f"Cần quyền {scope}.")


class BadToken(Unauthenticated):
    code = "bad_internal_token"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"No valid internal token: {reason}.", vi="Mã truy cập nội bộ không hợp lệ."
        )


class CallerNotAllowed(Forbidden):
    code = "caller_not_allowed"

    def __init__(self, issuer: str, why: str) -> None:
        super().__init__(
            f"{issuer} may not say this here: {why}.", vi="Nơi gọi không có quyền này."
        )


def require(caller: Caller, scope: str) -> None:
    if scope not in caller.scopes:
        raise MissingScope(scope)


class TokenMinter:
    def __init__(
        self, issuer: str, key: EllipticCurvePrivateKey, *, clock: Clock, ids: Ids
    ) -> None:
        self._issuer = issuer
        self._key = key
        self._clock = clock
        self._ids = ids

    @classmethod
    def from_directory(cls, issuer: str, directory: Path, *, clock: Clock, ids: Ids) -> Self:
        key = load_private_key(directory / f"{issuer}.key.pem")
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("internal tokens are signed with a P-256 key")
        return cls(issuer, key, clock=clock, ids=ids)

    def mint(self, *, audience: str, method: str, target: str, body: bytes, caller: Caller) -> str:
        """`target` is path and query exactly as they will be sent."""
        now = self._clock.now()
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": audience,
            "sub": caller.subject,
            "kind": caller.kind,
            "scope": " ".join(sorted(caller.scopes)),
            "htm": method,
            "htu": target,
            "bd": sha256_hex(body),
            "iat": now,
            "exp": now + timedelta(seconds=LIFETIME_SECONDS),
            "jti": self._ids.token(12),
        }
        optional = {
            "client_id": caller.client_id,
            "ev": caller.evidence_id,
            "evl": caller.evidence_level,
            "acr": caller.assurance,
            "roles": sorted(caller.roles) or None,
            "agencies": sorted(caller.agencies) or None,
        }
        claims |= {name: value for name, value in optional.items() if value is not None}
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"typ": TYPE})


class TokenVerifier:
    def __init__(
        self,
        audience: str,
        issuers: Mapping[str, EllipticCurvePublicKey],
        *,
        callers: Callers,
        clock: Clock,
    ) -> None:
        self._audience = audience
        self._issuers = {issuer: issuers[issuer] for issuer in callers}
        self._callers = callers
        self._clock = clock
        self._used = SingleUse(names_max=USED_TOKENS_MAX)

    @classmethod
    def from_directory(
        cls, audience: str, directory: Path, *, callers: Callers, clock: Clock
    ) -> Self:
        """Trust `<issuer>.pub.pem` of each issuer in the table; read once, at start."""
        issuers: dict[str, EllipticCurvePublicKey] = {}
        for issuer in callers:
            key = load_public_key(directory / f"{issuer}.pub.pem")
            if not isinstance(key, EllipticCurvePublicKey):
                raise TypeError("internal tokens are signed with a P-256 key")
            issuers[issuer] = key
        return cls(audience, issuers, callers=callers, clock=clock)

    def verify(self, token: str, *, method: str, target: str, body: bytes) -> Caller:
        claims = self._claims(token)
        wanted = {"htm": method, "htu": target, "bd": sha256_hex(body)}
        for name, value in wanted.items():
            if claims.get(name) != value:
                raise BadToken(f"{name} does not fit this request")
        try:
            caller = _caller_of(claims)
            self._check_allowed(claims["iss"], caller)
        except TypeError as error:
            raise BadToken("claims of the wrong type") from error
        now, expires = self._clock.now().timestamp(), float(claims["exp"])
        # Last, so that only what would have been let in takes room in the memory.
        if not self._used.claim(f"{claims['iss']} {claims['jti']}", until=expires, now=now):
            raise BadToken("used before")
        return caller

    def _check_allowed(self, issuer: str, caller: Caller) -> None:
        scopes = self._callers[issuer].get(caller.kind)
        if scopes is None:
            raise CallerNotAllowed(issuer, f"to speak for a {caller.kind}")
        if not caller.scopes <= scopes:
            raise CallerNotAllowed(issuer, "to hand on such a scope")
        if caller.kind == "service" and caller.subject != issuer:
            raise CallerNotAllowed(issuer, "to speak for another service")
        if (caller.roles or caller.agencies) and caller.kind != "user":
            raise CallerNotAllowed(issuer, "that other than people have duties")
        if caller.client_id is not None and caller.kind != "client":
            raise CallerNotAllowed(issuer, f"that a {caller.kind} is a client")

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            if jwt.get_unverified_header(token) != HEADER:
                raise BadToken("unknown header")
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            key = self._issuers.get(issuer) if isinstance(issuer, str) else None
            if key is None:
                raise BadToken("unknown issuer")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["ES256"],
                audience=self._audience,
                issuer=issuer,
                options={
                    "require": [*REQUIRED],
                    # Times are compared below, against the injected clock.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "strict_aud": True,
                },
            )
            issued, expires = float(claims["iat"]), float(claims["exp"])
            begins = max(issued - SKEW_SECONDS, float(claims.get("nbf", issued - SKEW_SECONDS)))
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise BadToken(type(error).__name__) from error
        now = self._clock.now().timestamp()
        if not begins <= now < expires or expires - issued > LIFETIME_SECONDS:
            raise BadToken("outside its lifetime")
        return claims


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    return Caller(
        subject=str(claims["sub"]),
        kind=claims["kind"],
        client_id=claims.get("client_id"),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        evidence_id=claims.get("ev"),
        evidence_level=claims.get("evl"),
        assurance=claims.get("acr"),
        roles=frozenset(claims.get("roles", ())),
        agencies=frozenset(claims.get("agencies", ())),
    )


class InternalAuth:
    """Default deny: every path but health and metrics needs a token for exactly this request."""

    def __init__(self, app: ASGIApp, *, verifier: TokenVerifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            if len(given) != 1 or not given[0].startswith(b"Bearer "):
                raise BadToken("none given")
            scope["caller"] = self._verifier.verify(
                given[0][len(b"Bearer ") :].decode("latin-1"),
                method=scope["method"],
                target=target_of(scope),
                body=scope["raw_body"],
            )
        except (BadToken, CallerNotAllowed, MemoryFull) as error:
            await refuse(scope, send, status_of(error), error.code, error.message)
            return
        await self._app(scope, receive, send)


def target_of(scope: Scope) -> str:
    """Path and query as they came over the wire."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    return (path.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


async def _caller(request: Request) -> Caller:
    caller = request.scope.get("caller")
    if not isinstance(caller, Caller):
        raise BadToken("none given")
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]
