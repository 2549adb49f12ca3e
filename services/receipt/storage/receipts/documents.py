from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.receipt import Document, Form
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.receipts.tables import RECEIPT_DOCUMENT

ONCE: Final = InsertOnce(RECEIPT_DOCUMENT)
FIND: Final = select(RECEIPT_DOCUMENT).where(
    RECEIPT_DOCUMENT.c.receipt_id == bindparam("wanted"),
    RECEIPT_DOCUMENT.c.form == bindparam("wanted_form"),
)


class SqlDocuments:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_new(self, documents: Sequence[Document]) -> frozenset[UUID]:
        """In the order of the ids, so that two with the same receipts never wait in a ring."""
        rows = [
            {
                "receipt_id": one.receipt_id,
                "form": one.form.value,
                "body": one.body,
                "sha256": one.sha256,
            }
            for one in sorted(documents, key=lambda one: one.receipt_id)
        ]
        return await ONCE.run_all(self._connection, rows, RECEIPT_DOCUMENT.c.receipt_id)

    async def find(self, receipt_id: UUID, form: Form) -> Document | None:
        wanted = {"wanted": receipt_id, "wanted_form": form.value}
        row = (await self._connection.execute(FIND, wanted)).one_or_none()
        if row is None:
            return None
        return Document(receipt_id=row.receipt_id, form=form, body=row.body, sha256=row.sha256)
