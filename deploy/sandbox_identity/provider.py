"""A citizen's identity provider: OpenID Connect's code flow with PKCE, and nothing beside it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import unquote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.clock import Clock
from chassis.ids import Ids
from deploy.sandbox_identity.citizens import CITIZENS, Citizen

CODE_LIFETIME: Final = timedelta(seconds=60)
TOKEN_LIFETIME: Final = timedelta(minutes=5)
CODES_MAX: Final = 1000
# The key before goes on being published, for tokens it signed a moment ago.
KEYS_PUBLISHED: Final = 2
LEVELS: Final = ("urn:sandbox-identity:level-1", "urn:sandbox-identity:level-2")


class Refusal(Exception):
    """OAuth 2.0's error codes (RFC 6749, sections 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingClient:
    """Who may send citizens here; with a secret, or with a public key for private_key_jwt."""

    client_id: str
    redirect_uris: frozenset[str]
    secret: str | None = None
    public_key: ECKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Granted:
    request: AuthorizationRequest
    citizen: Citizen
    acr: str
    authenticated_at: datetime


@dataclass
class IdentityProvider:
    issuer: str
    client: RelyingClient
    clock: Clock
    ids: Ids
    keys: list[ECKey] = field(default_factory=list)
    _codes: dict[str, _Granted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rotate_keys()

    def metadata(self) -> Mapping[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
            "acr_values_supported": list(LEVELS),
            "authorization_response_iss_parameter_supported": True,
        }

    def key_set(self) -> Mapping[str, Any]:
        return {
            "keys": [
                {**key.as_dict(private=False), "use": "sig", "alg": "ES256"} for key in self.keys
            ]
        }

    def rotate_keys(self) -> None:
        made = ECKey.generate_key("P-256", {"kid": self.ids.token(12)}, private=True)
        self.keys = [made, *self.keys][:KEYS_PUBLISHED]

    def read_request(self, given: Mapping[str, str]) -> AuthorizationRequest:
        """Refuses before anything is shown; a wrong redirect_uri is never redirected to."""
        if given.get("client_id") != self.client.client_id:
            raise Refusal("unauthorized_client", "nobody by this client_id is known")
        if given.get("redirect_uri") not in self.client.redirect_uris:
            raise Refusal("invalid_request", "this redirect_uri is not registered")
        if given.get("response_type") != "code":
            raise Refusal("unsupported_response_type", "only `code`")
        if "openid" not in given.get("scope", "").split():
            raise Refusal("invalid_scope", "the scope must hold openid")
        if given.get("code_challenge_method") != "S256" or len(given["code_challenge"]) != 43:
            raise Refusal("invalid_request", "PKCE with S256 is needed")
        if not given.get("state") or not given.get("nonce"):
            raise Refusal("invalid_request", "state and nonce are needed")
        names = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
        return AuthorizationRequest(**{name: given[name] for name in names})

    def grant(self, request: AuthorizationRequest, citizen_id: str, acr: str) -> str:
        """Where the browser goes back to, with a code that counts once within a minute."""
        if citizen_id not in CITIZENS or acr not in LEVELS:
            raise Refusal("access_denied", "no such citizen or level")
        code = self.ids.token(32)
        while len(self._codes) >= CODES_MAX:
            self._codes.pop(next(iter(self._codes)))
        self._codes[code] = _Granted(
            request=request,
            citizen=CITIZENS[citizen_id],
            acr=acr,
            authenticated_at=self.clock.now(),
        )
        answer = {"code": code, "state": request.state, "iss": self.issuer}
        return f"{request.redirect_uri}?{urlencode(answer)}"

    def redeem(self, form: Mapping[str, str], authorization: str | None) -> Mapping[str, Any]:
        self._require_client(form, authorization)
        if form.get("grant_type") != "authorization_code":
            raise Refusal("unsupported_grant_type", "only authorization_code")
        granted = self._codes.pop(form.get("code", ""), None)
        now = self.clock.now()
        if granted is None or now - granted.authenticated_at >= CODE_LIFETIME:
            raise Refusal("invalid_grant", "the code is unknown, used or too old")
        if form.get("redirect_uri") != granted.request.redirect_uri:
            raise Refusal("invalid_grant", "another redirect_uri than before")
        if not _equal(_s256(form.get("code_verifier", "")), granted.request.code_challenge):
            raise Refusal("invalid_grant", "the code_verifier does not fit")
        return {
            "access_token": self.ids.token(32),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "id_token": self.sign(self._claims(granted, now=now)),
        }

    def sign(self, claims: Mapping[str, Any]) -> str:
        key = self.keys[0]
        return jwt.encode({"alg": "ES256", "kid": key.kid, "typ": "JWT"}, dict(claims), key)

    def _claims(self, granted: _Granted, *, now: datetime) -> Mapping[str, Any]:
        request = granted.request
        pair = f"{request.client_id}\x00{granted.citizen.id}"
        return {
            "iss": self.issuer,
            "aud": request.client_id,
            "azp": request.client_id,
            "sub": _base64url(sha256(pair.encode()).digest()),
            "name": granted.citizen.name,
            "nonce": request.nonce,
            "acr": granted.acr,
            "auth_time": int(granted.authenticated_at.timestamp()),
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
        }

    def _require_client(self, form: Mapping[str, str], authorization: str | None) -> None:
        refused = Refusal("invalid_client", "the client is not who it says", status=401)
        if self.client.secret is not None:
            scheme, _space, given = (authorization or "").partition(" ")
            wanted = f"{self.client.client_id}:{self.client.secret}"
            if scheme.lower() != "basic" or not _equal(_basic(given), wanted):
                raise refused
            return
        if self.client.public_key is None or not self._is_assertion(form):
            raise refused

    def _is_assertion(self, form: Mapping[str, str]) -> bool:
        """RFC 7523: issued by the client, for this endpoint, just now."""
        try:
            key = self.client.public_key
            assert key is not None
            claims = jwt.decode(form.get("client_assertion", ""), key, algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return False
        mine = {claims.get("iss"), claims.get("sub")} == {self.client.client_id}
        now = self.clock.now().timestamp()
        return mine and claims.get("aud") == f"{self.issuer}/token" and now < claims.get("exp", 0)


def _s256(verifier: str) -> str:
    return _base64url(sha256(verifier.encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _basic(given: str) -> str:
    try:
        return unquote(base64.b64decode(given, validate=True).decode())
    except ValueError:
        return ""


def _equal(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())
