from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator
from pydantic.functional_validators import AfterValidator

from gateway.api.schemas import RequestBody
from gateway.domain.machines.client import Client, ClientClass, ClientKey
from gateway.domain.machines.key_registration import KeyChallenge, KeyEvent
from gateway.use_cases.machines.look_at_clients import ClientWithKeys

NETWORKS_MAX = 32

ClientId = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]$")]
ProviderCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,31}$")]
AgencyCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{1,32}$", examples=["H19.25"])]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
Thumbprint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
CompactJws = Annotated[
    str, Field(max_length=4096, pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")
]


def _network(text: str) -> str:
    return str(ip_network(text))


Network = Annotated[str, Field(max_length=64), AfterValidator(_network)]


class AddClientBody(RequestBody):
    """A bank names the provider code under which its notices arrive; a portal has none."""

    id: ClientId
    client_class: Annotated[ClientClass, Field(alias="class")]
    provider: ProviderCode | None = None
    contact_agency: AgencyCode | None = None
    splits_target: Annotated[
        bool, Field(description="Signs @authority, @path and @query instead of @target-uri.")
    ] = False
    networks: Annotated[
        list[Network], Field(max_length=NETWORKS_MAX, description="CIDR; empty is anywhere.")
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def _bank_has_provider(self) -> Self:
        if (self.client_class is ClientClass.BANK) != (self.provider is not None):
            raise ValueError("a bank names its provider code, a portal has none")
        return self

    def to_client(self) -> Client:
        return Client(
            id=self.id,
            client_class=self.client_class,
            provider=self.provider,
            contact_agency=self.contact_agency,
            splits_target=self.splits_target,
            networks=tuple(self.networks),
        )


class ClientBody(BaseModel):
    id: str
    client_class: Annotated[
        Literal["portal", "bank"], Field(validation_alias="class", serialization_alias="class")
    ]
    provider: str | None
    contact_agency: str | None
    splits_target: bool
    networks: list[str]

    @classmethod
    def of(cls, client: Client) -> Self:
        return cls.model_validate(_facts(client))


class ClientKeyBody(BaseModel):
    """`kid` is the RFC 7638 thumbprint; `until` the end of its validity if nobody revokes it."""

    kid: str
    client_id: str
    algorithm: str
    public_jwk: dict[str, Any]
    state: str
    registered_at: datetime
    registered_by: str | None
    approved_at: datetime | None
    approved_by: str | None
    retires_at: datetime | None
    until: datetime
    revoked_at: datetime | None
    certificate_thumbprint: str | None

    @classmethod
    def of(cls, key: ClientKey) -> Self:
        return cls(
            kid=key.id,
            client_id=key.client_id,
            algorithm=key.algorithm.value,
            public_jwk=dict(key.public_jwk),
            state=key.state.value,
            registered_at=key.registered_at,
            registered_by=key.registered_by,
            approved_at=key.approved_at,
            approved_by=key.approved_by,
            retires_at=key.retires_at,
            until=key.until,
            revoked_at=key.revoked_at,
            certificate_thumbprint=key.certificate_thumbprint,
        )


class ClientWithKeysBody(ClientBody):
    """The youngest key first, fifty at most."""

    keys: list[ClientKeyBody]

    @classmethod
    def with_keys(cls, found: ClientWithKeys) -> Self:
        keys = [ClientKeyBody.of(key) for key in found.keys]
        return cls.model_validate(_facts(found.client) | {"keys": keys})


class KeyChallengeBody(BaseModel):
    """The new key signs the characters of `challenge` as the payload of a compact JWS."""

    challenge: str
    expires_at: datetime

    @classmethod
    def of(cls, challenge: KeyChallenge) -> Self:
        return cls(challenge=challenge.text, expires_at=challenge.expires_at)


class RegisterKeyBody(RequestBody):
    """Exactly one of `jwk` and `certificate` (PEM). `proof` is EdDSA, ES256 or PS512."""

    jwk: Annotated[dict[str, Any], Field(max_length=12)] | None = None
    certificate: Annotated[str, Field(max_length=16384)] | None = None
    challenge: Annotated[str, Field(max_length=160)]
    proof: CompactJws
    certificate_thumbprint: Annotated[
        Thumbprint | None,
        Field(description="x5t#S256 of the TLS client certificate the key is bound to."),
    ] = None

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.jwk is None) == (self.certificate is None):
            raise ValueError("give the key as a jwk or in a certificate, exactly one of them")
        return self


class RetireKeyBody(RequestBody):
    retires_at: AwareDatetime | None = None


class RevokeKeyBody(RequestBody):
    reason: Reason


class KeyEventBody(BaseModel):
    action: str
    actor: str
    at: datetime
    state: str
    reason: str | None


class KeyHistoryBody(BaseModel):
    """The oldest first, a hundred at most; nothing is ever taken out."""

    items: list[KeyEventBody]

    @classmethod
    def of(cls, events: Sequence[KeyEvent]) -> Self:
        return cls(
            items=[
                KeyEventBody(
                    action=event.action.value,
                    actor=event.actor,
                    at=event.at,
                    state=event.state.value,
                    reason=event.reason,
                )
                for event in events
            ]
        )


def _facts(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "class": client.client_class.value,
        "provider": client.provider,
        "contact_agency": client.contact_agency,
        "splits_target": client.splits_target,
        "networks": list(client.networks),
    }
