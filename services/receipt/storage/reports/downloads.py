from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.reports.download import Download, DownloadState
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.reports.tables import RECEIPT_DOWNLOAD

ONCE: Final = InsertOnce(RECEIPT_DOWNLOAD)
_D: Final = RECEIPT_DOWNLOAD.c
UNDONE: Final = frozenset({DownloadState.ASKED, DownloadState.RUNNING})


class SqlDownloads:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, download: Download) -> bool:
        row = {
            "id": download.id,
            "asked_by": download.asked_by,
            "asked_at": download.asked_at,
            "idempotency_key": download.idempotency_key,
            "fingerprint": download.fingerprint,
            "pdf": download.pdf,
            "receipts": [str(one) for one in download.receipts],
            "state": download.state.value,
            "done": download.done,
            "tries": download.tries,
            "due_at": download.asked_at,
        }
        return await ONCE.run(self._connection, row)

    async def find(self, download_id: UUID) -> Download | None:
        return await self._one(select(RECEIPT_DOWNLOAD).where(_D.id == download_id))

    async def find_by_key(self, asked_by: str, key: str) -> Download | None:
        query = select(RECEIPT_DOWNLOAD).where(_D.asked_by == asked_by, _D.idempotency_key == key)
        return await self._one(query)

    async def claim_due(self, *, now: datetime, until: datetime) -> Download | None:
        query = (
            select(RECEIPT_DOWNLOAD)
            .where(_D.due_at <= now)
            .order_by(_D.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        claimed = await self._one(query)
        if claimed is not None:
            await self._change(claimed.id, due_at=until)
        return claimed

    async def save(self, download: Download, *, due_at: datetime) -> None:
        await self._change(
            download.id,
            state=download.state.value,
            done=download.done,
            tries=download.tries,
            due_at=due_at if download.state in UNDONE else None,
        )

    async def _change(self, download_id: UUID, **values: object) -> None:
        change = update(RECEIPT_DOWNLOAD).where(_D.id == download_id).values(**values)
        await self._connection.execute(change)

    async def _one(self, query: Select[Any]) -> Download | None:
        row = (await self._connection.execute(query)).one_or_none()
        return _to_download(row) if row is not None else None


def _to_download(row: Row[Any]) -> Download:
    return Download(
        id=row.id,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        idempotency_key=row.idempotency_key,
        fingerprint=row.fingerprint,
        pdf=row.pdf,
        receipts=tuple(UUID(one) for one in row.receipts),
        state=DownloadState(row.state),
        done=row.done,
        tries=row.tries,
    )
