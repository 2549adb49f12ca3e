"""A played provider and a listener in the gateway's place, over real HTTP on this machine."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response

from chassis.ids import SystemIds
from chassis.money import Money
from chassis.testing import FrozenClock
from deploy.development_providers import PROVIDERS
from deploy.sandbox_providers.main import create_players
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import ProviderNotice, Verdict
from services.payment.ports.providers import (
    CheckoutOrder,
    OrderSeed,
    Provider,
    Question,
    RefundOrder,
)
from services.payment.providers import ProviderTools, build_providers
from tests.payment.providers.over_http import served
from tests.payment.samples import FEE, NOON

SECRET = "DEVELOPERSECRETKEY00000000000000"
BILL = "LP0123456789"
RECEIVED = Verdict(status="kept", payment_intent_id=None, provider_reference="1", discrepancy=None)


@dataclass(frozen=True, slots=True)
class Heard:
    """A notice as it came to the gateway's door."""

    method: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.query.encode() if self.method == "GET" else self.body


@dataclass
class Street:
    provider: Provider
    secrets: Mapping[str, str]
    url: str
    client: httpx.AsyncClient
    clock: FrozenClock
    place: Path
    heard: list[Heard] = field(default_factory=list)

    async def tell(self, order_reference: str, what: str, **told: Any) -> Any:
        """One of the control routes: pay, decline, notify."""
        place = f"{self.url}/sandbox/orders/{order_reference}/{what}"
        reply = await self.client.post(place, json=told)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def notices(self, count: int) -> list[ProviderNotice]:
        """As soon as so many are heard."""
        for _ in range(500):
            if len(self.heard) >= count:
                break
            await asyncio.sleep(0.01)
        return [self.provider.parse_notification(one.raw) for one in self.heard]

    def rebuilt(self, *, secret: str = SECRET, client: httpx.AsyncClient | None = None) -> Provider:
        """The same provider as one who holds other secrets, or another client, speaks with it."""
        name = self.provider.name
        write_provider(self.place, name, secret=secret)
        origin = self.url.removesuffix(f"/providers/{name}")
        tools = ProviderTools(
            client=client or self.client,
            clock=self.clock,
            ids=SystemIds(),
            keys_dir=self.place,
            sandbox_bank_url=origin,
            public_origin=origin,
        )
        return build_providers([name], tools)[name]

    def order(self, method: Method, *, number: int = 1, amount: Money = FEE) -> CheckoutOrder:
        seed = OrderSeed(bill_reference=BILL, number=number, started_at=NOON)
        return CheckoutOrder(
            order_reference=self.provider.order_reference(seed),
            bill_reference=BILL,
            amount=amount,
            description=f"Nop le phi ho so {BILL}",
            method=method,
            bank_code=None,
            language="vi",
            client_ip="203.0.113.9",
            return_url="https://dvc.example.vn/tra-ve?id=1&x=2",
            started_at=NOON,
            expires_at=NOON + timedelta(minutes=15),
        )


def question(order: CheckoutOrder) -> Question:
    return Question(
        order_reference=order.order_reference,
        provider_reference=None,
        bill_reference=BILL,
        account_number=None,
        amount=order.amount,
        since=order.started_at,
    )


def refund_of(order: CheckoutOrder, provider_reference: str, **changes: Any) -> RefundOrder:
    facts: dict[str, Any] = {
        "refund_reference": "RF0123456789ABCDEFGHJKMNPQRSTV",
        "order_reference": order.order_reference,
        "provider_reference": provider_reference,
        "paid": order.amount,
        "amount": order.amount,
        "description": "Hoan le phi",
        "paid_at": NOON,
        "ordered_by": "officer-1",
        "ordered_at": NOON + timedelta(days=1),
    }
    return RefundOrder(**facts | changes)


def write_provider(place: Path, name: str, *, secret: str = SECRET) -> Mapping[str, str]:
    """Its file as the payment service and the player read it; says the secrets."""
    said = PROVIDERS[name]
    secrets = {one: f"{one}-{secret}" for one in said.secrets}
    folder = place / "payment-providers"
    folder.mkdir(parents=True, exist_ok=True)
    file = {"facts": dict(said.facts), "secrets": secrets}
    (folder / f"{name}.json").write_text(json.dumps(file))
    return secrets


@asynccontextmanager
async def open_street(name: str, place: Path) -> AsyncIterator[Street]:
    secrets = write_provider(place, name)
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    clock, ids = FrozenClock(NOON), SystemIds()
    async with httpx.AsyncClient(timeout=5) as client:
        players = create_players(
            keys_dir=place,
            own_url=origin,
            gateway_url=origin,
            book_path=None,
            client=client,
            tools=(clock, ids),
        )
        tools = ProviderTools(
            client=client,
            clock=clock,
            ids=ids,
            keys_dir=place,
            sandbox_bank_url=origin,
            public_origin=origin,
        )
        street = Street(
            provider=build_providers([name], tools)[name],
            secrets=secrets,
            url=f"{origin}/providers/{name}",
            client=client,
            clock=clock,
            place=place,
        )
        app = _with_door(street)
        app.include_router(players.router)
        async with served(app, listening):
            yield street
        await players.close()


def _with_door(street: Street) -> FastAPI:
    app = FastAPI()

    @app.api_route("/v1/provider-notifications/{provider}", methods=["GET", "POST"])
    async def listen(request: Request) -> Response:
        heard = Heard(
            method=request.method,
            query=request.url.query,
            headers=tuple(request.headers.items()),
            body=await request.body(),
        )
        street.heard.append(heard)
        answer = street.provider.answer(heard.raw, RECEIVED)
        if answer is None:
            return Response(b"{}", media_type="application/json")
        return Response(answer.body, answer.status, media_type=answer.media_type)

    return app
