"""Bills sent in bulk: a file that is read whole, and then opened line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.payment.domain.bills.errors import UnreadableFile
from services.payment.domain.errors import IllegalTransition

LINES_MAX: Final = 100_000
FILE_BYTES_MAX: Final = 32 * 1024 * 1024


class BatchStatus(StrEnum):
    READING = "reading"
    OPENING = "opening"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


# No bill is opened before the whole file was read: a file that is refused opened none.
ALLOWED: Final[Mapping[BatchStatus, frozenset[BatchStatus]]] = {
    BatchStatus.READING: frozenset(
        {BatchStatus.OPENING, BatchStatus.REFUSED, BatchStatus.CANCELLING}
    ),
    BatchStatus.OPENING: frozenset({BatchStatus.COMPLETED, BatchStatus.CANCELLING}),
    BatchStatus.COMPLETED: frozenset({BatchStatus.CANCELLING}),
    BatchStatus.CANCELLING: frozenset({BatchStatus.CANCELLED}),
    BatchStatus.REFUSED: frozenset(),
    BatchStatus.CANCELLED: frozenset(),
}
WORKED_ON: Final = (BatchStatus.READING, BatchStatus.OPENING, BatchStatus.CANCELLING)


class Result(StrEnum):
    """What became of a line."""

    WAITING = "waiting"
    OPENED = "opened"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`code` is for machines and never changes; the sentences are for people."""

    code: str
    detail: str
    detail_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillBatch:
    """`encoding` and `delimiter` were found in the file; `read` counts its lines so far, and is
    their number once the whole file was read."""

    id: UUID
    client_id: str
    idempotency_key: str
    file_sha256: str
    file_bytes: int
    evidence_id: str
    encoding: str
    delimiter: str
    created_at: datetime
    read: int = 0
    opened: int = 0
    refused: int = 0
    cancelled: int = 0
    status: BatchStatus = BatchStatus.READING
    refusal: Refusal | None = None
    finished_at: datetime | None = None

    def move_to(self, status: BatchStatus, *, at: datetime | None = None) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(f"Batch {self.id}", current=self.status, wanted=status)
        return replace(self, status=status, finished_at=at)

    def refuse(self, why: UnreadableFile, *, at: datetime) -> Self:
        refusal = Refusal(code=why.code, detail=why.message, detail_vi=why.message_vi)
        return replace(self.move_to(BatchStatus.REFUSED, at=at), refusal=refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One line of the file, by its place there: the header is line 1."""

    number: int
    reference: str | None
    result: Result = Result.WAITING
    refusal: Refusal | None = None
    payment_intent_id: UUID | None = None
    bill_reference: str | None = None
    qr_payload: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """A line that can be read, sealed until its bill is opened: it names its payer."""

    number: int
    reference: str
    sealed: str
