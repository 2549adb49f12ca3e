"""Cash drawers. Each step is one conditional UPDATE on the state it leaves: money goes into an
open drawer, a count stands beside the very sum it was compared with."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashCount, CashDrawer, DrawerStatus
from services.payment.domain.counter.errors import DrawerNotFound
from services.payment.domain.counter.payments import Request
from services.payment.ports.counter import WantedDrawers
from services.payment.storage.counter.statements import insert_once, of_request
from services.payment.storage.counter.tables import CASH_COUNT, CASH_DRAWER

_T: Final = CASH_DRAWER.c
_GET: Final = select(CASH_DRAWER).where(_T.id == bindparam("drawer_id"))
_TAKE: Final = (
    update(CASH_DRAWER)
    .where(
        _T.id == bindparam("drawer_id"),
        _T.officer == bindparam("by"),
        _T.status == DrawerStatus.OPEN,
    )
    .values(taken_minor_units=_T.taken_minor_units + bindparam("amount"), payments=_T.payments + 1)
)
_COUNT: Final = (
    update(CASH_DRAWER)
    .where(
        _T.id == bindparam("drawer_id"),
        _T.status.in_((DrawerStatus.OPEN, DrawerStatus.CLOSING)),
        _T.taken_minor_units == bindparam("taken"),
        _T.count_number == bindparam("number") - 1,
    )
    .values(status=DrawerStatus.CLOSING, count_number=bindparam("number"))
)
_CLOSE: Final = (
    update(CASH_DRAWER)
    .where(
        _T.id == bindparam("drawer_id"),
        _T.status == DrawerStatus.CLOSING,
        _T.count_number == bindparam("number"),
    )
    .values(status=DrawerStatus.CLOSED)
)


class SqlCashDrawers:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, drawer_id: UUID) -> CashDrawer:
        row = (await self._connection.execute(_GET, {"drawer_id": drawer_id})).one_or_none()
        if row is None:
            raise DrawerNotFound
        return _to_drawer(row)

    async def add_once(self, drawer: CashDrawer, request: Request) -> bool:
        return await insert_once(self._connection, CASH_DRAWER, _to_row(drawer, request))

    async def find_request(self, request: Request) -> tuple[UUID, str] | None:
        mine = select(_T.id, _T.request_fingerprint).where(of_request(CASH_DRAWER, request))
        row = (await self._connection.execute(mine)).one_or_none()
        return row and (row.id, row.request_fingerprint)

    async def take(self, drawer_id: UUID, amount: Money, *, officer: str) -> bool:
        values = {"drawer_id": drawer_id, "amount": amount.minor_units, "by": officer}
        return (await self._connection.execute(_TAKE, values)).rowcount == 1

    async def add_count(self, count: CashCount, request: Request) -> bool:
        row = {
            "cash_drawer_id": count.drawer_id,
            "number": count.number,
            "taken_minor_units": count.taken.minor_units,
            "counted_minor_units": count.counted.minor_units,
            "currency": count.counted.currency,
            "reason": count.reason,
            "counted_by": count.counted_by,
            "counted_at": count.counted_at,
            "idempotency_key": request.idempotency_key,
            "request_fingerprint": request.fingerprint,
        }
        return await insert_once(self._connection, CASH_COUNT, row)

    async def find_count(self, request: Request) -> tuple[UUID, str] | None:
        mine = select(CASH_COUNT.c.cash_drawer_id, CASH_COUNT.c.request_fingerprint).where(
            CASH_COUNT.c.counted_by == request.officer,
            CASH_COUNT.c.idempotency_key == request.idempotency_key,
        )
        row = (await self._connection.execute(mine)).one_or_none()
        return row and (row.cash_drawer_id, row.request_fingerprint)

    async def save_counted(self, drawer: CashDrawer) -> bool:
        count = drawer.last_count
        if count is None:
            raise ValueError("a drawer closes by a count")
        values = {
            "drawer_id": drawer.id,
            "taken": count.taken.minor_units,
            "number": count.number,
            "counted_minor_units": count.counted.minor_units,
            "reason": count.reason,
            "counted_at": count.counted_at,
        }
        return (await self._connection.execute(_COUNT, values)).rowcount == 1

    async def save_closed(self, drawer: CashDrawer) -> bool:
        if drawer.last_count is None:
            raise ValueError("a drawer is signed off after it was counted")
        values = {
            "drawer_id": drawer.id,
            "number": drawer.last_count.number,
            "signed_by": drawer.signed_by,
            "signed_at": drawer.signed_at,
        }
        return (await self._connection.execute(_CLOSE, values)).rowcount == 1

    async def list_page(self, wanted: WantedDrawers) -> Sequence[CashDrawer]:
        latest = select(CASH_DRAWER).order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.reach.agencies is not None:
            latest = latest.where(_T.agency_code.in_(sorted(wanted.reach.agencies)))
        if wanted.status is not None:
            latest = latest.where(_T.status == wanted.status)
        if wanted.officer is not None:
            latest = latest.where(_T.officer == wanted.officer)
        if wanted.before is not None:
            latest = latest.where(_T.id < wanted.before)
        return [_to_drawer(row) for row in await self._connection.execute(latest)]


def _to_row(drawer: CashDrawer, request: Request) -> dict[str, Any]:
    return {
        "id": drawer.id,
        "agency_code": drawer.agency_code,
        "desk": drawer.desk,
        "drawer": drawer.drawer,
        "officer": drawer.officer,
        "status": drawer.status,
        "currency": drawer.float_given.currency,
        "float_minor_units": drawer.float_given.minor_units,
        "taken_minor_units": drawer.taken.minor_units,
        "payments": drawer.payments,
        "opened_at": drawer.opened_at,
        "count_number": 0,
        "idempotency_key": request.idempotency_key,
        "request_fingerprint": request.fingerprint,
    }


def _to_drawer(row: Row[Any]) -> CashDrawer:
    return CashDrawer(
        id=row.id,
        agency_code=row.agency_code,
        desk=row.desk,
        drawer=row.drawer,
        officer=row.officer,
        float_given=Money(row.float_minor_units, row.currency),
        opened_at=row.opened_at,
        taken=Money(row.taken_minor_units, row.currency),
        payments=row.payments,
        status=DrawerStatus(row.status),
        last_count=_to_count(row),
        signed_by=row.signed_by,
        signed_at=row.signed_at,
    )


def _to_count(row: Row[Any]) -> CashCount | None:
    if row.counted_minor_units is None:
        return None
    return CashCount(
        drawer_id=row.id,
        number=row.count_number,
        taken=Money(row.taken_minor_units, row.currency),
        counted=Money(row.counted_minor_units, row.currency),
        reason=row.reason,
        counted_by=row.officer,
        counted_at=row.counted_at,
    )
