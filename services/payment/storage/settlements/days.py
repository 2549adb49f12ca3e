from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.settlements.day import (
    DayTotals,
    SettlementDay,
    begin_of_day,
    end_of_day,
)
from services.payment.domain.settlements.posting import PaidOut
from services.payment.storage.settlements.tables import SETTLEMENT_DAY, UNPOSTED_ROW

_D: Final = SETTLEMENT_DAY.c
_ON: Final = bindparam("closed_on", type_=Date())
_TOTALS: Final = text(
    """
    SELECT movement, count(*) AS movements, sum(amount_minor_units) AS amount,
        sum(COALESCE(fee_minor_units, 0)) AS fees
    FROM settlement_row
    WHERE provider = :provider AND moved_on = :closed_on AND status = 'succeeded'
    AND state IN ('matched', 'unmatched', 'duplicate') AND currency = 'VND'
    GROUP BY movement
    """
).bindparams(_ON)
# Matched is not enough: what no notice has proved yet is in no clearing account.
_PLACED: Final = """(
    r.state = 'matched' AND NOT (r.matched_kind = 'payment' AND EXISTS (
        SELECT 1 FROM payment_intent o WHERE o.id = r.matched_id AND o.status <> 'succeeded'
    )) AND NOT (r.matched_kind = 'refund' AND EXISTS (
        SELECT 1 FROM refund o WHERE o.id = r.matched_id AND o.status <> 'succeeded'
    ))
)"""
_NEW_PLACE: Final = f"""
    CASE WHEN r.state = 'superseded' THEN NULL WHEN {_PLACED} THEN 'cleared' ELSE 'unplaced' END
"""
_WAITING: Final = f"""
    r.provider = :provider AND r.moved_on <= :closed_on AND r.state <> 'new' AND {UNPOSTED_ROW}
"""
_SIGNED: Final = "CASE movement WHEN 'refund' THEN -amount_minor_units ELSE amount_minor_units END"
_PAID_OUT: Final = text(
    f"""
    WITH moved AS (
        SELECT r.currency, r.posted_as, {_NEW_PLACE} AS place, {_SIGNED} AS amount,
            COALESCE(r.fee_minor_units, 0) AS fee
        FROM settlement_row r WHERE {_WAITING}
    )
    SELECT currency,
        sum(CASE WHEN place = 'cleared' THEN amount ELSE 0 END)
        - sum(CASE WHEN posted_as = 'cleared' THEN amount ELSE 0 END) AS cleared,
        sum(CASE WHEN place = 'unplaced' THEN amount ELSE 0 END)
        - sum(CASE WHEN posted_as = 'unplaced' THEN amount ELSE 0 END) AS unplaced,
        sum(CASE WHEN place IS NOT NULL THEN fee ELSE 0 END)
        - sum(CASE WHEN posted_as IS NOT NULL THEN fee ELSE 0 END) AS fees
    FROM moved GROUP BY currency ORDER BY currency
    """
).bindparams(_ON)
_MARK: Final = text(
    f"UPDATE settlement_row AS r SET posted_as = {_NEW_PLACE} WHERE {_WAITING}"
).bindparams(_ON)


class SqlSettlementDays:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def totals(self, provider: str, on: date) -> DayTotals:
        rows = await self._connection.execute(_TOTALS, {"provider": provider, "closed_on": on})
        by_movement = {row.movement: row for row in rows}
        paid, refunded = by_movement.get("payment"), by_movement.get("refund")
        return DayTotals(
            payments=int(paid.movements) if paid else 0,
            payments_minor_units=int(paid.amount) if paid else 0,
            refunds=int(refunded.movements) if refunded else 0,
            refunds_minor_units=int(refunded.amount) if refunded else 0,
            fees_minor_units=sum(int(row.fees) for row in by_movement.values()),
        )

    async def take_paid_out(self, provider: str, until: date) -> Sequence[PaidOut]:
        values = {"provider": provider, "closed_on": until}
        found = (await self._connection.execute(_PAID_OUT, values)).all()
        await self._connection.execute(_MARK, values)
        return [
            PaidOut(
                currency=row.currency,
                cleared=int(row.cleared),
                unplaced=int(row.unplaced),
                fees=int(row.fees),
            )
            for row in found
        ]

    async def add_once(self, day: SettlementDay) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        statement = insert(SETTLEMENT_DAY).on_conflict_do_nothing(
            index_elements=["provider", "closed_on"]
        )
        return (await self._connection.execute(statement, _to_row(day))).rowcount == 1

    async def find(self, provider: str, on: date) -> SettlementDay | None:
        found = select(SETTLEMENT_DAY).where(_D.provider == provider, _D.closed_on == on)
        row = (await self._connection.execute(found)).one_or_none()
        return _to_day(row) if row else None

    async def list_page(
        self, *, provider: str | None, before: UUID | None, limit: int
    ) -> Sequence[SettlementDay]:
        latest = select(SETTLEMENT_DAY).order_by(_D.id.desc()).limit(limit)
        if provider is not None:
            latest = latest.where(_D.provider == provider)
        if before is not None:
            latest = latest.where(_D.id < before)
        return [_to_day(row) for row in await self._connection.execute(latest)]


def _to_row(day: SettlementDay) -> dict[str, Any]:
    totals = day.totals
    return {
        "id": day.id,
        "provider": day.provider,
        "closed_on": day.on,
        "begins_at": begin_of_day(day.on),
        "ends_at": end_of_day(day.on),
        "currency": totals.currency,
        "payments": totals.payments,
        "payments_minor_units": totals.payments_minor_units,
        "refunds": totals.refunds,
        "refunds_minor_units": totals.refunds_minor_units,
        "fees_minor_units": totals.fees_minor_units,
        "differences_signed_off": day.differences_signed_off,
        "closed_by": day.closed_by,
        "closed_at": day.closed_at,
    }


def _to_day(row: Row[Any]) -> SettlementDay:
    return SettlementDay(
        id=row.id,
        provider=row.provider,
        on=row.closed_on,
        totals=DayTotals(
            payments=row.payments,
            payments_minor_units=row.payments_minor_units,
            refunds=row.refunds,
            refunds_minor_units=row.refunds_minor_units,
            fees_minor_units=row.fees_minor_units,
            currency=row.currency,
        ),
        differences_signed_off=row.differences_signed_off,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
