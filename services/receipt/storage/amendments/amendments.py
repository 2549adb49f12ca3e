from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.amendments.amendment import (
    Amendment,
    AmendmentState,
    AmendmentType,
    CancelGround,
    Notice,
)
from services.receipt.domain.amendments.errors import AmendmentNotFound, AmendmentWaits
from services.receipt.ports.amendments import AmendmentFilter
from services.receipt.storage.amendments.tables import AMENDMENT, NOTICE_SERIES
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.receipts.rows import line_document, to_lines

_T: Final = AMENDMENT.c
_N: Final = NOTICE_SERIES.c
_BEGIN: Final = InsertOnce(NOTICE_SERIES)
# As with receipts: the row's lock lasts to the commit, so that a number is used or was never drawn.
_DRAW: Final = (
    update(NOTICE_SERIES)
    .where(_N.agency_code == bindparam("of_agency"), _N.year == bindparam("of_year"))
    .values(last_number=_N.last_number + 1)
    .returning(_N.last_number)
)


class SqlAmendments:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, amendment: Amendment) -> None:
        row = {
            "id": amendment.id,
            "receipt_id": amendment.receipt_id,
            "agency_code": amendment.agency_code,
            "type": amendment.type.value,
            "reason": amendment.reason,
            "ground": amendment.ground.value if amendment.ground else None,
            "content": [line_document(one) for one in amendment.lines],
            "payer_sealed": amendment.payer_sealed,
            "asked_by": amendment.asked_by,
            "asked_at": amendment.asked_at,
        }
        try:
            await self._connection.execute(insert(AMENDMENT), row | _changing(amendment))
        except IntegrityError as error:
            # The only key that a new id can break.
            raise AmendmentWaits from error

    async def get(self, amendment_id: UUID) -> Amendment:
        return await self._one(select(AMENDMENT).where(_T.id == amendment_id))

    async def get_for_update(self, amendment_id: UUID) -> Amendment:
        return await self._one(select(AMENDMENT).where(_T.id == amendment_id).with_for_update())

    async def _one(self, query: Select[Any]) -> Amendment:
        row = (await self._connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise AmendmentNotFound
        return _to_amendment(row)

    async def save(self, amendment: Amendment) -> None:
        changed = update(AMENDMENT).where(_T.id == amendment.id)
        await self._connection.execute(changed.values(_changing(amendment)))

    async def draw_notice_number(self, agency_code: str, year: int) -> int:
        wanted = {"of_agency": agency_code, "of_year": year}
        drawn = (await self._connection.execute(_DRAW, wanted)).scalar_one_or_none()
        if drawn is None:
            row = {"agency_code": agency_code, "year": year, "last_number": 0}
            await _BEGIN.run(self._connection, row)
            drawn = (await self._connection.execute(_DRAW, wanted)).scalar_one()
        return int(drawn)

    async def list_page(self, wanted: AmendmentFilter) -> Sequence[Amendment]:
        page = select(AMENDMENT).order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.agencies is not None:
            page = page.where(_T.agency_code.in_(sorted(wanted.agencies)))
        if wanted.state is not None:
            page = page.where(_T.status == wanted.state.value)
        if wanted.receipt_id is not None:
            page = page.where(_T.receipt_id == wanted.receipt_id)
        if wanted.before is not None:
            page = page.where(_T.id < wanted.before)
        return [_to_amendment(row) for row in (await self._connection.execute(page)).mappings()]


def _changing(amendment: Amendment) -> dict[str, Any]:
    notice = amendment.notice
    return {
        "status": amendment.state.value,
        "decided_by": amendment.decided_by,
        "decided_at": amendment.decided_at,
        "note": amendment.note,
        "result_id": amendment.result_id,
        "notice_number": notice.number if notice else None,
        "noticed_on": notice.on if notice else None,
    }


def _to_amendment(row: RowMapping) -> Amendment:
    return Amendment(
        id=row["id"],
        receipt_id=row["receipt_id"],
        agency_code=row["agency_code"],
        type=AmendmentType(row["type"]),
        reason=row["reason"],
        ground=CancelGround(row["ground"]) if row["ground"] else None,
        lines=to_lines(row["content"], agency_code=row["agency_code"]),
        payer_sealed=row["payer_sealed"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        state=AmendmentState(row["status"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        note=row["note"],
        result_id=row["result_id"],
        notice=_to_notice(row["notice_number"], row["noticed_on"]),
    )


def _to_notice(number: int | None, on: date | None) -> Notice | None:
    if number is None or on is None:
        return None
    return Notice(year=on.year, number=number, on=on)
