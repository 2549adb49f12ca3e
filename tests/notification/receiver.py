"""A client's end of a webhook: a real HTTP server on loopback that answers what it is told to."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Arrival:
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """Answers the given statuses in turn, then 204."""

    statuses: list[int] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer_body: bytes = b""
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> "Receiver":
        app = web.Application()
        app.router.add_post("/hooks", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/hooks"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.arrivals.append(Arrival(headers, await request.read()))
        status = self.statuses.pop(0) if self.statuses else 204
        body = self.answer_body if status != 204 else None
        return web.Response(status=status, headers=self.answer_headers, body=body)


def verifies(public_key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """What a receiver does, written from the README's recipe and not from our code."""
    key = Ed25519PublicKey.from_public_bytes(b64decode(public_key.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for signature in headers["webhook-signature"].split():
        if signature.startswith("v1a,"):
            try:
                key.verify(b64decode(signature.removeprefix("v1a,")), signed)
            except InvalidSignature:
                continue
            return True
    return False
