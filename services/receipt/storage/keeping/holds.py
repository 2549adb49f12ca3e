from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.keeping.errors import LegalHoldNotFound
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.domain.keeping.kept import RetentionRule
from services.receipt.ports.keeping import HoldFilter
from services.receipt.storage.keeping.rows import hold_row, to_hold
from services.receipt.storage.keeping.tables import LEGAL_HOLD, RETENTION_RULE

_H: Final = LEGAL_HOLD.c
_R: Final = RETENTION_RULE.c
GATE: Final = select(_R.valid_from_on).order_by(_R.valid_from_on).with_for_update()


class SqlHolds:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def close_gate(self) -> None:
        await self._connection.execute(GATE)

    async def add(self, hold: LegalHold) -> None:
        await self._connection.execute(insert(LEGAL_HOLD), hold_row(hold))

    async def get_for_update(self, hold_id: UUID) -> LegalHold:
        locked = select(LEGAL_HOLD).where(_H.id == hold_id).with_for_update()
        row = (await self._connection.execute(locked)).mappings().one_or_none()
        if row is None:
            raise LegalHoldNotFound
        return to_hold(row)

    async def save_released(self, hold: LegalHold) -> None:
        released = update(LEGAL_HOLD).where(_H.id == hold.id, _H.released_at.is_(None))
        values = {
            "released_by": hold.released_by,
            "released_at": hold.released_at,
            "release_note": hold.release_note,
        }
        await self._connection.execute(released.values(values))

    async def list_page(self, wanted: HoldFilter) -> Sequence[LegalHold]:
        """The latest first."""
        page = select(LEGAL_HOLD).order_by(_H.id.desc()).limit(wanted.limit)
        if not wanted.released:
            page = page.where(_H.released_at.is_(None))
        if wanted.agencies is not None:
            page = page.where(_H.agency_code.in_(sorted(wanted.agencies)))
        if wanted.before is not None:
            page = page.where(_H.id < wanted.before)
        return [to_hold(row) for row in (await self._connection.execute(page)).mappings()]


class SqlRetentionRules:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, *, on: date) -> RetentionRule | None:
        in_force = (
            select(RETENTION_RULE)
            .where(_R.valid_from_on <= on, or_(_R.valid_to_on.is_(None), _R.valid_to_on >= on))
            .order_by(_R.valid_from_on.desc())
            .limit(1)
        )
        row = (await self._connection.execute(in_force)).one_or_none()
        if row is None:
            return None
        return RetentionRule(
            valid_from=row.valid_from_on,
            valid_to=row.valid_to_on,
            years=row.years,
            legal_basis=row.legal_basis,
        )
