"""Tokens behind the gateway: minted for one request, checked on every route of every service.

A token is a JWS (ES256) by a known issuer for one audience, method, target and body digest, and
lives seconds. Whatever has no such token is refused before any route is looked at.
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

LIFETIME_SECONDS: Final = 30
SKEW_SECONDS: Final = 10
OPEN_PATHS: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
TYPE: Final = "lephi-internal+jwt"

Kind = Literal["client", "user", "service", "public"]


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
        self, audience: str, issuers: Mapping[str, EllipticCurvePublicKey], *, clock: Clock
    ) -> None:
        self._audience = audience
        self._issuers = dict(issuers)
        self._clock = clock

    @classmethod
    def from_directory(cls, audience: str, directory: Path, *, clock: Clock) -> Self:
        """Trust every `<issuer>.pub.pem` in the directory; read once, at start."""
        issuers: dict[str, EllipticCurvePublicKey] = {}
        for path in sorted(directory.glob("*.pub.pem")):
            key = load_public_key(path)
            if isinstance(key, EllipticCurvePublicKey):
                issuers[path.name.removesuffix(".pub.pem")] = key
        if not issuers:
            raise FileNotFoundError(f"no issuer's public key in {directory}")
        return cls(audience, issuers, clock=clock)

    def verify(self, token: str, *, method: str, target: str, body: bytes) -> Caller:
        claims = self._claims(token)
        wanted = {"htm": method, "htu": target, "bd": sha256_hex(body)}
        for name, value in wanted.items():
            if claims.get(name) != value:
                raise BadToken(f"{name} does not fit this request")
        return Caller(
            subject=str(claims["sub"]),
            kind=claims.get("kind", "public"),
            client_id=claims.get("client_id"),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            evidence_id=claims.get("ev"),
            evidence_level=claims.get("evl"),
            assurance=claims.get("acr"),
            roles=frozenset(claims.get("roles", ())),
            agencies=frozenset(claims.get("agencies", ())),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            key = self._issuers.get(issuer) if isinstance(issuer, str) else None
            if key is None or header.get("typ") != TYPE:
                raise BadToken("unknown issuer or type")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["ES256"],
                audience=self._audience,
                issuer=issuer,
                options={
                    "require": ["exp", "iat", "aud", "iss", "sub", "htm", "htu", "bd", "jti"],
                    # Times are compared below, against the injected clock.
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise BadToken(type(error).__name__) from error
        now = self._clock.now().timestamp()
        issued, expires = float(claims["iat"]), float(claims["exp"])
        if not issued - SKEW_SECONDS <= now < expires or expires - issued > LIFETIME_SECONDS:
            raise BadToken("outside its lifetime")
        return claims


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
        except BadToken as error:
            await refuse(scope, send, 401, error.code, error.message)
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
