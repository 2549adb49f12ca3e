from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dossier.domain.slip import Slip
from services.dossier.storage.statements import insert_once
from services.dossier.storage.tables import SLIP

BY_CONTENT: Final = (
    select(SLIP.c.pdf)
    .where(SLIP.c.dossier_id == bindparam("dossier_id"))
    .where(SLIP.c.content_sha256 == bindparam("content_sha256"))
)


class SqlSlips:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, dossier_id: UUID, content_sha256: str) -> bytes | None:
        key = {"dossier_id": dossier_id, "content_sha256": content_sha256}
        pdf: bytes | None = (await self._connection.execute(BY_CONTENT, key)).scalar_one_or_none()
        return pdf

    async def add_once(self, dossier_id: UUID, slip: Slip, *, pdf: bytes, at: datetime) -> bytes:
        key = {"dossier_id": dossier_id, "content_sha256": slip.content_sha256}
        await insert_once(self._connection, SLIP, {**key, "pdf": pdf, "drawn_at": at})
        kept: bytes = (await self._connection.execute(BY_CONTENT, key)).scalar_one()
        return kept
