"""Judges a provider's notice by the one scheme its registration names, over the raw bytes."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

import structlog

from chassis.canonical import load_json
from chassis.errors import Refused
from gateway.authentication.callbacks.register import read_registrations
from gateway.authentication.callbacks.scheme import Scheme
from gateway.authentication.machines.key_cache import HeldKey, KeyCache
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.errors import (
    CallbackMalformed,
    CallbackRefused,
    NoSuchProvider,
    SourceRefused,
)
from gateway.domain.callbacks.notice import Material, Parts, ProvedNotice
from gateway.domain.callbacks.refusal import SpokenRefusal
from gateway.domain.callbacks.registration import (
    PREVIOUS,
    EvidenceLevel,
    ProviderRegistration,
)
from gateway.domain.machines.signed_request import Arrival

SECRET_ID_CONTEXT: Final = b"lephi-secret-id"
SECRET_ID_LENGTH: Final = 16
Used = TypeVar("Used")
log = structlog.get_logger()


class ProviderCallbacks:
    """`public_origin` is what providers call us, for the record of what they asked."""

    def __init__(
        self,
        registrations: Mapping[str, ProviderRegistration],
        schemes: Mapping[str, Scheme],
        keys: KeyCache,
        *,
        public_origin: str,
    ) -> None:
        self._registrations = registrations
        self._schemes = schemes
        self._keys = keys
        self._public_origin = public_origin.rstrip("/")

    def find(self, provider: str) -> ProviderRegistration | None:
        return self._registrations.get(provider)

    def word(self, provider: str, code: str) -> SpokenRefusal | None:
        registration = self._registrations.get(provider)
        word = self._schemes[registration.scheme].word if registration else None
        return word(code) if word else None

    async def verify(self, arrival: Arrival, registration: ProviderRegistration) -> ProvedNotice:
        try:
            return await self._verify(arrival, registration)
        except Refused as refused:
            log.warning(
                "notice refused",
                provider=registration.provider,
                scheme=registration.scheme,
                code=refused.code,
                source=arrival.source,
            )
            raise

    def issue_token(self, arrival: Arrival, registration: ProviderRegistration) -> str:
        scheme = self._schemes[registration.scheme]
        if scheme.issue is None:
            raise NoSuchProvider
        if not registration.allows(arrival.source):
            raise SourceRefused
        token, _key_id = _by_secret(_parts_of(arrival, scheme), registration, scheme, scheme.issue)
        return token

    async def _verify(self, arrival: Arrival, registration: ProviderRegistration) -> ProvedNotice:
        scheme = self._schemes[registration.scheme]
        # A shared secret alone proves too little: it must also come from where the provider is.
        listed = scheme.level is EvidenceLevel.P3 or bool(registration.networks)
        if listed and not registration.allows(arrival.source):
            raise SourceRefused
        parts = _parts_of(arrival, scheme)
        assert scheme.verify is not None, "message signatures have a door of their own"
        held = await self._find_key(parts, registration, scheme)
        if held is None:
            proof, key_id = _by_secret(parts, registration, scheme, scheme.verify)
        else:
            jwk = held.registered.key.public_jwk
            key_id = held.registered.key.id
            proof = scheme.verify(parts, Material(public_jwk=jwk, header=registration.header))
        if parts.body:
            load_json(parts.body)
        return ProvedNotice(
            provider=registration.provider,
            scheme=scheme.name,
            level=scheme.level,
            client_id=registration.client_id,
            proof=proof,
            key_id=key_id,
            target_uri=self._public_origin + arrival.target,
            algorithm=held.registered.key.algorithm.value if held else None,
            public_jwk=dict(held.registered.key.public_jwk) if held else None,
        )

    async def _find_key(
        self, parts: Parts, registration: ProviderRegistration, scheme: Scheme
    ) -> HeldKey | None:
        if scheme.names_key is None:
            return None
        held = await self._keys.find_active(scheme.names_key(parts, registration.header))
        if held is None:
            raise CallbackRefused("the key is unknown or revoked")
        client = held.registered.client
        if (client.id, client.provider) != (registration.client_id, registration.provider):
            raise CallbackRefused("the key belongs to another client")
        return held


def provider_callbacks(keys_dir: Path, keys: KeyCache, *, public_origin: str) -> ProviderCallbacks:
    """Reads the files once; a provider is registered anew by a restart."""
    registrations = read_registrations(keys_dir, SCHEMES)
    return ProviderCallbacks(registrations, SCHEMES, keys, public_origin=public_origin)


def _parts_of(arrival: Arrival, scheme: Scheme) -> Parts:
    query = arrival.target.partition("?")[2]
    if arrival.method != scheme.method:
        raise CallbackRefused(f"this provider sends its notices by {scheme.method}")
    if query and scheme.method != "GET":
        raise CallbackMalformed("nothing signs this query")
    return Parts(
        method=arrival.method,
        query=query,
        headers=arrival.headers,
        body=arrival.body,
        received_at=arrival.received_at,
    )


def _by_secret(
    parts: Parts,
    registration: ProviderRegistration,
    scheme: Scheme,
    use: Callable[[Parts, Material], Used],
) -> tuple[Used, str]:
    """The secret of today, or else the one before it while both are registered."""
    names = next(each for each in scheme.secrets if set(each) <= registration.secrets.keys())
    today = {name: registration.secrets[name] for name in names}
    before = {name: registration.secrets.get(name + PREVIOUS, today[name]) for name in names}
    try:
        return use(parts, Material(secrets=today)), secret_id(today[names[0]])
    except CallbackRefused:
        if before == today:
            raise
    return use(parts, Material(secrets=before)), secret_id(before[names[0]])


def secret_id(secret: str) -> str:
    """Tells secrets apart in the record without saying anything of them."""
    keyed = hmac.new(secret.encode(), SECRET_ID_CONTEXT, hashlib.sha256)
    return keyed.hexdigest()[:SECRET_ID_LENGTH]
