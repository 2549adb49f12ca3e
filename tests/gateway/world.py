"""A whole gateway for a test: its database, its clients' keys, and services that are played."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from chassis.canonical import canonical_json
from chassis.clock import Clock
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.keys import load_private_key, thumbprint
from chassis.message_signatures import CALLBACK, FEE_REQUEST, READ, RequestSigner, Shape
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from gateway.assembly.development_clients import register_development_clients
from gateway.domain.errors import UpstreamUnavailable
from gateway.main import create_app
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.settings import GatewaySettings

ORIGIN = "http://127.0.0.1:8400"
DOSSIER = json.dumps({"procedure_code": "1.001", "quantities": {"LP-1": 1}}).encode()
PAYMENT_INTENT_ID = "0199a000-0000-7000-8000-000000000001"
DOSSIER_ID = "0199a000-0000-7000-8000-000000000002"

Answer = Callable[[UpstreamRequest], Awaitable[UpstreamAnswer]]


def json_answer(value: Any, status: int = 200) -> UpstreamAnswer:
    return UpstreamAnswer(
        status=status,
        headers=(("content-type", "application/json"), ("server", "inner"), ("set-cookie", "a=b")),
        body=json.dumps(value).encode(),
    )


def about_payment(answer: UpstreamAnswer) -> UpstreamAnswer:
    """As the payment service says which payment a notice was about, to the gateway alone."""
    named = ("lephi-payment-intent", PAYMENT_INTENT_ID)
    return replace(answer, headers=(*answer.headers, named))


@dataclass
class FakeUpstream:
    """Remembers what reached it, and answers as told."""

    requests: list[UpstreamRequest] = field(default_factory=list)
    answers: dict[tuple[str, str], Answer | UpstreamAnswer] = field(default_factory=dict)
    down: bool = False

    async def send(self, request: UpstreamRequest) -> UpstreamAnswer:
        self.requests.append(request)
        if self.down:
            raise UpstreamUnavailable(request.service)
        answer = self.answers.get((request.method, request.target.partition("?")[0]))
        if answer is None:
            return json_answer({})
        return answer if isinstance(answer, UpstreamAnswer) else await answer(request)

    async def close(self) -> None:
        return


@dataclass
class World:
    settings: GatewaySettings
    database: Database
    upstream: FakeUpstream
    clock: FrozenClock
    app: FastAPI
    http: httpx.AsyncClient

    def signer(self, client_id: str) -> RequestSigner:
        return signer_of(self.settings, client_id, clock=self.clock)

    async def send(self, request: "Signed") -> httpx.Response:
        return await self.http.request(
            request.method, request.target, content=request.body, headers=request.headers
        )

    def dossier(self, body: bytes = DOSSIER, **extra: str) -> "Signed":
        key = extra.get("key", "order-0001")
        return self.sign("portal-demo", "POST", "/v1/dossiers", body, key=key)

    def sign(
        self, client_id: str, method: str, target: str, body: bytes | None, *, key: str = ""
    ) -> "Signed":
        shape = _shape(method, target)
        extra = {"idempotency-key": key or "order-0001"} if shape is FEE_REQUEST else {}
        headers = self.signer(client_id).headers(
            method, ORIGIN + target, body, shape=shape, extra=extra
        )
        return Signed(method, target, list(headers.items()), body or b"")

    def read(self, target: str) -> "Signed":
        return self.sign("portal-demo", "GET", target, None)

    def notification(self, body: bytes = b'{"notice_id":"n-1"}') -> "Signed":
        return self.sign("bank-sandbox", "POST", "/v1/provider-notifications/sandbox", body)


@dataclass
class Signed:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def with_header(self, name: str, value: str | None) -> "Signed":
        kept = [(key, old) for key, old in self.headers if key.lower() != name]
        return Signed(
            self.method,
            self.target,
            kept if value is None else [*kept, (name, value)],
            self.body,
        )

    def header(self, name: str) -> str:
        return next(value for key, value in self.headers if key.lower() == name)


def _shape(method: str, target: str) -> Shape:
    if method == "GET":
        return READ
    return CALLBACK if target.startswith("/v1/provider-notifications") else FEE_REQUEST


def signer_of(settings: GatewaySettings, client_id: str, *, clock: Clock) -> RequestSigner:
    key = load_private_key(settings.keys_dir / "clients" / f"{client_id}.key.pem")
    return RequestSigner(client_id, thumbprint(key.public_key()), key, clock=clock, ids=SystemIds())


def settings_for(database_url: str, var_dir: Path, **more: Any) -> GatewaySettings:
    ensure_development_keys(var_dir)
    return GatewaySettings(
        database_url=database_url,
        var_dir=var_dir,
        keys_dir=var_dir / "keys",
        argon2_time_cost=1,
        argon2_memory_kibibytes=8,
        **{"evidence_wait_seconds": 0.0, **more},
    )


async def make_world(
    settings: GatewaySettings, database: Database, *, clock: FrozenClock | None = None
) -> World:
    clock = clock or FrozenClock()
    upstream = FakeUpstream()
    app = create_app(settings, upstream=upstream, database=database, clock=clock, ids=SystemIds())
    await register_development_clients(settings, database=database, clock=clock)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)
    return World(settings, database, upstream, clock, app, http)


def payment_body(**changes: Any) -> Mapping[str, Any]:
    """What the payment service says of an intent that waits for its confirmation."""
    return {
        "id": PAYMENT_INTENT_ID,
        "dossier_id": DOSSIER_ID,
        "dossier_code": "H19.25-261123-0001",
        "client_id": "portal-demo",
        "agency": {"code": "H19.25", "name": "Sở Tư pháp tỉnh Đồng Nai"},
        "payee": {
            "bank_bin": "970436",
            "account_number": "0123456789",
            "account_name": "KHO BAC NHA NUOC",
        },
        "lines": [
            {
                "line_code": "LP-1",
                "name": "Lệ phí cấp phiếu lý lịch tư pháp",
                "kind": "le_phi",
                "quantity": 1,
                "amount": {"amount": 150_000, "currency": "VND"},
                "legal_basis": "Thông tư 16/2025/TT-BTC",
            }
        ],
        "amount": {"amount": 150_000, "currency": "VND"},
        "status": "created",
        "created_at": "2026-11-23T01:59:00Z",
        "expires_at": "2026-11-24T02:00:00Z",
        "bill_reference": None,
        "qr_payload": None,
        "paid_at": None,
        **changes,
    }


def canonical(value: Any) -> bytes:
    return canonical_json(value)
