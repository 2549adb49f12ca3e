from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.auth import Caller, TokenMinter
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.main import create_app
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts
from tests.receipt.samples import SECRET, paid_fee

PORTAL = Caller(subject="portal-demo", kind="client", client_id="portal-demo")
OTHER_PORTAL = replace(PORTAL, subject="other", client_id="other")
OFFICER = Caller(
    subject="officer",
    kind="user",
    scopes=frozenset({"receipt.read"}),
    roles=frozenset({"accountant"}),
    agencies=frozenset({"H19.25"}),
)
CITIZEN = replace(OFFICER, subject="citizen", roles=frozenset())
ELSEWHERE = replace(OFFICER, subject="elsewhere", agencies=frozenset({"H01", "H19"}))
USER = replace(OFFICER, subject="unscoped", scopes=frozenset())
PUBLIC = Caller(subject="public", kind="public")

NewUow = Callable[[], SqlUnitOfWork]


@dataclass(frozen=True)
class Door:
    """Asks as the gateway would: with a token for exactly this request."""

    client: httpx.AsyncClient
    minter: TokenMinter

    async def get(
        self,
        path: str,
        caller: Caller = PORTAL,
        *,
        headers: dict[str, str] | None = None,
        **query: str | int,
    ) -> httpx.Response:
        request = self.client.build_request("GET", path, params=query or None, headers=headers)
        return await self._send(request, caller)

    async def post(self, path: str, caller: Caller, **body: Any) -> httpx.Response:
        """`body` as httpx takes it: `json=` or `content=`."""
        return await self._send(self.client.build_request("POST", path, **body), caller)

    async def _send(self, request: httpx.Request, caller: Caller) -> httpx.Response:
        token = self.minter.mint(
            audience="receipt",
            method=request.method,
            target=request.url.raw_path.decode(),
            body=request.content,
            caller=caller,
        )
        request.headers["authorization"] = f"Bearer {token}"
        return await self.client.send(request)


@pytest.fixture
async def door(
    settings: ReceiptSettings, database: Database, clock: FrozenClock
) -> AsyncIterator[Door]:
    minter = TokenMinter.from_directory(
        "gateway", settings.keys_dir / "internal", clock=clock, ids=SystemIds()
    )
    app = create_app(settings, database=database, clock=clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://receipt") as client:
        yield Door(client, minter)


@pytest.fixture
async def numbered(new_uow: NewUow, sealer: Sealer, clock: FrozenClock) -> list[Receipt]:
    """The receipts of one payment of both kinds, not signed yet."""
    fee = paid_fee(payer_sealed=sealer.seal(SECRET, purpose="payer"))
    ids = SystemIds(clock)
    paid = Paid(fee=fee, caused_by=ids.new())
    numbered = await number_receipts([paid], uow=new_uow(), seals=sealer, clock=clock, ids=ids)
    (receipts,) = numbered.receipts
    return list(receipts)


@pytest.fixture
async def issued(
    numbered: list[Receipt],
    new_uow: NewUow,
    signer: XmlReceiptSigner,
    sealer: Sealer,
    clock: FrozenClock,
) -> list[Receipt]:
    clock.advance(timedelta(milliseconds=12))
    await sign_receipts(numbered, uow=new_uow(), signer=signer, seals=sealer, clock=clock)
    return numbered
