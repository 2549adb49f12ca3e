from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.payment.domain.errors import UnknownRemittance
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.remittance import (
    Done,
    Earned,
    Remittance,
    RemittanceStatus,
)
from services.payment.storage.settlements.tables import REMITTANCE

_T: Final = REMITTANCE.c
# A fee counts from the moment its provider's day is closed; whatever else moved on the agency's
# accounts (refunds, remittances before this one) counts at once.
_EARNED: Final = text(
    r"""
    SELECT e.account, e.currency,
        sum(CASE e.direction WHEN 'credit' THEN e.amount_minor_units
            ELSE -e.amount_minor_units END) AS amount
    FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.ledger_transaction_id
    WHERE (e.account LIKE 'agency%\:phi' OR e.account LIKE 'agency%\:le_phi')
    AND NOT EXISTS (
        SELECT 1 FROM ledger_entry c
        WHERE c.ledger_transaction_id = t.id AND c.account LIKE 'provider%\:clearing'
        AND NOT EXISTS (
            SELECT 1 FROM settlement_day d
            WHERE 'provider\:' || d.provider || '\:clearing' = c.account
            AND d.begins_at <= t.posted_at AND t.posted_at < d.ends_at
        )
    )
    GROUP BY e.account, e.currency
    HAVING sum(CASE e.direction WHEN 'credit' THEN e.amount_minor_units
        ELSE -e.amount_minor_units END) > 0
    ORDER BY e.account, e.currency
    """
)
_DONE: Final = {
    RemittanceStatus.DRAFTED: ("drafted_by", "drafted_at"),
    RemittanceStatus.APPROVED: ("approved_by", "approved_at"),
    RemittanceStatus.SENT: ("sent_by", "sent_at"),
    RemittanceStatus.CONFIRMED: ("confirmed_by", "confirmed_at"),
    RemittanceStatus.CANCELLED: ("cancelled_by", "cancelled_at"),
}


class SqlRemittances:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last_numbers(self) -> dict[tuple[str, str], int]:
        numbers = select(_T.agency_code, _T.fee_kind, func.max(_T.number).label("last")).group_by(
            _T.agency_code, _T.fee_kind
        )
        rows = await self._connection.execute(numbers)
        return {(row.agency_code, row.fee_kind): row.last for row in rows}

    async def list_earned(self) -> Sequence[Earned]:
        found: list[Earned] = []
        for row in await self._connection.execute(_EARNED):
            _, agency, kind = row.account.split(":")
            found.append(
                Earned(
                    agency_code=agency,
                    kind=FeeKind(kind),
                    amount=Money(int(row.amount), row.currency),
                )
            )
        return found

    async def add_once(self, remittance: Remittance) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        statement = insert(REMITTANCE).on_conflict_do_nothing(
            index_elements=["agency_code", "fee_kind", "number"]
        )
        return (await self._connection.execute(statement, _to_row(remittance))).rowcount == 1

    async def get(self, remittance_id: UUID) -> Remittance:
        found = select(REMITTANCE).where(_T.id == remittance_id)
        row = (await self._connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownRemittance(remittance_id)
        return _to_remittance(row)

    async def save_moved(self, remittance: Remittance, *, leaving: RemittanceStatus) -> bool:
        moved = (
            update(REMITTANCE)
            .where(_T.id == remittance.id, _T.status == leaving)
            .values(**_to_row(remittance))
        )
        return (await self._connection.execute(moved)).rowcount == 1

    async def list_page(
        self,
        *,
        agencies: frozenset[str] | None,
        status: RemittanceStatus | None,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Remittance]:
        latest = select(REMITTANCE).order_by(_T.id.desc()).limit(limit)
        if agencies is not None:
            latest = latest.where(_T.agency_code.in_(sorted(agencies)))
        if status is not None:
            latest = latest.where(_T.status == status)
        if before is not None:
            latest = latest.where(_T.id < before)
        return [_to_remittance(row) for row in await self._connection.execute(latest)]


def _to_row(remittance: Remittance) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": remittance.id,
        "agency_code": remittance.agency_code,
        "fee_kind": remittance.kind,
        "number": remittance.number,
        "amount_minor_units": remittance.amount.minor_units,
        "currency": remittance.amount.currency,
        "status": remittance.status,
        "treasury_reference": remittance.treasury_reference,
        "cancel_reason": remittance.cancel_reason,
    }
    if remittance.paid_from is not None:
        row |= {
            "paid_from_bank_bin": remittance.paid_from.bank_bin,
            "paid_from_account": remittance.paid_from.account_number,
        }
    for status, done in remittance.done.items():
        by, at = _DONE[status]
        row |= {by: done.by, at: done.at}
    return row


def _to_remittance(row: Row[Any]) -> Remittance:
    return Remittance(
        id=row.id,
        agency_code=row.agency_code,
        kind=FeeKind(row.fee_kind),
        number=row.number,
        amount=Money(row.amount_minor_units, row.currency),
        status=RemittanceStatus(row.status),
        done={
            status: Done(getattr(row, by), getattr(row, at))
            for status, (by, at) in _DONE.items()
            if getattr(row, by) is not None
        },
        paid_from=(
            BankAccount(row.paid_from_bank_bin, row.paid_from_account)
            if row.paid_from_account
            else None
        ),
        treasury_reference=row.treasury_reference,
        cancel_reason=row.cancel_reason,
    )
