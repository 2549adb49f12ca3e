"""A province where VNPT issues for one agency and Viettel for another, both played on loopback."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.development_issuers import write_development_issuer
from deploy.sandbox_issuers.behaviour import Behaviour, Mode
from deploy.sandbox_issuers.desk import Desk
from deploy.sandbox_issuers.main import play_issuers
from services.receipt.domain.receipts.fee import PaidFee
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.outside import Issuers
from services.receipt.providers.outside import build_issuers
from services.receipt.providers.outside.config import by_agency, read_configs
from services.receipt.storage.outside.tables import OUTSIDE_FINDING, OUTSIDE_ISSUE
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.tables import OUTBOX
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.outside.ask_outside import ask_outside
from services.receipt.use_cases.outside.check_outside import check_continuity, check_outside
from services.receipt.use_cases.outside.tools import AskTools
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from tests.payment.providers.over_http import listening, served
from tests.receipt.samples import BODY, NOON, OTHER_BODY, SECRET, line, paid_fee

VNPT, VIETTEL = "vnpt", "viettel"
# Shorter than the sandbox's silences, longer than anything it says.
PATIENCE_SECONDS: Final = 0.5
DAYS: Final = 7
AGENCIES: Final[Mapping[str, str]] = {VNPT: "H19.25", VIETTEL: "H19.31"}


def register(keys_dir: Path) -> None:
    for name, agency in AGENCIES.items():
        write_development_issuer(keys_dir, name, kind=name, agencies=[agency])


@dataclass
class Town:
    database: Database
    clock: FrozenClock
    sealer: Sealer
    keys_dir: Path
    issuers: Issuers
    desks: Mapping[str, Desk]
    url: str

    @property
    def tools(self) -> AskTools:
        return AskTools(
            open_uow=self.new_uow, seals=self.sealer, clock=self.clock, ids=SystemIds(self.clock)
        )

    def new_uow(self) -> SqlUnitOfWork:
        mine = by_agency(read_configs(self.keys_dir, sandbox_url=self.url))
        return SqlUnitOfWork(
            self.database, clock=self.clock, ids=SystemIds(self.clock), issuers=mine
        )

    async def pay(
        self, issuer: str = VNPT, *, fee: PaidFee | None = None, event_id: UUID | None = None
    ) -> Sequence[Receipt]:
        """A payment of one lệ phí, told once; what was numbered here and now."""
        numbered = await number_receipts(
            [Paid(fee=fee or self.fee(issuer), caused_by=event_id or uuid4())],
            uow=self.new_uow(),
            seals=self.sealer,
            clock=self.clock,
            ids=SystemIds(self.clock),
        )
        (receipts,) = numbered.receipts
        return receipts

    def fee(self, *issuers: str, **changes: Any) -> PaidFee:
        lines = [line("le_phi", 90_000, agency_code=AGENCIES.get(one, one)) for one in issuers]
        sealed = self.sealer.seal({**SECRET, **changes}, purpose="payer")
        return paid_fee(*lines, intent_id=uuid4(), payer_sealed=sealed)

    async def ask(self, issuer: str = VNPT) -> int:
        return await ask_outside(self.issuers[issuer], tools=self.tools)

    async def check(self, issuer: str = VNPT) -> int:
        asked = await check_outside(self.issuers[issuer], days=DAYS, tools=self.tools)
        await check_continuity(self.issuers[issuer], days=DAYS, tools=self.tools)
        return asked

    def tell(self, mode: Mode, operation: str = "", issuer: str = VNPT, **more: Any) -> None:
        self.desks[issuer].manners.tell(Behaviour(mode=mode, operation=operation, **more))

    def asked(self, issuer: str = VNPT) -> list[str]:
        return self.desks[issuer].manners.asked

    def their_numbers(self, issuer: str = VNPT) -> list[int]:
        desk = self.desks[issuer]
        return [one.number for one in reversed(desk.book.list_of(desk.name))]

    async def orders(self) -> list[Any]:
        return await self._rows(select(OUTSIDE_ISSUE).order_by(OUTSIDE_ISSUE.c.id))

    async def states(self) -> list[str]:
        return [one.state for one in await self.orders()]

    async def findings(self) -> list[tuple[str, bool]]:
        """Each reason, and whether it is open still."""
        rows = await self._rows(select(OUTSIDE_FINDING).order_by(OUTSIDE_FINDING.c.id))
        return [(one.reason, one.closed_at is None) for one in rows]

    async def receipts(self, *fees: PaidFee) -> list[Receipt]:
        archive = SqlArchive(self.database)
        return [
            receipt
            for fee in fees
            for receipt in await archive.list_of_payment(fee.payment_intent_id)
        ]

    async def said(self) -> list[dict[str, Any]]:
        rows = await self._rows(select(OUTBOX).order_by(OUTBOX.c.id))
        return [json.loads(one.body) for one in rows]

    async def _rows(self, query: Any) -> list[Any]:
        async with self.database.read() as connection:
            return list((await connection.execute(query)).all())


@asynccontextmanager
async def town(
    database: Database, clock: FrozenClock, sealer: Sealer, keys_dir: Path, book: Path | None = None
) -> AsyncIterator[Town]:
    register(keys_dir)
    played = play_issuers(keys_dir=keys_dir, book_path=book)
    async with (
        served(played.app, listening()) as url,
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client,
    ):
        async with SqlUnitOfWork(database, clock=clock, ids=SystemIds(clock)) as uow:
            await uow.collecting_bodies.save(BODY, published_at=NOON)
            await uow.collecting_bodies.save(OTHER_BODY, published_at=NOON)
        yield Town(
            database=database,
            clock=clock,
            sealer=sealer,
            keys_dir=keys_dir,
            issuers=build_issuers(read_configs(keys_dir, sandbox_url=url), client),
            desks=played.desks,
            url=url,
        )
