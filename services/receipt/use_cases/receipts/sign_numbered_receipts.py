"""The pass that leaves no receipt unsigned: after a crash, and after a signer that was down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from chassis.ports import SealingPort
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.sign_receipts import log_refused, sign_receipts

BATCH_MAX: Final = 64
# Longer than signing a batch takes, however slow each step may be; whoever dies holding a series
# gives it back after this.
LEASE: Final = timedelta(minutes=3)
# A signer that is down is asked again no sooner, and other series get their turn meanwhile.
PAUSE: Final = timedelta(seconds=5)
# What cannot be signed as it is waits for a person, and is tried again now and then.
PUT_OFF: Final = timedelta(hours=1)
log = structlog.get_logger()


async def sign_numbered_receipts(
    *,
    uow: UnitOfWork,
    signer: XmlSigner,
    seals: SealingPort,
    clock: Clock,
    count_failed: Callable[[int], None],
) -> int:
    """Sign what waits in one series, in the order of its numbers; says how many, at most a batch.

    While older ones wait, new ones wait behind them. With the last batch that ends: whoever draws
    after this transaction signs at once again. `count_failed` is told of our own mistakes.
    """
    now = clock.now()
    async with uow:
        series = await uow.series.lease_unsigned(now=now, until=now + LEASE)
        if series is None:
            return 0
        waiting = await uow.receipts.list_unsigned(series, until=now + LEASE, limit=BATCH_MAX)
        if len(waiting) < BATCH_MAX:
            await uow.series.end_waiting(series)
    signing = await sign_receipts(waiting, uow=uow, signer=signer, seals=seals, clock=clock)
    log_refused(signing)
    count_failed(len(signing.failed))
    left = [receipt.id for receipt, _ in (*signing.refused, *signing.failed)]
    async with uow:
        if left:
            await uow.receipts.put_off_signing(left, until=now + PUT_OFF)
        if signing.stopped is not None:
            log.warning("signing waits", agency_code=series.agency_code, code=signing.stopped.code)
            await uow.series.let_signing_wait([series])
        pause = PAUSE if signing.stopped is not None else timedelta()
        await uow.series.release(series, at=clock.now() + pause)
    return len(signing.issued) + len(left)
