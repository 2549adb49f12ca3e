import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.auth import TokenMinter
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.verifier import Verdict, verify_file
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.main import create_app
from services.receipt.ports.signing import XmlSigner
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.signed_book import JwsBookSigner, XmlOriginals
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.reports.reporting import SqlReporting
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts
from services.receipt.use_cases.reports.draw_up_books import BookTools
from tests.receipt.api.conftest import Door
from tests.receipt.samples import SECRET, line, paid_fee

SERIES = ReceiptSeries(agency_code="H19.25", form_code="01BLP0-001", symbol="AA-26E")


@dataclass
class Office:
    """Receipts of some days, and whoever reports them."""

    database: Database
    new_uow: Callable[[], SqlUnitOfWork]
    signer: XmlSigner
    seals: Sealer
    clock: FrozenClock
    tools: BookTools
    anchors: dict[str, Any]
    folder: Path
    issued: list[Receipt] = field(default_factory=list)

    async def number(self, *amounts: int, kind: str = "le_phi") -> list[Receipt]:
        ids = SystemIds(self.clock)
        made: list[Receipt] = []
        sealed = self.seals.seal(SECRET, purpose="payer")
        for amount in amounts:
            fee = paid_fee(line(kind, amount), intent_id=uuid4(), payer_sealed=sealed)
            self.clock.advance(timedelta(seconds=1))
            numbered = await number_receipts(
                [Paid(fee=fee, caused_by=uuid4())],
                uow=self.new_uow(),
                seals=self.seals,
                clock=self.clock,
                ids=ids,
            )
            made += numbered.receipts[0]
        return made

    async def sign(self, receipts: list[Receipt]) -> None:
        await sign_receipts(
            receipts, uow=self.new_uow(), signer=self.signer, seals=self.seals, clock=self.clock
        )

    async def issue(self, *amounts: int, kind: str = "le_phi") -> list[Receipt]:
        made = await self.number(*amounts, kind=kind)
        await self.sign(made)
        self.issued += made
        return made

    def next_day(self) -> None:
        self.clock.advance(timedelta(days=1))

    async def spoil(self, statement: str, **values: object) -> None:
        async with self.database.begin() as connection:
            await connection.execute(text(statement), values)

    async def judge(self, raw: bytes) -> Verdict:
        file = self.folder / f"{uuid4().hex}.jsonl"
        await asyncio.to_thread(file.write_bytes, raw)
        return await asyncio.to_thread(verify_file, file, anchors=self.anchors)


@pytest.fixture
def office(
    database: Database,
    new_uow: Callable[[], SqlUnitOfWork],
    signer: XmlSigner,
    signing_key: FileSigner,
    sealer: Sealer,
    clock: FrozenClock,
    keys_dir: Path,
    tmp_path: Path,
) -> Office:
    anchors = keys_dir.parent / "trust" / "anchors.json"
    tools = BookTools(
        open_reporting=lambda: SqlReporting(database),
        signer=JwsBookSigner(OneSigner(signing_key)),
        originals=XmlOriginals(),
        clock=clock,
    )
    return Office(
        database=database,
        new_uow=new_uow,
        signer=signer,
        seals=sealer,
        clock=clock,
        tools=tools,
        anchors=json.loads(anchors.read_text("utf-8")),
        folder=tmp_path,
    )


@pytest.fixture
async def door(office: Office, settings: ReceiptSettings) -> AsyncIterator[Door]:
    minter = TokenMinter.from_directory(
        "gateway", settings.keys_dir / "internal", clock=office.clock, ids=SystemIds()
    )
    app = create_app(settings, database=office.database, clock=office.clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://receipt") as client:
        yield Door(client, minter)
