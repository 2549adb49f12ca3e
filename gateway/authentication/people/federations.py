"""The providers of a file: authorization code with PKCE, and their answers checked."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.authentication.people.id_tokens import read_id_token
from gateway.authentication.people.provider_documents import ProviderDocuments, ProviderHttp
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import FederationNotFound
from gateway.domain.people.federation import (
    AUTHENTICATED_WITHIN,
    FederatedPerson,
    Federation,
    LoginSecrets,
)

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME: Final = timedelta(seconds=60)
# Another house's word is worth a second factor at most; a passkey is shown to us alone.
GIVEN: Final = frozenset({Acr.FEDERATED, Acr.MFA})

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
Text = Annotated[str, Field(min_length=1, max_length=255)]


class ProviderEntry(BaseModel):
    """One provider of the file, with a secret or with a key to sign with, never both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Text
    client_id: Text
    title: Text = ""
    client_secret: Text | None = None
    private_key_file: Path | None = None
    scopes: Annotated[tuple[Text, ...], Field(max_length=10)] = ("openid",)
    acr_map: Annotated[dict[Text, Acr], Field(max_length=20)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way_to_authenticate(self) -> Self:
        if (self.client_secret is None) == (self.private_key_file is None):
            raise ValueError("give client_secret or private_key_file, one of them")
        if "openid" not in self.scopes or not GIVEN.issuperset(self.acr_map.values()):
            raise ValueError("scopes must hold openid; acr_map gives federated or mfa")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provider:
    federation: Federation
    entry: ProviderEntry
    documents: ProviderDocuments
    signing_key: ECKey | None


ENTRIES: Final = TypeAdapter(Annotated[dict[Name, ProviderEntry], Field(max_length=20)])


class OidcFederations:
    def __init__(
        self,
        entries: Mapping[str, ProviderEntry],
        http: ProviderHttp,
        *,
        public_origin: str,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._http = http
        self._public_origin = public_origin
        self._clock = clock
        self._ids = ids
        self._providers = {
            name: _Provider(
                federation=_federation(name, entry),
                entry=entry,
                documents=ProviderDocuments(entry.issuer, http, clock=clock),
                signing_key=_signing_key(entry),
            )
            for name, entry in entries.items()
        }

    @staticmethod
    def read_entries(path: Path | None) -> Mapping[str, ProviderEntry]:
        """Read once, at start; no file is no provider."""
        return {} if path is None else ENTRIES.validate_json(path.read_bytes())

    def list_all(self) -> Sequence[Federation]:
        return [one.federation for one in self._providers.values()]

    def get(self, name: str) -> Federation:
        if name not in self._providers:
            raise FederationNotFound
        return self._providers[name].federation

    async def login_url(self, federation: Federation, secrets: LoginSecrets) -> str:
        metadata = await self._providers[federation.name].documents.metadata()
        asked = {
            "response_type": "code",
            "client_id": federation.client_id,
            "redirect_uri": self._redirect_uri(federation),
            "scope": " ".join(federation.scopes),
            "state": secrets.state,
            "nonce": secrets.nonce,
            "code_challenge": _s256(secrets.code_verifier),
            "code_challenge_method": "S256",
            "max_age": str(int(AUTHENTICATED_WITHIN.total_seconds())),
        }
        if federation.acr_map:
            asked["acr_values"] = " ".join(federation.acr_map)
        return f"{metadata['authorization_endpoint']}?{urlencode(asked)}"

    async def redeem(
        self, federation: Federation, code: str, secrets: LoginSecrets, *, now: datetime
    ) -> FederatedPerson:
        provider = self._providers[federation.name]
        metadata = await provider.documents.metadata()
        endpoint = metadata["token_endpoint"]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri(federation),
            "code_verifier": secrets.code_verifier,
        }
        basic = None
        if provider.entry.client_secret is not None:
            basic = (federation.client_id, provider.entry.client_secret)
        else:
            form["client_id"] = federation.client_id
            form["client_assertion_type"] = ASSERTION_TYPE
            form["client_assertion"] = self._assertion(provider, endpoint, now=now)
        answer = await self._http.post(endpoint, form, basic=basic)
        return await read_id_token(
            answer.get("id_token"), federation, provider.documents, nonce=secrets.nonce, now=now
        )

    def _assertion(self, provider: _Provider, endpoint: str, *, now: datetime) -> str:
        """RFC 7523: the client signs instead of telling a secret."""
        assert provider.signing_key is not None
        client_id = provider.federation.client_id
        claims: dict[str, Any] = {
            "iss": client_id,
            "sub": client_id,
            "aud": endpoint,
            "jti": self._ids.token(16),
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LIFETIME).timestamp()),
        }
        header = {"alg": "ES256", "kid": provider.signing_key.thumbprint()}
        return jwt.encode(header, claims, provider.signing_key)

    def _redirect_uri(self, federation: Federation) -> str:
        return f"{self._public_origin}/v1/federations/{federation.name}/callback"


def _federation(name: str, entry: ProviderEntry) -> Federation:
    return Federation(
        name=name,
        title=entry.title or name,
        issuer=entry.issuer,
        client_id=entry.client_id,
        scopes=entry.scopes,
        acr_map=dict(entry.acr_map),
    )


def _signing_key(entry: ProviderEntry) -> ECKey | None:
    """A P-256 key in PEM, read once, at start."""
    if entry.private_key_file is None:
        return None
    return ECKey.import_key(entry.private_key_file.read_bytes())


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
