"""A paid fee deserves its receipts, within the second."""

from collections.abc import Sequence
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import log_refused, sign_receipts

BLOCK_MAX: Final = 64
log = structlog.get_logger()


async def issue_receipts(
    paid: Sequence[Paid],
    *,
    uow: UnitOfWork,
    signer: XmlSigner,
    seals: SealingPort,
    clock: Clock,
    ids: Ids,
) -> Sequence[Sequence[Receipt]]:
    """Number a block of payments, then sign outside the lock; the receipts of each, as numbered.

    A signer that is down holds up no number: what stays unsigned is signed by the worker's pass,
    and so is what a crash in between left behind.
    """
    numbered = await number_receipts(paid, uow=uow, seals=seals, clock=clock, ids=ids)
    now = [
        receipt
        for receipts in numbered.receipts
        for receipt in receipts
        if receipt.number.series not in numbered.signing_waits
    ]
    signing = await sign_receipts(now, uow=uow, signer=signer, seals=seals, clock=clock)
    if signing.stopped is not None:
        issued = {receipt.id for receipt in signing.issued}
        left = {receipt.number.series for receipt in now if receipt.id not in issued}
        log.warning("receipts stay numbered", code=signing.stopped.code, series=len(left))
        async with uow:
            await uow.series.let_signing_wait(left)
    log_refused(signing)
    return numbered.receipts
