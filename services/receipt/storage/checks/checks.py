from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select

from chassis.db import Database
from services.receipt.domain.checks.linked_receipt import LinkedReceipt, Relation
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.standing import ReceiptType
from services.receipt.storage.receipts.receipts import SqlReceipts
from services.receipt.storage.receipts.tables import RECEIPT_DOCUMENT

OF_THE_BYTES: Final = select(RECEIPT_DOCUMENT.c.receipt_id).where(
    RECEIPT_DOCUMENT.c.sha256 == bindparam("wanted")
)


class SqlChecks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_by_sha256(self, sha256: str) -> Receipt | None:
        async with self._database.read() as connection:
            found = await connection.execute(OF_THE_BYTES.limit(1), {"wanted": sha256})
            receipt_id = found.scalar_one_or_none()
            if receipt_id is None:
                return None
            return await SqlReceipts(connection).find(receipt_id)

    async def list_linked(self, receipt: Receipt) -> Sequence[LinkedReceipt]:
        linked = []
        if receipt.corrects is not None:
            corrects = receipt.corrects
            whole = receipt.type is ReceiptType.REPLACEMENT
            linked.append(
                LinkedReceipt(
                    relation=Relation.REPLACES if whole else Relation.ADJUSTS,
                    form_code=corrects.form_code,
                    symbol=corrects.symbol,
                    printed_number=corrects.printed_number,
                )
            )
        async with self._database.read() as connection:
            corrections = await SqlReceipts(connection).list_corrections(receipt.id)
        return [*linked, *(_correction(one) for one in corrections)]


def _correction(receipt: Receipt) -> LinkedReceipt:
    whole, called = receipt.type is ReceiptType.REPLACEMENT, receipt.as_corrected()
    return LinkedReceipt(
        relation=Relation.REPLACED_BY if whole else Relation.ADJUSTED_BY,
        form_code=called.form_code,
        symbol=called.symbol,
        printed_number=called.printed_number,
    )
