"""Webhooks by HTTP, signed as Standard Webhooks says, and never into our own network."""

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.clock import Clock
from chassis.keys import load_private_key
from services.notification.domain.errors import UnacceptableUrl
from services.notification.domain.sending import Outcome
from services.notification.domain.webhook_delivery import GONE
from services.notification.domain.webhook_url import check_webhook_url, is_public
from services.notification.ports import WebhookCall

TIMEOUT_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 16_384
ADDRESSES_TRIED_MAX: Final = 2
HTTP_GONE: Final = 410

# The addresses of a host and port, best first; raises OSError when there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


def load_webhook_key(keys_dir: Path) -> Ed25519PrivateKey:
    key = load_private_key(keys_dir / "notification" / "webhook.key.pem")
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("webhooks are signed with an Ed25519 key")
    return key


def public_key_text(key: Ed25519PublicKey) -> str:
    return f"whpk_{b64encode(key.public_bytes_raw()).decode()}"


def sign_webhook(key: Ed25519PrivateKey, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return f"v1a,{b64encode(key.sign(signed)).decode()}"


def open_webhook_client() -> httpx.AsyncClient:
    """For calling strangers: no proxy or password from the environment, no cookies kept, and no
    connection used twice, because one address may serve many names."""
    return httpx.AsyncClient(
        timeout=TIMEOUT_SECONDS,
        follow_redirects=False,
        trust_env=False,
        verify=ssl.create_default_context(),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        limits=httpx.Limits(max_keepalive_connections=0),
    )


async def resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class HttpWebhook:
    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        key: Ed25519PrivateKey,
        allow_private: bool,
        clock: Clock,
        resolve: Resolve = resolve,
    ) -> None:
        self._client = client
        self._key = key
        self._allow_private = allow_private
        self._clock = clock
        self._resolve = resolve

    async def post(self, call: WebhookCall) -> Outcome:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._post(call)
        except (UnacceptableUrl, httpx.InvalidURL):
            return Outcome.never("address_not_allowed")
        except (TimeoutError, httpx.TimeoutException):
            return Outcome.again("timeout")
        except (httpx.HTTPError, OSError, UnicodeError):
            # A name that does not resolve is an OSError; an unspeakable one a UnicodeError.
            return Outcome.again("unreachable")

    async def _post(self, call: WebhookCall) -> Outcome:
        check_webhook_url(call.url, allow_private=self._allow_private)
        url = httpx.URL(call.url)
        headers = self._headers(call) | {"host": url.netloc.decode()}
        addresses = await self._addresses_of(url)
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, url, headers, call.body)
            except httpx.ConnectError:
                continue
        return await self._post_to(addresses[-1], url, headers, call.body)

    async def _addresses_of(self, url: httpx.URL) -> Sequence[str]:
        """Every address of the name must be public, or none is called."""
        host = url.raw_host.decode()
        addresses = await self._resolve(host, url.port or (443 if url.scheme == "https" else 80))
        if not addresses:
            raise OSError("no address")
        if not self._allow_private and not all(map(is_public, addresses)):
            raise UnacceptableUrl("its name leads into a private network", vi="mạng nội bộ")
        return addresses[:ADDRESSES_TRIED_MAX]

    async def _post_to(
        self, address: str, url: httpx.URL, headers: dict[str, str], body: bytes
    ) -> Outcome:
        # To the very address that was checked: asked again, the name could answer another one.
        # The certificate is still checked against the name.
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            headers=headers,
            content=body,
            extensions={"sni_hostname": url.raw_host.decode()},
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            await _read_some(response)
        finally:
            await response.aclose()
        return judge(response.status_code)

    def _headers(self, call: WebhookCall) -> dict[str, str]:
        timestamp = int(self._clock.now().timestamp())
        return {
            "content-type": "application/json",
            "user-agent": "Lephi-Webhook/1",
            "accept-encoding": "identity",
            "webhook-id": call.webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign_webhook(self._key, call.webhook_id, timestamp, call.body),
        }


def judge(status_code: int) -> Outcome:
    """Any 2xx is "got it". A redirect is not followed and not a "got it"."""
    if httpx.codes.is_success(status_code):
        return Outcome.done(status_code=status_code)
    if status_code == HTTP_GONE:
        return Outcome.never(GONE, status_code=status_code)
    return Outcome.again(f"http_{status_code}", status_code=status_code)


async def _read_some(response: httpx.Response) -> None:
    """Let a polite receiver finish its answer; what it says is not looked at."""
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            return
