"""A client's word for itself at the token endpoint: private_key_jwt (RFC 7523)."""

from datetime import UTC, datetime
from typing import Any, Final

import jwt

from chassis.clock import Clock
from gateway.authentication.machines.key_cache import KeyCache
from gateway.authentication.machines.key_proofs import JOSE_OF
from gateway.authentication.machines.right_place import require_right_place
from gateway.domain.machines.access_token import (
    ASSERTION_LIFETIME_MAX,
    CLOCK_SKEW,
    Assertion,
)
from gateway.domain.machines.errors import CertificateNeeded, PlaceNotAllowed
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.machines.token_errors import InvalidClient

ASSERTION_LENGTH_MAX: Final = 4096
TOKEN_ID_LENGTH_MAX: Final = 128
# The key is looked up by its name in the register; nothing may bring one or point to one.
HEADER_MEMBERS: Final = frozenset({"alg", "kid", "typ"})
TYPES: Final = frozenset({"JWT", "client-authentication+jwt"})


class JwtClientAssertions:
    """`issuer` is our own name and the one audience, as a single text, never in a list."""

    def __init__(self, keys: KeyCache, *, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock

    async def verify(self, assertion: str, arrival: Arrival) -> Assertion:
        if len(assertion) > ASSERTION_LENGTH_MAX:
            raise InvalidClient("it is too long")
        held = await self._keys.find_active(_key_id(assertion))
        if held is None:
            raise InvalidClient("its key is unknown or no longer usable")
        registered = held.registered
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                held.public_key,
                algorithms=[JOSE_OF[registered.key.algorithm]],
                audience=self._issuer,
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat", "jti"],
                    "strict_aud": True,
                    # Times are compared below, against the injected clock.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise InvalidClient(type(error).__name__) from error
        client = registered.client
        if (claims["iss"], claims["sub"]) != (client.id, client.id):
            raise InvalidClient("iss and sub must both name the client whose key it is")
        try:
            require_right_place(registered, arrival)
        except (CertificateNeeded, PlaceNotAllowed) as refused:
            raise InvalidClient(refused.code) from refused
        return Assertion(
            client=client,
            key_id=registered.key.id,
            token_id=_token_id(claims),
            expires_at=self._expiry(claims),
        )

    def _expiry(self, claims: dict[str, Any]) -> datetime:
        try:
            issued, expires = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
            begins = datetime.fromtimestamp(claims.get("nbf", claims["iat"]), UTC)
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise InvalidClient("its times cannot be read") from error
        now = self._clock.now()
        if max(issued, begins) > now + CLOCK_SKEW or expires <= now:
            raise InvalidClient("it is outside its lifetime")
        if expires - issued > ASSERTION_LIFETIME_MAX:
            raise InvalidClient(f"it may live {ASSERTION_LIFETIME_MAX.seconds} seconds at most")
        return expires


def _key_id(assertion: str) -> str:
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError as error:
        raise InvalidClient("it cannot be read") from error
    if not set(header) <= HEADER_MEMBERS or header.get("typ", "JWT") not in TYPES:
        raise InvalidClient("its header may hold alg, kid and typ only")
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        raise InvalidClient("its header must name the registered key as kid")
    return key_id


def _token_id(claims: dict[str, Any]) -> str:
    token_id = claims["jti"]
    if not isinstance(token_id, str) or not 1 <= len(token_id) <= TOKEN_ID_LENGTH_MAX:
        raise InvalidClient(f"jti must be a text of 1 to {TOKEN_ID_LENGTH_MAX} characters")
    return token_id
