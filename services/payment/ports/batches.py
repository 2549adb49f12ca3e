from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.payment.domain.bills.batch import (
    BatchLine,
    BillBatch,
    Refusal,
    Result,
    WaitingLine,
)


class BillBatches(Protocol):
    async def find(self, batch_id: UUID) -> BillBatch | None: ...

    async def find_same(self, batch: BillBatch) -> Sequence[BillBatch]:
        """Batches of this client under the same key or with the same file."""

    async def add_once(self, batch: BillBatch) -> bool:
        """False when the client has used the key or sent the file before."""

    async def add_part(self, batch_id: UUID, number: int, sealed: str) -> None:
        """A piece of the file, sealed: it names payers."""

    async def find_part(self, batch_id: UUID, number: int) -> str | None: ...

    async def drop_parts(self, batch_id: UUID) -> None: ...

    async def list_page(
        self, client_id: str, *, before: UUID | None, limit: int
    ) -> Sequence[BillBatch]:
        """The latest first."""

    async def claim_work(self) -> BillBatch | None:
        """The oldest batch that waits for a worker, held to the end of the transaction; those
        that others hold are passed over."""

    async def hold(self, batch_id: UUID) -> BillBatch | None:
        """The same of a certain batch, after whoever else holds it."""

    async def save(self, batch: BillBatch) -> None:
        """Store state, counts and refusal of a batch that is held."""

    async def add_lines(
        self, batch_id: UUID, waiting: Sequence[WaitingLine], refused: Sequence[BatchLine]
    ) -> None: ...

    async def drop_lines(self, batch_id: UUID) -> None: ...

    async def list_waiting(self, batch_id: UUID, *, limit: int) -> Sequence[WaitingLine]:
        """The first of those that have no result."""

    async def save_results(self, batch_id: UUID, lines: Sequence[BatchLine]) -> None: ...

    async def refuse_waiting(self, batch_id: UUID, *, refusal: Refusal, limit: int) -> int: ...

    async def cancel_unpaid(self, batch_id: UUID, *, at: datetime, limit: int) -> int:
        """Cancel bills of the batch that are not paid, and the tries to collect them."""

    async def list_lines(
        self, batch_id: UUID, *, result: Result | None, after: int, limit: int
    ) -> Sequence[BatchLine]:
        """In the order of the file."""
