from dataclasses import asdict
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dossier.ports import Submission
from services.dossier.storage.statements import insert_once
from services.dossier.storage.tables import SUBMISSION

BY_KEY: Final = (
    select(SUBMISSION)
    .where(SUBMISSION.c.client_id == bindparam("client_id"))
    .where(SUBMISSION.c.idempotency_key == bindparam("idempotency_key"))
)


class SqlSubmissions:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, submission: Submission) -> bool:
        return await insert_once(self._connection, SUBMISSION, asdict(submission))

    async def get(self, client_id: str, idempotency_key: str) -> Submission:
        key = {"client_id": client_id, "idempotency_key": idempotency_key}
        row = (await self._connection.execute(BY_KEY, key)).one()
        return Submission(
            client_id=row.client_id,
            idempotency_key=row.idempotency_key,
            request_fingerprint=row.request_fingerprint,
            dossier_id=row.dossier_id,
        )
