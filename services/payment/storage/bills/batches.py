from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, RowMapping, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.bills.batch import (
    WORKED_ON,
    BatchLine,
    BatchStatus,
    BillBatch,
    Refusal,
    Result,
    WaitingLine,
)
from services.payment.domain.intents.payment_attempt import LIVE, AttemptStatus
from services.payment.domain.intents.payment_intent import Status
from services.payment.storage.bills.tables import BILL_BATCH, BILL_BATCH_LINE, BILL_BATCH_PART
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT, PAYMENT_INTENT

_B: Final = BILL_BATCH.c
_L: Final = BILL_BATCH_LINE.c
_P: Final = BILL_BATCH_PART.c
_INTENT: Final = PAYMENT_INTENT.c
_COUNTS: Final = ("read", "opened", "refused", "cancelled")
_RESULT: Final = (
    update(BILL_BATCH_LINE)
    .where(
        _L.bill_batch_id == bindparam("of_batch"),
        _L.number == bindparam("at_number"),
        _L.result == Result.WAITING,
    )
    .values(
        result=bindparam("new_result"),
        sealed=None,
        refusal=bindparam("why"),
        payment_intent_id=bindparam("intent"),
    )
)


class SqlBillBatches:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, batch_id: UUID) -> BillBatch | None:
        found = await self._connection.execute(select(BILL_BATCH).where(_B.id == batch_id))
        row = found.mappings().one_or_none()
        return None if row is None else _to_batch(row)

    async def find_same(self, batch: BillBatch) -> Sequence[BillBatch]:
        same = (
            select(BILL_BATCH)
            .where(_B.client_id == batch.client_id)
            .where(
                or_(
                    _B.idempotency_key == batch.idempotency_key,
                    _B.file_sha256 == batch.file_sha256,
                )
            )
        )
        return [_to_batch(row) for row in (await self._connection.execute(same)).mappings()]

    async def add_once(self, batch: BillBatch) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        statement = (postgresql_insert if postgresql else sqlite_insert)(BILL_BATCH)
        added = await self._connection.execute(
            statement.on_conflict_do_nothing(), _batch_row(batch)
        )
        return added.rowcount == 1

    async def add_part(self, batch_id: UUID, number: int, sealed: str) -> None:
        row = {"bill_batch_id": batch_id, "number": number, "sealed": sealed}
        await self._connection.execute(insert(BILL_BATCH_PART), row)

    async def find_part(self, batch_id: UUID, number: int) -> str | None:
        part = select(_P.sealed).where(_P.bill_batch_id == batch_id, _P.number == number)
        return (await self._connection.execute(part)).scalar_one_or_none()

    async def drop_parts(self, batch_id: UUID) -> None:
        await self._connection.execute(delete(BILL_BATCH_PART).where(_P.bill_batch_id == batch_id))

    async def list_page(
        self, client_id: str, *, before: UUID | None, limit: int
    ) -> Sequence[BillBatch]:
        latest = (
            select(BILL_BATCH).where(_B.client_id == client_id).order_by(_B.id.desc()).limit(limit)
        )
        if before is not None:
            latest = latest.where(_B.id < before)
        return [_to_batch(row) for row in (await self._connection.execute(latest)).mappings()]

    async def claim_work(self) -> BillBatch | None:
        oldest = (
            select(BILL_BATCH)
            .where(_B.status.in_(WORKED_ON))
            .order_by(_B.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await self._connection.execute(oldest)).mappings().one_or_none()
        return None if row is None else _to_batch(row)

    async def hold(self, batch_id: UUID) -> BillBatch | None:
        held = select(BILL_BATCH).where(_B.id == batch_id).with_for_update()
        row = (await self._connection.execute(held)).mappings().one_or_none()
        return None if row is None else _to_batch(row)

    async def save(self, batch: BillBatch) -> None:
        facts = _batch_row(batch)
        changed = {name: facts[name] for name in (*_COUNTS, "status", "refusal", "finished_at")}
        await self._connection.execute(update(BILL_BATCH).where(_B.id == batch.id).values(changed))

    async def add_lines(
        self, batch_id: UUID, waiting: Sequence[WaitingLine], refused: Sequence[BatchLine]
    ) -> None:
        rows = [_waiting_row(batch_id, one) for one in waiting]
        rows += [_refused_row(batch_id, one) for one in refused]
        if rows:
            await self._connection.execute(insert(BILL_BATCH_LINE), rows)

    async def drop_lines(self, batch_id: UUID) -> None:
        await self._connection.execute(delete(BILL_BATCH_LINE).where(_L.bill_batch_id == batch_id))

    async def list_waiting(self, batch_id: UUID, *, limit: int) -> Sequence[WaitingLine]:
        first = (
            select(_L.number, _L.reference, _L.sealed)
            .where(_L.bill_batch_id == batch_id, _L.result == Result.WAITING)
            .order_by(_L.number)
            .limit(limit)
        )
        return [
            WaitingLine(number=row.number, reference=row.reference, sealed=row.sealed)
            for row in await self._connection.execute(first)
        ]

    async def save_results(self, batch_id: UUID, lines: Sequence[BatchLine]) -> None:
        rows = [
            {
                "of_batch": batch_id,
                "at_number": one.number,
                "new_result": one.result,
                "why": asdict(one.refusal) if one.refusal else None,
                "intent": one.payment_intent_id,
            }
            for one in lines
        ]
        if rows:
            await self._connection.execute(_RESULT, rows)

    async def refuse_waiting(self, batch_id: UUID, *, refusal: Refusal, limit: int) -> int:
        waiting = await self.list_waiting(batch_id, limit=limit)
        await self.save_results(
            batch_id,
            [
                BatchLine(
                    number=one.number,
                    reference=one.reference,
                    result=Result.REFUSED,
                    refusal=refusal,
                )
                for one in waiting
            ],
        )
        return len(waiting)

    async def cancel_unpaid(self, batch_id: UUID, *, at: datetime, limit: int) -> int:
        unpaid = (
            select(_INTENT.id)
            .where(
                _INTENT.bill_batch_id == batch_id,
                _INTENT.status.in_((Status.CONFIRMED, Status.EXPIRED)),
            )
            .order_by(_INTENT.id)
            .limit(limit)
        )
        found = [row.id for row in await self._connection.execute(unpaid)]
        if not found:
            return 0
        # Asked again of the state: money that came between the two statements stays.
        cancel = (
            update(PAYMENT_INTENT)
            .where(
                _INTENT.id.in_(found),
                _INTENT.status.in_((Status.CONFIRMED, Status.EXPIRED)),
            )
            .values(status=Status.CANCELLED)
            .returning(_INTENT.id)
        )
        cancelled = [row.id for row in await self._connection.execute(cancel)]
        await self._connection.execute(
            update(PAYMENT_ATTEMPT)
            .where(
                PAYMENT_ATTEMPT.c.payment_intent_id.in_(cancelled),
                PAYMENT_ATTEMPT.c.status.in_(sorted(LIVE)),
            )
            .values(status=AttemptStatus.CANCELLED, ended_at=at)
        )
        return len(cancelled)

    async def list_lines(
        self, batch_id: UUID, *, result: Result | None, after: int, limit: int
    ) -> Sequence[BatchLine]:
        lines = (
            select(BILL_BATCH_LINE, _INTENT.bill_reference, _INTENT.qr_payload)
            .outerjoin(PAYMENT_INTENT, _INTENT.id == _L.payment_intent_id)
            .where(_L.bill_batch_id == batch_id, _L.number > after)
            .order_by(_L.number)
            .limit(limit)
        )
        if result is not None:
            lines = lines.where(_L.result == result)
        return [_to_line(row) for row in await self._connection.execute(lines)]


def _batch_row(batch: BillBatch) -> dict[str, Any]:
    return asdict(batch)


def _to_batch(row: RowMapping) -> BillBatch:
    facts: dict[str, Any] = dict(row)
    refusal = facts.pop("refusal")
    return BillBatch(
        **facts | {"status": BatchStatus(facts["status"])},
        refusal=Refusal(**refusal) if refusal else None,
    )


def _waiting_row(batch_id: UUID, line: WaitingLine) -> dict[str, Any]:
    return {
        "bill_batch_id": batch_id,
        "number": line.number,
        "reference": line.reference,
        "result": Result.WAITING,
        "sealed": line.sealed,
        "refusal": None,
    }


def _refused_row(batch_id: UUID, line: BatchLine) -> dict[str, Any]:
    return {
        "bill_batch_id": batch_id,
        "number": line.number,
        "reference": line.reference,
        "result": line.result,
        "sealed": None,
        "refusal": asdict(line.refusal) if line.refusal else None,
    }


def _to_line(row: Row[Any]) -> BatchLine:
    return BatchLine(
        number=row.number,
        reference=row.reference,
        result=Result(row.result),
        refusal=Refusal(**row.refusal) if row.refusal else None,
        payment_intent_id=row.payment_intent_id,
        bill_reference=row.bill_reference,
        qr_payload=row.qr_payload,
    )
