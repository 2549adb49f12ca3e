"""The sandbox bank with its players, and a stand-in for the gateway, both served on loopback."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from deploy.sandbox_bank.main import create_bank
from deploy.sandbox_bank.settings import BankSettings
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts
from services.payment.ports.providers import Provider, ProviderAnswer
from services.payment.providers import ProviderTools, build_providers


@dataclass
class Gateway:
    """Takes notices as they come, and answers 200 with what a test wants said."""

    told: list[Parts] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    says: Callable[[Parts], ProviderAnswer] = lambda _parts: ProviderAnswer(body=b"{}")
    # Whose tokens are given out.
    secrets: dict[str, str] = field(default_factory=dict)

    async def take(self, request: Request) -> Response:
        parts = Parts(
            method=request.method,
            query=request.url.query,
            headers=tuple((name.lower(), value) for name, value in request.headers.items()),
            body=await request.body(),
            received_at=SystemClock().now(),
        )
        if request.url.path.endswith("/api/token_generate"):
            return self._token(parts)
        self.told.append(parts)
        self.paths.append(request.url.path)
        said = self.says(parts)
        return Response(said.body, status_code=said.status, media_type=said.media_type)

    def _token(self, parts: Parts) -> Response:
        issue = SCHEMES["vietqr"].issue
        assert issue is not None
        token = issue(parts, Material(secrets=self.secrets))
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    async def heard(self, times: int = 1) -> list[Parts]:
        async with asyncio.timeout(10):
            while len(self.told) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.told


@dataclass
class Town:
    gateway: Gateway
    bank_url: str
    keys_dir: Path
    http: httpx.AsyncClient

    def provider(self, name: str) -> Provider:
        clock = SystemClock()
        tools = ProviderTools(
            client=self.http,
            clock=clock,
            ids=SystemIds(clock),
            keys_dir=self.keys_dir,
            sandbox_bank_url=self.bank_url,
            public_origin="http://gateway.test",
        )
        return build_providers([name], tools)[name]

    def proves(self, scheme: str, parts: Parts) -> None:
        """By the gateway's own scheme and secrets; raises what the gateway would refuse with."""
        verify = SCHEMES[scheme].verify
        assert verify is not None
        verify(parts, Material(secrets=secrets_of(self.keys_dir, scheme)))

    async def control(self, path: str, **body: Any) -> dict[str, Any]:
        reply = await self.http.post(f"{self.bank_url}/{path}", json=body)
        assert reply.is_success, reply.text
        said: dict[str, Any] = reply.json()
        return said


def secrets_of(keys_dir: Path, provider: str) -> dict[str, str]:
    """What the gateway was given to check with."""
    said = json.loads((keys_dir / "providers" / f"{provider}.json").read_text("utf-8"))
    found: dict[str, str] = said["secrets"]
    return found


@asynccontextmanager
async def town(var_dir: Path) -> AsyncIterator[Town]:
    """`var_dir` holds the development keys: see the fixture `towns_keys`."""
    gateway, app = Gateway(), FastAPI()
    app.add_api_route("/{path:path}", gateway.take, methods=["GET", "POST"])
    bank_socket = listening()
    bank_url = f"http://127.0.0.1:{bank_socket.getsockname()[1]}"
    keys_dir = var_dir / "keys"
    gateway.secrets = secrets_of(keys_dir, "vietqr")
    async with served(app, listening()) as gateway_url:
        settings = BankSettings(
            gateway_url=gateway_url,
            key=keys_dir / "clients" / "bank-sandbox.key.pem",
            keys_dir=keys_dir,
            own_url=bank_url,
            first_pause_seconds=0.01,
        )
        async with (
            served(create_bank(settings), bank_socket),
            httpx.AsyncClient(timeout=10) as http,
        ):
            yield Town(gateway=gateway, bank_url=bank_url, keys_dir=keys_dir, http=http)


@asynccontextmanager
async def served(
    app: FastAPI, listening: socket.socket, *, lifespan: Literal["auto", "off"] = "auto"
) -> AsyncIterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", access_log=False, lifespan=lifespan)
    )
    task = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def listening() -> socket.socket:
    """On a port of the system's choice."""
    return socket.create_server(("127.0.0.1", 0))
