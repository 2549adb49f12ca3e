from collections.abc import Sequence
from typing import Final

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.gathering import Gathering
from chassis.ids import Ids, SystemIds
from chassis.sealing import Sealer
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from services.receipt.consumers import CONSUMERS
from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.tables import OUTBOX
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.issue_receipts import BLOCK_MAX as ISSUED_MAX
from services.receipt.use_cases.receipts.issue_receipts import issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from services.receipt.use_cases.receipts.render_waiting_pdfs import render_waiting_pdfs
from services.receipt.use_cases.receipts.sign_numbered_receipts import (
    BATCH_MAX,
    sign_numbered_receipts,
)

SIGNING_EVERY_SECONDS: Final = 2.0
RENDERING_EVERY_SECONDS: Final = 1.0


def create_worker(
    settings: ReceiptSettings,
    *,
    transport: Transport,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Worker[Tools]:
    now_by = clock or SystemClock()
    drawn_by = ids or SystemIds()
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    signers = OneSigner(FileSigner.from_directory(settings.keys_dir / "receipt"))
    seals = Sealer.from_directory(settings.keys_dir / "sealing")
    signer = XmlReceiptSigner(signers)
    pages = PdfReceiptSigner(signers, lookup_page=settings.lookup_address, clock=now_by)

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(opened, clock=now_by, ids=drawn_by)

    async def issue(paid: Sequence[Paid]) -> Sequence[Sequence[Receipt]]:
        return await issue_receipts(
            paid, uow=new_uow(), signer=signer, seals=seals, clock=now_by, ids=drawn_by
        )

    async def sign() -> None:
        taken = BATCH_MAX
        while taken == BATCH_MAX:
            taken = await sign_numbered_receipts(
                uow=new_uow(), signer=signer, seals=seals, clock=now_by
            )

    async def render() -> None:
        await render_waiting_pdfs(
            archive=SqlArchive(opened), uow=new_uow(), signer=pages, seals=seals, clock=now_by
        )

    schedules = [Schedule(name="sign_numbered", every_seconds=SIGNING_EVERY_SECONDS, run=sign)]
    if settings.pdfs_ahead:
        schedules.append(
            Schedule(name="render_pdfs", every_seconds=RENDERING_EVERY_SECONDS, run=render)
        )
    return Worker(
        service="receipt",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
        consumers=CONSUMERS,
        tools=Tools(new_uow=new_uow, issuing=Gathering(issue, at_most=ISSUED_MAX)),
        schedules=schedules,
    )
