from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.reports.summary import Summary, SummaryState
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.reports.tables import RECEIPT_SUMMARY

ONCE: Final = InsertOnce(RECEIPT_SUMMARY)
_T: Final = RECEIPT_SUMMARY.c


class SqlSummaries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, summary: Summary) -> bool:
        row = {
            "agency_code": summary.agency_code,
            "day_on": summary.day,
            "version": summary.version,
            "state": summary.state.value,
            "documents": summary.documents,
            "amount_minor_units": summary.amount,
            "content": summary.content,
            "sha256": summary.sha256,
            "drawn_up_at": summary.drawn_up_at,
            "drawn_up_by": summary.drawn_up_by,
        }
        return await ONCE.run(self._connection, row)

    async def find(self, agency_code: str, day: date, version: int | None = None) -> Summary | None:
        query = select(RECEIPT_SUMMARY).where(_T.agency_code == agency_code, _T.day_on == day)
        if version is not None:
            query = query.where(_T.version == version)
        latest = query.order_by(_T.version.desc()).limit(1)
        row = (await self._connection.execute(latest)).one_or_none()
        return _to_summary(row) if row is not None else None

    async def list_versions(self, agency_code: str, day: date) -> Sequence[Summary]:
        query = select(RECEIPT_SUMMARY).where(_T.agency_code == agency_code, _T.day_on == day)
        rows = await self._connection.execute(query.order_by(_T.version))
        return [_to_summary(row) for row in rows]


def _to_summary(row: Row[Any]) -> Summary:
    return Summary(
        agency_code=row.agency_code,
        day=row.day_on,
        version=row.version,
        state=SummaryState(row.state),
        documents=row.documents,
        amount=row.amount_minor_units,
        content=row.content,
        sha256=row.sha256,
        drawn_up_at=row.drawn_up_at,
        drawn_up_by=row.drawn_up_by,
    )
