"""A receipt house with a vault, and whoever spoils either of its two copies behind its back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from chassis.canonical import sha256_hex
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason, KeepingState
from services.receipt.domain.receipts.receipt import Document, Form, Receipt
from services.receipt.ports.keeping import FindingFilter, Vault
from services.receipt.ports.signing import XmlSigner
from services.receipt.storage.keeping.keeping import SqlKeeping
from services.receipt.storage.keeping.tables import KEPT_DOCUMENT
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.keeping.check_kept import check_kept
from services.receipt.use_cases.keeping.keep_documents import keep_documents
from services.receipt.use_cases.keeping.tools import KeepTools
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts
from tests.receipt.samples import SECRET, line, paid_fee

CHECK_WITHIN = timedelta(days=30)


@dataclass
class House:
    database: Database
    new_uow: Callable[[], SqlUnitOfWork]
    signer: XmlSigner
    seals: Sealer
    clock: FrozenClock
    root: Path
    vault: Vault
    issued: list[Receipt] = field(default_factory=list)

    def open_keeping(self) -> SqlKeeping:
        return SqlKeeping(self.database)

    def tools(self, vault: Vault | None = None) -> KeepTools:
        return KeepTools(
            open_keeping=self.open_keeping,
            vault=vault or self.vault,
            clock=self.clock,
            ids=SystemIds(self.clock),
            check_within=CHECK_WITHIN,
        )

    async def issue(self, many: int = 1, *, agency_code: str = "H19.25") -> list[Receipt]:
        ids = SystemIds(self.clock)
        sealed = self.seals.seal(SECRET, purpose="payer")
        made: list[Receipt] = []
        for _ in range(many):
            charge = line("le_phi", 100_000, agency_code=agency_code)
            fee = paid_fee(charge, intent_id=uuid4(), payer_sealed=sealed)
            self.clock.advance(timedelta(seconds=1))
            numbered = await number_receipts(
                [Paid(fee=fee, caused_by=uuid4())],
                uow=self.new_uow(),
                seals=self.seals,
                clock=self.clock,
                ids=ids,
            )
            made += numbered.receipts[0]
        signing = await sign_receipts(
            made, uow=self.new_uow(), signer=self.signer, seals=self.seals, clock=self.clock
        )
        self.issued += signing.issued
        return list(signing.issued)

    async def add_page(self, receipt: Receipt, body: bytes) -> Document:
        page = Document(receipt_id=receipt.id, form=Form.PDF, body=body, sha256=sha256_hex(body))
        async with self.new_uow() as uow:
            await uow.documents.add_new([page])
        return page

    async def keep(self) -> None:
        while await keep_documents(tools=self.tools()):
            continue

    async def sweep(self) -> None:
        """As if the time had come at which everything is due."""
        self.clock.advance(CHECK_WITHIN)
        while await check_kept(tools=self.tools()):
            continue

    async def rows(self) -> list[Any]:
        async with self.database.read() as connection:
            query = select(KEPT_DOCUMENT).order_by(KEPT_DOCUMENT.c.receipt_id)
            return list((await connection.execute(query)).all())

    async def stored(self, receipt_id: UUID, form: Form = Form.XML) -> bytes | None:
        async with self.open_keeping() as keeping:
            document = await keeping.originals.find(receipt_id, form)
        return document.body if document else None

    async def findings(self, state: KeepingState | None = None) -> list[KeepingFinding]:
        async with self.open_keeping() as keeping:
            return list(await keeping.findings.list_page(FindingFilter(state=state)))

    async def said(self) -> list[tuple[KeepingReason, KeepingState]]:
        return sorted((one.reason, one.state) for one in await self.findings())

    def file(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def spoil_file(self, sha256: str) -> bytes:
        """One bit of it, by somebody who may write where we may not."""
        file = self.file(sha256)
        body = bytearray(file.read_bytes())
        body[len(body) // 2] ^= 1
        file.chmod(0o640)
        file.write_bytes(bytes(body))
        return bytes(body)

    async def spoil_row(self, receipt_id: UUID, body: bytes) -> None:
        await self.tamper(
            "UPDATE receipt_document SET body = :body WHERE receipt_id = :id",
            body=body,
            id=self._id(receipt_id),
        )

    async def lose_row(self, receipt_id: UUID) -> None:
        await self.tamper(
            "DELETE FROM receipt_document WHERE receipt_id = :id", id=self._id(receipt_id)
        )

    async def tamper(self, statement: str, **values: object) -> None:
        """As a superuser can: past the triggers, which stand again afterwards."""
        async with self.database.begin() as connection:
            if self.database.dialect == "postgresql":
                await connection.execute(text("ALTER TABLE receipt_document DISABLE TRIGGER USER"))
                await connection.execute(text(statement), values)
                await connection.execute(text("ALTER TABLE receipt_document ENABLE TRIGGER USER"))
                return
            query = text(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
                " AND tbl_name = 'receipt_document'"
            )
            triggers = (await connection.execute(query)).all()
            for name, _sql in triggers:
                await connection.execute(text(f"DROP TRIGGER {name}"))
            await connection.execute(text(statement), values)
            for _name, sql in triggers:
                await connection.exec_driver_sql(sql)

    def _id(self, receipt_id: UUID) -> object:
        return receipt_id if self.database.dialect == "postgresql" else receipt_id.hex
