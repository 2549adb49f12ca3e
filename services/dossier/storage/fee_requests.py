from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.dossier.domain.catalog import CollectionAccount
from services.dossier.domain.fee_request import FeeRequest, PaymentCode, PaymentStatus
from services.dossier.storage.tables import FEE_REQUEST

BY_ID: Final = select(FEE_REQUEST).where(FEE_REQUEST.c.id == bindparam("fee_request_id"))
BY_DOSSIER: Final = select(FEE_REQUEST).where(FEE_REQUEST.c.dossier_id == bindparam("dossier"))
# What was asked for never changes; only what payment tells of it does.
SAVE: Final = (
    update(FEE_REQUEST)
    .where(FEE_REQUEST.c.id == bindparam("fee_request_id"))
    .values(
        status=bindparam("new_status"),
        bill_reference=bindparam("new_bill_reference"),
        qr_payload=bindparam("new_qr_payload"),
        expires_at=bindparam("new_expires_at"),
        paid_at=bindparam("new_paid_at"),
        revived_until=bindparam("new_revived_until"),
    )
)


class SqlFeeRequests:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, request: FeeRequest) -> None:
        row = {
            "id": request.id,
            "dossier_id": request.dossier_id,
            "amount_minor_units": request.amount.minor_units,
            "currency": request.amount.currency,
            "bank_bin": request.payee.bank_bin,
            "account_number": request.payee.account_number,
            "account_name": request.payee.account_name,
            "due_at": request.due_at,
            "status": request.status,
        }
        await self._connection.execute(insert(FEE_REQUEST), row)

    async def get(self, fee_request_id: UUID) -> FeeRequest:
        found = await self._connection.execute(BY_ID, {"fee_request_id": fee_request_id})
        return _to_entity(found.one())

    async def find_of(self, dossier_id: UUID) -> FeeRequest | None:
        row = (await self._connection.execute(BY_DOSSIER, {"dossier": dossier_id})).one_or_none()
        return _to_entity(row) if row is not None else None

    async def save(self, request: FeeRequest) -> None:
        code = request.code
        await self._connection.execute(
            SAVE,
            {
                "fee_request_id": request.id,
                "new_status": request.status,
                "new_bill_reference": code.bill_reference if code else None,
                "new_qr_payload": code.qr_payload if code else None,
                "new_expires_at": code.expires_at if code else None,
                "new_paid_at": request.paid_at,
                "new_revived_until": request.revived_until,
            },
        )


def _to_entity(row: Row[Any]) -> FeeRequest:
    code = None
    if row.qr_payload is not None:
        code = PaymentCode(
            bill_reference=row.bill_reference,
            qr_payload=row.qr_payload,
            expires_at=row.expires_at,
        )
    return FeeRequest(
        id=row.id,
        dossier_id=row.dossier_id,
        amount=Money(row.amount_minor_units, row.currency),
        payee=CollectionAccount(
            bank_bin=row.bank_bin,
            account_number=row.account_number,
            account_name=row.account_name,
        ),
        due_at=row.due_at,
        status=PaymentStatus(row.status),
        code=code,
        paid_at=row.paid_at,
        revived_until=row.revived_until,
    )
