"""The whole platform in this process, and the bank with all played providers, over real HTTP.

Both sides live by one clock that stands still until a test moves it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from sqlalchemy import func, select

from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.embedded import Embedded, Outside, create_embedded
from deploy.sandbox_bank.main import create_bank
from deploy.sandbox_bank.settings import BankSettings
from services.payment.api.dependencies import Tools
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.ports.providers import Cheque
from services.payment.storage.discrepancies.tables import DISCREPANCY
from services.payment.storage.ledger.tables import LEDGER_ENTRY
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.intents.open_payment import open_payment
from services.payment.use_cases.intents.start_attempt import (
    AttemptTools,
    WantedAttempt,
    start_attempt,
)
from services.receipt.storage.receipts.tables import RECEIPT
from tests.payment.providers.over_http import served
from tests.payment.samples import a_confirmation, an_intent, new_id

WARD = "H19.101"
CHEQUE = Cheque(number="AC0012345", drawee_bank_bin="970436")
PAYER = {
    "full_name": "Nguyễn Thị Ánh",
    "address": "Phường Trấn Biên",
    "identity_number": None,
    "tax_code": None,
    "email": None,
    "phone": None,
}
LOOKS, LOOK_SECONDS = 400, 0.05
Found = TypeVar("Found")


@dataclass
class Town:
    platform: Embedded
    clock: FrozenClock
    bank_url: str
    http: httpx.AsyncClient

    @property
    def tools(self) -> Tools:
        tools: Tools = self.platform.services["payment"].state.tools
        return tools

    async def owe(self, *methods: Method, hours: int = 24) -> PaymentIntent:
        """A fee of a ward that its payer has agreed to pay by these methods."""
        intent = an_intent(
            agency_code=WARD,
            agency_name="Ủy ban nhân dân phường Trấn Biên",
            created_at=self.clock.now(),
            expires_at=self.clock.now() + timedelta(hours=hours),
            payer_sealed=self.platform_seal(),
        )
        await open_payment(
            intent,
            lifetime=timedelta(hours=24),
            caused_by=new_id(),
            uow=self.tools.open_uow(),
            clock=self.clock,
        )
        for method in methods:
            await confirm_payment(
                intent.id,
                a_confirmation(method=method, confirmed_at=self.clock.now()),
                provider="sandbox",
                uow=self.tools.open_uow(),
                clock=self.clock,
                ids=self.platform.ids,
            )
        return await self.intent(intent.id)

    def platform_seal(self) -> str:
        """Somebody's name and address, as it travels."""
        seals = Sealer.from_directory(self.platform.settings["payment"].keys_dir / "sealing")
        return seals.seal(PAYER, purpose="payer")

    async def start(self, intent: PaymentIntent, method: Method, provider: str) -> PaymentAttempt:
        tools = AttemptTools(
            providers=self.tools.providers,
            routes={method: (provider,)},
            availability=self.tools.availability,
            clock=self.clock,
            ids=self.platform.ids,
        )
        wanted = WantedAttempt(
            method=method,
            return_url=f"https://dvc.example/pay/{intent.id}",
            bank_code="VCB" if method is Method.INTERNET_BANKING else None,
            cheque=CHEQUE if method is Method.E_CHEQUE else None,
        )
        started = await start_attempt(intent.id, wanted, uow=self.tools.open_uow(), tools=tools)
        if started.pay_url is not None:
            # As the payer's browser does: some providers learn of an order by that alone.
            shown = await self.http.get(started.pay_url)
            assert shown.status_code == 200, shown.text
        return started

    async def tell(self, provider: str, what: str, **body: Any) -> Any:
        """One of the control routes of a played provider, below its own address."""
        reply = await self.http.post(
            f"{self.bank_url}/providers/{provider}/sandbox/{what}", json=body
        )
        assert reply.status_code in (200, 201), reply.text
        return reply.json()

    async def intent(self, intent_id: UUID) -> PaymentIntent:
        async with self.tools.open_reading() as reading:
            return await reading.intents.get(intent_id)

    async def cases(self, intent_id: UUID | None) -> list[str]:
        async with self.platform.databases["payment"].read() as connection:
            mine = select(DISCREPANCY.c.reason).where(DISCREPANCY.c.payment_intent_id == intent_id)
            return sorted((await connection.execute(mine)).scalars())

    async def receipts(self, intent_id: UUID) -> int:
        async with self.platform.databases["receipt"].read() as connection:
            mine = select(func.count()).where(RECEIPT.c.payment_intent_id == intent_id)
            return int((await connection.execute(mine)).scalar_one())

    async def trial_balance(self) -> int:
        """Debits less credits of everything: zero, or money was made or lost."""
        async with self.platform.databases["payment"].read() as connection:
            rows = await connection.execute(
                select(
                    LEDGER_ENTRY.c.direction, func.sum(LEDGER_ENTRY.c.amount_minor_units)
                ).group_by(LEDGER_ENTRY.c.direction)
            )
            totals = {row[0]: int(row[1]) for row in rows}
        return totals.get("debit", 0) - totals.get("credit", 0)

    async def paid(self, intent: PaymentIntent) -> None:
        """Until the fee is paid and has its receipts: one for each kind of fee in it."""
        await self.until(lambda: self._has(intent, Status.SUCCEEDED))
        kinds = len({line.kind for line in intent.lines})
        await self.until(lambda: self._receipted(intent, kinds))

    async def becomes(self, intent: PaymentIntent, status: Status) -> None:
        await self.until(lambda: self._has(intent, status))

    async def has_case(self, intent_id: UUID | None, reason: str) -> None:
        async def there() -> bool:
            return reason in await self.cases(intent_id)

        await self.until(there)

    async def _has(self, intent: PaymentIntent, status: Status) -> bool:
        return (await self.intent(intent.id)).status is status

    async def _receipted(self, intent: PaymentIntent, kinds: int) -> bool:
        return await self.receipts(intent.id) == kinds

    async def until(self, there: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(LOOKS):
            if await there():
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError("it did not happen")

    async def rest(self, seconds: float = 2.5) -> None:
        """Long enough for every schedule to have had its turn."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def open_town(var_dir: Path, clock: FrozenClock) -> AsyncIterator[Town]:
    ensure_development_keys(var_dir, clock=clock)
    gateway_socket, bank_socket = _listening(), _listening()
    gateway_url, bank_url = _url(gateway_socket), _url(bank_socket)
    platform = create_embedded(
        var_dir=var_dir,
        public_origin=gateway_url,
        outside=Outside(bank_url=bank_url),
        clock=clock,
        ids=SystemIds(clock),
    )
    bank = create_bank(
        BankSettings(
            gateway_url=gateway_url,
            key=var_dir / "keys" / "clients" / "bank-sandbox.key.pem",
            keys_dir=var_dir / "keys",
            own_url=bank_url,
            first_pause_seconds=0.05,
        ),
        clock=clock,
    )
    async with (
        platform.running() as gateway,
        # Without its lifespan it does not watch its clock, which no database agrees with here.
        served(gateway, gateway_socket, lifespan="off"),
        served(bank, bank_socket),
        httpx.AsyncClient(trust_env=False, timeout=20, follow_redirects=True) as http,
    ):
        yield Town(platform, clock, bank_url, http)


def _listening() -> socket.socket:
    """Bound before anybody is told of it, so that nobody else can take the port meanwhile."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def _url(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"
