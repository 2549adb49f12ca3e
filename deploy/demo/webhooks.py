"""The portal's end of a webhook: a small server that checks Standard Webhooks signatures itself."""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.canonical import load_json

PUBLIC_KEY_PREFIX = "whpk_"
SIGNATURE_PREFIX = "v1a,"


@dataclass(frozen=True, slots=True)
class Arrival:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        value: dict[str, Any] = load_json(self.body)
        return value

    def with_body(self, body: bytes) -> "Arrival":
        return Arrival(self.headers, body)

    def is_signed_by(self, public_key: str) -> bool:
        """Standard Webhooks: Ed25519 over "id.timestamp.body"; any one good signature will do."""
        key = Ed25519PublicKey.from_public_bytes(
            b64decode(public_key.removeprefix(PUBLIC_KEY_PREFIX))
        )
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        for signature in self.headers["webhook-signature"].split():
            if signature.startswith(SIGNATURE_PREFIX):
                try:
                    key.verify(
                        b64decode(signature.removeprefix(SIGNATURE_PREFIX)), signed + self.body
                    )
                except InvalidSignature:
                    continue
                return True
        return False


@dataclass(slots=True)
class WebhookCatcher:
    """Listens on loopback, on any free port, until closed."""

    arrivals: list[Arrival] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> "WebhookCatcher":
        app = web.Application()
        app.router.add_post("/hooks/lephi", self._catch)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/hooks/lephi"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _catch(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.arrivals.append(Arrival(headers, await request.read()))
        return web.Response(status=204)
