from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.dossier.domain.receipt import Receipt, Standing
from services.dossier.storage.statements import insert_once
from services.dossier.storage.tables import RECEIPT, RECEIPT_STANDING

OF_FEE_REQUEST: Final = (
    select(RECEIPT)
    .where(RECEIPT.c.fee_request_id == bindparam("fee_request_id"))
    .order_by(RECEIPT.c.part, RECEIPT.c.receipt_id)
)
# Being replaced or cancelled comes after an adjustment, also in the alphabet: the last word wins.
STANDINGS: Final = (
    select(RECEIPT_STANDING.c.receipt_id, RECEIPT_STANDING.c.standing)
    .join(RECEIPT, RECEIPT.c.receipt_id == RECEIPT_STANDING.c.receipt_id)
    .where(RECEIPT.c.fee_request_id == bindparam("fee_request_id"))
    .order_by(RECEIPT_STANDING.c.receipt_id, RECEIPT_STANDING.c.standing)
)


class SqlReceipts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, receipt: Receipt) -> None:
        row = {
            "receipt_id": receipt.receipt_id,
            "fee_request_id": receipt.fee_request_id,
            "kind": receipt.kind,
            "form_code": receipt.form_code,
            "symbol": receipt.symbol,
            "number": receipt.number,
            "lookup_code": receipt.lookup_code,
            "amount_minor_units": receipt.amount.minor_units,
            "currency": receipt.amount.currency,
            "issued_at": receipt.issued_at,
            "part": receipt.part,
            "parts": receipt.parts,
        }
        await insert_once(self._connection, RECEIPT, row)

    async def keep_standing(self, receipt_id: UUID, standing: Standing) -> None:
        row = {"receipt_id": receipt_id, "standing": standing.value}
        await insert_once(self._connection, RECEIPT_STANDING, row)

    async def list_of(self, fee_request_id: UUID) -> tuple[Receipt, ...]:
        wanted = {"fee_request_id": fee_request_id}
        rows = (await self._connection.execute(OF_FEE_REQUEST, wanted)).all()
        said = (await self._connection.execute(STANDINGS, wanted)).all() if rows else ()
        standings = {row.receipt_id: Standing(row.standing) for row in said}
        return tuple(
            Receipt(
                receipt_id=row.receipt_id,
                fee_request_id=row.fee_request_id,
                kind=row.kind,
                form_code=row.form_code,
                symbol=row.symbol,
                number=row.number,
                lookup_code=row.lookup_code,
                amount=Money(row.amount_minor_units, row.currency),
                issued_at=row.issued_at,
                part=row.part,
                parts=row.parts,
                standing=standings.get(row.receipt_id, Standing.VALID),
            )
            for row in rows
        )
