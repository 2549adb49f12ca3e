from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.duties import Reach
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import (
    HANDLING,
    Discrepancy,
    DiscrepancyStatus,
    OwnerRole,
    Reason,
)
from services.payment.storage.discrepancies.tables import DISCREPANCY

_T: Final = DISCREPANCY.c


class SqlDiscrepancies:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, discrepancy: Discrepancy) -> None:
        await self._connection.execute(insert(DISCREPANCY), _to_row(discrepancy))

    async def supersede(self, discrepancy_id: UUID) -> Discrepancy | None:
        mine = select(DISCREPANCY).where(_T.id == discrepancy_id).with_for_update()
        row = (await self._connection.execute(mine)).one_or_none()
        if row is None or row.status != DiscrepancyStatus.OPEN or row.refunded_minor_units:
            return None
        was = _to_discrepancy(row)
        handling = HANDLING[Reason.CONTRADICTORY_NOTICE]
        await self._connection.execute(
            update(DISCREPANCY)
            .where(_T.id == discrepancy_id)
            .values(
                reason=Reason.CONTRADICTORY_NOTICE,
                owner_role=handling.owner_role,
                proposed_refund_minor_units=None,
            )
        )
        return was if was.holds_money else None

    async def list_page(
        self, *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[Discrepancy]:
        latest = select(DISCREPANCY).order_by(_T.id.desc()).limit(limit)
        if reach.client_id is not None:
            latest = latest.where(_T.client_id == reach.client_id)
        if reach.agencies is not None:
            latest = latest.where(_T.agency_code.in_(sorted(reach.agencies)))
        if before is not None:
            latest = latest.where(_T.id < before)
        return [_to_discrepancy(row) for row in await self._connection.execute(latest)]


def _to_row(found: Discrepancy) -> dict[str, Any]:
    expected, refund = found.expected, found.proposed_refund
    return {
        "id": found.id,
        "provider_notification_id": found.notification_id,
        "payment_intent_id": found.payment_intent_id,
        "client_id": found.client_id,
        "agency_code": found.agency_code,
        "reason": found.reason,
        "status": found.status,
        "owner_role": found.owner_role,
        "expected_minor_units": expected.minor_units if expected else None,
        "expected_currency": expected.currency if expected else None,
        "received_minor_units": found.received.minor_units,
        "proposed_refund_minor_units": refund.minor_units if refund else None,
        "currency": found.received.currency,
        "provider": found.provider,
        "provider_reference": found.provider_reference,
        "found_at": found.found_at,
        "due_at": found.due_at,
        "proposed_intent_id": found.proposed_intent_id,
    }


def _to_discrepancy(row: Row[Any]) -> Discrepancy:
    return Discrepancy(
        id=row.id,
        notification_id=row.provider_notification_id,
        payment_intent_id=row.payment_intent_id,
        client_id=row.client_id,
        agency_code=row.agency_code,
        reason=Reason(row.reason),
        expected=_money(row.expected_minor_units, row.expected_currency),
        received=Money(row.received_minor_units, row.currency),
        provider=row.provider,
        provider_reference=row.provider_reference,
        found_at=row.found_at,
        due_at=row.due_at,
        owner_role=OwnerRole(row.owner_role),
        proposed_refund=_money(row.proposed_refund_minor_units, row.currency),
        status=DiscrepancyStatus(row.status),
        proposed_intent_id=row.proposed_intent_id,
    )


def _money(minor_units: int | None, currency: str) -> Money | None:
    return None if minor_units is None else Money(minor_units, currency)
