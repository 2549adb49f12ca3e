from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Column, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Database
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipts.receipt import Document, Form, Receipt, Status
from services.receipt.domain.receipts.standing import Corrected, ReceiptType
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.receipts import Unsigned
from services.receipt.storage.receipts.documents import SqlDocuments
from services.receipt.storage.receipts.refund_notes import REFUNDED
from services.receipt.storage.receipts.rows import receipt_row, to_receipt
from services.receipt.storage.receipts.tables import PAID_FEE, RECEIPT

# The one who numbered a receipt signs it at once; the pass looks only for what was left behind.
SIGNING_GRACE: Final = timedelta(seconds=5)
# Of one receipt, that are shown beside it.
CORRECTIONS_MAX: Final = 100
# Whoever wants the PDF sooner makes it by asking.
PDF_GRACE: Final = timedelta(seconds=5)

# The fee has lines and a payer too; a receipt's own go by other names in a joined row.
OF_THE_RECEIPT: Final = [
    column.label(f"own_{column.name}") if column.name in ("lines", "payer_sealed") else column
    for column in RECEIPT.c
]
OF_THE_FEE: Final = [
    PAID_FEE.c.dossier_id,
    PAID_FEE.c.dossier_code,
    PAID_FEE.c.reference,
    PAID_FEE.c.agency_code.label("fee_agency_code"),
    PAID_FEE.c.procedure_code,
    PAID_FEE.c.procedure_name,
    PAID_FEE.c.client_id,
    PAID_FEE.c.amount_minor_units.label("fee_amount_minor_units"),
    PAID_FEE.c.method,
    PAID_FEE.c.provider,
    PAID_FEE.c.provider_reference,
    PAID_FEE.c.paid_at,
    PAID_FEE.c.lines,
    PAID_FEE.c.payer_sealed,
]
WHOLE: Final = select(*OF_THE_RECEIPT, *OF_THE_FEE, *REFUNDED).join(
    PAID_FEE, PAID_FEE.c.payment_intent_id == RECEIPT.c.payment_intent_id
)
BY_ID: Final = WHOLE.where(RECEIPT.c.id == bindparam("wanted"))
BY_LOOKUP_CODE: Final = WHOLE.where(RECEIPT.c.lookup_code == bindparam("wanted"))
# One original of each agency and kind, and what corrects it.
BY_PAYMENT: Final = WHOLE.where(RECEIPT.c.payment_intent_id == bindparam("wanted")).order_by(
    RECEIPT.c.part, RECEIPT.c.numbered_at, RECEIPT.c.id
)
ISSUE: Final = (
    update(RECEIPT)
    .where(RECEIPT.c.id == bindparam("wanted"), RECEIPT.c.status == Status.NUMBERED.value)
    .values(
        status=Status.ISSUED.value,
        issued_at=bindparam("at"),
        xml_sha256=bindparam("sha256"),
        signing_due_at=None,
        pdf_due_at=bindparam("pdf_due"),
    )
)
RENDERED: Final = update(RECEIPT).where(RECEIPT.c.id == bindparam("wanted")).values(pdf_due_at=None)


class SqlReceipts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, receipts: Sequence[Receipt]) -> None:
        rows = [
            receipt_row(one) | {"signing_due_at": one.numbered_at + _grace(one)} for one in receipts
        ]
        if rows:
            await self._connection.execute(insert(RECEIPT), rows)

    async def find(self, receipt_id: UUID) -> Receipt | None:
        return await self._one(BY_ID, receipt_id)

    async def find_by_lookup_code(self, lookup_code: str) -> Receipt | None:
        return await self._one(BY_LOOKUP_CODE, lookup_code)

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]:
        found = await self._connection.execute(BY_PAYMENT, {"wanted": payment_intent_id})
        return [to_receipt(row) for row in found.mappings()]

    async def list_of_payments(self, payment_intent_ids: Collection[UUID]) -> Sequence[Receipt]:
        originals = WHOLE.where(
            RECEIPT.c.payment_intent_id.in_(payment_intent_ids),
            RECEIPT.c.type == ReceiptType.ORIGINAL.value,
        )
        found = await self._connection.execute(originals.order_by(RECEIPT.c.part))
        return [to_receipt(row) for row in found.mappings()]

    async def list_corrections(self, receipt_id: UUID) -> Sequence[Receipt]:
        """The oldest first; a receipt has few."""
        query = WHOLE.where(RECEIPT.c.corrects_id == receipt_id).order_by(
            RECEIPT.c.numbered_at, RECEIPT.c.id
        )
        found = await self._connection.execute(query.limit(CORRECTIONS_MAX))
        return [to_receipt(row) for row in found.mappings()]

    async def get_for_update(self, receipt_id: UUID) -> Receipt:
        # The payment's other receipts count as well: whoever corrects one of them waits too.
        held = WHOLE.where(RECEIPT.c.id == receipt_id).with_for_update(of=[RECEIPT, PAID_FEE])
        row = (await self._connection.execute(held)).mappings().one_or_none()
        if row is None:
            raise ReceiptNotFound
        return to_receipt(row)

    async def mark_corrected(self, receipt_id: UUID, corrected: Corrected) -> None:
        marked = update(RECEIPT).where(RECEIPT.c.id == receipt_id)
        await self._connection.execute(marked.values(corrected=corrected.value))

    async def mark_adjustments_cancelled(self, receipt_id: UUID) -> None:
        beside = update(RECEIPT).where(
            RECEIPT.c.corrects_id == receipt_id,
            RECEIPT.c.type != ReceiptType.REPLACEMENT.value,
        )
        await self._connection.execute(beside.values(corrected=Corrected.CANCELLED.value))

    async def save_issued(self, receipts: Sequence[Receipt]) -> None:
        """In the order of the ids, so that two with the same receipts never wait in a ring."""
        values = [
            {
                "wanted": one.id,
                "at": one.require_issued(),
                "sha256": one.xml_sha256,
                "pdf_due": one.require_issued() + PDF_GRACE,
            }
            for one in sorted(receipts, key=lambda one: one.id)
        ]
        if values:
            await self._connection.execute(ISSUE, values)

    async def save_rendered(self, receipt_id: UUID) -> None:
        await self._connection.execute(RENDERED, {"wanted": receipt_id})

    async def list_unsigned(
        self, series: ReceiptSeries, *, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        waiting = (
            WHOLE.where(
                RECEIPT.c.agency_code == series.agency_code,
                RECEIPT.c.form_code == series.form_code,
                RECEIPT.c.symbol == series.symbol,
                RECEIPT.c.signing_due_at <= until,
            )
            .order_by(RECEIPT.c.number)
            .limit(limit)
        )
        return [to_receipt(r) for r in (await self._connection.execute(waiting)).mappings()]

    async def measure_unsigned(self, *, due_before: datetime) -> Unsigned:
        # Put off or not, all of them are in this index, and nothing else is.
        waiting = select(func.count(), func.min(RECEIPT.c.numbered_at)).where(
            RECEIPT.c.signing_due_at.is_not(None),
            RECEIPT.c.numbered_at < due_before - SIGNING_GRACE,
        )
        count, oldest = (await self._connection.execute(waiting)).one()
        return Unsigned(count=count, oldest=oldest)

    async def put_off_signing(self, receipt_ids: Collection[UUID], *, until: datetime) -> None:
        later = update(RECEIPT).where(
            RECEIPT.c.id.in_(receipt_ids), RECEIPT.c.signing_due_at.is_not(None)
        )
        await self._connection.execute(later.values(signing_due_at=until))

    async def claim_unrendered(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        return await self._claim(RECEIPT.c.pdf_due_at, now=now, until=until, limit=limit)

    async def _claim(
        self, due: Column[datetime], *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        """Lend what is due: the row is not locked while its borrower works, only dated ahead."""
        waiting = (
            WHOLE.where(due <= now)
            .order_by(due)
            .limit(limit)
            .with_for_update(of=RECEIPT, skip_locked=True)
        )
        claimed = [to_receipt(r) for r in (await self._connection.execute(waiting)).mappings()]
        if claimed:
            lend = update(RECEIPT).where(RECEIPT.c.id.in_([one.id for one in claimed]))
            await self._connection.execute(lend.values({due: until}))
        return claimed

    async def _one(self, query: Select[tuple[object, ...]], wanted: object) -> Receipt | None:
        row = (await self._connection.execute(query, {"wanted": wanted})).mappings().one_or_none()
        return to_receipt(row) if row is not None else None


def _grace(receipt: Receipt) -> timedelta:
    """Nobody stands by to sign a correction: the pass does it."""
    return SIGNING_GRACE if receipt.type is ReceiptType.ORIGINAL else timedelta()


class SqlArchive:
    """The same questions outside a transaction, for those who only look."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, receipt_id: UUID) -> Receipt | None:
        async with self._database.read() as connection:
            return await SqlReceipts(connection).find(receipt_id)

    async def find_by_lookup_code(self, lookup_code: str) -> Receipt | None:
        async with self._database.read() as connection:
            return await SqlReceipts(connection).find_by_lookup_code(lookup_code)

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]:
        async with self._database.read() as connection:
            return await SqlReceipts(connection).list_of_payment(payment_intent_id)

    async def find_document(self, receipt_id: UUID, form: Form) -> Document | None:
        async with self._database.read() as connection:
            return await SqlDocuments(connection).find(receipt_id, form)
