"""Access tokens of our own (RFC 9068): made here, read here, with a key that does nothing else."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.keys import load_private_key, thumbprint
from gateway.authentication.machines.key_cache import KeyCache
from gateway.domain.machines.access_token import TOKEN_LIFETIME, AccessGrant
from gateway.domain.machines.token_errors import BadAccessToken

TYPE: Final = "at+jwt"
ALGORITHM: Final = "ES256"
TOKEN_LENGTH_MAX: Final = 4096
REQUIRED: Final = ("iss", "aud", "sub", "client_id", "client_key", "scope", "iat", "exp", "jti")


class JwtAccessTokens:
    """`issuer` is our public name; it is the audience too, for we alone read them."""

    def __init__(
        self,
        key: EllipticCurvePrivateKey,
        keys: KeyCache,
        *,
        issuer: str,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._key = key
        self._public_key = key.public_key()
        self._header = {"typ": TYPE, "kid": thumbprint(self._public_key)}
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._ids = ids

    def mint(self, grant: AccessGrant) -> str:
        bound = {
            "jkt": grant.proof_thumbprint,
            "x5t#S256": grant.certificate_thumbprint,
        }
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": grant.client.id,
            "client_id": grant.client.id,
            "client_key": grant.key_id,
            "scope": " ".join(sorted(grant.scopes)),
            "iat": self._clock.now(),
            "exp": grant.expires_at,
            "jti": self._ids.token(16),
            "cnf": {name: value for name, value in bound.items() if value is not None},
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers=self._header)

    async def read(self, token: str) -> AccessGrant:
        claims = self._claims(token)
        held = await self._keys.find_active(str(claims["client_key"]))
        if held is None or held.registered.client.id != claims["client_id"]:
            raise BadAccessToken("the key it was asked with is no longer usable")
        bound = claims["cnf"]
        if not isinstance(bound, dict) or not {"jkt", "x5t#S256"} & set(bound):
            raise BadAccessToken("it is bound to nobody")
        return AccessGrant(
            client=held.registered.client,
            key_id=held.registered.key.id,
            scopes=frozenset(str(claims["scope"]).split()),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            proof_thumbprint=bound.get("jkt"),
            certificate_thumbprint=bound.get("x5t#S256"),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > TOKEN_LENGTH_MAX:
            raise BadAccessToken("it is too long")
        try:
            if jwt.get_unverified_header(token) != {"alg": ALGORITHM, **self._header}:
                raise BadAccessToken("it is none of ours")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public_key,
                algorithms=[ALGORITHM],
                audience=self._issuer,
                issuer=self._issuer,
                options={
                    "require": [*REQUIRED, "cnf"],
                    "strict_aud": True,
                    # Times are compared below, against the injected clock.
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise BadAccessToken(type(error).__name__) from error
        issued, expires = float(claims["iat"]), float(claims["exp"])
        now = self._clock.now().timestamp()
        if not now < expires <= issued + TOKEN_LIFETIME.total_seconds():
            raise BadAccessToken("it has expired")
        return claims


def load_token_key(folder: Path) -> EllipticCurvePrivateKey:
    key = load_private_key(folder / "tokens.key.pem")
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("access tokens are signed with a P-256 key")
    return key
