from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.dossier.domain.refund import Refund, RefundStatus
from services.dossier.storage.statements import insert_into
from services.dossier.storage.tables import REFUND

REFUNDS_MAX: Final = 200
OF_FEE_REQUEST: Final = (
    select(REFUND)
    .where(REFUND.c.fee_request_id == bindparam("fee_request_id"))
    .order_by(REFUND.c.requested_at, REFUND.c.refund_id)
    .limit(REFUNDS_MAX)
)


class SqlRefunds:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def keep(self, refund: Refund) -> None:
        row = {
            "refund_id": refund.refund_id,
            "fee_request_id": refund.fee_request_id,
            "amount_minor_units": refund.amount.minor_units,
            "currency": refund.amount.currency,
            "status": refund.status,
            "requested_at": refund.requested_at,
            "ended_at": refund.ended_at,
        }
        insert = insert_into(self._connection, REFUND)
        statement = insert.on_conflict_do_update(
            index_elements=["refund_id"],
            set_={name: insert.excluded[name] for name in ("status", "ended_at")},
            where=REFUND.c.status == RefundStatus.REQUESTED,
        )
        await self._connection.execute(statement, row)

    async def list_of(self, fee_request_id: UUID) -> tuple[Refund, ...]:
        rows = await self._connection.execute(OF_FEE_REQUEST, {"fee_request_id": fee_request_id})
        return tuple(
            Refund(
                refund_id=row.refund_id,
                fee_request_id=row.fee_request_id,
                amount=Money(row.amount_minor_units, row.currency),
                status=RefundStatus(row.status),
                requested_at=row.requested_at,
                ended_at=row.ended_at,
            )
            for row in rows
        )
