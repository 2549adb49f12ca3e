"""A provider's adapter and its player, with a real connection between them.

The player's notices go to a platform that judges them as the gateway does, reads them with the
adapter, and answers with the adapter's own answer.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from chassis.canonical import load_json
from chassis.errors import Refused
from chassis.money import Money
from chassis.testing import FakeIds, FrozenClock
from deploy.development_providers import ensure_development_providers
from deploy.sandbox_providers.main import Players, create_players
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.notices.provider_notification import (
    ProviderNotice,
    Reception,
    Verdict,
)
from services.payment.ports.providers import (
    CheckoutOrder,
    OrderLine,
    OrderSeed,
    OrderSubject,
    Question,
    RefundOrder,
)
from services.payment.providers import ProviderTools, build_providers
from services.payment.providers.wire import WiredProvider
from tests.payment.samples import FEE, NOON, PAYEE

BILL = "LP0123456789"
SUBJECT = OrderSubject(
    dossier_code="H19.25-261123-0001",
    procedure_code="2.000488",
    procedure_name="Cấp phiếu lý lịch tư pháp",
    agency_code="H19.25",
    agency_name="Sở Tư pháp",
    payee=PAYEE,
)
LINES = (
    OrderLine(kind=FeeKind.PHI, code="LLTP-01", name="Phí lý lịch tư pháp", amount=Money(100_000)),
    OrderLine(kind=FeeKind.LE_PHI, code="HT-02", name="Lệ phí hộ tịch", amount=Money(50_000)),
)


@dataclass
class Platform:
    """In place of the gateway and the payment service behind it."""

    provider: WiredProvider
    secrets: dict[str, str]
    clock: FrozenClock
    reception: Reception = Reception.RECORDED
    notices: list[ProviderNotice] = field(default_factory=list)
    forged: int = 0
    # A payment service that takes the notices; without one all are kept.
    take: Callable[[bytes], Awaitable[Verdict]] | None = None
    heard: "asyncio.Queue[ProviderNotice]" = field(default_factory=asyncio.Queue)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = Parts(
            method=request.method,
            query=request.url.query.decode(),
            headers=tuple((name.lower(), value) for name, value in request.headers.items()),
            body=await request.aread(),
            received_at=self.clock.now(),
        )
        scheme = SCHEMES[self.provider.name]
        names = next(one for one in scheme.secrets if set(one) <= self.secrets.keys())
        material = Material(secrets={name: self.secrets[name] for name in names})
        assert scheme.verify is not None
        assert scheme.method == request.method
        try:
            scheme.verify(parts, material)
        except Refused:
            self.forged += 1
            return httpx.Response(401)
        raw = parts.body or parts.query.encode()
        notice = self.provider.parse_notification(raw)
        self.notices.append(notice)
        verdict = await self.take(raw) if self.take else self._kept(notice)
        self.heard.put_nowait(notice)
        answer = self.provider.answer(raw, verdict)
        assert answer is not None
        return httpx.Response(answer.status, content=answer.body)

    def _kept(self, notice: ProviderNotice) -> Verdict:
        return Verdict(
            status="kept",
            payment_intent_id=None,
            provider_reference=notice.provider_reference,
            discrepancy=None,
            reception=self.reception,
        )


@dataclass
class Stage:
    provider: WiredProvider
    players: Players
    platform: Platform
    client: httpx.AsyncClient
    clock: FrozenClock
    url: str

    def order(self, method: Method, **changes: Any) -> CheckoutOrder:
        now = self.clock.now()
        seed = OrderSeed(bill_reference=BILL, number=1, started_at=now)
        facts: dict[str, Any] = {
            "order_reference": self.provider.order_reference(seed),
            "bill_reference": BILL,
            "amount": FEE,
            "description": "Nop phi H19.25-261123-0001",
            "method": method,
            "bank_code": None,
            "language": "vi",
            "client_ip": "203.0.113.7",
            "return_url": "https://dvc.example.vn/tra-ve",
            "started_at": now,
            "expires_at": now + timedelta(hours=1),
            "lines": LINES,
            "subject": SUBJECT,
        }
        return CheckoutOrder(**facts | changes)

    def question(self, order: CheckoutOrder) -> Question:
        return Question(
            order_reference=order.order_reference,
            provider_reference=None,
            bill_reference=BILL,
            account_number=None,
            amount=order.amount,
            since=order.started_at,
        )

    def refund_order(
        self, order: CheckoutOrder, paid: ProviderNotice, **changes: Any
    ) -> RefundOrder:
        facts: dict[str, Any] = {
            "refund_reference": "R000000000001",
            "order_reference": order.order_reference,
            "provider_reference": paid.provider_reference,
            "paid": paid.amount,
            "amount": paid.amount,
            "description": "Hoan phi",
            "paid_at": paid.paid_at,
            "ordered_by": "ketoan",
            "ordered_at": self.clock.now(),
        }
        return RefundOrder(**facts | changes)

    async def act(self, order: CheckoutOrder | PaymentAttempt, what: str, **told: Any) -> Any:
        """As a person at the played provider's controls."""
        place = f"{self.url}/sandbox/orders/{order.order_reference}/{what}"
        reply = await self.client.post(place, json=told)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def pay(self, order: CheckoutOrder, **told: Any) -> ProviderNotice:
        """Paid, told to the platform once, and that notice."""
        await self.act(order, "pay", **{"behaviour": "silent", **told})
        told_once = (await self.act(order, "notify"))[0]
        assert told_once["heard"], told_once
        return self.platform.notices[-1]


@asynccontextmanager
async def staged(name: str, keys_dir: Path) -> AsyncIterator[Stage]:
    ensure_development_providers(keys_dir, write=_write)
    clock, ids = FrozenClock(NOON), FakeIds()
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx.AsyncClient() as client:
        tools = ProviderTools(
            client=client,
            clock=clock,
            ids=ids,
            keys_dir=keys_dir,
            sandbox_bank_url=origin,
            public_origin="http://platform",
        )
        provider = build_providers([name], tools)[name]
        assert isinstance(provider, WiredProvider)
        said = load_json((keys_dir / "payment-providers" / f"{name}.json").read_bytes())
        platform = Platform(provider, said["secrets"], clock)
        teller = httpx.AsyncClient(transport=httpx.MockTransport(platform))
        players = create_players(
            keys_dir=keys_dir,
            own_url=origin,
            gateway_url="http://platform",
            book_path=None,
            client=teller,
            tools=(clock, ids),
        )
        app = FastAPI()
        app.include_router(players.router)
        async with _listening(app, listener):
            yield Stage(provider, players, platform, client, clock, f"{origin}/providers/{name}")
        await players.close()
        await teller.aclose()


@asynccontextmanager
async def _listening(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    yield
    await server.shutdown(sockets=[listener])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
