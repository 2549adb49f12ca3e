from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.payment.domain.bills.batch import (
    BatchLine,
    BatchStatus,
    BillBatch,
    Refusal,
    Result,
)


class RefusalBody(BaseModel):
    """`code` is stable; `detail` is for people, in Vietnamese."""

    code: str
    detail: str
    detail_en: str

    @classmethod
    def of(cls, refusal: Refusal | None) -> Self | None:
        if refusal is None:
            return None
        return cls(code=refusal.code, detail=refusal.detail_vi, detail_en=refusal.detail)


class BillBatchBody(BaseModel):
    """`lines` is what was read of the file so far, and all of it from `opening` on.

    `done` of them have a result; `cancelled` counts bills that were opened and then cancelled.
    """

    id: UUID
    status: BatchStatus
    file_sha256: str
    file_bytes: int
    lines: int
    done: int
    opened: int
    refused: int
    cancelled: int
    refusal: RefusalBody | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, batch: BillBatch) -> Self:
        return cls(
            id=batch.id,
            status=batch.status,
            file_sha256=batch.file_sha256,
            file_bytes=batch.file_bytes,
            lines=batch.read,
            done=batch.opened + batch.refused,
            opened=batch.opened,
            refused=batch.refused,
            cancelled=batch.cancelled,
            refusal=RefusalBody.of(batch.refusal),
            created_at=batch.created_at,
            finished_at=batch.finished_at,
        )


class BatchLineBody(BaseModel):
    """`line` is its place in the file, where the header is line 1. `qr_payload` and `link` are
    for the printed bill: any banking app, or the page of the payment."""

    line: int
    reference: str | None
    result: Result
    payment_intent_id: UUID | None
    bill_reference: str | None
    qr_payload: str | None
    link: str | None
    refusal: RefusalBody | None

    @classmethod
    def of(cls, line: BatchLine, *, public_origin: str) -> Self:
        return cls(
            line=line.number,
            reference=line.reference,
            result=line.result,
            payment_intent_id=line.payment_intent_id,
            bill_reference=line.bill_reference,
            qr_payload=line.qr_payload,
            link=link_of(line.payment_intent_id, public_origin),
            refusal=RefusalBody.of(line.refusal),
        )


def link_of(intent_id: UUID | None, public_origin: str) -> str | None:
    return None if intent_id is None else f"{public_origin.rstrip('/')}/pay/{intent_id}"
