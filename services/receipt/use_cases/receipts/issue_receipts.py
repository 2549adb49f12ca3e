"""A paid fee deserves its receipts, within the second."""

from collections.abc import Sequence
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.errors import Refused
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts

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
    flat = [receipt for receipts in numbered for receipt in receipts]
    try:
        await sign_receipts(flat, uow=uow, signer=signer, seals=seals, clock=clock)
    except Refused as refused:
        log.warning("receipts stay numbered", code=refused.code, block=len(flat))
    return numbered
