"""PDFs made ahead, in the quiet, a few at a time: a page costs as much as a dozen payments."""

from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.errors import Refused
from chassis.ports import SealingPort
from services.receipt.ports.receipts import Archive
from services.receipt.ports.signing import PdfSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.get_document import get_pdf

BATCH_MAX: Final = 4
LEASE: Final = timedelta(minutes=2)
log = structlog.get_logger()


async def render_waiting_pdfs(
    *, archive: Archive, uow: UnitOfWork, signer: PdfSigner, seals: SealingPort, clock: Clock
) -> int:
    now = clock.now()
    async with uow:
        waiting = await uow.receipts.claim_unrendered(now=now, until=now + LEASE, limit=BATCH_MAX)
    for receipt in waiting:
        try:
            await get_pdf(receipt, archive=archive, uow=uow, signer=signer, seals=seals)
        except Refused as refused:
            log.error("receipt not rendered", receipt_id=str(receipt.id), code=refused.code)
    return len(waiting)
