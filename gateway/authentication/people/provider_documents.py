"""What an OpenID provider publishes about itself, fetched with limits and held a while."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog

from chassis.canonical import load_json
from chassis.clock import Clock
from chassis.errors import Malformed
from gateway.domain.people.errors import FederationUnavailable

ANSWER_SECONDS_MAX: Final = 5
ANSWER_BYTES_MAX: Final = 65536
HELD_FOR: Final = timedelta(hours=1)
# Forged tokens with unknown key names must not make us hammer the provider.
REFETCHED_EVERY: Final = timedelta(seconds=60)
KEYS_MAX: Final = 20
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
log = structlog.get_logger()

JsonObject = Mapping[str, Any]


class ProviderHttp:
    """Bounded in time and size; follows no redirect, and speaks TLS but to this very machine."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport

    async def get(self, url: str) -> JsonObject:
        return await self._send(httpx.Request("GET", url, headers={"accept": "application/json"}))

    async def post(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None = None
    ) -> JsonObject:
        request = httpx.Request(
            "POST", url, data=dict(form), headers={"accept": "application/json"}
        )
        if basic is not None:
            request = next(httpx.BasicAuth(*basic).auth_flow(request))
        return await self._send(request)

    async def _send(self, request: httpx.Request) -> JsonObject:
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                value = await self._read(request)
        except (httpx.HTTPError, TimeoutError, Malformed) as error:
            log.warning("identity provider gave no answer", error=type(error).__name__)
            raise FederationUnavailable from error
        if not isinstance(value, dict):
            raise FederationUnavailable
        return value

    async def _read(self, request: httpx.Request) -> Any:
        raw = bytearray()
        async with httpx.AsyncClient(transport=self._transport, trust_env=False) as client:
            answer = await client.send(request, stream=True, follow_redirects=False)
            try:
                if answer.status_code != httpx.codes.OK:
                    log.warning("identity provider refused", status=answer.status_code)
                    raise FederationUnavailable
                async for piece in answer.aiter_bytes():
                    raw += piece
                    if len(raw) > ANSWER_BYTES_MAX:
                        raise FederationUnavailable
            finally:
                await answer.aclose()
        return load_json(bytes(raw), limit_bytes=ANSWER_BYTES_MAX)


@dataclass
class _Held:
    metadata: JsonObject | None = None
    metadata_at: datetime | None = None
    keys: tuple[JsonObject, ...] = ()
    keys_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ProviderDocuments:
    """One provider's metadata and keys (OpenID Connect Discovery 1.0)."""

    def __init__(self, issuer: str, http: ProviderHttp, *, clock: Clock) -> None:
        require_safe(issuer, issuer=issuer)
        self._issuer = issuer
        self._http = http
        self._clock = clock
        self._held = _Held()

    async def metadata(self) -> JsonObject:
        held, now = self._held, self._clock.now()
        async with held.lock:
            if held.metadata and held.metadata_at and now - held.metadata_at < HELD_FOR:
                return held.metadata
            url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
            document = await self._http.get(url)
            if document.get("issuer") != self._issuer:
                raise FederationUnavailable
            for name in ENDPOINTS:
                require_safe(document.get(name), issuer=self._issuer)
            held.metadata, held.metadata_at = document, now
            return document

    async def key(self, key_id: str) -> JsonObject | None:
        """A key nobody told us of yet makes us ask again, once a minute at most."""
        metadata = await self.metadata()
        held, now = self._held, self._clock.now()
        async with held.lock:
            found = _named(held.keys, key_id)
            age = None if held.keys_at is None else now - held.keys_at
            stale = age is None or age >= HELD_FOR
            if stale or (found is None and age is not None and age >= REFETCHED_EVERY):
                document = await self._http.get(metadata["jwks_uri"])
                held.keys, held.keys_at = _keys(document), now
                found = _named(held.keys, key_id)
        return found


def require_safe(url: Any, *, issuer: str) -> None:
    """TLS always; plain HTTP only from a provider on this machine to this machine."""
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    near = parts.hostname in LOOPBACK and urlsplit(issuer).hostname in LOOPBACK
    if not parts.hostname or parts.username or not (parts.scheme == "https" or near):
        raise FederationUnavailable


def _keys(document: JsonObject) -> tuple[JsonObject, ...]:
    given = document.get("keys")
    if not isinstance(given, list):
        raise FederationUnavailable
    return tuple(key for key in given[:KEYS_MAX] if isinstance(key, dict))


def _named(keys: tuple[JsonObject, ...], key_id: str) -> JsonObject | None:
    return next((key for key in keys if key.get("kid") == key_id), None)
