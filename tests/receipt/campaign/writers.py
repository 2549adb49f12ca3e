"""A process that receipts its share of payments, as the worker does; it may be killed at any time.

`python -m tests.receipt.campaign.writers URL KEYS FIRST COUNT WRITERS`: the payments from FIRST on,
so many, by so many writers at once. Ends with 0 when each has its signed receipt, and with 1 when
the database went away. What an earlier one of the same share has done is found and left alone.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.gathering import Gathering
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.issue_receipts import BLOCK_MAX, issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from tests.receipt.samples import BODY, SECRET, line, paid_fee

AGENCIES: Final = tuple(f"H19.{number}" for number in range(25, 30))
POOL: Final = 8


def payment_id(number: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"payment {number}")


def agency_of(number: int) -> str:
    return AGENCIES[number % len(AGENCIES)]


async def write(url: str, keys: Path, first: int, count: int, writers: int) -> None:
    clock, ids = SystemClock(), SystemIds()
    database = Database.open(url, pool_size=POOL)
    signer = XmlReceiptSigner(OneSigner(FileSigner.from_directory(keys / "receipt")))
    seals = Sealer.from_directory(keys / "sealing")
    sealed = seals.seal(SECRET, purpose="payer")

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(database, clock=clock, ids=ids)

    async def issue(paid: Sequence[Paid]) -> Sequence[Sequence[Receipt]]:
        return await issue_receipts(
            paid, uow=new_uow(), signer=signer, seals=seals, clock=clock, ids=ids
        )

    async with new_uow() as uow:
        for agency in AGENCIES:
            body = replace(BODY, agency_code=agency)
            await uow.collecting_bodies.save(body, published_at=clock.now())
    async with database.read() as connection:
        signed = select(RECEIPT.c.payment_intent_id).where(RECEIPT.c.issued_at.is_not(None))
        done = set((await connection.execute(signed)).scalars())
    left = iter(n for n in range(first, first + count) if payment_id(n) not in done)
    gathering = Gathering(issue, at_most=BLOCK_MAX)

    async def writer() -> None:
        for number in left:
            agency = agency_of(number)
            fee = replace(
                paid_fee(line("le_phi", agency_code=agency), intent_id=payment_id(number)),
                agency_code=agency,
                payer_sealed=sealed,
            )
            await gathering.ask(Paid(fee=fee, caused_by=ids.new()))

    await asyncio.gather(*(writer() for _ in range(writers)))
    await database.close()


if __name__ == "__main__":
    try:
        asyncio.run(write(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6])))
    except (SQLAlchemyError, OSError):
        sys.exit(1)
