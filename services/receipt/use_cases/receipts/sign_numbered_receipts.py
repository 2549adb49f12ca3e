"""The pass that leaves no receipt unsigned after a crash."""

from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.errors import Refused
from chassis.ports import SealingPort
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts

BATCH_MAX: Final = 16
# Longer than signing a batch takes; whoever dies holding receipts gives them back after this.
LEASE: Final = timedelta(seconds=30)
log = structlog.get_logger()


async def sign_numbered_receipts(
    *, uow: UnitOfWork, signer: XmlSigner, seals: SealingPort, clock: Clock
) -> int:
    """Sign what waits, oldest first; says how many were taken up, at most one batch."""
    now = clock.now()
    async with uow:
        waiting = await uow.receipts.claim_unsigned(now=now, until=now + LEASE, limit=BATCH_MAX)
    for receipt in waiting:
        try:
            await sign_receipts([receipt], uow=uow, signer=signer, seals=seals, clock=clock)
        except Refused as refused:
            # One that cannot be signed keeps its number and must not hold up the others.
            log.error("receipt not signed", receipt_id=str(receipt.id), code=refused.code)
    return len(waiting)
