"""Where the demo's platform is, and what the journey has learned so far."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from chassis.clock import Clock, SystemClock
from chassis.ids import Ids, SystemIds
from chassis.keys import load_private_key
from deploy.demo.mail import MailCatcher
from deploy.demo.payer import Authenticator, DeviceKey, Session
from deploy.demo.portal import Portal
from deploy.demo.webhooks import WebhookCatcher
from deploy.gateway_answers import GatewayAnswers

PORTAL_ID: Final = "portal-demo"
TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    gateway_url: str
    bank_url: str
    # Where our mail goes; the platform was told so when it started.
    smtp_port: int
    anchors: Path
    portal_key: Path
    out: Path


@dataclass(slots=True, kw_only=True)
class Payer:
    """Filled in as the payer registers."""

    username: str
    password: str
    email: str
    device: DeviceKey = field(default_factory=DeviceKey)
    authenticator: Authenticator | None = None
    session: Session | None = None


@dataclass(slots=True, kw_only=True)
class Demo:
    place: Place
    http: httpx.AsyncClient
    portal: Portal
    mail: MailCatcher
    hooks: WebhookCatcher
    clock: Clock
    ids: Ids
    payer: Payer
    endpoint: dict[str, Any] = field(default_factory=dict)
    dossier: dict[str, Any] = field(default_factory=dict)
    intent: dict[str, Any] = field(default_factory=dict)
    # When the bank sent the notice that settled the payment.
    told_at: datetime | None = None
    receipts: list[dict[str, Any]] = field(default_factory=list)
    # The signed XML of each receipt, by its id.
    documents: dict[str, bytes] = field(default_factory=dict)
    # For journey.json.
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def intent_path(self) -> str:
        return f"/v1/payment-intents/{self.dossier['payment_intent_id']}"


@asynccontextmanager
async def open_demo(place: Place) -> AsyncIterator[Demo]:
    """A payer nobody has seen before, and catchers for their mail and the portal's webhooks."""
    ids, clock = SystemIds(), SystemClock()
    name = f"payer-{ids.new().hex[-12:]}"
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as http, WebhookCatcher() as hooks:
        portal = Portal(
            http,
            gateway_url=place.gateway_url,
            client_id=PORTAL_ID,
            key=load_private_key(place.portal_key),
            answers=GatewayAnswers.from_anchors(place.anchors, clock=clock),
        )
        with MailCatcher(place.out, port=place.smtp_port) as mail:
            yield Demo(
                place=place,
                http=http,
                portal=portal,
                mail=mail,
                hooks=hooks,
                clock=clock,
                ids=ids,
                payer=Payer(username=name, password=ids.token(), email=f"{name}@example.vn"),
            )
